/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts are cut to the sizes of the public struct; a cut text still ends in its NUL. */
#include "client/lib/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

void failure_clear(struct kp_error *err)
{
	if (err)
		memset(err, 0, sizeof *err);
}

static void where_set(struct kp_error *err, const char *where)
{
	const char *slash = strchr(where, '/');
	int side = slash ? (int)(slash - where) : (int)strlen(where);

	snprintf(err->side, sizeof err->side, "%.*s", side, where);
	snprintf(err->stage, sizeof err->stage, "%s", slash ? slash + 1 : "");
}

enum kp_result failure(struct kp_error *err, enum kp_result result, const char *where, const char *remedy,
		       const char *format, ...)
{
	va_list args;

	if (!err)
		return result;
	failure_clear(err);
	where_set(err, where);
	snprintf(err->remedy, sizeof err->remedy, "%s", remedy);
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return result;
}

void fail_code(struct kp_error *err, const char *code)
{
	if (err)
		snprintf(err->code, sizeof err->code, "%s", code);
}

enum kp_result fail_fatal(struct kp_error *err, const char *where, int error)
{
	const char *remedy = "Nothing that was stored is lost; mend the cause and repeat the call.";

	return failure(err, KP_ERROR, where, remedy, "%s", err_text(error));
}

enum kp_result fail_faults(struct kp_error *err, enum kp_result result, const char *where,
			   const struct fault_list *faults)
{
	const struct fault *f = &faults->v[0];
	size_t more = faults->n + faults->n_more - (faults->n ? 1 : 0);
	const char *file = faults->file ? faults->file : "text";

	if (!faults->n)
		return failure(err, result, where, "", "%s was refused", file);
	if (f->line)
		failure(err, result, where, "", "%s:%u:%u: %s", file, f->line, f->column, f->text);
	else
		failure(err, result, where, "", "%s: %s", file, f->text);
	if (err && more)
		snprintf(err->remedy, sizeof err->remedy,
			 "There are %zu more faults in %s; correct them all and repeat.", more, file);
	return result;
}

enum kp_result fail_usage(struct kp_error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return KP_USAGE;
	failure(err, KP_USAGE, "here/call", "Correct the call; nothing was sent.", "%s", "");
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return KP_USAGE;
}
