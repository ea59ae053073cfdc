/* SPDX-License-Identifier: EUPL-1.2 */
#include "convenant/trust.h"

#include <string.h>

#include "base/text.h"

static bool begins(struct span line, struct span word, struct span *rest)
{
	if (line.len <= word.len || memcmp(line.ptr, word.ptr, word.len) != 0)
		return false;
	*rest = span_of(line.ptr + word.len, line.len - word.len);
	return true;
}

/* One steward written twice would be two of the quorum. */
static bool steward_take(struct span vkey, struct note_key *stewards, struct rules_trust *out)
{
	struct note_key *key = &stewards[out->n];

	if (out->n == TRUST_STEWARDS_MAX || note_key_parse(key, vkey) != NOTE_OK)
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (!memcmp(stewards[i].public_key, key->public_key, sizeof key->public_key) ||
		    text_equal(stewards[i].name, key->name))
			return false;
	out->n++;
	return true;
}

static bool trust_line(struct span line, struct note_key *stewards, struct rules_trust *out)
{
	struct span rest;

	if (!line.len || line.ptr[0] == '#')
		return true;
	if (begins(line, SPAN_LITERAL("quorum "), &rest))
		return out->quorum == 0 && decimal_decode(rest, &out->quorum);
	return begins(line, SPAN_LITERAL("steward "), &rest) && steward_take(rest, stewards, out);
}

int trust_parse(struct span text, struct fault_list *faults, struct note_key *stewards, struct rules_trust *out)
{
	struct rules_trust trust = { .stewards = stewards };
	unsigned number = 1;

	for (size_t at = 0; at < text.len; number++) {
		const uint8_t *end = memchr(text.ptr + at, '\n', text.len - at);
		size_t len = end ? (size_t)(end - text.ptr) - at : text.len - at;

		if (!trust_line(span_of(text.ptr + at, len), stewards, &trust)) {
			fault_add(faults, number, 1, "must be \"quorum NUMBER\" (once) or \"steward VKEY\" (each once, at most %d)",
				  TRUST_STEWARDS_MAX);
			return TRUST_E_FAULTS;
		}
		at += len + 1;
	}
	if (trust.quorum == 0 || trust.quorum > trust.n) {
		fault_add(faults, 0, 0, "the quorum must be at least 1 and at most the number of stewards (%zu)", trust.n);
		return TRUST_E_FAULTS;
	}
	*out = trust;
	return TRUST_OK;
}

void trust_print(const struct rules_trust *trust, struct buffer *out)
{
	char vkey[NOTE_VKEY_SIZE];

	buffer_printf(out, "quorum %llu\n", (unsigned long long)trust->quorum);
	for (size_t i = 0; i < trust->n; i++) {
		note_key_print(&trust->stewards[i], vkey);
		buffer_printf(out, "steward %s\n", vkey);
	}
}
