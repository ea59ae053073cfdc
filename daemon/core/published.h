/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Published - the heads that are offered to the witnesses: the newest signed one, at most one each interval, so that all of them cosign
 * the same. The last few gather cosignatures; receipts that are asked for later, checkpoints and exports carry them.
 *
 * Not durable but for the best of them (KEYSPACE_META "getuigd"), and that with the next batch: what a crash loses the nodes bring
 * again when they connect.
 */
#include "daemon/core/inside.h"
#include "proto/checkpoint.h"

#define PUBLISHED_MAX 8

MUST_CHECK int published_new(uint64_t interval_ms, struct published **out); /* 0: nothing is published */
struct published *published_free(struct published *p);
MUST_CHECK int published_start(struct core *c); /* the best and the newest of before */
MUST_CHECK int published_tick(struct core *c);  /* a NOTICE to every node when one is due */
uint64_t published_due_ms(const struct core *c);
MUST_CHECK int published_keep(struct core *c);  /* into the open batch */
void published_rolled_back(struct core *c);

/* published_cosign() - @note: a checkpoint with the log's line and one witness's, both verified. *kept false: no such head any more. */
MUST_CHECK int published_cosign(struct core *c, uint64_t size, struct span note, bool *kept);

/* Each note with the cosignatures it has so far; SPAN_NONE when there is none of that kind. */
struct span published_of(const struct core *c, uint64_t size);                    /* of exactly this size */
struct span published_newest(const struct core *c, uint64_t *size);
struct span published_best(const struct core *c, uint64_t index, uint64_t *size); /* covers the entry; most cosignatures, if any */
