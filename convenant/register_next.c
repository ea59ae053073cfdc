/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The printed form is the form that is signed: one order, one spelling, every text in quotes. Two stewards
 * who make the next version from the same register and the same admission make the same bytes, and that is
 * what their two signatures mean.
 *
 * An admission adds; it takes nothing away. The one thing it may replace is the key of an organisation whose
 * own node joins again (its keys were lost): another node of that organisation can't silently become its
 * voice.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/load.h"
#include "convenant/register.h"

/* ---- printing ---- */

static void put_text(struct buffer *out, const char *indent, const char *key, const char *text)
{
	buffer_printf(out, "%s%s: ", indent, key);
	yaml_quote(out, text);
	buffer_text(out, "\n");
}

static void put_hex(struct buffer *out, const char *indent, const char *key, const uint8_t bytes[32])
{
	char hex[65];

	hex_encode(span_of(bytes, 32), hex);
	put_text(out, indent, key, hex);
}

static void put_time(struct buffer *out, const char *key, uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_encode(unix_ms, text);
	put_text(out, "", key, text);
}

static void put_list(struct buffer *out, const char *key, const struct text_list *list)
{
	if (!list->n)
		return;
	buffer_printf(out, "    %s: ", key);
	yaml_quote_list(out, list);
	buffer_text(out, "\n");
}

static void put_rac(const struct rac *rac, struct buffer *out)
{
	buffer_text(out, *rac->afwijking ? "rac: {afwijking: " : "rac: {advies: ");
	yaml_quote(out, *rac->afwijking ? rac->afwijking : rac->advies);
	buffer_text(out, *rac->afwijking ? ", gemeld: " : ", datum: ");
	yaml_quote_date(out, rac->date_unix_ms);
	buffer_text(out, "}\n");
}

static void print_head(const struct registry *r, struct buffer *out)
{
	char vkey[NOTE_VKEY_SIZE];

	put_text(out, "", "register", r->house);
	put_text(out, "", "naam", r->name);
	put_rac(&r->rac, out);
	buffer_printf(out, "volgnummer: %" PRIu64 "\n", r->sequence);
	put_hex(out, "", "vorige", r->previous.bytes);
	put_time(out, "van", r->from_unix_ms);
	put_time(out, "tot", r->until_unix_ms);
	note_key_print(&r->log_key, vkey);
	put_text(out, "", "log", vkey);
	put_hex(out, "", "transport", r->transport_key);
	buffer_printf(out, "quorum: %" PRIu64 "\nstewards:\n", r->steward_quorum);
	for (size_t i = 0; i < r->n_stewards; i++) {
		note_key_print(&r->stewards[i], vkey);
		buffer_text(out, "  - ");
		yaml_quote(out, vkey);
		buffer_text(out, "\n");
	}
}

static void print_hoedanigheid(const struct reg_hoedanigheid *h, struct buffer *out)
{
	put_text(out, "  - ", "hoedanigheid", h->id);
	put_text(out, "    ", "naam", h->name);
	put_text(out, "    ", "organisatie", h->organisation);
	put_text(out, "    ", "soort", h->kind);
	if (*h->gebied)
		put_text(out, "    ", "gebied", h->gebied);
	for (size_t i = 0; i < h->n_keys; i++) {
		char hex[2 * BOX_PUBLIC_BYTES + 1];

		hex_encode(span_of(h->keys[i].public_key, BOX_PUBLIC_BYTES), hex);
		buffer_printf(out, "%s\"%s\"%s", i ? ", " : "    sleutels: [", hex,
			      i + 1 == h->n_keys ? "]\n" : "");
	}
	if (h->successors.n) {
		buffer_text(out, "    opgevolgd: {door: ");
		yaml_quote_list(out, &h->successors);
		buffer_text(out, ", per: ");
		yaml_quote_date(out, h->succeeded_unix_ms);
		buffer_text(out, "}\n");
	}
}

static void print_frequency(const struct reg_frequency *f, struct buffer *out)
{
	const char *comma = "";

	if (!f->per)
		return;
	buffer_text(out, "    frequentie: {");
	if (*f->text) {
		buffer_text(out, "tekst: ");
		yaml_quote(out, f->text);
		comma = ", ";
	}
	buffer_printf(out, "%sper: %s", comma, reg_per_name(f->per));
	if (f->every > 1)
		buffer_printf(out, ", elke: %" PRIu64, f->every);
	if (f->day)
		buffer_printf(out, ", dag: %s", reg_day_name(f->day));
	if (f->nth == REG_NTH_LAST)
		buffer_text(out, ", hoeveelste: laatste");
	else if (f->nth)
		buffer_printf(out, ", hoeveelste: %u", f->nth);
	if (f->from_unix_ms) {
		buffer_text(out, ", van: ");
		yaml_quote_date(out, f->from_unix_ms);
	}
	comma = ", niet-in: [";
	for (unsigned month = 1; month <= 12; month++)
		if (f->not_in >> month & 1) {
			buffer_printf(out, "%s%s", comma, reg_month_name(month));
			comma = ", ";
		}
	buffer_text(out, f->not_in ? "]}\n" : "}\n");
}

static void print_template(const struct reg_template *t, struct buffer *out)
{
	put_text(out, "      - ", "sjabloon", t->id);
	put_text(out, "        ", "naam", t->name);
	buffer_text(out, "    ");
	put_list(out, "categorieen", &t->categories);
	put_text(out, "        ", "noodzaak", t->noodzaak);
	put_text(out, "        ", "vraag", t->question);
	if (t->deadline_days)
		buffer_printf(out, "        termijn-dagen: %" PRIu64 "\n", t->deadline_days);
	else
		buffer_text(out, "        termijn: overleg\n");
}

static void print_overleg(const struct reg_overleg *o, struct buffer *out)
{
	put_text(out, "  - ", "overleg", o->id);
	put_text(out, "    ", "naam", o->name);
	put_text(out, "    ", "regime", regime_name(o->regime));
	if (*o->voorzitter)
		put_text(out, "    ", "voorzitter", o->voorzitter);
	print_frequency(&o->frequency, out);
	put_list(out, "uitzonderingen", &o->exceptions);
	put_list(out, "vaste", &o->vaste);
	put_list(out, "agenda", &o->agenda);
	put_list(out, "derden", &o->derden);
	buffer_text(out, o->n_templates ? "    sjablonen:\n" : "");
	for (size_t i = 0; i < o->n_templates; i++)
		print_template(&o->templates[i], out);
}

int register_print(const struct registry *r, struct buffer *text)
{
	char vkey[NOTE_VKEY_SIZE];

	print_head(r, text);
	buffer_text(text, "organisaties:\n");
	for (size_t i = 0; i < r->n_organisations; i++) {
		const struct reg_organisation *o = &r->organisations[i];

		put_text(text, "  - ", "organisatie", o->id);
		put_text(text, "    ", "naam", o->name);
		put_text(text, "    ", "oin", o->oin);
		if (!o->has_key)
			continue;
		note_key_print(&o->key, vkey);
		put_text(text, "    ", "sleutel", vkey);
	}
	buffer_text(text, "hoedanigheden:\n");
	for (size_t i = 0; i < r->n_hoedanigheden; i++)
		print_hoedanigheid(&r->hoedanigheden[i], text);
	buffer_text(text, r->n_nodes ? "nodes:\n" : "nodes: []\n");
	for (size_t i = 0; i < r->n_nodes; i++) {
		put_text(text, "  - ", "node", r->nodes[i].id);
		put_text(text, "    ", "organisatie", r->nodes[i].organisation);
		put_hex(text, "    ", "transport", r->nodes[i].transport_key);
		put_hex(text, "    ", "ondertekening", r->nodes[i].sign_key);
		put_list(text, "hoedanigheden", &r->nodes[i].hoedanigheden);
	}
	buffer_text(text, r->n_overleggen ? "overleggen:\n" : "overleggen: []\n");
	for (size_t i = 0; i < r->n_overleggen; i++)
		print_overleg(&r->overleggen[i], text);
	return buffer_ok(text);
}

/* ---- the next version ---- */

static bool admits(const struct admission *a, const char *hoedanigheid)
{
	for (size_t i = 0; i < a->n_keys; i++)
		if (text_equal(a->hoedanigheden[i], hoedanigheid))
			return true;
	return false;
}

static void check_node(const struct registry *r, const struct admission *a, struct fault_list *faults)
{
	const struct reg_node *node = registry_node(r, a->node);
	const struct reg_organisation *o = registry_organisation(r, a->organisation);
	const struct reg_node *same_key = registry_node_of_transport(r, a->transport_key);

	if (!id_valid(a->node))
		fault_add(faults, 0, 0, "node: \"%.60s\" is not an id", a->node);
	if (node && !text_equal(node->organisation, a->organisation))
		fault_add(faults, 0, 0, "node: %s is of %s already", a->node, node->organisation);
	if (same_key && same_key != node)
		fault_add(faults, 0, 0, "node: the transport key of %s is that of node %s", a->node,
			  same_key->id);
	if (!sign_key_is_safe(a->sign_key))
		fault_add(faults, 0, 0, "node: the signing key is not a safe Ed25519 key");
	if (o && o->has_key && memcmp(o->key.public_key, a->organisation_key.public_key, 32) != 0 && !node)
		fault_add(faults, 0, 0,
			  "organisatie: %s has another key; only its own node that joins again may replace "
			  "it",
			  a->organisation);
}

static void check_hoedanigheden(const struct registry *r, const struct admission *a,
				struct fault_list *faults)
{
	if (!a->n_keys || a->n_keys > N_ELEMENTS(a->hoedanigheden)) {
		fault_add(faults, 0, 0, "hoedanigheden: from 1 to %zu are needed",
			  N_ELEMENTS(a->hoedanigheden));
		return;
	}
	for (size_t i = 0; i < a->n_keys; i++) {
		const struct reg_hoedanigheid *h = registry_hoedanigheid(r, a->hoedanigheden[i]);
		const struct reg_node *served = registry_node_of_hoedanigheid(r, a->hoedanigheden[i]);

		if (!h || !text_equal(h->organisation, a->organisation))
			fault_add(faults, 0, 0, "hoedanigheden: %.60s is no hoedanigheid of %s",
				  a->hoedanigheden[i], a->organisation);
		if (served && !text_equal(served->id, a->node))
			fault_add(faults, 0, 0, "hoedanigheden: %s is served by node %s already",
				  a->hoedanigheden[i], served->id);
		if (span_is_zero(span_of(a->box_keys[i], BOX_PUBLIC_BYTES)))
			fault_add(faults, 0, 0, "hoedanigheden: the reading key of %s is empty",
				  a->hoedanigheden[i]);
		for (size_t j = 0; j < i; j++)
			if (text_equal(a->hoedanigheden[i], a->hoedanigheden[j]))
				fault_add(faults, 0, 0, "hoedanigheden: %s stands here twice",
					  a->hoedanigheden[i]);
	}
}

static int next_organisations(const struct registry *r, const struct admission *a, struct arena *arena,
			      struct registry *next)
{
	struct reg_organisation *rows = arena_array(arena, r->n_organisations, sizeof *rows);

	if (!rows)
		return err_raise(-ENOMEM);
	memcpy(rows, r->organisations, r->n_organisations * sizeof *rows);
	for (size_t i = 0; i < r->n_organisations; i++)
		if (text_equal(rows[i].id, a->organisation)) {
			rows[i].has_key = true;
			rows[i].key = a->organisation_key;
		}
	next->organisations = rows;
	return 0;
}

/*
 * The newest key stands first and one older stays: what was sealed just before a rotation still finds its
 * reader. Older ones go, so that a key once lost does not stay good for ever.
 */
#define KEYS_KEPT 2
static int keys_with(const struct reg_hoedanigheid *h, const uint8_t key[BOX_PUBLIC_BYTES],
		     struct arena *arena, struct reg_hoedanigheid *out)
{
	struct reg_box_key *keys = arena_array(arena, KEYS_KEPT, sizeof *keys);

	if (!keys)
		return err_raise(-ENOMEM);
	memcpy(keys[0].public_key, key, BOX_PUBLIC_BYTES);
	key_id_of(key, keys[0].key_id);
	out->n_keys = 1;
	for (size_t i = 0; i < h->n_keys && out->n_keys < KEYS_KEPT; i++)
		if (memcmp(h->keys[i].public_key, key, BOX_PUBLIC_BYTES) != 0)
			keys[out->n_keys++] = h->keys[i];
	out->keys = keys;
	return 0;
}

static int next_hoedanigheden(const struct registry *r, const struct admission *a, struct arena *arena,
			      struct registry *next)
{
	struct reg_hoedanigheid *rows = arena_array(arena, r->n_hoedanigheden, sizeof *rows);
	int e = 0;

	if (!rows)
		return err_raise(-ENOMEM);
	memcpy(rows, r->hoedanigheden, r->n_hoedanigheden * sizeof *rows);
	for (size_t i = 0; !e && i < r->n_hoedanigheden; i++)
		for (size_t j = 0; !e && j < a->n_keys; j++)
			if (text_equal(rows[i].id, a->hoedanigheden[j]))
				e = keys_with(&r->hoedanigheden[i], a->box_keys[j], arena, &rows[i]);
	next->hoedanigheden = rows;
	return e ? err_pass(e) : 0;
}

static int compare_nodes(const void *a, const void *b)
{
	return strcmp(((const struct reg_node *)a)->id, ((const struct reg_node *)b)->id);
}

static int next_nodes(const struct registry *r, const struct admission *a, struct arena *arena,
		      struct registry *next)
{
	const struct reg_node *before = registry_node(r, a->node);
	struct reg_node *rows = arena_array(arena, r->n_nodes + 1, sizeof *rows);
	size_t n_before = before ? before->hoedanigheden.n : 0;
	struct text_list list = { .v = arena_array(arena, n_before + a->n_keys, sizeof(char *)) };
	struct reg_node *node;
	size_t n = 0;

	if (!rows || !list.v)
		return err_raise(-ENOMEM);
	for (size_t i = 0; i < r->n_nodes; i++)
		if (&r->nodes[i] != before)
			rows[n++] = r->nodes[i];
	for (size_t i = 0; i < n_before; i++)
		if (!admits(a, before->hoedanigheden.v[i]))
			list.v[list.n++] = before->hoedanigheden.v[i];
	for (size_t i = 0; i < a->n_keys; i++)
		list.v[list.n++] = a->hoedanigheden[i];
	text_list_sort(&list);
	node = &rows[n++];
	*node = (struct reg_node){ .id = a->node, .organisation = a->organisation, .hoedanigheden = list };
	memcpy(node->transport_key, a->transport_key, sizeof node->transport_key);
	memcpy(node->sign_key, a->sign_key, sizeof node->sign_key);
	qsort(rows, n, sizeof *rows, compare_nodes);
	next->nodes = rows;
	next->n_nodes = n;
	return 0;
}

int register_next(const struct registry *current, const struct admission *admission,
		  struct fault_list *faults, struct buffer *text)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(LOAD_ARENA_MAX);
	size_t n_before = faults->n + faults->n_more;
	struct registry next = *current;
	int e;

	if (!arena)
		return err_raise(-ENOMEM);
	if (!registry_organisation(current, admission->organisation))
		fault_add(faults, 0, 0, "organisatie: there is no %.60s in the register",
			  admission->organisation);
	check_node(current, admission, faults);
	check_hoedanigheden(current, admission, faults);
	if (faults->n + faults->n_more > n_before)
		return REGISTER_E_FAULTS;
	next.sequence = current->sequence + 1;
	next.previous = current->digest;
	e = next_organisations(current, admission, arena, &next);
	if (!e)
		e = next_hoedanigheden(current, admission, arena, &next);
	if (!e)
		e = next_nodes(current, admission, arena, &next);
	if (!e)
		e = register_print(&next, text);
	return e ? err_pass(e) : REGISTER_OK;
}
