/* SPDX-License-Identifier: EUPL-1.2 */
/* The house of the scenes: its texts, its keys, its signatures. */
#include "tests/unit/convenant/scene.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const house_organisations[8] = { "dji", "gemeente-assen", "ggz-drenthe", "leger-des-heils", "om", "politie",
	"reclassering-nederland", "zvhd" };

void seed_bytes(const char *label, uint8_t out[32])
{
	crypto_hash_sha256(out, (const uint8_t *)label, strlen(label));
}

struct secret *seed_key(const char *label, struct note_key *key)
{
	struct secret *s = secret_new(64);
	uint8_t seed[32], public_key[32];

	CHECK(s != NULL);
	seed_bytes(label, seed);
	crypto_sign_seed_keypair(public_key, secret_bytes(s), seed);
	CHECK_OK(note_key_init(key, label, NOTE_KEY_ED25519, public_key));
	return s;
}

void house_text(const char *name, struct buffer *out)
{
	if (strcmp(name, "kader") == 0)
		test_file("../convenant/kader/nl.yaml", out);
	else
		test_file("data/drenthe/convenant.yaml", out);
}

void text_replace(struct span text, const char *what, const char *with, struct buffer *out)
{
	const uint8_t *at = memmem(text.ptr, text.len, what, strlen(what));

	buffer_init(out, 0);
	if (!at)
		fail_msg("the text does not hold: %s", what);
	buffer_bytes(out, span_of(text.ptr, (size_t)(at - text.ptr)));
	buffer_text(out, with);
	at += strlen(what);
	buffer_bytes(out, span_of(at, (size_t)(text.ptr + text.len - at)));
}

static bool is_derde(const char *kind)
{
	static const char *const derden[] = { "halt", "slachtofferhulp", "woningcorporatie", "school", "curator", NULL };

	return text_in(kind, derden);
}

static void organisation_keys(struct house *h, struct registry *r, struct reg_organisation *rows)
{
	for (size_t i = 0; i < r->n_organisations; i++)
		for (size_t k = 0; k < N_ELEMENTS(house_organisations); k++)
			if (text_equal(rows[i].id, house_organisations[k])) {
				h->organisations[k] = seed_key(house_organisations[k], &rows[i].key);
				rows[i].has_key = true;
			}
}

/* The example house, completed as house init does: keys of house and stewards, and here of every participant. */
static void register_make(struct house *h, struct buffer *text)
{
	struct fault_list faults;
	struct registry *template = NULL;
	struct registry r;
	struct reg_organisation *organisations;
	struct reg_hoedanigheid *hoedanigheden;
	struct reg_box_key *keys;
	struct secret *log;
	struct buffer file;

	test_file("data/drenthe/register.yaml", &file);
	fault_list_init(&faults, "register.yaml");
	CHECK_OK(register_template_load(buffer_span(&file), &faults, &template));
	r = *template;
	organisations = calloc(r.n_organisations, sizeof *organisations);
	hoedanigheden = calloc(r.n_hoedanigheden, sizeof *hoedanigheden);
	keys = calloc(r.n_hoedanigheden, sizeof *keys);
	memcpy(organisations, r.organisations, r.n_organisations * sizeof *organisations);
	memcpy(hoedanigheden, r.hoedanigheden, r.n_hoedanigheden * sizeof *hoedanigheden);
	organisation_keys(h, &r, organisations);
	for (size_t i = 0; i < r.n_hoedanigheden; i++) {
		seed_bytes(hoedanigheden[i].id, keys[i].public_key);
		hoedanigheden[i].keys = &keys[i];
		/* menso has not joined yet */
		hoedanigheden[i].n_keys = !is_derde(hoedanigheden[i].kind) && !text_equal(hoedanigheden[i].id, "menso");
	}
	r.organisations = organisations;
	r.hoedanigheden = hoedanigheden;
	for (size_t i = 0; i < 3; i++)
		h->stewards[i] = seed_key((const char *const[]){ "steward-a", "steward-b", "steward-c" }[i], &h->steward_keys[i]);
	log = seed_key("drenthe.example/log", &r.log_key);
	secret_free(log);
	r.stewards = h->steward_keys;
	r.n_stewards = 3;
	r.steward_quorum = 2;
	r.sequence = 1;
	r.from_unix_ms = SCENE_NOW - 100 * DAY_MS;
	r.until_unix_ms = SCENE_NOW + 365 * DAY_MS;
	seed_bytes("transport", r.transport_key);
	CHECK_OK(register_print(&r, text));
	free(organisations);
	free(hoedanigheden);
	free(keys);
	registry_free(template);
	buffer_fini(&file);
}

void house_open(struct house *h)
{
	struct fault_list faults;
	struct buffer text;

	memset(h, 0, sizeof *h);
	CHECK(sodium_init() >= 0);
	fault_list_init(&faults, "house");
	buffer_init(&text, 0);
	register_make(h, &text);
	CHECK_OK(registry_load(buffer_span(&text), &faults, &h->rules.registry));
	buffer_fini(&text);
	house_text("kader", &text);
	CHECK_OK(kader_load(buffer_span(&text), &faults, &h->rules.kader));
	h->rules.kader_digest = *kader_digest(h->rules.kader);
	buffer_fini(&text);
	house_text("convenant", &text);
	CHECK_OK(convenant_load(buffer_span(&text), h->rules.kader, &faults, &h->rules.convenanten[0]));
	h->rules.n_convenanten = 1;
	buffer_fini(&text);
}

void house_close(struct house *h)
{
	for (size_t i = 0; i < N_ELEMENTS(h->stewards); i++)
		secret_free(h->stewards[i]);
	for (size_t i = 0; i < N_ELEMENTS(h->organisations); i++)
		secret_free(h->organisations[i]);
	rules_fini(&h->rules);
}

void house_register(const struct house *h, struct buffer *out)
{
	buffer_init(out, 0);
	CHECK_OK(register_print(h->rules.registry, out));
}

void house_sign(struct span text, const struct note_key *keys, struct secret *const *secrets, size_t n, struct buffer *note)
{
	buffer_init(note, 0);
	CHECK_OK(note_begin(note, text));
	for (size_t i = 0; i < n; i++)
		CHECK_OK(note_sign(note, text, &keys[i], secrets[i]));
}
