/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Replay rules - versions of the rules as they were, by their hashes, fetched once. */
#include "client/lib/node.h"
#include "proto/record.h"

struct replay_rules;
enum kp_result replay_rules_new(struct kp_node *node, uint32_t timeout_ms, struct span convenant, struct replay_rules **out,
				struct kp_error *err);
struct replay_rules *replay_rules_free(struct replay_rules *r);
void replay_rules_freep(struct replay_rules **r);

/*
 * replay_rules_of() - the rules a record names
 * KP_UNVERIFIED: the house gave something else than the record names, or has it no more; *why says which.
 */
enum kp_result replay_rules_of(struct replay_rules *r, const struct record *record, const struct rules **out, const char **why,
			       struct kp_error *err);
/* replay_rules_mandate() - a mandate by the hash of its text, under those rules. */
enum kp_result replay_rules_mandate(struct replay_rules *r, const struct hash *digest, const struct rules *rules,
				    const struct mandate **out, const char **why, struct kp_error *err);
