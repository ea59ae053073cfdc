/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The few compiler attributes and ownership marks that every file uses.
 *
 * CLEANUP(f) frees a local when it leaves scope; TAKE(p) is the one visible line where ownership leaves.
 * ASSERT() is for programming errors only and stays in release builds; never assert on input, peers, disk or
 * memory.
 */
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define UNUSED __attribute__((unused))
#define CLEANUP(function) __attribute__((cleanup(function)))

#define TAKE(pointer) \
	__extension__({ __typeof__(pointer) taken_ = (pointer); (pointer) = NULL; taken_; })

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

_Noreturn void assert_failed(const char *expression, const char *file, int line);
#define ASSERT(expression) ((expression) ? (void)0 : assert_failed(#expression, __FILE__, __LINE__))
