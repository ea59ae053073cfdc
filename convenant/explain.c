/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From findings to sentences. First the outcome and what to do about it, then each rule that failed in full,
 * then what was in order. Nothing of the content can come out: a finding holds codes, fields and names of
 * parties. Only a word of the noodzaak that looks like somebody is shown, in the message's own explanation.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/explain_text.h"
#include "convenant/identity.h"
#include "convenant/rule.h"

struct words {
	const char *allowed, *refused, *remedy, *failed, *passed, *rule, *decided, *version;
	const char *message, *from, *for_whom, *to, *basis, *purpose, *about;
};

static const struct words dutch = {
	"TOEGESTAAN: dit bericht mag.", "GEWEIGERD", "Wat te doen", "Niet voldaan", "Wel voldaan", "regel",
	"Beslist op", "versie",
	"Bericht", "van", "namens", "aan", "grondslag", "doel", "categorieën",
};
static const struct words english = {
	"TOEGESTAAN: this message is allowed.",
	"GEWEIGERD (refused)",
	"What to do",
	"Not satisfied",
	"Satisfied",
	"rule",
	"Decided at",
	"version",
	"Message",
	"from",
	"on behalf of",
	"to",
	"legal basis",
	"purpose",
	"categories",
};

/* What comes from the message is shown as it is, but for what can't be shown. */
static void put_text(struct buffer *out, const char *text)
{
	for (const char *c = text; *c; c++)
		buffer_u8(out, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : (uint8_t)*c);
}

static void put_texts(struct buffer *out, const char *word, const struct text_list *list, const char *before)
{
	for (size_t i = 0; i < list->n; i++) {
		buffer_text(out, i ? ", " : before);
		if (!i)
			buffer_printf(out, "%s ", word);
		put_text(out, list->v[i]);
	}
}

static void put_named(struct buffer *out, const char *word, const char *text)
{
	if (!*text)
		return;
	buffer_printf(out, "; %s ", word);
	put_text(out, text);
}

/* What was judged, so that a decision can be read by itself. */
static void put_message(struct buffer *out, const struct words *w, const struct decide_input *in)
{
	const struct header *h = &in->message->header;
	const char *kind = message_kind_name(in->message->kind);

	buffer_printf(out, "%s: %s %s ", w->message, kind ? kind : "?", w->from);
	put_text(out, h->sender);
	if (*h->on_behalf_of) {
		buffer_printf(out, " %s ", w->for_whom);
		put_text(out, h->on_behalf_of);
	}
	put_texts(out, w->to, &h->recipients, " ");
	put_named(out, "overleg", h->overleg);
	put_named(out, w->basis, h->grondslag);
	put_named(out, w->purpose, h->doel);
	put_texts(out, w->about, &h->categories, "; ");
	buffer_text(out, ".\n");
}

/* The sentence with the subject in its place. Subjects come from the message: what can't be shown is shown as
 * '?'. */
static void put_sentence(struct buffer *out, const char *sentence, const char *subject)
{
	const char *gap = strstr(sentence, "{}");

	if (!gap) {
		buffer_text(out, sentence);
		return;
	}
	buffer_bytes(out, span_of(sentence, (size_t)(gap - sentence)));
	put_text(out, *subject ? subject : "-");
	buffer_text(out, gap + 2);
}

/* Rules of form name a field; all others name a party, a category, a code. */
static const char *subject_word(const char *rule, const char *subject, bool en)
{
	static const char *const of_fields[] = { "schema.", "identificatie", "grondslag.genoemd", "agenda.", "termijn." };

	for (size_t i = 0; i < N_ELEMENTS(of_fields); i++)
		if (strncmp(rule, of_fields[i], strlen(of_fields[i])) == 0)
			return field_word(subject, en);
	return subject;
}

static const struct rule_text *text_of(const char *id)
{
	const struct rule_text *text = rule_text_find(id);
	const struct rule *rule = rule_text_known(text) ? NULL : rules_find(id);

	return rule ? rule_text_find(rule->id) : text;
}

void explain_failed(const char *rule, const char *subject, const char *language, struct buffer *out)
{
	const struct rule_text *text = text_of(rule);
	const bool en = text_equal(language, "en");

	put_sentence(out, en ? text->failed_en : text->failed_nl, rule_text_known(text) ? subject_word(rule, subject, en) : rule);
}

const char *explain_passed(const char *rule, const char *language)
{
	const struct rule_text *text = text_of(rule);

	return rule_text_known(text) ? text_equal(language, "en") ? text->passed_en : text->passed_nl : "";
}

/*
 * Which word it was that looked like somebody: for who wrote it, and nowhere else. A finding holds the field only, because it is
 * on record.
 */
static void put_word(struct buffer *out, const struct words *w, const struct decide_input *in, const struct finding *f)
{
	const char *noodzaak = in->message->header.noodzaak;
	char word[IDENTITY_FOUND_MAX];

	if (f->code != CODE_IDENTIFICATIE_IN_METADATA || !text_equal(f->subject, "noodzaak"))
		return;
	if (!text_identity(noodzaak, in->now_unix_ms, word) && !text_name(in->rules, noodzaak, word))
		return;
	buffer_text(out, " ");
	put_sentence(out, w == &english ? "It is about: {}." : "Het gaat om: {}.", word);
}

static void put_failed(struct buffer *out, const struct words *w, const struct decide_input *in, const struct finding *f)
{
	const struct rule_text *text = text_of(f->rule);

	buffer_printf(out, "  - %s: ", code_name(f->code));
	put_sentence(out, w == &english ? text->failed_en : text->failed_nl, subject_word(f->rule, f->subject, w == &english));
	put_word(out, w, in, f);
	buffer_printf(out, "\n    (%s%s%s %s)\n", f->article, *f->article ? "; " : "", w->rule, f->rule);
}

static void put_passed(struct buffer *out, const struct words *w, const struct finding *f)
{
	const struct rule_text *text = text_of(f->rule);

	buffer_text(out, "  - ");
	put_sentence(out, w == &english ? text->passed_en : text->passed_nl, f->subject);
	if (*f->article)
		buffer_printf(out, " (%s)", f->article);
	buffer_text(out, "\n");
}

static void put_outcome(struct buffer *out, const struct words *w, enum code code)
{
	if (code == CODE_TOEGESTAAN) {
		buffer_printf(out, "%s\n", w->allowed);
		return;
	}
	buffer_printf(out, "%s: %s. %s\n", w->refused, code_name(code),
		      w == &english ? code_text_en(code) : code_text_nl(code));
	buffer_printf(out, "%s: %s\n", w->remedy,
		      w == &english ? code_remedy_en(code) : code_remedy_nl(code));
}

static void put_versions(struct buffer *out, const struct words *w, const struct decide_input *in)
{
	const struct rules *r = in->rules;
	char time[TIME_TEXT_SIZE];

	time_encode(in->now_unix_ms, time);
	buffer_printf(out, "\n%s %s", w->decided, time);
	if (r && r->kader)
		buffer_printf(out, "; kader %s %s %llu", r->kader->id, w->version,
			      (unsigned long long)r->kader->sequence);
	if (r && r->registry)
		buffer_printf(out, "; register %s %s %llu", r->registry->house, w->version,
			      (unsigned long long)r->registry->sequence);
	for (size_t i = 0; r && i < r->n_convenanten; i++)
		buffer_printf(out, "; convenant %s %s %llu", r->convenanten[i]->id, w->version,
			      (unsigned long long)r->convenanten[i]->sequence);
	buffer_text(out, ".\n");
}

static size_t count(const struct decision *d, bool passed)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->findings[i].passed == passed;
	return n;
}

int explain_print(const struct decide_input *in, const struct decision *d, const char *language,
		  struct buffer *out)
{
	const struct words *w = text_equal(language, "en") ? &english : &dutch;

	put_outcome(out, w, d->code);
	put_message(out, w, in);
	if (count(d, false))
		buffer_printf(out, "\n%s:\n", w->failed);
	for (size_t i = 0; i < d->n; i++)
		if (!d->findings[i].passed)
			put_failed(out, w, in, &d->findings[i]);
	if (d->n_more)
		buffer_printf(out, w == &english ? "  - and %zu more\n" : "  - en nog %zu\n", d->n_more);
	if (count(d, true))
		buffer_printf(out, "\n%s:\n", w->passed);
	for (size_t i = 0; i < d->n; i++)
		if (d->findings[i].passed)
			put_passed(out, w, &d->findings[i]);
	put_versions(out, w, in);
	return buffer_ok(out);
}
