/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/daemon/core_world.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "convenant/mandate.h"

static const struct world_party drenthe[WORLD_NODES] = {
	[ZVHD] = { "zvhd-1", "zvhd", { "zvhd-nazorg", "zvhd-procesregie", "zvhd-toezicht" }, "nazorgcoordinator" },
	[DJI] = { "dji-1", "dji", { "dji-pi-noord" }, "medewerker" },
	[POLITIE] = { "politie-1", "politie", { "politie-noord-nederland" }, "liaison" },
	[RECLASSERING] = { "reclassering-1", "reclassering-nederland", { "reclassering-3ro" }, "medewerker" },
	[GGZ] = { "ggz-1", "ggz-drenthe", { "ggz-drenthe" }, "medewerker" },
	[ASSEN] = { "assen-1", "gemeente-assen", { "gemeente-assen-sociaal-domein" }, "medewerker" },
	[FRYSLAN] = { "fryslan-1", "zvh-fryslan", { "zvh-fryslan" }, "medewerker" },
};

static const struct world_setup usual_setup = { .parties = drenthe, .n = WORLD_NODES, .now = WORLD_NOW, .mandate_days = 200 };

static void seed_of(const char *label, const char *kind, uint8_t out[32])
{
	char text[200];

	snprintf(text, sizeof text, "%s/%s", kind, label);
	crypto_hash_sha256(out, (const uint8_t *)text, strlen(text));
}

static struct secret *sign_key_of(const char *label, const char *kind, uint8_t public_key[32])
{
	struct secret *s = secret_new(64);
	uint8_t seed[32];

	CHECK(s != NULL);
	seed_of(label, kind, seed);
	crypto_sign_seed_keypair(public_key, secret_bytes(s), seed);
	return s;
}

static struct secret *note_key_of(const char *name, struct note_key *key)
{
	uint8_t public_key[32];
	struct secret *s = sign_key_of(name, "note", public_key);

	CHECK_OK(note_key_init(key, name, NOTE_KEY_ED25519, public_key));
	return s;
}

/* ---- the environment ---- */

static uint64_t env_unix(void *ctx)
{
	return ((struct world *)ctx)->unix_ms;
}

static uint64_t env_mono(void *ctx)
{
	struct world *w = ctx;

	w->mono_ms += w->mono_step_ms;
	return w->mono_ms;
}

static void env_bytes(void *ctx, uint8_t *out, size_t len)
{
	struct world *w = ctx;

	for (size_t i = 0; i < len; i++) {
		w->random ^= w->random >> 12;
		w->random ^= w->random << 25;
		w->random ^= w->random >> 27;
		out[i] = (uint8_t)(w->random * UINT64_C(2685821657736338717) >> 56);
	}
}

/* ---- the disk ---- */

static int disk_open(void *ctx, int folder, const char *name, int flags)
{
	(void)ctx;
	return disk_real()->open(NULL, folder, name, flags);
}

static int disk_reserve(void *ctx, int fd, uint64_t bytes)
{
	struct world *w = ctx;

	return w->disk_full ? -ENOSPC : disk_real()->reserve(NULL, fd, bytes);
}

static ssize_t disk_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	struct world *w = ctx;

	if (w->disk_full)
		return -ENOSPC;
	if (!w->torn || w->torn_whole)
		return disk_real()->write(NULL, fd, bytes, len, at);
	disk_real()->write(NULL, fd, bytes, len / 2, at);
	return -EIO;
}

/* The key store is written in place; a full disk does not keep it from that. */
static ssize_t slots_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	struct world *w = ctx;

	if (!w->slots_fail && !w->torn)
		return disk_real()->write(NULL, fd, bytes, len, at);
	if (len > 1)
		(void)!disk_real()->write(NULL, fd, bytes, len / 2, at);
	return -EIO;
}

static int disk_sync(void *ctx, int fd)
{
	struct world *w = ctx;

	(void)fd; /* the page cache outlives a core that is only taken down within this process */
	return w->torn ? -EIO : 0;
}

/* ---- the house ---- */

static void sign_note(struct span text, const struct note_key *const *keys, struct secret *const *secrets, size_t n,
		      struct buffer *out)
{
	CHECK_OK(note_begin(out, text));
	for (size_t i = 0; i < n; i++)
		CHECK_OK(note_sign(out, text, keys[i], secrets[i]));
}

static void nodes_make(struct world *w)
{
	for (size_t i = 0; i < w->setup.n; i++) {
		struct node *n = &w->nodes[i];
		uint8_t public_key[32];

		n->id = w->setup.parties[i].id;
		n->organisation = w->setup.parties[i].organisation;
		memcpy(n->hoedanigheden, w->setup.parties[i].hoedanigheden, sizeof n->hoedanigheden);
		seed_of(n->id, "transport", n->transport);
		n->secret = sign_key_of(n->id, "node", public_key);
		n->organisation_secret = note_key_of(n->organisation, &n->organisation_key);
	}
}

static void register_nodes(struct world *w, struct reg_node *out)
{
	for (size_t i = 0; i < w->setup.n; i++) {
		struct node *n = &w->nodes[i];

		out[i] = (struct reg_node){ .id = n->id, .organisation = n->organisation, .hoedanigheden = { 0, n->hoedanigheden } };
		while (out[i].hoedanigheden.n < 4 && n->hoedanigheden[out[i].hoedanigheden.n])
			out[i].hoedanigheden.n++;
		memcpy(out[i].transport_key, n->transport, 32);
		memcpy(out[i].sign_key, secret_bytes(n->secret) + 32, 32);
	}
}

static void register_text(struct world *w, struct registry *r, struct buffer *out)
{
	struct reg_organisation *organisations = calloc(r->n_organisations, sizeof *organisations);
	struct reg_hoedanigheid *hoedanigheden = calloc(r->n_hoedanigheden, sizeof *hoedanigheden);
	struct reg_box_key *keys = calloc(r->n_hoedanigheden, sizeof *keys);
	struct reg_node reg_nodes[WORLD_NODES_MAX];

	CHECK(organisations && hoedanigheden && keys);
	memcpy(organisations, r->organisations, r->n_organisations * sizeof *organisations);
	memcpy(hoedanigheden, r->hoedanigheden, r->n_hoedanigheden * sizeof *hoedanigheden);
	for (size_t i = 0; i < r->n_organisations; i++)
		for (size_t k = 0; k < w->setup.n; k++)
			if (text_equal(organisations[i].id, w->setup.parties[k].organisation)) {
				organisations[i].key = w->nodes[k].organisation_key;
				organisations[i].has_key = true;
			}
	for (size_t i = 0; i < r->n_hoedanigheden; i++) {
		uint8_t secret[32];

		seed_of(hoedanigheden[i].id, "reading", secret);
		crypto_scalarmult_base(keys[i].public_key, secret);
		key_id_of(keys[i].public_key, keys[i].key_id);
		hoedanigheden[i].keys = &keys[i];
		for (size_t k = 0; k < w->setup.n; k++)
			for (size_t j = 0; j < 4 && w->nodes[k].hoedanigheden[j]; j++)
				if (text_equal(w->nodes[k].hoedanigheden[j], hoedanigheden[i].id))
					hoedanigheden[i].n_keys = 1;
	}
	register_nodes(w, reg_nodes);
	r->organisations = organisations;
	r->hoedanigheden = hoedanigheden;
	r->nodes = reg_nodes;
	r->n_nodes = w->setup.n;
	CHECK_OK(register_print(r, out));
	free(organisations);
	free(hoedanigheden);
	free(keys);
}

static void register_make(struct world *w)
{
	const struct note_key *keys[] = { &w->steward_keys[0], &w->steward_keys[2] };
	struct secret *const secrets[] = { w->stewards[0], w->stewards[2] };
	CLEANUP(buffer_fini) struct buffer file = { 0 }, text = { 0 };
	CLEANUP(registry_freep) struct registry *template = NULL;
	struct fault_list faults;
	struct registry r;

	test_file("data/drenthe/register.yaml", &file);
	fault_list_init(&faults, "register.yaml");
	CHECK_OK(register_template_load(buffer_span(&file), &faults, &template));
	r = *template;
	r.log_key = w->log_key;
	r.stewards = w->steward_keys;
	r.n_stewards = 3;
	r.steward_quorum = 2;
	r.sequence = 1;
	r.from_unix_ms = w->setup.now - 100 * DAY_MS;
	r.until_unix_ms = w->setup.now + (800 + w->setup.mandate_days) * DAY_MS;
	seed_of("house", "transport", r.transport_key);
	register_text(w, &r, &text);
	CHECK_OK(registry_load(buffer_span(&text), &faults, &w->registry));
	sign_note(buffer_span(&text), keys, secrets, 2, &w->notes[0]);
}

/* The text of a file of rules, holding from another date when one is given. */
static void rules_file(const char *path, const char *from, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer file = { 0 };
	char *text, *at;

	test_file(path, &file);
	buffer_u8(&file, 0);
	text = (char *)file.ptr;
	at = strstr(text, "\nvan: ");
	CHECK(at != NULL);
	buffer_bytes(out, span_of(text, (size_t)(at + 6 - text)));
	buffer_text(out, from ? from : "");
	buffer_text(out, from ? at + 6 + strlen("2026-01-01") : at + 6);
}

static void rules_make(struct world *w)
{
	const struct note_key *stewards[] = { &w->steward_keys[0], &w->steward_keys[1] };
	struct secret *const secrets[] = { w->stewards[0], w->stewards[1] };
	const struct note_key *organisations[] = { &w->nodes[DJI].organisation_key, &w->nodes[POLITIE].organisation_key };
	struct secret *const signers[] = { w->nodes[DJI].organisation_secret, w->nodes[POLITIE].organisation_secret };
	CLEANUP(buffer_fini) struct buffer kader = { 0 }, convenant = { 0 };
	char vkey[NOTE_VKEY_SIZE];

	register_make(w);
	rules_file("../convenant/kader/nl.yaml", w->setup.rules_from, &kader);
	sign_note(buffer_span(&kader), stewards, secrets, 2, &w->notes[1]);
	rules_file("data/drenthe/convenant.yaml", w->setup.rules_from, &convenant);
	sign_note(buffer_span(&convenant), organisations, signers, 2, &w->notes[2]);
	buffer_text(&w->trust, "quorum 2\n");
	for (size_t i = 0; i < 3; i++) {
		note_key_print(&w->steward_keys[i], vkey);
		buffer_printf(&w->trust, "steward %s\n", vkey);
	}
}

void world_person_make(struct world *w, struct person *p, int node, const char *id, const char *hoedanigheid, const char *klasse)
{
	const struct note_key *key = &w->nodes[node].organisation_key;
	const struct node *n = &w->nodes[node];
	const char *covers[4] = { hoedanigheid };
	bool whole = w->setup.whole_mandates && hoedanigheid == n->hoedanigheden[0];
	struct mandate m = {
		.person = id, .house = "drenthe", .organisation = w->nodes[node].organisation, .role = w->setup.parties[node].role, .klasse = klasse,
		.hoedanigheden = { 1, covers },
		.screening_unix_ms = w->setup.now - 300 * DAY_MS, .training_unix_ms = w->setup.now - 200 * DAY_MS,
		.from_unix_ms = w->setup.now - 100 * DAY_MS, .until_unix_ms = w->setup.now + w->setup.mandate_days * DAY_MS,
	};
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	for (size_t i = 1; whole && i < 4 && n->hoedanigheden[i]; i++)
		covers[m.hoedanigheden.n++] = n->hoedanigheden[i];
	text_list_sort(&m.hoedanigheden);
	p->id = id;
	p->hoedanigheid = hoedanigheid;
	p->klasse = klasse;
	p->secret = sign_key_of(id, "person", p->sign_key);
	memcpy(m.sign_key, p->sign_key, 32);
	CHECK_OK(mandate_print(&m, &text));
	crypto_hash_sha256(p->digest.bytes, text.ptr, text.len);
	sign_note(buffer_span(&text), &key, &w->nodes[node].organisation_secret, 1, &p->mandate);
}

void world_keeper(struct world *w)
{
	struct keyfile key = { .use = "log" };
	uint8_t public_key[32];

	keeper_freep(&w->keeper);
	snprintf(key.name, sizeof key.name, "%s", w->log_key.name);
	key.secret = sign_key_of(w->log_key.name, "note", public_key);
	memcpy(key.public_key, public_key, 32);
	CHECK_OK(keeper_new(&key, test_path(w->folder, "keeper"), &w->keeper));
}

void world_open(struct world *w, uint64_t seed)
{
	world_open_as(w, seed, &usual_setup);
}

void world_open_as(struct world *w, uint64_t seed, const struct world_setup *setup)
{
	static const char *const ids[WORLD_NODES_MAX] = { "p-01", "p-02", "p-03", "p-04", "p-05", "p-06", "p-07", "p-08", "p-09", "p-10", "p-11",
							  "p-12", "p-13", "p-14", "p-15", "p-16", "p-17", "p-18", "p-19", "p-20", "p-21",
							  "p-22", "p-23", "p-24", "p-25", "p-26", "p-27", "p-28", "p-29", "p-30", "p-31" };
	static const char *const stewards[3] = { "drenthe.example/anna", "drenthe.example/bert", "drenthe.example/cora" };
	struct secret *log;

	CHECK(sodium_init() >= 0);
	memset(w, 0, sizeof *w);
	w->setup = *setup;
	w->folder = test_folder_new();
	w->env = (struct env){ env_unix, env_mono, env_bytes, w };
	w->io = (struct disk){ disk_open, disk_reserve, disk_write, disk_sync, w };
	w->slots_disk = (struct disk){ disk_open, disk_reserve, slots_write, disk_sync, w };
	w->unix_ms = w->setup.now;
	w->mono_ms = 1000000;
	w->random = seed * 2654435761u + 88172645463325252u;
	nodes_make(w);
	for (int i = 0; i < 3; i++)
		w->stewards[i] = note_key_of(stewards[i], &w->steward_keys[i]);
	log = note_key_of("drenthe.example/log", &w->log_key);
	secret_free(log);
	rules_make(w);
	for (size_t i = 0; i < w->setup.n; i++)
		world_person_make(w, &w->nodes[i].person, (int)i, ids[i], w->nodes[i].hoedanigheden[0], "uitvoering");
	world_person_make(w, &w->officer, ZVHD, "p-99", "zvhd-toezicht", "toetsing");
	world_keeper(w);
	CHECK_OK(slots_create(test_path(w->folder, "store.slots")));
}

void world_renew(struct world *w, uint64_t seed)
{
	world_crash(w);
	keeper_freep(&w->keeper);
	test_folder_free(w->folder);
	w->folder = test_folder_new();
	w->unix_ms = w->setup.now;
	w->mono_ms = 1000000;
	w->random = seed * 2654435761u + 88172645463325252u;
	w->disk_full = w->torn = false;
	w->next_id = 0;
	world_forget(w);
	world_keeper(w);
	CHECK_OK(slots_create(test_path(w->folder, "store.slots")));
}

void world_person_fini(struct person *p)
{
	secret_free(p->secret);
	buffer_fini(&p->mandate);
}

void world_close(struct world *w)
{
	world_crash(w);
	keeper_freep(&w->keeper);
	for (size_t i = 0; i < w->setup.n; i++) {
		secret_free(w->nodes[i].secret);
		secret_free(w->nodes[i].organisation_secret);
		world_person_fini(&w->nodes[i].person);
	}
	world_person_fini(&w->officer);
	for (size_t i = 0; i < 3; i++) {
		secret_free(w->stewards[i]);
		buffer_fini(&w->notes[i]);
	}
	buffer_fini(&w->trust);
	buffer_fini(&w->control);
	buffer_fini(&w->keeper_answer);
	registry_free(w->registry);
	world_forget(w);
	for (size_t i = 0; i < WORLD_IN_MAX; i++)
		buffer_fini(&w->in[i].body);
	test_folder_free(w->folder);
}

/* ---- starting and stopping ---- */

void world_store_key(uint8_t out[32])
{
	seed_of("store", "store", out);
}

int world_start(struct world *w)
{
	const struct ipc_frame ask = { .verb = IPC_KEEPER_KEYS };
	const struct store_options usual = { .folder = test_path(w->folder, "data"), .map_bytes = w->map_bytes ? w->map_bytes : 64u << 20,
					     .segment_bytes = 4u << 20, .checkpoint_ms = 1000, .env = &w->env, .io = &w->io };
	const struct span notes[] = { buffer_span(&w->notes[0]), buffer_span(&w->notes[1]), buffer_span(&w->notes[2]) };
	uint8_t store_key[32];
	struct core_options options = { .env = &w->env, .store_key = SPAN_OF(store_key), .trust = buffer_span(&w->trust),
					.notes = notes, .n_notes = 3, .verify_threads = w->threads, .skew_ms = 120000,
					.replay_ms = 3600000, .expiry_ms = w->expiry_ms, .not_taken_up_ms = w->not_taken_up_ms,
					.dormant_ms = w->dormant_ms,
					.checkpoint_interval_ms = w->interval_ms, .witness_wait_ms = w->wait_ms };
	const struct slots_options key_store = { .path = test_path(w->folder, "store.slots"), .alone = true, .disk = &w->slots_disk };
	struct ipc_frame public;
	char why[200];
	int r;

	seed_of(w->other_store_key ? "other" : "store", "store", store_key);
	CHECK_OK(store_open(&usual, &w->store, why));
	CHECK_OK(slots_open(&key_store, &w->slots));
	CHECK_OK(keeper_answer(w->keeper, &ask, &public));
	options.store = w->store;
	options.slots = w->slots;
	options.keeper = public.body;
	r = core_new(&options, &w->core, w->why);
	w->credit = 0;
	if (r)
		world_crash(w);
	else
		world_round(w);
	return r;
}

void world_must_start(struct world *w)
{
	int r = world_start(w);

	if (r)
		fail_msg("the core does not start: %d %s", r, w->why);
}

void world_crash(struct world *w)
{
	w->keeper_size = 0;
	w->keeper_silent = false;
	w->core = core_free(w->core);
	w->store = store_free(w->store);
	w->slots = slots_close(w->slots);
}

void world_stop(struct world *w)
{
	CHECK_OK(core_stop(w->core));
	world_handout(w);
	world_crash(w);
}

struct secret *world_reading_key(const char *hoedanigheid)
{
	uint8_t secret[32];

	seed_of(hoedanigheid, "reading", secret);
	return secret_from(SPAN_OF(secret));
}

/* ---- who is not in the register yet ---- */

void world_register_next(struct world *w, const struct admission *admission, struct buffer *note)
{
	const struct note_key *keys[] = { &w->steward_keys[0], &w->steward_keys[1] };
	struct secret *const secrets[] = { w->stewards[0], w->stewards[1] };
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct fault_list faults;

	fault_list_init(&faults, "register");
	if (register_next(w->registry, admission, &faults, &text))
		fail_msg("no next register: %s", faults.v[0].text);
	registry_free(w->registry);
	CHECK_OK(registry_load(buffer_span(&text), &faults, &w->registry));
	sign_note(buffer_span(&text), keys, secrets, 2, note);
}

void newcomer_make(struct newcomer *n)
{
	struct secret *node;
	uint8_t secret[32];

	memset(n, 0, sizeof *n);
	n->admission = (struct admission){ .organisation = "vnn", .node = "vnn-1", .n_keys = 1,
					   .hoedanigheden = { "vnn-behandeling" } };
	n->organisation_secret = note_key_of("vnn", &n->admission.organisation_key);
	node = sign_key_of("vnn-1", "node", n->admission.sign_key);
	secret_free(node);
	seed_of("vnn-1", "transport", n->admission.transport_key);
	seed_of("vnn-behandeling", "reading", secret);
	crypto_scalarmult_base(n->admission.box_keys[0], secret);
	seed_of("vnn-1", "enrol", n->enrol_key);
	seed_of("vnn-1", "invite", secret);
	memcpy(n->invite, secret, ID_BYTES);
}

void newcomer_free(struct newcomer *n)
{
	secret_free(n->organisation_secret);
}

void newcomer_request(const struct newcomer *n, struct buffer *note)
{
	const struct note_key *key = &n->admission.organisation_key;
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	char vkey[NOTE_VKEY_SIZE], invite[2 * ID_BYTES + 1], transport[65], sign[65], box[65];

	note_key_print(key, vkey);
	hex_encode(SPAN_OF(n->invite), invite);
	hex_encode(SPAN_OF(n->admission.transport_key), transport);
	hex_encode(SPAN_OF(n->admission.sign_key), sign);
	hex_encode(SPAN_OF(n->admission.box_keys[0]), box);
	buffer_printf(&text, "aanvraag: \"%s\"\norganisatie: vnn\nknooppunt: vnn-1\nsleutel: \"%s\"\ntransport: \"%s\"\n"
		      "handtekening: \"%s\"\nleessleutels:\n  - hoedanigheid: vnn-behandeling\n    sleutel: \"%s\"\n", invite, vkey,
		      transport, sign, box);
	sign_note(buffer_span(&text), &key, &n->organisation_secret, 1, note);
}
