/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/lib/witness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "client/lib/session.h"
#include "proto/policy.h"

#define STOP_ARENA_BYTES (64u << 10)
#define EVIDENCE_FILE_MAX (64u << 10)
#define REMEDY_STOPPED                                                                                                \
	"Compare with other partners and with the stewards, keep the folder; when it is dealt with: knooppunt audit " \
	"witness --clear."

enum kp_result witness_ready(struct kp_node *node, struct kp_error *err)
{
	struct witness *w = &node->witness;
	const struct home *h = &node->home;
	char name[NOTE_NAME_MAX + 1];
	struct note_key node_key;
	enum kp_result k;
	int r;

	if (w->ready)
		return KP_OK;
	if (!witness_name(h->node, h->origin, name))
		return failure(err, KP_NONE, "here/witness", "", "the names of node and log are too long for a witness's key");
	k = w->key.secret ? KP_OK : key_ensure(h->path, "witness.key", "witness", name, &w->key, err);
	if (k)
		return k;
	buffer_reset(&w->card);
	if (note_key_init(&w->public_key, name, NOTE_KEY_COSIGNATURE, w->key.public_key) != NOTE_OK ||
	    note_key_init(&node_key, h->node, NOTE_KEY_ED25519, node->keys.node.public_key) != NOTE_OK)
		return failure(err, KP_ERROR, "here/witness", "Restore keys/witness.key and keys/node.key from a backup.",
			       "a key of this home can't be used");
	r = witness_card_print(h->origin, &w->public_key, &node_key, node->keys.node.secret, &w->card);
	if (r)
		return fail_fatal(err, "here/witness", r);
	w->ready = true;
	return KP_OK;
}

int witness_recall(struct kp_node *node, struct arena *arena, struct witnessed *out)
{
	struct note_key keys[2] = { node->home.log_key, node->witness.public_key };
	struct witnessed w = { 0 };
	struct note opened;
	int r = state_get(node->state, "checkpoint", arena, &w.note);

	memset(out, 0, sizeof *out);
	if (r == STATE_E_ABSENT)
		return 0;
	if (r)
		return err_fold(r);
	if (checkpoint_open(w.note, &node->home.log_key, &w.head) != CHECKPOINT_OK ||
	    note_open(w.note, keys, node->witness.ready ? 2 : 1, &opened) != NOTE_OK)
		return err_raise(-EBADMSG);
	w.cosigned_unix_s = opened.n_verified == 2 ? opened.cosigned_unix_s[1] : 0;
	*out = w;
	return 0;
}

enum kp_result witness_cosign(struct kp_node *node, const struct witnessed *before, struct span note, struct arena *arena,
			      struct witnessed *out, struct kp_error *err)
{
	uint64_t now = env_unix_ms(node->env) / 1000, at = now > before->cosigned_unix_s ? now : before->cosigned_unix_s;
	CLEANUP(buffer_fini) struct buffer cosigned = { 0 };
	struct span text, lines;
	struct witnessed w = { .cosigned_unix_s = node->witness.ready ? at : 0 };
	int r = witness_strip(note, &node->home.log_key, &cosigned);

	if (!r)
		r = note_split(buffer_span(&cosigned), &text, &lines);
	if (!r) {
		text = arena_copy(arena, text); /* the note grows behind it */
		if (node->witness.ready)
			r = note_cosign(&cosigned, text, &node->witness.public_key, node->witness.key.secret, at);
	}
	if (!r)
		r = checkpoint_open(buffer_span(&cosigned), &node->home.log_key, &w.head);
	w.note = arena_copy(arena, buffer_span(&cosigned));
	if (!r && (!w.note.len || w.head.size < before->head.size))
		r = -EBADMSG;
	if (r)
		return fail_fatal(err, "here/witness", r < 0 ? r : -EBADMSG);
	r = state_swap(node->state, "checkpoint", before->note, w.note);
	if (r == STATE_E_MOVE)
		return KP_NONE;
	if (r)
		return fail_fatal(err, "here/witness", r);
	*out = w;
	return KP_OK;
}

/* ---- the stop ---- */

static enum kp_result stopped(struct kp_error *err, const char *home, const char *folder)
{
	return failure(err, KP_UNVERIFIED, "house/fork", REMEDY_STOPPED,
		       "this node has stopped: the log of its house contradicts itself, see %s/evidence/%s", home, folder);
}

enum kp_result witness_stopped(struct kp_node *node, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
	struct span folder;
	int r = arena ? state_get(node->state, "stopped", arena, &folder) : -ENOMEM;
	const char *name;

	if (r == STATE_E_ABSENT)
		return KP_OK;
	name = r ? NULL : arena_text(arena, folder);
	if (!name)
		return fail_fatal(err, "here/witness", r < 0 ? r : -ENOMEM);
	return stopped(err, node->home.path, name);
}

enum kp_result witness_clear(struct kp_node *node, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);
	struct span folder;
	int r = arena ? state_get(node->state, "stopped", arena, &folder) : -ENOMEM;

	if (r == STATE_E_ABSENT)
		return failure(err, KP_NONE, "here/witness", "", "this node has not stopped");
	if (!r)
		r = state_swap(node->state, "stopped", folder, SPAN_NONE);
	return r ? fail_fatal(err, "here/witness", r < 0 ? r : -EBUSY) : KP_OK;
}

/* The house may be an honest one that was set back, or copied, without its knowledge. */
static void tell(struct kp_node *node, struct span note)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };

	if (!node->link || !node->witness.ready || !note.len)
		return;
	cosign_print(buffer_span(&node->witness.card), note, &body);
	if (buffer_ok(&body) == 0 &&
	    link_send(node->link, WIRE_COSIGN, link_correlation(node->link), buffer_span(&body)) != LINK_OK)
		log_warn("house-untold", "bytes=%zu", body.len);
}

static void tell_stripped(struct kp_node *node, struct span note)
{
	CLEANUP(buffer_fini) struct buffer alone = { 0 };

	if (note.len && witness_strip(note, &node->home.log_key, &alone) == WITNESS_OK)
		tell(node, buffer_span(&alone));
}

static void evidence_write(struct kp_node *node, const char *folder, struct span before, struct span after,
			   const struct tree_proof *proof)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 }, key = { 0 };
	char path[80], vkey[NOTE_VKEY_SIZE];
	struct checkpoint a = { .size = 0 }, b = { .size = 0 };

	snprintf(path, sizeof path, "evidence/%s", folder);
	note_key_print(&node->home.log_key, vkey);
	buffer_printf(&key, "%s\n", vkey);
	node_keep(node, path, "before.checkpoint", before);
	if (after.len)
		node_keep(node, path, "after.checkpoint", after);
	if (checkpoint_open(before, &node->home.log_key, &a) == CHECKPOINT_OK && after.len &&
	    checkpoint_open(after, &node->home.log_key, &b) == CHECKPOINT_OK) {
		history_proof_print(a.size < b.size ? a.size : b.size, proof, &text);
		node_keep(node, path, "proof", buffer_span(&text));
	}
	node_keep(node, path, "log.vkey", buffer_span(&key));
}

enum kp_result witness_stop(struct kp_node *node, struct span before, struct span after, const struct tree_proof *proof,
			    const char *how, struct kp_error *err)
{
	char folder[40];
	int r;

	snprintf(folder, sizeof folder, "fork-%" PRIu64, env_unix_ms(node->env));
	evidence_write(node, folder, before, after, proof);
	r = state_put(node->state, "stopped", span_of_text(folder));
	log_error("fork-seen", "folder=%s", folder);
	tell_stripped(node, before);
	tell_stripped(node, after);
	if (r)
		return fail_fatal(err, "here/witness", r);
	return failure(err, KP_UNVERIFIED, "house/fork", REMEDY_STOPPED,
		       "the log of %s contradicts what it showed before: %s; this node has stopped, see %s/evidence/%s",
		       node->home.origin, how, node->home.path, folder);
}

/* ---- evidence ---- */

static enum kp_result evidence_file(const char *folder, const char *file, struct buffer *out, struct kp_error *err)
{
	char path[1200];
	int r;

	snprintf(path, sizeof path, "%.1000s/%s", folder, file);
	r = file_read(path, EVIDENCE_FILE_MAX, out);
	if (r < 0)
		return fail_fatal(err, "here/evidence", r);
	return r ? failure(err, KP_USAGE, "here/evidence",
			   "Give a folder evidence/fork-... of a home, with before.checkpoint, after.checkpoint, proof.",
			   "%s has no readable %s", folder, file)
		 : KP_OK;
}

static enum kp_result evidence_judge(const struct note_key *key, struct span before, struct span after, struct span proof,
				     struct evidence *out, struct kp_error *err)
{
	struct evidence e = { .verdict = HISTORY_UNPROVEN };
	struct tree_proof shown;
	uint64_t old_size;

	if (checkpoint_open(before, key, &e.before) != CHECKPOINT_OK || checkpoint_open(after, key, &e.after) != CHECKPOINT_OK)
		return failure(err, KP_UNVERIFIED, "here/evidence", "", "one of the two heads is not signed by this log's key");
	if (history_proof_parse(proof, &old_size, &shown) != WITNESS_OK)
		return failure(err, KP_UNVERIFIED, "here/evidence", "", "the file proof is malformed");
	e.verdict = history_judge(&e.before, &e.after, &shown);
	*out = e;
	return KP_OK;
}

enum kp_result evidence_read(const char *folder, const struct note_key *log_key, struct evidence *out, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer before = { 0 }, after = { 0 }, proof = { 0 }, vkey = { 0 };
	struct note_key key;
	enum kp_result k = evidence_file(folder, "before.checkpoint", &before, err);

	if (!k)
		k = evidence_file(folder, "after.checkpoint", &after, err);
	if (!k)
		k = evidence_file(folder, "proof", &proof, err);
	if (!k && !log_key)
		k = evidence_file(folder, "log.vkey", &vkey, err);
	if (k)
		return k;
	if (!log_key) {
		struct span text = buffer_span(&vkey);

		text.len -= text.len && text.ptr[text.len - 1] == '\n';
		if (note_key_parse(&key, text) != NOTE_OK)
			return failure(err, KP_UNVERIFIED, "here/evidence", "", "log.vkey holds no public key of a log");
		log_key = &key;
	}
	return evidence_judge(log_key, buffer_span(&before), buffer_span(&after), buffer_span(&proof), out, err);
}

/* ---- the others ---- */

/* false: not one that the register's node vouches for; it is left out. */
static bool card_take(struct kp_node *node, struct span card, struct arena *arena, struct policy_member *out)
{
	const struct reg_node *of;
	struct span id;
	const char *name;

	if (witness_card_node(card, &id) != WITNESS_OK)
		return false;
	name = arena_text(arena, id);
	of = name && node->rules.registry ? registry_node(node->rules.registry, name) : NULL;
	if (!of || witness_card_open(card, node->home.origin, of->id, of->sign_key, &out->key) != WITNESS_OK)
		return false;
	out->name = name;
	out->organisation = arena_text(arena, span_of_text(of->organisation));
	return out->organisation != NULL;
}

enum kp_result witness_cards(struct kp_node *node, uint32_t timeout_ms, struct arena *arena, struct policy_member *v, size_t max,
			     size_t *n, struct kp_error *err)
{
	struct fetch what = { .what = "witnesses", .sender = "" };
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	enum kp_result k = rules_need(node, timeout_ms, err);
	struct reader r;

	if (!k)
		k = session_fetch(node, &what, timeout_ms, &reply, err);
	if (k)
		return k;
	*n = 0;
	reader_init(&r, buffer_span(&reply));
	while (r.left && !r.failed && *n < max)
		*n += card_take(node, reader_lp16(&r), arena, &v[*n]);
	return KP_OK;
}
