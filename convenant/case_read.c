/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A case is read through its layers: each key from the first layer that has it, the maps casus, vraag and
 * medewerker key by key. A key is looked for and then read from the map that holds it, so that a fault names
 * the line on which a person wrote it, also when many cases inherit it (a repeated fault is reported once).
 */
#include <string.h>

#include "base/text.h"
#include "convenant/cases_inside.h"

const char *const case_keys[] = {
	"bericht", "van", "aan", "namens", "regime", "overleg", "grondslag", "doel", "noodzaak",
	"over", "categorieen", "delen", "antwoord", "termijn", "tijd", "gemaakt", "geldig-tot",
	"casus", "vraag", "medewerker", "klasse", "ave", "leeftijd", "gemeenten", "criteria",
	"voldaan", "uitkomst", "betrekken", "loslaten", "naar", "reden", "toestemming", "inzagedoel",
	"naaste-van", "spoed", "soort", "bruikbaar", "vervolg", "actie", "waarvoor", "bestemming", "aan-wie", "verklaring",
	"bijeenkomst", "tot", "uitnodigen", "grond", "verleend", "bekend", "eerder", "transport",
	NULL,
};

/* ---- layers ---- */

/* The map that says this key; the case itself when none does, where "is missing" belongs. */
struct yaml_node case_layer(const struct load *l, const struct case_layers *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (yaml_get(l->y, s->v[i], key).index)
			return s->v[i];
	return s->v[0];
}

bool case_said(const struct load *l, const struct case_layers *s, const char *key)
{
	return yaml_get(l->y, case_layer(l, s, key), key).index != 0;
}

static bool is_none(const struct load *l, struct yaml_node n)
{
	return yaml_kind(l->y, n) == YAML_TEXT && text_equal(yaml_scalar(l->y, n), "geen");
}

/* The layers of a map within the layers. "geen" cuts off what lies below it. */
enum case_said case_map(struct load *l, const struct case_layers *s, const char *key,
				 const char *const *keys, struct case_layers *out)
{
	out->n = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct yaml_node n = yaml_get(l->y, s->v[i], key);

		if (!n.index)
			continue;
		if (is_none(l, n))
			return out->n ? CASE_SAID : CASE_NONE;
		yaml_only(l->y, n, keys);
		if (yaml_kind(l->y, n) == YAML_MAP)
			out->v[out->n++] = n;
	}
	return out->n ? CASE_SAID : CASE_DEFAULT;
}

const char *case_text(struct load *l, const struct case_layers *s, const char *key)
{
	return load_optional(l, case_layer(l, s, key), key);
}

const char *case_text_or_null(struct load *l, const struct case_layers *s, const char *key)
{
	return case_said(l, s, key) ? case_text(l, s, key) : NULL;
}

/* A text that a casus can hold. */
static const char *read_short(struct load *l, const struct case_layers *s, const char *key)
{
	const char *text = case_text_or_null(l, s, key);

	if (!text || strlen(text) < CASUS_TEXT)
		return text;
	yaml_fault(l->y, yaml_at(l->y, case_layer(l, s, key), key), "%s: at most %d bytes", key,
		   CASUS_TEXT - 1);
	return "";
}

uint64_t case_time(struct load *l, const struct case_layers *s, const char *key)
{
	struct yaml_node map = case_layer(l, s, key);

	if (is_none(l, yaml_get(l->y, map, key)))
		return 0;
	return yaml_date_ms(l->y, map, key, CASE_UNSAID);
}

static void bound(struct load *l, struct yaml_node map, const char *key, size_t most, struct text_list *list)
{
	if (list->n <= most)
		return;
	yaml_fault(l->y, yaml_at(l->y, map, key), "%s: more than %zu", key, most);
	list->n = 0;
}

bool case_texts(struct load *l, const struct case_layers *s, const char *key, struct text_list *out)
{
	struct yaml_node map = case_layer(l, s, key);

	load_texts(l, map, key, out);
	bound(l, map, key, MESSAGE_LIST_MAX, out);
	text_list_sort(out);
	return case_said(l, s, key);
}

bool case_ids(struct load *l, const struct case_layers *s, const char *key, struct text_list *out)
{
	struct yaml_node map = case_layer(l, s, key);

	load_ids(l, map, key, out);
	bound(l, map, key, MESSAGE_LIST_MAX, out);
	return case_said(l, s, key);
}

static int read_phase(struct load *l, const struct case_layers *s, const char *key, int otherwise)
{
	const char *name = case_text_or_null(l, s, key);
	int phase = name ? phase_find(name) : otherwise;

	if (phase >= 0)
		return phase;
	yaml_fault(l->y, yaml_at(l->y, case_layer(l, s, key), key), "%s: there is no phase %.40s", key,
		   name ? name : "");
	return otherwise;
}

/* ---- casus, vraag, medewerker ---- */

static void read_casus(struct load *l, const struct case_layers *s, struct case_casus *out)
{
	static const char *const keys[] = { "fase", "regime", "overleg", "kring", "toestemming", "klasse", "genodigd",
					    "genodigd-tot", "bekend-bij", "vervalt", "bronnen", "verlengd",
					    "toestemming-voor", "toestemming-met", NULL };
	static const char *const consents[] = { "geen",	       "gegeven",  "verlopen",
						"ingetrokken", "nog-niet", NULL };
	struct case_layers sub;
	const char *consent;

	*out = (struct case_casus){ .phase = PHASE_VERZAMELEN, .consent = "geen", .klasse = "", .invited_until = CASE_UNSAID,
				    .expires = CASE_UNSAID };
	out->said = case_map(l, s, "casus", keys, &sub);
	if (out->said != CASE_SAID)
		return;
	out->phase = (enum phase)read_phase(l, &sub, "fase", PHASE_VERZAMELEN);
	out->regime = case_text_or_null(l, &sub, "regime");
	out->overleg = read_short(l, &sub, "overleg");
	out->circle_said = case_ids(l, &sub, "kring", &out->circle);
	out->klasse = case_text(l, &sub, "klasse");
	case_ids(l, &sub, "genodigd", &out->invited);
	case_ids(l, &sub, "bekend-bij", &out->knowing);
	case_ids(l, &sub, "bronnen", &out->suppliers);
	case_ids(l, &sub, "verlengd", &out->agreed);
	case_texts(l, &sub, "toestemming-voor", &out->consent_categories);
	case_ids(l, &sub, "toestemming-met", &out->consent_partners);
	out->invited_until = case_time(l, &sub, "genodigd-tot");
	out->expires = case_time(l, &sub, "vervalt");
	if (out->regime && !regime_find(out->regime))
		yaml_fault(l->y, yaml_at(l->y, case_layer(l, &sub, "regime"), "regime"),
			   "regime: WGS or OVERIG is expected");
	consent = case_text_or_null(l, &sub, "toestemming");
	if (consent && !text_in(consent, consents))
		yaml_fault(l->y, yaml_at(l->y, case_layer(l, &sub, "toestemming"), "toestemming"),
			   "toestemming: geen, gegeven, verlopen, ingetrokken or nog-niet is expected");
	else if (consent)
		out->consent = consent;
}

static void read_request(struct load *l, const struct case_layers *s, struct case_request *out)
{
	static const char *const keys[] = { "van", "aan", "doel", "over", "categorieen", "termijn", NULL };
	struct case_layers sub;

	*out = (struct case_request){ .deadline = CASE_UNSAID };
	out->said = case_map(l, s, "vraag", keys, &sub);
	if (out->said != CASE_SAID)
		return;
	out->sender = case_text_or_null(l, &sub, "van");
	out->doel = case_text_or_null(l, &sub, "doel");
	out->person_role = case_text_or_null(l, &sub, "over");
	out->recipients_said = case_ids(l, &sub, "aan", &out->recipients);
	out->categories_said = case_texts(l, &sub, "categorieen", &out->categories);
	out->deadline = case_time(l, &sub, "termijn");
}

static void read_staff(struct load *l, const struct case_layers *s, struct case_staff *out)
{
	static const char *const keys[] = { "persoon",	     "mandaat",	  "organisatie", "klasse",
					    "hoedanigheden", "screening", "training",	 "van",
					    "tot",	     NULL };
	struct case_layers sub;

	*out = (struct case_staff){ .screening = CASE_UNSAID, .training = CASE_UNSAID, .from = CASE_UNSAID,
				    .until = CASE_UNSAID };
	out->said = case_map(l, s, "medewerker", keys, &sub);
	if (out->said != CASE_SAID)
		return;
	out->person = case_text_or_null(l, &sub, "persoon");
	out->mandate = case_text_or_null(l, &sub, "mandaat");
	out->organisation = case_text_or_null(l, &sub, "organisatie");
	out->klasse = case_text_or_null(l, &sub, "klasse");
	out->hoedanigheden_said = case_ids(l, &sub, "hoedanigheden", &out->hoedanigheden);
	out->screening = case_time(l, &sub, "screening");
	out->training = case_time(l, &sub, "training");
	out->from = case_time(l, &sub, "van");
	out->until = case_time(l, &sub, "tot");
}

/* ---- delen ---- */

static void read_part(struct load *l, struct yaml_node item, struct case_part *out)
{
	static const char *const keys[] = { "categorie", "basis", "wpg",	 "persoon",
					    "peildatum", "bron",  "voorwaarden", "verzegeld-voor",
					    NULL };
	struct case_layers one = { 1, { item } };

	*out = (struct case_part){ .category = "", .basis = "", .wpg = "", .person = "", .date = "",
				   .source = "" };
	if (yaml_kind(l->y, item) == YAML_TEXT) {
		out->category = load_copy(l, yaml_scalar(l->y, item));
		return;
	}
	yaml_only(l->y, item, keys);
	if (yaml_kind(l->y, item) != YAML_MAP)
		return;
	out->category = load_text(l, item, "categorie");
	out->basis = case_text(l, &one, "basis");
	out->wpg = case_text(l, &one, "wpg");
	out->person = case_text(l, &one, "persoon");
	out->date = case_text(l, &one, "peildatum");
	out->source = case_text(l, &one, "bron");
	case_texts(l, &one, "voorwaarden", &out->conditions);
	out->sealed_for_said = case_ids(l, &one, "verzegeld-voor", &out->sealed_for);
}

void case_parts(struct load *l, const struct case_layers *s, bool *said, size_t *n_out, struct case_part **out)
{
	struct yaml_node list = yaml_list(l->y, case_layer(l, s, "delen"), "delen");
	size_t n = yaml_count(l->y, list);

	*said = case_said(l, s, "delen");
	*n_out = 0;
	if (n > MESSAGE_PARTS_MAX) {
		yaml_fault(l->y, list, "delen: more than %d", MESSAGE_PARTS_MAX);
		return;
	}
	*out = load_array(l, n, sizeof **out);
	for (; *out && *n_out < n; (*n_out)++)
		read_part(l, yaml_item(l->y, list, *n_out), &(*out)[*n_out]);
}

/* ---- the message ---- */

static void read_kind(struct load *l, const struct case_layers *s, struct table_case *out)
{
	const char *name = case_text_or_null(l, s, "bericht");
	int kind = name ? message_kind_find(name) : (int)MESSAGE_VERZOEK;

	if (kind < 0)
		yaml_fault(l->y, yaml_at(l->y, case_layer(l, s, "bericht"), "bericht"),
			   "bericht: there is no message %.40s", name);
	out->kind = kind < 0 ? MESSAGE_VERZOEK : (enum message_kind)kind;
}

static void read_head(struct load *l, const struct case_layers *s, struct table_case *out)
{
	const char *overleg = read_short(l, s, "overleg");

	out->now = case_time(l, s, "tijd");
	out->created = case_time(l, s, "gemaakt");
	out->not_after = case_time(l, s, "geldig-tot");
	out->deadline = case_time(l, s, "termijn");
	out->sender = case_text(l, s, "van");
	case_ids(l, s, "aan", &out->recipients);
	out->on_behalf_of = case_text(l, s, "namens");
	out->regime = case_text_or_null(l, s, "regime");
	out->overleg = overleg ? overleg : "";
	out->grondslag = case_text(l, s, "grondslag");
	out->doel = case_text(l, s, "doel");
	out->noodzaak = case_text(l, s, "noodzaak");
	out->person_role = case_text(l, s, "over");
	out->answer_kind = case_text(l, s, "antwoord");
	out->categories_said = case_texts(l, s, "categorieen", &out->categories);
	case_parts(l, s, &out->parts_said, &out->n_parts, &out->parts);
}

static void read_criteria(struct load *l, const struct case_layers *s, const char *key, struct text_list *out)
{
	static const char *const letters[] = { "a", "b", "c", "d", NULL };
	struct yaml_node map = case_layer(l, s, key);

	case_texts(l, s, key, out);
	for (size_t i = 0; i < out->n; i++)
		if (!text_in(out->v[i], letters)) {
			yaml_fault(l->y, yaml_at(l->y, map, key),
				   "%s: a, b, c or d is expected, not %.40s", key, out->v[i]);
			out->n = 0;
		}
}

static void read_body(struct load *l, const struct case_layers *s, struct table_case *out)
{
	static const char *const keys[] = { "gegeven", "tot", "ingetrokken", "door", "voor", "met", NULL };
	struct case_layers sub;

	out->klasse = case_text(l, s, "klasse");
	out->ave = case_text(l, s, "ave");
	out->leeftijdsklasse = case_text(l, s, "leeftijd");
	case_texts(l, s, "gemeenten", &out->gemeenten);
	read_criteria(l, s, "criteria", &out->criteria);
	out->met_said = case_said(l, s, "voldaan");
	read_criteria(l, s, "voldaan", &out->met);
	out->outcome = case_text(l, s, "uitkomst");
	case_ids(l, s, "betrekken", &out->involve);
	case_ids(l, s, "loslaten", &out->release);
	out->phase = case_text_or_null(l, s, "naar");
	out->reason = case_text(l, s, "reden");
	out->purpose = case_text(l, s, "inzagedoel");
	out->consent_by = "betrokkene";
	if (case_map(l, s, "toestemming", keys, &sub) != CASE_SAID)
		return;
	out->consent_given = case_time(l, &sub, "gegeven");
	out->consent_until = case_time(l, &sub, "tot");
	if (case_said(l, &sub, "door"))
		out->consent_by = case_text(l, &sub, "door");
	case_texts(l, &sub, "voor", &out->consent_for);
	case_ids(l, &sub, "met", &out->consent_with);
	out->consent_withdrawn = yaml_bool(l->y, case_layer(l, &sub, "ingetrokken"), "ingetrokken", false);
}

void case_read(struct load *l, const struct case_layers *s, struct table_case *out)
{
	*out = (struct table_case){ .consent_given = CASE_UNSAID, .consent_until = CASE_UNSAID };
	read_kind(l, s, out);
	read_head(l, s, out);
	read_body(l, s, out);
	read_casus(l, s, &out->casus);
	read_request(l, s, &out->request);
	read_staff(l, s, &out->staff);
	later_read(l, s, out);
}
