/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Limiter - lets one log line of a kind through per period and counts the rest, so that who knocks a million times
 * can't fill the disk with it.
 */
#include <stdbool.h>
#include <stdint.h>

#define LIMITER_MS 10000

struct limiter {
	uint64_t next_ms;
	uint64_t n_hidden; /* since the last line */
};

/* limiter_pass() - whether to log now; *n_hidden: how many were not, before this one. */
static inline bool limiter_pass(struct limiter *l, uint64_t now_ms, uint64_t *n_hidden)
{
	if (now_ms < l->next_ms) {
		l->n_hidden++;
		return false;
	}
	*n_hidden = l->n_hidden;
	*l = (struct limiter){ .next_ms = now_ms + LIMITER_MS };
	return true;
}
