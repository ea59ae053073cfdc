/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The outbox and the inbox: every move between states, by one process, by two, and by processes that are
 * killed in the middle.
 */
#include "tests/lib/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/lib/state.h"

static struct state *opened(const char *folder)
{
	struct state *s = NULL;

	CHECK_OK(state_open(folder, &s));
	return s;
}

static void sound(struct state *s)
{
	bool holds = false;

	CHECK_OK(state_check(s, &holds));
	assert_true(holds);
}

static void id_of(uint32_t n, uint8_t out[ID_BYTES])
{
	memset(out, 0x11, ID_BYTES);
	put_u32(out, n);
}

static struct item item_of(uint32_t n, enum message_kind kind)
{
	struct item item = { .kind = kind,
			     .received_unix_ms = 1000 + n,
			     .index = n,
			     .envelope = SPAN_LITERAL("envelope"),
			     .mandate = SPAN_LITERAL("mandate") };

	id_of(n, item.id);
	id_of(7, item.exchange);
	return item;
}

static struct sent sent_of(uint32_t n)
{
	struct sent m = { .kind = MESSAGE_VERZOEK,
			  .leaves_unix_ms = 1000 + n,
			  .envelope = SPAN_LITERAL("the same bytes") };

	id_of(n, m.id);
	return m;
}

static void take_one(struct state *s, uint32_t n, enum message_kind kind)
{
	struct item item = item_of(n, kind);
	bool fresh = false;

	CHECK_OK(state_take(s, &item, 1, &fresh));
	assert_true(fresh);
}

static enum kp_item_state state_of(struct state *s, uint32_t n)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	struct item item;
	uint8_t id[ID_BYTES];

	id_of(n, id);
	CHECK_OK(state_item(s, id, arena, &item));
	return item.state;
}

static void test_outbox(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct state *s = opened(test_path(folder, "state"));
	struct sent two[2] = { sent_of(1), sent_of(2) }, got[4];
	size_t n, outbox, fresh;

	(void)unused;
	CHECK_OK(state_send(s, two, 2));
	CHECK_IS(state_send(s, two, 1), STATE_E_EXISTS);
	CHECK_OK(state_outbox(s, &(struct outbox_due){ UINT64_MAX, 0 }, 4, arena, got, &n));
	assert_int_equal(n, 2);
	CHECK_SPAN(got[0].envelope, SPAN_LITERAL("the same bytes"));
	assert_memory_equal(got[1].id, two[1].id, ID_BYTES);
	CHECK_OK(state_outbox(s, &(struct outbox_due){ 1002, 0 }, 4, arena, got, &n));
	assert_int_equal(n, 1);
	CHECK_OK(state_receipt(s, two[0].id, SENT_ACCEPTED, 17, SPAN_LITERAL("proof")));
	CHECK_OK(state_receipt(s, two[0].id, SENT_REFUSED, 18,
			       SPAN_LITERAL("other"))); /* settled: nothing changes */
	CHECK_OK(state_sent(s, two[0].id, arena, &got[0]));
	assert_int_equal(got[0].state, SENT_ACCEPTED);
	assert_int_equal(got[0].index, 17);
	CHECK_SPAN(got[0].receipt, SPAN_LITERAL("proof"));
	CHECK_OK(state_counts(s, &outbox, &fresh));
	assert_int_equal(outbox, 1);
	sound(s);
	state_close(s);
	s = opened(test_path(folder, "state"));
	CHECK_OK(state_outbox(s, &(struct outbox_due){ UINT64_MAX, 0 }, 4, arena, got, &n));
	assert_int_equal(n, 1);
	assert_memory_equal(got[0].id, two[1].id, ID_BYTES);
	state_close(s);
}

static void test_unknown_receipt(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state"));
	uint8_t id[ID_BYTES];

	(void)unused;
	id_of(9, id);
	CHECK_IS(state_receipt(s, id, SENT_ACCEPTED, 1, SPAN_LITERAL("x")), STATE_E_ABSENT);
	CHECK_IS(state_item_set(s, id, KP_ITEM_DONE), STATE_E_ABSENT);
	CHECK_IS(state_claim(s, MESSAGE_VERZOEK, id), STATE_E_ABSENT);
	state_close(s);
}

static void test_inbox(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state"));
	struct item again = item_of(1, MESSAGE_VERZOEK);
	uint8_t id[ID_BYTES], want[ID_BYTES];
	bool fresh = true;
	size_t n;

	(void)unused;
	take_one(s, 1, MESSAGE_VERZOEK);
	take_one(s, 2, MESSAGE_ANTWOORD);
	take_one(s, 3, MESSAGE_VERZOEK);
	CHECK_OK(state_take(s, &again, 1, &fresh));
	assert_false(fresh);
	CHECK_OK(state_claim(s, MESSAGE_VERZOEK, id));
	id_of(1, want);
	assert_memory_equal(id, want, ID_BYTES);
	assert_int_equal(state_of(s, 1), KP_ITEM_HANDLING);
	CHECK_OK(state_item_set(s, id, KP_ITEM_DONE));
	CHECK_IS(state_item_set(s, id, KP_ITEM_NEW), STATE_E_MOVE);
	CHECK_OK(state_claim(s, MESSAGE_VERZOEK, id));
	CHECK_IS(state_claim(s, MESSAGE_VERZOEK, want), STATE_E_ABSENT);
	CHECK_OK(state_interrupt(s, &n));
	assert_int_equal(n, 1);
	assert_int_equal(state_of(s, 3), KP_ITEM_INTERRUPTED);
	assert_int_equal(state_of(s, 1), KP_ITEM_DONE);
	CHECK_IS(state_claim(s, MESSAGE_VERZOEK, want), STATE_E_ABSENT); /* not by itself */
	CHECK_OK(state_item_set(s, id, KP_ITEM_NEW));			 /* but on a person's word */
	CHECK_OK(state_claim(s, MESSAGE_VERZOEK, want));
	assert_memory_equal(id, want, ID_BYTES);
	sound(s);
	state_close(s);
}

static void test_answer_closes(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state"));
	struct sent answer = sent_of(10), refused = sent_of(11), again = sent_of(12);

	(void)unused;
	take_one(s, 1, MESSAGE_VERZOEK);
	take_one(s, 2, MESSAGE_VERZOEK);
	id_of(1, answer.answers);
	id_of(2, refused.answers);
	id_of(1, again.answers);
	CHECK_OK(state_send(s, &answer, 1));
	CHECK_OK(state_send(s, &refused, 1));
	CHECK_IS(state_send(s, &again, 1), STATE_E_MOVE); /* a retry can't disclose twice */
	assert_int_equal(state_of(s, 1), KP_ITEM_DONE);
	CHECK_OK(state_receipt(s, answer.id, SENT_ACCEPTED, 1, SPAN_LITERAL("r")));
	CHECK_OK(state_receipt(s, refused.id, SENT_REFUSED, 2, SPAN_LITERAL("r")));
	assert_int_equal(state_of(s, 1), KP_ITEM_DONE);
	assert_int_equal(state_of(s, 2), KP_ITEM_INTERRUPTED);
	id_of(2, again.answers);
	CHECK_OK(state_send(s, &again, 1)); /* the one that was refused may be answered anew */
	sound(s);
	state_close(s);
}

static void test_pages(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state"));
	uint8_t ids[3][ID_BYTES], exchange[ID_BYTES], want[ID_BYTES];
	uint64_t cursor = 0;
	size_t n, all = 0;

	(void)unused;
	for (uint32_t i = 1; i <= 7; i++)
		take_one(s, i, MESSAGE_VERZOEK);
	id_of(7, exchange);
	do {
		CHECK_OK(state_items(s, exchange, &cursor, ids, 3, &n));
		for (size_t i = 0; i < n; i++) {
			id_of((uint32_t)++all, want);
			assert_memory_equal(ids[i], want, ID_BYTES);
		}
	} while (n == 3);
	assert_int_equal(all, 7);
	id_of(8, exchange);
	cursor = 0;
	CHECK_OK(state_items(s, exchange, &cursor, ids, 3, &n));
	assert_int_equal(n, 0);
	state_close(s);
}

static void test_two_opens(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state")), *second = NULL;
	struct stat st;
	pid_t child;
	int status;

	(void)unused;
	CHECK_IS(state_open(test_path(folder, "state"), &second), STATE_E_BUSY);
	CHECK_OK(state_serve_lock(s));
	CHECK_OK(state_serve_lock(s));
	child = fork();
	if (!child) { /* another process may, but does not get the serve lock */
		struct state *other = NULL;
		int r = state_open(test_path(folder, "state"), &other);

		_exit(r || state_serve_lock(other) != STATE_E_BUSY);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	state_close(s);
	s = opened(test_path(folder, "state"));
	CHECK_OK(state_serve_lock(s));
	state_close(s);
	assert_int_equal(stat(test_path(folder, "state/data.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

static void test_later_version(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state"));
	uint8_t version[4];

	(void)unused;
	put_u32(version, 2);
	CHECK_OK(state_put(s, "version", SPAN_OF(version)));
	state_close(s);
	CHECK_IS(state_open(test_path(folder, "state"), &s), STATE_E_VERSION);
}

/* --- killed --- */

/* Says through the pipe what is promised: after the call that made it durable returned. */
static void promise(int fd, char what, uint32_t n)
{
	uint8_t line[5] = { (uint8_t)what };

	put_u32(line + 1, n);
	if (write(fd, line, sizeof line) != sizeof line)
		_exit(3);
}

static _Noreturn void work_until_killed(const char *folder, uint32_t from, int fd)
{
	struct state *s = NULL;

	if (state_open(folder, &s))
		_exit(1);
	for (uint32_t n = from;; n++) {
		struct item item = item_of(n, MESSAGE_VERZOEK);
		struct sent answer = sent_of(n);
		uint8_t id[ID_BYTES];
		bool fresh;

		if (state_take(s, &item, 1, &fresh) || !fresh)
			_exit(2);
		promise(fd, 't', n);
		if (state_claim(s, MESSAGE_VERZOEK, id))
			_exit(2);
		promise(fd, 'c', get_u32(id));
		memcpy(answer.answers, id, ID_BYTES);
		if (state_send(s, &answer, 1))
			_exit(2);
		promise(fd, 's', n);
		if (state_receipt(s, answer.id, SENT_ACCEPTED, n, SPAN_LITERAL("receipt")))
			_exit(2);
		promise(fd, 'r', n);
	}
}

/* Reads promises until enough were made, kills the child at some point after that, and reads the rest. */
static size_t promises_until(int fd, pid_t child, size_t enough, uint8_t *out, size_t room)
{
	size_t at = 0;
	ssize_t n;

	while (at < enough * 5 && (n = read(fd, out + at, room - at)) > 0)
		at += (size_t)n;
	kill(child, SIGKILL);
	while ((n = read(fd, out + at, room - at)) > 0)
		at += (size_t)n;
	return at / 5;
}

static void promise_kept(struct state *s, const uint8_t line[5], uint32_t from, bool claimed[64])
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(65536);
	uint32_t n = get_u32(line + 1);
	uint8_t id[ID_BYTES];
	struct sent m;

	id_of(n, id);
	if (line[0] == 't' || line[0] == 'c')
		(void)state_of(s, n);
	if (line[0] == 'c') {
		assert_int_not_equal(state_of(s, n), KP_ITEM_NEW);
		assert_in_range(n, from, from + 63);
		assert_false(claimed[n - from]); /* never to a handler twice */
		claimed[n - from] = true;
	}
	if (line[0] == 's' || line[0] == 'r') {
		CHECK_OK(state_sent(s, id, arena, &m));
		CHECK_SPAN(m.envelope, SPAN_LITERAL("the same bytes"));
		if (line[0] == 'r')
			assert_int_equal(m.state, SENT_ACCEPTED);
	}
}

static void test_killed(void **unused)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	const char *path = strdup(test_path(folder, "state"));
	struct state *s = opened(path);

	(void)unused;
	state_close(s);
	for (uint32_t round = 0; round < 24; round++) {
		uint32_t from = 1000 * (round + 1);
		uint8_t lines[64 * 4 * 5];
		bool claimed[64] = { false };
		int fds[2], status;
		size_t n, interrupted;
		pid_t child;

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		child = fork();
		if (!child)
			work_until_killed(path, from, fds[1]);
		close(fds[1]);
		n = promises_until(fds[0], child, round % 12, lines, sizeof lines);
		close(fds[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		s = opened(path);
		sound(s);
		for (size_t i = 0; i < n; i++)
			promise_kept(s, lines + 5 * i, from, claimed);
		CHECK_OK(state_interrupt(s, &interrupted));
		assert_true(interrupted <= 1);
		/* Nothing NEW may stay for the next round's claim; what was taken and not claimed is claimed
		 * here. */
		for (uint8_t id[ID_BYTES]; state_claim(s, MESSAGE_VERZOEK, id) == STATE_OK;) {
			assert_false(claimed[get_u32(id) - from]);
			CHECK_OK(state_item_set(s, id, KP_ITEM_DONE));
		}
		state_close(s);
	}
	free((char *)(uintptr_t)path);
}

/* A named value changes only for who knows what it is. */
static void test_swap(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
	struct state *s = opened(folder);
	struct span value;

	(void)state;
	CHECK_IS(state_swap(s, "name", SPAN_LITERAL("a"), SPAN_LITERAL("b")), STATE_E_MOVE);
	CHECK_IS(state_get(s, "name", arena, &value), STATE_E_ABSENT);
	CHECK_OK(state_swap(s, "name", SPAN_NONE, SPAN_LITERAL("a")));
	CHECK_IS(state_swap(s, "name", SPAN_NONE, SPAN_LITERAL("c")), STATE_E_MOVE);
	CHECK_IS(state_swap(s, "name", SPAN_LITERAL("b"), SPAN_LITERAL("c")), STATE_E_MOVE);
	CHECK_OK(state_get(s, "name", arena, &value));
	CHECK_SPAN(value, SPAN_LITERAL("a"));
	CHECK_OK(state_swap(s, "name", SPAN_LITERAL("a"), SPAN_LITERAL("b")));
	state_close(s);
	s = opened(folder);
	CHECK_OK(state_get(s, "name", arena, &value));
	CHECK_SPAN(value, SPAN_LITERAL("b"));
	CHECK_OK(state_swap(s, "name", SPAN_LITERAL("b"), SPAN_NONE));
	CHECK_IS(state_get(s, "name", arena, &value), STATE_E_ABSENT);
	state_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outbox),	      cmocka_unit_test(test_unknown_receipt),
		cmocka_unit_test(test_inbox),	      cmocka_unit_test(test_answer_closes),
		cmocka_unit_test(test_pages),	      cmocka_unit_test(test_two_opens),
		cmocka_unit_test(test_later_version), cmocka_unit_test(test_killed),
		cmocka_unit_test(test_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
