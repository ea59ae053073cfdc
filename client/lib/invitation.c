/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The invitation's id is computed over its own text below the first line, so it needs no place in the house's
 * memory to bind what it says: a partner who was handed other stewards or another endpoint has another id,
 * and so another phrase.
 *
 * Both texts are written by this program only, in one fixed order; reading is strict YAML like every other
 * signed text.
 */
#include "client/lib/invitation.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/yaml.h"
#include "client/lib/quote.h"

#define ID_LABEL "knooppunt/invitation/v1"
#define PHRASE_LABEL "knooppunt/phrase/v1"
#define TEXT_MAX_BYTES (64u << 10)

void invitation_fini(struct invitation *i)
{
	sodium_memzero(i, sizeof *i);
}

static void id_of(struct span rest, uint8_t id[ID_BYTES])
{
	crypto_hash_sha256_state state;
	uint8_t hash[32];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)ID_LABEL, sizeof ID_LABEL - 1);
	crypto_hash_sha256_update(&state, rest.ptr, rest.len);
	crypto_hash_sha256_final(&state, hash);
	memcpy(id, hash, ID_BYTES);
}

static int terms_check(const struct invitation *t, const struct note_key *steward, struct fault_list *faults)
{
	const char *const must[] = { t->house, t->name, t->origin, t->endpoint, t->organisation, t->node };
	static const char *const names[] = { "house", "name", "origin", "endpoint", "organisation", "node" };
	bool listed = false;

	for (size_t i = 0; i < N_ELEMENTS(must); i++)
		if (!must[i] || !*must[i])
			fault_add(faults, 0, 0, "the %s is missing", names[i]);
	for (size_t i = 0; i < t->n_stewards; i++)
		listed = listed || (!memcmp(t->stewards[i].id, steward->id, sizeof steward->id) &&
				    text_equal(t->stewards[i].name, steward->name));
	if (!listed)
		fault_add(faults, 0, 0, "the steward %s who signs is not one of the house's stewards",
			  steward->name);
	if (!t->hoedanigheden.n || t->hoedanigheden.n > INVITATION_HOEDANIGHEDEN_MAX)
		fault_add(faults, 0, 0, "an invitation names 1 to %d hoedanigheden",
			  INVITATION_HOEDANIGHEDEN_MAX);
	if (!t->quorum || t->quorum > t->n_stewards)
		fault_add(faults, 0, 0, "the quorum must lie between 1 and the number of stewards");
	return faults->n ? INVITATION_E_FAULTS : INVITATION_OK;
}

static void terms_print(const struct invitation *t, struct buffer *out)
{
	char vkey[NOTE_VKEY_SIZE];

	quote_line(out, "huis", t->house);
	quote_line(out, "naam", t->name);
	quote_line(out, "origin", t->origin);
	quote_line(out, "endpoint", t->endpoint);
	quote_hex(out, "transport", SPAN_OF(t->transport_key));
	note_key_print(&t->log_key, vkey);
	quote_line(out, "log", vkey);
	buffer_printf(out, "beheerders:\n  quorum: %llu\n  sleutels:\n", (unsigned long long)t->quorum);
	for (size_t i = 0; i < t->n_stewards; i++) {
		note_key_print(&t->stewards[i], vkey);
		buffer_printf(out, "    - \"%s\"\n", vkey);
	}
	quote_line(out, "organisatie", t->organisation);
	quote_line(out, "knooppunt", t->node);
	quote_list(out, "hoedanigheden", &t->hoedanigheden);
	quote_hex(out, "inschrijfsleutel", SPAN_OF(t->enrol_secret));
	quote_time(out, "tot", t->until_unix_ms);
}

int invitation_make(struct invitation *terms, const struct note_key *steward, const struct secret *secret_key,
		    struct fault_list *faults, struct buffer *note)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 }, rest = { 0 };
	int r = terms_check(terms, steward, faults);

	if (r)
		return r;
	buffer_init(&text, TEXT_MAX_BYTES);
	buffer_init(&rest, TEXT_MAX_BYTES);
	crypto_box_keypair(terms->enrol_public, terms->enrol_secret);
	terms_print(terms, &rest);
	r = buffer_ok(&rest);
	if (r)
		return err_pass(r);
	id_of(buffer_span(&rest), terms->id);
	quote_hex(&text, "uitnodiging", SPAN_OF(terms->id));
	buffer_bytes(&text, buffer_span(&rest));
	r = buffer_ok(&text);
	if (r)
		return err_pass(r);
	r = note_begin(note, buffer_span(&text));
	if (!r)
		r = note_sign(note, buffer_span(&text), steward, secret_key);
	return r ? err_fold(r) : INVITATION_OK;
}

/* A text that outlives the document. */
static const char *kept(struct yaml *y, struct yaml_node map, const char *key, struct arena *arena)
{
	const char *text = yaml_must_text(y, map, key);

	return text ? arena_text(arena, span_of_text(text)) : NULL;
}

static void must_hex(struct yaml *y, struct yaml_node map, const char *key, uint8_t *out, size_t len)
{
	const char *text = yaml_must_text(y, map, key);

	if (text && *text && !hex_decode(span_of_text(text), out, len))
		yaml_fault(y, yaml_at(y, map, key), "%s: %zu lower-case hexadecimal digits are expected",
			   key, 2 * len);
}

static void must_key(struct yaml *y, struct yaml_node n, struct note_key *out)
{
	const char *text = yaml_scalar(y, n);

	if (text && (note_key_parse(out, span_of_text(text)) != NOTE_OK || out->type != NOTE_KEY_ED25519))
		yaml_fault(y, n, "a public key in the form name+id+base64 is expected");
}

static int texts(struct yaml *y, struct yaml_node list, struct arena *arena, struct text_list *out)
{
	size_t n = yaml_count(y, list);

	if (!n || n > INVITATION_HOEDANIGHEDEN_MAX) {
		yaml_fault(y, list, "1 to %d are expected", INVITATION_HOEDANIGHEDEN_MAX);
		return 0;
	}
	out->v = arena_array(arena, n, sizeof *out->v);
	if (!out->v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < n; i++) {
		const char *text = yaml_scalar(y, yaml_item(y, list, i));

		out->v[i] = text ? arena_text(arena, span_of_text(text)) : "";
		if (!out->v[i])
			return err_raise(-ENOMEM);
	}
	out->n = n;
	return 0;
}

static void stewards_read(struct yaml *y, struct yaml_node map, struct invitation *out)
{
	static const char *const known[] = { "quorum", "sleutels", NULL };
	struct yaml_node list = yaml_list(y, map, "sleutels");
	size_t n = yaml_count(y, list);

	yaml_only(y, map, known);
	if (!n || n > INVITATION_STEWARDS_MAX) {
		yaml_fault(y, map, "1 to %d keys of stewards are expected", INVITATION_STEWARDS_MAX);
		return;
	}
	out->quorum = yaml_uint(y, map, "quorum", 0, 1, n);
	if (!out->quorum)
		yaml_fault(y, map, "the quorum is missing");
	for (size_t i = 0; i < n; i++)
		must_key(y, yaml_item(y, list, i), &out->stewards[i]);
	out->n_stewards = n;
}

static int invitation_read(struct yaml *y, struct arena *arena, struct invitation *out)
{
	static const char *const known[] = { "uitnodiging", "huis",	 "naam",	  "origin",
					     "endpoint",    "transport", "log",		  "beheerders",
					     "organisatie", "knooppunt", "hoedanigheden", "inschrijfsleutel",
					     "tot",	    NULL };
	struct yaml_node root = yaml_root(y);

	yaml_only(y, root, known);
	must_hex(y, root, "uitnodiging", out->id, sizeof out->id);
	out->house = kept(y, root, "huis", arena);
	out->name = kept(y, root, "naam", arena);
	out->origin = kept(y, root, "origin", arena);
	out->endpoint = kept(y, root, "endpoint", arena);
	must_hex(y, root, "transport", out->transport_key, sizeof out->transport_key);
	if (yaml_must_text(y, root, "log"))
		must_key(y, yaml_get(y, root, "log"), &out->log_key);
	stewards_read(y, yaml_map(y, root, "beheerders"), out);
	out->organisation = kept(y, root, "organisatie", arena);
	out->node = kept(y, root, "knooppunt", arena);
	must_hex(y, root, "inschrijfsleutel", out->enrol_secret, sizeof out->enrol_secret);
	out->until_unix_ms = yaml_date_ms(y, root, "tot", 0);
	return err_pass(texts(y, yaml_list(y, root, "hoedanigheden"), arena, &out->hoedanigheden));
}

/* The id must be that of the lines below it. */
static bool id_holds(struct span text, const struct invitation *in)
{
	const uint8_t *end = memchr(text.ptr, '\n', text.len);
	uint8_t id[ID_BYTES];

	if (!end)
		return false;
	id_of(span_of(end + 1, text.len - (size_t)(end + 1 - text.ptr)), id);
	return !memcmp(id, in->id, sizeof id);
}

int invitation_open(struct span note, struct arena *arena, struct fault_list *faults, struct invitation *out)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	CLEANUP(invitation_fini) struct invitation in = { 0 };
	struct note opened;
	struct span text, lines;
	int r;

	if (note.len > TEXT_MAX_BYTES || note_split(note, &text, &lines) != NOTE_OK) {
		fault_add(faults, 0, 0,
			  "this is no invitation: a text, an empty line and a signature are expected");
		return INVITATION_E_FAULTS;
	}
	r = yaml_load(text, faults, &y);
	if (r)
		return r < 0 ? err_pass(r) : INVITATION_E_FAULTS;
	r = invitation_read(y, arena, &in);
	if (r)
		return err_pass(r);
	if (faults->n)
		return INVITATION_E_FAULTS;
	if (!in.house || !in.name || !in.origin || !in.endpoint || !in.organisation || !in.node)
		return err_raise(-ENOMEM);
	if (!id_holds(text, &in) || note_open(note, in.stewards, in.n_stewards, &opened) != NOTE_OK)
		return INVITATION_E_SIGNATURE;
	if (crypto_scalarmult_curve25519_base(in.enrol_public, in.enrol_secret))
		return INVITATION_E_SIGNATURE;
	*out = in;
	return INVITATION_OK;
}

static void join_text(const uint8_t invite[ID_BYTES], const struct admission *a, struct buffer *out)
{
	char vkey[NOTE_VKEY_SIZE], hex[65];

	quote_hex(out, "aanvraag", span_of(invite, ID_BYTES));
	quote_line(out, "organisatie", a->organisation);
	quote_line(out, "knooppunt", a->node);
	note_key_print(&a->organisation_key, vkey);
	quote_line(out, "sleutel", vkey);
	quote_hex(out, "transport", SPAN_OF(a->transport_key));
	quote_hex(out, "handtekening", SPAN_OF(a->sign_key));
	buffer_text(out, "leessleutels:\n");
	for (size_t i = 0; i < a->n_keys; i++) {
		hex_encode(SPAN_OF(a->box_keys[i]), hex);
		buffer_text(out, "  - ");
		quote_line(out, "hoedanigheid", a->hoedanigheden[i]);
		buffer_printf(out, "    sleutel: \"%s\"\n", hex);
	}
}

int join_print(const uint8_t invite[ID_BYTES], const struct admission *a,
	       const struct secret *organisation_key, struct buffer *note)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	int r;

	buffer_init(&text, TEXT_MAX_BYTES);
	join_text(invite, a, &text);
	r = buffer_ok(&text);
	if (r)
		return err_pass(r);
	r = note_begin(note, buffer_span(&text));
	if (!r)
		r = note_sign(note, buffer_span(&text), &a->organisation_key, organisation_key);
	return r ? err_fold(r) : 0;
}

static void reading_keys(struct yaml *y, struct yaml_node list, struct arena *arena, struct admission *out)
{
	static const char *const known[] = { "hoedanigheid", "sleutel", NULL };
	size_t n = yaml_count(y, list);

	if (!n || n > N_ELEMENTS(out->hoedanigheden)) {
		yaml_fault(y, list, "1 to %zu reading keys are expected", N_ELEMENTS(out->hoedanigheden));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct yaml_node item = yaml_item(y, list, i);

		yaml_only(y, item, known);
		out->hoedanigheden[i] = kept(y, item, "hoedanigheid", arena);
		must_hex(y, item, "sleutel", out->box_keys[i], BOX_PUBLIC_BYTES);
	}
	out->n_keys = n;
}

static int join_read(struct yaml *y, struct arena *arena, uint8_t invite[ID_BYTES], struct admission *out)
{
	static const char *const known[] = { "aanvraag",  "organisatie",  "knooppunt",	  "sleutel",
					     "transport", "handtekening", "leessleutels", NULL };
	struct yaml_node root = yaml_root(y);

	yaml_only(y, root, known);
	must_hex(y, root, "aanvraag", invite, ID_BYTES);
	out->organisation = kept(y, root, "organisatie", arena);
	out->node = kept(y, root, "knooppunt", arena);
	if (yaml_must_text(y, root, "sleutel"))
		must_key(y, yaml_get(y, root, "sleutel"), &out->organisation_key);
	must_hex(y, root, "transport", out->transport_key, sizeof out->transport_key);
	must_hex(y, root, "handtekening", out->sign_key, sizeof out->sign_key);
	reading_keys(y, yaml_list(y, root, "leessleutels"), arena, out);
	if (!out->organisation || !out->node)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < out->n_keys; i++)
		if (!out->hoedanigheden[i])
			return err_raise(-ENOMEM);
	return 0;
}

int join_open(struct span note, struct arena *arena, struct fault_list *faults, uint8_t invite[ID_BYTES],
	      struct admission *out)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	struct admission a = { 0 };
	uint8_t id[ID_BYTES] = { 0 };
	struct note opened;
	struct span text, lines;
	int r;

	if (note.len > TEXT_MAX_BYTES || note_split(note, &text, &lines) != NOTE_OK) {
		fault_add(faults, 0, 0,
			  "this is no join request: a text, an empty line and a signature are expected");
		return INVITATION_E_FAULTS;
	}
	r = yaml_load(text, faults, &y);
	if (r)
		return r < 0 ? err_pass(r) : INVITATION_E_FAULTS;
	r = join_read(y, arena, id, &a);
	if (r)
		return err_pass(r);
	if (!faults->n && !text_equal(a.organisation_key.name, a.organisation))
		fault_add(faults, 0, 0, "the key must be named after the organisation");
	if (!faults->n && !sign_key_is_safe(a.sign_key))
		fault_add(faults, 0, 0, "the node's signing key is not a safe Ed25519 key");
	if (faults->n)
		return INVITATION_E_FAULTS;
	if (note_open(note, &a.organisation_key, 1, &opened) != NOTE_OK)
		return INVITATION_E_SIGNATURE;
	memcpy(invite, id, sizeof id);
	*out = a;
	return INVITATION_OK;
}

void join_phrase(const uint8_t invite[ID_BYTES], const struct note_key *log_key, struct span join_note,
		 char out[JOIN_PHRASE_SIZE])
{
	char vkey[NOTE_VKEY_SIZE];
	struct span text = join_note, lines;
	crypto_hash_sha256_state state;
	uint8_t hash[32];

	if (note_split(join_note, &text, &lines) != NOTE_OK)
		text = join_note;
	note_key_print(log_key, vkey);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)PHRASE_LABEL, sizeof PHRASE_LABEL - 1);
	crypto_hash_sha256_update(&state, invite, ID_BYTES);
	crypto_hash_sha256_update(&state, (const uint8_t *)vkey, strlen(vkey));
	crypto_hash_sha256_update(&state, text.ptr, text.len);
	crypto_hash_sha256_final(&state, hash);
	snprintf(out, JOIN_PHRASE_SIZE, "%05u %05u %05u %05u", get_u16(hash), get_u16(hash + 2),
		 get_u16(hash + 4), get_u16(hash + 6));
}
