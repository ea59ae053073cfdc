/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The differences as sentences. One table per language and effect; {} is where it is, [] what it is about.
 * What is told of the same place in the same way is one sentence with a list.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "convenant/diff.h"
#include "convenant/inside.h"

struct sentence {
	const char *name; /* for programs */
	const char *allowed_nl, *forbidden_nl, *allowed_en, *forbidden_en;
};

/* "{}": where; "[]": the subjects; "<>": the detail. What neither allows nor forbids has the first of two. */
static const struct sentence sentences[DIFF_WHAT_N] = {
	[DIFF_PERIOD] = {
		"looptijd",
		"Het convenant geldt ook van [] tot <>.",
		"Het convenant geldt niet meer van [] tot <>.",
		"The convenant also holds from [] until <>.",
		"The convenant no longer holds from [] until <>.",
	},
	[DIFF_SIGNER] = {
		"ondertekenaar",
		"Wordt ondertekenaar, en telt mee voor het quorum: [].",
		"Is geen ondertekenaar meer: [].",
		"Becomes a signer, and counts for the quorum: [].",
		"Is no signer any more: [].",
	},
	[DIFF_QUORUM] = {
		"quorum",
		"[] handtekeningen zijn genoeg om een versie in werking te laten treden; dat waren er <>.",
		"[] handtekeningen zijn niet meer genoeg om een versie in werking te laten treden; nodig "
		"zijn er <>.",
		"[] signatures are enough to bring a version into force; it took <>.",
		"[] signatures are no longer enough to bring a version into force; it takes <>.",
	},
	[DIFF_PARTY] = {
		"partij",
		"{} wordt partij (soort []).",
		"{} is geen partij meer (soort []).",
		"{} becomes a party (kind []).",
		"{} is no party any more (kind []).",
	},
	[DIFF_SUPPLY] = {
		"levert",
		"{} mag leveren: [].",
		"{} mag niet meer leveren: [].",
		"{} may supply: [].",
		"{} may no longer supply: [].",
	},
	[DIFF_OVERLEG] = {
		"overleg",
		"In overleg {} mag worden uitgewisseld, onder regime [].",
		"In overleg {} mag niet meer worden uitgewisseld (regime []).",
		"In overleg {} there may be exchange, under regime [].",
		"In overleg {} there may be no exchange any more (regime []).",
	},
	[DIFF_OVERLEG_CONSENT] = {
		"overleg-met-toestemming",
		"In overleg {} mag met vastgelegde toestemming van de betrokkene worden uitgewisseld, "
		"onder regime [].",
		"In overleg {} mag niet meer worden uitgewisseld, ook niet met toestemming van de "
		"betrokkene (regime []).",
		"In overleg {} there may be exchange with the recorded consent of the betrokkene, under "
		"regime [].",
		"In overleg {} there may be no exchange any more, not even with the consent of the "
		"betrokkene (regime []).",
	},
	[DIFF_REGIME] = {
		"regime",
		"Overleg {} werkt onder regime [].",
		"Overleg {} werkt niet meer onder regime [].",
		"Overleg {} works under regime [].",
		"Overleg {} no longer works under regime [].",
	},
	[DIFF_GRONDSLAG] = {
		"grondslag",
		"In overleg {} is een grondslag: [].",
		"In overleg {} is geen grondslag meer: [].",
		"In overleg {} a legal basis: [].",
		"In overleg {} no longer a legal basis: [].",
	},
	[DIFF_DOEL] = {
		"doel",
		"In overleg {} is een doel: [].",
		"In overleg {} is geen doel meer: [].",
		"In overleg {} a purpose: [].",
		"In overleg {} no longer a purpose: [].",
	},
	[DIFF_MESSAGE] = {
		"bericht",
		"In overleg {} mogen deze berichten: [].",
		"In overleg {} mogen deze berichten niet meer: [].",
		"In overleg {} these messages are allowed: [].",
		"In overleg {} these messages are no longer allowed: [].",
	},
	[DIFF_CATEGORY] = {
		"categorie",
		"In overleg {} mag rondgaan: [].",
		"In overleg {} mag niet meer rondgaan: [].",
		"In overleg {} may be exchanged: [].",
		"In overleg {} may no longer be exchanged: [].",
	},
	[DIFF_ASKER] = {
		"vrager",
		"In overleg {} mag vragen: [].",
		"In overleg {} mag niet meer vragen: [].",
		"In overleg {} may ask: [].",
		"In overleg {} may no longer ask: [].",
	},
	[DIFF_ASKER_ALL] = {
		"vrager-allen",
		"In overleg {} mag elke deelnemer vragen, niet alleen [].",
		"In overleg {} mag niet meer elke deelnemer vragen, alleen nog [].",
		"In overleg {} every participant may ask, not only [].",
		"In overleg {} no longer may every participant ask, only [].",
	},
	[DIFF_CONSENT] = {
		"toestemming",
		"In overleg {} mag worden gevraagd en gegeven zonder toestemming van de betrokkene.",
		"In overleg {} mag niet meer worden gevraagd en gegeven zonder vastgelegde toestemming "
		"van de betrokkene.",
		"In overleg {} one may ask and give without the consent of the betrokkene.",
		"In overleg {} one may no longer ask and give without the recorded consent of the "
		"betrokkene.",
	},
	[DIFF_KRING] = {
		"kring",
		"In overleg {} mag het ook gaan over de directe kring van de betrokkene.",
		"In overleg {} mag het niet meer gaan over de directe kring van de betrokkene.",
		"In overleg {} it may also be about the direct circle of the betrokkene.",
		"In overleg {} it may no longer be about the direct circle of the betrokkene.",
	},
	[DIFF_TERM] = {
		"termijn",
		"In overleg {} is een vraag met [] uur voor het antwoord lang genoeg; dat was <> uur.",
		"In overleg {} is een vraag met [] uur voor het antwoord te kort; dat wordt <> uur.",
		"In overleg {} a question that leaves [] hours for its answer is long enough; that was <> hours.",
		"In overleg {} a question that leaves [] hours for its answer is too short; that becomes <> hours.",
	},
	[DIFF_TERM_URGENT] = {
		"termijn-spoed",
		"In overleg {} is een spoedvraag met [] uur voor het antwoord lang genoeg; dat was <> uur.",
		"In overleg {} is een spoedvraag met [] uur voor het antwoord te kort; dat wordt <> uur.",
		"In overleg {} an urgent question that leaves [] hours for its answer is long enough; that was <> hours.",
		"In overleg {} an urgent question that leaves [] hours for its answer is too short; that becomes <> hours.",
	},
	[DIFF_VOLMACHT] = {
		"volmacht",
		"Volmacht {}: [] mag handelen namens <>.",
		"Volmacht {}: [] mag niet meer handelen namens <>.",
		"Volmacht {}: [] may act on behalf of <>.",
		"Volmacht {}: [] may no longer act on behalf of <>.",
	},
	[DIFF_VOLMACHT_PERIOD] = {
		"volmacht-looptijd",
		"Volmacht {} geldt ook van [] tot <>.",
		"Volmacht {} geldt niet meer van [] tot <>.",
		"Volmacht {} also holds from [] until <>.",
		"Volmacht {} no longer holds from [] until <>.",
	},
	[DIFF_VOLMACHT_OVERLEG] = {
		"volmacht-overleg",
		"Volmacht {} geldt in overleg: [].",
		"Volmacht {} geldt niet meer in overleg: [].",
		"Volmacht {} holds in overleg: [].",
		"Volmacht {} no longer holds in overleg: [].",
	},
	[DIFF_VOLMACHT_MESSAGE] = {
		"volmacht-bericht",
		"Volmacht {} geldt voor deze berichten: [].",
		"Volmacht {} geldt niet meer voor deze berichten: [].",
		"Volmacht {} holds for these messages: [].",
		"Volmacht {} no longer holds for these messages: [].",
	},
	[DIFF_VOLMACHT_CATEGORY] = {
		"volmacht-categorie",
		"Volmacht {} geldt voor: [].",
		"Volmacht {} geldt niet meer voor: [].",
		"Volmacht {} holds for: [].",
		"Volmacht {} no longer holds for: [].",
	},
	[DIFF_ID] = {
		"convenant",
		"Het is een ander convenant: \"[]\" en \"<>\".",
		NULL,
		"These are different convenanten: \"[]\" and \"<>\".",
		NULL,
	},
	[DIFF_NAME] = {
		"naam",
		"De naam \"[]\" wordt \"<>\".",
		NULL,
		"The name \"[]\" becomes \"<>\".",
		NULL,
	},
	[DIFF_RAC] = {
		"rac",
		"Het advies van de RAC \"[]\" wordt \"<>\".",
		NULL,
		"The advice of the RAC \"[]\" becomes \"<>\".",
		NULL,
	},
	[DIFF_RULE] = {
		"regel",
		"De regel van {} heet niet meer [] maar <>.",
		NULL,
		"The rule of {} is no longer called [] but <>.",
		NULL,
	},
};

/* Where neither version names who may ask. */
static const struct sentence everybody = {
	"vrager-allen",
	"In overleg {} mag elke deelnemer vragen.",
	"In overleg {} mag niet meer elke deelnemer vragen.",
	"In overleg {} every participant may ask.",
	"In overleg {} no longer may every participant ask.",
};

const char *diff_what_name(enum diff_what what)
{
	return sentences[what].name;
}

static const char *sentence_of(const struct diff_change *v, bool english)
{
	bool all = v->what == DIFF_ASKER_ALL && !*v->subject;
	const struct sentence *s = all ? &everybody : &sentences[v->what];

	if (v->effect == DIFF_FORBIDDEN)
		return english ? s->forbidden_en : s->forbidden_nl;
	return english ? s->allowed_en : s->allowed_nl;
}

static void put_subjects(const struct diff_change *v, size_t n, bool english, struct buffer *out)
{
	bool codes = v->what == DIFF_SUPPLY || v->what == DIFF_CATEGORY || v->what == DIFF_VOLMACHT_CATEGORY;

	for (size_t i = 0; i < n; i++) {
		buffer_printf(out, "%s%s", i ? ", " : "", v[i].subject);
		if (codes && *v[i].detail)
			buffer_printf(out, " (%s %s)", v[i].detail,
				      english ? "stays as it was" : "blijft zoals het was");
	}
}

void diff_sentence(const struct diff_change *v, size_t n, const char *language, struct buffer *out)
{
	bool english = text_equal(language, "en");

	for (const char *c = sentence_of(v, english); *c;) {
		if (strncmp(c, "{}", 2) == 0)
			buffer_text(out, v->where);
		else if (strncmp(c, "[]", 2) == 0)
			put_subjects(v, n, english, out);
		else if (strncmp(c, "<>", 2) == 0)
			buffer_text(out, v->detail);
		else {
			buffer_u8(out, (uint8_t)*c++);
			continue;
		}
		c += 2;
	}
}

/* ---- the whole ---- */

/* How many changes from here on make one sentence. A sentence that has a detail of its own stands alone. */
static size_t run_length(const struct diff *d, size_t i)
{
	const struct diff_change *first = &d->v[i];
	size_t n = 1;

	if (first->effect == DIFF_OTHER || first->what == DIFF_PERIOD || first->what == DIFF_QUORUM || first->what == DIFF_TERM ||
	    first->what == DIFF_TERM_URGENT || first->what == DIFF_VOLMACHT || first->what == DIFF_VOLMACHT_PERIOD)
		return 1;
	while (i + n < d->n && d->v[i + n].effect == first->effect && d->v[i + n].what == first->what &&
	       strcmp(d->v[i + n].where, first->where) == 0)
		n++;
	return n;
}

static void put_effect(const struct diff *d, enum diff_effect effect, const char *title, const char *language,
		       struct buffer *out)
{
	static const char marks[DIFF_EFFECT_N] = { '+', '-', '*' };
	bool titled = false;

	for (size_t i = 0, n; i < d->n; i += n) {
		n = run_length(d, i);
		if (d->v[i].effect != effect)
			continue;
		if (!titled)
			buffer_printf(out, "\n%s:\n", title);
		titled = true;
		buffer_printf(out, "  %c ", marks[effect]);
		diff_sentence(&d->v[i], n, language, out);
		buffer_text(out, "\n");
	}
}

int diff_print(const struct convenant *a, const struct convenant *b, const struct diff *d,
	       const char *language, struct buffer *out)
{
	static const char *const dutch[DIFF_EFFECT_N] = { "Wordt toegestaan", "Wordt verboden",
							  "Verandert verder" };
	static const char *const english[DIFF_EFFECT_N] = { "Becomes allowed", "Becomes forbidden",
							    "Changes besides" };
	bool is_english = text_equal(language, "en");

	buffer_printf(out, is_english ? "Convenant %s: from version %" PRIu64 " to version %" PRIu64 "\n" :
					"Convenant %s: van versie %" PRIu64 " naar versie %" PRIu64 "\n",
		      b->id, a->sequence, b->sequence);
	if (!d->n)
		buffer_text(out, is_english ? "\nNothing changes in what is allowed.\n" :
					      "\nEr verandert niets aan wat mag.\n");
	for (enum diff_effect effect = 0; effect < DIFF_EFFECT_N; effect++)
		put_effect(d, effect, is_english ? english[effect] : dutch[effect], language, out);
	return buffer_ok(out);
}
