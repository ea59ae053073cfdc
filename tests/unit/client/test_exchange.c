/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages on their way to a house that is good, busy, forgetful or false. Whatever it says, a message leaves
 * the outbox only for a receipt that is proven and about it, and a log that contradicts itself is kept as
 * evidence.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "client/lib/exchange.h"
#include "client/lib/witness.h"
#include "tests/unit/client/little_house.h"

#define TIMEOUT_MS 5000
#define SHORT_MS 300

static struct paper_house paper;
static struct little_house *house;
static const char *politie_home, *nazorg_home;
static kp_node *nazorg, *politie;
static const char *const to_politie[] = { "politie-noord-nederland", NULL };
static const struct kp_part vraag = { .category = "vraag", .content = "{}" };
static const struct kp_message_out question = {
	.kind = "verzoek", .to = to_politie, .parts = &vraag, .n_parts = 1
};

static int setup(void **state)
{
	(void)state;
	paper_house_new(&paper, little_endpoint());
	politie_home = paper_join(&paper, "politie",
				  (const char *const[]) { "politie-noord-nederland", NULL });
	nazorg_home = paper_join(&paper, "zvhd", (const char *const[]) { "zvhd-nazorg", NULL });
	house = little_house_new(&paper);
	nazorg = paper_open(nazorg_home);
	politie = paper_open(politie_home);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kp_close(nazorg);
	kp_close(politie);
	little_house_free(house);
	paper_house_free(&paper);
	return 0;
}

static size_t waiting(kp_node *node)
{
	size_t outbox, fresh;
	bool sound;

	CHECK_OK(state_check(node->state, &sound));
	assert_true(sound);
	CHECK_OK(state_counts(node->state, &outbox, &fresh));
	return outbox;
}

static size_t files(const char *home, const char *folder, const char *ending)
{
	DIR *dir = opendir(test_path(home, folder));
	const struct dirent *e;
	size_t n = 0;

	while (dir && (e = readdir(dir)))
		n += strlen(e->d_name) > strlen(ending) &&
		     !strcmp(e->d_name + strlen(e->d_name) - strlen(ending), ending);
	if (dir)
		closedir(dir);
	return n;
}

static void test_accepted(void **state)
{
	struct kp_receipt_view *v = NULL;
	char vkey[NOTE_VKEY_SIZE];
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err),
			 KP_OK); /* the rules come first, by themselves */
	assert_int_equal(sent.result, KP_OK);
	assert_int_equal(waiting(nazorg), 0);
	note_key_print(&paper.log_key, vkey);
	assert_int_equal(kp_receipt_check(sent.receipt, strlen(sent.receipt), vkey, &v, &err), KP_OK);
	assert_string_equal(v->message_id, sent.message_id);
	assert_string_equal(v->rung, "AANVAARD");
	assert_int_equal(v->index, sent.index);
	kp_receipt_view_free(v);
	assert_true(files(nazorg_home, "receipts", ".AANVAARD.tlog-proof") >= 1);
	assert_int_equal(little_house_submits(house), 2); /* the mandate, and the question */
	kp_sent_fini(&sent);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_OK);
	assert_int_equal(little_house_submits(house), 3); /* the mandate goes once */
	kp_sent_fini(&sent);
}

static void test_refused(void **state)
{
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	little_house_mode(house, LITTLE_REFUSES);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_REFUSED);
	assert_string_equal(err.side, "house");
	assert_string_equal(err.stage, "decide");
	assert_string_equal(err.code, "GEEN_GRONDSLAG");
	assert_non_null(strstr(err.text, "grondslag.genoemd"));
	assert_true(*err.remedy);
	assert_non_null(sent.receipt);
	assert_int_equal(waiting(nazorg), 0);
	kp_sent_fini(&sent);
}

/* What the false house says is kept; the message is not given up. */
static void falsely(enum little_mode mode, const char *why)
{
	struct kp_sent sent;
	struct kp_error err;

	little_house_mode(house, mode);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_UNVERIFIED);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say %s", err.text, why);
	assert_null(sent.receipt);
	assert_true(waiting(nazorg) > 0);
	assert_true(files(nazorg_home, "evidence", ".receipt") > 0);
	kp_sent_fini(&sent);
}

static void test_other_digest(void **state)
{
	(void)state;
	falsely(LITTLE_OTHER_DIGEST, "other bytes");
}

static void test_other_message(void **state)
{
	(void)state;
	falsely(LITTLE_OTHER_MESSAGE, "another message");
}

static void test_other_key(void **state)
{
	(void)state;
	falsely(LITTLE_OTHER_KEY, "does not hold");
}

/* Taken, but the answer got lost: the same bytes go again, the house says HERHALING, the ladder gives the
 * first receipt. */
static void test_forgotten(void **state)
{
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	little_house_mode(house, LITTLE_FORGETS_ONCE);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_OK);
	assert_int_equal(little_house_submits(house), 3); /* the mandate, the question twice */
	assert_int_equal(sent.index, 1);		  /* where it was written down the first time */
	assert_int_equal(waiting(nazorg), 0);
	kp_sent_fini(&sent);
}

static void test_busy(void **state)
{
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	little_house_mode(house, LITTLE_BUSY_ONCE);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_OK);
	kp_sent_fini(&sent);
	little_house_mode(house, LITTLE_BUSY_ONCE);
	assert_int_equal(kp_send(nazorg, &question, SHORT_MS, &sent, &err), KP_UNREACHABLE);
	assert_string_equal(sent.error.code, "AUDIT_NIET_BESCHIKBAAR");
	assert_int_equal(waiting(nazorg), 1);
	kp_sent_fini(&sent);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK); /* leaves with the next call */
	assert_int_equal(waiting(nazorg), 0);
}

/* The process dies after the outbox and before the network: the next one sends the same bytes. */
static void test_left_behind(void **state)
{
	struct composed c = { 0 };
	struct kp_sent sent;
	struct kp_error err;
	char id[KP_ID_SIZE];

	(void)state;
	assert_int_equal(rules_need(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(compose(nazorg, &question, to_politie, NULL, COMPOSE_SEND, &c, &err), KP_OK);
	session_close(nazorg); /* no time to dial again: it stays in the outbox */
	assert_int_equal(exchange_send(nazorg, &c, 1, NULL, 0, &sent, &err), KP_UNREACHABLE);
	strcpy(id, sent.message_id);
	kp_sent_fini(&sent);
	kp_close(nazorg);
	nazorg = paper_open(nazorg_home);
	assert_int_equal(waiting(nazorg), 1);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(waiting(nazorg), 0);
	{
		CLEANUP(arena_freep) struct arena *arena = arena_new(4u << 20);
		struct sent stored;

		CHECK_OK(state_sent(nazorg->state, c.message.header.message_id.ptr, arena, &stored));
		CHECK_SPAN(stored.envelope, buffer_span(&c.envelope));
		assert_int_equal(stored.state, SENT_ACCEPTED);
	}
	composed_fini(&c);
}

/* Nothing is sent or received, by any process of the home, until a person clears it; then the house must still be the one it was. */
static void stopped(size_t outbox)
{
	struct kp_status status;
	struct kp_sent sent;
	struct kp_error err;
	unsigned submits = little_house_submits(house);

	little_house_mode(house, LITTLE_GOOD);
	kp_close(nazorg);
	nazorg = paper_open(nazorg_home);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_UNVERIFIED);
	assert_string_equal(err.stage, "fork");
	assert_int_equal(waiting(nazorg), outbox);
	kp_sent_fini(&sent);
	assert_int_equal(kp_receive(nazorg, TIMEOUT_MS, &err), KP_UNVERIFIED);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_UNVERIFIED);
	assert_int_equal(kp_status(nazorg, TIMEOUT_MS, &status, &err), KP_UNVERIFIED);
	assert_true(status.stopped);
	assert_int_equal(little_house_submits(house), submits);
	assert_int_equal(witness_clear(nazorg, &err), KP_OK);
	assert_int_equal(witness_clear(nazorg, &err), KP_NONE);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(waiting(nazorg), 0);
}

/* What the node kept, judged by who has nothing else. */
static void evidence_says(enum history verdict)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
	struct note_key other = paper.stewards[0];
	struct span folder;
	struct evidence e;
	struct kp_error err;
	const char *path;

	CHECK_OK(state_get(nazorg->state, "stopped", arena, &folder));
	path = arena_printf(arena, "%s/evidence/%.*s", nazorg_home, (int)folder.len, (const char *)folder.ptr);
	assert_int_equal(evidence_read(path, NULL, &e, &err), KP_OK);
	assert_int_equal(e.verdict, verdict);
	assert_int_equal(evidence_read(path, &paper.log_key, &e, &err), KP_OK);
	assert_int_equal(evidence_read(path, &other, &e, &err), KP_UNVERIFIED);
	assert_int_equal(evidence_read(nazorg_home, NULL, &e, &err), KP_USAGE);
}

static void witnessed_five(void)
{
	struct kp_sent sent;
	struct kp_error err;

	for (int i = 0; i < 4; i++) { /* and the mandate */
		assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_OK);
		kp_sent_fini(&sent);
	}
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
}

static void contradicts(enum little_mode mode, const char *how, enum history verdict)
{
	struct kp_error err;

	witnessed_five();
	little_house_mode(house, mode);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_UNVERIFIED);
	assert_string_equal(err.stage, "fork");
	if (!strstr(err.text, how))
		fail_msg("\"%s\" does not say %s", err.text, how);
	evidence_says(verdict);
	stopped(0);
}

static void test_forked(void **state)
{
	(void)state;
	contradicts(LITTLE_FORKED, "two roots for one size", HISTORY_FORK);
}

static void test_shorter(void **state)
{
	(void)state;
	contradicts(LITTLE_SHORTER, "shorter", HISTORY_UNPROVEN);
}

/* The receipt's head is of the old history, the house proves another: the receipt does not count. */
static void test_forked_behind_a_receipt(void **state)
{
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	witnessed_five();
	little_house_mode(house, LITTLE_FORKED);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_UNVERIFIED);
	assert_string_equal(err.stage, "fork");
	assert_non_null(strstr(err.text, "only added to"));
	assert_null(sent.receipt);
	kp_sent_fini(&sent);
	assert_int_equal(waiting(nazorg), 1);
	evidence_says(HISTORY_FORK); /* the proof leads to the new head and shows another root of five */
	stopped(1);
}

/* A new connection: before a message leaves, the house must prove its log. */
static void test_forked_before_a_message(void **state)
{
	unsigned submits;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	witnessed_five();
	submits = little_house_submits(house);
	little_house_mode(house, LITTLE_FORKED);
	kp_close(nazorg);
	nazorg = paper_open(nazorg_home);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_UNVERIFIED);
	assert_int_equal(little_house_submits(house), submits);
	kp_sent_fini(&sent);
	stopped(1);
}

/* A house that gives no proof gets no message; one that gives none for a receipt has given no receipt. */
static void test_no_proofs(void **state)
{
	unsigned submits;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	witnessed_five();
	little_house_mode(house, LITTLE_NO_PROOFS);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_ERROR);
	assert_string_equal(err.code, "VERGETEN");
	assert_null(sent.receipt);
	kp_sent_fini(&sent);
	assert_int_equal(waiting(nazorg), 1);
	kp_close(nazorg);
	nazorg = paper_open(nazorg_home);
	submits = little_house_submits(house);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_ERROR);
	kp_sent_fini(&sent);
	assert_int_not_equal(kp_receive(politie, SHORT_MS, &err), KP_OK);
	assert_int_equal(little_house_submits(house), submits);
	assert_int_equal(waiting(nazorg), 2);
	/* Nothing was lost, and nothing stopped: it was no contradiction. */
	little_house_mode(house, LITTLE_GOOD);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(waiting(nazorg), 0);
}

static uint64_t cosigned_at(struct span note)
{
	struct note_key keys[2] = { paper.log_key, nazorg->witness.public_key };
	struct note opened;

	CHECK_OK(note_open(note, keys, 2, &opened));
	assert_int_equal(opened.n_verified, 2);
	return opened.cosigned_unix_s[1];
}

/* What left is what was stored; and it is shown again to every new connection. */
static void test_cosigns(void **state)
{
	CLEANUP(buffer_fini) struct buffer shown = { 0 }, again = { 0 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	struct witnessed w;
	struct kp_error err;
	unsigned n;

	(void)state;
	witnessed_five();
	little_house_shown(house, &shown);
	assert_true(cosigned_at(buffer_span(&shown)) > 0);
	CHECK_OK(witness_recall(nazorg, arena, &w));
	CHECK_SPAN(w.note, buffer_span(&shown));
	assert_int_equal(w.head.size, 5);
	n = little_house_cosigned(house);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(little_house_cosigned(house), n); /* nothing new, nothing signed */
	kp_close(nazorg);
	nazorg = paper_open(nazorg_home);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	assert_int_equal(little_house_cosigned(house), n + 1);
	little_house_shown(house, &again);
	CHECK_SPAN(buffer_span(&again), buffer_span(&shown));
}

/* Check and store are one step: who read an older state neither stores nor signs. */
static void test_check_and_store(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	struct witnessed before, first, second;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	witnessed_five();
	CHECK_OK(witness_recall(nazorg, arena, &before));
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_OK);
	kp_sent_fini(&sent);
	CHECK_OK(witness_recall(nazorg, arena, &first));
	assert_int_equal(first.head.size, 6);
	assert_int_equal(witness_cosign(nazorg, &before, before.note, arena, &second, &err), KP_NONE);
	assert_int_equal(witness_cosign(nazorg, &first, before.note, arena, &second, &err), KP_ERROR); /* smaller */
	CHECK_OK(witness_recall(nazorg, arena, &second));
	CHECK_SPAN(second.note, first.note);
}

/* A crash after the store and before the word left: the same signature leaves later, no second one is made. */
static void test_crash_after_store(void **state)
{
	CLEANUP(buffer_fini) struct buffer shown = { 0 };
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	struct witnessed before, stored;
	struct kp_error err;

	(void)state;
	witnessed_five();
	CHECK_OK(witness_recall(nazorg, arena, &before));
	before.cosigned_unix_s += 1000; /* a later time, to tell the two apart */
	assert_int_equal(witness_cosign(nazorg, &before, before.note, arena, &stored, &err), KP_OK);
	assert_int_equal(stored.cosigned_unix_s, before.cosigned_unix_s);
	kp_close(nazorg);
	nazorg = paper_open(nazorg_home);
	assert_int_equal(kp_sync(nazorg, TIMEOUT_MS, &err), KP_OK);
	little_house_shown(house, &shown);
	CHECK_SPAN(buffer_span(&shown), stored.note);
	assert_int_equal(cosigned_at(buffer_span(&shown)), stored.cosigned_unix_s);
}

/* Everything comes twice; the inbox has it once, and each delivery is acknowledged. */
static void test_delivered_twice(void **state)
{
	struct kp_message_in *m = NULL;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_receive(politie, SHORT_MS, &err), KP_NONE); /* connected, with credit */
	little_house_mode(house, LITTLE_TWICE);
	assert_int_equal(kp_send(nazorg, &question, TIMEOUT_MS, &sent, &err), KP_OK);
	assert_int_equal(kp_receive(politie, TIMEOUT_MS, &err), KP_OK);
	while (little_house_acked(house) < 2)
		assert_int_not_equal(kp_receive(politie, SHORT_MS, &err), KP_ERROR);
	assert_int_equal(kp_claim(politie, NULL, &m, &err), KP_OK);
	assert_string_equal(m->message_id, sent.message_id);
	assert_string_equal(m->parts[0].content, vraag.content);
	kp_message_in_free(m);
	assert_int_equal(kp_claim(politie, NULL, &m, &err), KP_NONE);
	assert_int_equal(kp_done(politie, sent.message_id, KP_ITEM_DONE, &err), KP_OK);
	kp_sent_fini(&sent);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(test_accepted),	  EACH(test_refused),	      EACH(test_other_digest),
		EACH(test_other_message), EACH(test_other_key),	      EACH(test_forgotten),
		EACH(test_busy),	  EACH(test_left_behind),     EACH(test_forked),
		EACH(test_shorter),	  EACH(test_delivered_twice), EACH(test_cosigns),
		EACH(test_forked_behind_a_receipt), EACH(test_forked_before_a_message),
		EACH(test_no_proofs),	  EACH(test_check_and_store), EACH(test_crash_after_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
