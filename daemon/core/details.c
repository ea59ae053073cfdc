/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the annual figures and the authorisation review count, out of the bodies of the messages that carry it: klasse, gemeenten,
 * age class, outcome, phase, who came and left, what a mandate says. Words of the kader and ids of the register, never a person.
 */
#include "daemon/core/intake.h"

#include <errno.h>

#define LIST_TEXT_MAX 4000

static int detail(struct intake *in, struct evidence *e, const char *key, const char *value)
{
	const char *text;

	if (!value || !*value)
		return 0;
	if (e->n_details == N_ELEMENTS(e->details))
		return err_raise(-ENOSPC);
	text = arena_printf(in->item->arena, "%s=%s", key, value);
	if (!text)
		return err_raise(-ENOMEM);
	e->details[e->n_details++] = text;
	return 0;
}

/* "key=a,b,c"; what does not fit is left out whole, and the list then ends in "...". */
static int details_list(struct intake *in, struct evidence *e, const char *key, const struct text_list *list)
{
	char text[LIST_TEXT_MAX + 8];
	size_t used = 0;

	for (size_t i = 0; i < list->n; i++) {
		size_t len = strlen(list->v[i]);

		if (used + len + 1 > LIST_TEXT_MAX) {
			memcpy(text + used, ",...", 4);
			used += 4;
			break;
		}
		if (used)
			text[used++] = ',';
		memcpy(text + used, list->v[i], len);
		used += len;
	}
	text[used] = 0;
	return detail(in, e, key, text);
}

static int detail_date(struct intake *in, struct evidence *e, const char *key, uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	if (!unix_ms)
		return 0;
	time_encode(unix_ms, text);
	text[sizeof "2026-11-22" - 1] = 0;
	return detail(in, e, key, text);
}

static int of_aanmelding(struct intake *in, struct evidence *e)
{
	const struct body_aanmelding *b = &in->m->body.aanmelding;
	int r = detail(in, e, "klasse", b->klasse);

	if (!r)
		r = details_list(in, e, "gemeenten", &b->gemeenten);
	if (!r)
		r = detail(in, e, "leeftijdsklasse", b->leeftijdsklasse);
	return r ? r : detail(in, e, "ave", b->ave);
}

static int of_mandate(struct intake *in, struct evidence *e)
{
	const struct mandate *m = &in->offered;
	int r = detail(in, e, "klasse", m->klasse);

	if (!r)
		r = details_list(in, e, "hoedanigheden", &m->hoedanigheden);
	if (!r)
		r = detail_date(in, e, "screening", m->screening_unix_ms);
	if (!r)
		r = detail_date(in, e, "training", m->training_unix_ms);
	return r ? r : detail_date(in, e, "tot", m->until_unix_ms);
}

int details_of(struct intake *in, struct evidence *e)
{
	int r = 0;

	switch (in->m->kind) {
	case MESSAGE_AANMELDING:
		return err_pass(of_aanmelding(in, e));
	case MESSAGE_BEOORDELING:
		return err_pass(detail(in, e, "uitkomst", in->m->body.beoordeling.outcome));
	case MESSAGE_BETREKKEN:
		r = details_list(in, e, "betrokken", &in->m->body.betrekken.involve);
		return r ? err_pass(r) : err_pass(details_list(in, e, "losgelaten", &in->m->body.betrekken.release));
	case MESSAGE_FASE:
		r = detail(in, e, "fase", in->m->body.fase.phase);
		return r ? err_pass(r) : err_pass(detail(in, e, "ave", in->m->body.fase.ave));
	case MESSAGE_AFSLUITING:
		return err_pass(detail(in, e, "reden", in->m->body.afsluiting.reason));
	case MESSAGE_TOESTEMMING:
		return err_pass(detail(in, e, "toestemming", in->m->body.toestemming.withdrawn ? "ingetrokken" : "gegeven"));
	case MESSAGE_MANDAAT:
		return err_pass(of_mandate(in, e));
	case MESSAGE_VERZOEK:
	case MESSAGE_ANTWOORD:
	case MESSAGE_GEOPEND:
	case MESSAGE_INZAGE:
	case MESSAGE_ONTVANGST:
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
	default: /* a kind that carries nothing to count */
		return 0;
	}
}
