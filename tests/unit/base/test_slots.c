/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * base/slots: what was flushed is there after a power cut, what was not is there or not or torn and known as such; what was
 * cleared and flushed never comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/slots.h"
#include "tests/lib/harness.h"

static char *folder;

static int make(void **state UNUSED)
{
	folder = test_folder_new();
	return 0;
}

static int clean(void **state UNUSED)
{
	test_folder_free(folder);
	return 0;
}

static struct slot slot_of(unsigned n)
{
	struct slot s = { 0 };

	memset(s.id, (int)n, sizeof s.id);
	put_u32(s.id, n);
	memset(s.value, (int)(n * 7 + 1), sizeof s.value);
	return s;
}

static struct slots *opened_with(const struct slots_options *options)
{
	struct slots *s = NULL;

	CHECK_OK(slots_open(options, &s));
	return s;
}

static struct slots *opened(const char *path)
{
	return opened_with(&(struct slots_options){ .path = path });
}

static void test_life_of_a_key(void **state UNUSED)
{
	const char *path = test_path(folder, "store.slots");
	struct slot a = slot_of(1), b = slot_of(2), got;
	uint64_t at, other, n;
	struct slots *s;

	CHECK_OK(slots_create(path));
	CHECK_IS(slots_create(path), SLOTS_E_EXISTS);
	s = opened(path);
	CHECK_OK(slots_n(s, &n));
	assert_int_equal(n, 0);
	CHECK_OK(slots_add(s, &a, &at));
	CHECK_OK(slots_add(s, &b, &other));
	CHECK(at != other);
	CHECK_OK(slots_get(s, at, a.id, &got));
	CHECK(got.state == SLOT_NEW && !memcmp(got.value, a.value, sizeof a.value));
	CHECK_IS(slots_get(s, at, b.id, &got), SLOTS_E_ABSENT);
	CHECK_OK(slots_keep(s, at, a.id));
	CHECK_IS(slots_keep(s, at, b.id), SLOTS_E_ABSENT);
	CHECK_OK(slots_sync(s));
	s = slots_close(s);
	s = opened(path);
	CHECK_OK(slots_get(s, at, a.id, &got));
	CHECK(got.state == SLOT_KEPT && !memcmp(got.value, a.value, sizeof a.value));
	/* Clearing is of that key alone, and may be said twice. */
	CHECK_OK(slots_clear(s, at, b.id));
	CHECK_OK(slots_get(s, at, a.id, &got));
	CHECK_OK(slots_clear(s, at, a.id));
	CHECK_OK(slots_clear(s, at, a.id));
	CHECK_OK(slots_clear(s, 1u << 19, a.id));
	CHECK_IS(slots_get(s, at, a.id, &got), SLOTS_E_ABSENT);
	CHECK_IS(slots_get(s, UINT64_MAX, a.id, &got), SLOTS_E_ABSENT);
	/* Its place is used again; the key itself is nowhere in the file. */
	CHECK_OK(slots_add(s, &b, &n));
	CHECK(n == at);
	slots_close(s);
	{
		CLEANUP(buffer_fini) struct buffer bytes = { 0 };

		test_file(path, &bytes);
		CHECK(memmem(bytes.ptr, bytes.len, a.value, sizeof a.value) == NULL);
		CHECK(memmem(bytes.ptr, bytes.len, a.id, sizeof a.id) == NULL);
	}
}

static void test_bounds(void **state UNUSED)
{
	const char *path = test_path(folder, "small.slots");
	struct slots *s;
	struct slot a;
	uint64_t at;

	CHECK_OK(slots_create(path));
	s = opened_with(&(struct slots_options){ .path = path, .max = 600 });
	for (unsigned i = 1; i <= 600; i++) { /* beyond one step of growth */
		a = slot_of(i);
		CHECK_OK(slots_add(s, &a, &at));
		assert_int_equal(at, i - 1);
	}
	CHECK_IS(slots_add(s, &a, &at), SLOTS_E_FULL);
	a = slot_of(77);
	CHECK_OK(slots_clear(s, 76, a.id));
	CHECK_OK(slots_add(s, &a, &at));
	assert_int_equal(at, 76);
	CHECK_IS(slots_add(s, &a, &at), SLOTS_E_FULL);
	slots_close(s);
}

static void test_what_is_no_key_store(void **state UNUSED)
{
	struct slots_options options = { .path = test_path(folder, "none") };
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	struct slots *s = NULL, *second;
	char path[200];
	int fd;

	CHECK_IS(slots_open(&options, &s), SLOTS_E_ABSENT);
	snprintf(path, sizeof path, "%s", test_path(folder, "other"));
	options.path = path;
	CHECK_OK(slots_create(path));
	CHECK_OK(chmod(path, 0640));
	CHECK_IS(slots_open(&options, &s), SLOTS_E_DENIED);
	CHECK_OK(chmod(path, 0600));
	CHECK_OK(symlink(path, test_path(folder, "link")));
	options.path = test_path(folder, "link");
	CHECK_IS(slots_open(&options, &s), SLOTS_E_DENIED);
	options.path = path;
	options.alone = true;
	CHECK_OK(slots_open(&options, &s));
	CHECK_IS(slots_open(&options, &second), SLOTS_E_LOCKED);
	s = slots_close(s);
	/* Each byte of the header that says anything. */
	test_file(path, &bytes);
	for (size_t i = 0; i < 40; i++) {
		uint8_t flipped = bytes.ptr[i] ^ 4;

		fd = open(path, O_WRONLY | O_CLOEXEC);
		CHECK(pwrite(fd, &flipped, 1, (off_t)i) == 1);
		CHECK_IS(slots_open(&options, &s), SLOTS_E_BROKEN);
		CHECK(pwrite(fd, bytes.ptr + i, 1, (off_t)i) == 1);
		close(fd);
	}
	CHECK_OK(truncate(path, 30));
	CHECK_IS(slots_open(&options, &s), SLOTS_E_BROKEN);
}

/* One flipped bit in a place: it is no key any more, and no other one. */
static void test_damage(void **state UNUSED)
{
	const char *path = test_path(folder, "damaged");
	struct slot a = slot_of(9), got;
	struct slots *s;
	uint64_t at;
	int fd;

	CHECK_OK(slots_create(path));
	s = opened(path);
	CHECK_OK(slots_add(s, &a, &at));
	fd = open(path, O_RDWR | O_CLOEXEC);
	for (unsigned bit = 0; bit < 112 * 8; bit++) {
		off_t where = (off_t)(4096 + bit / 8);
		uint8_t byte;

		CHECK(pread(fd, &byte, 1, where) == 1);
		byte ^= (uint8_t)(1u << bit % 8);
		CHECK(pwrite(fd, &byte, 1, where) == 1);
		if (bit / 8 == 0) { /* the state: a free place it can't look like */
			CHECK_OK(slots_at(s, at, &got));
			CHECK(got.state != SLOT_FREE);
		} else if (bit / 8 >= 8) {
			CHECK_IS(slots_get(s, at, a.id, &got), SLOTS_E_BROKEN);
		}
		byte ^= (uint8_t)(1u << bit % 8);
		CHECK(pwrite(fd, &byte, 1, where) == 1);
	}
	CHECK_OK(slots_get(s, at, a.id, &got));
	/* What is broken can be cleared by who knows that its key has ended. */
	CHECK(pwrite(fd, "x", 1, 4096 + 30) == 1);
	CHECK_OK(slots_clear(s, at, a.id));
	CHECK_OK(slots_at(s, at, &got));
	CHECK(got.state == SLOT_FREE);
	close(fd);
	slots_close(s);
}

/* Two processes that take turns: neither writes over the other's. */
static void test_two(void **state UNUSED)
{
	const char *path = test_path(folder, "shared");
	struct slots *s[2];
	struct slot a, got;
	uint64_t at[40];

	CHECK_OK(slots_create(path));
	s[0] = opened(path);
	s[1] = opened(path);
	for (unsigned i = 0; i < 40; i++) {
		a = slot_of(i + 1);
		CHECK_OK(slots_add(s[i % 3 == 0], &a, &at[i]));
	}
	for (unsigned i = 0; i < 40; i++) {
		a = slot_of(i + 1);
		CHECK_OK(slots_get(s[0], at[i], a.id, &got));
		CHECK_OK(slots_get(s[1], at[i], a.id, &got));
	}
	a = slot_of(1);
	CHECK_OK(slots_clear(s[0], at[0], a.id)); /* the other's */
	CHECK_IS(slots_get(s[1], at[0], a.id, &got), SLOTS_E_ABSENT);
	slots_close(s[0]);
	slots_close(s[1]);
}

/* ---- a disk that forgets what was not flushed ---- */

#define WRITES_MAX 64
#define PLACES 24

static struct {
	int fd;
	size_t n;
	struct {
		uint64_t at;
		size_t len;
		uint8_t before[256];
	} v[WRITES_MAX];
	unsigned random;
	bool sync_fails, torn;
} cut;

static unsigned dice(unsigned n)
{
	cut.random = cut.random * 1664525u + 1013904223u;
	return (cut.random >> 8) % n;
}

static int cut_open(void *ctx, int at, const char *name, int flags)
{
	cut.fd = disk_real()->open(ctx, at, name, flags);
	cut.n = 0;
	return cut.fd;
}

static ssize_t cut_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	size_t part = cut.torn && len > 1 && dice(10) == 0 ? len / 2 : len; /* short now and then */

	CHECK(cut.n < WRITES_MAX && part <= sizeof cut.v[0].before);
	cut.v[cut.n].at = at;
	cut.v[cut.n].len = part;
	CHECK(pread(fd, cut.v[cut.n].before, part, (off_t)at) == (ssize_t)part);
	cut.n++;
	return disk_real()->write(ctx, fd, bytes, part, at);
}

static int cut_sync(void *ctx UNUSED, int fd UNUSED)
{
	if (cut.sync_fails)
		return -EIO;
	cut.n = 0;
	return 0;
}

/* The power goes: of what was not flushed any part is lost, also half a write when torn. */
static void power_cut(const char *path, bool torn)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	while (cut.n-- > 0) {
		size_t len = cut.v[cut.n].len, lost = dice(3) ? len : 0;

		if (torn && dice(2))
			lost = dice((unsigned)len + 1);
		CHECK(pwrite(fd, cut.v[cut.n].before, lost, (off_t)cut.v[cut.n].at) == (ssize_t)lost);
	}
	cut.n = 0;
	close(fd);
}

enum wish { WISH_NONE = 0, WISH_NEW, WISH_KEPT };
struct model {
	unsigned key;        /* of the place; 0: none */
	enum wish now;       /* as it was written */
	unsigned flushed_key;
	enum wish flushed;   /* as it was at the last flush */
	bool touched;        /* since then */
};

static void model_check(struct slots *s, struct model *m, bool torn)
{
	for (unsigned i = 0; i < PLACES; i++) {
		struct slot got, was = slot_of(m[i].flushed_key), is = slot_of(m[i].key);

		CHECK_OK(slots_at(s, i, &got));
		if (!m[i].touched) { /* flushed: exactly that */
			CHECK((enum wish)got.state == m[i].flushed);
			CHECK(got.state == SLOT_FREE || !memcmp(got.id, was.id, ID_BYTES));
			continue;
		}
		/* Else one of the two, whole; or torn and known as such. */
		CHECK(got.state != SLOT_BROKEN || torn);
		if (got.state == SLOT_NEW || got.state == SLOT_KEPT)
			CHECK((!memcmp(got.id, was.id, ID_BYTES) && !memcmp(got.value, was.value, SLOT_VALUE_BYTES)) ||
			      (!memcmp(got.id, is.id, ID_BYTES) && !memcmp(got.value, is.value, SLOT_VALUE_BYTES)));
	}
}

static void model_step(struct slots *s, struct model *m, unsigned *next_key)
{
	unsigned i = dice(PLACES);
	struct slot a;
	uint64_t at;

	switch (dice(5)) {
	case 0:
	case 1:
		a = slot_of(++*next_key);
		if (slots_add(s, &a, &at) != SLOTS_OK)
			return;
		CHECK(at < PLACES && m[at].now == WISH_NONE);
		m[at].key = *next_key;
		m[at].now = WISH_NEW;
		m[at].touched = true;
		break;
	case 2:
		a = slot_of(m[i].key);
		if (m[i].now != WISH_NEW || m[i].touched) /* kept only after the flush that made it durable */
			return;
		CHECK_OK(slots_keep(s, i, a.id));
		m[i].now = WISH_KEPT;
		m[i].touched = true;
		break;
	case 3:
		a = slot_of(m[i].key);
		if (m[i].now == WISH_NONE || m[i].touched)
			return;
		CHECK_OK(slots_clear(s, i, a.id));
		m[i].now = WISH_NONE;
		m[i].touched = true;
		break;
	default:
		if (cut.n < 12 && dice(3))
			return;
		cut.sync_fails = dice(6) == 0;
		if (slots_sync(s) == SLOTS_OK)
			for (unsigned k = 0; k < PLACES; k++) {
				m[k].flushed = m[k].now;
				m[k].flushed_key = m[k].key;
				m[k].touched = false;
			}
		cut.sync_fails = false;
	}
}

static void history(unsigned seed, bool torn)
{
	const struct disk disk = { cut_open, disk_real()->reserve, cut_write, cut_sync, NULL };
	char path[200];
	struct slots_options options = { .path = path, .max = PLACES, .disk = &disk };
	struct model m[PLACES] = { 0 };
	unsigned next_key = 0, steps;
	struct slots *s;

	snprintf(path, sizeof path, "%s/cut-%u-%d", folder, seed, torn);
	CHECK_OK(slots_create(path));
	cut.random = seed * 2654435761u + torn;
	cut.torn = torn;
	for (int life = 0; life < 4; life++) {
		s = opened_with(&options);
		steps = 5 + dice(40);
		while (steps-- && cut.n < WRITES_MAX - 6)
			model_step(s, m, &next_key);
		slots_close(s);
		power_cut(path, torn);
		s = opened(path);
		model_check(s, m, torn);
		for (unsigned i = 0; i < PLACES; i++) { /* what the cut left in doubt is cleared, as its owner would */
			if (m[i].touched) {
				CHECK_OK(slots_clear_any(s, i));
				m[i] = (struct model){ 0 };
			}
			m[i].flushed = m[i].now;
			m[i].flushed_key = m[i].key;
		}
		slots_close(s);
	}
	CHECK_OK(unlink(path));
}

static void test_power_cuts(void **state UNUSED)
{
	for (unsigned seed = 1; seed <= 400; seed++) {
		history(seed, false);
		history(seed, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life_of_a_key), cmocka_unit_test(test_bounds), cmocka_unit_test(test_what_is_no_key_store),
		cmocka_unit_test(test_damage),        cmocka_unit_test(test_two),    cmocka_unit_test(test_power_cuts),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
