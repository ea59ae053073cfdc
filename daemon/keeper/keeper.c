/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * SIGN, in order: is the request well formed; is the size new; if not new, is it the same head (then the same note again: the answer
 * was lost in a crash); does it extend the last head. Then: write the checkpoint, read it back, sign, keep, answer.
 * note_sign() verifies what it signed: a fault in the machine must not leave the house. The core does so once more.
 */
#include "daemon/keeper/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"

#define ANSWER_MAX 8192

struct keeper {
	struct keyfile log_key;
	struct note_key public_key;
	struct head_file *file;
	struct buffer answer;
};

struct sign_request {
	uint64_t old_size, new_size;
	struct hash root;
	struct tree_proof proof;
};

struct keeper *keeper_free(struct keeper *k)
{
	if (k) {
		keyfile_fini(&k->log_key);
		k->file = head_close(k->file);
		buffer_fini(&k->answer);
	}
	free(k);
	return NULL;
}

void keeper_freep(struct keeper **k)
{
	*k = keeper_free(*k);
}

int keeper_new(struct keyfile *log_key, const char *folder, struct keeper **out)
{
	CLEANUP(keeper_freep) struct keeper *k = calloc(1, sizeof *k);
	int r;

	if (!k)
		return err_raise(-ENOMEM);
	buffer_init(&k->answer, ANSWER_MAX);
	r = note_key_init(&k->public_key, log_key->name, NOTE_KEY_ED25519, log_key->public_key);
	if (r) {
		log_error("keeper-start", "reason=%s", "the log key's name can't be an origin, or its public key is unsafe");
		return r < 0 ? err_pass(r) : KEEPER_E_START;
	}
	r = head_open(folder, &k->public_key, &k->file);
	if (r > 0) {
		log_error("keeper-start", "folder=%s reason=%s", folder, head_error_text(r));
		return KEEPER_E_START;
	}
	if (r)
		return err_pass(r);
	k->log_key = *log_key;
	*log_key = (struct keyfile){ 0 };
	*out = TAKE(k);
	return KEEPER_OK;
}

static int reply(struct keeper *k, unsigned verb, uint64_t aux, struct ipc_frame *out)
{
	int r = buffer_ok(&k->answer);

	if (r)
		return err_pass(r);
	*out = (struct ipc_frame){ .verb = (uint16_t)verb, .aux = aux, .body = buffer_span(&k->answer) };
	return 0;
}

static int refused(struct keeper *k, const char *why, struct ipc_frame *out)
{
	buffer_reset(&k->answer);
	buffer_text(&k->answer, why);
	/* The core asks what it has checked itself: a refusal means that one of the two is damaged or taken. */
	log_warn("keeper-refused", "why=\"%s\"", why);
	return reply(k, IPC_KEEPER_REFUSED, 0, out);
}

static int keys(struct keeper *k, struct ipc_frame *out)
{
	const struct head *last = head_last(k->file);
	char vkey[NOTE_VKEY_SIZE];

	note_key_print(&k->public_key, vkey);
	buffer_lp16(&k->answer, span_of_text(vkey));
	buffer_u64(&k->answer, last->size);
	buffer_bytes(&k->answer, SPAN_OF(last->root.bytes));
	buffer_lp16(&k->answer, span_of(last->note, last->note_len));
	return reply(k, IPC_KEEPER_PUBLIC, 0, out);
}

static bool request_read(struct span body, struct sign_request *q)
{
	struct reader r;

	reader_init(&r, body);
	q->old_size = reader_u64(&r);
	q->new_size = reader_u64(&r);
	reader_copy(&r, q->root.bytes, HASH_BYTES);
	q->proof.n = reader_u16(&r);
	if (q->proof.n > TREE_PROOF_MAX)
		return false;
	for (size_t i = 0; i < q->proof.n; i++)
		reader_copy(&r, q->proof.path[i].bytes, HASH_BYTES);
	return reader_done(&r) && q->old_size <= TREE_SIZE_MAX && q->new_size <= TREE_SIZE_MAX;
}

/* NULL: the request extends the last head. Otherwise why not. */
static const char *objection(const struct head *last, const struct sign_request *q)
{
	if (q->new_size < last->size)
		return "a smaller tree than was signed before";
	if (q->new_size == last->size)
		return hash_equal(&q->root, &last->root) ? NULL : "another root for a size that was signed before";
	if (q->old_size != last->size)
		return "the proof does not start at the last head that was signed";
	if (last->size == 0)
		return q->proof.n == 0 ? NULL : "a proof from the empty tree must be empty";
	return tree_check_consistency(q->old_size, q->new_size, &last->root, &q->root, &q->proof)
		       ? NULL
		       : "the new tree does not extend the last head that was signed";
}

/* The signed note of the requested head into k->answer. */
static int head_sign(struct keeper *k, const struct sign_request *q)
{
	struct checkpoint wanted = { .size = q->new_size, .root = q->root }, got;
	struct buffer text;
	int r;

	memcpy(wanted.origin, k->public_key.name, sizeof wanted.origin);
	buffer_init(&text, CHECKPOINT_TEXT_MAX);
	r = checkpoint_print(&wanted, &text);
	if (!r && (checkpoint_parse(buffer_span(&text), &got) != CHECKPOINT_OK || got.size != wanted.size ||
		   !hash_equal(&got.root, &wanted.root)))
		r = -EBADMSG;
	if (!r)
		r = note_begin(&k->answer, buffer_span(&text));
	if (!r)
		r = note_sign(&k->answer, buffer_span(&text), &k->public_key, k->log_key.secret);
	buffer_fini(&text);
	if (!r)
		r = buffer_ok(&k->answer);
	return r ? err_fold(r) : 0;
}

static int head_keep(struct keeper *k, const struct sign_request *q)
{
	struct head head = { .size = q->new_size, .root = q->root, .note_len = k->answer.len };

	if (k->answer.len > HEAD_NOTE_MAX)
		return err_raise(-EMSGSIZE);
	memcpy(head.note, k->answer.ptr, k->answer.len);
	return head_store(k->file, &head);
}

static int sign(struct keeper *k, struct span body, struct ipc_frame *out)
{
	const struct head *last = head_last(k->file);
	struct sign_request q;
	const char *why = request_read(body, &q) ? objection(last, &q) : "malformed";
	int r;

	if (why)
		return refused(k, why, out);
	if (q.new_size == last->size && last->note_len) {
		buffer_bytes(&k->answer, span_of(last->note, last->note_len));
		return reply(k, IPC_KEEPER_SIGNED, last->size, out);
	}
	r = head_sign(k, &q);
	if (!r)
		r = head_keep(k, &q);
	return r ? err_pass(r) : reply(k, IPC_KEEPER_SIGNED, q.new_size, out);
}

int keeper_answer(struct keeper *k, const struct ipc_frame *request, struct ipc_frame *out)
{
	buffer_reset(&k->answer);
	switch (request->verb) {
	case IPC_KEEPER_KEYS:
		return keys(k, out);
	case IPC_KEEPER_SIGN:
		return sign(k, request->body, out);
	default:
		return refused(k, "not a verb of the keeper", out);
	}
}
