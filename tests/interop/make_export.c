/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * make_export - what the interop tests check: an export of a sample log with receipts beside it, or one bit
 * of a file flipped.
 *
 *   make_export DIR SIZE           writes the export to DIR and receipts to DIR-<index>.tlog-proof
 *   make_export --flip FILE BIT    flips one bit
 *   make_export --verify DIR       verifies an export, as audit verify does; prints the file that is bad
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/interop/sample_log.h"

static int flip(const char *path, uint64_t bit)
{
	CLEANUP(buffer_fini) struct buffer bytes;

	if (file_read(path, 1 << 26, &bytes) != FILE_OK || bit / 8 >= bytes.len)
		return 1;
	bytes.ptr[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	return file_write(path, buffer_span(&bytes), 0644) ? 1 : 0;
}

static int receipt_write(const struct sample_log *log, uint64_t index, uint64_t size, const char *dir)
{
	CLEANUP(buffer_fini) struct buffer receipt;
	char path[4096];

	buffer_init(&receipt, 0);
	sample_log_receipt(log, index, size, &receipt);
	snprintf(path, sizeof path, "%s-%llu.tlog-proof", dir, (unsigned long long)index);
	return file_write(path, buffer_span(&receipt), 0644) ? 1 : 0;
}

static int verify(const char *dir)
{
	const struct tiles_options options = { .threads = 0 };
	struct tiles_report report;
	int r = tiles_verify(dir, &options, &report);

	if (r == TILES_E_BAD)
		printf("%s\n", report.file);
	return r ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct sample_log *log;
	struct tiles_report report;
	uint64_t number;
	int failed;

	if (argc == 4 && strcmp(argv[1], "--flip") == 0 && decimal_decode(span_of_text(argv[3]), &number))
		return flip(argv[2], number);
	if (argc == 3 && strcmp(argv[1], "--verify") == 0)
		return verify(argv[2]);
	if (argc != 3 || !decimal_decode(span_of_text(argv[2]), &number)) {
		fprintf(stderr, "usage: make_export DIR SIZE | make_export --flip FILE BIT | make_export --verify DIR\n");
		return 2;
	}
	log = sample_log_new(number, 1, 600);
	failed = sample_log_export(log, number, argv[1], &report);
	if (failed)
		fprintf(stderr, "make_export: %s: %s\n", report.file, report.reason);
	else if (number)
		failed = receipt_write(log, 0, number, argv[1]) ||
		         receipt_write(log, number / 2, number, argv[1]) ||
		         receipt_write(log, number - 1, number, argv[1]);
	sample_log_free(log);
	return failed ? 1 : 0;
}
