/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The operational log: one line per event on stderr, "time level role event key=value ...".
 *
 * A healthy system is silent after start. Payloads, keys and identities have no path into it: values are
 * typed, there is no %s for a span or a secret. Audit is not logging (see daemon/core): other place, other
 * guarantees. The level and the role are the only mutable globals; set once at start. Threads: any; a line is
 * written with one write(2).
 */
#include "base/macro.h"

enum log_level { LOG_LEVEL_ERROR = 0, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_init(const char *role, enum log_level level);
enum log_level log_level(void);

/* log_event() - event is a stable lower-case id ("peer-refused"); the format holds key=value pairs. */
void log_event(enum log_level level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

#define log_error(event, ...) log_event(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_event(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_event(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
