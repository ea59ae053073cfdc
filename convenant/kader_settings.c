/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The sections of the kader that are no table of rights: words that a message may use, and terms. Each names
 * its article, because a refusal on it does.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/inside.h"

#define HOUR_MS UINT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define HOURS_MAX (24 * 366)

static struct yaml_node section(struct load *l, struct yaml_node root, const char *key, const char *const *keys)
{
	struct yaml_node map = yaml_map(l->y, root, key);

	if (!map.index && !yaml_get(l->y, root, key).index)
		yaml_fault(l->y, root, "%s: is missing", key);
	yaml_only(l->y, map, keys);
	return map;
}

static void must_texts(struct load *l, struct yaml_node map, const char *key, struct text_list *out)
{
	load_texts(l, map, key, out);
	if (!out->n && map.index)
		yaml_fault(l->y, map, "%s: at least one is needed", key);
}

/* A section with an article and one list. */
static const char *list_load(struct load *l, struct yaml_node root, const char *key, const char *list,
			     struct text_list *out)
{
	struct yaml_node map = section(l, root, key, (const char *const[]){ "artikel", list, NULL });

	must_texts(l, map, list, out);
	return load_text(l, map, "artikel");
}

/* ---- what an aanmelding says ---- */

static void klassen_load(struct load *l, struct yaml_node map, struct kader *k)
{
	static const char *const keys[] = { "klasse", "naam", "anoniem", "regime", NULL };
	struct yaml_node list = load_rows(l, map, "klassen", &k->n_klassen);

	k->klasse_rows = load_array(l, k->n_klassen, sizeof *k->klasse_rows);
	if (!k->klasse_rows)
		k->n_klassen = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_klassen; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		k->klasse_rows[i] = (struct kader_klasse){
			.id = load_id(l, row, "klasse"),
			.name = load_text(l, row, "naam"),
			.anonymous = yaml_bool(l->y, row, "anoniem", false),
			.regime = yaml_get(l->y, row, "regime").index ? load_regime(l, row) : REGIME_NONE,
		};
	}
	sort_by_id(l, list, "klasse", k->klasse_rows, k->n_klassen, sizeof *k->klasse_rows);
}

static void ave_load(struct load *l, struct yaml_node map, struct kader *k)
{
	static const char *const keys[] = { "niveau",	    "naam",	    "regie", "overlegpartners",
					    "operationeel", "bestuurlijk", NULL };
	struct yaml_node list = load_rows(l, map, "ave", &k->n_ave);

	k->ave_rows = load_array(l, k->n_ave, sizeof *k->ave_rows);
	if (!k->ave_rows)
		k->n_ave = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_ave; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		k->ave_rows[i] = (struct kader_ave){
			.id = load_id(l, row, "niveau"),
			.name = load_text(l, row, "naam"),
			.regie = load_text(l, row, "regie"),
			.partners = load_text(l, row, "overlegpartners"),
			.operational = load_text(l, row, "operationeel"),
			.administrative = load_text(l, row, "bestuurlijk"),
		};
	}
	sort_by_id(l, list, "niveau", k->ave_rows, k->n_ave, sizeof *k->ave_rows);
}

/* The ids of rows, for who asks only whether a word is known. */
static void ids_of(struct load *l, const void *rows, size_t n, size_t size, struct text_list *out)
{
	const char **v = load_array(l, n, sizeof *v);

	*out = (struct text_list){ v ? n : 0, v };
	for (size_t i = 0; i < out->n; i++)
		v[i] = *(const char *const *)(const void *)((const char *)rows + i * size);
}

static void aanmelding_load(struct load *l, struct yaml_node root, struct kader *k)
{
	struct yaml_node map = section(l, root, "criteria", (const char *const[]){ "artikel", "a", "b", "c", "d", NULL });

	k->criteria_article = load_text(l, map, "artikel");
	for (const char *letter = "abcd"; *letter; letter++)
		load_text(l, map, (const char[]){ *letter, '\0' });
	map = section(l, root, "aanmelding", (const char *const[]){ "klassen", "ave", "leeftijdsklassen", NULL });
	klassen_load(l, map, k);
	ave_load(l, map, k);
	if (map.index && (!k->n_klassen || !k->n_ave))
		yaml_fault(l->y, map, "klassen, ave: at least one row of each is needed");
	ids_of(l, k->klasse_rows, k->n_klassen, sizeof *k->klasse_rows, &k->klassen);
	ids_of(l, k->ave_rows, k->n_ave, sizeof *k->ave_rows, &k->ave);
	must_texts(l, map, "leeftijdsklassen", &k->age_classes);
}

/* ---- what goes with a part ---- */

static void targets_check(struct load *l, struct yaml_node row, const struct text_list *targets)
{
	static const char *const known[] = { "deelnemer", "huis", "verband", "derde", NULL };

	for (size_t i = 0; i < targets->n; i++)
		if (!text_in(targets->v[i], known))
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, row, "verbiedt"), i),
				   "verbiedt: deelnemer, huis, verband or derde is expected");
}

static void soorten_check(struct load *l, struct yaml_node row, const struct kader *k, const struct text_list *soorten)
{
	for (size_t i = 0; i < soorten->n; i++)
		if (!kader_kind(k, soorten->v[i]))
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, row, "alleen"), i),
				   "alleen: there is no soort %.60s", soorten->v[i]);
}

static void voorwaarden_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = { "voorwaarde", "naam", "artikel", "verbiedt", "alleen", NULL };
	struct yaml_node list = load_rows(l, root, "voorwaarden", &k->n_voorwaarden);

	k->voorwaarden = load_array(l, k->n_voorwaarden, sizeof *k->voorwaarden);
	if (!k->voorwaarden)
		k->n_voorwaarden = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_voorwaarden; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);
		struct voorwaarde *v = &k->voorwaarden[i];

		yaml_only(l->y, row, keys);
		v->id = load_id(l, row, "voorwaarde");
		v->name = load_text(l, row, "naam");
		v->article = load_text(l, row, "artikel");
		load_texts(l, row, "verbiedt", &v->forbids);
		load_texts(l, row, "alleen", &v->only);
		targets_check(l, row, &v->forbids);
		soorten_check(l, row, k, &v->only);
		if (!v->forbids.n == !v->only.n)
			yaml_fault(l->y, row, "verbiedt, alleen: one of the two is needed");
	}
	sort_by_id(l, list, "voorwaarde", k->voorwaarden, k->n_voorwaarden, sizeof *k->voorwaarden);
}

static void content_load(struct load *l, struct yaml_node root, struct kader *k)
{
	struct yaml_node map = section(l, root, "politie", (const char *const[]){ "artikel", "wpg", "personen", NULL });

	k->police_article = load_text(l, map, "artikel");
	must_texts(l, map, "wpg", &k->wpg_articles);
	must_texts(l, map, "personen", &k->person_categories);
	k->secrecy_article = list_load(l, root, "geheimhouding", "gronden", &k->secrecy_bases);
	k->kring_article = list_load(l, root, "kring", "rollen", &k->person_roles);
	k->notice_article = list_load(l, root, "meldingen", "soorten", &k->notices);
	k->source_article = list_load(l, root, "instemming", "doelen", &k->consent_purposes);
	k->consent_article = list_load(l, root, "toestemming", "door", &k->consent_givers);
}

/* Codes and no free text: a reason in words would say something of the casus in the open. */
static void reasons_load(struct load *l, struct yaml_node root, struct kader *k)
{
	struct yaml_node map = yaml_map(l->y, root, "redenen");

	if (!yaml_get(l->y, root, "redenen").index)
		yaml_fault(l->y, root, "redenen: is missing");
	for (size_t i = 0; i < yaml_count(l->y, map); i++) {
		const char *name = yaml_key(l->y, map, i);
		int kind = message_kind_find(name);

		if (kind < 0)
			yaml_fault(l->y, yaml_value(l->y, map, i), "redenen: there is no message %.40s", name);
		else
			load_ids(l, map, name, &k->reasons[kind]);
	}
}

/* ---- people and terms ---- */

static void staff_load(struct load *l, struct yaml_node root, struct kader *k)
{
	struct yaml_node map = section(l, root, "medewerkers",
				       (const char *const[]){ "artikel", "rac", "screening-maanden", "training-maanden",
							      "uitwisseling", "inzage", NULL });

	kader_confirm(l, map);
	k->staff_article = load_text(l, map, "artikel");
	k->screening_months = load_uint(l, map, "screening-maanden", 1, 600);
	k->training_months = load_uint(l, map, "training-maanden", 1, 600);
	must_texts(l, map, "uitwisseling", &k->exchange_classes);
	must_texts(l, map, "inzage", &k->reading_classes);
	k->purpose_article = list_load(l, root, "inzage", "doelen", &k->purposes);
	map = section(l, root, "tijd", (const char *const[]){ "artikel", "klok-seconden", "geldig-uren", NULL });
	k->time_article = load_text(l, map, "artikel");
	k->skew_ms = load_uint(l, map, "klok-seconden", 1, 3600) * 1000;
	k->lifetime_ms = load_uint(l, map, "geldig-uren", 1, HOURS_MAX) * HOUR_MS;
}

struct term { /* one number of a section */
	const char *key;
	uint64_t unit, least, most;
	uint64_t *out;
};

static const char *terms_load(struct load *l, struct yaml_node root, const char *key, const struct term *terms, size_t n)
{
	const char *keys[5] = { "artikel", "rac" };
	struct yaml_node map;

	ASSERT(n + 3 <= N_ELEMENTS(keys));
	for (size_t i = 0; i < n; i++)
		keys[2 + i] = terms[i].key;
	map = section(l, root, key, keys);
	kader_confirm(l, map);
	for (size_t i = 0; i < n; i++)
		*terms[i].out = load_uint(l, map, terms[i].key, terms[i].least, terms[i].most) * terms[i].unit;
	return load_text(l, map, "artikel");
}

static void all_terms_load(struct load *l, struct yaml_node root, struct kader *k)
{
	struct kader_terms *t = &k->terms;

#define TERMS(key, ...)                                                                                     \
	terms_load(l, root, key, (const struct term[]){ __VA_ARGS__ },                                      \
		   sizeof((const struct term[]){ __VA_ARGS__ }) / sizeof(struct term))
	k->agenda_article = TERMS("agenda", { "dagen", DAY_MS, 1, 366, &t->invitation_ms });
	k->renewal_article = TERMS("hernieuwing", { "maanden", 1, 1, 600, &t->renewal_months },
				   { "vanaf-maanden", 1, 1, 600, &t->renewal_from_months });
	k->correction_article = TERMS("correctie", { "bevestigen-dagen", DAY_MS, 1, 366, &t->confirm_ms });
	k->feedback_article = TERMS("terugkoppeling", { "maanden", 1, 1, 600, &t->feedback_months });
	k->urgent_article = TERMS("spoed", { "minimaal-uren", HOUR_MS, 0, HOURS_MAX, &t->ask_urgent_ms });
	k->deadline_article = TERMS("termijn", { "minimaal-uren", HOUR_MS, 1, HOURS_MAX, &t->ask_ms },
				    { "herinnering-uren", HOUR_MS, 1, HOURS_MAX, &t->remind_ms });
#undef TERMS
	if (t->ask_urgent_ms > t->ask_ms)
		yaml_fault(l->y, yaml_at(l->y, root, "spoed"), "spoed: minimaal-uren is more than that of termijn");
}

void kader_settings_read(struct load *l, struct yaml_node root, struct kader *k)
{
	content_load(l, root, k);
	aanmelding_load(l, root, k);
	voorwaarden_load(l, root, k);
	reasons_load(l, root, k);
	staff_load(l, root, k);
	all_terms_load(l, root, k);
}
