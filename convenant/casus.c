/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * casus_apply() trusts that the message was allowed: it does not ask who may. It still keeps the invariants
 * whatever it is given, because a replay gives it old messages and a simulator gives it strange ones: what
 * can't be done is not done (false).
 *
 * Every list is rows of one size that begin with a hoedanigheid, in ascending order: one way to find, add and
 * remove for all.
 */
#include "convenant/casus.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "convenant/item.h"
#include "convenant/rule.h"

/* ---- rows ---- */

struct rows { /* of any of the lists */
	void *v;
	size_t *n, most, size;
};
#define ROWS(c, list, count) ((struct rows){ (c)->list, &(c)->count, N_ELEMENTS((c)->list), sizeof (c)->list[0] })

static char *row_at(const struct rows *r, size_t i)
{
	return (char *)r->v + i * r->size;
}

/* Position of a hoedanigheid; *found says whether it is there or belongs there. */
static size_t rows_find(const struct rows *r, const char *hoedanigheid, bool *found)
{
	size_t low = 0, high = *r->n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(hoedanigheid, row_at(r, middle));

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool set_text(char out[CASUS_TEXT], const char *text)
{
	size_t n = strlen(text);

	if (n >= CASUS_TEXT)
		return false;
	memset(out, 0, CASUS_TEXT);
	memcpy(out, text, n);
	return true;
}

/* The row of a hoedanigheid, made when it is not there; NULL when there is no room. */
static void *rows_add(const struct rows *r, const char *hoedanigheid)
{
	bool found;
	size_t at = rows_find(r, hoedanigheid, &found);

	if (found)
		return row_at(r, at);
	if (*r->n == r->most || !*hoedanigheid || strlen(hoedanigheid) >= CASUS_TEXT)
		return NULL;
	memmove(row_at(r, at + 1), row_at(r, at), (*r->n - at) * r->size);
	(*r->n)++;
	memset(row_at(r, at), 0, r->size);
	set_text(row_at(r, at), hoedanigheid);
	return row_at(r, at);
}

static void rows_remove(const struct rows *r, const char *hoedanigheid)
{
	bool found;
	size_t at = rows_find(r, hoedanigheid, &found);

	if (!found)
		return;
	(*r->n)--;
	memmove(row_at(r, at), row_at(r, at + 1), (*r->n - at) * r->size);
	memset(row_at(r, *r->n), 0, r->size);
}

/* ---- asking ---- */

static bool is_text(const char *text)
{
	return memchr(text, '\0', CASUS_TEXT) != NULL;
}

static bool rows_check(const void *v, size_t n, size_t most, size_t size)
{
	const char *row = v;

	if (n > most)
		return false;
	for (size_t i = 0; i < n; i++, row += size)
		if (!is_text(row) || !*row || (i && strcmp(row - size, row) >= 0))
			return false;
	return true;
}
#define ROWS_CHECK(c, list, count) rows_check((c)->list, (c)->count, N_ELEMENTS((c)->list), sizeof (c)->list[0])

bool casus_check(const struct casus *c)
{
	if (c->phase <= PHASE_GEEN || c->phase >= PHASE_N ||
	    (c->regime != REGIME_WGS && c->regime != REGIME_OVERIG))
		return false;
	if ((c->phase == PHASE_AFGESLOTEN) != (c->closed_unix_ms != 0))
		return false;
	if (!is_text(c->overleg) || !is_text(c->klasse) || !is_text(c->ave) || !is_text(c->notifier) ||
	    !is_text(c->consent_by))
		return false;
	return ROWS_CHECK(c, circle, n_circle) && ROWS_CHECK(c, invited, n_invited) &&
	       ROWS_CHECK(c, known, n_known) && ROWS_CHECK(c, suppliers, n_suppliers) &&
	       ROWS_CHECK(c, consent_categories, n_consent_categories) &&
	       ROWS_CHECK(c, consent_partners, n_consent_partners);
}

/* The row, or NULL. The rows are not changed: bsearch() wants no more than they are. */
static int row_compare(const void *key, const void *row)
{
	return strcmp(key, row);
}

bool casus_has(const struct casus *c, const char *hoedanigheid)
{
	return bsearch(hoedanigheid, c->circle, c->n_circle, sizeof c->circle[0], row_compare) != NULL;
}

bool casus_knows(const struct casus *c, const char *house)
{
	return bsearch(house, c->known, c->n_known, sizeof c->known[0], row_compare) != NULL;
}

const struct casus_supplier *casus_supplier(const struct casus *c, const char *hoedanigheid)
{
	return bsearch(hoedanigheid, c->suppliers, c->n_suppliers, sizeof c->suppliers[0], row_compare);
}

static bool invited_now(const struct casus *c, const char *hoedanigheid, uint64_t now_unix_ms)
{
	const struct casus_guest *guest =
		bsearch(hoedanigheid, c->invited, c->n_invited, sizeof c->invited[0], row_compare);

	return guest && now_unix_ms < guest->until_unix_ms;
}

/* A successor is looked for from the other side: of each in the circle, who came in its place. */
bool casus_member(const struct registry *r, const struct casus *c, const char *hoedanigheid, uint64_t now_unix_ms)
{
	if (casus_has(c, hoedanigheid) || invited_now(c, hoedanigheid, now_unix_ms))
		return true;
	for (size_t i = 0; i < c->n_circle; i++) {
		const char *heir = registry_succeeded(r, c->circle[i], now_unix_ms) ?
					   registry_heir(r, c->circle[i], now_unix_ms) :
					   NULL;

		if (heir && text_equal(heir, hoedanigheid))
			return true;
	}
	return false;
}

/* ---- changing ---- */

static bool circle_add(struct casus *c, const char *hoedanigheid)
{
	const struct rows circle = ROWS(c, circle, n_circle);

	return rows_add(&circle, hoedanigheid) != NULL;
}

/* Outside the WGS there is no beoordeling (BGS 2.20): collecting starts at once. The kader says the same: kader.c. */
static bool open_casus(const struct kader *k, const struct message *m, uint64_t now_unix_ms, struct casus *c)
{
	const struct header *h = &m->header;
	const bool notice = m->kind == MESSAGE_MELDING;

	memset(c, 0, sizeof *c);
	c->regime = regime_find(h->regime);
	if (h->casus.len != ID_BYTES || !c->regime || (notice && c->regime != REGIME_OVERIG))
		return false;
	memcpy(c->id, h->casus.ptr, ID_BYTES);
	c->phase = c->regime == REGIME_WGS ? PHASE_AANGEMELD : PHASE_VERZAMELEN;
	c->opened_unix_ms = now_unix_ms;
	c->expires_unix_ms = kader_expiry(k, h->doel, now_unix_ms);
	if (!set_text(c->overleg, h->overleg) ||
	    !set_text(c->klasse, notice ? "melding" : m->body.aanmelding.klasse) ||
	    !set_text(c->ave, notice ? "" : m->body.aanmelding.ave) ||
	    !set_text(c->notifier, message_source(m)) || !circle_add(c, message_source(m)))
		return false;
	for (size_t i = 0; i < h->recipients.n; i++)
		if (!circle_add(c, h->recipients.v[i]))
			return false;
	return true;
}

static bool assess(const struct message *m, struct casus *c)
{
	static const struct {
		const char *outcome;
		enum phase phase;
	} outcomes[] = {
		{ "in-behandeling", PHASE_IN_BEHANDELING },
		{ "niet-in-behandeling", PHASE_NIET_IN_BEHANDELING },
		{ "advies", PHASE_ADVIES },
	};

	for (size_t i = 0; i < N_ELEMENTS(outcomes); i++)
		if (text_equal(m->body.beoordeling.outcome, outcomes[i].outcome)) {
			c->phase = outcomes[i].phase;
			return true;
		}
	return false;
}

static bool involve(const struct message *m, struct casus *c)
{
	const struct body_betrekken *b = &m->body.betrekken;
	const struct rows circle = ROWS(c, circle, n_circle), invited = ROWS(c, invited, n_invited);

	for (size_t i = 0; i < b->release.n; i++) {
		rows_remove(&circle, b->release.v[i]);
		rows_remove(&invited, b->release.v[i]);
	}
	for (size_t i = 0; i < b->involve.n; i++)
		if (!circle_add(c, b->involve.v[i]))
			return false;
	return true;
}

static bool move(const struct message *m, struct casus *c)
{
	int phase = phase_find(m->body.fase.phase);

	if (phase < PHASE_VERZAMELEN || phase > PHASE_UITVOERING)
		return false;
	c->phase = (enum phase)phase;
	if (*m->header.overleg && !set_text(c->overleg, m->header.overleg))
		return false;
	return !*m->body.fase.ave || set_text(c->ave, m->body.fase.ave);
}

static bool words_set(const struct rows *rows, const struct text_list *words)
{
	memset(rows->v, 0, rows->most * rows->size);
	*rows->n = 0;
	for (size_t i = 0; i < words->n; i++)
		if (!rows_add(rows, words->v[i]))
			return false;
	return true;
}

/* A new consent takes the place of the one before, narrower or wider; a withdrawal takes all of it. */
static bool consent(const struct message *m, struct casus *c)
{
	const struct body_toestemming *b = &m->body.toestemming;
	const struct rows categories = ROWS(c, consent_categories, n_consent_categories);
	const struct rows partners = ROWS(c, consent_partners, n_consent_partners);

	c->consent_withdrawn = b->withdrawn;
	if (b->withdrawn)
		return true;
	c->consent = true;
	c->consent_given_unix_ms = b->given_unix_ms;
	c->consent_until_unix_ms = b->until_unix_ms;
	return set_text(c->consent_by, b->given_by) && words_set(&categories, &b->categories) &&
	       words_set(&partners, &b->hoedanigheden);
}

static bool invite(const struct message *m, uint64_t now_unix_ms, struct casus *c)
{
	const struct rows invited = ROWS(c, invited, n_invited);
	const struct body_agenda *b = &m->body.agenda;

	for (size_t i = c->n_invited; i-- > 0;) /* whose time is over makes room */
		if (c->invited[i].until_unix_ms <= now_unix_ms)
			rows_remove(&invited, c->invited[i].hoedanigheid);
	for (size_t i = 0; i < b->invite.n; i++) {
		struct casus_guest *guest = rows_add(&invited, b->invite.v[i]);

		if (!guest)
			return false;
		if (guest->until_unix_ms < b->until_unix_ms)
			guest->until_unix_ms = b->until_unix_ms;
	}
	return true;
}

/* Only what was asked for this purpose; anything else concerns an item (item_grant()). */
static bool agree(const struct message *m, const struct casus_item *answered, struct casus *c)
{
	const struct rows suppliers = ROWS(c, suppliers, n_suppliers);
	const struct body_instemming *b = &m->body.instemming;
	struct casus_supplier *supplier;
	uint64_t asked;

	if (!answered || answered->message.kind != MESSAGE_INSTEMMINGSVERZOEK ||
	    !text_equal(answered->message.body.instemmingsverzoek.purpose, "hernieuwing"))
		return false;
	supplier = rows_add(&suppliers, message_source(m)); /* new: of who came in the place of a source */
	if (!supplier)
		return false;
	asked = answered->message.body.instemmingsverzoek.until_unix_ms;
	supplier->renewed_until_unix_ms = !b->granted ? 0 : b->until_unix_ms ? b->until_unix_ms : asked;
	return true;
}

/* Kept longer, and open again when it was closed. Each further time the sources are asked anew. */
static bool renew(const struct message *m, struct casus *c)
{
	if (m->body.hernieuwing.until_unix_ms <= c->expires_unix_ms)
		return false;
	c->expires_unix_ms = m->body.hernieuwing.until_unix_ms;
	c->renewals++;
	if (c->phase == PHASE_AFGESLOTEN)
		c->phase = PHASE_CASUSOVERLEG;
	c->closed_unix_ms = 0;
	for (size_t i = 0; i < c->n_suppliers; i++)
		c->suppliers[i].renewed_until_unix_ms = 0;
	return true;
}

static bool answered_known(const struct message *m, struct casus *c)
{
	const struct rows known = ROWS(c, known, n_known);

	return m->body.bekendheidsantwoord.known && rows_add(&known, m->header.sender);
}

/* Who brings data in is a source, whatever becomes of the casus; false: nothing new. */
static bool supply(const struct kader *k, const struct message *m, struct casus *c)
{
	const struct rows suppliers = ROWS(c, suppliers, n_suppliers);
	bool data = false, special = false, changed;
	struct casus_supplier *supplier;
	size_t before = c->n_suppliers;

	if (!(KIND_BIT(m->kind) & KINDS_SOURCE))
		return false;
	for (size_t i = 0; i < m->n_parts; i++) {
		int category = kader_category_index(k, m->parts[i].header.category);

		data = data || category < 0 || !k->categories[category].only_in;
		special = special || category < 0 || k->categories[category].c.special;
	}
	supplier = data ? rows_add(&suppliers, message_source(m)) : NULL;
	if (!supplier)
		return false;
	changed = c->n_suppliers != before || (special && !supplier->special);
	supplier->special = supplier->special || special;
	return changed;
}

static bool change(const struct message *m, const struct casus_item *answered, uint64_t now_unix_ms,
		   struct casus *c)
{
	switch (m->kind) {
	case MESSAGE_BEOORDELING:
		return assess(m, c);
	case MESSAGE_BETREKKEN:
		return involve(m, c);
	case MESSAGE_FASE:
		return move(m, c);
	case MESSAGE_AFSLUITING:
		c->phase = PHASE_AFGESLOTEN;
		c->closed_unix_ms = now_unix_ms ? now_unix_ms : 1;
		return true;
	case MESSAGE_TOESTEMMING:
		return consent(m, c);
	case MESSAGE_AGENDA:
		return invite(m, now_unix_ms, c);
	case MESSAGE_INSTEMMING:
		return agree(m, answered, c);
	case MESSAGE_HERNIEUWING:
		return renew(m, c);
	case MESSAGE_BEKENDHEIDSANTWOORD:
		return answered_known(m, c);
	case MESSAGE_AANMELDING:
	case MESSAGE_VERZOEK:
	case MESSAGE_ANTWOORD:
	case MESSAGE_MELDING:
	case MESSAGE_AANVULLING:
	case MESSAGE_TERUGKOPPELING:
	case MESSAGE_CORRECTIE:
	case MESSAGE_BEVESTIGING:
	case MESSAGE_INSTEMMINGSVERZOEK:
	case MESSAGE_VERSTREKKING:
	case MESSAGE_BEKENDHEIDSVRAAG:
	case MESSAGE_MANDAAT:
	case MESSAGE_ONTVANGST:
	case MESSAGE_GEOPEND:
	case MESSAGE_INZAGE:
	case MESSAGE_KIND_N:
		break;
	}
	return false;
}

/* What the kinds have in common comes after what is their own: a half-done change is not kept. */
bool casus_apply(const struct kader *kader, const struct casus *before, const struct message *m,
		 const struct casus_item *answered, uint64_t now_unix_ms, struct casus *out)
{
	struct casus c;
	bool changed;

	if (!before) {
		if ((m->kind != MESSAGE_AANMELDING && m->kind != MESSAGE_MELDING) ||
		    !open_casus(kader, m, now_unix_ms, &c))
			return false;
		changed = true;
	} else {
		c = *before;
		if (c.phase == PHASE_AFGESLOTEN && m->kind != MESSAGE_HERNIEUWING && m->kind != MESSAGE_INSTEMMING)
			return false;
		changed = change(m, answered, now_unix_ms, &c);
		if (!changed)
			c = *before;
	}
	if (before && m->kind == MESSAGE_AANMELDING)
		return false;
	changed = supply(kader, m, &c) || changed;
	if (!changed)
		return false;
	c.changed_unix_ms = now_unix_ms;
	*out = c;
	return true;
}
