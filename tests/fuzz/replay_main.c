/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A fuzz target as an ordinary test: every file of its corpus, whole and cut at each of its first bytes, then
 * MUTATIONS damaged copies of each. The damage comes from a fixed seed, so a failure repeats; its input is
 * left in <name>.failed for a debugger.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macro.h"

#define INPUT_MAX ((size_t)1 << 20)
#define MUTATIONS 2000
#define MUTATED_BYTES ((size_t)16 << 20) /* per corpus file: large ones are damaged less often */
#define CUTS 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t input[INPUT_MAX];
static size_t input_len;
static char failed_path[512];
static uint64_t random_state;

static void on_abort(int signal_number)
{
	int fd = creat(failed_path, 0600);
	size_t n = 0;

	while (fd >= 0 && n < input_len) {
		ssize_t r = write(fd, input + n, input_len - n);

		if (r <= 0)
			break;
		n += (size_t)r;
	}
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* xorshift64*: repeatable on every machine; nothing here needs to be unpredictable. */
static size_t random_below(size_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return n ? (size_t)(random_state * UINT64_C(2685821657736338717) >> 16) % n : 0;
}

static void try_input(void)
{
	/* A heap copy of the exact size, so that a read past the end is seen. */
	uint8_t *copy = malloc(input_len ? input_len : 1);

	if (!copy)
		abort();
	memcpy(copy, input, input_len);
	LLVMFuzzerTestOneInput(copy, input_len);
	free(copy);
}

static void bytes_remove(size_t at, size_t n)
{
	memmove(input + at, input + at + n, input_len - at - n);
	input_len -= n;
}

static void bytes_repeat(size_t at, size_t n)
{
	if (input_len + n > INPUT_MAX)
		return;
	memmove(input + at + n, input + at, input_len - at);
	input_len += n;
}

static void damage_once(void)
{
	static const uint8_t edges[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, '\n', '"', '[', '{', ' ' };
	size_t at = random_below(input_len);
	size_t n = 1 + random_below(8);

	if (!input_len)
		return;
	if (n > input_len - at)
		n = input_len - at;
	switch (random_below(6)) {
	case 0:
		input[at] ^= (uint8_t)(1U << random_below(8));
		break;
	case 1:
		input[at] = (uint8_t)random_below(256);
		break;
	case 2:
		input[at] = edges[random_below(N_ELEMENTS(edges))];
		break;
	case 3:
		bytes_remove(at, n);
		break;
	case 4:
		bytes_repeat(at, n);
		break;
	default:
		memmove(input + at, input + random_below(input_len - n + 1), n);
		break;
	}
}

static size_t replay(const uint8_t *file, size_t len)
{
	size_t mutations = len * MUTATIONS > MUTATED_BYTES ? MUTATED_BYTES / len : MUTATIONS;

	memcpy(input, file, len);
	for (size_t cut = 0; cut <= len && cut < CUTS; cut++) {
		input_len = cut;
		try_input();
	}
	input_len = len;
	try_input();
	for (size_t i = 0; i < mutations; i++) {
		memcpy(input, file, len);
		input_len = len;
		for (size_t n = 1 + random_below(4); n; n--)
			damage_once();
		try_input();
	}
	return 1;
}

static size_t replay_file(const char *path)
{
	static uint8_t file[INPUT_MAX];
	FILE *f = fopen(path, "rbe");
	size_t len;

	if (!f)
		return 0;
	len = fread(file, 1, sizeof file, f);
	if (ferror(f) || !feof(f)) {
		fprintf(stderr, "%s: can't be read, or is larger than 1 MiB\n", path);
		exit(1);
	}
	fclose(f);
	random_state = UINT64_C(0x9e3779b97f4a7c15);
	return replay(file, len);
}

int main(int argc, char **argv)
{
	struct dirent **names;
	size_t n_files = 0;
	int n;

	if (argc != 2 || (n = scandir(argv[1], &names, NULL, alphasort)) < 0) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	snprintf(failed_path, sizeof failed_path, "%s.failed", argv[0]);
	signal(SIGABRT, on_abort);
	signal(SIGSEGV, on_abort);
	for (int i = 0; i < n; i++) {
		char path[4096];

		snprintf(path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			n_files += replay_file(path);
		free(names[i]);
	}
	free(names);
	printf("%zu corpus files replayed\n", n_files);
	return n_files ? 0 : 1;
}
