/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An overleg: who sits at it, when it meets, and how it asks. When it meets is said twice: in words, for who
 * reads it, and as a rule from which the next day follows, for deadlines. What the words say of more places
 * than one the rule says of one: it is the day by which an answer must be there.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/calendar.h"
#include "convenant/register_inside.h"

#define DAY_MS UINT64_C(86400000)
#define EVERY_MAX 26
#define TEMPLATES_MAX 64
#define STEPS_MAX 480 /* months looked ahead: each month barred but one, and every so many, is found before */

static const char *const per_names[] = { "", "week", "maand", "kwartaal", "halfjaar", "casus", NULL };
static const char *const day_names[] = { "",	      "maandag", "dinsdag",  "woensdag", "donderdag",
					 "vrijdag", "zaterdag", "zondag", NULL };
static const char *const month_names[] = { "",	   "januari", "februari",  "maart",   "april",	  "mei",      "juni",
					   "juli", "augustus", "september", "oktober", "november", "december", NULL };
static const char *const nth_names[] = { "", "1", "2", "3", "4", "laatste", NULL };

const char *reg_per_name(enum reg_per per)
{
	return per <= PER_CASUS ? per_names[per] : "";
}

const char *reg_day_name(unsigned day)
{
	return day <= 7 ? day_names[day] : "";
}

const char *reg_month_name(unsigned month)
{
	return month <= 12 ? month_names[month] : "";
}

/* ---- when ---- */

/* The place of a word in a list whose first is "": 0 and a fault when it is none of them. */
static unsigned word_load(struct load *l, struct yaml_node map, const char *key, const char *const *words)
{
	const char *text = yaml_text(l->y, map, key, "");

	for (unsigned i = 0; words[i]; i++)
		if (text_equal(text, words[i]))
			return i;
	yaml_fault(l->y, yaml_at(l->y, map, key), "%s: \"%.40s\" is none of %s to %s", key, text, words[1],
		   words == per_names ? "casus" : words == day_names ? "zondag" : words == nth_names ? "4, laatste" : "december");
	return 0;
}

static void months_load(struct load *l, struct yaml_node map, struct reg_frequency *f)
{
	struct text_list names;

	load_texts(l, map, "niet-in", &names);
	for (size_t i = 0; i < names.n; i++) {
		unsigned month = 1;

		while (month <= 12 && !text_equal(names.v[i], month_names[month]))
			month++;
		if (month > 12)
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, map, "niet-in"), i),
				   "niet-in: \"%.40s\" is no month", names.v[i]);
		else
			f->not_in |= 1u << month;
	}
	if (f->not_in == 0x1ffe)
		yaml_fault(l->y, yaml_at(l->y, map, "niet-in"), "niet-in: no month is left");
}

/* A rule that could be read in two ways is a fault. One that says no day gives no day. */
static void frequency_check(struct load *l, struct yaml_node map, const struct reg_frequency *f)
{
	bool monthly = f->per == PER_MAAND || f->per == PER_KWARTAAL || f->per == PER_HALFJAAR;

	if (!f->per)
		yaml_fault(l->y, map, "per: week, maand, kwartaal, halfjaar or casus is needed");
	if (f->per == PER_CASUS && (f->day || f->nth || f->every > 1 || f->from_unix_ms || f->not_in))
		yaml_fault(l->y, map, "per: casus has no days");
	if (f->per == PER_WEEK && f->nth)
		yaml_fault(l->y, yaml_at(l->y, map, "hoeveelste"), "hoeveelste: is said of a month");
	if (monthly && !f->day != !f->nth)
		yaml_fault(l->y, map, "dag, hoeveelste: both, or neither");
	if (f->day && !f->from_unix_ms && (f->every > 1 || f->per == PER_KWARTAAL || f->per == PER_HALFJAAR))
		yaml_fault(l->y, map, "van: a day to count from is needed");
	if (f->per == PER_WEEK && f->day && f->from_unix_ms && date_weekday(f->from_unix_ms) != f->day)
		yaml_fault(l->y, yaml_at(l->y, map, "van"), "van: is no %s", day_names[f->day]);
}

static void frequency_load(struct load *l, struct yaml_node row, struct reg_frequency *f)
{
	static const char *const keys[] = { "tekst", "per", "elke", "dag", "hoeveelste", "van", "niet-in", NULL };
	struct yaml_node map = yaml_map(l->y, row, "frequentie");

	*f = (struct reg_frequency){ .text = "" };
	if (!map.index)
		return;
	yaml_only(l->y, map, keys);
	f->text = load_optional(l, map, "tekst");
	f->per = (enum reg_per)word_load(l, map, "per", per_names);
	f->every = yaml_uint(l->y, map, "elke", 1, 1, EVERY_MAX);
	f->day = word_load(l, map, "dag", day_names);
	f->nth = word_load(l, map, "hoeveelste", nth_names);
	f->from_unix_ms = yaml_date_ms(l->y, map, "van", 0);
	f->from_unix_ms -= f->from_unix_ms % DAY_MS;
	months_load(l, map, f);
	frequency_check(l, map, f);
}

/* The n-th such weekday of a month; the last when n is REG_NTH_LAST. */
static uint64_t day_in_month(struct date month, unsigned weekday, unsigned nth)
{
	unsigned first = date_weekday(date_ms((struct date){ month.year, month.month, 1 }));
	unsigned day = 1 + (weekday + 7 - first) % 7 + 7 * (nth - 1);

	while (day > date_month_days(month.year, month.month))
		day -= 7;
	return date_ms((struct date){ month.year, month.month, day });
}

static bool barred(const struct reg_frequency *f, uint64_t day_ms)
{
	return f->not_in >> date_of(day_ms).month & 1;
}

static uint64_t next_week(const struct reg_frequency *f, uint64_t from_day_ms)
{
	uint64_t step = 7 * DAY_MS * f->every, day = f->from_unix_ms;

	if (!day)
		day = from_day_ms + (f->day + 7 - date_weekday(from_day_ms)) % 7 * DAY_MS;
	if (day < from_day_ms)
		day += (from_day_ms - day + step - 1) / step * step;
	for (int i = 0; i < STEPS_MAX; i++, day += step)
		if (!barred(f, day))
			return day;
	return 0;
}

static uint64_t next_month(const struct reg_frequency *f, uint64_t from_day_ms)
{
	static const unsigned months[] = { [PER_MAAND] = 1, [PER_KWARTAAL] = 3, [PER_HALFJAAR] = 6 };
	uint64_t step = months[f->per] * f->every;
	struct date from = date_of(from_day_ms), month = f->from_unix_ms ? date_of(f->from_unix_ms) : from;
	uint64_t ahead = (uint64_t)from.year * 12 + from.month, anchor = (uint64_t)month.year * 12 + month.month;

	if (ahead > anchor)
		month = date_month_later(month, (ahead - anchor) / step * step);
	for (int i = 0; i < STEPS_MAX; i++, month = date_month_later(month, step)) {
		uint64_t day = day_in_month(month, f->day, f->nth);

		if (day >= from_day_ms && day >= f->from_unix_ms && !barred(f, day))
			return day;
	}
	return 0;
}

uint64_t reg_overleg_next(const struct reg_overleg *o, uint64_t from_unix_ms)
{
	const struct reg_frequency *f = &o->frequency;
	uint64_t from_day_ms = from_unix_ms / DAY_MS * DAY_MS + (from_unix_ms % DAY_MS ? DAY_MS : 0);

	if (!f->day || f->per == PER_NONE || f->per == PER_CASUS)
		return 0;
	return f->per == PER_WEEK ? next_week(f, from_day_ms) : next_month(f, from_day_ms);
}

/* ---- how it asks ---- */

static void template_load(struct load *l, struct yaml_node row, struct reg_template *t)
{
	static const char *const keys[] = { "sjabloon", "naam",		"categorieen", "noodzaak",
					    "vraag",	"termijn-dagen", "termijn",	NULL };
	const char *term = load_optional(l, row, "termijn");

	yaml_only(l->y, row, keys);
	t->id = load_id(l, row, "sjabloon");
	t->name = load_text(l, row, "naam");
	t->noodzaak = load_text(l, row, "noodzaak");
	t->question = load_text(l, row, "vraag");
	t->deadline_days = yaml_uint(l->y, row, "termijn-dagen", 0, 1, 366);
	load_ids(l, row, "categorieen", &t->categories);
	if (!t->categories.n)
		yaml_fault(l->y, row, "categorieen: at least one is needed");
	if (strlen(t->noodzaak) > MESSAGE_TEXT_MAX)
		yaml_fault(l->y, yaml_at(l->y, row, "noodzaak"), "noodzaak: more than %d bytes", MESSAGE_TEXT_MAX);
	if (*term && !text_equal(term, "overleg"))
		yaml_fault(l->y, yaml_at(l->y, row, "termijn"), "termijn: overleg, or say termijn-dagen");
	if (!*term == !t->deadline_days)
		yaml_fault(l->y, row, "termijn-dagen, termijn: one of the two is needed");
}

static void templates_load(struct load *l, struct yaml_node row, struct reg_overleg *o)
{
	struct yaml_node list = load_rows(l, row, "sjablonen", &o->n_templates);
	struct reg_template *rows;

	if (o->n_templates > TEMPLATES_MAX) {
		yaml_fault(l->y, list, "sjablonen: more than %d", TEMPLATES_MAX);
		o->n_templates = 0;
	}
	rows = load_array(l, o->n_templates, sizeof *rows);
	if (!rows)
		o->n_templates = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < o->n_templates; i++)
		template_load(l, yaml_item(l->y, list, i), &rows[i]);
	sort_by_id(l, list, "sjabloon", rows, o->n_templates, sizeof *rows);
	o->templates = rows;
	for (size_t i = 0; i < o->n_templates; i++)
		if (!rows[i].deadline_days && !o->frequency.day)
			yaml_fault(l->y, list, "termijn: overleg, but the frequentie says no day");
}

void register_templates_check(struct load *l, struct yaml_node list, const struct registry *r)
{
	for (size_t i = 0; i < r->n_overleggen; i++)
		for (size_t k = 0; k < r->overleggen[i].n_templates; k++) {
			const struct reg_overleg *first = NULL;

			if (registry_template(r, r->overleggen[i].templates[k].id, &first) && first != &r->overleggen[i])
				yaml_fault(l->y, list, "sjabloon: %s stands in %s and in %s", r->overleggen[i].templates[k].id,
					   first->id, r->overleggen[i].id);
		}
}

const struct reg_template *registry_template(const struct registry *r, const char *id, const struct reg_overleg **overleg)
{
	for (size_t i = 0; i < r->n_overleggen; i++) {
		const struct reg_overleg *o = &r->overleggen[i];
		const struct reg_template *t = find_by_id(o->templates, o->n_templates, sizeof *o->templates, id);

		if (!t)
			continue;
		*overleg = o;
		return t;
	}
	return NULL;
}

/* ---- the whole ---- */

void register_check_list(struct load *l, struct yaml_node row, const char *key, const struct registry *r,
			 const char *organisation)
{
	struct yaml_node list = yaml_get(l->y, row, key);

	for (size_t i = 0; yaml_kind(l->y, list) == YAML_LIST && i < yaml_count(l->y, list); i++) {
		const char *id = yaml_scalar(l->y, yaml_item(l->y, list, i));
		const struct reg_hoedanigheid *h = registry_hoedanigheid(r, id);

		if (!h)
			yaml_fault(l->y, yaml_item(l->y, list, i), "%s: there is no hoedanigheid %.60s", key,
				   id);
		else if (organisation && !text_equal(h->organisation, organisation))
			yaml_fault(l->y, yaml_item(l->y, list, i), "%s: %s is of %s, not of %s", key, id,
				   h->organisation, organisation);
	}
}

void register_overleg_load(struct load *l, struct yaml_node row, const struct registry *r, struct reg_overleg *o)
{
	static const char *const keys[] = { "overleg",	      "naam",  "regime", "voorzitter", "frequentie",
					    "uitzonderingen", "vaste", "agenda", "derden",     "sjablonen", NULL };

	yaml_only(l->y, row, keys);
	o->id = load_id(l, row, "overleg");
	o->name = load_text(l, row, "naam");
	o->voorzitter = load_optional(l, row, "voorzitter");
	o->regime = load_regime(l, row);
	frequency_load(l, row, &o->frequency);
	templates_load(l, row, o);
	load_texts(l, row, "uitzonderingen", &o->exceptions);
	load_ids(l, row, "vaste", &o->vaste);
	load_ids(l, row, "agenda", &o->agenda);
	load_ids(l, row, "derden", &o->derden);
	register_check_list(l, row, "vaste", r, NULL);
	register_check_list(l, row, "agenda", r, NULL);
	register_check_list(l, row, "derden", r, NULL);
	if (*o->voorzitter && !registry_hoedanigheid(r, o->voorzitter))
		yaml_fault(l->y, yaml_at(l->y, row, "voorzitter"),
			   "voorzitter: there is no hoedanigheid %.60s", o->voorzitter);
	for (size_t i = 0; i < o->agenda.n; i++)
		if (texts_find(&o->vaste, o->agenda.v[i]) >= 0)
			yaml_fault(l->y, yaml_at(l->y, row, "agenda"), "agenda: %s is a vaste deelnemer too",
				   o->agenda.v[i]);
}
