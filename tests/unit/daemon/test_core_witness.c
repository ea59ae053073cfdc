/* SPDX-License-Identifier: EUPL-1.2 */
/* Witnesses: what is published, what is kept of their word, what is refused, and what their contradiction ends. */
#include "tests/unit/daemon/core_draft.h"

#include <sodium.h>
#include <string.h>

#include "proto/policy.h"
#include "proto/witness.h"

#define INTERVAL_MS 1000

static struct world w;
static uint8_t casus[ID_BYTES];

struct vouching {
	struct note_key key, node_key;
	struct secret *secret;
	struct buffer card;
};
static struct vouching vouching[WORLD_NODES];

static void vouching_make(int node)
{
	struct vouching *v = &vouching[node];
	uint8_t seed[32], public_key[32], secret[64];
	char name[NOTE_NAME_MAX + 1];

	memset(seed, 60 + node, sizeof seed);
	crypto_sign_seed_keypair(public_key, secret, seed);
	v->secret = secret_from(SPAN_OF(secret));
	CHECK(witness_name(w.nodes[node].id, w.log_key.name, name));
	CHECK_OK(note_key_init(&v->key, name, NOTE_KEY_COSIGNATURE, public_key));
	CHECK_OK(note_key_init(&v->node_key, w.nodes[node].id, NOTE_KEY_ED25519,
			       (const uint8_t *)secret_bytes(w.nodes[node].secret) + 32));
	buffer_init(&v->card, 0);
	CHECK_OK(witness_card_print(w.log_key.name, &v->key, &v->node_key, w.nodes[node].secret, &v->card));
}

static int setup(void **state)
{
	(void)state;
	world_open(&w, 31);
	w.interval_ms = INTERVAL_MS;
	world_must_start(&w);
	world_mandates(&w);
	for (int i = 0; i < WORLD_NODES; i++)
		vouching_make(i);
	world_forget(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < WORLD_NODES; i++) {
		secret_free(vouching[i].secret);
		buffer_fini(&vouching[i].card);
	}
	world_close(&w);
	return 0;
}

/* An entry and its head. */
static void grow(void)
{
	world_take(&w, ASSEN, 9, WIRE_SUBMIT, 1, SPAN_LITERAL("what can't be read"));
	world_round(&w);
}

/* The newest published head, or the one behind a size. */
static uint64_t head_from(uint64_t from, struct buffer *note)
{
	const struct in *in = world_fetch(&w, ZVHD, 1, "checkpoint", SPAN_NONE, from, "");
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	struct consistency c;
	struct checkpoint head;

	assert_int_equal(in->verb, WIRE_REPLY);
	CHECK_OK(consistency_decode(buffer_span(&in->body), arena, &c));
	CHECK_OK(checkpoint_open(c.checkpoint, &w.log_key, &head));
	buffer_reset(note);
	buffer_bytes(note, c.checkpoint);
	return head.size;
}

/* The log's line alone, and the node's own when at_s is not 0. */
static void vouch(int node, struct span note, uint64_t at_s, struct buffer *out)
{
	struct span text, lines;

	buffer_reset(out);
	CHECK_OK(witness_strip(note, &w.log_key, out));
	CHECK_OK(note_split(note, &text, &lines));
	if (at_s)
		CHECK_OK(note_cosign(out, text, &vouching[node].key, vouching[node].secret, at_s));
}

/* What the house says to it: the word of a REPLY, or the code of a TROUBLE. */
static const char *said(int node, struct span card, struct span note)
{
	static char word[64];
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	uint64_t correlation = 900000 + w.next_id++;
	const struct in *in;
	struct trouble t;

	cosign_print(card, note, &body);
	world_take(&w, node, 20 + (uint64_t)node, WIRE_COSIGN, correlation, buffer_span(&body));
	world_round(&w);
	in = world_answer(&w, correlation, WIRE_REPLY);
	if (in) {
		snprintf(word, sizeof word, "%.*s", (int)in->body.len, (const char *)in->body.ptr);
		return word;
	}
	in = world_answer(&w, correlation, WIRE_TROUBLE);
	assert_non_null(in);
	CHECK_OK(trouble_decode(buffer_span(&in->body), arena, &t));
	snprintf(word, sizeof word, "%s", t.code);
	return word;
}

static const char *cosign(int node, struct span note, uint64_t at_s)
{
	CLEANUP(buffer_fini) struct buffer mine = { 0 };

	vouch(node, note, at_s, &mine);
	return said(node, buffer_span(&vouching[node].card), buffer_span(&mine));
}

static uint64_t now_s(void)
{
	return w.unix_ms / 1000;
}

/* How many of the nodes' cosignatures stand on a checkpoint; all must hold. */
static size_t cosignatures(struct span note)
{
	struct note_key keys[WORLD_NODES + 1] = { w.log_key };
	struct note opened;

	for (int i = 0; i < WORLD_NODES; i++)
		keys[1 + i] = vouching[i].key;
	CHECK_OK(note_open(note, keys, N_ELEMENTS(keys), &opened));
	assert_int_equal(opened.n_verified, opened.n_lines);
	return opened.n_verified - 1;
}

static bool status_has(const char *text)
{
	world_control(&w, IPC_CTL_STATUS, 0, SPAN_NONE);
	world_round(&w);
	return memmem(w.control.ptr, w.control.len, text, strlen(text)) != NULL;
}

static uint64_t signed_size(void)
{
	struct checkpoint head;

	world_control(&w, IPC_CTL_CHECKPOINT, 0, SPAN_NONE);
	world_round(&w);
	CHECK_OK(checkpoint_open(buffer_span(&w.control), &w.log_key, &head));
	return head.size;
}

/* ---- */

static void test_published(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint64_t first, size;

	(void)state;
	world_credit(&w, DJI, 2, 1);
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	first = world_size(&w);
	assert_int_equal(world_count(&w, 2, WIRE_NOTICE), 1);
	assert_int_equal(head_from(0, &note), first);
	CHECK_SPAN(buffer_span(&world_in(&w, 2, WIRE_NOTICE, 0)->body), buffer_span(&note));
	/* What comes within the interval waits; who has seen it may have it proven. */
	grow();
	grow();
	size = world_size(&w);
	assert_int_equal(world_count(&w, 2, WIRE_NOTICE), 1);
	assert_int_equal(head_from(first, &note), first);
	assert_int_equal(head_from(first + 1, &note), size);
	CHECK_IS(world_fetch(&w, ZVHD, 1, "checkpoint", SPAN_NONE, size + 1, "")->verb, WIRE_TROUBLE);
	assert_true(core_due_ms(w.core) <= w.mono_ms + INTERVAL_MS);
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_NOTICE), 2);
	assert_int_equal(head_from(0, &note), size);
	/* A log that does not grow is not published again. */
	world_pass(&w, 100 * INTERVAL_MS);
	world_round(&w);
	assert_int_equal(world_count(&w, 2, WIRE_NOTICE), 2);
}

static void test_between_two_sizes(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);

	(void)state;
	for (int i = 0; i < 5; i++)
		grow();
	for (uint64_t to = 1; to <= world_size(&w) + 1; to++) {
		const struct fetch f = { .what = "checkpoint", .sender = "", .from = 3, .to = to };
		CLEANUP(buffer_fini) struct buffer body = { 0 };
		uint64_t correlation = 5000 + to;
		struct tree_proof wanted;
		struct consistency c;

		CHECK_OK(fetch_encode(&f, &body));
		world_take(&w, ZVHD, 1, WIRE_FETCH, correlation, buffer_span(&body));
		world_round(&w);
		if (to < 3 || to > world_size(&w)) {
			assert_non_null(world_answer(&w, correlation, WIRE_TROUBLE));
			continue;
		}
		CHECK_OK(consistency_decode(buffer_span(&world_answer(&w, correlation, WIRE_REPLY)->body), arena, &c));
		CHECK_OK(store_prove_consistency(w.store, 3, to, &wanted));
		assert_int_equal(c.proof.n, wanted.n);
		assert_memory_equal(c.proof.path, wanted.path, wanted.n * sizeof wanted.path[0]);
	}
}

static void test_gathers(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint64_t size;

	(void)state;
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	size = head_from(0, &note);
	assert_string_equal(cosign(DJI, buffer_span(&note), now_s()), "bewaard");
	assert_string_equal(cosign(POLITIE, buffer_span(&note), now_s()), "bewaard");
	assert_string_equal(cosign(GGZ, buffer_span(&note), 0), "gezien");
	head_from(0, &note);
	assert_int_equal(cosignatures(buffer_span(&note)), 2);
	assert_string_equal(cosign(DJI, buffer_span(&note), now_s() + 60), "bewaard"); /* a later one takes the place of the first */
	head_from(0, &note);
	assert_int_equal(cosignatures(buffer_span(&note)), 2);
	/* A newer head has none yet: the one with the most is asked for by name. */
	grow();
	assert_int_equal(signed_size(), size + 1);
	assert_int_equal(cosignatures(buffer_span(&w.control)), 0);
	world_control(&w, IPC_CTL_CHECKPOINT, 1, SPAN_NONE);
	world_round(&w);
	assert_int_equal(cosignatures(buffer_span(&w.control)), 2);
	/* And it outlives a restart, with the cards. */
	world_stop(&w);
	world_must_start(&w);
	world_control(&w, IPC_CTL_CHECKPOINT, 1, SPAN_NONE);
	world_round(&w);
	assert_int_equal(cosignatures(buffer_span(&w.control)), 2);
	for (int i = 0; i < WORLD_NODES; i++) {
		char vkey[NOTE_VKEY_SIZE];

		note_key_print(&vouching[i].key, vkey);
		assert_int_equal(status_has(vkey), i == DJI || i == POLITIE || i == GGZ);
	}
}

/* The receipt that leaves at once has the newest head; the one that is asked for later, the best that covers it. */
static void test_receipts(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint8_t id[ID_BYTES];
	struct receipt r;
	struct ladder l;
	uint64_t size;

	(void)state;
	world_casus(&w, casus);
	world_ask(&w, casus, id, 1, 77);
	world_round(&w);
	world_receipt(&w, world_answer(&w, 77, WIRE_RECEIPT), arena, &r);
	assert_int_equal(cosignatures(r.checkpoint_note), 0);
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	size = head_from(0, &note);
	assert_string_equal(cosign(DJI, buffer_span(&note), now_s()), "bewaard");
	assert_string_equal(cosign(GGZ, buffer_span(&note), now_s()), "bewaard");
	for (int i = 0; i < 3; i++) { /* newer heads with fewer do not push it aside */
		grow();
		world_pass(&w, INTERVAL_MS);
		world_round(&w);
	}
	assert_int_equal(head_from(0, &note), size + 3);
	assert_string_equal(cosign(DJI, buffer_span(&note), now_s()), "bewaard");
	CHECK_OK(ladder_decode(buffer_span(&world_fetch(&w, ZVHD, 1, "ladder", SPAN_OF(id), 0, "")->body), arena, &l));
	CHECK_OK(receipt_open(l.v[0].receipt, &w.log_key, arena, &r));
	assert_int_equal(r.checkpoint.size, size);
	assert_int_equal(cosignatures(r.checkpoint_note), 2);
}

/* Many heads, few places: the best one stays, cosignatures of the forgotten are only seen. */
static void test_bounded(void **state)
{
	CLEANUP(buffer_fini) struct buffer best = { 0 }, second = { 0 }, note = { 0 };

	(void)state;
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	head_from(0, &best);
	assert_string_equal(cosign(DJI, buffer_span(&best), now_s()), "bewaard");
	for (int i = 0; i < 40; i++) {
		grow();
		world_pass(&w, INTERVAL_MS);
		world_round(&w);
		if (i == 0)
			head_from(0, &second);
	}
	assert_string_equal(cosign(DJI, buffer_span(&second), now_s()), "gezien");
	assert_string_equal(cosign(GGZ, buffer_span(&best), now_s()), "bewaard");
	head_from(0, &note);
	assert_int_equal(cosignatures(buffer_span(&note)), 0);
}

static void test_refused(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 }, mine = { 0 }, own = { 0 };
	const uint64_t late = now_s() + 100000;
	struct span text, lines;

	(void)state;
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	head_from(0, &note);
	vouch(GGZ, buffer_span(&note), now_s(), &mine);
	assert_string_equal(said(DJI, buffer_span(&vouching[GGZ].card), buffer_span(&mine)), "ONGELDIG"); /* another's card */
	assert_string_equal(said(DJI, buffer_span(&vouching[DJI].card), buffer_span(&mine)), "ONGELDIG"); /* another's line */
	assert_string_equal(cosign(DJI, buffer_span(&note), late), "ONGELDIG");
	assert_string_equal(said(DJI, SPAN_LITERAL("card"), buffer_span(&note)), "ONGELDIG");
	assert_string_equal(said(DJI, buffer_span(&vouching[DJI].card), SPAN_LITERAL("note")), "ONGELDIG");
	assert_string_equal(said(DJI, buffer_span(&vouching[DJI].card), SPAN_NONE), "ONGELDIG");
	/* No line of the log's: anyone can write down a size and a root. */
	CHECK_OK(note_split(buffer_span(&note), &text, &lines));
	CHECK_OK(note_begin(&own, text));
	CHECK_OK(note_cosign(&own, text, &vouching[DJI].key, vouching[DJI].secret, now_s()));
	assert_string_equal(said(DJI, buffer_span(&vouching[DJI].card), buffer_span(&own)), "ONGELDIG");
	vouch(DJI, buffer_span(&note), now_s(), &mine);
	mine.ptr[mine.len - 6] ^= 1;
	assert_string_equal(said(DJI, buffer_span(&vouching[DJI].card), buffer_span(&mine)), "ONGELDIG");
	assert_true(status_has("\"witnesses\":[]"));
	assert_true(status_has("\"fork\":null"));
	head_from(0, &note);
	assert_int_equal(cosignatures(buffer_span(&note)), 0);
	/* More often than there is any need for. */
	for (int i = 0; i < 40 && strcmp(cosign(DJI, buffer_span(&note), now_s()), "TE_SNEL") != 0; i++)
		assert_in_range(i, 0, 38);
	world_pass(&w, 1000);
	assert_string_equal(cosign(DJI, buffer_span(&note), now_s()), "bewaard");
}

/* ---- contradictions ---- */

/* A head that this log's key signed and this log does not have. */
static void foreign_head(uint64_t size, struct buffer *note)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	uint8_t public_key[32], secret[64], seed[32];
	char label[NOTE_NAME_MAX + 8];
	struct checkpoint c = { .size = size, .root = { { 0xee } } };
	struct secret *s;

	snprintf(c.origin, sizeof c.origin, "%s", w.log_key.name);
	snprintf(label, sizeof label, "note/%s", w.log_key.name); /* as the world makes its keys */
	crypto_hash_sha256(seed, (const uint8_t *)label, strlen(label));
	crypto_sign_seed_keypair(public_key, secret, seed);
	s = secret_from(SPAN_OF(secret));
	CHECK_OK(checkpoint_print(&c, &text));
	CHECK_OK(note_begin(note, buffer_span(&text)));
	CHECK_OK(note_sign(note, buffer_span(&text), &w.log_key, s));
	secret_free(s);
}

static void nothing_moves(void)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 }, next = { 0 };
	uint64_t size = world_size(&w), before = signed_size();
	struct newcomer newcomer;
	uint8_t other[ID_BYTES];
	struct draft d;

	world_forget(&w);
	env_random(&w.env, other, ID_BYTES);
	draft_begin(&w, &d, MESSAGE_AANMELDING, ZVHD, other);
	d.m.body.aanmelding = (struct body_aanmelding){ .klasse = "nazorg", .ave = "", .leeftijdsklasse = "" };
	draft_submit(&w, &d, 1, 400);
	world_credit(&w, DJI, 2, 10);
	newcomer_make(&newcomer);
	world_register_next(&w, &newcomer.admission, &next);
	newcomer_free(&newcomer);
	world_control(&w, IPC_CTL_PUBLISH, 0, buffer_span(&next));
	world_round(&w);
	CHECK_IS(w.control_verb, IPC_CTL_TROUBLE);
	CHECK(memmem(w.control.ptr, w.control.len, "AUDIT_NIET_BESCHIKBAAR", 22) != NULL);
	assert_null(world_answer(&w, 400, WIRE_RECEIPT));
	assert_non_null(world_answer(&w, 400, WIRE_TROUBLE));
	assert_int_equal(world_count(&w, 2, WIRE_DELIVERY), 0);
	world_pass(&w, 30 * DAY_MS); /* terms end, months turn: nothing of it is written down */
	world_round(&w);
	assert_int_equal(world_size(&w), size);
	assert_int_equal(signed_size(), before);
	assert_true(status_has("\"fork\":{\"node\":"));
	assert_true(head_from(0, &note) > 0); /* reading goes on */
}

static void contradicted(uint64_t size)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint8_t id[ID_BYTES];

	world_casus(&w, casus);
	world_ask(&w, casus, id, 1, 50); /* waits for the dji, who has no credit yet */
	world_round(&w);
	foreign_head(size, &note);
	assert_string_equal(cosign(GGZ, buffer_span(&note), now_s()), "VORK");
	nothing_moves();
	assert_string_equal(cosign(DJI, buffer_span(&note), 0), "VORK");
	world_crash(&w);
	world_must_start(&w);
	nothing_moves();
	world_stop(&w);
	world_must_start(&w);
	nothing_moves();
}

static void test_other_root(void **state)
{
	(void)state;
	contradicted(world_size(&w));
}

static void test_other_history(void **state)
{
	(void)state;
	contradicted(5);
}

static void test_larger(void **state)
{
	(void)state;
	contradicted(world_size(&w) + 1000);
}

/* The disk is full in that moment: it stops all the same, and writes that down when it can. */
static void test_full_disk(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };

	(void)state;
	foreign_head(5, &note);
	w.disk_full = true;
	assert_string_equal(cosign(GGZ, buffer_span(&note), now_s()), "VORK");
	assert_true(status_has("\"fork\":{\"node\":"));
	w.disk_full = false;
	world_pass(&w, 5000);
	world_round(&w);
	world_crash(&w);
	world_must_start(&w);
	assert_true(status_has("\"fork\":{\"node\":"));
}

/* ---- the start ---- */

static void one_witness_known(struct buffer *note)
{
	world_pass(&w, INTERVAL_MS);
	world_round(&w);
	head_from(0, note);
	assert_string_equal(cosign(GGZ, buffer_span(note), now_s()), "bewaard");
	assert_string_equal(cosign(DJI, buffer_span(note), now_s()), "bewaard");
	assert_string_equal(cosign(ASSEN, buffer_span(note), now_s()), "bewaard");
	w.wait_ms = 60000;
	world_crash(&w);
	CHECK_OK(world_start(&w)); /* the restart is an entry: there is a head to sign */
}

static void test_start_waits(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint64_t before;

	(void)state;
	one_witness_known(&note);
	before = signed_size();
	assert_int_equal(before, world_size(&w) - 1);
	assert_true(core_due_ms(w.core) <= w.mono_ms + w.wait_ms);
	assert_string_equal(cosign(GGZ, buffer_span(&note), now_s()), "bewaard");
	assert_int_equal(signed_size(), before); /* one of three */
	assert_string_equal(cosign(DJI, buffer_span(&note), 0), "gezien");
	assert_int_equal(signed_size(), before + 1); /* half */
}

static void test_start_waits_no_longer(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	uint64_t before;

	(void)state;
	one_witness_known(&note);
	before = signed_size();
	world_pass(&w, w.wait_ms - 1);
	world_round(&w);
	assert_int_equal(signed_size(), before);
	world_pass(&w, 1);
	world_round(&w);
	assert_int_equal(signed_size(), before + 1);
}

static void test_start_contradicted(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 }, foreign = { 0 };
	uint64_t before;

	(void)state;
	one_witness_known(&note);
	before = signed_size();
	foreign_head(before + 1, &foreign); /* of the size that it is about to sign */
	assert_string_equal(cosign(GGZ, buffer_span(&foreign), now_s()), "VORK");
	world_pass(&w, w.wait_ms);
	world_round(&w);
	assert_int_equal(signed_size(), before);
}

/* Nobody to wait for. */
static void test_start_alone(void **state)
{
	(void)state;
	w.wait_ms = 60000;
	world_crash(&w);
	CHECK_OK(world_start(&w));
	assert_int_equal(signed_size(), world_size(&w));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(test_published),     EACH(test_between_two_sizes), EACH(test_gathers),    EACH(test_receipts),
		EACH(test_bounded),       EACH(test_refused),           EACH(test_other_root), EACH(test_other_history),
		EACH(test_larger),        EACH(test_full_disk),         EACH(test_start_waits), EACH(test_start_waits_no_longer),
		EACH(test_start_contradicted), EACH(test_start_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
