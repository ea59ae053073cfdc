/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The organisation grants, the node sends, the house keeps. A mandate for a person who has one already takes
 * its place here; the house knows both until the older ends.
 */
#include "client/lib/mandate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "client/lib/exchange.h"

#define NOTE_MAX (64u << 10)
#define DAY_MS (24ull * 3600 * 1000)
#define YEAR_MS (366 * DAY_MS)

enum kp_result mandate_make(const char *home, const struct mandate *m, const struct keyfile *organisation,
			    struct arena *arena, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 }, note = { 0 };
	const char *file = arena_printf(arena, "%s.note", m->person);
	const char *path = file ? path_join(arena, home, "mandates", file) : NULL;
	struct note_key key;
	int r;

	buffer_init(&text, NOTE_MAX);
	buffer_init(&note, NOTE_MAX);
	r = path ? mandate_print(m, &text) : -ENOMEM;
	if (!r)
		r = note_key_init(&key, m->organisation, NOTE_KEY_ED25519, organisation->public_key);
	if (!r)
		r = note_begin(&note, buffer_span(&text));
	if (!r)
		r = note_sign(&note, buffer_span(&text), &key, organisation->secret);
	if (!r)
		r = file_write(path, buffer_span(&note), 0600);
	if (r < 0)
		return fail_fatal(err, "here/mandate", r);
	return r ? failure(err, KP_ERROR, "here/mandate", "", "the mandate of %s can not be signed and kept",
			   m->person)
		 : KP_OK;
}

static enum kp_result hoedanigheden_of(const struct kp_node *node, const struct kp_mandate *in,
				       struct arena *arena, struct text_list *out, struct kp_error *err)
{
	size_t n = 0;

	if (!in->hoedanigheden) {
		*out = node->home.hoedanigheden;
		return KP_OK;
	}
	while (in->hoedanigheden[n])
		n++;
	out->v = n && n <= INVITATION_HOEDANIGHEDEN_MAX ? arena_array(arena, n, sizeof *out->v) : NULL;
	if (!out->v)
		return fail_usage(err, "hoedanigheden: name 1 to %d of this node",
				  INVITATION_HOEDANIGHEDEN_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!node_serves(node, in->hoedanigheden[i]))
			return fail_usage(err, "hoedanigheid %s is not one of this node",
					  in->hoedanigheden[i]);
		out->v[i] = in->hoedanigheden[i];
	}
	out->n = n;
	return KP_OK;
}

static enum kp_result grant(struct kp_node *node, const struct kp_mandate *in, struct arena *arena,
			    struct kp_error *err)
{
	const char *home = node->home.path;
	struct keyfile organisation = { 0 }, person = { 0 };
	uint64_t now = env_unix_ms(node->env), today = now - now % DAY_MS;
	struct mandate m = {
		.person = in->person,
		.house = node->home.house,
		.organisation = node->home.organisation,
		.role = in->role ? in->role : "medewerker",
		.klasse = in->klasse ? in->klasse : "uitvoering",
		.screening_unix_ms = in->screening_unix_ms,
		.training_unix_ms = in->training_unix_ms,
		.from_unix_ms = in->from_unix_ms ? in->from_unix_ms : today,
		.until_unix_ms = in->until_unix_ms ? in->until_unix_ms : today + YEAR_MS,
	};
	const char *file = arena_printf(arena, "person-%s.key", in->person);
	enum kp_result k = hoedanigheden_of(node, in, arena, &m.hoedanigheden, err);
	int r;

	if (k)
		return k;
	r = file ? keyfile_read(path_join(arena, home, "keys", "organisation.key"), "organisation",
				&organisation)
		 : -ENOMEM;
	if (r)
		return r < 0 ? fail_fatal(err, "here/keys", r)
			     : failure(err, KP_ERROR, "here/keys",
				       "Put the organisation's key back into keys/ for the time of granting.",
				       "keys/organisation.key: %s", keyfile_error_text(r));
	k = key_ensure(home, file, "person", in->person, &person, err);
	if (!k) {
		memcpy(m.sign_key, person.public_key, sizeof m.sign_key);
		k = mandate_make(home, &m, &organisation, arena, err);
	}
	keyfile_fini(&person);
	keyfile_fini(&organisation);
	return k;
}

/* The keys folder has changed: read it anew. */
static enum kp_result keys_again(struct kp_node *node, struct kp_error *err)
{
	struct keyring fresh = { 0 };
	enum kp_result k = keyring_read(&node->home, &fresh, err);

	if (k) {
		keyring_fini(&fresh);
		return k;
	}
	session_close(node); /* the link borrows the transport key */
	keyring_fini(&node->keys);
	node->keys = fresh;
	return KP_OK;
}

enum kp_result kp_mandate_grant(kp_node *node, const struct kp_mandate *mandate, uint32_t timeout_ms,
				struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	enum kp_result k;

	if (!mandate || !mandate->person || !name_is_safe(mandate->person))
		return fail_usage(
			err, "person: a pseudonym in a-z, 0-9, '.' and '-' is needed, for example mdw-0421");
	if (!arena)
		return fail_fatal(err, "here/mandate", -ENOMEM);
	k = grant(node, mandate, arena, err);
	if (!k)
		k = keys_again(node, err);
	node->mandates_sent = false;
	return k ? k : exchange_mandates_send(node, timeout_ms, err);
}
