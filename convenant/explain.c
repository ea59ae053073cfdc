/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From findings to sentences. First the outcome and what to do about it, then each rule that failed in full,
 * then what was in order. Nothing of the content and no identity can come out: a finding holds codes and
 * names of parties only.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/explain_text.h"
#include "convenant/rule.h"

struct words {
	const char *allowed, *refused, *remedy, *failed, *passed, *rule, *decided, *version;
};

static const struct words dutch = {
	"TOEGESTAAN: dit bericht mag.", "GEWEIGERD", "Wat te doen", "Niet voldaan", "Wel voldaan", "regel",
	"Beslist op", "versie",
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
};

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
	for (const char *c = *subject ? subject : "-"; *c; c++)
		buffer_u8(out, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : (uint8_t)*c);
	buffer_text(out, gap + 2);
}

static const struct rule_text *text_of(const char *id)
{
	const struct rule *rule = rules_find(id);

	return rule_text_find(rule ? rule->id : id);
}

void explain_failed(const char *rule, const char *subject, const char *language, struct buffer *out)
{
	const struct rule_text *text = text_of(rule);

	put_sentence(out, text_equal(language, "en") ? text->failed_en : text->failed_nl,
		     rule_text_known(text) ? subject : rule);
}

const char *explain_passed(const char *rule, const char *language)
{
	const struct rule_text *text = text_of(rule);

	return rule_text_known(text) ? text_equal(language, "en") ? text->passed_en : text->passed_nl : "";
}

static void put_failed(struct buffer *out, const struct words *w, const struct finding *f)
{
	const struct rule_text *text = text_of(f->rule);

	buffer_printf(out, "  - %s: ", code_name(f->code));
	put_sentence(out, w == &english ? text->failed_en : text->failed_nl, f->subject);
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
	if (count(d, false))
		buffer_printf(out, "\n%s:\n", w->failed);
	for (size_t i = 0; i < d->n; i++)
		if (!d->findings[i].passed)
			put_failed(out, w, &d->findings[i]);
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
