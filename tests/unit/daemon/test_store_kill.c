/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * kill -9, for real: a child commits batches and reports each one it has committed; it dies at a moment of
 * the parent's choosing, or of its own in the middle of a file call. What was reported is there afterwards,
 * at most the batch it was busy with is there too, and nothing else.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/unit/daemon/store_help.h"

enum moment { BEFORE, HALF, AFTER, MOMENT_N };

/* Kills its own process at the n-th file call. */
struct suicide {
	unsigned calls_left; /* 0: never */
	enum moment moment;
};

static bool its_time(struct suicide *k)
{
	return k->calls_left && --k->calls_left == 0;
}

static void die_at(const struct suicide *k, enum moment moment)
{
	if (k->moment == moment)
		raise(SIGKILL);
}

static int suicide_open(void *ctx, int folder, const char *name, int flags)
{
	bool now = its_time(ctx);
	int fd;

	if (now)
		die_at(ctx, BEFORE);
	fd = disk_real()->open(NULL, folder, name, flags);
	if (now)
		raise(SIGKILL);
	return fd;
}

static int suicide_reserve(void *ctx, int fd, uint64_t bytes)
{
	bool now = its_time(ctx);
	int r;

	if (now)
		die_at(ctx, BEFORE);
	r = disk_real()->reserve(NULL, fd, bytes);
	if (now)
		raise(SIGKILL);
	return r;
}

static ssize_t suicide_write(void *ctx, int fd, const void *bytes, size_t len, uint64_t at)
{
	bool now = its_time(ctx);
	ssize_t n;

	if (now)
		die_at(ctx, BEFORE);
	n = disk_real()->write(NULL, fd, bytes,
				     now && ((struct suicide *)ctx)->moment == HALF ? len / 2 : len, at);
	if (now)
		raise(SIGKILL);
	return n;
}

static int suicide_sync(void *ctx, int fd)
{
	bool now = its_time(ctx);
	int r;

	if (now)
		die_at(ctx, BEFORE);
	r = disk_real()->sync(NULL, fd);
	if (now)
		raise(SIGKILL);
	return r;
}

static _Noreturn void child(const char *folder, struct suicide *k, int out)
{
	struct disk io = { .open = suicide_open,
				 .reserve = suicide_reserve,
				 .write = suicide_write,
				 .sync = suicide_sync,
				 .ctx = k };
	struct store_options options = small_store(folder);
	struct store *s;
	char why[200];

	options.segment_bytes = 16384;
	options.io = &io;
	if (store_open(&options, &s, why))
		_exit(1);
	for (uint64_t i = 0;; i++) {
		uint64_t n = store_size(s) + 1;

		/* A kill before the report is a kill of a batch that nobody was told of. */
		if (try_batch(s, n) || write(out, &n, sizeof n) != sizeof n)
			_exit(2);
		if (store_tick(s, i * 170, i % 3 == 0))
			_exit(3);
	}
}

/* Runs a child until it dies; at_most: the parent kills it after so many reports. The last batch reported,
 * or acked when none. */
static uint64_t run(const char *folder, struct suicide *k, unsigned at_most, uint64_t acked)
{
	int pipes[2];
	int status;
	uint64_t n;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pipes[0]);
		child(folder, k, pipes[1]);
	}
	close(pipes[1]);
	for (unsigned i = 0; read(pipes[0], &n, sizeof n) == sizeof n; i++) {
		assert_int_equal(n, acked + 1);
		acked = n;
		if (i == at_most)
			kill(pid, SIGKILL);
	}
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return acked;
}

static uint64_t check_after(const char *folder, uint64_t acked)
{
	struct store_options options = small_store(folder);
	struct store *s;
	uint64_t n;

	options.segment_bytes = 16384;
	s = must_open(&options);
	n = store_size(s);
	assert_in_range(n, acked, acked + 1);
	check_batches(s, n);
	store_free(s);
	return n;
}

static void test_killed_by_parent(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	struct suicide never = { 0 };
	unsigned seed = 4711;
	uint64_t n = 0;

	for (int round = 0; round < 30; round++)
		n = check_after(folder, run(folder, &never, (unsigned)rand_r(&seed) % 40, n));
}

/* Dies in each of its first file calls, before, in the middle of and after it; and in calls further on. */
static void test_killed_in_a_call(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	unsigned seed = 42;
	uint64_t n = 0;

	for (unsigned call = 1; call <= 30; call++) {
		for (enum moment moment = BEFORE; moment < MOMENT_N; moment++) {
			struct suicide k = { .calls_left =
						     call <= 18 ? call : 18 + (unsigned)rand_r(&seed) % 150,
					     .moment = moment };

			n = check_after(folder, run(folder, &k, UINT32_MAX, n));
		}
	}
}

/* The same while the store is made. */
static void test_killed_when_new(void **state UNUSED)
{
	for (unsigned call = 1; call <= 12; call++) {
		for (enum moment moment = BEFORE; moment < MOMENT_N; moment++) {
			CLEANUP(test_folder_freep) char *folder = test_folder_new();
			struct suicide k = { .calls_left = call, .moment = moment };

			check_after(folder, run(folder, &k, UINT32_MAX, 0));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_by_parent),
		cmocka_unit_test(test_killed_in_a_call),
		cmocka_unit_test(test_killed_when_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
