/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A name is what is left when all is taken away that a person has reason to write with a capital: the first word of a
 * sentence, abbreviations, the calendar, laws, and whatever word stands in the rules in force. Words that begin with a
 * small letter are never names, so a name without a capital passes; and a name that happens to be a word of the rules
 * (a partner, a place) passes too. The rules are searched only for words that got that far: a decision seldom does.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "convenant/identity.h"
#include "convenant/inside.h"

#define ABBREVIATION_MAX 6

static bool is_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_part(unsigned char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* A capital of ASCII or of Latin-1 (E with an accent). */
static bool is_capital(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	return is_upper(b[0]) || (b[0] == 0xc3 && b[1] >= 0x80 && b[1] <= 0x9e) ||
	       (b[0] == 0xc4 && b[1] % 2 == 0) || (b[0] == 0xc5 && b[1] % 2 == 0);
}

/* Short, with two capitals at least: OM, GGZ, OvJ, RvdK. One letter too. */
static bool is_abbreviation(const char *word, size_t n)
{
	size_t capitals = 0;

	for (size_t i = 0; i < n; i++)
		capitals += is_upper((unsigned char)word[i]);
	return n == 1 || (capitals >= 2 && n <= ABBREVIATION_MAX);
}

static bool is_common(const char *word, size_t n)
{
	static const char *const words[] = {
		"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
		"november", "december", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag",
		"Nederland", "Nederlands", "Nederlandse", "Wvggz", "Wzd", "Zvw", "Wlz", "Wfz", "Avg", "Wgs", "Bgs", "Awb",
		"Sr", "Sv", "Bw", "Pw", "Kerst", "Pasen", "Pinksteren", "Veiligheidshuis", "Zorg", "Veilig", "Thuis",
	};

	for (size_t i = 0; i < N_ELEMENTS(words); i++)
		if (strlen(words[i]) == n && strncasecmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* Whether a text holds the word, as a word; a capital and a small letter are the same, for ids have no capitals. */
static bool holds(const char *text, const char *word, size_t n)
{
	for (const char *at = text; *at; at++)
		if ((at == text || !is_part((unsigned char)at[-1])) && strncasecmp(at, word, n) == 0 &&
		    !is_part((unsigned char)at[n]))
			return true;
	return false;
}

static bool register_holds(const struct registry *r, const char *word, size_t n)
{
	if (holds(r->name, word, n) || holds(r->house, word, n))
		return true;
	for (size_t i = 0; i < r->n_organisations; i++)
		if (holds(r->organisations[i].name, word, n) || holds(r->organisations[i].id, word, n))
			return true;
	for (size_t i = 0; i < r->n_hoedanigheden; i++)
		if (holds(r->hoedanigheden[i].name, word, n) || holds(r->hoedanigheden[i].id, word, n) ||
		    holds(r->hoedanigheden[i].gebied, word, n))
			return true;
	for (size_t i = 0; i < r->n_overleggen; i++)
		if (holds(r->overleggen[i].name, word, n) || holds(r->overleggen[i].id, word, n))
			return true;
	return false;
}

static bool kader_holds(const struct kader *k, const char *word, size_t n)
{
	if (holds(k->name, word, n))
		return true;
	for (size_t i = 0; i < k->n_soorten; i++)
		if (holds(k->soorten[i].k.name, word, n))
			return true;
	for (size_t i = 0; i < k->n_categories; i++)
		if (holds(k->categories[i].c.name, word, n) || holds(k->categories[i].c.id, word, n))
			return true;
	for (size_t i = 0; i < k->n_grondslagen; i++)
		if (holds(k->grondslagen[i].name, word, n) || holds(k->grondslagen[i].id, word, n))
			return true;
	for (size_t i = 0; i < k->n_doelen; i++)
		if (holds(k->doelen[i].name, word, n) || holds(k->doelen[i].article, word, n))
			return true;
	return false;
}

static bool rules_hold(const struct rules *rules, const char *word, size_t n)
{
	if (kader_holds(rules->kader, word, n) || register_holds(rules->registry, word, n))
		return true;
	for (size_t i = 0; i < rules->n_convenanten; i++) {
		const struct convenant *c = rules->convenanten[i];

		if (holds(c->name, word, n))
			return true;
		for (size_t k = 0; k < c->n_rules; k++)
			if (holds(c->rules[k].name, word, n))
				return true;
	}
	return false;
}

/* The first word, and what follows a full stop, a question mark, an exclamation mark or a colon. */
static bool begins_sentence(const char *text, const char *at)
{
	bool space = false;

	while (at > text && (at[-1] == ' ' || at[-1] == '"' || at[-1] == '(' || at[-1] == '\'')) {
		space = space || at[-1] == ' ';
		at--;
	}
	if (at == text)
		return true;
	/* "J. Jansen": an initial ends no sentence. */
	if (at[-1] == '.' && at - text >= 2 && is_upper((unsigned char)at[-2]) &&
	    (at - text == 2 || !is_part((unsigned char)at[-3])))
		return false;
	return space && strchr(".?!:", at[-1]);
}

bool text_name(const struct rules *rules, const char *text, char found[IDENTITY_FOUND_MAX])
{
	const char *at = text;

	while (*at) {
		size_t n = 0;

		while (is_part((unsigned char)at[n]))
			n++;
		if (n && is_capital(at) && !begins_sentence(text, at) && !is_abbreviation(at, n) && !is_common(at, n) &&
		    !rules_hold(rules, at, n)) {
			snprintf(found, IDENTITY_FOUND_MAX, "%.*s", (int)n, at);
			return true;
		}
		at += n ? n : 1;
	}
	found[0] = '\0';
	return false;
}
