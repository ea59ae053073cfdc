/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Joining can be interrupted anywhere and repeated: keys that are there are used, the request is signed once
 * and its bytes kept, and node.yaml is written before anything is sent. The house takes the same request
 * twice.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "client/lib/mandate.h"
#include "client/lib/session.h"

#define JOIN_ARENA_BYTES (4u << 20)
#define YEAR_MS (366ull * 24 * 3600 * 1000)
#define DAY_MS (24ull * 3600 * 1000)

static enum kp_result invitation_take(const struct kp_join *join, struct arena *arena, struct invitation *out,
				      struct kp_error *err)
{
	struct fault_list faults;
	int r;

	if (!join->invitation || !*join->invitation)
		return fail_usage(err, "there is no invitation");
	fault_list_init(&faults, "invitation");
	r = invitation_open(span_of_text(join->invitation), arena, &faults, out);
	if (r < 0)
		return fail_fatal(err, "here/join", r);
	if (r == INVITATION_E_SIGNATURE)
		return failure(err, KP_UNVERIFIED, "here/join",
			       "Ask the steward who sent it for the file again, over another way.",
			       "the invitation was changed or is not signed by a steward it names");
	if (r)
		return fail_faults(err, KP_USAGE, "here/join", &faults);
	if (!name_is_safe(out->organisation) || !name_is_safe(out->node))
		return fail_usage(err, "the invitation's organisation or node is no id");
	for (size_t i = 0; i < out->hoedanigheden.n; i++)
		if (!name_is_safe(out->hoedanigheden.v[i]))
			return fail_usage(err, "the invitation's hoedanigheid %zu is no id", i + 1);
	return KP_OK;
}

static enum kp_result folders_make(const char *home, struct arena *arena, struct kp_error *err)
{
	static const char *const names[] = { "", "keys", "mandates", "rules", "state", "receipts" };
	struct stat st;

	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		const char *path = *names[i] ? path_join(arena, home, "", names[i]) : home;
		int r = path ? file_make_folders(path, 0700) : -ENOMEM;

		if (r)
			return r < 0 ? fail_fatal(err, "here/join", r)
				     : failure(err, KP_ERROR, "here/join", "Choose a folder of your own.",
					       "%s can not be made", path);
	}
	if (!stat(home, &st) && (st.st_mode & 077))
		return failure(err, KP_ERROR, "here/join", "Close it (chmod 700) or choose another folder.",
			       "%s is open to other users", home);
	return KP_OK;
}

static enum kp_result same_house(const char *home, const struct invitation *in, struct arena *arena,
				 struct kp_error *err)
{
	const char *path = path_join(arena, home, "", "node.yaml");
	struct home h = { 0 };
	struct stat st;
	enum kp_result k;
	bool same;

	if (!path || stat(path, &st))
		return KP_OK;
	k = home_read(home, &h, err);
	if (k)
		return k;
	same = !memcmp(h.invite, in->id, ID_BYTES);
	home_fini(&h);
	return same ? KP_OK
		    : failure(err, KP_USAGE, "here/join", "Give another folder: each node has its own home.",
			      "%s belongs to a node that joined with another invitation", home);
}

struct join_keys {
	struct keyfile organisation, node, person, reading[INVITATION_HOEDANIGHEDEN_MAX];
	struct zcert transport;
};

static void join_keys_fini(struct join_keys *k)
{
	keyfile_fini(&k->organisation);
	keyfile_fini(&k->node);
	keyfile_fini(&k->person);
	for (size_t i = 0; i < INVITATION_HOEDANIGHEDEN_MAX; i++)
		keyfile_fini(&k->reading[i]);
	zcert_fini(&k->transport);
}

static enum kp_result keys_make(const char *home, const struct invitation *in, const char *person,
				struct join_keys *keys, struct kp_error *err)
{
	char file[128];
	enum kp_result k = key_ensure(home, "organisation.key", "organisation", in->organisation,
				      &keys->organisation, err);

	if (!k)
		k = key_ensure(home, "node.key", "node", in->node, &keys->node, err);
	if (!k)
		k = cert_ensure(home, in->node, &keys->transport, err);
	for (size_t i = 0; !k && i < in->hoedanigheden.n; i++) {
		snprintf(file, sizeof file, "reading-%s.key", in->hoedanigheden.v[i]);
		k = key_ensure(home, file, "reading", in->hoedanigheden.v[i], &keys->reading[i], err);
	}
	snprintf(file, sizeof file, "person-%s.key", person);
	return k ? k : key_ensure(home, file, "person", person, &keys->person, err);
}

/*
 * A person who works in several houses has one key in all of them (and a mandate in each, that says which house it is for): what
 * he signs for one is good in no other, and his organisation can answer for all of it with one name.
 */
static enum kp_result person_bring(const char *home, const struct kp_join *join, struct arena *arena, struct kp_error *err)
{
	const char *file = arena_printf(arena, "person-%s.key", join->person);

	return file ? key_copy(join->person_from, home, file, "person", err) : fail_fatal(err, "here/join", -ENOMEM);
}

/* The signed request: as it was made the first time. */
static enum kp_result request_make(const char *home, const struct invitation *in,
				   const struct join_keys *keys, struct arena *arena, struct buffer *note,
				   struct kp_error *err)
{
	const char *path = path_join(arena, home, "", "join.note");
	struct admission a = { .organisation = in->organisation,
			       .node = in->node,
			       .n_keys = in->hoedanigheden.n };
	int r = path ? file_read(path, NOTE_BYTES_MAX, note) : -ENOMEM;

	if (r != FILE_E_ABSENT)
		return r < 0 ? fail_fatal(err, "here/join", r)
		       : r   ? failure(err, KP_ERROR, "here/join", "", "%s can not be read", path)
			     : KP_OK;
	memcpy(a.transport_key, keys->transport.public_key, 32);
	memcpy(a.sign_key, keys->node.public_key, 32);
	for (size_t i = 0; i < a.n_keys; i++) {
		a.hoedanigheden[i] = in->hoedanigheden.v[i];
		memcpy(a.box_keys[i], keys->reading[i].public_key, BOX_PUBLIC_BYTES);
	}
	if (note_key_init(&a.organisation_key, in->organisation, NOTE_KEY_ED25519,
			  keys->organisation.public_key) != NOTE_OK)
		return failure(err, KP_ERROR, "here/join", "Remove the keys folder and join again.",
			       "the organisation's key can not be used");
	r = join_print(in->id, &a, keys->organisation.secret, note);
	if (!r)
		r = file_write(path, buffer_span(note), 0600);
	return r ? fail_fatal(err, "here/join", r < 0 ? r : -EACCES) : KP_OK;
}

static enum kp_result home_make(const char *home, const struct invitation *in, const char *person,
				const char *phrase, struct arena *arena, struct kp_error *err)
{
	struct home h = {
		.arena = arena,
		.path = home,
		.house = in->house,
		.name = in->name,
		.origin = in->origin,
		.endpoint = in->endpoint,
		.organisation = in->organisation,
		.node = in->node,
		.person = person,
		.phrase = phrase,
		.log_key = in->log_key,
		.hoedanigheden = in->hoedanigheden,
		.trust = { in->quorum, in->n_stewards, in->stewards },
	};

	memcpy(h.invite, in->id, sizeof h.invite);
	memcpy(h.transport_key, in->transport_key, sizeof h.transport_key);
	return home_write(&h, err);
}

static enum kp_result first_mandate(const char *home, const struct invitation *in, const struct kp_join *join,
				    const struct join_keys *keys, struct arena *arena, struct kp_error *err)
{
	uint64_t now = env_unix_ms(env_system());
	struct mandate m = {
		.person = join->person,
		.house = in->house,
		.organisation = in->organisation,
		.role = join->role ? join->role : "medewerker",
		.klasse = join->klasse ? join->klasse : "uitvoering",
		.hoedanigheden = in->hoedanigheden,
		.screening_unix_ms = join->screening_unix_ms,
		.training_unix_ms = join->training_unix_ms,
		.from_unix_ms = now - now % DAY_MS,
		.until_unix_ms = join->until_unix_ms ? join->until_unix_ms : now - now % DAY_MS + YEAR_MS,
	};

	memcpy(m.sign_key, keys->person.public_key, sizeof m.sign_key);
	return mandate_make(home, &m, &keys->organisation, arena, err);
}

/* --- over the wire --- */

static enum kp_result answer_read(const struct wire_frame *f, struct arena *arena, struct kp_error *err)
{
	struct trouble t = { "", "" };

	if (f->verb == WIRE_REPLY && span_equal(f->body, SPAN_LITERAL("aangevraagd")))
		return KP_OK;
	if (f->verb != WIRE_TROUBLE || trouble_decode(f->body, arena, &t) != WIRE_OK)
		return failure(err, KP_ERROR, "house/join", "",
			       "the house answered something that is no answer to a join request");
	failure(err, KP_ERROR, "house/join", "Ask a steward for a new invitation.",
		"the house does not take the request: %s %s", t.code, t.text);
	fail_code(err, t.code);
	return KP_ERROR;
}

static enum kp_result not_heard(const struct link *l, const char *endpoint, struct kp_error *err)
{
	if (!link_is_refused(l))
		return failure(err, KP_UNREACHABLE, "house/join",
			       "Check that this machine may reach it (one outbound port), then repeat.",
			       "no answer from %s in time%s%s", endpoint, *link_why(l) ? ": " : "",
			       link_why(l));
	failure(err, KP_UNREACHABLE, "house/join",
		"If the stewards admitted this node already: knooppunt node status. Otherwise ask them for a "
		"new invitation.",
		"%s does not know this invitation: it was used, withdrawn, or has expired", endpoint);
	fail_code(err, "NIET_TOEGELATEN");
	return KP_UNREACHABLE;
}

static enum kp_result request_send(struct link *l, const struct invitation *in, struct span note,
				   uint32_t timeout_ms, struct arena *arena, struct kp_error *err)
{
	const struct env *env = env_system();
	uint64_t now = env_mono_ms(env), until_ms = now + timeout_ms, correlation = 0;

	while (now <= until_ms) {
		struct link_event e;
		int r = link_poll(l, (uint32_t)(until_ms - now), &e);

		if (r == LINK_OK && e.kind == LINK_UP)
			r = link_send(l, WIRE_JOIN, correlation = link_correlation(l), note);
		if (r < 0)
			return fail_fatal(err, "here/join", r);
		if (e.kind == LINK_FRAME && e.frame.correlation == correlation)
			return answer_read(&e.frame, arena, err);
		if (e.kind == LINK_REFUSED)
			break;
		now = env_mono_ms(env) + (r == LINK_E_NONE);
	}
	return not_heard(l, in->endpoint, err);
}

static enum kp_result request_submit(const struct invitation *in, struct span note, uint32_t timeout_ms,
				     struct arena *arena, struct kp_error *err)
{
	CLEANUP(secret_freep) struct secret *secret = secret_from(SPAN_OF(in->enrol_secret));
	CLEANUP(link_closep) struct link *l = NULL;
	struct link_peer peer = { in->endpoint, in->transport_key, in->enrol_public, secret };
	int r = secret ? link_open(&peer, env_system(), &l) : -ENOMEM;

	if (r == LINK_E_ENDPOINT)
		return fail_usage(err, "the invitation's endpoint %s is none", in->endpoint);
	return r ? fail_fatal(err, "here/join", r) : request_send(l, in, note, timeout_ms, arena, err);
}

enum kp_result kp_join(const char *home, const struct kp_join *join, char phrase[KP_PHRASE_SIZE],
		       struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(JOIN_ARENA_BYTES);
	CLEANUP(invitation_fini) struct invitation in = { 0 };
	CLEANUP(join_keys_fini) struct join_keys keys = { 0 };
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	char words[JOIN_PHRASE_SIZE];
	enum kp_result k;

	failure_clear(err);
	if (!home || !*home || !join || !phrase)
		return fail_usage(err, "a home folder, an invitation and a place for the phrase are needed");
	if (!join->person || !name_is_safe(join->person))
		return fail_usage(
			err, "person: a pseudonym in a-z, 0-9, '.' and '-' is needed, for example mdw-0421");
	if (!arena || sodium_init() < 0)
		return fail_fatal(err, "here/join", -ENOMEM);
	k = invitation_take(join, arena, &in, err);
	if (!k)
		k = folders_make(home, arena, err);
	if (!k)
		k = same_house(home, &in, arena, err);
	if (!k && env_unix_ms(env_system()) > in.until_unix_ms)
		k = failure(err, KP_ERROR, "here/join", "Ask a steward for a new one.",
			    "the invitation has expired");
	if (!k && join->person_from)
		k = person_bring(home, join, arena, err);
	if (!k)
		k = keys_make(home, &in, join->person, &keys, err);
	if (!k)
		k = request_make(home, &in, &keys, arena, &note, err);
	if (!k)
		k = first_mandate(home, &in, join, &keys, arena, err);
	if (k)
		return k;
	join_phrase(in.id, &in.log_key, buffer_span(&note), words);
	snprintf(phrase, KP_PHRASE_SIZE, "%s", words);
	k = home_make(home, &in, join->person, words, arena, err);
	return k ? k : request_submit(&in, buffer_span(&note), join->timeout_ms, arena, err);
}
