/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What every C test includes: cmocka with what it needs, checks on the project's results, a folder of its
 * own.
 *
 * CHECK_OK and CHECK_IS show the expression and the result it gave instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/macro.h"
#include "base/span.h"

#define CHECK_IS(expression, expected) \
	do { \
		int got_ = (expression), want_ = (expected); \
		if (got_ != want_) \
			fail_msg("%s gave %d, expected %s (%d)", #expression, got_, #expected, want_); \
	} while (0)
#define CHECK_OK(expression) CHECK_IS(expression, 0)
#define CHECK(condition) assert_true(condition)

#define CHECK_SPAN(bytes, expected) \
	do { \
		struct span got_ = (bytes), want_ = (expected); \
		assert_int_equal(got_.len, want_.len); \
		if (want_.len) \
			assert_memory_equal(got_.ptr, want_.ptr, want_.len); \
	} while (0)
/* The text of a buffer, against a string. */
#define CHECK_BUFFER(buffer, text) CHECK_SPAN(buffer_span(buffer), span_of_text(text))

/* test_folder_new() - a new empty folder under TMPDIR; test_folder_free() removes it with what is in it. */
char *test_folder_new(void);
void test_folder_free(char *folder);
void test_folder_freep(char **folder);

/* test_path() - "folder/name" in a ring of static buffers, good for a few at a time. */
const char *test_path(const char *folder, const char *name);

/* test_file() - a whole file below tests/, the working folder of every test; fails the test without it. */
void test_file(const char *path, struct buffer *out);
