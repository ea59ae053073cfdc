/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The text says which organisation speaks; the register says with which key; only then is the signature
 * verified. So a mandate can't be signed by one organisation in the name of another, whatever names its
 * signature lines carry.
 */
#include "convenant/mandate.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "convenant/decide.h"
#include "convenant/load.h"

static const char *const classes[] = { "uitvoering", "toetsing", "beheer", NULL };

/* Against the register: of this house, and of an organisation that has these hoedanigheden. */
static void mandate_fits(struct load *l, struct yaml_node root, const struct registry *r, const struct mandate *m)
{
	struct yaml_node list = yaml_get(l->y, root, "hoedanigheden");

	if (*m->house && !text_equal(m->house, r->house))
		yaml_fault(l->y, yaml_at(l->y, root, "huis"), "huis: a mandate for %s, and this is %s", m->house, r->house);
	for (size_t i = 0; i < m->hoedanigheden.n; i++) {
		const struct reg_hoedanigheid *h = registry_hoedanigheid(r, m->hoedanigheden.v[i]);

		if (!h || !text_equal(h->organisation, m->organisation))
			yaml_fault(l->y, list, "hoedanigheden: %s is no hoedanigheid of %s",
				   m->hoedanigheden.v[i], m->organisation);
	}
}

static void mandate_read(struct load *l, const struct registry *r, struct mandate *m)
{
	static const char *const keys[] = { "mandaat", "huis", "organisatie", "hoedanigheden", "rol", "klasse",
					    "sleutel", "screening",   "training",      "van", "tot",
					    NULL };
	struct yaml_node root = yaml_root(l->y);

	yaml_only(l->y, root, keys);
	m->person = load_id(l, root, "mandaat");
	m->house = load_id(l, root, "huis");
	m->organisation = load_id(l, root, "organisatie");
	m->role = load_id(l, root, "rol");
	m->klasse = load_text(l, root, "klasse");
	load_ids(l, root, "hoedanigheden", &m->hoedanigheden);
	m->screening_unix_ms = yaml_date_ms(l->y, root, "screening", 0);
	m->training_unix_ms = yaml_date_ms(l->y, root, "training", 0);
	load_period(l, root, &m->from_unix_ms, &m->until_unix_ms);
	if (*m->klasse && !text_in(m->klasse, classes))
		yaml_fault(l->y, yaml_at(l->y, root, "klasse"),
			   "klasse: uitvoering, toetsing or beheer is expected");
	if (!load_hex(l, root, "sleutel", m->sign_key, sizeof m->sign_key) || !sign_key_is_safe(m->sign_key))
		yaml_fault(l->y, root, "sleutel: the person's Ed25519 public key is needed");
	if (text_names_a_person(m->person))
		yaml_fault(l->y, yaml_at(l->y, root, "mandaat"),
			   "mandaat: a BSN is no person id; take a pseudonym");
	if (!m->hoedanigheden.n)
		yaml_fault(l->y, root, "hoedanigheden: at least one is needed");
	if (r)
		mandate_fits(l, root, r, m);
}

int mandate_check(struct span text, const struct registry *r, struct fault_list *faults)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(LOAD_ARENA_MAX);
	struct mandate m = { 0 };
	struct load l;
	int e;

	if (!arena)
		return err_raise(-ENOMEM);
	e = load_open(&l, text, arena, faults);
	if (!e) {
		mandate_read(&l, r, &m);
		e = load_verdict(&l);
	}
	load_close(&l);
	return e == YAML_E_FAULTS ? MANDATE_E_FAULTS : e ? err_pass(e) : MANDATE_OK;
}

int mandate_open(struct span note, const struct registry *r, struct arena *arena, struct fault_list *faults,
		 struct mandate *out)
{
	const struct reg_organisation *organisation;
	struct mandate m = { 0 };
	struct span text, lines;
	struct note opened;
	struct load l;
	int e;

	if (note.len > NOTE_BYTES_MAX || note_split(note, &text, &lines) != NOTE_OK) {
		fault_add(faults, 0, 0, "not a signed note");
		return MANDATE_E_FAULTS;
	}
	e = load_open(&l, text, arena, faults);
	if (!e) {
		mandate_read(&l, r, &m);
		e = load_verdict(&l);
	}
	load_close(&l);
	if (e)
		return e == YAML_E_FAULTS ? MANDATE_E_FAULTS : err_pass(e);
	organisation = registry_organisation(r, m.organisation);
	if (!organisation || !organisation->has_key ||
	    note_open(note, &organisation->key, 1, &opened) != NOTE_OK) {
		fault_add(faults, 0, 0, "not signed by %s with the key in the register", m.organisation);
		return MANDATE_E_SIGNATURE;
	}
	crypto_hash_sha256(m.digest.bytes, opened.text.ptr, opened.text.len);
	*out = m;
	return MANDATE_OK;
}

static void put(struct buffer *text, const char *key, const char *value)
{
	buffer_printf(text, "%s: ", key);
	yaml_quote(text, value);
	buffer_text(text, "\n");
}

static void put_date(struct buffer *text, const char *key, uint64_t unix_ms)
{
	char value[TIME_TEXT_SIZE];

	if (!unix_ms)
		return; /* none on record: the decision refuses, and says so */
	time_encode(unix_ms, value);
	put(text, key, value);
}

int mandate_print(const struct mandate *m, struct buffer *text)
{
	char key[2 * SIGN_PUBLIC_BYTES + 1];

	put(text, "mandaat", m->person);
	put(text, "huis", m->house);
	put(text, "organisatie", m->organisation);
	buffer_text(text, "hoedanigheden: ");
	yaml_quote_list(text, &m->hoedanigheden);
	buffer_text(text, "\n");
	put(text, "rol", m->role);
	put(text, "klasse", m->klasse);
	hex_encode(span_of(m->sign_key, sizeof m->sign_key), key);
	put(text, "sleutel", key);
	put_date(text, "screening", m->screening_unix_ms);
	put_date(text, "training", m->training_unix_ms);
	put_date(text, "van", m->from_unix_ms);
	put_date(text, "tot", m->until_unix_ms);
	return buffer_ok(text);
}

bool mandate_covers(const struct mandate *m, const char *hoedanigheid)
{
	return texts_find(&m->hoedanigheden, hoedanigheid) >= 0;
}
