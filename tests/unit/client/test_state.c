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
	put_u32(version, 3);
	CHECK_OK(state_put(s, "version", SPAN_OF(version)));
	state_close(s);
	CHECK_IS(state_open(test_path(folder, "state"), &s), STATE_E_VERSION);
}

/* --- casussen --- */

#define CANARY "kanarie in een verzegelde envelop"

static void casus_of(uint32_t n, uint8_t out[ID_BYTES])
{
	memset(out, 0x77, ID_BYTES);
	put_u32(out, n);
}

static struct state_casus casus_is(struct state *s, uint32_t n)
{
	struct state_casus page[8], found = { 0 };
	uint8_t from[ID_BYTES] = { 0 }, id[ID_BYTES];
	size_t got = 2;

	casus_of(n, id);
	while (got == 2) { /* by small pages */
		CHECK_OK(state_casussen(s, from, page, 2, &got));
		for (size_t i = 0; i < got; i++)
			if (!memcmp(page[i].id, id, ID_BYTES))
				found = page[i];
	}
	return found;
}

/* Of a casus: two received, one of which was handled, and one sent. */
static void casus_fill(struct state *s, uint32_t n)
{
	struct item items[2] = { item_of(100 * n, MESSAGE_VERZOEK), item_of(100 * n + 1, MESSAGE_ANTWOORD) };
	struct sent sent = sent_of(100 * n + 2);
	bool fresh[2];

	for (size_t i = 0; i < 2; i++) {
		casus_of(n, items[i].casus);
		items[i].envelope = span_of_text(CANARY);
	}
	casus_of(n, sent.casus);
	sent.envelope = span_of_text(CANARY);
	CHECK_OK(state_take(s, items, 2, fresh));
	CHECK_OK(state_item_set(s, items[0].id, KP_ITEM_DONE));
	CHECK_OK(state_send(s, &sent, 1));
	CHECK_OK(state_receipt(s, sent.id, SENT_ACCEPTED, 5, span_of_text(CANARY " receipt")));
	CHECK_OK(state_mark_set(s, MARK_REMINDED, items[0].id, SPAN_LITERAL("1")));
}

static bool file_holds(const char *path, struct span text)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };

	test_file(path, &bytes);
	return memmem(bytes.ptr, bytes.len, text.ptr, text.len) != NULL;
}

static void test_casus_ends(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct state *s = opened(test_path(folder, "state"));
	uint8_t one[ID_BYTES], two[ID_BYTES], id[ID_BYTES];
	struct state_casus c;
	struct span view;
	struct sent sent;
	struct item item;
	size_t n, outbox, fresh;
	uint64_t cursor = 0;

	(void)state;
	casus_of(1, one);
	casus_of(2, two);
	casus_fill(s, 1);
	casus_fill(s, 2);
	take_one(s, 7, MESSAGE_VERZOEK); /* of none */
	CHECK_OK(state_view_set(s, one, span_of_text(CANARY " view"), 5000));
	CHECK_OK(state_view(s, one, arena, &view));
	CHECK_SPAN(view, span_of_text(CANARY " view"));
	CHECK_IS(state_view(s, two, arena, &view), STATE_E_ABSENT);
	c = casus_is(s, 1);
	CHECK(c.n_messages == 3 && c.expires_unix_ms == 5000 && c.unread && !c.waiting && !c.ended_unix_ms);
	CHECK_OK(state_casus_said(s, one, 0, 77));
	CHECK_OK(state_casus_said(s, one, 0, 99)); /* since when, not until when */
	assert_int_equal(casus_is(s, 1).gone_unix_ms, 77);
	CHECK_OK(state_view(s, one, arena, &view));
	sound(s);

	CHECK_OK(state_casus_end(s, one, 6000));
	CHECK_IS(state_casus_end(s, one, 6001), STATE_E_ABSENT);
	CHECK_IS(state_casus_said(s, one, 9000, 6001), STATE_E_ABSENT);
	c = casus_is(s, 1);
	CHECK(c.ended_unix_ms == 6000 && c.n_messages == 3);
	id_of(100, id);
	CHECK_IS(state_item(s, id, arena, &item), STATE_E_ABSENT);
	CHECK_IS(state_mark(s, MARK_REMINDED, id, arena, &view), STATE_E_ABSENT);
	id_of(102, id);
	CHECK_IS(state_sent(s, id, arena, &sent), STATE_E_ABSENT);
	CHECK_IS(state_view(s, one, arena, &view), STATE_E_ABSENT);
	/* The others stand as they stood. */
	id_of(200, id);
	CHECK_OK(state_item(s, id, arena, &item));
	CHECK_SPAN(item.envelope, span_of_text(CANARY));
	id_of(202, id);
	CHECK_OK(state_sent(s, id, arena, &sent));
	CHECK_SPAN(sent.receipt, span_of_text(CANARY " receipt"));
	id_of(7, id); /* also the exchange of all these */
	{
		uint8_t ids[8][ID_BYTES];

		CHECK_OK(state_items(s, id, &cursor, ids, 8, &n));
		assert_int_equal(n, 3);
	}
	CHECK_OK(state_counts(s, &outbox, &fresh));
	CHECK(outbox == 0 && fresh == 2);
	sound(s);
	/* A casus of that id may begin again, with another key. */
	casus_fill(s, 1);
	CHECK(!casus_is(s, 1).ended_unix_ms);
	sound(s);
	state_close(s);
	CHECK(!file_holds(test_path(folder, "state/data.mdb"), span_of_text(CANARY)));
}

/* The key that a casus had: read from the file of keys before its end, looked for in it afterwards. */
static void test_key_is_gone(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer before = { 0 }, after = { 0 };
	struct state *s = opened(test_path(folder, "state"));
	uint8_t one[ID_BYTES];

	(void)state;
	casus_of(1, one);
	casus_fill(s, 1);
	test_file(test_path(folder, "state/casus.slots"), &before);
	CHECK_OK(state_casus_end(s, one, 6000));
	state_close(s);
	test_file(test_path(folder, "state/casus.slots"), &after);
	CHECK(!span_is_zero(span_of(before.ptr + 4096 + 24, 32)));
	CHECK(memmem(after.ptr, after.len, before.ptr + 4096 + 24, 32) == NULL);
}

/* Killed after the rows went and before the key: the next opening finishes it. A key of no row at all goes too. */
static void test_end_interrupted(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(buffer_fini) struct buffer before = { 0 }, after = { 0 };
	struct state *s = opened(test_path(folder, "state"));
	uint8_t one[ID_BYTES], two[ID_BYTES];
	FILE *f;

	(void)state;
	casus_of(1, one);
	casus_of(2, two);
	casus_fill(s, 1);
	casus_fill(s, 2);
	test_file(test_path(folder, "state/casus.slots"), &before);
	CHECK_OK(state_casus_end(s, one, 6000));
	state_close(s);
	f = fopen(test_path(folder, "state/casus.slots"), "wbe"); /* as it was before it was overwritten */
	assert_non_null(f);
	assert_int_equal(fwrite(before.ptr, 1, before.len, f), before.len);
	assert_int_equal(fclose(f), 0);
	s = opened(test_path(folder, "state"));
	sound(s);
	test_file(test_path(folder, "state/casus.slots"), &after);
	CHECK(memmem(after.ptr, after.len, before.ptr + 4096 + 24, 32) == NULL);
	assert_int_equal(casus_is(s, 2).n_messages, 3);
	state_close(s);
}

static void test_without_keys(void **state)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct state *s = opened(test_path(folder, "state"));

	(void)state;
	casus_fill(s, 1);
	state_close(s);
	assert_int_equal(rename(test_path(folder, "state/casus.slots"), test_path(folder, "away")), 0);
	CHECK_IS(state_open(test_path(folder, "state"), &s), STATE_E_KEYS);
	assert_int_equal(rename(test_path(folder, "away"), test_path(folder, "state/casus.slots")), 0);
	s = opened(test_path(folder, "state"));
	sound(s);
	state_close(s);
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
		casus_of(n, answer.casus);
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
		cmocka_unit_test(test_casus_ends),    cmocka_unit_test(test_key_is_gone),
		cmocka_unit_test(test_end_interrupted), cmocka_unit_test(test_without_keys),
		cmocka_unit_test(test_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
