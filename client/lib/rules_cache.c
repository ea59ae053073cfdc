/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The rules as this node knows them. What the house sends is admitted from nothing each time, so a node that
 * was away for many versions catches up in one step, and a set that does not hold together as a whole changes
 * nothing.
 *
 * A new register is verified with the stewards of the one in force here, at first with those of the
 * invitation. The file trust names those who vouch for the register in rules/: it is written before the
 * register, so that a crash between the two leaves a trust that verifies what the house sends next.
 *
 * Versions may rise, never fall; the same version with another text is a house that tells two stories, and
 * both texts are kept.
 */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/lib/session.h"

#define RULES_ARENA_BYTES (16u << 20)
#define NOTE_FILE_MAX NOTE_BYTES_MAX

struct notes {
	struct span kader, registry;
	size_t n;
	struct span convenanten[RULES_CONVENANTEN_MAX];
};

static int admit(struct rules *rules, enum rules_kind kind, struct span note, const struct rules_trust *trust,
		 struct fault_list *faults)
{
	int r = rules_admit(rules, kind, note, trust, faults);

	return r == RULES_E_SAME ? RULES_OK : r;
}

/* All or nothing. Return: RULES_OK; RULES_E_REFUSED, faults says why; <0 fatal. */
static int admit_all(const struct notes *notes, const struct rules_trust *trust, struct fault_list *faults,
		     struct rules *out)
{
	struct rules fresh = { 0 };
	int r;

	faults->file = "register";
	r = admit(&fresh, RULES_REGISTER, notes->registry, trust, faults);
	if (!r) {
		faults->file = "kader";
		r = admit(&fresh, RULES_KADER, notes->kader, trust, faults);
	}
	for (size_t i = 0; !r && i < notes->n; i++) {
		faults->file = "convenant";
		r = admit(&fresh, RULES_CONVENANT, notes->convenanten[i], NULL, faults);
	}
	if (r) {
		rules_fini(&fresh);
		return r < 0 ? err_pass(r) : RULES_E_REFUSED;
	}
	*out = fresh;
	return RULES_OK;
}

/* Who must have signed this register: for the one in force here those who vouched for it before, else its
 * stewards. */
static struct rules_trust trust_for(const struct kp_node *node, struct span note)
{
	const struct registry *r = node->rules.registry;
	struct span text, lines;
	struct hash digest;

	if (!r || note_split(note, &text, &lines) != NOTE_OK)
		return node->home.trust;
	crypto_hash_sha256(digest.bytes, text.ptr, text.len);
	return hash_equal(&digest, &r->digest)
		       ? node->home.trust
		       : (struct rules_trust) { r->steward_quorum, r->n_stewards, r->stewards };
}

/* The trust outlives the register it came from. */
static void trust_keep(struct kp_node *node, const struct rules_trust *trust)
{
	struct note_key *stewards = arena_array(node->home.arena, trust->n, sizeof *stewards);

	if (trust->stewards == node->home.trust.stewards || !stewards)
		return;
	if (home_trust_write(node->home.path, trust, NULL) != KP_OK)
		log_warn("rules-unkept", "file=%s", "trust");
	memcpy(stewards, trust->stewards, trust->n * sizeof *stewards);
	node->home.trust = (struct rules_trust) { trust->quorum, trust->n, stewards };
}

/* --- what lies in rules/ --- */

static struct span file_span(struct kp_node *node, const char *name, struct arena *arena)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };
	const char *path = node_path(node, arena, "rules", name);

	if (!path || file_read(path, NOTE_FILE_MAX, &bytes) != FILE_OK)
		return SPAN_NONE;
	return arena_copy(arena, buffer_span(&bytes));
}

static bool is_convenant(const char *name)
{
	size_t len = strlen(name);

	return !strncmp(name, "convenant-", 10) && len > 15 && !strcmp(name + len - 5, ".note");
}

static void convenanten_read(struct kp_node *node, struct arena *arena, struct notes *out)
{
	const char *path = node_path(node, arena, "", "rules");
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) && out->n < RULES_CONVENANTEN_MAX)
		if (is_convenant(entry->d_name))
			out->convenanten[out->n++] = file_span(node, entry->d_name, arena);
	if (dir)
		closedir(dir);
}

void rules_cache_load(struct kp_node *node)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RULES_ARENA_BYTES);
	struct fault_list faults;
	struct notes notes = { 0 };
	struct rules fresh;

	if (!arena)
		return;
	fault_list_init(&faults, "rules");
	notes.registry = file_span(node, "register.note", arena);
	notes.kader = file_span(node, "kader.note", arena);
	convenanten_read(node, arena, &notes);
	if (!notes.registry.len || !notes.kader.len)
		return;
	if (admit_all(&notes, &node->home.trust, &faults, &fresh) != RULES_OK) {
		log_info("rules-cache-stale", "fault=%s", faults.n ? faults.v[0].text : "");
		return;
	}
	rules_fini(&node->rules);
	node->rules = fresh;
}

/* A convenant that is no longer in force goes. */
static void convenanten_sweep(struct kp_node *node, const struct rules *rules, struct arena *arena)
{
	const char *path = node_path(node, arena, "", "rules");
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		bool kept = !is_convenant(entry->d_name);

		for (size_t i = 0; !kept && i < rules->n_convenanten; i++) {
			const char *name = arena_printf(arena, "convenant-%s.note",
							convenant_id(rules->convenanten[i]));

			kept = !name || text_equal(name, entry->d_name);
		}
		if (!kept)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

static void keep_all(struct kp_node *node, const struct notes *notes, const struct rules *rules,
		     struct arena *arena)
{
	node_keep(node, "rules", "register.note", notes->registry);
	node_keep(node, "rules", "kader.note", notes->kader);
	for (size_t i = 0; i < notes->n && i < rules->n_convenanten; i++) {
		const char *name = arena_printf(arena, "convenant-%s.note",
						convenant_id(rules->convenanten[i]));

		if (name)
			node_keep(node, "rules", name, notes->convenanten[i]);
	}
	convenanten_sweep(node, rules, arena);
}

/* --- what the house sends --- */

static enum kp_result two_stories(struct kp_node *node, struct span note, const char *what,
				  struct kp_error *err)
{
	node_keep(node, "evidence", "register-other.note", note);
	return failure(err, KP_UNVERIFIED, "house/rules",
		       "Keep evidence/ and rules/ of this home and compare with other partners.", "%s", what);
}

static enum kp_result versions_check(struct kp_node *node, const struct rules *fresh,
				     const struct notes *notes, struct kp_error *err)
{
	const struct registry *old = node->rules.registry, *now = fresh->registry;

	if (memcmp(&now->log_key.public_key, node->home.log_key.public_key, 32) != 0 ||
	    !text_equal(now->log_key.name, node->home.log_key.name))
		return two_stories(node, notes->registry,
				   "the register names another key for the log than the invitation did", err);
	if (!old)
		return KP_OK;
	if (now->sequence < old->sequence)
		return two_stories(node, notes->registry,
				   "the house sent an older register than it sent before", err);
	if (now->sequence == old->sequence && !hash_equal(&now->digest, &old->digest))
		return two_stories(node, notes->registry,
				   "the house sent two registers with one sequence number", err);
	for (size_t i = 0; i < fresh->n_convenanten; i++)
		for (size_t j = 0; j < node->rules.n_convenanten; j++) {
			const struct convenant *a = fresh->convenanten[i], *b = node->rules.convenanten[j];

			if (text_equal(convenant_id(a), convenant_id(b)) &&
			    convenant_sequence(a) < convenant_sequence(b))
				return two_stories(node, notes->convenanten[i],
						   "the house sent an older convenant than it sent before",
						   err);
		}
	return KP_OK;
}

static enum kp_result rules_take(struct kp_node *node, struct span reply, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(RULES_ARENA_BYTES);
	struct rules_trust trust;
	struct fault_list faults;
	struct rules_reply in;
	struct rules fresh;
	struct notes notes = { 0 };
	enum kp_result k;
	int r = arena ? rules_reply_decode(reply, arena, &in) : -ENOMEM;

	if (r < 0)
		return fail_fatal(err, "here/rules", r);
	if (r != WIRE_OK)
		return failure(err, KP_UNVERIFIED, "house/rules", "Tell the stewards of the house.",
			       "the rules the house sent can not be read");
	notes = (struct notes) { .kader = in.kader, .registry = in.reg, .n = in.n_convenanten };
	memcpy(notes.convenanten, in.convenanten, sizeof in.convenanten);
	fault_list_init(&faults, "rules");
	trust = trust_for(node, notes.registry);
	r = admit_all(&notes, &trust, &faults, &fresh);
	if (r < 0)
		return fail_fatal(err, "here/rules", r);
	if (r)
		return fail_faults(err, KP_UNVERIFIED, "house/rules", &faults);
	k = versions_check(node, &fresh, &notes, err);
	if (k) {
		rules_fini(&fresh);
		return k;
	}
	trust_keep(node, &trust);
	keep_all(node, &notes, &fresh, arena);
	rules_fini(&node->rules);
	node->rules = fresh;
	node->rules_stale = false;
	return KP_OK;
}

enum kp_result rules_sync(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer reply = { 0 };
	struct fetch what = { .what = "rules", .sender = "" };
	enum kp_result k = session_fetch(node, &what, timeout_ms, &reply, err);

	return k ? k : rules_take(node, buffer_span(&reply), err);
}

enum kp_result rules_need(struct kp_node *node, uint32_t timeout_ms, struct kp_error *err)
{
	return node->rules.registry && !node->rules_stale ? KP_OK : rules_sync(node, timeout_ms, err);
}
