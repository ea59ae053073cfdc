/* SPDX-License-Identifier: EUPL-1.2 */
/* Frames between processes: what is allowed arrives as sent; each breach of the table ends the connection; memory is bounded. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/ipc/ipc.h"
#include "tests/lib/harness.h"

struct ends {
	struct ipc *a, *b;
};

static void ends_open(struct ends *e, enum ipc_role a, enum ipc_role b, size_t limit_bytes)
{
	int pair[2];

	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	CHECK_OK(ipc_new(pair[0], a, b, limit_bytes, &e->a));
	CHECK_OK(ipc_new(pair[1], b, a, limit_bytes, &e->b));
}

static void ends_close(struct ends *e)
{
	e->a = ipc_free(e->a);
	e->b = ipc_free(e->b);
}

/* One end is the module's, the other a bare descriptor that says what it likes. */
static struct ipc *against(enum ipc_role self, enum ipc_role peer, int *raw)
{
	struct ipc *ipc;
	int pair[2];

	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	CHECK_OK(ipc_new(pair[0], self, peer, 1u << 20, &ipc));
	*raw = pair[1];
	return ipc;
}

static struct ipc_frame frame_of(unsigned verb, uint64_t session, uint64_t aux, struct span body)
{
	return (struct ipc_frame){ .verb = (uint16_t)verb, .session = session, .aux = aux, .body = body };
}

static void header(uint8_t out[IPC_HEADER_BYTES], uint32_t len, uint16_t verb, uint16_t zero)
{
	memset(out, 0, IPC_HEADER_BYTES);
	put_u32(out, len);
	put_u16(out + 4, verb);
	put_u16(out + 6, zero);
	put_u64(out + 8, 5);
	put_u64(out + 16, 6);
}

static void test_frames_arrive_as_sent(void **state UNUSED)
{
	struct ends e;
	struct ipc_frame frame = frame_of(IPC_KEEPER_KEYS, 1, 2, SPAN_NONE), got;
	uint8_t body[50] = { 1, 2, 3 };

	ends_open(&e, IPC_CORE, IPC_KEEPER, 1u << 20);
	CHECK_OK(ipc_send(e.a, &frame));
	frame = frame_of(IPC_KEEPER_SIGN, UINT64_MAX, UINT64_MAX - 1, SPAN_OF(body));
	CHECK_OK(ipc_send(e.a, &frame));
	assert_int_equal(ipc_pending(e.a), 2 * IPC_HEADER_BYTES + sizeof body);
	CHECK_OK(ipc_flush(e.a));
	assert_int_equal(ipc_pending(e.a), 0);
	CHECK_IS(ipc_next(e.b, &got), IPC_E_NONE);
	CHECK_OK(ipc_read(e.b));
	CHECK_OK(ipc_next(e.b, &got));
	assert_int_equal(got.verb, IPC_KEEPER_KEYS);
	assert_int_equal(got.session, 1);
	assert_int_equal(got.aux, 2);
	assert_int_equal(got.body.len, 0);
	CHECK_OK(ipc_next(e.b, &got));
	assert_true(got.session == UINT64_MAX && got.aux == UINT64_MAX - 1);
	CHECK_SPAN(got.body, SPAN_OF(body));
	CHECK_IS(ipc_next(e.b, &got), IPC_E_NONE);
	ends_close(&e);
}

static void test_bytes_on_the_wire(void **state UNUSED)
{
	static const uint8_t expected[] = { 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4 };
	struct ipc_frame frame = frame_of(IPC_CORE_DROP, 0x0102, 0x0304, SPAN_NONE);
	uint8_t got[64];
	int raw;
	struct ipc *ipc = against(IPC_CORE, IPC_GATE, &raw);

	CHECK_OK(ipc_send(ipc, &frame));
	CHECK_OK(ipc_flush(ipc));
	assert_int_equal(read(raw, got, sizeof got), sizeof expected);
	assert_memory_equal(got, expected, sizeof expected);
	close(raw);
	ipc_free(ipc);
}

static void test_joined_bodies(void **state UNUSED)
{
	struct ends e;
	struct ipc_frame frame = frame_of(IPC_GATE_MESSAGE, 1, 2, SPAN_LITERAL("01234567890123456789012345678901")), got;

	ends_open(&e, IPC_GATE, IPC_CORE, 1u << 20);
	CHECK_OK(ipc_send_joined(e.a, &frame, SPAN_LITERAL("twelve bytes")));
	CHECK_IS(ipc_send_joined(e.a, &frame, SPAN_LITERAL("eleven byte")), -EPROTO);
	CHECK_OK(ipc_flush(e.a));
	CHECK_OK(ipc_read(e.b));
	CHECK_OK(ipc_next(e.b, &got));
	CHECK_SPAN(got.body, SPAN_LITERAL("01234567890123456789012345678901twelve bytes"));
	ends_close(&e);
}

static void test_byte_by_byte(void **state UNUSED)
{
	uint8_t bytes[IPC_HEADER_BYTES + 20];
	struct ipc_frame got;
	int raw;
	struct ipc *ipc = against(IPC_CORE, IPC_GATE, &raw);

	header(bytes, 20, IPC_GATE_READY, 0);
	memset(bytes + IPC_HEADER_BYTES, 'x', 20);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof bytes; i++) {
			assert_int_equal(write(raw, bytes + i, 1), 1);
			CHECK_OK(ipc_read(ipc));
			CHECK_IS(ipc_next(ipc, &got), i + 1 < sizeof bytes ? IPC_E_NONE : IPC_OK);
		}
	assert_int_equal(got.body.len, 20);
	close(raw);
	ipc_free(ipc);
}

/* What a sibling or client may not say. */
static void test_each_breach(void **state UNUSED)
{
	static const struct {
		enum ipc_role self, peer;
		uint32_t len;
		uint16_t verb, zero;
	} breaches[] = {
		{ IPC_CORE, IPC_GATE, 0, 0, 0 },                      /* no such verb */
		{ IPC_CORE, IPC_GATE, 0, 15, 0 },
		{ IPC_CORE, IPC_GATE, 0, 0xffff, 0 },
		{ IPC_CORE, IPC_GATE, 0, IPC_GATE_GONE, 1 },          /* reserved bits */
		{ IPC_CORE, IPC_GATE, 1, IPC_GATE_GONE, 0 },          /* longer than the table has it */
		{ IPC_CORE, IPC_GATE, 0, IPC_GATE_READY, 0 },         /* shorter */
		{ IPC_CORE, IPC_GATE, 257, IPC_GATE_READY, 0 },
		{ IPC_CORE, IPC_GATE, 43, IPC_GATE_MESSAGE, 0 },
		{ IPC_CORE, IPC_GATE, 0xffffffff, IPC_GATE_MESSAGE, 0 },
		{ IPC_CORE, IPC_GATE, 0, IPC_CORE_DROP, 0 },          /* the core's own verb */
		{ IPC_CORE, IPC_GATE, 0, IPC_KEEPER_KEYS, 0 },
		{ IPC_CORE, IPC_GATE, 10, IPC_KEEPER_SIGNED, 0 },     /* the gate plays keeper */
		{ IPC_CORE, IPC_GATE, 0, IPC_CTL_STATUS, 0 },         /* the gate plays operator */
		{ IPC_CORE, IPC_CLIENT, 50, IPC_GATE_MESSAGE, 0 },    /* a client plays gate */
		{ IPC_CORE, IPC_CLIENT, 0, IPC_CTL_PUBLISH, 0 },
		{ IPC_CORE, IPC_CLIENT, 3u << 20, IPC_CTL_PUBLISH, 0 },
		{ IPC_CORE, IPC_CLIENT, 2, IPC_CTL_REPLY, 0 },
		{ IPC_KEEPER, IPC_CORE, 49, IPC_KEEPER_SIGN, 0 },
		{ IPC_KEEPER, IPC_CORE, 50 + 64 * 32, IPC_KEEPER_SIGN, 0 },
		{ IPC_GATE, IPC_CORE, 11, IPC_CORE_SEND, 0 },
		{ IPC_GATE, IPC_CORE, 44, IPC_GATE_MESSAGE, 0 },
	};

	for (size_t i = 0; i < N_ELEMENTS(breaches); i++) {
		uint8_t bytes[IPC_HEADER_BYTES];
		struct ipc_frame got;
		int raw;
		struct ipc *ipc = against(breaches[i].self, breaches[i].peer, &raw);

		header(bytes, breaches[i].len, breaches[i].verb, breaches[i].zero);
		assert_int_equal(write(raw, bytes, sizeof bytes), sizeof bytes);
		CHECK_OK(ipc_read(ipc));
		if (ipc_next(ipc, &got) != IPC_E_BAD)
			fail_msg("breach %zu passed", i);
		/* It stays bad, whatever comes after. */
		header(bytes, 0, IPC_GATE_GONE, 0);
		assert_int_equal(write(raw, bytes, sizeof bytes), sizeof bytes);
		CHECK_OK(ipc_read(ipc));
		CHECK_IS(ipc_next(ipc, &got), IPC_E_BAD);
		close(raw);
		ipc_free(ipc);
	}
}

static void test_the_sender_keeps_to_the_table_too(void **state UNUSED)
{
	struct ends e;
	const struct ipc_frame wrong[] = {
		frame_of(0, 0, 0, SPAN_NONE),
		frame_of(IPC_GATE_GONE, 0, 0, SPAN_NONE),
		frame_of(IPC_CORE_DROP, 0, 0, SPAN_LITERAL("x")),
		frame_of(IPC_KEEPER_KEYS, 0, 0, SPAN_NONE),
		frame_of(IPC_CORE_SEND, 0, 0, SPAN_LITERAL("short")),
	};

	ends_open(&e, IPC_CORE, IPC_GATE, 1u << 20);
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		CHECK_IS(ipc_send(e.a, &wrong[i]), -EPROTO);
	assert_int_equal(ipc_pending(e.a), 0);
	ends_close(&e);
}

static void test_full(void **state UNUSED)
{
	struct ends e;
	const struct ipc_frame frame = frame_of(IPC_CORE_DROP, 1, 1, SPAN_NONE);
	struct ipc_frame got;
	size_t n = 0;

	ends_open(&e, IPC_CORE, IPC_GATE, 10 * IPC_HEADER_BYTES);
	for (int i = 0; i < 10; i++)
		CHECK_OK(ipc_send(e.a, &frame));
	CHECK_IS(ipc_send(e.a, &frame), IPC_E_FULL);
	assert_int_equal(ipc_pending(e.a), 10 * IPC_HEADER_BYTES);
	CHECK_OK(ipc_flush(e.a));
	CHECK_OK(ipc_send(e.a, &frame));
	CHECK_OK(ipc_flush(e.a));
	CHECK_OK(ipc_read(e.b));
	while (ipc_next(e.b, &got) == IPC_OK)
		n++;
	assert_int_equal(n, 11);
	ends_close(&e);
}

/* More than the socket holds: what is left waits, and nothing is lost or reordered. */
static void test_many_frames_through_a_small_socket(void **state UNUSED)
{
	static uint8_t body[50000];
	struct ends e;
	struct ipc_frame got;
	uint64_t sent = 0, received = 0;

	ends_open(&e, IPC_CORE, IPC_GATE, 4u << 20);
	for (int round = 0; round < 400; round++) {
		struct ipc_frame frame = frame_of(IPC_CORE_SEND, sent, 0, span_of(body, 12 + randombytes_uniform(40000)));
		int r = ipc_send(e.a, &frame);

		assert_true(r == IPC_OK || r == IPC_E_FULL);
		sent += r == IPC_OK;
		CHECK_OK(ipc_flush(e.a));
		if (round % 3)
			continue;
		CHECK_OK(ipc_read(e.b));
		while (ipc_next(e.b, &got) == IPC_OK)
			assert_int_equal(got.session, received++);
	}
	while (received < sent) {
		CHECK_OK(ipc_flush(e.a));
		CHECK_OK(ipc_read(e.b));
		while (ipc_next(e.b, &got) == IPC_OK)
			assert_int_equal(got.session, received++);
	}
	assert_true(sent > 100);
	ends_close(&e);
}

static void test_the_largest_frame(void **state UNUSED)
{
	const struct ipc_verb_info *info = ipc_verb_info(IPC_CORE_SEND);
	uint8_t *body = calloc(1, info->max_bytes + 1);
	struct ipc_frame frame = frame_of(IPC_CORE_SEND, 1, 1, span_of(body, info->max_bytes)), got;
	struct ends e;
	int r;

	assert_non_null(body);
	ends_open(&e, IPC_CORE, IPC_GATE, 32u << 20);
	CHECK_OK(ipc_send(e.a, &frame));
	while ((r = ipc_next(e.b, &got)) == IPC_E_NONE) {
		CHECK_OK(ipc_flush(e.a));
		CHECK_OK(ipc_read(e.b));
	}
	CHECK_OK(r);
	assert_int_equal(got.body.len, info->max_bytes);
	frame.body.len++;
	CHECK_IS(ipc_send(e.a, &frame), -EPROTO);
	ends_close(&e);
	free(body);
}

static void test_closed(void **state UNUSED)
{
	struct ipc_frame frame = frame_of(IPC_CORE_DROP, 0, 0, SPAN_NONE), got;
	uint8_t bytes[IPC_HEADER_BYTES];
	int raw;
	struct ipc *ipc = against(IPC_CORE, IPC_GATE, &raw);

	/* What was said before the end is still heard. */
	header(bytes, 0, IPC_GATE_GONE, 0);
	assert_int_equal(write(raw, bytes, sizeof bytes), sizeof bytes);
	close(raw);
	CHECK_OK(ipc_read(ipc));
	CHECK_OK(ipc_next(ipc, &got));
	CHECK_IS(ipc_read(ipc), IPC_E_CLOSED);
	CHECK_OK(ipc_send(ipc, &frame));
	CHECK_IS(ipc_flush(ipc), IPC_E_CLOSED);
	assert_null(ipc_free(ipc));
	assert_null(ipc_free(NULL));
}

static void test_the_table(void **state UNUSED)
{
	size_t n = 0;

	for (unsigned verb = 0; verb < 300; verb++) {
		const struct ipc_verb_info *info = ipc_verb_info(verb);

		if (!info)
			continue;
		n++;
		assert_true(info->min_bytes <= info->max_bytes && info->max_bytes <= 16u << 20);
		assert_true(info->from != info->to && (info->from == IPC_CORE || info->to == IPC_CORE));
	}
	assert_int_equal(n, 21);
	assert_null(ipc_verb_info(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_arrive_as_sent),
		cmocka_unit_test(test_bytes_on_the_wire),
		cmocka_unit_test(test_joined_bodies),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_each_breach),
		cmocka_unit_test(test_the_sender_keeps_to_the_table_too),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_many_frames_through_a_small_socket),
		cmocka_unit_test(test_the_largest_frame),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
