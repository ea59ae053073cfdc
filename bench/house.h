/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * House - a whole house for a measurement: made, started, joined and stopped with the very commands an operator uses.
 */
#include <sys/types.h>

#include "base/span.h"

struct bench_house {
	char command[512], daemon[512]; /* paths of knooppunt and knooppuntd */
	char share[512];                /* installed data: the example house */
	char folder[512];               /* everything lives below it */
	char house[560], asker[560], answerer[560], casus[64];
	pid_t pid;                      /* knooppuntd's parent process */
};

#define BENCH_ASKER "zvhd-nazorg"
#define BENCH_ANSWERER "gemeente-assen-sociaal-domein"

/* bench_house_start() - 0; -1 with why (the failing command and what it printed). folder must not exist. */
MUST_CHECK int bench_house_start(struct bench_house *h, char why[400]);
void bench_house_stop(struct bench_house *h);
void bench_house_remove(const struct bench_house *h); /* the whole folder */
/* bench_house_status() - the house's own figures, JSON text (free()); NULL when it does not answer. */
char *bench_house_status(const struct bench_house *h);
