/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Verify - signature checks and digests on worker threads: pure jobs on input that nobody changes meanwhile.
 *
 * Jobs are pushed as frames come in and collected, all of them, before anything is decided: the order of arrival is that of the
 * jobs' owner, not of their completion. Whoever collects works along, so a lone message never waits for a thread to wake up.
 *
 * Owns:    the threads. Borrows: every job until verify_collect() returned.
 * Threads: push and collect from the core thread; the workers touch nothing but the jobs.
 */
#include "proto/envelope.h"

struct verify_job {
	const struct envelope *envelope; /* NULL: only the digest is wanted */
	struct span bytes;               /* as received */
	uint8_t key[SIGN_PUBLIC_BYTES];
	bool has_key;
	/* results */
	bool holds;
	int error;                       /* <0: could not be checked (out of memory) */
	struct hash digest;
	struct verify_job *next;
};

struct verify_pool;
MUST_CHECK int verify_pool_new(unsigned threads, struct verify_pool **out);
struct verify_pool *verify_pool_free(struct verify_pool *p);
void verify_push(struct verify_pool *p, struct verify_job *job);
void verify_collect(struct verify_pool *p); /* all pushed jobs are done when it returns */
void verify_run(struct verify_job *job);    /* one job, here and now */
