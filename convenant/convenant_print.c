/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A convenant as a person reads it: who, until when, and per rule what goes, why, and on which basis. It is
 * written from the loaded structure and not from the text, so that what one reads is what the decisions use.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "convenant/inside.h"

#define HOUR_MS UINT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

struct words {
	const char *version, *valid, *signed_by, *of, *parties, *supplies, *nothing, *rule, *overleggen, *basis,
		*confirm, *purpose, *askers, *everyone, *categories, *consent, *kring, *kring_not, *messages,
		*term, *urgent, *hours, *withdrawn, *on_behalf, *from, *until;
};

static const struct words dutch = {
	"versie",
	"geldig van",
	"ondertekend door ten minste",
	"van",
	"Partijen",
	"levert",
	"levert niets",
	"Regel",
	"overleggen",
	"grondslag",
	" (nog door de RAC te bevestigen)",
	"doel",
	"mag vragen",
	"elke deelnemer",
	"categorieën",
	"alleen met vastgelegde toestemming van de betrokkene",
	"over de betrokkene en de directe kring",
	"alleen over de betrokkene, niet over de kring",
	"berichten",
	"een vraag laat ten minste",
	"uur voor het antwoord, met spoed",
	"uur",
	"ingetrokken per",
	"namens",
	"van",
	"tot",
};
static const struct words english = {
	"version",
	"valid from",
	"signed by at least",
	"of",
	"Parties",
	"supplies",
	"supplies nothing",
	"Rule",
	"overleggen",
	"legal basis",
	" (still to be confirmed by the RAC)",
	"purpose",
	"may ask",
	"every participant",
	"categories",
	"only with the recorded consent of the betrokkene",
	"about the betrokkene and the direct circle",
	"about the betrokkene only, not the circle",
	"messages",
	"a question leaves at least",
	"hours for its answer, when urgent",
	"hours",
	"withdrawn as of",
	"on behalf of",
	"from",
	"until",
};

/* Heads stand for their sub-codes; a sub-code is named only where its head is not. */
static void print_codes(struct buffer *out, const struct kader *k, const struct code_set *codes)
{
	const char *comma = "";

	for (size_t i = 0; i < k->n_categories; i++) {
		const char *id = k->categories[i].c.id;
		const char *dot = strchr(id, '.');
		char head[64] = "";
		int head_index = -1;

		if (!codes_have(codes, i))
			continue;
		if (dot && (size_t)(dot - id) < sizeof head) {
			memcpy(head, id, (size_t)(dot - id));
			head_index = kader_category_index(k, head);
		}
		if (head_index >= 0 && codes_have(codes, (size_t)head_index))
			continue;
		buffer_printf(out, "%s%s", comma, id);
		comma = ", ";
	}
}

static void print_list(struct buffer *out, const struct text_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		buffer_printf(out, "%s%s", i ? ", " : "", list->v[i]);
}

static void print_party(struct buffer *out, const struct words *w, const struct kader *k,
			const struct party *p)
{
	static const struct code_set none;

	buffer_printf(out, "  %s (%s, %s): ", p->id, p->soort->k.name, lid_name(p->soort->k.lid));
	if (memcmp(&p->supplies, &none, sizeof none) == 0) {
		buffer_printf(out, "%s\n", w->nothing);
		return;
	}
	buffer_printf(out, "%s ", w->supplies);
	print_codes(out, k, &p->supplies);
	buffer_text(out, "\n");
}

static void print_kinds(struct buffer *out, const struct words *w, uint32_t kinds)
{
	const char *comma = "";

	if (kinds == KINDS_ALL)
		return;
	buffer_printf(out, "\n  %s: ", w->messages);
	for (int kind = 1; kind < MESSAGE_KIND_N; kind++)
		if (kinds & KIND_BIT(kind)) {
			buffer_printf(out, "%s%s", comma, message_kind_name((enum message_kind)kind));
			comma = ", ";
		}
}

static void print_date(struct buffer *out, uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_encode(unix_ms, text);
	if (unix_ms % DAY_MS == 0)
		text[10] = '\0'; /* the date */
	buffer_text(out, text);
}

static void print_volmacht(struct buffer *out, const struct words *w, const struct kader *k, const struct volmacht *v)
{
	buffer_printf(out, "\nVolmacht %s: %s %s %s, %s ", v->id, v->holder, w->on_behalf, v->giver, w->from);
	print_date(out, v->from_unix_ms);
	buffer_printf(out, " %s ", w->until);
	print_date(out, v->until_unix_ms);
	buffer_printf(out, "\n  %s: ", w->overleggen);
	print_list(out, &v->overleggen);
	print_kinds(out, w, v->kinds);
	buffer_printf(out, "\n  %s: ", w->categories);
	print_codes(out, k, &v->categories);
	buffer_text(out, "\n");
}

void rac_print(const struct rac *rac, const char *language, struct buffer *out)
{
	bool is_english = text_equal(language, "en");

	if (*rac->afwijking) {
		buffer_text(out, is_english ? "departed from, told on " : "afgeweken, gemeld op ");
		print_date(out, rac->date_unix_ms);
		buffer_printf(out, ": %s", rac->afwijking);
	} else {
		buffer_printf(out, is_english ? "advice %s of " : "advies %s van ", rac->advies);
		print_date(out, rac->date_unix_ms);
	}
}

static void print_rule(struct buffer *out, const struct words *w, const struct kader *k,
		       const struct afspraak *a)
{
	buffer_printf(out, "\n%s %s: %s (%s)\n  %s: ", w->rule, a->id, a->name, regime_name(a->regime),
		      w->overleggen);
	print_list(out, &a->overleggen);
	for (size_t i = 0; i < a->grondslagen.n; i++) {
		const struct grondslag *g = kader_grondslag(k, a->grondslagen.v[i]);

		buffer_printf(out, "\n  %s: %s, %s%s", w->basis, g->id, g->name,
			      g->to_confirm ? w->confirm : "");
	}
	for (size_t i = 0; i < a->doelen.n; i++)
		buffer_printf(out, "\n  %s: %s, %s", w->purpose, a->doelen.v[i],
			      kader_doel(k, a->doelen.v[i])->name);
	buffer_printf(out, "\n  %s: ", w->askers);
	print_list(out, &a->askers);
	buffer_printf(out, "%s\n  %s: ", a->askers.n ? "" : w->everyone, w->categories);
	print_codes(out, k, &a->categories);
	print_kinds(out, w, a->kinds);
	if (a->ask_ms != k->terms.ask_ms || a->ask_urgent_ms != k->terms.ask_urgent_ms)
		buffer_printf(out, "\n  %s %" PRIu64 " %s %" PRIu64 " %s", w->term, a->ask_ms / HOUR_MS, w->urgent,
			      a->ask_urgent_ms / HOUR_MS, w->hours);
	buffer_printf(out, "\n  %s\n", a->kring ? w->kring : w->kring_not);
	if (a->consent)
		buffer_printf(out, "  %s\n", w->consent);
}

int convenant_print(const struct convenant *c, const char *language, struct buffer *out)
{
	const struct words *w = text_equal(language, "en") ? &english : &dutch;

	buffer_printf(out, "%s (%s), %s %" PRIu64 "\n%s ", c->name, c->id, w->version, c->sequence, w->valid);
	print_date(out, c->from_unix_ms);
	buffer_printf(out, " %s ", w->until);
	print_date(out, c->until_unix_ms);
	if (c->withdrawn_unix_ms) {
		buffer_printf(out, ", %s ", w->withdrawn);
		print_date(out, c->withdrawn_unix_ms);
	}
	buffer_printf(out, "; %s %" PRIu64 " %s: ", w->signed_by, c->quorum, w->of);
	print_list(out, &c->signers);
	buffer_text(out, "\nRAC: ");
	rac_print(&c->rac, language, out);
	buffer_printf(out, "\n\n%s\n", w->parties);
	for (size_t i = 0; i < c->n_parties; i++)
		print_party(out, w, c->kader, &c->parties[i]);
	for (size_t i = 0; i < c->n_rules; i++)
		print_rule(out, w, c->kader, &c->rules[i]);
	for (size_t i = 0; i < c->n_volmachten; i++)
		print_volmacht(out, w, c->kader, &c->volmachten[i]);
	return buffer_ok(out);
}
