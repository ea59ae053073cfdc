/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * casus_apply() trusts that the message was allowed: it does not ask who may. It still keeps the invariants
 * whatever it is given, because a replay gives it old messages and a simulator gives it strange ones: what
 * can't be done is not done (false).
 *
 * Bytes of a casus: version 1; id; phase, regime (1 each); overleg, klasse, ave, notifier (lp16 each);
 * opened, changed, closed (u64); consent, withdrawn (1 each); given, until (u64); n (u16) and the circle
 * (lp16 each).
 */
#include "convenant/casus.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define CASUS_VERSION 1

/* Position of a hoedanigheid in the circle; *found says whether it is there or belongs there. */
static size_t circle_find(const struct casus *c, const char *hoedanigheid, bool *found)
{
	size_t low = 0, high = c->n_circle;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(hoedanigheid, c->circle[middle]);

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

bool casus_has(const struct casus *c, const char *hoedanigheid)
{
	bool found;

	circle_find(c, hoedanigheid, &found);
	return found;
}

static bool is_text(const char *text)
{
	return memchr(text, '\0', CASUS_TEXT) != NULL;
}

bool casus_check(const struct casus *c)
{
	if (c->n_circle > CASUS_CIRCLE_MAX || c->phase <= PHASE_GEEN || c->phase >= PHASE_N ||
	    (c->regime != REGIME_WGS && c->regime != REGIME_OVERIG))
		return false;
	if ((c->phase == PHASE_AFGESLOTEN) != (c->closed_unix_ms != 0))
		return false;
	if (!is_text(c->overleg) || !is_text(c->klasse) || !is_text(c->ave) || !is_text(c->notifier))
		return false;
	for (size_t i = 0; i < c->n_circle; i++)
		if (!is_text(c->circle[i]) || (i && strcmp(c->circle[i - 1], c->circle[i]) >= 0))
			return false;
	return true;
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

static bool circle_add(struct casus *c, const char *hoedanigheid)
{
	bool found;
	size_t at = circle_find(c, hoedanigheid, &found);

	if (found)
		return true;
	if (c->n_circle == CASUS_CIRCLE_MAX || strlen(hoedanigheid) >= CASUS_TEXT)
		return false;
	memmove(c->circle[at + 1], c->circle[at], (c->n_circle - at) * CASUS_TEXT);
	c->n_circle++;
	return set_text(c->circle[at], hoedanigheid);
}

static void circle_remove(struct casus *c, const char *hoedanigheid)
{
	bool found;
	size_t at = circle_find(c, hoedanigheid, &found);

	if (!found)
		return;
	c->n_circle--;
	memmove(c->circle[at], c->circle[at + 1], (c->n_circle - at) * CASUS_TEXT);
	memset(c->circle[c->n_circle], 0, CASUS_TEXT);
}

static bool open_casus(const struct message *m, uint64_t now_unix_ms, struct casus *c)
{
	const struct header *h = &m->header;

	memset(c, 0, sizeof *c);
	c->regime = regime_find(h->regime);
	if (h->casus.len != ID_BYTES || !c->regime)
		return false;
	memcpy(c->id, h->casus.ptr, ID_BYTES);
	/* Outside the WGS there is no beoordeling (BGS 2.20): collecting starts at once. The kader says the
	 * same: kader.c. */
	c->phase = c->regime == REGIME_WGS ? PHASE_AANGEMELD : PHASE_VERZAMELEN;
	c->opened_unix_ms = now_unix_ms;
	if (!set_text(c->overleg, h->overleg) || !set_text(c->klasse, m->body.aanmelding.klasse) ||
	    !set_text(c->ave, m->body.aanmelding.ave) || !set_text(c->notifier, h->sender) ||
	    !circle_add(c, h->sender))
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

	for (size_t i = 0; i < b->release.n; i++)
		circle_remove(c, b->release.v[i]);
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

static void consent(const struct message *m, struct casus *c)
{
	const struct body_toestemming *b = &m->body.toestemming;

	c->consent_withdrawn = b->withdrawn;
	if (b->withdrawn)
		return;
	c->consent = true;
	c->consent_given_unix_ms = b->given_unix_ms;
	c->consent_until_unix_ms = b->until_unix_ms;
}

static bool change(const struct message *m, uint64_t now_unix_ms, struct casus *c)
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
		consent(m, c);
		return true;
	case MESSAGE_AANMELDING:
	case MESSAGE_VERZOEK:
	case MESSAGE_ANTWOORD:
	case MESSAGE_MANDAAT:
	case MESSAGE_ONTVANGST:
	case MESSAGE_GEOPEND:
	case MESSAGE_INZAGE:
	case MESSAGE_MELDING:
	case MESSAGE_AANVULLING:
	case MESSAGE_TERUGKOPPELING:
	case MESSAGE_CORRECTIE:
	case MESSAGE_BEVESTIGING:
	case MESSAGE_INSTEMMINGSVERZOEK:
	case MESSAGE_INSTEMMING:
	case MESSAGE_VERSTREKKING:
	case MESSAGE_AGENDA:
	case MESSAGE_HERNIEUWING:
	case MESSAGE_BEKENDHEIDSVRAAG:
	case MESSAGE_BEKENDHEIDSANTWOORD:
	case MESSAGE_KIND_N:
		break;
	}
	return false;
}

bool casus_apply(const struct casus *before, const struct message *m, uint64_t now_unix_ms, struct casus *out)
{
	struct casus c;

	if (!before) {
		if (m->kind != MESSAGE_AANMELDING || !open_casus(m, now_unix_ms, &c))
			return false;
	} else {
		c = *before;
		if (c.phase == PHASE_AFGESLOTEN || !change(m, now_unix_ms, &c))
			return false;
	}
	c.changed_unix_ms = now_unix_ms;
	*out = c;
	return true;
}

/* ---- bytes ---- */

int casus_encode(const struct casus *c, struct buffer *out)
{
	buffer_u8(out, CASUS_VERSION);
	buffer_bytes(out, SPAN_OF(c->id));
	buffer_u8(out, (uint8_t)c->phase);
	buffer_u8(out, (uint8_t)c->regime);
	buffer_lp16(out, span_of_text(c->overleg));
	buffer_lp16(out, span_of_text(c->klasse));
	buffer_lp16(out, span_of_text(c->ave));
	buffer_lp16(out, span_of_text(c->notifier));
	buffer_u64(out, c->opened_unix_ms);
	buffer_u64(out, c->changed_unix_ms);
	buffer_u64(out, c->closed_unix_ms);
	buffer_u8(out, c->consent);
	buffer_u8(out, c->consent_withdrawn);
	buffer_u64(out, c->consent_given_unix_ms);
	buffer_u64(out, c->consent_until_unix_ms);
	buffer_u16(out, (uint16_t)c->n_circle);
	for (size_t i = 0; i < c->n_circle; i++)
		buffer_lp16(out, span_of_text(c->circle[i]));
	return buffer_ok(out);
}

static void read_text(struct reader *r, char out[CASUS_TEXT])
{
	struct span text = reader_lp16(r);

	if (text.len >= CASUS_TEXT || (text.len && memchr(text.ptr, 0, text.len)))
		r->failed = true;
	else if (text.len)
		memcpy(out, text.ptr, text.len);
}

static bool read_flag(struct reader *r)
{
	uint8_t v = reader_u8(r);

	if (v > 1)
		r->failed = true;
	return v == 1;
}

int casus_decode(struct span bytes, struct casus *out)
{
	struct casus c = { 0 };
	struct reader r;
	size_t n;

	reader_init(&r, bytes);
	if (reader_u8(&r) != CASUS_VERSION)
		return CASUS_E_MALFORMED;
	reader_copy(&r, c.id, sizeof c.id);
	c.phase = (enum phase)reader_u8(&r);
	c.regime = (enum regime)reader_u8(&r);
	read_text(&r, c.overleg);
	read_text(&r, c.klasse);
	read_text(&r, c.ave);
	read_text(&r, c.notifier);
	c.opened_unix_ms = reader_u64(&r);
	c.changed_unix_ms = reader_u64(&r);
	c.closed_unix_ms = reader_u64(&r);
	c.consent = read_flag(&r);
	c.consent_withdrawn = read_flag(&r);
	c.consent_given_unix_ms = reader_u64(&r);
	c.consent_until_unix_ms = reader_u64(&r);
	n = reader_u16(&r);
	if (n > CASUS_CIRCLE_MAX)
		return CASUS_E_MALFORMED;
	for (; c.n_circle < n; c.n_circle++)
		read_text(&r, c.circle[c.n_circle]);
	if (!reader_done(&r) || !casus_check(&c))
		return CASUS_E_MALFORMED;
	*out = c;
	return CASUS_OK;
}
