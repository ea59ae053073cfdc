/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/daemon/core_world.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
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

static void person_make(struct world *w, struct person *p, int node, const char *id, const char *hoedanigheid, const char *klasse)
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
		person_make(w, &w->nodes[i].person, (int)i, ids[i], w->nodes[i].hoedanigheden[0], "uitvoering");
	person_make(w, &w->officer, ZVHD, "p-99", "zvhd-toezicht", "toetsing");
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

/* ---- moving frames ---- */

static void keep(struct world *w, const struct ipc_frame *frame)
{
	struct wire_frame wire;
	struct in *in = &w->in[w->n_in];

	switch (frame->verb) {
	case IPC_CORE_SEND:
		CHECK_OK(wire_parse(frame->body, &wire));
		CHECK(w->n_in < WORLD_IN_MAX);
		in->session = frame->session;
		in->verb = (int)wire.verb;
		in->correlation = wire.correlation;
		buffer_reset(&in->body);
		buffer_bytes(&in->body, wire.body);
		w->n_in++;
		break;
	case IPC_CORE_DROP:
		w->n_drops++;
		break;
	case IPC_CORE_ALLOW:
		w->n_allows++;
		break;
	case IPC_CORE_CREDIT:
		w->credit += frame->aux;
		break;
	default:
		fail_msg("the core sent the gate verb %u", frame->verb);
	}
}

void world_keeper_speaks(struct world *w)
{
	const struct ipc_frame answer = { .verb = IPC_KEEPER_SIGNED, .aux = w->keeper_size, .body = buffer_span(&w->keeper_answer) };

	w->keeper_silent = false;
	if (w->keeper_size)
		CHECK_OK(core_take(w->core, CORE_FROM_KEEPER, 0, &answer));
	w->keeper_size = 0;
}

void world_handout(struct world *w)
{
	struct ipc_frame request, answer;
	struct buffer body;
	struct core_out out;

	while (core_next(w->core, &out)) {
		if (out.to == CORE_FROM_GATE) {
			keep(w, &out.frame);
		} else if (out.to == CORE_FROM_CONTROL) {
			w->n_control++;
			w->control_verb = out.frame.verb;
			buffer_reset(&w->control);
			buffer_bytes(&w->control, out.frame.body);
		} else {
			buffer_init(&body, 0);
			buffer_bytes(&body, out.frame.body);
			request = out.frame;
			request.body = buffer_span(&body);
			CHECK_OK(keeper_answer(w->keeper, &request, &answer));
			CHECK_IS(answer.verb, IPC_KEEPER_SIGNED);
			buffer_fini(&body);
			buffer_reset(&w->keeper_answer);
			buffer_bytes(&w->keeper_answer, answer.body);
			w->keeper_size = answer.aux;
			if (!w->keeper_silent)
				world_keeper_speaks(w);
		}
	}
}

void world_round(struct world *w)
{
	for (int i = 0; i < 1000; i++) {
		CHECK_OK(core_commit(w->core));
		world_handout(w);
		CHECK(core_check(w->core));
		if (core_idle(w->core) || (w->keeper_silent && i > 2))
			return;
	}
	fail_msg("the core does not come to rest");
}

void world_forget(struct world *w)
{
	w->n_in = w->n_drops = w->n_allows = w->n_control = 0;
}

void world_take(struct world *w, int node, uint64_t session, enum wire_verb verb, uint64_t correlation, struct span body)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	struct ipc_frame frame = { .verb = IPC_GATE_MESSAGE, .session = session, .aux = w->unix_ms };

	buffer_bytes(&b, SPAN_OF(w->nodes[node].transport));
	wire_begin(&b, verb, correlation);
	buffer_bytes(&b, body);
	frame.body = buffer_span(&b);
	CHECK_OK(core_take(w->core, CORE_FROM_GATE, 0, &frame));
}

void world_credit(struct world *w, int node, uint64_t session, uint32_t window)
{
	uint8_t body[4];

	put_u32(body, window);
	world_take(w, node, session, WIRE_CREDIT, 0, SPAN_OF(body));
}

void world_control(struct world *w, uint16_t verb, uint64_t aux, struct span body)
{
	const struct ipc_frame frame = { .verb = verb, .aux = aux, .body = body };

	CHECK_OK(core_take(w->core, CORE_FROM_CONTROL, 7, &frame));
}

const struct in *world_in(const struct world *w, uint64_t session, enum wire_verb verb, size_t n)
{
	for (size_t i = 0; i < w->n_in; i++)
		if (w->in[i].verb == (int)verb && (!session || w->in[i].session == session) && !n--)
			return &w->in[i];
	return NULL;
}

size_t world_count(const struct world *w, uint64_t session, enum wire_verb verb)
{
	size_t n = 0;

	while (world_in(w, session, verb, n))
		n++;
	return n;
}

const struct in *world_answer(const struct world *w, uint64_t correlation, enum wire_verb verb)
{
	for (size_t i = 0; i < w->n_in; i++)
		if (w->in[i].verb == (int)verb && w->in[i].correlation == correlation)
			return &w->in[i];
	return NULL;
}

/* ---- messages ---- */

static void list_set(struct text_list *list, const char **store, size_t max, const char *words)
{
	static char kept[96][64];
	static size_t n_kept;

	*list = (struct text_list){ 0, store };
	while (*words) {
		size_t n = strcspn(words, " "), k;

		for (k = 0; k < n_kept && (strlen(kept[k]) != n || memcmp(kept[k], words, n) != 0); k++)
			;
		if (k == n_kept) {
			CHECK(n_kept < 96 && n < 64);
			memcpy(kept[n_kept++], words, n);
		}
		CHECK(list->n < max);
		store[list->n++] = kept[k];
		words += n + (words[n] == ' ');
	}
	text_list_sort(list);
}

/* An exchange is named after its request, so that an answer can be drafted from the request's id alone. */
static void exchange_of(const uint8_t *request, uint8_t out[ID_BYTES])
{
	for (size_t i = 0; i < ID_BYTES; i++)
		out[i] = (uint8_t)~request[i];
}

void draft_begin(struct world *w, struct draft *d, enum message_kind kind, int node, const uint8_t *casus)
{
	memset(d, 0, sizeof *d);
	d->node = &w->nodes[node];
	d->person = message_signed_by_node(kind) ? NULL : &d->node->person;
	env_uuid7(&w->env, d->id);
	exchange_of(d->id, d->exchange);
	env_random(&w->env, d->trace, ID_BYTES);
	d->m.kind = kind;
	d->m.header = (struct header){
		.message_id = SPAN_OF(d->id), .exchange_id = SPAN_OF(d->exchange), .trace_id = SPAN_OF(d->trace),
		.created_unix_ms = w->unix_ms, .not_after_unix_ms = w->unix_ms + 600000,
		.sender = d->node->hoedanigheden[0], .person = d->person ? d->person->id : "", .on_behalf_of = "",
		.regime = "OVERIG", .grondslag = "Bjsg 11a bis", .doel = "nazorg", .noodzaak = "", .overleg = "nazorg",
		.person_role = "", .related_to = "", .answer_kind = "", .recipients = { 0, d->recipients }, .categories = { 0, d->categories },
	};
	if (d->person)
		d->m.header.mandate = SPAN_OF(d->person->digest.bytes);
	if (casus) {
		memcpy(d->casus, casus, ID_BYTES);
		d->m.header.casus = SPAN_OF(d->casus);
	}
	d->m.parts = d->parts;
}

void draft_to(struct draft *d, const char *words)
{
	list_set(&d->m.header.recipients, d->recipients, 8, words);
}

void draft_categories(struct draft *d, const char *words)
{
	list_set(&d->m.header.categories, d->categories, 8, words);
}

static const uint8_t noise[528] = { 7, 7, 7 };

/* part_header_encode() is not a thing of its own: a real seal, to the sender itself, gives the bytes, which then stand beside noise. */
void draft_part(struct world *w, struct draft *d, const char *category)
{
	const size_t i = d->m.n_parts++;
	const struct part_header head = { .category = category, .secrecy_basis = "", .reference_date = "", .source = "register",
					  .wpg_article = "", .person_category = "", .media_type = "text/plain" };
	const struct reg_hoedanigheid *self = registry_hoedanigheid(w->registry, d->m.header.sender);
	struct box_key to = { .hoedanigheid = d->m.header.sender };
	struct part_context ctx = { .header_bytes = SPAN_LITERAL("h"), .sender = d->m.header.sender, .sender_key = d->person->sign_key };
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct part *p = &d->parts[i], sealed;

	for (size_t k = 0; k < d->m.header.recipients.n; k++) {
		const struct reg_hoedanigheid *h = registry_hoedanigheid(w->registry, d->m.header.recipients.v[k]);

		if (!h || !h->n_keys)
			fail_msg("%s has no reading key", d->m.header.recipients.v[k]);
		d->wraps[i][k] = (struct wrap){ .recipient = h->id, .key_id = span_of(h->keys[0].key_id, KEY_ID_BYTES),
						.enc = span_of(noise, 32), .sealed_key = span_of(noise, 48) };
	}
	CHECK(self && self->n_keys);
	memcpy(to.public_key, self->keys[0].public_key, 32);
	CHECK_OK(part_seal(&ctx, &head, SPAN_LITERAL("x"), &to, 1, arena, &sealed));
	buffer_init(&d->part_heads[i], 0);
	buffer_bytes(&d->part_heads[i], sealed.header_bytes);
	*p = (struct part){ .header_bytes = buffer_span(&d->part_heads[i]), .suite = PART_SUITE_1, .nonce = span_of(noise, 24),
			    .commitment = span_of(noise, 32), .ciphertext = span_of(noise, sizeof noise),
			    .n_wraps = d->m.header.recipients.n, .wraps = d->wraps[i] };
}

void draft_sign(struct draft *d, struct buffer *envelope)
{
	CLEANUP(buffer_fini) struct buffer header = { 0 }, payload = { 0 };

	CHECK_OK(header_encode(&d->m.header, &header));
	d->m.header_bytes = buffer_span(&header);
	CHECK_OK(message_encode(&d->m, &payload));
	CHECK_OK(envelope_sign(message_kind_type(d->m.kind), buffer_span(&payload), d->person ? d->person->secret : d->node->secret,
			       envelope));
	for (size_t i = 0; i < 4; i++)
		buffer_fini(&d->part_heads[i]);
}

void draft_submit(struct world *w, struct draft *d, uint64_t session, uint64_t correlation)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };

	draft_sign(d, &envelope);
	world_take(w, (int)(d->node - w->nodes), session, WIRE_SUBMIT, correlation, buffer_span(&envelope));
}

static void mandate_submit(struct world *w, int node, const struct person *p, uint64_t correlation)
{
	struct draft d;

	draft_begin(w, &d, MESSAGE_MANDAAT, node, NULL);
	d.m.header.sender = p->hoedanigheid;
	d.m.header.regime = d.m.header.grondslag = d.m.header.doel = d.m.header.overleg = "";
	d.m.body.mandaat.note = buffer_span(&p->mandate);
	draft_submit(w, &d, 900 + (uint64_t)node, correlation);
}

static void accepted(struct world *w, uint64_t correlation)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const struct in *in = world_answer(w, correlation, WIRE_RECEIPT);
	struct receipt receipt;

	if (!in)
		fail_msg("no receipt for %llu", (unsigned long long)correlation);
	world_receipt(w, in, arena, &receipt);
	if (receipt.entry.code != CODE_TOEGESTAAN)
		fail_msg("%llu refused: %s %s %s", (unsigned long long)correlation, code_name(receipt.entry.code),
			 receipt.statement.findings[0].rule, receipt.statement.findings[0].subject);
}

void world_mandates(struct world *w)
{
	for (size_t i = 0; i < w->setup.n; i++)
		mandate_submit(w, (int)i, &w->nodes[i].person, 9000 + i);
	mandate_submit(w, ZVHD, &w->officer, 9100);
	world_round(w);
	for (size_t i = 0; i < w->setup.n; i++)
		accepted(w, 9000 + i);
	accepted(w, 9100);
	world_forget(w);
}

void world_person(struct world *w, struct person *p, int node, const char *id, const char *hoedanigheid)
{
	person_make(w, p, node, id, hoedanigheid, "uitvoering");
	mandate_submit(w, node, p, 9101);
	world_round(w);
	accepted(w, 9101);
}

void world_casus(struct world *w, uint8_t casus[ID_BYTES])
{
	struct draft d;

	env_random(&w->env, casus, ID_BYTES);
	draft_begin(w, &d, MESSAGE_AANMELDING, ZVHD, casus);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(w, &d, 901, 9201);
	draft_begin(w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	list_set(&d.m.body.betrekken.involve, d.involve, 8,
		 "dji-pi-noord gemeente-assen-sociaal-domein ggz-drenthe politie-noord-nederland reclassering-3ro");
	draft_submit(w, &d, 901, 9202);
	draft_begin(w, &d, MESSAGE_TOESTEMMING, ZVHD, casus);
	d.m.body.toestemming = (struct body_toestemming){ .given_unix_ms = w->unix_ms - 1000, .given_by = "betrokkene" };
	draft_submit(w, &d, 901, 9203);
	world_round(w);
	for (uint64_t i = 9201; i <= 9203; i++)
		accepted(w, i);
	world_forget(w);
}

void draft_ask(struct world *w, struct draft *d, const uint8_t *casus, const char *to)
{
	draft_begin(w, d, MESSAGE_VERZOEK, ZVHD, casus);
	d->m.header.noodzaak = "de basisvoorwaarden bij terugkeer uit detentie";
	d->m.header.person_role = "betrokkene";
	d->m.header.deadline_unix_ms = w->unix_ms + 3 * DAY_MS;
	draft_to(d, to);
	draft_categories(d, "justitieel.detentieverloop woonsituatie.onderdak");
	draft_part(w, d, "vraag");
}

void world_ask(struct world *w, const uint8_t *casus, uint8_t id[ID_BYTES], uint64_t session, uint64_t correlation)
{
	struct draft d;

	draft_ask(w, &d, casus, "dji-pi-noord gemeente-assen-sociaal-domein");
	memcpy(id, d.id, ID_BYTES);
	draft_submit(w, &d, session, correlation);
}

void draft_answer(struct world *w, struct draft *d, int node, const uint8_t *casus, const uint8_t *request)
{
	draft_begin(w, d, MESSAGE_ANTWOORD, node, casus);
	memcpy(d->reply_to, request, ID_BYTES);
	exchange_of(request, d->exchange);
	d->m.header.in_reply_to = SPAN_OF(d->reply_to);
	d->m.header.answer_kind = "DEELS";
	draft_to(d, "zvhd-nazorg");
	draft_categories(d, "woonsituatie.onderdak");
	draft_part(w, d, "woonsituatie.onderdak");
}

void draft_about(struct world *w, struct draft *d, enum message_kind kind, int node, const uint8_t *casus, const uint8_t *about,
		 const char *to)
{
	draft_begin(w, d, kind, node, casus);
	memcpy(d->reply_to, about, ID_BYTES);
	d->m.header.in_reply_to = SPAN_OF(d->reply_to);
	draft_to(d, to);
}

void draft_wgs(struct draft *d, const char *grondslag)
{
	d->m.header.regime = "WGS";
	d->m.header.grondslag = grondslag;
	d->m.header.doel = "complexe-casus";
	d->m.header.overleg = "maatwerkoverleg";
}

void draft_motivate(struct world *w, struct draft *d)
{
	static const char *const parts[] = { "motivering.a", "motivering.b", "motivering.c", "motivering.d" };
	struct criterion *criteria = d->m.kind == MESSAGE_AANMELDING ? d->m.body.aanmelding.criteria : d->m.body.beoordeling.criteria;

	for (size_t i = 0; i < 4; i++) {
		criteria[i] = (struct criterion){ (char)('a' + i), true, true };
		draft_part(w, d, parts[i]);
	}
	if (d->m.kind == MESSAGE_AANMELDING)
		d->m.body.aanmelding.n_criteria = 4;
	else
		d->m.body.beoordeling.n_criteria = 4;
}

void world_wgs(struct world *w, uint8_t casus[ID_BYTES], const char *phase)
{
	struct draft d;

	env_random(&w->env, casus, ID_BYTES);
	draft_begin(w, &d, MESSAGE_AANMELDING, ZVHD, casus);
	draft_wgs(&d, "WGS 2.31(1)");
	draft_to(&d, "politie-noord-nederland");
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "maatwerk", .ave = "", .leeftijdsklasse = "" };
	draft_motivate(w, &d);
	draft_submit(w, &d, 901, 9301);
	draft_begin(w, &d, MESSAGE_BEOORDELING, ZVHD, casus);
	draft_wgs(&d, "WGS 2.31(2)");
	draft_to(&d, "politie-noord-nederland");
	d.m.body.beoordeling.outcome = "in-behandeling";
	draft_motivate(w, &d);
	draft_submit(w, &d, 901, 9302);
	draft_begin(w, &d, MESSAGE_BETREKKEN, ZVHD, casus);
	draft_wgs(&d, "WGS 2.31(4)");
	list_set(&d.m.body.betrekken.involve, d.involve, 8, "ggz-drenthe reclassering-3ro");
	draft_submit(w, &d, 901, 9303);
	for (int i = 0; i < 2 && strcmp(phase, "IN_BEHANDELING") != 0; i++) {
		draft_begin(w, &d, MESSAGE_FASE, ZVHD, casus);
		draft_wgs(&d, i ? "WGS 2.31(5)" : "WGS 2.31(3)");
		d.m.body.fase = (struct body_fase){ i ? "CASUSOVERLEG" : "VERZAMELEN", "" };
		draft_submit(w, &d, 901, 9304 + (uint64_t)i);
		if (strcmp(phase, d.m.body.fase.phase) == 0)
			break;
	}
	world_round(w);
	for (uint64_t i = 9301; world_answer(w, i, WIRE_RECEIPT); i++)
		accepted(w, i);
	CHECK(world_answer(w, 9303, WIRE_RECEIPT) != NULL);
	world_forget(w);
}

void draft_ack(struct world *w, struct draft *d, int node, const uint8_t *ids, size_t n)
{
	draft_begin(w, d, MESSAGE_ONTVANGST, node, NULL);
	d->m.header.regime = d->m.header.grondslag = d->m.header.doel = d->m.header.overleg = "";
	for (size_t i = 0; i < n; i++) {
		memcpy(d->acks[i], ids + i * ID_BYTES, ID_BYTES);
		d->m.body.ontvangst.ids[i] = SPAN_OF(d->acks[i]);
	}
	d->m.body.ontvangst.n = n;
}

void world_receipt(const struct world *w, const struct in *in, struct arena *arena, struct receipt *out)
{
	int r = receipt_open(buffer_span(&in->body), &w->log_key, arena, out);

	if (r)
		fail_msg("the receipt does not verify: %s", receipt_error_text(r));
}

int world_receipt_code(const struct world *w, uint64_t correlation)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const struct in *in = world_answer(w, correlation, WIRE_RECEIPT);
	struct receipt receipt;

	if (!in)
		fail_msg("no receipt for %llu", (unsigned long long)correlation);
	world_receipt(w, in, arena, &receipt);
	return (int)receipt.entry.code;
}

void delivery_open(const struct in *in, struct arena *arena, struct delivery *out, uint8_t id[ID_BYTES])
{
	struct envelope e;
	struct message m;
	const char *why;

	CHECK_OK(delivery_decode(buffer_span(&in->body), arena, out));
	CHECK_OK(envelope_decode(out->envelope, arena, &e));
	CHECK_OK(message_decode((enum message_kind)message_kind_of_type(e.type), e.payload, arena, &m, &why));
	memcpy(id, m.header.message_id.ptr, ID_BYTES);
}

uint64_t world_size(const struct world *w)
{
	return store_size(w->store);
}

size_t world_entries(struct world *w, enum entry_kind kind, enum code code)
{
	size_t n = 0;

	for (uint64_t i = 0; i < store_size(w->store); i++) {
		struct span bytes;
		struct entry e;

		CHECK_OK(store_entry(w->store, i, &bytes));
		CHECK_OK(entry_parse(bytes, &e));
		n += e.kind == kind && e.code == code;
	}
	return n;
}

static bool file_has(const char *path, const char *text)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };

	CHECK_OK(file_read(path, 512u << 20, &bytes));
	return bytes.len && memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

static bool folder_has(const char *folder, const char *text)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	bool found = false;

	CHECK(d != NULL);
	while (!found && (e = readdir(d))) {
		char path[1024];
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		CHECK(stat(path, &st) == 0);
		found = S_ISDIR(st.st_mode) ? folder_has(path, text) : file_has(path, text);
	}
	closedir(d);
	return found;
}

bool world_disk_has(const struct world *w, const char *text)
{
	return folder_has(test_path(w->folder, "data"), text);
}

void world_pass(struct world *w, uint64_t ms)
{
	w->unix_ms += ms;
	w->mono_ms += ms;
}

struct secret *world_reading_key(const char *hoedanigheid)
{
	uint8_t secret[32];

	seed_of(hoedanigheid, "reading", secret);
	return secret_from(SPAN_OF(secret));
}

const struct in *world_fetch(struct world *w, int node, uint64_t session, const char *what, struct span id, uint64_t from,
			     const char *sender)
{
	const struct fetch f = { .what = what, .sender = sender, .id = id, .from = from };
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	uint64_t correlation = 700000 + w->next_id++;
	const struct in *in;

	CHECK_OK(fetch_encode(&f, &body));
	world_take(w, node, session, WIRE_FETCH, correlation, buffer_span(&body));
	world_round(w);
	in = world_answer(w, correlation, WIRE_REPLY);
	return in ? in : world_answer(w, correlation, WIRE_TROUBLE);
}

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
