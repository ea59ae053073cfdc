/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Load - a real asker and a real answerer, each a process with its own keys and connection, keep a number of exchanges in
 * flight with a real house.
 *
 * An exchange: question composed, sealed, signed -> decided, logged, receipted, delivered -> signer's chain verified, opened,
 * acknowledged -> answer composed, sealed, signed -> decided, logged, receipted, delivered -> verified, opened, acknowledged.
 * Every receipt is checked (binding, inclusion, the house's signature). What is left out of a node: its own outbox and inbox on
 * disk; the daemon is what is measured here, and on one machine both would wait for the same disk.
 */
#include <sys/types.h>

#include "base/span.h"

struct load_options {
	const char *asker_home, *asker;       /* home and hoedanigheid */
	const char *answerer_home, *answerer;
	const char *casus, *regime, *overleg, *grondslag, *doel, *category;
	size_t in_flight;
	uint32_t warmup_ms, measure_ms;
	int ready_fd; /* asker only: one byte when the measured time begins, one when it ends; -1: none */
};

struct load_result {
	uint64_t exchanges, receipts; /* within the measured time */
	uint64_t measured_us;
	uint64_t receipt_us_p50, receipt_us_p99; /* send to checked receipt, of questions */
	uint64_t answer_us_p50, answer_us_p99;   /* send to answer opened */
	uint64_t refused, bad;                   /* must be 0 */
};

/* Both run in a process of their own, after fork and before any other use of ZeroMQ. */
/* load_answer() - answers until stop_fd is readable. 0, or -1 with why. */
MUST_CHECK int load_answer(const struct load_options *o, int stop_fd, char why[400]);
/* load_ask() - warm up, measure, let what is in flight come home. 0, or -1 with why. */
MUST_CHECK int load_ask(const struct load_options *o, struct load_result *out, char why[400]);
