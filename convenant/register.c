/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One loader for a register in force and for a template (a register without keys, from which a house is
 * made): what a template lacks is exactly what `keyed` asks for. Rows are sorted by id, so a register has one
 * printed form.
 *
 * What needs the kader (is this kind known, is it a derde) is checked in rules.c, where both are at hand.
 */
#include "convenant/register.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/register_inside.h"

struct register_store { /* registry_free() finds the rest behind the public part */
	struct registry r;
	struct arena *arena;
};


static bool oin_valid(const char *oin)
{
	return strlen(oin) == 20 && strspn(oin, "0123456789") == 20;
}

static void organisations_load(struct load *l, struct yaml_node root, struct registry *r)
{
	static const char *const keys[] = { "organisatie", "naam", "oin", "sleutel", NULL };
	struct yaml_node list = load_rows(l, root, "organisaties", &r->n_organisations);
	struct reg_organisation *rows = load_array(l, r->n_organisations, sizeof *rows);

	if (!rows)
		r->n_organisations = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < r->n_organisations; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		rows[i].id = load_id(l, row, "organisatie");
		rows[i].name = load_text(l, row, "naam");
		rows[i].oin = load_text(l, row, "oin");
		if (*rows[i].oin && !oin_valid(rows[i].oin))
			yaml_fault(l->y, yaml_at(l->y, row, "oin"),
				   "oin: 20 digits are expected, in quotes");
		rows[i].has_key = load_key(l, row, "sleutel", &rows[i].key);
	}
	sort_by_id(l, list, "organisatie", rows, r->n_organisations, sizeof *rows);
	r->organisations = rows;
}

static void box_keys_load(struct load *l, struct yaml_node row, struct reg_hoedanigheid *h)
{
	struct text_list texts;
	struct reg_box_key *keys;

	load_texts(l, row, "sleutels", &texts);
	keys = load_array(l, texts.n, sizeof *keys);
	for (size_t i = 0; keys && i < texts.n; i++) {
		if (!hex_decode(span_of_text(texts.v[i]), keys[i].public_key, sizeof keys[i].public_key))
			yaml_fault(l->y, yaml_item(l->y, yaml_get(l->y, row, "sleutels"), i),
				   "sleutels: 64 lower-case hex digits are expected");
		key_id_of(keys[i].public_key, keys[i].key_id);
	}
	h->keys = keys;
	h->n_keys = keys ? texts.n : 0;
}

static void hoedanigheden_load(struct load *l, struct yaml_node root, struct registry *r)
{
	static const char *const keys[] = { "hoedanigheid", "naam",	"organisatie", "soort",
					    "gebied",	    "sleutels", "opgevolgd",   NULL };
	struct yaml_node list = load_rows(l, root, "hoedanigheden", &r->n_hoedanigheden);
	struct reg_hoedanigheid *rows = load_array(l, r->n_hoedanigheden, sizeof *rows);

	if (!rows)
		r->n_hoedanigheden = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < r->n_hoedanigheden; i++) {
		struct yaml_node row = yaml_item(l->y, list, i);

		yaml_only(l->y, row, keys);
		rows[i].id = load_id(l, row, "hoedanigheid");
		rows[i].name = load_text(l, row, "naam");
		rows[i].organisation = load_id(l, row, "organisatie");
		rows[i].kind = load_id(l, row, "soort");
		rows[i].gebied = load_optional(l, row, "gebied");
		box_keys_load(l, row, &rows[i]);
		register_succession_load(l, row, &rows[i]);
		if (*rows[i].organisation && !registry_organisation(r, rows[i].organisation))
			yaml_fault(l->y, yaml_at(l->y, row, "organisatie"), "organisatie: there is no %s",
				   rows[i].organisation);
	}
	sort_by_id(l, list, "hoedanigheid", rows, r->n_hoedanigheden, sizeof *rows);
	r->hoedanigheden = rows;
	register_succession_check(l, list, r);
}

static void node_load(struct load *l, struct yaml_node row, const struct registry *r, struct reg_node *node)
{
	static const char *const keys[] = { "node",	     "organisatie",   "transport",
					    "ondertekening", "hoedanigheden", NULL };

	yaml_only(l->y, row, keys);
	node->id = load_id(l, row, "node");
	node->organisation = load_id(l, row, "organisatie");
	load_ids(l, row, "hoedanigheden", &node->hoedanigheden);
	if (!load_hex(l, row, "transport", node->transport_key, sizeof node->transport_key))
		yaml_fault(l->y, row, "transport: the node's CURVE public key is needed");
	if (!load_hex(l, row, "ondertekening", node->sign_key, sizeof node->sign_key) ||
	    !sign_key_is_safe(node->sign_key))
		yaml_fault(l->y, row, "ondertekening: the node's Ed25519 public key is needed");
	if (*node->organisation && !registry_organisation(r, node->organisation))
		yaml_fault(l->y, yaml_at(l->y, row, "organisatie"), "organisatie: there is no %s",
			   node->organisation);
	register_check_list(l, row, "hoedanigheden", r, node->organisation);
}

static void nodes_load(struct load *l, struct yaml_node root, struct registry *r)
{
	struct yaml_node list = load_rows(l, root, "nodes", &r->n_nodes);
	struct reg_node *rows = load_array(l, r->n_nodes, sizeof *rows);

	if (!rows)
		r->n_nodes = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < r->n_nodes; i++) {
		node_load(l, yaml_item(l->y, list, i), r, &rows[i]);
		for (size_t j = 0; j < i; j++)
			if (memcmp(rows[i].transport_key, rows[j].transport_key,
				   sizeof rows[i].transport_key) == 0)
				yaml_fault(l->y, yaml_item(l->y, list, i),
					   "transport: node %s has the same key", rows[j].id);
	}
	sort_by_id(l, list, "node", rows, r->n_nodes, sizeof *rows);
	r->nodes = rows;
}

static void overleggen_load(struct load *l, struct yaml_node root, struct registry *r)
{
	struct yaml_node list = load_rows(l, root, "overleggen", &r->n_overleggen);
	struct reg_overleg *rows = load_array(l, r->n_overleggen, sizeof *rows);

	if (!rows)
		r->n_overleggen = 0; /* none, or no memory: load_verdict() tells */
	for (size_t i = 0; i < r->n_overleggen; i++)
		register_overleg_load(l, yaml_item(l->y, list, i), r, &rows[i]);
	sort_by_id(l, list, "overleg", rows, r->n_overleggen, sizeof *rows);
	r->overleggen = rows;
	register_templates_check(l, list, r);
}

static void stewards_load(struct load *l, struct yaml_node root, struct registry *r)
{
	struct yaml_node list = yaml_list(l->y, root, "stewards");
	size_t n = yaml_count(l->y, list);
	struct note_key *keys = load_array(l, n, sizeof *keys);

	for (size_t i = 0; keys && i < n; i++) {
		struct yaml_node item = yaml_item(l->y, list, i);

		if (note_key_parse(&keys[i], span_of_text(yaml_scalar(l->y, item))) != NOTE_OK)
			yaml_fault(l->y, item, "stewards: not a safe public key of the form name+id+base64");
		for (size_t j = 0; j < i; j++)
			if (memcmp(keys[i].public_key, keys[j].public_key, 32) == 0 ||
			    text_equal(keys[i].name, keys[j].name))
				yaml_fault(l->y, item, "stewards: the same key or name stands here twice");
	}
	/* No one widens access alone. */
	if (n < 2 || n > NOTE_SIGNATURES_MAX)
		yaml_fault(l->y, root, "stewards: from 2 to %d are needed", NOTE_SIGNATURES_MAX);
	r->stewards = keys;
	r->n_stewards = keys ? n : 0;
	r->steward_quorum = yaml_uint(l->y, root, "quorum", 0, 2, n < 2 ? 2 : n);
	if (!yaml_get(l->y, root, "quorum").index)
		yaml_fault(l->y, root, "quorum: is missing");
}

static void keyed_load(struct load *l, struct yaml_node root, struct registry *r)
{
	r->sequence = yaml_uint(l->y, root, "volgnummer", 0, 1, INT32_MAX);
	if (!r->sequence)
		yaml_fault(l->y, root, "volgnummer: is missing");
	load_hash(l, root, "vorige", &r->previous);
	load_period(l, root, &r->from_unix_ms, &r->until_unix_ms);
	if (!load_key(l, root, "log", &r->log_key))
		yaml_fault(l->y, root, "log: the log's public key is needed");
	if (!load_hex(l, root, "transport", r->transport_key, sizeof r->transport_key))
		yaml_fault(l->y, root, "transport: the house's CURVE public key is needed");
	stewards_load(l, root, r);
}

static void registry_read(struct load *l, bool keyed, struct registry *r)
{
	static const char *const keys[] = { "register", "naam",		"volgnummer", "rac",
					    "vorige",	"van",		"tot",
					    "log",	"transport",	"quorum",
					    "stewards", "organisaties", "hoedanigheden",
					    "nodes",	"overleggen",	NULL };
	static const char *const template_keys[] = { "register", "rac",     "sjabloon",   "naam", "organisaties",
						     "hoedanigheden", "overleggen", NULL };
	struct yaml_node root = yaml_root(l->y);

	yaml_only(l->y, root, keyed ? keys : template_keys);
	r->house = load_id(l, root, "register");
	r->name = load_text(l, root, "naam");
	load_rac(l, root, &r->rac);
	if (!keyed && !yaml_bool(l->y, root, "sjabloon", false))
		yaml_fault(l->y, root, "sjabloon: a template says \"sjabloon: true\"");
	organisations_load(l, root, r);
	hoedanigheden_load(l, root, r);
	nodes_load(l, root, r);
	overleggen_load(l, root, r);
	if (keyed)
		keyed_load(l, root, r);
	for (size_t i = 0; !keyed && i < r->n_organisations; i++)
		if (r->organisations[i].has_key)
			yaml_fault(l->y, root, "organisaties: a template holds no keys (%s)",
				   r->organisations[i].id);
	for (size_t i = 0; !keyed && i < r->n_hoedanigheden; i++)
		if (r->hoedanigheden[i].n_keys)
			yaml_fault(l->y, root, "hoedanigheden: a template holds no keys (%s)",
				   r->hoedanigheden[i].id);
}

static int load_as(struct span text, bool keyed, struct fault_list *faults, struct registry **out)
{
	struct register_store *s = calloc(1, sizeof *s);
	CLEANUP(registry_freep) struct registry *r = s ? &s->r : NULL;
	struct load l;
	int e;

	if (!s)
		return err_raise(-ENOMEM);
	s->arena = arena_new(LOAD_ARENA_MAX);
	if (!s->arena)
		return err_raise(-ENOMEM);
	e = load_open(&l, text, s->arena, faults);
	if (!e) {
		registry_read(&l, keyed, r);
		e = load_verdict(&l);
	}
	load_close(&l);
	if (e)
		return e == YAML_E_FAULTS ? REGISTER_E_FAULTS : err_pass(e);
	if (keyed)
		crypto_hash_sha256(r->digest.bytes, text.ptr, text.len);
	*out = TAKE(r);
	return REGISTER_OK;
}

int registry_load(struct span text, struct fault_list *faults, struct registry **out)
{
	return load_as(text, true, faults, out);
}

int register_template_load(struct span text, struct fault_list *faults, struct registry **out)
{
	return load_as(text, false, faults, out);
}

struct registry *registry_free(struct registry *r)
{
	if (r)
		arena_free(((struct register_store *)(void *)r)->arena);
	free(r);
	return NULL;
}

void registry_freep(struct registry **r)
{
	*r = registry_free(*r);
}

/* ---- reading ---- */

const struct reg_organisation *registry_organisation(const struct registry *r, const char *id)
{
	return find_by_id(r->organisations, r->n_organisations, sizeof *r->organisations, id);
}

const struct reg_hoedanigheid *registry_hoedanigheid(const struct registry *r, const char *id)
{
	return find_by_id(r->hoedanigheden, r->n_hoedanigheden, sizeof *r->hoedanigheden, id);
}

const struct reg_overleg *registry_overleg(const struct registry *r, const char *id)
{
	return find_by_id(r->overleggen, r->n_overleggen, sizeof *r->overleggen, id);
}

const struct reg_node *registry_node(const struct registry *r, const char *id)
{
	return find_by_id(r->nodes, r->n_nodes, sizeof *r->nodes, id);
}

const struct reg_node *registry_node_of_transport(const struct registry *r, const uint8_t transport_key[32])
{
	for (size_t i = 0; i < r->n_nodes; i++)
		if (memcmp(r->nodes[i].transport_key, transport_key, 32) == 0)
			return &r->nodes[i];
	return NULL;
}

bool reg_node_serves(const struct reg_node *node, const char *hoedanigheid)
{
	return texts_find(&node->hoedanigheden, hoedanigheid) >= 0;
}

const struct reg_node *registry_node_of_hoedanigheid(const struct registry *r, const char *hoedanigheid)
{
	for (size_t i = 0; i < r->n_nodes; i++)
		if (reg_node_serves(&r->nodes[i], hoedanigheid))
			return &r->nodes[i];
	return NULL;
}
