/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/client/fixture.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/keyfile.h"
#include "base/text.h"

#define DAY_MS (24ull * 3600 * 1000)

static void key_new(const char *name, struct note_key *key, struct secret **secret)
{
	uint8_t public_key[32];

	*secret = secret_new(SIGN_SECRET_BYTES);
	assert_non_null(*secret);
	crypto_sign_keypair(public_key, secret_bytes(*secret));
	CHECK_OK(note_key_init(key, name, NOTE_KEY_ED25519, public_key));
}

static void sign_all(const struct paper_house *h, struct span text, struct buffer *note)
{
	buffer_reset(note);
	CHECK_OK(note_begin(note, text));
	for (size_t i = 0; i < PAPER_STEWARDS; i++)
		CHECK_OK(note_sign(note, text, &h->stewards[i], h->steward_secrets[i]));
}

static void registry_reload(struct paper_house *h, struct span text)
{
	struct fault_list faults;

	fault_list_init(&faults, "register");
	registry_free(h->registry);
	h->registry = NULL;
	CHECK_OK(registry_load(text, &faults, &h->registry));
	sign_all(h, text, &h->register_note);
}

void paper_house_new(struct paper_house *h, const char *endpoint)
{
	CLEANUP(buffer_fini) struct buffer yaml = { 0 }, kader = { 0 }, text = { 0 };
	CLEANUP(registry_freep) struct registry *template = NULL;
	struct fault_list faults;
	struct registry r;
	uint64_t now = env_unix_ms(env_system());

	assert_true(sodium_init() >= 0);
	memset(h, 0, sizeof *h);
	h->folder = test_folder_new();
	h->endpoint = endpoint;
	key_new("huis.example/anna", &h->stewards[0], &h->steward_secrets[0]);
	key_new("huis.example/bram", &h->stewards[1], &h->steward_secrets[1]);
	key_new("huis.example", &h->log_key, &h->log_secret);
	crypto_box_keypair(h->transport_public, h->transport_secret);
	test_file("data/drenthe/register.yaml", &yaml);
	test_file("../convenant/kader/nl.yaml", &kader);
	fault_list_init(&faults, "template");
	CHECK_OK(register_template_load(buffer_span(&yaml), &faults, &template));
	r = *template;
	r.sequence = 1;
	r.from_unix_ms = now - now % DAY_MS;
	r.until_unix_ms = r.from_unix_ms + 365 * DAY_MS;
	r.steward_quorum = PAPER_STEWARDS;
	r.stewards = h->stewards;
	r.n_stewards = PAPER_STEWARDS;
	r.log_key = h->log_key;
	memcpy(r.transport_key, h->transport_public, 32);
	CHECK_OK(register_print(&r, &text));
	registry_reload(h, buffer_span(&text));
	sign_all(h, buffer_span(&kader), &h->kader_note);
}

void paper_house_free(struct paper_house *h)
{
	for (size_t i = 0; i < PAPER_STEWARDS; i++)
		secret_free(h->steward_secrets[i]);
	secret_free(h->log_secret);
	registry_free(h->registry);
	for (size_t i = 0; i < h->n_homes; i++)
		free(h->homes[i]);
	buffer_fini(&h->register_note);
	buffer_fini(&h->kader_note);
	buffer_fini(&h->convenant_note);
	test_folder_free(h->folder);
}

void paper_invite(struct paper_house *h, const char *organisation, const char *const *hoedanigheden,
		  struct buffer *note, uint8_t *enrol_public)
{
	const char *list[INVITATION_HOEDANIGHEDEN_MAX];
	struct invitation terms = {
		.house = h->registry->house,
		.name = h->registry->name,
		.origin = h->log_key.name,
		.endpoint = h->endpoint,
		.organisation = organisation,
		.node = organisation,
		.log_key = h->log_key,
		.quorum = PAPER_STEWARDS,
		.n_stewards = PAPER_STEWARDS,
		.until_unix_ms = env_unix_ms(env_system()) + DAY_MS,
		.hoedanigheden = { 0, list },
	};
	struct fault_list faults;

	for (; hoedanigheden[terms.hoedanigheden.n]; terms.hoedanigheden.n++)
		list[terms.hoedanigheden.n] = hoedanigheden[terms.hoedanigheden.n];
	memcpy(terms.transport_key, h->transport_public, 32);
	memcpy(terms.stewards, h->stewards, sizeof h->stewards);
	fault_list_init(&faults, "invitation");
	buffer_init(note, 0);
	CHECK_OK(invitation_make(&terms, &h->stewards[0], h->steward_secrets[0], &faults, note));
	if (enrol_public)
		memcpy(enrol_public, terms.enrol_public, 32);
	invitation_fini(&terms);
}

static void admit(struct paper_house *h, const char *home)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 }, text = { 0 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	uint8_t invite[ID_BYTES];
	struct fault_list faults;
	struct admission a;

	fault_list_init(&faults, "join");
	CHECK_OK(file_read(test_path(home, "join.note"), 1u << 20, &note));
	CHECK_OK(join_open(buffer_span(&note), arena, &faults, invite, &a));
	CHECK_OK(register_next(h->registry, &a, &faults, &text));
	registry_reload(h, buffer_span(&text));
}

const char *paper_join(struct paper_house *h, const char *organisation, const char *const *hoedanigheden)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	char phrase[KP_PHRASE_SIZE];
	struct kp_error err;
	uint64_t now = env_unix_ms(env_system());
	struct kp_join join = { .person = "mdw-1",
				.role = "liaison",
				.klasse = "uitvoering",
				.screening_unix_ms = now - 30 * DAY_MS,
				.training_unix_ms = now - 20 * DAY_MS };
	char *home = strdup(test_path(h->folder, organisation));

	assert_non_null(home);
	assert_true(h->n_homes < PAPER_HOMES_MAX);
	h->homes[h->n_homes++] = home;
	paper_invite(h, organisation, hoedanigheden, &note, NULL);
	buffer_u8(&note, 0);
	join.invitation = (const char *)note.ptr;
	assert_int_equal(kp_join(home, &join, phrase, &err), KP_UNREACHABLE);
	admit(h, home);
	return home;
}

static void convenant_sign(struct paper_house *h, struct span text, const char *home)
{
	struct keyfile key;
	struct note_key signer;

	CHECK_OK(keyfile_read(test_path(home, "keys/organisation.key"), "organisation", &key));
	CHECK_OK(note_key_init(&signer, key.name, NOTE_KEY_ED25519, key.public_key));
	CHECK_OK(note_sign(&h->convenant_note, text, &signer, key.secret));
	keyfile_fini(&key);
}

void paper_convenant(struct paper_house *h, const char *const *homes)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	test_file("data/drenthe/convenant.yaml", &text);
	CHECK_OK(note_begin(&h->convenant_note, buffer_span(&text)));
	for (; *homes; homes++)
		convenant_sign(h, buffer_span(&text), *homes);
}

void paper_rules(const struct paper_house *h, const char *home)
{
	const struct {
		const char *name;
		const struct buffer *note;
	} all[] = {
		{ "rules/register.note", &h->register_note },
		{ "rules/kader.note", &h->kader_note },
		{ "rules/convenant-drenthe.note", &h->convenant_note },
	};

	for (size_t i = 0; i < N_ELEMENTS(all); i++)
		if (all[i].note->len)
			CHECK_OK(file_write(test_path(home, all[i].name), buffer_span(all[i].note), 0600));
}

kp_node *paper_open(const char *home)
{
	struct kp_error err = { 0 };
	kp_node *node = NULL;
	enum kp_result k = kp_open(home, &node, &err);

	if (k)
		fail_msg("kp_open gave %d: %s", (int)k, err.text);
	return node;
}

/* As the house delivers it: the envelope with the mandate of who signed it. */
void paper_deliver(kp_node *from, kp_node *to, struct span envelope, struct item *kept, struct arena *arena)
{
	struct item item = { .kind = MESSAGE_VERZOEK, .received_unix_ms = 1, .index = 3 };
	const char *why = "";
	struct envelope e;
	struct message m;
	bool fresh;

	CHECK_OK(envelope_decode(envelope, arena, &e));
	item.kind = (enum message_kind)message_kind_of_type(e.type);
	CHECK_OK(message_decode(item.kind, e.payload, arena, &m, &why));
	memcpy(item.id, m.header.message_id.ptr, ID_BYTES);
	memcpy(item.exchange, m.header.exchange_id.ptr, ID_BYTES);
	if (m.header.in_reply_to.len == ID_BYTES)
		memcpy(item.in_reply_to, m.header.in_reply_to.ptr, ID_BYTES);
	item.envelope = arena_copy(arena, envelope);
	item.mandate = arena_copy(arena, from->keys.persons[0].mandate);
	CHECK_OK(state_take(to->state, &item, 1, &fresh));
	*kept = item;
}

/* Sends into the outbox (nobody listens) and carries it over. */
void paper_carry(kp_node *from, kp_node *to, const struct kp_sent *sent, struct item *kept,
		  struct arena *arena)
{
	uint8_t id[ID_BYTES];
	struct sent m;

	assert_int_equal(sent->result, KP_UNREACHABLE);
	assert_true(uuid_decode(sent->message_id, id));
	CHECK_OK(state_sent(from->state, id, arena, &m));
	paper_deliver(from, to, m.envelope, kept, arena);
}
