/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A request is read with the same strictness as any signed text, but it only has to be what it says it is: signed by the key it
 * brings, on an invitation made out to that organisation and node, over a connection that holds the invitation's one-time key.
 * That it really is that organisation is what the verification phrase and the stewards are for.
 */
#include "daemon/core/join.h"

#include <errno.h>
#include <stdio.h>

#include "base/yaml.h"

#define REQUEST_MAX (16u << 10)
#define ROWS_MAX 4096 /* invitations and what came of them: far below what the gate's list holds */

static const char *const state_names[] = { "?", "uitgenodigd", "aangevraagd", "toegelaten", "vervallen" };

const char *join_state_name(enum join_state state)
{
	return (unsigned)state < N_ELEMENTS(state_names) ? state_names[state] : "?";
}

int join_put(struct core *c, const struct join *j)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	int r;

	buffer_u8(&b, (uint8_t)j->state);
	buffer_u64(&b, j->until_unix_ms);
	buffer_u64(&b, j->changed_unix_ms);
	buffer_bytes(&b, SPAN_OF(j->enrol_key));
	buffer_lp16(&b, j->organisation);
	buffer_lp16(&b, j->node);
	buffer_lp32(&b, j->request);
	r = buffer_ok(&b);
	return r ? err_pass(r) : err_pass(core_put(c, KEYSPACE_JOIN, SPAN_OF(j->invite), buffer_span(&b)));
}

bool join_parse(struct span key, struct span value, struct join *out)
{
	struct reader r;

	reader_init(&r, value);
	if (key.len != ID_BYTES)
		return false;
	memcpy(out->invite, key.ptr, ID_BYTES);
	out->state = reader_u8(&r);
	out->until_unix_ms = reader_u64(&r);
	out->changed_unix_ms = reader_u64(&r);
	reader_copy(&r, out->enrol_key, 32);
	out->organisation = reader_lp16(&r);
	out->node = reader_lp16(&r);
	out->request = reader_lp32(&r);
	return reader_done(&r) && out->state >= JOIN_INVITED && out->state <= JOIN_LAPSED;
}

static int entry_write(struct core *c, const struct join *j, const char *type)
{
	struct evidence e = { .kind = ENTRY_TOELATING, .type = type };
	char organisation[96], node[96];

	snprintf(organisation, sizeof organisation, "organisatie=%.*s", (int)(j->organisation.len % 64),
		 (const char *)j->organisation.ptr);
	snprintf(node, sizeof node, "knooppunt=%.*s", (int)(j->node.len % 64), (const char *)j->node.ptr);
	e.details[e.n_details++] = organisation;
	e.details[e.n_details++] = node;
	return err_pass(evidence_write(c, &e, NULL));
}

/* Nobody came, and nobody can any more. */
static bool unused(const struct core *c, const struct join *j)
{
	return j->state == JOIN_INVITED && j->until_unix_ms <= c->now_unix_ms;
}

/* Each key on the gate's list stands there once: an invitation has its own. Those that nobody used make room. */
static int room_make(struct core *c, const struct join *wanted)
{
	bool taken = registry_node_of_transport(c->rules.registry, wanted->enrol_key) != NULL;
	struct store_cursor cursor;
	struct join j;
	size_t n = 0;
	int r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);

	while (!r) {
		if (!join_parse(cursor.key, cursor.value, &j))
			return err_raise(-EBADMSG);
		taken = taken || !memcmp(j.enrol_key, wanted->enrol_key, sizeof j.enrol_key);
		n++;
		if (unused(c, &j)) {
			r = core_delete(c, KEYSPACE_JOIN, SPAN_OF(j.invite));
			n--;
		}
		if (!r)
			r = store_next(c->store, &cursor);
	}
	if (r != STORE_E_ABSENT)
		return err_fold(r);
	return taken ? JOIN_E_KEY : n >= ROWS_MAX ? JOIN_E_MANY : JOIN_OK;
}

int join_invite(struct core *c, const struct join *j)
{
	struct span value;
	int r = store_get(c->store, KEYSPACE_JOIN, SPAN_OF(j->invite), &value);

	if (r != STORE_E_ABSENT)
		return r ? err_fold(r) : JOIN_E_USED;
	r = room_make(c, j);
	if (r)
		return r < 0 ? err_pass(r) : r;
	r = entry_write(c, j, "uitnodiging");
	if (!r)
		r = join_put(c, j);
	if (!r)
		c->allow_changed = true;
	return err_pass(r);
}

/* ---- a request ---- */

struct request {
	uint8_t invite[ID_BYTES], transport[32], sign_key[SIGN_PUBLIC_BYTES];
	struct note_key key; /* of the organisation */
	const char *organisation, *node;
	bool sound;
};

/* The text says which key; the signature must be by it. */
static int request_read(struct span note, struct arena *arena, struct request *out)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	struct fault_list faults;
	struct span text, lines;
	struct yaml_node root;
	struct note opened;
	const char *vkey;
	int r = note_split(note, &text, &lines);

	out->sound = false;
	fault_list_init(&faults, "aanvraag");
	if (!r)
		r = yaml_load(text, &faults, &y);
	if (r)
		return r < 0 ? err_pass(r) : 0;
	root = yaml_root(y);
	if (yaml_kind(y, root) != YAML_MAP)
		return 0;
	if (!hex_decode(span_of_text(yaml_must_text(y, root, "aanvraag")), out->invite, ID_BYTES) ||
	    !hex_decode(span_of_text(yaml_must_text(y, root, "transport")), out->transport, 32) ||
	    !hex_decode(span_of_text(yaml_must_text(y, root, "handtekening")), out->sign_key, sizeof out->sign_key))
		return 0;
	out->organisation = arena_text(arena, span_of_text(yaml_must_text(y, root, "organisatie")));
	out->node = arena_text(arena, span_of_text(yaml_must_text(y, root, "knooppunt")));
	vkey = yaml_must_text(y, root, "sleutel");
	if (!out->organisation || !out->node)
		return err_raise(-ENOMEM);
	if (faults.n || note_key_parse(&out->key, span_of_text(vkey)) != NOTE_OK || !text_equal(out->key.name, out->organisation))
		return 0;
	r = note_open(note, &out->key, 1, &opened);
	if (r < 0)
		return err_pass(r);
	out->sound = r == NOTE_OK;
	return 0;
}

static int trouble(struct item *item, const char *code, const char *text)
{
	item->trouble = code;
	item->trouble_text = text;
	return 0;
}

static bool invited(const struct core *c, const struct item *item, const struct join *j, const struct request *request)
{
	return !memcmp(j->enrol_key, item->transport, 32) && j->until_unix_ms > c->now_unix_ms &&
	       span_equal(j->organisation, span_of_text(request->organisation)) &&
	       span_equal(j->node, span_of_text(request->node));
}

int join_decide(struct core *c, struct item *item)
{
	struct effect reply = { .kind = EFFECT_REPLY, .session = item->session, .correlation = item->wire.correlation,
				.text = "aangevraagd" };
	struct request request;
	struct span value;
	struct join j;
	int r;

	if (item->wire.body.len > REQUEST_MAX)
		return trouble(item, "SCHEMA_ONGELDIG", "a join request is at most 16 KiB");
	arena_reset(item->arena);
	r = request_read(item->wire.body, item->arena, &request);
	if (r)
		return err_pass(r);
	if (!request.sound)
		return trouble(item, "SCHEMA_ONGELDIG", "the join request is malformed or not signed by the key it brings");
	/* The invitation's key was on its way in a file: it opens the door once, and is no node's own. */
	if (!memcmp(request.transport, item->transport, sizeof request.transport))
		return trouble(item, "SCHEMA_ONGELDIG", "a node needs a transport key of its own, not the invitation's");
	r = store_get(c->store, KEYSPACE_JOIN, SPAN_OF(request.invite), &value);
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	if (r || !join_parse(SPAN_OF(request.invite), value, &j) || !invited(c, item, &j, &request))
		return trouble(item, "NIET_TOEGELATEN", "there is no open invitation for this organisation and node");
	if (j.state != JOIN_INVITED) {
		if (j.state == JOIN_LAPSED || !span_equal(j.request, item->wire.body))
			return trouble(item, "NIET_TOEGELATEN", "this invitation was used already; ask the house for a new one");
		return err_pass(core_effect(c, &reply));
	}
	/* The spans point into the store: copies, before anything is put. */
	j.organisation = span_of_text(request.organisation);
	j.node = span_of_text(request.node);
	j.request = item->wire.body;
	j.state = JOIN_REQUESTED;
	j.changed_unix_ms = c->now_unix_ms;
	r = entry_write(c, &j, "aanvraag");
	if (!r)
		r = join_put(c, &j);
	return r ? err_pass(r) : err_pass(core_effect(c, &reply));
}

/* ---- the register moved on ---- */

/*
 * Admitted: the register has this node with the keys of this very request. The same node may have been invited before, or again:
 * that the register knows it says nothing of other keys.
 */
static int admitted(struct core *c, const struct join *j, bool *out)
{
	const struct reg_organisation *o;
	const struct reg_node *n;
	struct request request;
	int r = request_read(j->request, c->scratch, &request);

	*out = false;
	if (r || !request.sound)
		return err_pass(r);
	n = registry_node_of_transport(c->rules.registry, request.transport);
	o = registry_organisation(c->rules.registry, request.organisation);
	*out = n && o && o->has_key && text_equal(n->id, request.node) && text_equal(n->organisation, o->id) &&
	       !memcmp(n->sign_key, request.sign_key, sizeof request.sign_key) &&
	       !memcmp(o->key.public_key, request.key.public_key, sizeof o->key.public_key);
	return 0;
}

/* What the same node asked for before, with other keys, waits no longer. */
static int older_lapse(struct core *c, const struct join *in)
{
	struct store_cursor cursor;
	struct join j;
	int r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);

	for (; !r; r = store_next(c->store, &cursor)) {
		if (!join_parse(cursor.key, cursor.value, &j) || j.state != JOIN_REQUESTED ||
		    j.changed_unix_ms > in->changed_unix_ms || !memcmp(j.invite, in->invite, ID_BYTES) ||
		    !span_equal(j.organisation, in->organisation) || !span_equal(j.node, in->node))
			continue;
		j.state = JOIN_LAPSED;
		j.changed_unix_ms = c->now_unix_ms;
		r = join_put(c, &j);
		if (r)
			return err_pass(r);
	}
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

static int settle_one(struct core *c, struct join *j)
{
	bool in;
	int r = admitted(c, j, &in);

	if (!r && in)
		r = older_lapse(c, j);
	if (r || !in)
		return err_pass(r);
	j->state = JOIN_ADMITTED;
	j->changed_unix_ms = c->now_unix_ms;
	r = entry_write(c, j, "toelating");
	return r ? err_pass(r) : err_pass(join_put(c, j));
}

int join_settle(struct core *c)
{
	struct store_cursor cursor;
	struct span copy;
	struct join j;
	int r;

	if (!c->rules.registry)
		return 0;
	r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);
	while (!r) {
		arena_reset(c->scratch);
		copy = arena_copy(c->scratch, cursor.value);
		if (join_parse(cursor.key, copy, &j) && j.state == JOIN_REQUESTED)
			r = settle_one(c, &j);
		if (!r)
			r = store_next(c->store, &cursor);
	}
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

int join_allow(struct core *c)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_ALLOW };
	struct buffer *b = out_begin(&c->out);
	struct store_cursor cursor;
	struct join j;
	int r;

	for (size_t i = 0; c->rules.registry && i < c->rules.registry->n_nodes; i++) {
		const uint8_t *key = c->rules.registry->nodes[i].transport_key;

		if (span_is_zero(span_of(key, 32)))
			continue;
		buffer_u8(b, IPC_CLASS_NODE);
		buffer_bytes(b, span_of(key, 32));
	}
	r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);
	for (; !r; r = store_next(c->store, &cursor)) {
		if (!join_parse(cursor.key, cursor.value, &j) || j.state >= JOIN_ADMITTED || j.until_unix_ms <= c->now_unix_ms ||
		    registry_node_of_transport(c->rules.registry, j.enrol_key))
			continue;
		buffer_u8(b, IPC_CLASS_ENROL);
		buffer_bytes(b, SPAN_OF(j.enrol_key));
	}
	if (r != STORE_E_ABSENT)
		return err_fold(r);
	c->allow_changed = false;
	return err_pass(out_end(&c->out, &frame));
}
