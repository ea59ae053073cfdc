/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The chain: the register (signed by the stewards) names the organisation's key; the organisation's mandate
 * names the person's key; the person's key signed the envelope; the envelope's header says which mandate that
 * was, and is bound into every part. The house can therefore neither invent a message nor move one to another
 * casus, doel or recipient.
 *
 * A mandate counts as it was when the message was made: what was in order then stays readable when the
 * mandate has ended since.
 */
#include "client/lib/open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/body.h"
#include "client/lib/compose.h"
#include "client/lib/exchange.h"
#include "client/lib/session.h"
#include "convenant/calendar.h"

#define OPEN_ARENA_BYTES (16u << 20)
#define RULES_FETCH_MS 2000
#define TELL_MS 5000

struct opened {
	struct kp_message_in m; /* first: what the caller holds */
	struct arena *arena;
};

void kp_message_in_free(struct kp_message_in *m)
{
	struct opened *o = (struct opened *)m;

	if (!o)
		return;
	arena_free(o->arena); /* wipes: the content lay there */
	free(o);
}

struct arena *open_arena(struct kp_message_in *m)
{
	return ((struct opened *)m)->arena;
}

static void opened_freep(struct opened **o)
{
	if (*o)
		kp_message_in_free(&(*o)->m);
}

static enum kp_result unverified(struct kp_error *err, const char *format, const char *a, const char *b)
{
	const char *remedy =
		"Do not use this message; report it to the stewards of the house with its message id.";

	failure(err, KP_UNVERIFIED, "partner/open", remedy, "%s%s%s", format, a, b);
	return KP_UNVERIFIED;
}

static const char *served_recipient(const struct kp_node *node, const struct header *h)
{
	for (size_t i = 0; i < h->recipients.n; i++)
		if (node_serves(node, h->recipients.v[i]))
			return h->recipients.v[i];
	return NULL;
}

static void id_text(struct span id, char out[KP_ID_SIZE])
{
	out[0] = '\0';
	if (id.len == ID_BYTES)
		uuid_encode(id.ptr, out);
}

bool open_asks(enum message_kind kind)
{
	return kind == MESSAGE_VERZOEK || kind == MESSAGE_CORRECTIE || kind == MESSAGE_INSTEMMINGSVERZOEK ||
	       kind == MESSAGE_BEKENDHEIDSVRAAG;
}

/* A question says by when; a correctie is confirmed within the term of the kader. */
static uint64_t due_of(const struct kp_node *node, const struct item *item, const struct message *m)
{
	if (m->kind == MESSAGE_CORRECTIE && node->rules.kader)
		return item->received_unix_ms + kader_terms(node->rules.kader)->confirm_ms;
	return m->header.deadline_unix_ms;
}

static bool header_show(const struct kp_node *node, const struct item *item, const struct message *in,
			struct opened *o)
{
	const struct reg_hoedanigheid *from = node->rules.registry
						      ? registry_hoedanigheid(node->rules.registry,
									      in->header.sender)
						      : NULL;
	const struct header *h = &in->header;
	struct kp_message_in *m = &o->m;

	id_text(h->message_id, m->message_id);
	id_text(h->exchange_id, m->exchange_id);
	id_text(h->in_reply_to, m->in_reply_to);
	id_text(h->casus, m->casus);
	m->kind = message_kind_name(in->kind);
	m->sender = h->sender;
	m->organisation = from ? arena_text(o->arena, span_of_text(from->organisation)) : "";
	m->person = h->person;
	m->role = "";
	m->recipient = served_recipient(node, h);
	m->recipient = arena_text(o->arena, span_of_text(m->recipient ? m->recipient : ""));
	m->regime = h->regime;
	m->grondslag = h->grondslag;
	m->doel = h->doel;
	m->noodzaak = h->noodzaak;
	m->overleg = h->overleg;
	m->person_role = h->person_role;
	m->related_to = h->related_to;
	m->on_behalf_of = h->on_behalf_of;
	m->recipients = body_words(&h->recipients, o->arena);
	m->correction = "";
	m->answer_kind = h->answer_kind;
	m->categories = body_words(&h->categories, o->arena);
	m->created_unix_ms = h->created_unix_ms;
	m->deadline_unix_ms = h->deadline_unix_ms;
	m->received_unix_ms = item->received_unix_ms;
	m->index = item->index;
	m->urgent = h->urgent;
	m->state = item->state;
	m->asks = item->state != KP_ITEM_DONE && *m->recipient && open_asks(in->kind);
	m->due_unix_ms = m->asks ? due_of(node, item, in) : 0;
	return m->organisation && m->recipient && m->recipients && m->categories && body_show(in, o->arena, m);
}

static enum kp_result chain_check(struct kp_node *node, const struct item *item, const struct envelope *e,
				  const struct message *m, const struct mandate **signer,
				  struct kp_error *err)
{
	const struct header *h = &m->header;
	const struct mandate *mandate;
	struct fault_list faults;

	if (!node->rules.registry)
		return unverified(err, "there is no register here to verify the signature with", "", "");
	fault_list_init(&faults, "mandate");
	mandate = node_mandate(node, item->mandate, &faults);
	if (!mandate)
		return unverified(err, "the signer's mandate does not hold: ",
				  faults.n ? faults.v[0].text : "there is none", "");
	if (!span_equal(h->mandate, SPAN_OF(mandate->digest.bytes)) ||
	    !text_equal(h->person, mandate->person))
		return unverified(err,
				  "the mandate that came along is not the one the message was signed under",
				  "", "");
	if (!mandate_covers(mandate, h->sender))
		return unverified(err, mandate->person, " has no mandate for ", h->sender);
	if (h->created_unix_ms < mandate->from_unix_ms || h->created_unix_ms >= mandate->until_unix_ms)
		return unverified(err, "the mandate of ", mandate->person,
				  " was not in force when the message was made");
	if (envelope_verify(e, mandate->sign_key) != ENVELOPE_OK)
		return unverified(err, "the signature of ", mandate->person, " does not hold");
	*signer = mandate;
	return KP_OK;
}

static const char *part_trouble(int r)
{
	switch (r) {
	case PART_E_NOT_FOR_US:
		return "not sealed to a hoedanigheid of this node";
	case PART_E_OPEN:
		return "does not open: altered, sealed under another header or by another signer, or to an "
		       "older key";
	default:
		return "its form is wrong";
	}
}

/* The part opened with whichever of our reading keys it is sealed to. Content goes to the arena, which is
 * wiped. */
static int part_content(struct kp_node *node, const struct part_context *ctx, const struct part *p,
			struct arena *arena, struct kp_part_in *out)
{
	CLEANUP(buffer_fini) struct buffer content = { 0 };
	int r = PART_E_NOT_FOR_US;

	buffer_init(&content, PART_CONTENT_MAX + 4096);
	for (size_t i = 0; i < p->n_wraps && r == PART_E_NOT_FOR_US; i++) {
		const struct keyfile *key = keyring_reading(&node->keys, p->wraps[i].recipient);
		struct box_key reader = { .hoedanigheid = p->wraps[i].recipient };

		if (!key)
			continue;
		memcpy(reader.public_key, key->public_key, sizeof reader.public_key);
		r = part_open(ctx, p, &reader, key->secret, &content);
	}
	if (r < 0)
		return err_pass(r);
	if (r) {
		out->trouble = part_trouble(r);
		return 0;
	}
	out->content = arena_text(arena, buffer_span(&content)); /* NUL-terminated; the length counts */
	out->content_len = content.len;
	out->opened = true;
	return out->content ? 0 : err_raise(-ENOMEM);
}

static int parts_show(struct kp_node *node, const struct message *m, const struct mandate *signer,
		      struct opened *o)
{
	struct part_context ctx = { m->header_bytes, m->header.sender, signer->sign_key };
	struct kp_part_in *parts = arena_array(o->arena, m->n_parts ? m->n_parts : 1, sizeof *parts);

	if (!parts)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < m->n_parts; i++) {
		const struct part_header *h = &m->parts[i].header;
		int r;

		parts[i] = (struct kp_part_in) {
			.category = h->category,
			.media_type = h->media_type,
			.secrecy_basis = h->secrecy_basis,
			.reference_date = h->reference_date,
			.source = h->source,
			.wpg_article = h->wpg_article,
			.person_category = h->person_category,
			.content = "",
			.trouble = "",
			.conditions = body_words(&h->conditions, o->arena),
		};
		if (!parts[i].conditions)
			return err_raise(-ENOMEM);
		r = part_content(node, &ctx, &m->parts[i], o->arena, &parts[i]);
		if (r)
			return err_pass(r);
	}
	o->m.parts = parts;
	o->m.n_parts = m->n_parts;
	return 0;
}

static enum kp_result parts_open(struct kp_node *node, const struct item *item, const struct envelope *e,
				 const struct message *m, struct opened *o, struct kp_error *err)
{
	const struct mandate *signer = NULL;
	enum kp_result k = chain_check(node, item, e, m, &signer, err);
	int r;

	if (k)
		return k;
	o->m.role = arena_text(o->arena, span_of_text(signer->role));
	o->m.organisation = arena_text(o->arena, span_of_text(signer->organisation));
	r = o->m.role && o->m.organisation ? parts_show(node, m, signer, o) : -ENOMEM;
	return r ? fail_fatal(err, "here/open", r) : KP_OK;
}

enum kp_result open_item(struct kp_node *node, const struct item *item, enum open_how how,
			 struct kp_message_in **out, struct kp_error *err)
{
	CLEANUP(opened_freep) struct opened *o = calloc(1, sizeof *o);
	const char *why = "";
	struct envelope e;
	struct message m;
	enum kp_result k = KP_OK;
	int kind;

	if (o)
		o->arena = arena_new(OPEN_ARENA_BYTES);
	if (!o || !o->arena)
		return fail_fatal(err, "here/open", -ENOMEM);
	if (envelope_decode(item->envelope, o->arena, &e) != ENVELOPE_OK)
		return unverified(err, "the envelope is malformed", "", "");
	kind = message_kind_of_type(e.type);
	if (kind <= 0 || message_signed_by_node((enum message_kind)kind) ||
	    message_decode((enum message_kind)kind, e.payload, o->arena, &m, &why) != MESSAGE_OK)
		return unverified(err, "the message is malformed: ", why, "");
	if (how == OPEN_SENT ? !node_serves(node, m.header.sender) : !served_recipient(node, &m.header))
		return unverified(err, "the message is not for a hoedanigheid of this node", "", "");
	if (!header_show(node, item, &m, o))
		return fail_fatal(err, "here/open", -ENOMEM);
	if (how == OPEN_PARTS)
		k = parts_open(node, item, &e, &m, o, err);
	if (k)
		return k;
	*out = &TAKE(o)->m;
	return KP_OK;
}

/* Once more with newer rules: the signer may have joined, or got a new key, after the register that is here. */
static enum kp_result open_fresh(struct kp_node *node, const struct item *item, enum open_how how,
				 struct kp_message_in **out, struct kp_error *err)
{
	enum kp_result k = open_item(node, item, how, out, err);

	if (k == KP_UNVERIFIED && rules_sync(node, RULES_FETCH_MS, NULL) == KP_OK)
		k = open_item(node, item, how, out, err);
	return k;
}

static bool marked(struct kp_node *node, const char *mark, const uint8_t id[ID_BYTES], struct arena *arena, struct span *value)
{
	return state_mark(node->state, mark, id, arena, value) == STATE_OK;
}

/* What its source said of it since. A correctie counts that holds as the message itself does, and is its source's. */
static bool correction_show(struct kp_node *node, const struct item *item, enum open_how how, struct arena *arena,
			    struct kp_message_in *m)
{
	struct opened *o = (struct opened *)m;
	struct kp_message_in *c = NULL;
	struct item correctie;
	struct span by;

	if (!marked(node, MARK_CORRECTED, item->id, arena, &by) || by.len != ID_BYTES ||
	    state_item(node->state, by.ptr, arena, &correctie) != STATE_OK ||
	    open_fresh(node, &correctie, how, &c, NULL) != KP_OK)
		return true;
	if (text_equal(c->sender, m->sender)) {
		memcpy(m->corrected_by, c->message_id, KP_ID_SIZE);
		m->correction = arena_text(o->arena, span_of_text(c->action));
	}
	kp_message_in_free(c);
	return m->correction;
}

/* A source hears within a year what came of what it gave (WGS 1.7(4)): from then on the item waits for that. */
static void feedback_show(struct kp_node *node, const struct item *item, struct arena *arena, struct kp_message_in *m)
{
	bool gives = item->kind == MESSAGE_ANTWOORD || item->kind == MESSAGE_AANVULLING || item->kind == MESSAGE_MELDING ||
		     item->kind == MESSAGE_VERSTREKKING;
	uint64_t due;
	struct span told;

	if (!gives || !m->categories[0] || m->wiped || !node->rules.kader)
		return;
	due = months_after(item->received_unix_ms, kader_terms(node->rules.kader)->feedback_months);
	if (env_unix_ms(node->env) < due || marked(node, MARK_TOLD, item->id, arena, &told))
		return;
	m->asks = true;
	m->due_unix_ms = due;
}

static enum kp_result open_found(struct kp_node *node, const struct item *item, bool parts, struct arena *arena,
				 struct kp_message_in **out, struct kp_error *err)
{
	struct span value;
	bool wiped = marked(node, MARK_WIPED, item->id, arena, &value);
	enum open_how how = parts && !wiped ? OPEN_PARTS : OPEN_LIST;
	struct kp_message_in *m = NULL;
	enum kp_result k = open_fresh(node, item, how, &m, err);

	if (k)
		return k;
	m->wiped = wiped;
	feedback_show(node, item, arena, m);
	m->reminded = m->asks && marked(node, MARK_REMINDED, item->id, arena, &value);
	if (!correction_show(node, item, parts ? OPEN_PARTS : OPEN_LIST, arena, m)) {
		kp_message_in_free(m);
		return fail_fatal(err, "here/open", -ENOMEM);
	}
	*out = m;
	return KP_OK;
}

enum kp_result open_stored(struct kp_node *node, const uint8_t id[ID_BYTES], bool parts,
			   struct kp_message_in **out, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(OPEN_ARENA_BYTES);
	struct item item;
	int r = arena ? state_item(node->state, id, arena, &item) : -ENOMEM;

	if (r == STATE_E_ABSENT)
		return failure(err, KP_NONE, "here/inbox", "See which there are: knooppunt inbox.",
			       "there is no such message in the inbox");
	if (r)
		return fail_fatal(err, "here/inbox", r);
	return open_found(node, &item, parts, arena, out, err);
}

/* A message of this node's own making is shown as it was sent. */
static enum kp_result open_sent(struct kp_node *node, const uint8_t id[ID_BYTES], struct kp_message_in **out, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(OPEN_ARENA_BYTES);
	struct item item = { .state = KP_ITEM_DONE };
	struct sent sent;
	int r = arena ? state_sent(node->state, id, arena, &sent) : -ENOMEM;

	if (r == STATE_E_ABSENT)
		return failure(err, KP_NONE, "here/inbox", "See which there are: knooppunt inbox.",
			       "this node neither received nor sent such a message");
	if (r)
		return fail_fatal(err, "here/inbox", r);
	item.envelope = sent.envelope;
	item.index = sent.index;
	return open_item(node, &item, OPEN_SENT, out, err);
}

enum kp_result kp_find(kp_node *node, const char *message_id, struct kp_message_in **out, struct kp_error *err)
{
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(message_id, "message_id", id, err);

	if (k || !out)
		return k ? k : fail_usage(err, "there is nowhere to put the message");
	k = open_stored(node, id, false, out, err);
	return k == KP_NONE ? open_sent(node, id, out, err) : k;
}

/* Says once to the house, and so to the sender, that a person opened the message. It leaves now or with a
 * later call. */
static void tell_sender(struct kp_node *node, const struct kp_message_in *m)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
	const char *to[] = { m->sender, NULL };
	struct kp_message_out out = {
		.kind = "geopend",
		.as = m->recipient,
		.to = to,
		.casus = m->casus,
		.exchange = m->exchange_id,
		.in_reply_to = m->message_id,
		.regime = m->regime,
		.grondslag = m->grondslag,
		.doel = m->doel,
		.noodzaak = m->noodzaak,
		.overleg = m->overleg,
	};
	const char *name = arena ? arena_printf(arena, "geopend:%s", m->message_id) : NULL;
	struct kp_sent sent;
	struct span told;

	if (!name || state_get(node->state, name, arena, &told) != STATE_E_ABSENT)
		return;
	(void)kp_send(node, &out, TELL_MS, &sent, NULL);
	if (*sent.message_id)
		(void)!state_put(node->state, name, span_of_text(sent.message_id));
	kp_sent_fini(&sent);
}

enum kp_result kp_read(kp_node *node, const char *message_id, bool tell, struct kp_message_in **out,
		       struct kp_error *err)
{
	uint8_t id[ID_BYTES];
	enum kp_result k = node_id(message_id, "message_id", id, err);

	if (k || !out)
		return k ? k : fail_usage(err, "there is nowhere to put the message");
	k = open_stored(node, id, true, out, err);
	if (k || !tell)
		return k;
	tell_sender(node, *out);
	/* What asks nothing is done with when it was read. */
	if ((*out)->state == KP_ITEM_NEW && !(*out)->asks &&
	    state_item_set(node->state, id, KP_ITEM_DONE) == STATE_OK)
		(*out)->state = KP_ITEM_DONE;
	return KP_OK;
}
