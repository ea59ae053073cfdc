/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A failed assertion is a bug in this program: say where, then stop, so that nothing is decided on a state
 * that can't be.
 */
#include <stdlib.h>

#include "base/log.h"

_Noreturn void assert_failed(const char *expression, const char *file, int line)
{
	log_error("assert-failed", "at=%s:%d expression=%s", file, line, expression);
	abort();
}
