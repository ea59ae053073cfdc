/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An error never turns into success on its way: what reaches err_raise() or err_pass() with the wrong sign is
 * a mistake in the caller and becomes fatal, so that a documented result that nobody handled can't be taken
 * for another function's.
 */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"

static int trace(const char *step, int error, const char *file, int line, const char *function)
{
	int fatal = error < 0 ? error : -ENOTRECOVERABLE;

	log_debug(step, "error=%d result=%d at=%s:%d in=%s", error, fatal, file, line, function);
	return fatal;
}

int err_raise_at(int error, const char *file, int line, const char *function)
{
	return trace("error-raised", error, file, line, function);
}

int err_pass_at(int error, const char *file, int line, const char *function)
{
	if (!error)
		return 0;
	if (error > 0)
		log_error("result-forwarded", "result=%d at=%s:%d in=%s", error, file, line, function);
	return trace("error-passed", error, file, line, function);
}

int err_fold_at(int error, const char *file, int line, const char *function)
{
	if (!error)
		return 0;
	return trace("error-folded", error, file, line, function);
}

const char *err_text(int error)
{
	/* Not strerror(), which follows the locale and shares its buffer. As unsigned: INT_MIN is legal. */
	const char *text = strerrordesc_np((int)(0U - (unsigned)error));

	return text ? text : "unknown error";
}
