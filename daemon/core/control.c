/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An act answers with what came of it: {"result": "in-werking" | "al-in-werking" | "uitgenodigd"}. A refusal says every fault.
 */
#include "daemon/core/control.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/evidence.h"
#include "daemon/core/join.h"
#include "daemon/core/published.h"
#include "daemon/core/receipts.h"
#include "daemon/core/rules_store.h"

#define ENTRIES_BYTES_MAX ((size_t)1 << 20)

static void json_freep(json_t **j)
{
	json_decref(*j);
}

static int send_json(struct core *c, uint64_t client, uint16_t verb, const json_t *json)
{
	const struct frame_out frame = { .to = CORE_FROM_CONTROL, .verb = verb, .client = client };
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int r;

	if (!text)
		return err_raise(-ENOMEM);
	r = out_frame(&c->out, &frame, span_of_text(text));
	free(text);
	return err_pass(r);
}

int control_trouble(struct core *c, uint64_t client, const char *code, const char *text, const char *remedy)
{
	CLEANUP(json_freep) json_t *json = json_pack("{s:s, s:s, s:s}", "code", code, "text", text, "remedy", remedy);

	return err_pass(send_json(c, client, IPC_CTL_TROUBLE, json));
}

/* ---- acts ---- */

static int refused(struct item *item, const char *code, const char *text)
{
	item->trouble = code;
	item->trouble_text = text;
	return 0;
}

static int publish(struct core *c, struct item *item)
{
	int r;

	if (!item->faults)
		item->faults = calloc(1, sizeof *item->faults);
	if (!item->faults)
		return err_raise(-ENOMEM);
	fault_list_init(item->faults, "note");
	r = core_batch(c);
	if (!r)
		r = rules_store_admit(c, buffer_span(&item->body), c->now_unix_ms, item->faults);
	switch (r) {
	case RULES_STORE_OK:
		item->outcome = "in-werking";
		c->allow_changed = true;
		return err_pass(join_settle(c));
	case RULES_STORE_E_SAME:
		item->outcome = "al-in-werking";
		return 0;
	case RULES_STORE_E_REFUSED:
		return refused(item, "REGELS_GEWEIGERD", "the note was not admitted");
	case RULES_STORE_E_UNKNOWN:
		return refused(item, "SCHEMA_ONGELDIG", "this is no note with a kader, register or convenant");
	default:
		return err_fold(r);
	}
}

static bool hex_member(const json_t *json, const char *key, uint8_t *out, size_t len)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text && hex_decode(span_of_text(text), out, len);
}

static bool id_member(const json_t *json, const char *key, struct span *out)
{
	const char *text = json_string_value(json_object_get(json, key));

	*out = span_of_text(text);
	return text && out->len && out->len <= REGISTER_ID_MAX;
}

static int invite(struct core *c, struct item *item)
{
	json_error_t error;
	CLEANUP(json_freep) json_t *json = json_loadb((const char *)item->body.ptr, item->body.len, 0, &error);
	const json_t *until = json_object_get(json, "until_unix_ms");
	struct join j = { .state = JOIN_INVITED, .changed_unix_ms = c->now_unix_ms };
	int r;

	if (!json || !hex_member(json, "invite", j.invite, ID_BYTES) || !hex_member(json, "transport_key", j.enrol_key, 32) ||
	    !id_member(json, "organisation", &j.organisation) || !id_member(json, "node", &j.node) ||
	    !json_is_integer(until) || json_integer_value(until) <= 0)
		return refused(item, "SCHEMA_ONGELDIG", "an invitation has invite, organisation, node, transport_key, until_unix_ms");
	j.until_unix_ms = (uint64_t)json_integer_value(until);
	r = core_batch(c);
	if (!r)
		r = join_invite(c, &j);
	item->outcome = "uitgenodigd";
	switch (r) {
	case JOIN_E_USED:
		return refused(item, "HERHALING", "this invitation was registered before");
	case JOIN_E_KEY:
		return refused(item, "HERHALING", "the invitation's key is a node's, or another invitation's: make a new one");
	case JOIN_E_MANY:
		return refused(item, "TE_VEEL", "too many invitations are open; they lapse by themselves at their date");
	default:
		return err_pass(r);
	}
}

/* Once per connection: an export is asked for page by page (WGS 1.8(4): who takes the log along is on record, sealed as it is). */
static int export_note(struct core *c, const struct item *item)
{
	char from[48], size[48];
	const struct evidence e = { .kind = ENTRY_BEHEER, .type = "uitvoer", .n_details = 2, .details = { from, size } };

	for (size_t i = 0; i < EXPORTERS_MAX; i++)
		if (c->exporters[i] == item->client)
			return 0;
	c->exporters[c->n_exporters++ % EXPORTERS_MAX] = item->client;
	snprintf(from, sizeof from, "vanaf=%llu", (unsigned long long)item->aux);
	snprintf(size, sizeof size, "omvang=%llu", (unsigned long long)store_size(c->store));
	return err_pass(evidence_write(c, &e, NULL));
}

int control_decide(struct core *c, struct item *item)
{
	item->outcome = NULL;
	item->after = AFTER_CONTROL;
	if (item->verb == IPC_CTL_ENTRIES)
		return err_pass(export_note(c, item));
	if (item->verb == IPC_CTL_PUBLISH)
		return err_pass(publish(c, item));
	return item->verb == IPC_CTL_INVITE ? err_pass(invite(c, item)) : 0;
}

/* ---- answers ---- */

static int answer_act(struct core *c, const struct item *item)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	CLEANUP(json_freep) json_t *json = NULL;

	if (!item->trouble) {
		json = json_pack("{s:s}", "result", item->outcome);
		return err_pass(send_json(c, item->client, IPC_CTL_REPLY, json));
	}
	buffer_text(&text, item->trouble_text);
	for (size_t i = 0; item->faults && item->verb == IPC_CTL_PUBLISH && i < item->faults->n; i++) {
		const struct fault *f = &item->faults->v[i];

		if (f->line)
			buffer_printf(&text, "; line %u: %s", f->line, f->text);
		else
			buffer_printf(&text, "; %s", f->text);
	}
	buffer_u8(&text, 0);
	if (buffer_ok(&text))
		return err_raise(-ENOMEM);
	return err_pass(control_trouble(c, item->client, item->trouble, (const char *)text.ptr,
					"mend what is named and offer it again; nothing changed"));
}

static int answer_joins(struct core *c, const struct item *item)
{
	CLEANUP(json_freep) json_t *json = json_array();
	struct store_cursor cursor;
	char invite_text[2 * ID_BYTES + 1], enrol_text[65];
	struct join j;
	int r = store_first(c->store, KEYSPACE_JOIN, SPAN_NONE, SPAN_NONE, &cursor);

	for (; !r; r = store_next(c->store, &cursor)) {
		if (!join_parse(cursor.key, cursor.value, &j))
			return err_raise(-EBADMSG);
		if (j.state != JOIN_REQUESTED)
			j.request = SPAN_NONE; /* nobody decides on it any more; years of them would not fit an answer */
		hex_encode(SPAN_OF(j.invite), invite_text);
		hex_encode(SPAN_OF(j.enrol_key), enrol_text);
		if (json_array_append_new(json, json_pack(
			    "{s:s, s:s, s:s%, s:s%, s:s%, s:s, s:I, s:I}", "invite", invite_text, "state", join_state_name(j.state),
			    "organisation", (const char *)j.organisation.ptr, j.organisation.len,
			    "node", (const char *)j.node.ptr, j.node.len,
			    "request", j.request.len ? (const char *)j.request.ptr : "", j.request.len, "transport_key", enrol_text,
			    "until_unix_ms", (json_int_t)j.until_unix_ms, "changed_unix_ms", (json_int_t)j.changed_unix_ms)))
			return err_raise(-ENOMEM);
	}
	return r == STORE_E_ABSENT ? err_pass(send_json(c, item->client, IPC_CTL_REPLY, json)) : err_fold(r);
}

static int answer_entries(struct core *c, struct frame_out *frame, uint64_t from)
{
	struct buffer *b = out_begin(&c->out);
	uint64_t size = store_size(c->store);
	size_t start = b->len, count_at;
	struct span entry;
	uint32_t n = 0;
	int r;

	from = from < size ? from : size;
	buffer_u64(b, from);
	count_at = b->len;
	buffer_u32(b, 0);
	while (from + n < size) {
		r = store_entry(c->store, from + n, &entry);
		if (r)
			return err_fold(r);
		if (b->len - start + entry.len + 2 > ENTRIES_BYTES_MAX)
			break;
		buffer_lp16(b, entry);
		n++;
	}
	if (!b->failed)
		put_u32(b->ptr + count_at, n);
	return err_pass(out_end(&c->out, frame));
}

int control_answer(struct core *c, struct item *item)
{
	struct frame_out frame = { .to = CORE_FROM_CONTROL, .verb = IPC_CTL_REPLY, .client = item->client };
	uint64_t size;
	struct span head;
	int r;

	switch (item->verb) {
	case IPC_CTL_PUBLISH:
	case IPC_CTL_INVITE:
		return err_pass(answer_act(c, item));
	case IPC_CTL_JOINS:
		return err_pass(answer_joins(c, item));
	case IPC_CTL_ENTRIES:
		if (item->trouble)
			return err_pass(control_trouble(c, item->client, item->trouble, item->trouble_text,
							"an export is on record, or it is not made"));
		return err_pass(answer_entries(c, &frame, item->aux));
	case IPC_CTL_CHECKPOINT:
		head = item->aux ? published_best(c, 0, &size) : receipts_head(c, &size);
		if (!head.len)
			return err_pass(control_trouble(c, item->client, "NIET_BEKEND",
							item->aux ? "no head with a cosignature" : "no head was signed yet", "ask again"));
		frame.aux = size;
		return err_pass(out_frame(&c->out, &frame, head));
	case IPC_CTL_STATUS:
		r = status_print(c, out_begin(&c->out));
		break;
	case IPC_CTL_RULES:
		r = rules_store_reply(c, out_begin(&c->out));
		break;
	default:
		return err_raise(-EINVAL); /* control_knows() */
	}
	return r ? err_pass(r) : err_pass(out_end(&c->out, &frame));
}

bool control_knows(uint16_t verb)
{
	return verb >= IPC_CTL_STATUS && verb <= IPC_CTL_RULES;
}
