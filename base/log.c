/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A line is built on the stack and written with one write(2): lines of several processes on one pipe never
 * mix as long as they fit PIPE_BUF (4096), and nothing is lost in a buffer when the process dies. Anything
 * but printable ASCII becomes '?': a value that a peer chose can't start a second line or steer a terminal.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/env.h"
#include "base/text.h"

#define LINE_SIZE 1024
#define CUT_MARK "..."

static char log_role[24] = "-";
static enum log_level log_up_to = LOG_LEVEL_WARN;

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void log_init(const char *role, enum log_level level)
{
	snprintf(log_role, sizeof log_role, "%s", role);
	log_up_to = level;
}

enum log_level log_level(void)
{
	return log_up_to;
}

static void line_write(const char *line, size_t len)
{
	ssize_t n;

	/* A log that can't be written (closed, full) must not stop the work. A partial line stays partial. */
	do
		n = write(STDERR_FILENO, line, len);
	while (n < 0 && errno == EINTR);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
	int saved_errno = errno;
	char line[LINE_SIZE];
	char stamp[TIME_TEXT_SIZE];
	va_list args;
	size_t len;
	int n;

	if (level > log_up_to)
		return;
	time_encode(env_unix_ms(env_system()), stamp);
	n = snprintf(line, sizeof line, "%s %s %s %s ", stamp, level_names[level], log_role, event);
	len = n < 0 ? 0 : (size_t)n;
	if (len < sizeof line) {
		va_start(args, format);
		n = vsnprintf(line + len, sizeof line - len, format, args);
		va_end(args);
		len += n < 0 ? 0 : (size_t)n;
	}
	if (len >= sizeof line) {
		len = sizeof line - 1;
		memcpy(line + len - strlen(CUT_MARK), CUT_MARK, strlen(CUT_MARK));
	}
	for (size_t i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '?';
	line[len++] = '\n';
	line_write(line, len);
	errno = saved_errno;
}
