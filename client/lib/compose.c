/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Order matters: the header is finished first, because its bytes are bound into every part; then the parts
 * are sealed to the reading keys of the register; then the whole is signed.
 *
 * What the law or the convenant says about a message is not judged here: the house refuses with a receipt,
 * which is evidence, and kp_may_i() tells beforehand. Only what can't be written down at all is refused here.
 */
#include "client/lib/compose.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/lib/body.h"

#define DIGEST_OF_TEXT_MAX (64u << 10)

void composed_fini(struct composed *c)
{
	c->arena = arena_free(c->arena);
	buffer_fini(&c->envelope);
}

static const char *text(const char *s)
{
	return s ? s : "";
}

static enum kp_result id_of(const char *uuid, const char *name, struct arena *arena, struct span *out,
			    struct kp_error *err)
{
	uint8_t id[ID_BYTES];
	enum kp_result k;

	*out = SPAN_NONE;
	if (!uuid || !*uuid)
		return KP_OK;
	k = node_id(uuid, name, id, err);
	if (k)
		return k;
	*out = arena_copy(arena, SPAN_OF(id));
	return out->len ? KP_OK : fail_fatal(err, "here/compose", -ENOMEM);
}

/* 16 random bytes in the form of a UUIDv4: unlike a v7 it does not tell when the casus began. */
static struct span random_id(const struct env *env, struct arena *arena)
{
	uint8_t id[ID_BYTES];

	env_random(env, id, sizeof id);
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	return arena_copy(arena, SPAN_OF(id));
}

static struct span message_id(const struct env *env, struct arena *arena)
{
	uint8_t id[ID_BYTES];

	env_uuid7(env, id);
	return arena_copy(arena, SPAN_OF(id));
}

enum kp_result compose_as(const struct kp_node *node, const char *as, const char **out, struct kp_error *err)
{
	const struct text_list *mine = &node->home.hoedanigheden;
	char names[300] = "";
	size_t len = 0;

	if (as && !*as)
		as = NULL;
	if (as ? node_serves(node, as) : mine->n == 1) {
		*out = as ? as : mine->v[0];
		return KP_OK;
	}
	for (size_t i = 0; i < mine->n && len < sizeof names; i++)
		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "", mine->v[i]);
	if (as)
		return fail_usage(err, "hoedanigheid %s is not one of this node (it serves %s)", as, names);
	return fail_usage(err, "this node serves %zu hoedanigheden (%s): say as which one", mine->n, names);
}

static bool same_hash(const struct hash *a, const struct hash *b)
{
	return hash_equal(a, b);
}

const struct mandate *node_mandate(struct kp_node *node, struct span note, struct fault_list *faults)
{
	struct mandate_seen *slot;

	if (!note.len || !node->rules.registry)
		return NULL;
	for (size_t i = 0; i < NODE_MANDATES_MAX; i++) {
		slot = &node->mandates[i];
		if (slot->arena && span_equal(slot->note, note) &&
		    same_hash(&slot->registry, &node->rules.registry->digest))
			return &slot->mandate;
	}
	slot = &node->mandates[node->next_mandate++ % NODE_MANDATES_MAX];
	slot->arena = arena_free(slot->arena);
	slot->arena = arena_new(DIGEST_OF_TEXT_MAX * 8);
	slot->note = slot->arena ? arena_copy(slot->arena, note) : SPAN_NONE;
	if (!slot->note.len ||
	    mandate_open(note, node->rules.registry, slot->arena, faults, &slot->mandate) != MANDATE_OK) {
		slot->arena = arena_free(slot->arena);
		return NULL;
	}
	slot->registry = node->rules.registry->digest;
	return &slot->mandate;
}

/* Whether a person of this home may sign for the hoedanigheid, as far as its mandate and the rules here say.
 */
static const struct mandate *person_mandate(struct kp_node *node, const struct person_key *p, const char *as)
{
	struct fault_list faults;
	const struct mandate *m;

	fault_list_init(&faults, "mandate");
	m = node_mandate(node, p->mandate, &faults);
	return m && mandate_covers(m, as) && !memcmp(m->sign_key, p->key.public_key, SIGN_PUBLIC_BYTES)
		       ? m
		       : NULL;
}

static enum kp_result person_missing(const char *as, const char *person, struct kp_error *err)
{
	if (person)
		return failure(err, KP_USAGE, "here/keys",
			       "Name a person with a mandate for it, or grant one: knooppunt mandate grant.",
			       "%s has no key with a valid mandate for %s in this home", person, as);
	return failure(err, KP_USAGE, "here/keys", "Grant a mandate: knooppunt mandate grant.",
		       "nobody in this home has a mandate for %s", as);
}

enum kp_result compose_person(struct kp_node *node, const char *as, const char *person,
			      struct person_key **out, const struct mandate **mandate, struct kp_error *err)
{
	struct person_key *found = NULL;
	const struct mandate *of_found = NULL;
	size_t n = 0;

	if (!person)
		person = node->acting;
	for (size_t i = 0; i < node->keys.n_persons; i++) {
		struct person_key *p = &node->keys.persons[i];
		const struct mandate *m = person && strcmp(person, p->id) != 0 ? NULL
									       : person_mandate(node, p, as);

		if (!m)
			continue;
		n++;
		if (!found || text_equal(p->id, node->home.person)) {
			found = p;
			of_found = m;
		}
	}
	if (!found)
		return person_missing(as, person, err);
	if (n > 1 && !person && !text_equal(found->id, node->home.person))
		return fail_usage(err, "%zu persons of this home may act for %s: say which one", n, as);
	*out = found;
	*mandate = of_found;
	return KP_OK;
}

static const struct hash *convenant_seen(const struct kp_node *node, const struct header *h)
{
	for (size_t i = 0; i < node->rules.n_convenanten; i++) {
		const struct convenant *c = node->rules.convenanten[i];
		bool all = convenant_has_party(c, h->sender);

		for (size_t j = 0; all && j < h->recipients.n; j++)
			all = convenant_has_party(c, h->recipients.v[j]);
		if (all)
			return convenant_digest(c);
	}
	return NULL;
}

/* Id, times and trace; then the header's bytes. */
static int header_finish(struct kp_node *node, struct message *m, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	uint8_t trace[ID_BYTES];
	int r;

	env_random(node->env, trace, sizeof trace);
	m->header.message_id = message_id(node->env, arena);
	m->header.trace_id = arena_copy(arena, SPAN_OF(trace));
	m->header.created_unix_ms = env_unix_ms(node->env);
	m->header.not_after_unix_ms = m->header.created_unix_ms + NODE_SUBMIT_MS;
	if (m->header.deadline_unix_ms && m->header.deadline_unix_ms < m->header.not_after_unix_ms &&
	    m->header.deadline_unix_ms > m->header.created_unix_ms)
		m->header.not_after_unix_ms = m->header.deadline_unix_ms;
	if (!m->header.exchange_id.len)
		m->header.exchange_id = random_id(node->env, arena);
	if (!m->header.message_id.len || !m->header.trace_id.len || !m->header.exchange_id.len)
		return err_raise(-ENOMEM);
	buffer_init(&bytes, ENVELOPE_BYTES_MAX);
	r = header_encode(&m->header, &bytes);
	if (r)
		return err_pass(r);
	m->header_bytes = arena_copy(arena, buffer_span(&bytes));
	return m->header_bytes.len ? 0 : err_raise(-ENOMEM);
}

static int sign(const struct message *m, const struct keyfile *signer, struct buffer *envelope)
{
	CLEANUP(buffer_fini) struct buffer payload = { 0 };
	int r;

	buffer_init(&payload, ENVELOPE_BYTES_MAX);
	r = message_encode(m, &payload);
	if (!r)
		r = envelope_sign(message_kind_type(m->kind), buffer_span(&payload), signer->secret,
				  envelope);
	return r ? err_fold(r) : 0;
}

/* Read back what was written, with the reader every other party uses: the house should not be the first to
 * find a fault. */
static enum kp_result own_check(const struct composed *c, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(NODE_MESSAGE_BYTES);
	struct envelope e;
	struct message m;
	const char *why = "the message is too large";

	if (!arena)
		return fail_fatal(err, "here/compose", -ENOMEM);
	if (c->envelope.len > ENVELOPE_BYTES_MAX ||
	    envelope_decode(buffer_span(&c->envelope), arena, &e) != ENVELOPE_OK ||
	    message_decode(c->message.kind, e.payload, arena, &m, &why) != MESSAGE_OK)
		return fail_usage(err, "the message can not be sent so: %s", why);
	return KP_OK;
}

static enum kp_result finish(struct composed *c, const struct keyfile *signer, struct kp_error *err)
{
	int r;

	buffer_init(&c->envelope, 2 * ENVELOPE_BYTES_MAX);
	r = sign(&c->message, signer, &c->envelope);
	if (r == -ENOMEM && c->envelope.failed)
		return fail_usage(err, "the message is larger than %u bytes", ENVELOPE_BYTES_MAX);
	if (r)
		return fail_fatal(err, "here/compose", r);
	envelope_digest(buffer_span(&c->envelope), &c->digest);
	return own_check(c, err);
}

enum kp_result compose_signed(struct kp_node *node, struct message *m, const struct keyfile *signer,
			      struct composed *out, struct kp_error *err)
{
	struct composed c = { .arena = arena_new(NODE_MESSAGE_BYTES), .message = *m };
	enum kp_result k;
	int r = c.arena ? header_finish(node, &c.message, c.arena) : -ENOMEM;

	k = r ? fail_fatal(err, "here/compose", r) : finish(&c, signer, err);
	if (k) {
		composed_fini(&c);
		return k;
	}
	*out = c;
	return KP_OK;
}

int compose_ack(struct kp_node *node, const char *as, const uint8_t (*ids)[ID_BYTES], size_t n,
		struct buffer *envelope)
{
	struct message m = { .kind = MESSAGE_ONTVANGST, .header.sender = as };
	struct composed c = { 0 };

	m.header.person = m.header.on_behalf_of = m.header.regime = m.header.grondslag = m.header.doel =
		m.header.noodzaak = "";
	m.header.overleg = m.header.person_role = m.header.related_to = m.header.answer_kind = "";
	for (size_t i = 0; i < n; i++)
		m.body.ontvangst.ids[i] = span_of(ids[i], ID_BYTES);
	m.body.ontvangst.n = n;
	if (compose_signed(node, &m, &node->keys.node, &c, NULL) != KP_OK)
		return err_raise(-EINVAL);
	buffer_fini(envelope);
	*envelope = c.envelope;
	memset(&c.envelope, 0, sizeof c.envelope);
	composed_fini(&c);
	return 0;
}

/* --- what the caller said --- */

/* An answer without content says no more than its kind. */
static enum kp_result answer_check(const struct kp_message_out *in, struct composed *c, struct kp_error *err)
{
	static const char *const kinds[] = { "GEGEVENS",  "DEELS", "NIET_BEKEND", "GEEN_MEDEDELING",
					     "WEIGERING", "LATER", NULL };
	const char *kind = text(in->answer_kind);
	bool gives = text_equal(kind, "GEGEVENS") || text_equal(kind, "DEELS");

	if (!text_in(kind, kinds))
		return fail_usage(err,
				  "answer kind \"%s\": GEGEVENS, DEELS, NIET_BEKEND, GEEN_MEDEDELING, "
				  "WEIGERING or LATER",
				  kind);
	if (gives && !in->n_parts)
		return fail_usage(err, "an answer %s has at least one part", kind);
	if (!gives && in->n_parts)
		return fail_usage(err, "an answer %s has no parts; GEGEVENS and DEELS have", kind);
	c->withheld = text_equal(kind, "GEEN_MEDEDELING");
	c->message.header.answer_kind = c->withheld ? "NIET_BEKEND"
						    : arena_text(c->arena, span_of_text(kind));
	return c->message.header.answer_kind ? KP_OK : fail_fatal(err, "here/compose", -ENOMEM);
}

/* A question and a motivation are no data: they have no category to be judged. */
static bool is_data(const struct kp_part *p)
{
	return p->category && strcmp(p->category, "vraag") != 0 && strcmp(p->category, "motivering") != 0 &&
	       strncmp(p->category, "motivering.", 11) != 0;
}

static enum kp_result categories_of(const struct kp_message_out *in, struct composed *c, struct kp_error *err)
{
	struct text_list *out = &c->message.header.categories;

	if (in->n_parts > MESSAGE_PARTS_MAX)
		return fail_usage(err, "parts: at most %d are possible", MESSAGE_PARTS_MAX);
	if (c->message.kind == MESSAGE_ANTWOORD && !in->n_parts)
		return KP_OK; /* so that answers without content are alike, whatever was asked */
	if (in->categories || c->message.kind == MESSAGE_VERZOEK)
		return body_list(in->categories, "categories", c->arena, out, err);
	if (!in->n_parts)
		return KP_OK;
	out->v = arena_array(c->arena, in->n_parts, sizeof *out->v);
	if (!out->v)
		return fail_fatal(err, "here/compose", -ENOMEM);
	for (size_t i = 0; i < in->n_parts; i++)
		if (is_data(&in->parts[i]))
			out->v[out->n++] = in->parts[i].category;
	return KP_OK;
}

/* An overleg has one regime, so who names the overleg need not say it. Unknown here: the house refuses. */
static const char *regime_of(const struct kp_node *node, const struct kp_message_out *in)
{
	const struct reg_overleg *o = NULL;

	if (!in->regime && in->overleg && node->rules.registry)
		o = registry_overleg(node->rules.registry, in->overleg);
	return o ? regime_name(o->regime) : in->regime;
}

/* Who is not the betrokkene stands to him in one step, or is no business of this casus. */
static const char *related_to_of(const struct kp_message_out *in)
{
	bool beside = in->person_role && *in->person_role && strcmp(in->person_role, "betrokkene") != 0;

	return !in->related_to && beside ? "betrokkene" : in->related_to;
}

static enum kp_result texts_of(const struct kp_node *node, const struct kp_message_out *in, struct composed *c,
			       struct kp_error *err)
{
	struct header *h = &c->message.header;
	const struct {
		const char **to;
		const char *from;
	} all[] = {
		{ &h->regime, regime_of(node, in) },
		{ &h->grondslag, in->grondslag },
		{ &h->doel, in->doel },
		{ &h->noodzaak, in->noodzaak },
		{ &h->overleg, in->overleg },
		{ &h->person_role, in->person_role },
		{ &h->related_to, related_to_of(in) },
		{ &h->on_behalf_of, in->on_behalf_of },
	};

	for (size_t i = 0; i < N_ELEMENTS(all); i++) {
		*all[i].to = arena_text(c->arena, span_of_text(text(all[i].from)));
		if (!*all[i].to)
			return fail_fatal(err, "here/compose", -ENOMEM);
	}
	h->answer_kind = "";
	return KP_OK;
}

static enum kp_result ids_of(struct kp_node *node, const struct kp_message_out *in, const uint8_t *exchange,
			     struct composed *c, struct kp_error *err)
{
	struct header *h = &c->message.header;
	enum kp_result k = id_of(in->casus, "casus", c->arena, &h->casus, err);

	if (!k)
		k = id_of(in->in_reply_to, "in_reply_to", c->arena, &h->in_reply_to, err);
	if (!k && exchange)
		h->exchange_id = arena_copy(c->arena, span_of(exchange, ID_BYTES));
	else if (!k)
		k = id_of(in->exchange, "exchange", c->arena, &h->exchange_id, err);
	if (!k && c->message.kind == MESSAGE_AANMELDING && !h->casus.len)
		h->casus = random_id(node->env, c->arena);
	return k;
}

static enum kp_result header_of(struct kp_node *node, const struct kp_message_out *in, const char *const *to,
				struct composed *c, struct kp_error *err)
{
	struct header *h = &c->message.header;
	const struct hash *seen;
	enum kp_result k = texts_of(node, in, c, err);

	if (!k)
		k = body_list(to, "to", c->arena, &h->recipients, err);
	if (!k && c->message.kind == MESSAGE_ANTWOORD)
		k = answer_check(in, c, err);
	if (!k)
		k = categories_of(in, c, err);
	if (k)
		return k;
	text_list_sort(&h->recipients);
	text_list_sort(&h->categories);
	h->urgent = in->urgent;
	h->deadline_unix_ms = in->deadline_unix_ms;
	if (c->message.kind == MESSAGE_VERZOEK && !h->deadline_unix_ms)
		h->deadline_unix_ms = env_unix_ms(node->env) + NODE_DEADLINE_MS;
	seen = convenant_seen(node, h);
	h->convenant = seen ? arena_copy(c->arena, SPAN_OF(seen->bytes)) : SPAN_NONE;
	h->mandate = arena_copy(c->arena, SPAN_OF(c->mandate->digest.bytes));
	return h->mandate.len ? KP_OK : fail_fatal(err, "here/compose", -ENOMEM);
}

/* --- parts --- */

static enum kp_result reader_key(struct kp_node *node, const char *recipient, enum compose_how how,
				 struct box_key *out, struct kp_error *err)
{
	const struct reg_hoedanigheid *h = registry_hoedanigheid(node->rules.registry, recipient);
	uint8_t nobody[BOX_SECRET_BYTES];

	out->hoedanigheid = recipient;
	if (h && h->n_keys) {
		memcpy(out->public_key, h->keys[0].public_key, sizeof out->public_key);
		return KP_OK;
	}
	if (how == COMPOSE_REHEARSE) {
		crypto_box_keypair(out->public_key, nobody);
		sodium_memzero(nobody, sizeof nobody);
		return KP_OK;
	}
	return failure(err, KP_NONE, "here/compose",
		       h ? "Ask the house when they join; until then reach them otherwise."
			 : "Look the hoedanigheid up in the register: knooppunt convenant show.",
		       h ? "%s has not joined with a node yet: there is no key to seal to"
			 : "%s is no hoedanigheid in the register",
		       recipient);
}

static enum kp_result part_of(struct composed *c, const struct part_context *ctx, const struct kp_part *in,
			      const struct box_key *readers, struct kp_error *err)
{
	struct part_header head = {
		.category = text(in->category),
		.secrecy_basis = text(in->secrecy_basis),
		.reference_date = text(in->reference_date),
		.source = text(in->source),
		.wpg_article = text(in->wpg_article),
		.person_category = text(in->person_category),
		.media_type = in->media_type ? in->media_type : "application/json",
	};
	enum kp_result k = body_list(in->conditions, "conditions", c->arena, &head.conditions, err);
	int r;

	if (k)
		return k;
	if (!in->category || !*in->category || !in->content)
		return fail_usage(err, "a part has a category and content");
	r = part_seal(ctx, &head, span_of_text(in->content), readers, c->message.header.recipients.n,
		      c->arena, &c->message.parts[c->message.n_parts]);
	if (r == PART_E_TOO_BIG)
		return fail_usage(err, "part %s: content is at most %u bytes", head.category,
				  PART_CONTENT_MAX);
	if (r == PART_E_MALFORMED)
		return failure(err, KP_ERROR, "here/compose",
			       "Sync the rules; if it stays, tell the stewards of the house.",
			       "a recipient's reading key in the register can not be used");
	if (r)
		return fail_fatal(err, "here/compose", r);
	c->message.n_parts++;
	return KP_OK;
}

static enum kp_result parts_of(struct kp_node *node, const struct kp_message_out *in,
			       const struct keyfile *signer, enum compose_how how, struct composed *c,
			       struct kp_error *err)
{
	struct part_context ctx = { c->message.header_bytes, c->message.header.sender, signer->public_key };
	const struct text_list *to = &c->message.header.recipients;
	struct box_key readers[MESSAGE_LIST_MAX];
	enum kp_result k = KP_OK;

	if (!in->n_parts)
		return KP_OK;
	if (!to->n)
		return fail_usage(err, "to: parts are sealed to somebody, name at least one recipient");
	for (size_t i = 0; !k && i < to->n; i++)
		k = reader_key(node, to->v[i], how, &readers[i], err);
	if (k)
		return k;
	c->message.parts = arena_array(c->arena, in->n_parts, sizeof *c->message.parts);
	if (!c->message.parts)
		return fail_fatal(err, "here/compose", -ENOMEM);
	for (size_t i = 0; !k && i < in->n_parts; i++)
		k = part_of(c, &ctx, &in->parts[i], readers, err);
	return k;
}

/* --- all of it --- */

static enum kp_result kind_of(const struct kp_message_out *in, enum message_kind *out, struct kp_error *err)
{
	int kind = in->kind ? message_kind_find(in->kind) : -1;

	if (kind <= 0 || message_signed_by_node((enum message_kind)kind) || kind == MESSAGE_INZAGE)
		return fail_usage(err, "kind \"%s\" is not one a person sends (docs/integrating.md, Kinds of message)", text(in->kind));
	*out = (enum message_kind)kind;
	return KP_OK;
}

static enum kp_result fill(struct kp_node *node, const struct kp_message_out *in, const char *const *to,
			   const uint8_t *exchange, struct composed *c, struct person_key **signer,
			   struct kp_error *err)
{
	struct header *h = &c->message.header;
	enum kp_result k = compose_as(node, in->as, &h->sender, err);

	if (!k)
		k = compose_person(node, h->sender, in->person, signer, &c->mandate, err);
	if (k)
		return k;
	h->person = (*signer)->id;
	k = ids_of(node, in, exchange, c, err);
	if (!k)
		k = header_of(node, in, to, c, err);
	return k ? k : body_of(in, c->arena, &c->message, err);
}

enum kp_result compose(struct kp_node *node, const struct kp_message_out *m, const char *const *to,
		       const uint8_t *exchange, enum compose_how how, struct composed *out,
		       struct kp_error *err)
{
	struct composed c = { 0 };
	struct person_key *signer = NULL;
	enum kp_result k;
	int r;

	if (!m)
		return fail_usage(err, "there is no message");
	k = kind_of(m, &c.message.kind, err);
	if (k)
		return k;
	c.arena = arena_new(NODE_MESSAGE_BYTES);
	if (!c.arena)
		return fail_fatal(err, "here/compose", -ENOMEM);
	k = fill(node, m, to, exchange, &c, &signer, err);
	if (!k) {
		r = header_finish(node, &c.message, c.arena);
		k = r ? fail_fatal(err, "here/compose", r) : parts_of(node, m, &signer->key, how, &c, err);
	}
	if (!k)
		k = finish(&c, &signer->key, err);
	if (k) {
		composed_fini(&c);
		return k;
	}
	*out = c;
	return KP_OK;
}
