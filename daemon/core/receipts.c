/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The head is durable before it is signed, and the keeper writes down what it signs before it answers. So the core may keep the
 * signed note with its next batch, whenever that comes: if it dies before, the keeper hands the note out again at the start.
 */
#include "daemon/core/receipts.h"
#include "daemon/core/selfproof.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/published.h"
#include "daemon/core/session.h"
#include "daemon/core/witness.h"
#include "proto/receipt.h"

#define NOTE_MAX 8192
#define DAY_MS UINT64_C(86400000)

struct waiting {
	struct waiting *next;
	struct effect effect;
};

struct receipts {
	struct note_key key;              /* of the log */
	uint64_t size;                    /* of the newest signed head */
	struct hash root;
	struct buffer note;
	uint64_t asked_size;              /* 0: no signature under way */
	struct hash asked_root;
	uint64_t kept_size, kept_day;     /* the head that is in the store */
	size_t n;
	struct waiting *head, **tail;
};

int receipts_new(struct receipts **out)
{
	struct receipts *r = calloc(1, sizeof *r);

	if (!r)
		return err_raise(-ENOMEM);
	r->tail = &r->head;
	buffer_init(&r->note, NOTE_MAX);
	*out = r;
	return 0;
}

static void waiting_drop(struct receipts *r)
{
	struct waiting *w = r->head;

	r->head = w->next;
	if (!r->head)
		r->tail = &r->head;
	r->n--;
	slip_unref(w->effect.slip);
	free(w);
}

struct receipts *receipts_free(struct receipts *r)
{
	while (r && r->head)
		waiting_drop(r);
	if (r)
		buffer_fini(&r->note);
	free(r);
	return NULL;
}

static int refuse(char why[400], const char *text)
{
	snprintf(why, 400, "%s", text);
	return CORE_E_START;
}

/* The keeper writes down what it signs before the store can know of it: a newer head in the store, and the keeper has forgotten. */
static int check_memory(struct core *c, uint64_t size, char why[400])
{
	struct store_cursor cursor;
	uint8_t key[8];
	int r;

	put_u64(key, size + 1);
	r = store_first(c->store, KEYSPACE_HEAD, SPAN_NONE, SPAN_OF(key), &cursor);
	if (r)
		return r == STORE_E_ABSENT ? 0 : err_fold(r);
	snprintf(why, 400, "the store holds a signed head of %llu entries but the keeper's last is of %llu: keeper_dir was lost or set "
		 "back to an older state, and a keeper that forgot could sign a fork. Restore the newest copy of keeper_dir",
		 (unsigned long long)get_u64(cursor.key.ptr), (unsigned long long)size);
	return CORE_E_START;
}

/* The store must hold everything the keeper ever signed, unchanged. */
static int check_history(struct core *c, uint64_t size, const struct hash *root, char why[400])
{
	struct tree_proof proof;
	struct hash now;
	int r = check_memory(c, size, why);

	if (!r)
		r = store_root(c->store, &now);
	if (r)
		return r < 0 ? err_pass(r) : r;
	if (size > store_size(c->store)) {
		snprintf(why, 400, "the store holds %llu entries but the keeper signed a log of %llu: data_dir was set back to an "
			 "older state. Restore the newest copy of it, or recover the entries from a partner's copy, before starting",
			 (unsigned long long)store_size(c->store), (unsigned long long)size);
		return CORE_E_START;
	}
	if (size == 0)
		return 0;
	if (size == store_size(c->store))
		return hash_equal(&now, root) ? 0 :
			refuse(why, "the log differs from what the keeper signed at this size (a fork). Do not remove anything: "
				    "compare data_dir with a partner's checkpoint first");
	r = store_prove_consistency(c->store, size, store_size(c->store), &proof);
	if (r)
		return err_fold(r);
	return tree_check_consistency(size, store_size(c->store), root, &now, &proof) ? 0 :
		refuse(why, "the log is not a continuation of what the keeper signed (a fork). Do not remove anything: compare "
			    "data_dir with a partner's checkpoint first");
}

int receipts_start(struct core *c, struct span public, char why[400])
{
	struct receipts *receipts = c->receipts;
	struct checkpoint checkpoint;
	struct span vkey, note;
	struct hash root;
	struct reader reader;
	uint64_t size;
	int r;

	reader_init(&reader, public);
	vkey = reader_lp16(&reader);
	size = reader_u64(&reader);
	reader_copy(&reader, root.bytes, HASH_BYTES);
	note = reader_lp16(&reader);
	if (!reader_done(&reader) || note_key_parse(&receipts->key, vkey) != NOTE_OK)
		return refuse(why, "the keeper's answer is malformed: are all processes of the same version?");
	r = check_history(c, size, &root, why);
	if (r || size == 0)
		return r < 0 ? err_pass(r) : r;
	if (checkpoint_open(note, &receipts->key, &checkpoint) != CHECKPOINT_OK || checkpoint.size != size ||
	    !hash_equal(&checkpoint.root, &root))
		return refuse(why, "the keeper's last checkpoint does not verify: its state file is damaged");
	buffer_bytes(&receipts->note, note);
	r = buffer_ok(&receipts->note);
	if (r)
		return err_pass(r);
	receipts->size = size;
	receipts->root = root;
	return 0;
}

int receipts_add(struct core *c, const struct effect *effect)
{
	struct receipts *receipts = c->receipts;
	struct waiting *w = calloc(1, sizeof *w);

	if (!w) {
		slip_unref(effect->slip);
		return err_raise(-ENOMEM);
	}
	w->effect = *effect;
	*receipts->tail = w;
	receipts->tail = &w->next;
	receipts->n++;
	return 0;
}

int receipts_ask(struct core *c)
{
	const struct frame_out frame = { .to = CORE_FROM_KEEPER, .verb = IPC_KEEPER_SIGN };
	struct receipts *receipts = c->receipts;
	uint64_t size = store_size(c->store);
	struct tree_proof proof;
	struct buffer *b;
	struct hash root;
	int r;

	if (receipts->asked_size || size == receipts->size || selfproof_broken(c) || !witnesses_may_sign(c))
		return 0;
	r = store_root(c->store, &root);
	if (!r)
		r = store_prove_consistency(c->store, receipts->size, size, &proof);
	if (r)
		return err_fold(r);
	b = out_begin(&c->out);
	buffer_u64(b, receipts->size);
	buffer_u64(b, size);
	buffer_bytes(b, SPAN_OF(root.bytes));
	buffer_u16(b, (uint16_t)proof.n);
	for (size_t i = 0; i < proof.n; i++)
		buffer_bytes(b, SPAN_OF(proof.path[i].bytes));
	receipts->asked_size = size;
	receipts->asked_root = root;
	return err_pass(out_end(&c->out, &frame));
}

int receipts_print(struct core *c, const struct slip *slip, struct buffer *out)
{
	struct receipts *receipts = c->receipts;
	struct tree_proof proof;
	uint64_t size;
	struct span note = published_best(c, slip->index, &size);
	int r;

	if (slip->index >= receipts->size)
		return RECEIPTS_E_UNSIGNED;
	if (!note.len)
		note = receipts_head(c, &size);
	r = store_prove_inclusion(c->store, slip->index, size, &proof);
	if (r)
		return err_fold(r);
	return err_pass(receipt_print(span_of(slip->bytes, slip->entry_len), slip->salt,
				      span_of(slip->bytes + slip->entry_len, slip->statement_len), slip->index, &proof, note,
				      out));
}

static int send_one(struct core *c, uint64_t session, enum wire_verb verb, const struct effect *e)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session };
	struct buffer *b = out_begin(&c->out);
	int r;

	wire_begin(b, verb, e->correlation);
	r = receipts_print(c, e->slip, b);
	return r ? err_fold(r) : err_pass(out_end(&c->out, &frame));
}

static int send(struct core *c, const struct effect *e)
{
	int r = 0;

	if (e->kind == EFFECT_RECEIPT) {
		c->credit_back++;
		return sessions_is(c, e->session) ? err_pass(send_one(c, e->session, WIRE_RECEIPT, e)) : 0;
	}
	for (const struct session *s = sessions_of(c, e->hoedanigheid, NULL); s && !r; s = sessions_of(c, e->hoedanigheid, s))
		r = send_one(c, session_id(s), WIRE_NOTICE, e);
	return err_pass(r);
}

int receipts_flush(struct core *c)
{
	struct receipts *receipts = c->receipts;
	int r = 0;

	while (!r && receipts->head && receipts->head->effect.slip->index < receipts->size) {
		r = send(c, &receipts->head->effect);
		waiting_drop(receipts);
	}
	return err_pass(r);
}

int receipts_signed(struct core *c, uint64_t size, struct span note)
{
	struct receipts *receipts = c->receipts;
	struct checkpoint checkpoint;
	int r;

	if (!receipts->asked_size || size != receipts->asked_size ||
	    checkpoint_open(note, &receipts->key, &checkpoint) != CHECKPOINT_OK || checkpoint.size != size ||
	    !hash_equal(&checkpoint.root, &receipts->asked_root)) {
		log_error("keeper-signed-otherwise", "size=%llu", (unsigned long long)size);
		return err_raise(-EPROTO);
	}
	buffer_reset(&receipts->note);
	buffer_bytes(&receipts->note, note);
	r = buffer_ok(&receipts->note);
	if (r)
		return err_pass(r);
	receipts->size = size;
	receipts->root = receipts->asked_root;
	receipts->asked_size = 0;
	c->head_unsaved = true;
	r = receipts_flush(c);
	return r ? err_pass(r) : err_pass(receipts_ask(c));
}

int receipts_keep(struct core *c)
{
	struct receipts *receipts = c->receipts;
	uint64_t day = c->now_unix_ms / DAY_MS;
	uint8_t key[8];
	int r = 0;

	if (!c->head_unsaved || !receipts->size)
		return 0;
	if (receipts->kept_size && receipts->kept_day == day) {
		put_u64(key, receipts->kept_size);
		r = core_delete(c, KEYSPACE_HEAD, SPAN_OF(key));
	}
	put_u64(key, receipts->size);
	if (!r)
		r = core_put(c, KEYSPACE_HEAD, SPAN_OF(key), buffer_span(&receipts->note));
	if (r)
		return err_pass(r);
	/* If this batch fails the row of before stays as well: one more head, nothing less. */
	receipts->kept_size = receipts->size;
	receipts->kept_day = day;
	c->head_unsaved = false;
	return 0;
}

struct span receipts_head(const struct core *c, uint64_t *size)
{
	struct span cosigned = published_of(c, c->receipts->size);

	*size = c->receipts->size;
	if (cosigned.len)
		return cosigned;
	return c->receipts->size ? buffer_span(&c->receipts->note) : SPAN_NONE;
}

const struct note_key *receipts_key(const struct core *c)
{
	return &c->receipts->key;
}

bool receipts_waiting(const struct core *c)
{
	return c->receipts->head || c->receipts->asked_size;
}

bool receipts_check(const struct core *c)
{
	size_t n = 0;

	for (const struct waiting *w = c->receipts->head; w; w = w->next, n++)
		if (!w->effect.slip || w->effect.slip->index >= store_size(c->store))
			return false;
	return n == c->receipts->n && c->receipts->size <= store_size(c->store);
}
