/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * KEYSPACE_META "getuige/<node>" -> card; "vork" -> lp16(node) || u64 unix ms || lp16(the head that was shown) || lp16(our newest).
 */
#include "daemon/core/witness.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/published.h"
#include "daemon/core/receipts.h"
#include "proto/witness.h"

#define META_CARD "getuige/"
#define META_FORK "vork"
#define WITNESSES_MAX 1024
#define COSIGN_WINDOW_MS 1000
#define COSIGN_PER_WINDOW 32 /* of one node: each costs three signatures to check */

struct witness { /* a node that sent a COSIGN; one without a card has sent nothing that held yet */
	char node[SENDER_SIZE];
	struct note_key key;
	struct buffer card;
	uint64_t size, cosigned_unix_s; /* what it last cosigned since the start */
	uint64_t window_mono_ms;
	unsigned n_in_window;
	bool heard, unsaved;
};

struct witnesses {
	uint64_t wait_ms;
	bool may_sign, fork_unsaved;
	size_t n;
	struct witness *v[WITNESSES_MAX];
	struct buffer fork; /* empty: all is well */
};

int witnesses_new(uint64_t wait_ms, struct witnesses **out)
{
	struct witnesses *w = calloc(1, sizeof *w);

	if (!w)
		return err_raise(-ENOMEM);
	w->wait_ms = wait_ms;
	*out = w;
	return 0;
}

struct witnesses *witnesses_free(struct witnesses *w)
{
	if (!w)
		return NULL;
	for (size_t i = 0; i < w->n; i++) {
		buffer_fini(&w->v[i]->card);
		free(w->v[i]);
	}
	buffer_fini(&w->fork);
	free(w);
	return NULL;
}

/* ---- who they are ---- */

static struct witness *witness_find(const struct witnesses *w, const char *node)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i]->node, node))
			return w->v[i];
	return NULL;
}

static int witness_add(struct witnesses *w, const char *node, struct witness **out)
{
	struct witness *v = calloc(1, sizeof *v);

	if (!v)
		return err_raise(-ENOMEM);
	snprintf(v->node, sizeof v->node, "%s", node);
	buffer_init(&v->card, WITNESS_CARD_MAX);
	w->v[w->n++] = v;
	*out = v;
	return 0;
}

/* Of those who have a card: the register's node; NULL when it is no longer there. */
static const struct reg_node *node_of(const struct core *c, const struct witness *v)
{
	return v->card.len && c->rules.registry ? registry_node(c->rules.registry, v->node) : NULL;
}

bool witnesses_may_sign(struct core *c)
{
	struct witnesses *w = c->witnesses;
	size_t n_known = 0, n_heard = 0;

	if (witnesses_halted(c))
		return false;
	for (size_t i = 0; !w->may_sign && i < w->n; i++) {
		bool known = node_of(c, w->v[i]) != NULL;

		n_known += known;
		n_heard += known && w->v[i]->heard;
	}
	if (2 * n_heard >= n_known || env_mono_ms(c->env) >= c->started_mono_ms + w->wait_ms)
		w->may_sign = true;
	return w->may_sign;
}

uint64_t witnesses_due_ms(const struct core *c)
{
	const struct witnesses *w = c->witnesses;

	return w->may_sign || witnesses_halted(c) ? UINT64_MAX : c->started_mono_ms + w->wait_ms;
}

void witnesses_cards(const struct core *c, struct buffer *out)
{
	for (size_t i = 0; i < c->witnesses->n; i++)
		if (node_of(c, c->witnesses->v[i]))
			buffer_lp16(out, buffer_span(&c->witnesses->v[i]->card));
}

json_t *witnesses_json(const struct core *c)
{
	json_t *list = json_array();
	char vkey[NOTE_VKEY_SIZE];

	for (size_t i = 0; list && i < c->witnesses->n; i++) {
		const struct witness *v = c->witnesses->v[i];
		const struct reg_node *node = node_of(c, v);

		if (!node)
			continue;
		note_key_print(&v->key, vkey);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:I}", "node", v->node, "organisation", node->organisation,
						      "vkey", vkey, "size", (json_int_t)v->size, "cosigned_unix_s",
						      (json_int_t)v->cosigned_unix_s));
	}
	return list;
}

/* ---- the end of all work ---- */

bool witnesses_halted(const struct core *c)
{
	return c->witnesses->fork.len != 0;
}

/* From the smaller of the two heads, in this log's history: what shows that the one is not of it. Empty when this log is the shorter. */
static void fork_proof(const struct core *c, struct span shown, struct span ours, struct buffer *out)
{
	struct checkpoint a = { .size = 0 }, b = { .size = 0 };
	struct tree_proof proof = { 0 };

	if (checkpoint_open(shown, receipts_key(c), &a) != CHECKPOINT_OK ||
	    (ours.len && checkpoint_open(ours, receipts_key(c), &b) != CHECKPOINT_OK) ||
	    (a.size < b.size && store_prove_consistency(c->store, a.size, b.size, &proof) != 0))
		log_warn("fork-unproven", "size=%llu", (unsigned long long)a.size);
	history_proof_print(a.size < b.size ? a.size : b.size, &proof, out);
}

json_t *witnesses_fork_json(const struct core *c)
{
	CLEANUP(buffer_fini) struct buffer proof = { 0 };
	struct span node, shown, ours;
	char vkey[NOTE_VKEY_SIZE];
	struct reader r;
	uint64_t unix_ms;

	if (!witnesses_halted(c))
		return json_null();
	reader_init(&r, buffer_span(&c->witnesses->fork));
	node = reader_lp16(&r);
	unix_ms = reader_u64(&r);
	shown = reader_lp16(&r);
	ours = reader_lp16(&r);
	fork_proof(c, shown, ours, &proof);
	note_key_print(receipts_key(c), vkey);
	return json_pack("{s:s%, s:I, s:s%, s:s%, s:s%, s:s}", "node", (const char *)node.ptr, node.len, "unix_ms", (json_int_t)unix_ms, "shown",
			 (const char *)shown.ptr, shown.len, "ours", (const char *)ours.ptr, ours.len, "proof",
			 proof.failed ? "" : (const char *)proof.ptr, proof.failed ? (size_t)0 : proof.len, "vkey", vkey);
}

static int halt(struct core *c, const char *node, const struct checkpoint *shown, struct span note)
{
	struct witnesses *w = c->witnesses;
	uint64_t size;
	struct span ours = receipts_head(c, &size);

	log_error("fork-shown", "node=%s size=%llu ours=%llu hint=\"this log's key signed a head that this log does not hold: data_dir "
		  "and keeper_dir were set back or copied. Nothing is taken or signed any more\"", node,
		  (unsigned long long)shown->size, (unsigned long long)size);
	buffer_lp16(&w->fork, span_of_text(node));
	buffer_u64(&w->fork, c->now_unix_ms);
	buffer_lp16(&w->fork, note);
	buffer_lp16(&w->fork, ours);
	w->fork_unsaved = true;
	if (buffer_ok(&w->fork))
		return err_raise(-ENOMEM);
	return err_pass(core_batch(c));
}

/* Is this head, signed by our key, one of this log's? */
static int ours(struct core *c, const struct checkpoint *shown, bool *out)
{
	uint64_t size = store_size(c->store);
	struct tree_proof proof;
	struct hash root;
	int r;

	*out = false;
	if (shown->size > size)
		return 0;
	*out = true;
	if (!shown->size)
		return 0;
	r = store_root(c->store, &root);
	if (!r)
		r = store_prove_consistency(c->store, shown->size, size, &proof);
	if (r)
		return err_fold(r);
	*out = tree_check_consistency(shown->size, size, &shown->root, &root, &proof);
	return 0;
}

/* ---- COSIGN ---- */

struct cosign {
	const struct reg_node *node;
	struct span card, note;
	struct note_key key;
	struct checkpoint head;
	bool cosigned;             /* otherwise only shown */
	uint64_t unix_s;
};

static void refuse(struct item *item, const char *code, const char *text)
{
	item->after = AFTER_NOTHING;
	item->trouble = code;
	item->trouble_text = text;
}

/* NULL in *why: it is what it says. */
static int cosign_open(struct core *c, struct cosign *s, const char **why)
{
	struct note_key keys[2];
	struct note opened;
	int r = witness_card_open(s->card, receipts_key(c)->name, s->node->id, s->node->sign_key, &s->key);

	if (r < 0)
		return err_pass(r);
	*why = r ? "the witness's card is not this node's" : NULL;
	if (r)
		return 0;
	r = checkpoint_open(s->note, receipts_key(c), &s->head);
	if (r < 0)
		return err_pass(r);
	*why = r ? "that is no checkpoint that this log signed" : NULL;
	if (r)
		return 0;
	keys[0] = *receipts_key(c);
	keys[1] = s->key;
	r = note_open(s->note, keys, N_ELEMENTS(keys), &opened);
	if (r < 0)
		return err_pass(r);
	*why = r || opened.n_lines != opened.n_verified ? "a cosignature does not hold, or is another's" : NULL;
	s->cosigned = !*why && opened.n_verified == 2;
	s->unix_s = s->cosigned ? opened.cosigned_unix_s[1] : 0;
	if (s->unix_s > (c->now_unix_ms + c->skew_ms) / 1000)
		*why = "the cosignature's time lies in the future";
	return 0;
}

static int card_take(struct core *c, const struct cosign *s, struct witness *v)
{
	if (span_equal(buffer_span(&v->card), s->card))
		return 0;
	v->key = s->key;
	v->unsaved = true;
	buffer_reset(&v->card);
	buffer_bytes(&v->card, s->card);
	return buffer_ok(&v->card) ? err_raise(-ENOMEM) : err_pass(core_batch(c));
}

static int cosign_deal(struct core *c, struct cosign *s, struct item *item, struct witness *v)
{
	bool known_head, kept;
	int r = ours(c, &s->head, &known_head);

	if (r)
		return err_pass(r);
	v->heard = true;
	if (!known_head) {
		refuse(item, "VORK", "this log does not hold that head; this house has stopped its work");
		return witnesses_halted(c) ? 0 : err_pass(halt(c, s->node->id, &s->head, s->note));
	}
	item->outcome = "gezien";
	if (!s->cosigned)
		return 0;
	if (s->head.size >= v->size) {
		v->size = s->head.size;
		v->cosigned_unix_s = s->unix_s;
	}
	r = published_cosign(c, s->head.size, s->note, &kept);
	item->outcome = kept ? "bewaard" : "gezien";
	return err_pass(r);
}

/* Whose COSIGN it is; NULL when it was refused. */
static int cosign_from(struct core *c, struct item *item, const struct reg_node *node, struct witness **out)
{
	struct witness *v = witness_find(c->witnesses, node->id);
	uint64_t now = env_mono_ms(c->env);
	int r;

	*out = NULL;
	if (!v && c->witnesses->n == WITNESSES_MAX) {
		refuse(item, "ONGELDIG", "more witnesses than a house takes");
		return 0;
	}
	if (!v) {
		r = witness_add(c->witnesses, node->id, &v);
		if (r)
			return err_pass(r);
	}
	if (!v->n_in_window || now - v->window_mono_ms >= COSIGN_WINDOW_MS) {
		v->window_mono_ms = now;
		v->n_in_window = 0;
	}
	if (v->n_in_window == COSIGN_PER_WINDOW) {
		refuse(item, "TE_SNEL", "more often than is needed; send it again in a moment");
		return 0;
	}
	v->n_in_window++;
	*out = v;
	return 0;
}

int witness_decide(struct core *c, struct item *item)
{
	struct cosign s = { 0 };
	const char *why = NULL;
	struct witness *v;
	int r;

	item->after = AFTER_WORD;
	s.node = c->rules.registry ? registry_node_of_transport(c->rules.registry, item->transport) : NULL;
	if (!s.node) {
		refuse(item, "NIET_TOEGELATEN", "this node is not in the register");
		return 0;
	}
	r = cosign_from(c, item, s.node, &v);
	if (r || !v)
		return err_pass(r);
	if (cosign_parse(item->wire.body, &s.card, &s.note) != WITNESS_OK)
		why = "a card and a checkpoint are expected";
	if (!why)
		r = cosign_open(c, &s, &why);
	if (r)
		return err_pass(r);
	if (why) {
		refuse(item, "ONGELDIG", why);
		return 0;
	}
	r = card_take(c, &s, v);
	return r ? err_pass(r) : err_pass(cosign_deal(c, &s, item, v));
}

/* ---- the store ---- */

/* A card of a node that left the register, or whose node's key changed since, is passed over: a new one will come. */
static int card_load(struct core *c, struct span id, struct span card)
{
	const struct reg_node *node;
	char name[SENDER_SIZE];
	struct note_key key;
	struct witness *v = NULL;
	int r;

	if (id.len >= sizeof name)
		return err_raise(-EBADMSG);
	memcpy(name, id.ptr, id.len);
	name[id.len] = '\0';
	node = c->rules.registry ? registry_node(c->rules.registry, name) : NULL;
	if (!node || c->witnesses->n == WITNESSES_MAX)
		return 0;
	r = witness_card_open(card, receipts_key(c)->name, name, node->sign_key, &key);
	if (r)
		return r < 0 ? err_pass(r) : 0;
	r = witness_add(c->witnesses, name, &v);
	if (r)
		return err_pass(r);
	v->key = key;
	buffer_bytes(&v->card, card);
	return err_pass(buffer_ok(&v->card));
}

int witnesses_start(struct core *c)
{
	const size_t prefix = sizeof META_CARD - 1;
	struct store_cursor cursor;
	struct span fork;
	int r = store_get(c->store, KEYSPACE_META, SPAN_LITERAL(META_FORK), &fork);

	if (!r) {
		buffer_bytes(&c->witnesses->fork, fork);
		log_error("fork-shown", "hint=\"before this start a witness showed a head that this log does not hold; see house status\"");
		r = buffer_ok(&c->witnesses->fork);
		if (r)
			return err_pass(r);
	}
	r = store_first(c->store, KEYSPACE_META, SPAN_LITERAL(META_CARD), SPAN_LITERAL(META_CARD), &cursor);
	while (!r) {
		r = card_load(c, span_of(cursor.key.ptr + prefix, cursor.key.len - prefix), cursor.value);
		if (!r)
			r = store_next(c->store, &cursor);
	}
	return r == STORE_E_ABSENT ? 0 : err_fold(r);
}

int witnesses_keep(struct core *c)
{
	struct witnesses *w = c->witnesses;
	char key[sizeof META_CARD + SENDER_SIZE];
	int r = 0;

	for (size_t i = 0; !r && i < w->n; i++) {
		if (!w->v[i]->unsaved)
			continue;
		snprintf(key, sizeof key, META_CARD "%s", w->v[i]->node);
		r = core_put(c, KEYSPACE_META, span_of_text(key), buffer_span(&w->v[i]->card));
		w->v[i]->unsaved = false;
	}
	if (!r && w->fork_unsaved) {
		r = core_put(c, KEYSPACE_META, SPAN_LITERAL(META_FORK), buffer_span(&w->fork));
		w->fork_unsaved = false;
	}
	return err_pass(r);
}

void witnesses_rolled_back(struct core *c)
{
	for (size_t i = 0; i < c->witnesses->n; i++)
		c->witnesses->v[i]->unsaved = c->witnesses->v[i]->card.len != 0;
	c->witnesses->fork_unsaved = witnesses_halted(c);
}

int witnesses_halted_keep(struct core *c)
{
	return c->witnesses->fork_unsaved ? err_pass(core_batch(c)) : 0;
}
