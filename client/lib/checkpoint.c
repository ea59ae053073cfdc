/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A node is a witness of its own log: it remembers two checkpoints and asks proof that each was only added
 * to.
 *
 *   "checkpoint"  the newest one whose growth was proven, step by step, since this node joined
 *   "seen"        the largest one that came with a receipt since
 *
 * Each is proven into the newest one; they meet again when the log is quiet. When a proof fails, or one size
 * has two roots, both notes are kept in evidence/: two checkpoints of one origin, signed by one key, that
 * contradict each other prove the fork to anyone.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "client/lib/session.h"
#include "proto/checkpoint.h"

#define ARENA_BYTES (256u << 10)

static const char *const names[] = { "checkpoint", "seen" };

static enum kp_result fork_found(struct kp_node *node, struct span before, struct span after, const char *how,
				 struct kp_error *err)
{
	char file[64];
	uint64_t now = env_unix_ms(node->env);

	snprintf(file, sizeof file, "%" PRIu64 "-before.checkpoint", now);
	node_keep(node, "evidence", file, before);
	snprintf(file, sizeof file, "%" PRIu64 "-after.checkpoint", now);
	node_keep(node, "evidence", file, after);
	return failure(err, KP_UNVERIFIED, "house/checkpoint",
		       "Keep the two files in evidence/ of this home, stop relying on this house, and "
		       "compare with other partners.",
		       "the log of %s contradicts what it showed before: %s", node->home.origin, how);
}

/* What is remembered under a name. Return: 0 with size 0 when there is none. */
static int recall(struct kp_node *node, const char *name, struct arena *arena, struct span *note,
		  struct checkpoint *c)
{
	int r = state_get(node->state, name, arena, note);

	memset(c, 0, sizeof *c);
	if (r == STATE_E_ABSENT)
		return 0;
	if (r)
		return err_fold(r);
	return checkpoint_open(*note, &node->home.log_key, c) == CHECKPOINT_OK ? 0 : err_raise(-EBADMSG);
}

static enum kp_result same_size(struct kp_node *node, struct span old_note, const struct checkpoint *old,
				struct span note, const struct checkpoint *now, struct kp_error *err)
{
	if (old->size == now->size && old->size && !hash_equal(&old->root, &now->root))
		return fork_found(node, old_note, note, "two roots for one size", err);
	return KP_OK;
}

enum kp_result checkpoint_seen(struct kp_node *node, struct span note, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	struct checkpoint now, old;
	struct span old_note = SPAN_NONE;
	uint64_t largest = 0;
	enum kp_result k;
	int r;

	if (!arena)
		return fail_fatal(err, "here/checkpoint", -ENOMEM);
	if (checkpoint_open(note, &node->home.log_key, &now) != CHECKPOINT_OK)
		return failure(err, KP_UNVERIFIED, "house/checkpoint", "",
			       "a checkpoint of the house does not hold");
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		r = recall(node, names[i], arena, &old_note, &old);
		if (r)
			return fail_fatal(err, "here/checkpoint", r);
		k = same_size(node, old_note, &old, note, &now, err);
		if (k)
			return k;
		largest = old.size > largest ? old.size : largest;
	}
	if (now.size <= largest)
		return KP_OK;
	r = state_put(node->state, "seen", note);
	return r ? fail_fatal(err, "here/checkpoint", r) : KP_OK;
}

static enum kp_result advance(struct kp_node *node, const char *name, struct span old_note,
			      const struct checkpoint *old, struct span reply, uint64_t *size,
			      struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	struct consistency c;
	struct checkpoint now;
	enum kp_result k;
	int r = arena ? consistency_decode(reply, arena, &c) : -ENOMEM;

	if (r < 0)
		return fail_fatal(err, "here/checkpoint", r);
	if (r != WIRE_OK || checkpoint_open(c.checkpoint, &node->home.log_key, &now) != CHECKPOINT_OK)
		return failure(err, KP_UNVERIFIED, "house/checkpoint", "Tell the stewards of the house.",
			       "the house's newest checkpoint does not hold");
	if (now.size < old->size)
		return fork_found(node, old_note, c.checkpoint, "it became shorter", err);
	k = same_size(node, old_note, old, c.checkpoint, &now, err);
	if (k)
		return k;
	if (old->size && now.size > old->size &&
	    !tree_check_consistency(old->size, now.size, &old->root, &now.root, &c.proof))
		return fork_found(node, old_note, c.checkpoint, "it was not only added to", err);
	*size = now.size;
	r = now.size == old->size ? 0 : state_put(node->state, name, c.checkpoint);
	return r ? fail_fatal(err, "here/checkpoint", r) : KP_OK;
}

/* What the house shows from a size on. One that is smaller than that knows nothing of it: then its newest as
 * it is. */
static enum kp_result shown(struct kp_node *node, uint64_t from, uint32_t timeout_ms, struct buffer *reply,
			    struct kp_error *err)
{
	struct fetch what = { .what = "checkpoint", .sender = "", .from = from };
	enum kp_result k = session_fetch(node, &what, timeout_ms, reply, err);

	if (k != KP_NONE || !from)
		return k;
	what.from = 0;
	return session_fetch(node, &what, timeout_ms, reply, err);
}

enum kp_result checkpoint_sync(struct kp_node *node, uint32_t timeout_ms, uint64_t *size,
			       struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
	enum kp_result k = KP_OK;

	if (!arena)
		return fail_fatal(err, "here/checkpoint", -ENOMEM);
	for (size_t i = 0; !k && i < N_ELEMENTS(names); i++) {
		CLEANUP(buffer_fini) struct buffer reply = { 0 };
		struct checkpoint old;
		struct span note = SPAN_NONE;
		int r = recall(node, names[i], arena, &note, &old);

		if (r)
			return fail_fatal(err, "here/checkpoint", r);
		if (i && !old.size)
			break; /* no receipt yet */
		k = shown(node, old.size, timeout_ms, &reply, err);
		if (k == KP_NONE && !old.size)
			return KP_OK; /* the log is empty, for both sides */
		if (!k)
			k = advance(node, names[i], note, &old, buffer_span(&reply), size, err);
	}
	return k;
}
