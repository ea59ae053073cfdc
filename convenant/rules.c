/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each kind goes the same way: split the note, is it what we have, load the text, verify the signatures of
 * those who may bring it into force, compare with the version in force, check it against the other documents,
 * swap. Nothing changes before the swap.
 *
 * Two things a signature alone would let through are stopped here. A new version of a convenant also needs
 * the quorum of the version in force: else a text that names other signers would bring itself into force. And
 * whose organisation is a party must be asked to sign: a convenant binds nobody behind his back.
 *
 * A new kader means loading the convenanten again, because their rows are compared with its rows. One that is
 * above the new ceiling stops the kader: the parties first bring a narrower convenant, so that at no moment
 * is it unclear what holds.
 */
#include "convenant/rules.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/inside.h"

const char *rules_kind_name(enum rules_kind kind)
{
	static const char *const names[] = {
		[RULES_KADER] = "kader", [RULES_REGISTER] = "register", [RULES_CONVENANT] = "convenant"
	};

	return kind >= RULES_KADER && kind <= RULES_CONVENANT ? names[kind] : "?";
}

int rules_kind_of(struct span note)
{
	struct span text, lines;
	size_t i = 0;

	if (note.len > NOTE_BYTES_MAX || note_split(note, &text, &lines) != NOTE_OK)
		return -1;
	while (i < text.len && (text.ptr[i] == '#' || text.ptr[i] == '\n')) {
		while (i < text.len && text.ptr[i] != '\n')
			i++;
		i++;
	}
	for (int kind = RULES_KADER; kind <= RULES_CONVENANT; kind++) {
		const char *name = rules_kind_name((enum rules_kind)kind);
		size_t n = strlen(name);

		if (i + n < text.len && memcmp(text.ptr + i, name, n) == 0 && text.ptr[i + n] == ':')
			return kind;
	}
	return -1;
}

/* ---- signatures ---- */

static bool counted_before(const struct note_key *keys, const struct note *note, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (memcmp(keys[note->verified[i]].public_key, keys[note->verified[j]].public_key, 32) == 0)
			return true;
	return false;
}

struct signers {
	const struct note_key *keys;
	size_t n;
	uint64_t quorum;
	const char *whose;
};

/* Whether a quorum of the keys signed; one public key counts once, under whatever names. */
static bool signed_by(const struct signers *s, struct span bytes, struct fault_list *faults)
{
	struct note note;
	uint64_t n = 0;
	int r = note_open(bytes, s->keys, s->n, &note);

	if (r != NOTE_OK && r != NOTE_E_UNSIGNED) {
		fault_add(faults, 0, 0, "a signature of %s does not hold, or stands twice", s->whose);
		return false;
	}
	for (size_t i = 0; r == NOTE_OK && i < note.n_verified; i++)
		n += !counted_before(s->keys, &note, i);
	if (s->quorum && n >= s->quorum)
		return true;
	fault_add(faults, 0, 0, "%" PRIu64 " of the %" PRIu64 " signatures of %s that are needed", n,
		  s->quorum, s->whose);
	return false;
}

/* A candidate on its way in. */
struct candidate {
	struct span note, text;
	const struct rules_trust *trust;
	uint64_t now_unix_ms; /* 0: the clock is not asked */
	struct fault_list *faults;
};

static bool signed_by_stewards(const struct rules *rules, const struct candidate *in)
{
	const struct registry *r = rules->registry;
	const struct rules_trust *trust = in->trust;
	struct signers s;

	if (r) {
		s = (struct signers){ r->stewards, r->n_stewards, r->steward_quorum, "the stewards" };
	} else if (trust) {
		s = (struct signers){ trust->stewards, trust->n, trust->quorum,
				      "the stewards of the invitation" };
	} else {
		fault_add(in->faults, 0, 0, "there is no register in force, nor stewards to trust");
		return false;
	}
	return signed_by(&s, in->note, in->faults);
}

static bool signed_by_parties(const struct registry *r, const struct candidate *in, const struct convenant *c)
{
	struct note_key keys[NOTE_SIGNATURES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < c->signers.n; i++) {
		const struct reg_organisation *o = registry_organisation(r, c->signers.v[i]);

		if (o && o->has_key)
			keys[n++] = o->key;
	}
	return signed_by(&(struct signers){ keys, n, c->quorum, "the signing organisations" }, in->note,
			 in->faults);
}

/*
 * Who gives a volmacht signs for it himself. A quorum of others can agree on rules for a party, but not give away
 * its power to act. A row that the version before says in the same words was signed for then; who has not seen that
 * version (a start, a node that was away) takes it from those who did.
 */
static bool signed_by_givers(const struct registry *r, const struct candidate *in, const struct convenant *c,
			     const struct convenant *before)
{
	bool adjacent = before && c->sequence == before->sequence + 1;
	bool holds = true;

	for (size_t i = 0; (adjacent || in->now_unix_ms) && i < c->n_volmachten; i++) {
		const struct volmacht *v = &c->volmachten[i], *old = NULL;
		const struct reg_hoedanigheid *h = registry_hoedanigheid(r, v->giver);
		const struct reg_organisation *o = h ? registry_organisation(r, h->organisation) : NULL;
		struct note note;

		if (before)
			old = find_by_id(before->volmachten, before->n_volmachten, sizeof *before->volmachten, v->id);
		if (old && volmacht_same(old, v))
			continue;
		if (o && o->has_key && note_open(in->note, &o->key, 1, &note) == NOTE_OK)
			continue;
		fault_add(in->faults, 0, 0, "volmacht %s: not signed by %s, who gives it", v->id, h ? h->organisation : v->giver);
		holds = false;
	}
	return holds;
}

/* ---- order of versions ---- */

struct version {
	uint64_t sequence, from_ms, until_ms;
	const struct hash *digest, *previous;
};

static bool follows(const struct version *before, const struct version *next, bool complete,
		    struct fault_list *faults)
{
	bool adjacent = next->sequence == before->sequence + 1;

	if (next->sequence <= before->sequence) {
		fault_add(faults, 0, 0, "volgnummer %" PRIu64 " is not above %" PRIu64 ", which is in force",
			  next->sequence, before->sequence);
		return false;
	}
	if (!adjacent && complete) {
		fault_add(faults, 0, 0, "volgnummer %" PRIu64 " leaves out versions after %" PRIu64,
			  next->sequence, before->sequence);
		return false;
	}
	if (adjacent && !hash_equal(next->previous, before->digest)) {
		fault_add(faults, 0, 0,
			  "vorige is not the SHA-256 of the version in force (volgnummer %" PRIu64 ")",
			  before->sequence);
		return false;
	}
	return true;
}

static bool current(const struct version *v, const struct candidate *in)
{
	char until[TIME_TEXT_SIZE];

	if (!in->now_unix_ms || in->now_unix_ms < v->until_ms)
		return true;
	time_encode(v->until_ms, until);
	fault_add(in->faults, 0, 0, "expired: valid until %s", until);
	return false;
}

static struct version version_of_kader(const struct kader *k)
{
	return (struct version){ k->sequence, k->from_unix_ms, k->until_unix_ms, &k->digest, &k->previous };
}

static struct version version_of_register(const struct registry *r)
{
	return (struct version){ r->sequence, r->from_unix_ms, r->until_unix_ms, &r->digest, &r->previous };
}

static struct version version_of_convenant(const struct convenant *c)
{
	return (struct version){ c->sequence, c->from_unix_ms, c->until_unix_ms, &c->digest, &c->previous };
}

/* ---- documents against each other ---- */

static bool register_fits(const struct registry *r, const struct kader *k, struct fault_list *faults)
{
	bool fits = true;

	for (size_t i = 0; k && i < r->n_hoedanigheden; i++) {
		const struct reg_hoedanigheid *h = &r->hoedanigheden[i];
		const struct kader_kind *kind = kader_kind(k, h->kind);

		if (!kind)
			fault_add(faults, 0, 0, "hoedanigheid %s: the kader has no kind %s", h->id, h->kind);
		else if (kind->lid == LID_DERDE && (h->n_keys || registry_node_of_hoedanigheid(r, h->id)))
			fault_add(faults, 0, 0,
				  "hoedanigheid %s: a derde has no keys and no node (BGS 2.21(3))", h->id);
		else
			continue;
		fits = false;
	}
	return fits;
}

/* A template asks what could be answered. */
static bool templates_fit(const struct registry *r, const struct kader *k, struct fault_list *faults)
{
	bool fit = true;

	for (size_t i = 0; k && i < r->n_overleggen; i++)
		for (size_t j = 0; j < r->overleggen[i].n_templates; j++) {
			const struct reg_template *t = &r->overleggen[i].templates[j];

			for (size_t n = 0; n < t->categories.n; n++) {
				int at = kader_category_index(k, t->categories.v[n]);

				if (at >= 0 && !k->categories[at].only_in)
					continue;
				fault_add(faults, 0, 0, "sjabloon %s: the kader has no category %s for data", t->id,
					  t->categories.v[n]);
				fit = false;
			}
		}
	return fit;
}

static bool convenant_fits(const struct convenant *c, const struct registry *r, struct fault_list *faults)
{
	bool fits = true;

	for (size_t i = 0; i < c->n_parties; i++) {
		const struct party *p = &c->parties[i];
		const struct reg_hoedanigheid *h = registry_hoedanigheid(r, p->id);

		if (!h)
			fault_add(faults, 0, 0, "partijen: the register has no hoedanigheid %s", p->id);
		else if (!text_equal(h->kind, p->soort->k.id))
			fault_add(faults, 0, 0, "partijen: %s is a %s in the register, not a %s", p->id,
				  h->kind, p->soort->k.id);
		else if (texts_find(&c->signers, h->organisation) < 0)
			fault_add(faults, 0, 0,
				  "ondertekenaars: %s is missing, its hoedanigheid %s is a party",
				  h->organisation, p->id);
		else
			continue;
		fits = false;
	}
	return fits;
}

/* ---- the three kinds ---- */

static int admit_register(struct rules *rules, const struct candidate *in)
{
	CLEANUP(registry_freep) struct registry *r = NULL;
	struct version before, next;
	int e = registry_load(in->text, in->faults, &r);

	if (e)
		return e == REGISTER_E_FAULTS ? RULES_E_REFUSED : err_fold(e);
	next = version_of_register(r);
	if (!signed_by_stewards(rules, in) || !current(&next, in))
		return RULES_E_REFUSED;
	if (rules->registry) {
		before = version_of_register(rules->registry);
		if (!text_equal(r->house, rules->registry->house)) {
			fault_add(in->faults, 0, 0, "register: of house %s, not of %s", r->house,
				  rules->registry->house);
			return RULES_E_REFUSED;
		}
		if (!follows(&before, &next, rules->complete, in->faults))
			return RULES_E_REFUSED;
	}
	if (!register_fits(r, rules->kader, in->faults) || !templates_fit(r, rules->kader, in->faults))
		return RULES_E_REFUSED;
	registry_free(rules->registry);
	rules->registry = TAKE(r);
	return RULES_OK;
}

static void convenanten_free(struct convenant **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = convenant_free(v[i]);
}

/* The convenanten in force, loaded under another kader. All or none. */
static int convenanten_again(const struct rules *rules, const struct kader *k, struct fault_list *faults,
			     struct convenant **out)
{
	for (size_t i = 0; i < rules->n_convenanten; i++) {
		int e = convenant_load(rules->convenanten[i]->text, k, faults, &out[i]);

		if (!e)
			continue;
		convenanten_free(out, i);
		if (e < 0)
			return err_pass(e);
		fault_add(faults, 0, 0,
			  "convenant %s is above this kader; bring a narrower version of it into force first",
			  rules->convenanten[i]->id);
		return RULES_E_REFUSED;
	}
	return RULES_OK;
}

static int admit_kader(struct rules *rules, const struct candidate *in)
{
	CLEANUP(kader_freep) struct kader *k = NULL;
	struct convenant *convenanten[RULES_CONVENANTEN_MAX] = { 0 };
	struct version before, next;
	int e = kader_load(in->text, in->faults, &k);

	if (e)
		return e == KADER_E_FAULTS ? RULES_E_REFUSED : err_fold(e);
	next = version_of_kader(k);
	if (!signed_by_stewards(rules, in) || !current(&next, in))
		return RULES_E_REFUSED;
	if (rules->kader) {
		before = version_of_kader(rules->kader);
		if (!follows(&before, &next, rules->complete, in->faults))
			return RULES_E_REFUSED;
	}
	if (rules->registry && (!register_fits(rules->registry, k, in->faults) || !templates_fit(rules->registry, k, in->faults)))
		return RULES_E_REFUSED;
	e = convenanten_again(rules, k, in->faults, convenanten);
	if (e)
		return e == RULES_E_REFUSED ? e : err_pass(e);
	convenanten_free(rules->convenanten, rules->n_convenanten);
	memcpy(rules->convenanten, convenanten, sizeof convenanten);
	kader_free(rules->kader);
	rules->kader_digest = k->digest;
	rules->kader = TAKE(k);
	return RULES_OK;
}

static int admit_convenant(struct rules *rules, const struct candidate *in)
{
	CLEANUP(convenant_freep) struct convenant *c = NULL;
	struct version before, next;
	size_t at = 0;
	int e;

	if (!rules->kader || !rules->registry) {
		fault_add(in->faults, 0, 0, "a convenant comes after a register and a kader");
		return RULES_E_REFUSED;
	}
	e = convenant_load(in->text, rules->kader, in->faults, &c);
	if (e)
		return e == CONVENANT_E_FAULTS ? RULES_E_REFUSED : err_fold(e);
	next = version_of_convenant(c);
	if (!signed_by_parties(rules->registry, in, c) || !current(&next, in) ||
	    !convenant_fits(c, rules->registry, in->faults))
		return RULES_E_REFUSED;
	while (at < rules->n_convenanten && !text_equal(rules->convenanten[at]->id, c->id))
		at++;
	if (at == RULES_CONVENANTEN_MAX) {
		fault_add(in->faults, 0, 0, "there are %d convenanten already", RULES_CONVENANTEN_MAX);
		return RULES_E_REFUSED;
	}
	if (!signed_by_givers(rules->registry, in, c, rules->convenanten[at]))
		return RULES_E_REFUSED;
	if (at < rules->n_convenanten) {
		before = version_of_convenant(rules->convenanten[at]);
		if (!follows(&before, &next, rules->complete, in->faults) ||
		    !signed_by_parties(rules->registry, in, rules->convenanten[at]))
			return RULES_E_REFUSED;
	}
	convenant_free(rules->convenanten[at]);
	rules->convenanten[at] = TAKE(c);
	rules->n_convenanten += at == rules->n_convenanten;
	return RULES_OK;
}

/* Whether the text is exactly a version in force. */
static bool in_force(const struct rules *rules, enum rules_kind kind, struct span text)
{
	struct hash digest;

	crypto_hash_sha256(digest.bytes, text.ptr, text.len);
	if (kind == RULES_KADER)
		return rules->kader && hash_equal(&digest, &rules->kader->digest);
	if (kind == RULES_REGISTER)
		return rules->registry && hash_equal(&digest, &rules->registry->digest);
	for (size_t i = 0; i < rules->n_convenanten; i++)
		if (hash_equal(&digest, &rules->convenanten[i]->digest))
			return true;
	return false;
}

int rules_admit_at(struct rules *rules, enum rules_kind kind, struct span note,
		   const struct rules_trust *trust, uint64_t now_unix_ms, struct fault_list *faults)
{
	struct candidate in = { .note = note, .trust = trust, .now_unix_ms = now_unix_ms, .faults = faults };
	struct span lines;
	int e;

	if (note.len > NOTE_BYTES_MAX || note_split(note, &in.text, &lines) != NOTE_OK) {
		fault_add(faults, 0, 0, "not a signed note");
		return RULES_E_REFUSED;
	}
	if (rules_kind_of(note) != (int)kind) {
		fault_add(faults, 1, 1, "not a %s", rules_kind_name(kind));
		return RULES_E_REFUSED;
	}
	if (in_force(rules, kind, in.text))
		return RULES_E_SAME;
	if (kind == RULES_REGISTER)
		e = admit_register(rules, &in);
	else if (kind == RULES_KADER)
		e = admit_kader(rules, &in);
	else
		e = admit_convenant(rules, &in);
	return e < 0 ? err_pass(e) : e;
}

int rules_admit(struct rules *rules, enum rules_kind kind, struct span note, const struct rules_trust *trust,
		struct fault_list *faults)
{
	return rules_admit_at(rules, kind, note, trust, 0, faults);
}

void rules_fini(struct rules *rules)
{
	convenanten_free(rules->convenanten, rules->n_convenanten);
	kader_free(rules->kader);
	registry_free(rules->registry);
	memset(rules, 0, sizeof *rules);
}
