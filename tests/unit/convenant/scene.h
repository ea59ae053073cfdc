/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A scene: the Drenthe house with keys, one casus, and one message of each kind that is allowed as it stands. A test breaks one
 * thing in it and looks at the decision.
 *
 * Keys come from fixed seeds (SHA-256 of a label), so that every run sees the same bytes.
 */
#include "base/text.h"
#include "convenant/decide.h"
#include "tests/lib/harness.h"

#define SCENE_NOW UINT64_C(1795334400000) /* 2026-11-22T08:00:00Z */
#define DAY_MS UINT64_C(86400000)
#define SCENE_LIST 40

/* The house: kader, register with keys for every hoedanigheid but derden, convenant. Loaded once per program. */
struct house {
	struct rules rules;
	struct secret *stewards[3], *organisations[8];
	struct note_key steward_keys[3];
};
extern const char *const house_organisations[8]; /* those that have a key */

void house_open(struct house *h);
void house_close(struct house *h);
void house_text(const char *name, struct buffer *out);       /* "kader", "convenant": the text of the file */
void house_register(const struct house *h, struct buffer *out); /* the register's text */
void house_sign(struct span text, const struct note_key *keys, struct secret *const *secrets, size_t n, struct buffer *note);
struct secret *seed_key(const char *label, struct note_key *key); /* an Ed25519 key and its note key of that name */
void seed_bytes(const char *label, uint8_t out[32]);
/* A copy of a text in which one piece stands for another; the piece must be there. */
void text_replace(struct span text, const char *what, const char *with, struct buffer *out);

struct scene {
	const struct house *house;
	struct rules rules;
	struct message m;
	struct mandate mandate;
	struct casus casus;
	struct header request;
	struct casus_item items[4]; /* known to the decision; the message names the first, a verstrekking all */
	size_t n_items;
	bool no_casus, no_mandate, no_request, no_items;
	uint64_t now;
	const char *recipients[SCENE_LIST], *categories[SCENE_LIST], *asked[SCENE_LIST], *asked_of[SCENE_LIST];
	const char *involve[SCENE_LIST + 40], *release[SCENE_LIST], *covers[4];
	struct part parts[8], item_parts[4][2];
	struct wrap wraps[8][8];
	const char *item_to[4][SCENE_LIST], *item_by[4][SCENE_LIST], *item_asked[4][SCENE_LIST], *item_conditions[4][2];
	struct item_grant grants[4];
	uint8_t item_ids[4][ID_BYTES];
};

/* One allowed message of each kind; the names say what. */
void scene_aanmelding(struct scene *s, const struct house *h);        /* WGS: police notifies at the ketenkamer */
void scene_beoordeling(struct scene *s, const struct house *h);
void scene_betrekken(struct scene *s, const struct house *h);
void scene_fase(struct scene *s, const struct house *h);              /* IN_BEHANDELING to VERZAMELEN */
void scene_afsluiting(struct scene *s, const struct house *h);
void scene_verzoek(struct scene *s, const struct house *h);           /* WGS: procesregie asks police and GGZ */
void scene_antwoord(struct scene *s, const struct house *h);          /* GGZ answers with a part under secrecy */
void scene_antwoord_politie(struct scene *s, const struct house *h);
void scene_toestemming(struct scene *s, const struct house *h);
void scene_geopend(struct scene *s, const struct house *h);
void scene_inzage(struct scene *s, const struct house *h);
void scene_nazorg_aanmelding(struct scene *s, const struct house *h); /* OVERIG: the nazorgcoordinator brings a casus in */
void scene_nazorg_verzoek(struct scene *s, const struct house *h);    /* five partners, with consent */
void scene_nazorg_antwoord(struct scene *s, const struct house *h);   /* DJI answers */

void scene_melding(struct scene *s, const struct house *h);           /* WGS: police tells of an incident */
void scene_nazorg_melding(struct scene *s, const struct house *h);    /* OVERIG: DJI tells of a release, and opens a casus */
void scene_aanvulling(struct scene *s, const struct house *h);        /* GGZ adds to its answer */
void scene_terugkoppeling(struct scene *s, const struct house *h);    /* procesregie to GGZ */
void scene_correctie(struct scene *s, const struct house *h);         /* GGZ corrects its answer */
void scene_bevestiging(struct scene *s, const struct house *h);
void scene_instemmingsverzoek(struct scene *s, const struct house *h); /* may the answer go to another house? */
void scene_instemming(struct scene *s, const struct house *h);
void scene_verstrekking(struct scene *s, const struct house *h);      /* to a deelnemer */
void scene_verstrekking_huis(struct scene *s, const struct house *h); /* health data, with instemming */
void scene_verstrekking_verband(struct scene *s, const struct house *h);
void scene_verstrekking_derde(struct scene *s, const struct house *h); /* registered: to a woningcorporatie */
void scene_agenda(struct scene *s, const struct house *h);
void scene_hernieuwing(struct scene *s, const struct house *h);
void scene_bekendheidsvraag(struct scene *s, const struct house *h);
void scene_bekendheidsantwoord(struct scene *s, const struct house *h);
void scene_verzoek_huis(struct scene *s, const struct house *h);      /* WGS 2.28(2): after it said that it knows him */
void scene_antwoord_huis(struct scene *s, const struct house *h);

typedef void scene_make_fn(struct scene *s, const struct house *h);
struct scene_kind {
	const char *name;
	scene_make_fn *make;
};
#define SCENES 32
extern const struct scene_kind scenes[SCENES];

void scene_list(struct text_list *list, const char **store, const char *words); /* "a b c" from static words; stored sorted */
void scene_circle(struct scene *s, const char *words);
void scene_sender(struct scene *s, const char *hoedanigheid);        /* with a mandate for it */
void scene_part(struct scene *s, size_t i, const char *category);    /* sealed to the recipients as they are */
/* An earlier message in the casus; its parts are "a" and "b", "" for none. */
struct casus_item *scene_item(struct scene *s, enum message_kind kind, const char *sender, const char *to, const char *a,
			      const char *b);
void scene_seal(struct scene *s);                                    /* again, after the recipients changed */
void scene_decide(const struct scene *s, struct decision *out);
struct decide_input scene_input(const struct scene *s);
