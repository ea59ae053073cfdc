/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The status of the house: counts, sizes and ages. No casus, no person, no message.
 */
#include "daemon/core/control.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "daemon/core/join.h"
#include "daemon/core/published.h"
#include "daemon/core/queue.h"
#include "daemon/core/receipts.h"
#include "daemon/core/selfproof.h"
#include "daemon/core/session.h"
#include "daemon/core/witness.h"

static void json_freep(json_t **j)
{
	json_decref(*j);
}

static json_t *convenanten(const struct core *c)
{
	json_t *list = json_array();
	char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	for (size_t i = 0; list && i < c->rules.n_convenanten; i++) {
		const struct convenant *v = c->rules.convenanten[i];

		time_encode(convenant_from_ms(v), from);
		time_encode(convenant_until_ms(v), until);
		json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:b}", "id", convenant_id(v), "sequence",
						      (json_int_t)convenant_sequence(v), "from", from, "until", until, "valid",
						      convenant_from_ms(v) <= c->now_unix_ms &&
							      c->now_unix_ms < convenant_until_ms(v)));
	}
	return list;
}

static int node_inbox(struct core *c, const struct reg_node *node, uint64_t *waiting, uint64_t *oldest)
{
	uint64_t n, since;
	int r = 0;

	*waiting = 0;
	for (size_t i = 0; !r && i < node->hoedanigheden.n; i++) {
		r = queue_figures(c, node->hoedanigheden.v[i], &n, &since);
		if (r)
			return err_pass(r);
		*waiting += n;
		if (n && since < *oldest)
			*oldest = since;
	}
	return 0;
}

static int inboxes(struct core *c, json_t *out, uint64_t *oldest)
{
	uint64_t waiting;
	int r;

	for (size_t i = 0; i < c->rules.registry->n_nodes; i++) {
		r = node_inbox(c, &c->rules.registry->nodes[i], &waiting, oldest);
		if (r)
			return err_pass(r);
		if (json_object_set_new(out, c->rules.registry->nodes[i].id, json_integer((json_int_t)waiting)))
			return err_raise(-ENOMEM);
	}
	return 0;
}

/* Heads and who vouches for them. */
static int add_witnesses(const struct core *c, json_t *json)
{
	uint64_t published = 0, cosigned = 0;
	json_t *figures;

	(void)published_newest(c, &published);
	(void)published_best(c, 0, &cosigned);
	figures = json_pack("{s:I, s:I, s:o, s:o}", "published_size", (json_int_t)published, "cosigned_size", (json_int_t)cosigned,
			    "witnesses", witnesses_json(c), "fork", witnesses_fork_json(c));
	if (!figures || json_object_update(json, figures))
		return err_raise(-ENOMEM);
	json_decref(figures);
	return 0;
}

static int pending_joins(struct core *c, uint64_t *n)
{
	struct store_cursor cursor;
	struct join j;
	int r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);

	*n = 0;
	for (; !r; r = store_next(c->store, &cursor))
		*n += join_parse(cursor.key, cursor.value, &j) && j.state == JOIN_REQUESTED;
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

static json_t *joinable(const struct core *c, const struct hash *root)
{
	char hex[2 * HASH_BYTES + 1];
	uint64_t size;
	struct span head = receipts_head(c, &size);

	hex_encode(SPAN_OF(root->bytes), hex);
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:s%}", "house", c->rules.registry->house, "name", c->rules.registry->name,
			 "origin", receipts_key(c)->name, "size", (json_int_t)store_size(c->store), "root", hex, "signed_size",
			 (json_int_t)size, "last_checkpoint", head.len ? (const char *)head.ptr : "", head.len);
}

static int add_figures(struct core *c, json_t *json)
{
	struct store_figures f;
	json_t *figures;

	store_figures(c->store, &f);
	figures = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "register_sequence",
			    (json_int_t)c->rules.registry->sequence, "nodes_known", (json_int_t)c->rules.registry->n_nodes,
			    "nodes_connected", (json_int_t)sessions_n_nodes(c), "sessions", (json_int_t)core_sessions_n(c), "batches",
			    (json_int_t)f.batches, "fsyncs", (json_int_t)f.fsyncs, "journal_bytes", (json_int_t)f.journal_bytes,
			    "lmdb_commits", (json_int_t)f.lmdb_commits, "map_used_bytes", (json_int_t)f.map_used_bytes);
	if (!figures || json_object_update(json, figures))
		return err_raise(-ENOMEM);
	json_decref(figures);
	figures = json_pack("{s:I, s:I, s:s}", "uptime_ms", (json_int_t)(env_mono_ms(c->env) - c->started_mono_ms), "rss_bytes",
			    (json_int_t)(c->rss_bytes ? c->rss_bytes(c->rss_ctx) : 0), "endpoint", c->gate_endpoint);
	if (!figures || json_object_update(json, figures))
		return err_raise(-ENOMEM);
	json_decref(figures);
	return 0;
}

static json_t *self_check(const struct core *c)
{
	struct selfproof_state s;
	json_t *decisions;

	selfproof_state(c, &s);
	decisions = json_pack("{s:I, s:I, s:I, s:s}", "agreed", (json_int_t)s.decisions.agreed, "odd", (json_int_t)s.decisions.odd,
			      "checked_unix_ms", (json_int_t)s.decisions.done_unix_ms, "fault", s.decisions.fault);
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "state", s.state, "position", (json_int_t)s.position, "of",
			 (json_int_t)s.size, "checked_unix_ms", (json_int_t)s.checked_unix_ms, "checked_entries",
			 (json_int_t)s.checked_entries, "age_ms",
			 (json_int_t)(s.checked_unix_ms && s.checked_unix_ms < c->now_unix_ms ? c->now_unix_ms - s.checked_unix_ms : 0),
			 "fault", s.fault, "decisions", decisions);
}

int status_print(struct core *c, struct buffer *out)
{
	CLEANUP(json_freep) json_t *json = NULL;
	json_t *inbox = json_object();
	uint64_t oldest = UINT64_MAX, joins = 0;
	struct hash root;
	char *text;
	int r = store_root(c->store, &root);

	json = r ? NULL : joinable(c, &root);
	if (!json || json_object_set_new(json, "convenanten", convenanten(c)) || json_object_set(json, "inbox", inbox))
		r = r ? r : -ENOMEM;
	if (!r)
		r = add_figures(c, json);
	if (!r)
		r = add_witnesses(c, json);
	if (!r)
		r = inboxes(c, inbox, &oldest);
	json_decref(inbox);
	if (!r)
		r = pending_joins(c, &joins);
	if (r)
		return err_fold(r);
	if (json_object_set_new(json, "self_check", self_check(c)) ||
	    json_object_set_new(json, "pending_joins", json_integer((json_int_t)joins)) ||
	    json_object_set_new(json, "oldest_undelivered_ms", oldest == UINT64_MAX || oldest > c->now_unix_ms ? json_integer(0) :
				json_integer((json_int_t)(c->now_unix_ms - oldest))))
		return err_raise(-ENOMEM);
	text = json_dumps(json, JSON_COMPACT);
	if (!text)
		return err_raise(-ENOMEM);
	buffer_text(out, text);
	free(text);
	return err_pass(buffer_ok(out));
}
