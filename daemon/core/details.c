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

/* The level, and who has to see to it there: by the kader of that moment, so that the record says it as it was. */
static int of_ave(struct intake *in, struct evidence *e, const char *id)
{
	const struct kader_ave *level = kader_ave(in->input.rules->kader, id);
	int r = detail(in, e, "ave", id);

	if (r || !level)
		return err_pass(r);
	r = detail(in, e, "regie", level->regie);
	if (!r)
		r = detail(in, e, "overlegpartners", level->partners);
	if (!r)
		r = detail(in, e, "operationeel", level->operational);
	return r ? r : detail(in, e, "bestuurlijk", level->administrative);
}

static int of_aanmelding(struct intake *in, struct evidence *e)
{
	const struct body_aanmelding *b = &in->m->body.aanmelding;
	int r = detail(in, e, "klasse", b->klasse);

	if (!r)
		r = details_list(in, e, "gemeenten", &b->gemeenten);
	if (!r)
		r = detail(in, e, "leeftijdsklasse", b->leeftijdsklasse);
	return r ? err_pass(r) : err_pass(of_ave(in, e, b->ave));
}

/* By whom, since when and for what; nothing said: for all that is exchanged in the casus. */
static int of_toestemming(struct intake *in, struct evidence *e)
{
	const struct body_toestemming *b = &in->m->body.toestemming;
	int r = detail(in, e, "toestemming", b->withdrawn ? "ingetrokken" : "gegeven");

	if (!r)
		r = detail(in, e, "door", b->given_by);
	if (!r)
		r = detail_date(in, e, "sinds", b->given_unix_ms);
	if (!r)
		r = detail_date(in, e, "tot", b->until_unix_ms);
	if (!r)
		r = details_list(in, e, "voor", &b->categories);
	return r ? r : details_list(in, e, "met", &b->hoedanigheden);
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

static int of_verstrekking(struct intake *in, struct evidence *e)
{
	const struct body_verstrekking *b = &in->m->body.verstrekking;
	int r = detail(in, e, "doelkring", b->target_kind);

	if (!r)
		r = detail(in, e, "aan", b->target);
	if (!r)
		r = detail(in, e, "verklaring", b->verklaring);
	return r ? r : detail_date(in, e, "verklaard", b->verklaring_unix_ms);
}

static int of_terugkoppeling(struct intake *in, struct evidence *e)
{
	const struct body_terugkoppeling *b = &in->m->body.terugkoppeling;
	int r = detail(in, e, "soort", b->soort);

	if (!r)
		r = detail(in, e, "bruikbaar", b->bruikbaar);
	if (!r)
		r = detail(in, e, "vervolg", b->vervolg);
	return r ? r : detail(in, e, "reden", b->reden);
}

/* The two of a question and a decision about going on, and what keeps a casus. */
static int of_instemming(struct intake *in, struct evidence *e)
{
	const struct body_instemmingsverzoek *q = &in->m->body.instemmingsverzoek;
	const bool asked = in->m->kind == MESSAGE_INSTEMMINGSVERZOEK;
	int r = asked ? detail(in, e, "instemmingsdoel", q->purpose) :
			detail(in, e, "instemming", in->m->body.instemming.granted ? "ja" : "nee");

	if (!r && asked)
		r = detail(in, e, "aan", q->target);
	return r ? r : detail_date(in, e, "tot", asked ? q->until_unix_ms : in->m->body.instemming.until_unix_ms);
}

static int of_agenda(struct intake *in, struct evidence *e)
{
	const struct body_agenda *b = &in->m->body.agenda;
	int r = detail_date(in, e, "overlegdatum", b->meeting_unix_ms);

	if (!r)
		r = details_list(in, e, "uitgenodigd", &b->invite);
	return r ? r : detail_date(in, e, "tot", b->until_unix_ms);
}

/* What came after the kinds that a casus began with. */
static int details_more(struct intake *in, struct evidence *e)
{
	int r;

	switch ((int)in->m->kind) {
	case MESSAGE_MELDING:
		return detail(in, e, "soort", in->m->body.melding.soort);
	case MESSAGE_TERUGKOPPELING:
		return of_terugkoppeling(in, e);
	case MESSAGE_CORRECTIE:
		r = detail(in, e, "correctie", in->m->body.correctie.action);
		return r ? r : detail(in, e, "reden", in->m->body.correctie.reason);
	case MESSAGE_BEVESTIGING:
		return detail(in, e, "bevestiging", in->m->body.bevestiging.action);
	case MESSAGE_INSTEMMINGSVERZOEK:
	case MESSAGE_INSTEMMING:
		return of_instemming(in, e);
	case MESSAGE_VERSTREKKING:
		return of_verstrekking(in, e);
	case MESSAGE_AGENDA:
		return of_agenda(in, e);
	case MESSAGE_HERNIEUWING:
		r = detail(in, e, "grond", in->m->body.hernieuwing.ground);
		return r ? r : detail_date(in, e, "tot", in->m->body.hernieuwing.until_unix_ms);
	case MESSAGE_BEKENDHEIDSANTWOORD:
		return detail(in, e, "bekend", in->m->body.bekendheidsantwoord.known ? "ja" : "nee");
	default: /* a kind that carries nothing to count */
		return 0;
	}
}

int details_of(struct intake *in, struct evidence *e)
{
	int r = 0;

	switch ((int)in->m->kind) {
	case MESSAGE_AANMELDING:
		return err_pass(of_aanmelding(in, e));
	case MESSAGE_BEOORDELING:
		return err_pass(detail(in, e, "uitkomst", in->m->body.beoordeling.outcome));
	case MESSAGE_BETREKKEN:
		r = details_list(in, e, "betrokken", &in->m->body.betrekken.involve);
		return r ? err_pass(r) : err_pass(details_list(in, e, "losgelaten", &in->m->body.betrekken.release));
	case MESSAGE_FASE:
		r = detail(in, e, "fase", in->m->body.fase.phase);
		return r ? err_pass(r) : err_pass(of_ave(in, e, in->m->body.fase.ave));
	case MESSAGE_AFSLUITING:
		return err_pass(detail(in, e, "reden", in->m->body.afsluiting.reason));
	case MESSAGE_TOESTEMMING:
		return err_pass(of_toestemming(in, e));
	case MESSAGE_MANDAAT:
		return err_pass(of_mandate(in, e));
	default:
		return err_pass(details_more(in, e));
	}
}
