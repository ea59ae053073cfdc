/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Failures as the public API tells them: which side, at which stage, what, and what to do about it.
 *
 * Each returns the result it was given, so that "return failure(...)" is one line. err may be NULL
 * everywhere.
 */
#include "base/fault.h"
#include "knooppunt/knooppunt.h"

/* @where: "side/stage", for example "here/keys". remedy: "" when there is none. */
enum kp_result failure(struct kp_error *err, enum kp_result result, const char *where, const char *remedy,
		       const char *format, ...) PRINTF_LIKE(5, 6);
/* fail_code() - sets the code of the error that failure() filled. */
void fail_code(struct kp_error *err, const char *code);
/* fail_fatal() - KP_ERROR for a fatal error of a lower module. */
enum kp_result fail_fatal(struct kp_error *err, const char *where, int error);
/* fail_faults() - the first fault of a text, and how many more there are. */
enum kp_result fail_faults(struct kp_error *err, enum kp_result result, const char *where,
			   const struct fault_list *faults);
enum kp_result fail_usage(struct kp_error *err, const char *format, ...) PRINTF_LIKE(2, 3);
void failure_clear(struct kp_error *err);
