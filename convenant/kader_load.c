/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tables; the sections with single settings stand in kader_settings.c.
 *
 * The loader reads the whole text and reports all it finds. What the code relies on, and a jurist must not be
 * able to change by accident, is checked here and not assumed: a WGS casus begins at AANGEMELD and any other
 * at VERZAMELEN (casus_apply), a closed casus lets through what renews it or mends what went out, and codes of three kinds (question,
 * motivation, data) stay apart.
 */
#include <string.h>

#include "base/text.h"
#include "convenant/inside.h"

/* ---- pieces ---- */

static int lid_find(const char *name)
{
	for (int lid = 0; lid < LID_N; lid++)
		if (text_equal(name, lid_name((enum lid)lid)))
			return lid;
	return -1;
}

static uint8_t load_lids(struct load *l, struct yaml_node map, const char *key)
{
	struct text_list names;
	uint8_t lids = 0;

	load_texts(l, map, key, &names);
	for (size_t i = 0; i < names.n; i++) {
		int lid = lid_find(names.v[i]);

		if (lid > LID_DERDE)
			lids |= LID_BIT(lid);
		else
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, map, key), i),
				   "%s: L1, L2, huis or verband is expected; a derde has no access (BGS 2.21(3))",
				   key);
	}
	return lids;
}

bool kader_confirm(struct load *l, struct yaml_node map)
{
	const char *rac = load_optional(l, map, "rac");

	if (*rac && !text_equal(rac, "bevestigen"))
		yaml_fault(l->y, yaml_at(l->y, map, "rac"),
			   "rac: bevestigen, or leave it out once the RAC has confirmed the row");
	return *rac != '\0';
}

void kader_codes(const struct kader *k, struct load *l, struct yaml_node map, const char *key,
		 struct code_set *out)
{
	struct text_list names;

	*out = (struct code_set){ 0 };
	load_texts(l, map, key, &names);
	for (size_t i = 0; i < names.n; i++) {
		int index = kader_category_index(k, names.v[i]);

		if (index < 0 || k->categories[index].only_in)
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, map, key), i),
				   "%s: the kader has no category %.60s for "
				   "data",
				   key, names.v[i]);
		else
			codes_unite(out, &k->categories[index].covers);
	}
}

/* ---- categories ---- */

struct category_heir {
	const char *article;
	bool secret, special, police;
	uint32_t only_in;
};

static void category_load(struct load *l, struct yaml_node row, const char *head,
			  const struct category_heir *heir, struct category *out)
{
	out->c.id = load_text(l, row, "categorie");
	out->c.name = load_text(l, row, "naam");
	out->c.article = heir->article;
	out->c.secret = heir->secret;
	out->c.special = heir->special;
	out->police = heir->police;
	out->only_in = heir->only_in;
	if (*head && (strncmp(out->c.id, head, strlen(head)) != 0 || out->c.id[strlen(head)] != '.'))
		yaml_fault(l->y, row, "categorie: a sub-code of %s begins with \"%s.\"", head, head);
	if (!id_valid(out->c.id) && *out->c.id)
		yaml_fault(l->y, row, "categorie: \"%.40s\" is not an id", out->c.id);
	if (!*head && strchr(out->c.id, '.'))
		yaml_fault(l->y, row, "categorie: a sub-code stands under sub of its head");
}

static size_t categories_count(struct load *l, struct yaml_node list, size_t n)
{
	size_t total = n;

	for (size_t i = 0; i < n; i++)
		total += yaml_count(l->y, yaml_list(l->y, yaml_item(l->y, list, i), "sub"));
	if (total > CODES_MAX)
		yaml_fault(l->y, list, "categorieen: more than %d codes", CODES_MAX);
	return total > CODES_MAX ? 0 : total;
}

static void head_load(struct load *l, struct yaml_node row, struct kader *k)
{
	static const char *const keys[] = { "categorie", "naam",      "artikel", "geheim", "bijzonder",
					    "politie",	 "alleen-in", "sub",	 NULL };
	static const char *const sub_keys[] = { "categorie", "naam", NULL };
	struct category_heir heir = {
		.article = load_text(l, row, "artikel"),
		.secret = yaml_bool(l->y, row, "geheim", false),
		.special = yaml_bool(l->y, row, "bijzonder", false),
		.police = yaml_bool(l->y, row, "politie", false),
		.only_in = load_kinds(l, row, "alleen-in", 0),
	};
	struct yaml_node sub = yaml_list(l->y, row, "sub");
	struct category *head = &k->categories[k->n_categories++];

	yaml_only(l->y, row, keys);
	category_load(l, row, "", &heir, head);
	for (size_t i = 0; i < yaml_count(l->y, sub); i++) {
		yaml_only(l->y, yaml_item(l->y, sub, i), sub_keys);
		category_load(l, yaml_item(l->y, sub, i), head->c.id, &heir,
			      &k->categories[k->n_categories++]);
	}
}

/* After sorting: which numbers a code covers. */
static void categories_number(struct kader *k)
{
	for (size_t i = 0; i < k->n_categories; i++) {
		struct category *c = &k->categories[i];
		size_t n = strlen(c->c.id);

		codes_add(&c->covers, i);
		for (size_t j = 0; j < k->n_categories; j++)
			if (strncmp(k->categories[j].c.id, c->c.id, n) == 0 &&
			    k->categories[j].c.id[n] == '.')
				codes_add(&c->covers, j);
		if (!c->only_in)
			codes_add(&k->data, i);
	}
}

static void categories_load(struct load *l, struct yaml_node root, struct kader *k)
{
	size_t n, total;
	struct yaml_node list = load_rows(l, root, "categorieen", &n);

	total = categories_count(l, list, n);
	k->categories = load_array(l, total, sizeof *k->categories);
	if (!k->categories) {
		yaml_fault(l->y, root, "categorieen: at least one row is needed");
		return;
	}
	for (size_t i = 0; i < n; i++)
		head_load(l, yaml_item(l->y, list, i), k);
	sort_by_id(l, list, "categorie", k->categories, k->n_categories, sizeof *k->categories);
	categories_number(k);
}

/* ---- the other tables ---- */

static enum lid load_lid(struct load *l, struct yaml_node row)
{
	const char *text = load_text(l, row, "lid");
	int lid = lid_find(text);

	if (lid < 0 && *text)
		yaml_fault(l->y, yaml_at(l->y, row, "lid"), "lid: L1, L2, huis, verband or derde is expected");
	return lid < 0 ? LID_DERDE : (enum lid)lid;
}

static void soorten_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = {
		"soort", "naam", "lid", "artikel", "geheimhouder", "levert", NULL
	};
	struct yaml_node list = load_rows(l, root, "soorten", &k->n_soorten);

	k->soorten = load_array(l, k->n_soorten, sizeof *k->soorten);
	if (!k->soorten)
		k->n_soorten = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_soorten; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);
		struct soort *s = &k->soorten[i];

		yaml_only(l->y, row, keys);
		s->k.id = load_id(l, row, "soort");
		s->k.name = load_text(l, row, "naam");
		s->k.article = load_text(l, row, "artikel");
		s->k.lid = load_lid(l, row);
		s->k.secrecy_bound = yaml_bool(l->y, row, "geheimhouder", false);
		load_texts(l, row, "levert", &s->k.categories);
		kader_codes(k, l, row, "levert", &s->supplies);
		if (s->k.lid == LID_DERDE && s->k.categories.n)
			yaml_fault(l->y, row,
				   "levert: a derde supplies nothing through the house (BGS 2.21(3))");
	}
	sort_by_id(l, list, "soort", k->soorten, k->n_soorten, sizeof *k->soorten);
}

static void grondslagen_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = { "grondslag", "naam", "regime", "berichten", "aan", "na-bekend", "rac", NULL };
	struct yaml_node list = load_rows(l, root, "grondslagen", &k->n_grondslagen);

	k->grondslagen = load_array(l, k->n_grondslagen, sizeof *k->grondslagen);
	if (!k->grondslagen)
		k->n_grondslagen = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_grondslagen; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		k->grondslagen[i] = (struct grondslag){
			.id = load_text(l, row, "grondslag"),
			.name = load_text(l, row, "naam"),
			.regime = load_regime(l, row),
			.kinds = load_kinds(l, row, "berichten", KINDS_ALL),
			.to = yaml_get(l->y, row, "aan").index ? load_lids(l, row, "aan") :
								 LID_BIT(LID_L1) | LID_BIT(LID_L2),
			.after_known = yaml_bool(l->y, row, "na-bekend", false),
			.to_confirm = kader_confirm(l, row),
		};
	}
	sort_by_id(l, list, "grondslag", k->grondslagen, k->n_grondslagen,
		   sizeof *k->grondslagen);
}

static void retention_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = { "wat", "maanden", "artikel", "rac", NULL };
	struct yaml_node list = load_rows(l, root, "bewaartermijnen", &k->n_retention);

	k->retention = load_array(l, k->n_retention, sizeof *k->retention);
	if (!k->retention)
		k->n_retention = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_retention; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		kader_confirm(l, row);
		if (!yaml_get(l->y, row, "maanden").index)
			yaml_fault(l->y, row, "maanden: is missing");
		k->retention[i] = (struct retention){
			.id = load_id(l, row, "wat"),
			.article = load_text(l, row, "artikel"),
			.months = yaml_uint(l->y, row, "maanden", 0, 0, 1200),
		};
	}
	sort_by_id(l, list, "wat", k->retention, k->n_retention, sizeof *k->retention);
	if (kader_retention_months(k, "politieverstrekking") > kader_retention_months(k, "logregel"))
		yaml_fault(l->y, list, "logregel: the log is where a politieverstrekking is written down; it can not go sooner than that");
}

static void doelen_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = { "doel", "naam", "regime", "artikel", "bewaartermijn", NULL };
	struct yaml_node list = load_rows(l, root, "doelen", &k->n_doelen);

	k->doelen = load_array(l, k->n_doelen, sizeof *k->doelen);
	if (!k->doelen)
		k->n_doelen = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < k->n_doelen; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		k->doelen[i] = (struct doel){
			.id = load_id(l, row, "doel"),
			.name = load_text(l, row, "naam"),
			.article = load_text(l, row, "artikel"),
			.retention = load_copy(l, yaml_text(l->y, row, "bewaartermijn", "casus")),
			.regime = load_regime(l, row),
		};
		if (kader_retention_months(k, k->doelen[i].retention) < 0)
			yaml_fault(l->y, row, "bewaartermijn: there is no row %.60s in bewaartermijnen",
				   k->doelen[i].retention);
	}
	sort_by_id(l, list, "doel", k->doelen, k->n_doelen, sizeof *k->doelen);
}

static void handelingen_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = { "handeling", "lid", "artikel", NULL };
	size_t n;
	struct yaml_node list = load_rows(l, root, "handelingen", &n);

	for (size_t i = 0; i < n; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);
		const char *name = load_text(l, row, "handeling");
		int kind = message_kind_find(name);

		yaml_only(l->y, row, keys);
		if (kind < 0 || message_signed_by_node((enum message_kind)kind)) {
			yaml_fault(l->y, row, "handeling: there is no message %.40s signed by a person",
				   name);
			continue;
		}
		if (k->handelingen[kind].article)
			yaml_fault(l->y, yaml_at(l->y, row, "handeling"), "handeling: %s stands here twice",
				   name);
		k->handelingen[kind].article = load_text(l, row, "artikel");
		k->handelingen[kind].lids = load_lids(l, row, "lid");
	}
}

/* ---- the phase matrix ---- */

/* Renewal with the consent it needs (BGS 1.16), and a correctie: who holds the data must hear of it (AVG 19). */
#define KINDS_OF_CLOSED                                                                                     \
	(KIND_BIT(MESSAGE_HERNIEUWING) | KIND_BIT(MESSAGE_INSTEMMINGSVERZOEK) | KIND_BIT(MESSAGE_INSTEMMING) | \
	 KIND_BIT(MESSAGE_CORRECTIE) | KIND_BIT(MESSAGE_BEVESTIGING))

static void phase_cells_load(struct load *l, struct yaml_node row, struct phase_row *out)
{
	struct yaml_node cells = yaml_map(l->y, row, "mag");

	for (size_t i = 0; i < yaml_count(l->y, cells); i++) {
		const char *name = yaml_key(l->y, cells, i);
		int kind = message_kind_find(name);

		if (kind < 0 || message_signed_by_node((enum message_kind)kind))
			yaml_fault(l->y, yaml_value(l->y, cells, i),
				   "mag: there is no message %.40s signed by a person", name);
		else
			out->lids[kind] = load_lids(l, cells, name);
	}
}

static void phase_next_load(struct load *l, struct yaml_node row, struct phase_row *out)
{
	struct text_list names;

	load_texts(l, row, "naar", &names);
	for (size_t i = 0; i < names.n; i++) {
		int phase = phase_find(names.v[i]);

		if (phase <= PHASE_IN_BEHANDELING || phase == PHASE_AFGESLOTEN)
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, row, "naar"), i),
				   "naar: VERZAMELEN, CASUSOVERLEG or UITVOERING is expected; the other "
				   "phases follow from "
				   "aanmelding, beoordeling and afsluiting");
		else
			out->next |= 1u << phase;
	}
}

static void phase_row_load(struct load *l, struct yaml_node row, struct phase_row rows[PHASE_N])
{
	static const char *const keys[] = { "fase", "artikel", "mag", "naar", NULL };
	const char *name = load_text(l, row, "fase");
	int phase = phase_find(name);

	yaml_only(l->y, row, keys);
	if (phase < 0) {
		yaml_fault(l->y, row, "fase: there is no phase %.40s", name);
		return;
	}
	if (rows[phase].article)
		yaml_fault(l->y, yaml_at(l->y, row, "fase"), "fase: %s stands here twice", name);
	rows[phase].article = load_text(l, row, "artikel");
	phase_cells_load(l, row, &rows[phase]);
	phase_next_load(l, row, &rows[phase]);
	for (size_t i = 0; phase == PHASE_AFGESLOTEN && i < MESSAGE_KIND_N; i++)
		if (rows[phase].lids[i] && !(KIND_BIT(i) & KINDS_OF_CLOSED))
			yaml_fault(l->y, row,
				   "mag: a closed casus is shielded, nothing is allowed in it but what renews it or "
				   "mends what went out (WGS 2.31(8))");
}

static void phases_load(struct load *l, struct yaml_node root, struct kader *k)
{
	static const char *const keys[] = { "regime", "begin", "rijen", NULL };
	static const enum phase begin[] = {
		[REGIME_WGS] = PHASE_AANGEMELD, [REGIME_OVERIG] = PHASE_VERZAMELEN
	};
	size_t n;
	struct yaml_node list = load_rows(l, root, "fasen", &n);

	for (size_t i = 0; i < n; i++) {
		struct yaml_node block = yaml_item(l->y, list, i);
		enum regime regime = load_regime(l, block);
		const char *name = load_text(l, block, "begin");
		size_t n_rows;
		struct yaml_node rows = load_rows(l, block, "rijen", &n_rows);

		yaml_only(l->y, block, keys);
		if (!regime)
			continue;
		if (k->begin[regime])
			yaml_fault(l->y, yaml_at(l->y, block, "regime"), "regime: %s stands here twice",
				   regime_name(regime));
		k->begin[regime] = begin[regime];
		if (!text_equal(name, phase_name(begin[regime])))
			yaml_fault(l->y, yaml_at(l->y, block, "begin"),
				   "begin: a casus under %s begins at %s", regime_name(regime),
				   phase_name(begin[regime]));
		for (size_t j = 0; j < n_rows; j++)
			phase_row_load(l, yaml_item(l->y, rows, j), k->phases[regime]);
	}
}

/* ---- the whole ---- */

void kader_read(struct load *l, struct kader *k)
{
	static const char *const keys[] = { "kader",	       "naam",		  "volgnummer",	 "vorige",	   "van",	"tot",
					    "rac",	       "soorten",	  "categorieen", "geheimhouding",  "politie",	"kring",
					    "grondslagen",     "doelen",	  "handelingen", "fasen",	   "criteria",	"aanmelding",
					    "medewerkers",     "inzage",	  "tijd",	 "bewaartermijnen", "voorwaarden", "meldingen",
					    "redenen",	       "instemming",	  "toestemming", "agenda",	   "hernieuwing", "correctie",
					    "terugkoppeling",  "spoed",		  "termijn",	 NULL };
	static const char *const tables[] = { "soorten", "grondslagen", "doelen", "handelingen", "fasen", "bewaartermijnen", "voorwaarden" };
	struct yaml_node root = yaml_root(l->y);

	yaml_only(l->y, root, keys);
	for (size_t i = 0; i < N_ELEMENTS(tables); i++)
		if (!yaml_get(l->y, root, tables[i]).index)
			yaml_fault(l->y, root, "%s: is missing", tables[i]);
	k->id = load_id(l, root, "kader");
	k->name = load_text(l, root, "naam");
	load_rac(l, root, &k->rac);
	k->sequence = load_uint(l, root, "volgnummer", 1, INT32_MAX);
	load_hash(l, root, "vorige", &k->previous);
	load_period(l, root, &k->from_unix_ms, &k->until_unix_ms);
	categories_load(l, root, k); /* first: the kinds refer to them */
	soorten_load(l, root, k);
	retention_load(l, root, k); /* before the doelen, that refer to them */
	grondslagen_load(l, root, k);
	doelen_load(l, root, k);
	handelingen_load(l, root, k);
	phases_load(l, root, k);
	kader_settings_read(l, root, k);
}
