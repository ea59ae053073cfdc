/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Handler - a partner's own program that looks a person up: one run per question, JSON on standard input, JSON on standard
 * output, exit status 0. Anything else (another status, a signal, no JSON, too long, too late) is no answer.
 */
#include "base/span.h"

#define HANDLER_OUTPUT_MAX (4u << 20)

enum { HANDLER_OK = 0, HANDLER_E_FAILED = 1 };
/* handler_run() - run command through /bin/sh; out is initialised here. why says what went wrong on HANDLER_E_FAILED. */
MUST_CHECK int handler_run(const char *command, struct span input, uint32_t timeout_ms, struct buffer *out, char why[200]);
