/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/probe.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* First field of /proc/PID/task/TID/schedstat: nanoseconds on a processor. */
static uint64_t task_ns(pid_t pid, const char *tid)
{
	unsigned long long ns = 0;
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%.32s/schedstat", (int)pid, tid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

void probe_read(pid_t pid, struct probe *out)
{
	unsigned long long size = 0, resident = 0;
	struct dirent *entry;
	uint64_t ns = 0;
	char path[64];
	FILE *f;
	DIR *d;

	*out = (struct probe){ 0 };
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			ns += task_ns(pid, entry->d_name);
	if (d)
		closedir(d);
	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%llu %llu", &size, &resident) == 2)
			out->rss_bytes = resident * (uint64_t)sysconf(_SC_PAGESIZE);
		fclose(f);
	}
	out->cpu_us = ns / 1000;
}

static bool is_role(pid_t pid, const char *role)
{
	char path[64], line[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(line, 1, sizeof line - 1, f);
	fclose(f);
	line[n] = 0;
	for (size_t i = 0; i < n; i += strlen(line + i) + 1)
		if (strcmp(line + i, "--role") == 0 && i + 7 < n)
			return strcmp(line + i + 7, role) == 0;
	return false;
}

pid_t probe_role(pid_t parent, const char *role)
{
	char path[64];
	pid_t found = 0;
	long child;
	FILE *f;

	if (strcmp(role, "parent") == 0)
		return parent;
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
	f = fopen(path, "re");
	while (f && fscanf(f, "%ld", &child) == 1)
		if (is_role((pid_t)child, role))
			found = (pid_t)child;
	if (f)
		fclose(f);
	return found;
}
