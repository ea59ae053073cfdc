/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening and closing a home; what concerns the node as a whole. */
#include "client/lib/node.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/lib/exchange.h"
#include "client/lib/failure.h"
#include "client/lib/forget.h"
#include "client/lib/witness.h"

static void node_free(struct kp_node *node)
{
	if (!node)
		return;
	session_close(node);
	for (size_t i = 0; i < NODE_MANDATES_MAX; i++)
		arena_free(node->mandates[i].arena);
	arena_free(node->batch_arena);
	rules_fini(&node->rules);
	state_close(node->state);
	keyring_fini(&node->keys);
	keyfile_fini(&node->witness.key);
	buffer_fini(&node->witness.card);
	buffer_fini(&node->witness.heard);
	home_fini(&node->home);
	free(node);
}

static void node_freep(struct kp_node **node)
{
	node_free(*node);
}

static enum kp_result state_failed(struct kp_error *err, const char *home, int r)
{
	if (r < 0)
		return fail_fatal(err, "here/state", r);
	if (r == STATE_E_BUSY)
		return failure(err, KP_ERROR, "here/state", "Use one kp_node per home and process.",
			       "this process has %s open already", home);
	if (r == STATE_E_VERSION)
		return failure(err, KP_ERROR, "here/state",
			       "Use the version of knooppunt that last used this home.",
			       "%s/state was written by another version", home);
	if (r == STATE_E_KEYS)
		return failure(err, KP_ERROR, "here/state",
			       "Put state/casus.slots back, or begin anew with an empty state/ (docs/integrating.md).",
			       "the keys of what lies in %s/state are not there", home);
	return failure(err, KP_ERROR, "here/state", "Run as the user who owns the folder.",
		       "%s/state can not be opened", home);
}

enum kp_result kp_open(const char *home, kp_node **out, struct kp_error *err)
{
	CLEANUP(node_freep) struct kp_node *node = calloc(1, sizeof *node);
	const char *path;
	enum kp_result k;
	int r;

	failure_clear(err);
	if (!out)
		return fail_usage(err, "there is nowhere to put the node");
	if (!node || sodium_init() < 0)
		return fail_fatal(err, "here/home", -ENOMEM);
	node->env = env_system();
	k = home_read(home, &node->home, err);
	if (!k)
		k = keyring_read(&node->home, &node->keys, err);
	if (k)
		return k;
	path = path_join(node->home.arena, node->home.path, "", "state");
	r = path ? state_open(path, &node->state) : -ENOMEM;
	if (r)
		return state_failed(err, node->home.path, r);
	r = forget_ended(node);
	if (r)
		return fail_fatal(err, "here/state", r);
	rules_cache_load(node);
	*out = TAKE(node);
	return KP_OK;
}

void kp_close(kp_node *node)
{
	node_free(node);
}

const char *kp_house(const kp_node *node)
{
	return node->home.house;
}

const char *kp_origin(const kp_node *node)
{
	return node->home.origin;
}

const char *kp_node_id(const kp_node *node)
{
	return node->home.node;
}

const char *kp_home(const kp_node *node)
{
	return node->home.path;
}

const char *kp_default_hoedanigheid(const kp_node *node)
{
	return node->home.hoedanigheden.n == 1 ? node->home.hoedanigheden.v[0] : "";
}

uint32_t kp_withheld_step_ms(const kp_node *node)
{
	return node->home.withheld_step_ms;
}

enum kp_result kp_act_as(kp_node *node, const char *person, struct kp_error *err)
{
	const char *id = NULL;

	for (size_t i = 0; person && i < node->keys.n_persons; i++)
		if (text_equal(node->keys.persons[i].id, person))
			id = node->keys.persons[i].id;
	if (person && !id)
		return failure(err, KP_USAGE, "here/keys", "Name a person of this home, or grant a mandate: knooppunt mandate grant.",
			       "%s has no key in this home", person);
	node->acting = id;
	return KP_OK;
}

bool node_serves(const struct kp_node *node, const char *hoedanigheid)
{
	return text_list_has(&node->home.hoedanigheden, hoedanigheid);
}

const char *node_path(struct kp_node *node, struct arena *arena, const char *folder, const char *file)
{
	return path_join(arena, node->home.path, folder, file);
}

void node_keep(struct kp_node *node, const char *folder, const char *file, struct span bytes)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16384);
	const char *in = arena ? node_path(node, arena, "", folder) : NULL;
	const char *path = in ? node_path(node, arena, folder, file) : NULL;

	if (!path || file_make_folders(in, 0700) != FILE_OK || file_write(path, bytes, 0600) != FILE_OK)
		log_warn("file-unkept", "folder=%s", folder);
}

enum kp_result node_id(const char *text, const char *argument, uint8_t out[ID_BYTES], struct kp_error *err)
{
	if (!text || !uuid_decode(text, out))
		return fail_usage(err, "%s: \"%s\" is no UUID", argument, text ? text : "");
	return KP_OK;
}

/* --- how it stands --- */

enum kp_result kp_status(kp_node *node, uint32_t timeout_ms, struct kp_status *out, struct kp_error *err)
{
	struct kp_error why = { 0 };
	enum kp_result k;
	int r;

	if (!out)
		return fail_usage(err, "there is nowhere to put the status");
	memset(out, 0, sizeof *out);
	memcpy(out->phrase, node->home.phrase, strnlen(node->home.phrase, sizeof out->phrase - 1));
	r = state_counts(node->state, &out->outbox, &out->inbox);
	if (r)
		return fail_fatal(err, "here/state", r);
	k = witness_stopped(node, err);
	out->stopped = k == KP_UNVERIFIED;
	if (k)
		return k;
	if (node->link)
		link_hurry(node->link);
	k = rules_sync(node, timeout_ms, &why);
	if (!k)
		k = checkpoint_turn(node, timeout_ms, &out->checkpoint_size, &why);
	out->stopped = k == KP_UNVERIFIED && witness_stopped(node, NULL) != KP_OK;
	if (node->rules.registry)
		out->register_sequence = node->rules.registry->sequence;
	out->admitted = k == KP_OK || k == KP_UNVERIFIED || k == KP_NONE;
	out->reachable = out->admitted || !strcmp(why.code, "NIET_TOEGELATEN");
	if (!k || (k == KP_UNREACHABLE && out->reachable))
		return KP_OK;
	if (err)
		*err = why;
	return k;
}

enum kp_result kp_sync(kp_node *node, uint32_t timeout_ms, struct kp_error *err)
{
	uint64_t until_ms = env_mono_ms(node->env) + timeout_ms, now;
	enum kp_result k = rules_sync(node, timeout_ms, err);

	if (!k)
		k = exchange_mandates(node, err);
	now = env_mono_ms(node->env);
	if (!k)
		k = exchange_flush(node, UINT64_MAX, until_ms > now ? (uint32_t)(until_ms - now) : 0, err);
	now = env_mono_ms(node->env);
	if (!k)
		k = checkpoint_turn(node, until_ms > now ? (uint32_t)(until_ms - now) : 0, NULL, err);
	now = env_mono_ms(node->env);
	if (!k)
		forget_turn(node, until_ms > now ? (uint32_t)(until_ms - now) : 0, true);
	return k;
}
