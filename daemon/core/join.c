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
#define JOIN_ROWS_MAX 4096

static const char *const state_names[] = { "?", "uitgenodigd", "aangevraagd", "toegelaten" };

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
	return reader_done(&r) && out->state >= JOIN_INVITED && out->state <= JOIN_ADMITTED;
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

int join_invite(struct core *c, const struct join *j)
{
	struct span value;
	int r = store_get(c->store, KEYSPACE_JOIN, SPAN_OF(j->invite), &value);

	if (r != STORE_E_ABSENT)
		return r ? err_fold(r) : JOIN_E_USED;
	r = entry_write(c, j, "uitnodiging");
	if (!r)
		r = join_put(c, j);
	if (!r)
		c->allow_changed = true;
	return err_pass(r);
}

/* ---- a request ---- */

struct request {
	uint8_t invite[ID_BYTES];
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
	struct note_key key;
	struct note opened;
	const char *vkey;
	uint8_t bytes[32];
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
	    !hex_decode(span_of_text(yaml_must_text(y, root, "transport")), bytes, 32) ||
	    !hex_decode(span_of_text(yaml_must_text(y, root, "handtekening")), bytes, 32))
		return 0;
	out->organisation = arena_text(arena, span_of_text(yaml_must_text(y, root, "organisatie")));
	out->node = arena_text(arena, span_of_text(yaml_must_text(y, root, "knooppunt")));
	vkey = yaml_must_text(y, root, "sleutel");
	if (!out->organisation || !out->node)
		return err_raise(-ENOMEM);
	if (faults.n || note_key_parse(&key, span_of_text(vkey)) != NOTE_OK || !text_equal(key.name, out->organisation))
		return 0;
	r = note_open(note, &key, 1, &opened);
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
	r = store_get(c->store, KEYSPACE_JOIN, SPAN_OF(request.invite), &value);
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	if (r || !join_parse(SPAN_OF(request.invite), value, &j) || !invited(c, item, &j, &request))
		return trouble(item, "NIET_TOEGELATEN", "there is no open invitation for this organisation and node");
	if (j.state != JOIN_INVITED) {
		if (!span_equal(j.request, item->wire.body))
			return trouble(item, "NIET_TOEGELATEN", "this invitation was used already, with other keys");
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

/* Admitted: the register has that node, of that organisation, and the organisation has a key. */
static bool admitted(const struct core *c, struct span organisation, struct span node)
{
	for (size_t i = 0; i < c->rules.registry->n_nodes; i++) {
		const struct reg_node *n = &c->rules.registry->nodes[i];
		const struct reg_organisation *o = registry_organisation(c->rules.registry, n->organisation);

		if (span_equal(span_of_text(n->id), node) && span_equal(span_of_text(n->organisation), organisation))
			return o && o->has_key;
	}
	return false;
}

int join_settle(struct core *c)
{
	struct store_cursor cursor;
	struct join j;
	struct span copy;
	int r;

	if (!c->rules.registry)
		return 0;
	r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);
	for (int i = 0; !r && i < JOIN_ROWS_MAX; i++) {
		arena_reset(c->scratch);
		copy = arena_copy(c->scratch, cursor.value);
		if (join_parse(cursor.key, copy, &j) && j.state == JOIN_REQUESTED && admitted(c, j.organisation, j.node)) {
			j.state = JOIN_ADMITTED;
			j.changed_unix_ms = c->now_unix_ms;
			r = entry_write(c, &j, "toelating");
			if (!r)
				r = join_put(c, &j);
			if (r)
				return err_pass(r);
		}
		r = store_next(c->store, &cursor);
	}
	return r && r != STORE_E_ABSENT ? err_fold(r) : 0;
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
	for (int i = 0; !r && i < JOIN_ROWS_MAX; i++) {
		if (join_parse(cursor.key, cursor.value, &j) && j.state != JOIN_ADMITTED && j.until_unix_ms > c->now_unix_ms) {
			buffer_u8(b, IPC_CLASS_ENROL);
			buffer_bytes(b, SPAN_OF(j.enrol_key));
		}
		r = store_next(c->store, &cursor);
	}
	if (r && r != STORE_E_ABSENT)
		return err_fold(r);
	c->allow_changed = false;
	return err_pass(out_end(&c->out, &frame));
}
