/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What a running process costs, read from /proc. */
#include <sys/types.h>

#include "base/span.h"

struct probe {
	uint64_t cpu_us;    /* on a processor, all threads */
	uint64_t rss_bytes; /* resident now */
};
/* probe_read() - zeroes when the process is gone. */
void probe_read(pid_t pid, struct probe *out);
/* probe_role() - the child of a knooppuntd that runs the role; the parent itself for "parent"; 0 when there is none. */
pid_t probe_role(pid_t parent, const char *role);
