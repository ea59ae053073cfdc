/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Casus - the state the decisions need: phase, regime, circle, guests, sources, consent, terms. No person, no content.
 *
 * casus_apply() is the one place where an accepted message changes it: pure, the same in daemon, simulator and replay.
 * Invariants (casus_check): 1. each list ascending by hoedanigheid, unique, within its bound; 2. a casus is closed exactly when it
 * has closed_unix_ms; 3. phase and regime known; 4. every text ends within its room.
 */
#include "convenant/register.h"

#define CASUS_CIRCLE_MAX 64
#define CASUS_INVITED_MAX 16
#define CASUS_KNOWN_MAX 8
#define CASUS_SUPPLIERS_MAX 64
#define CASUS_CONSENT_MAX 24
#define CASUS_TEXT 64

struct casus_guest {                    /* an agendadeelnemer: of the circle until then, and no longer */
	char hoedanigheid[CASUS_TEXT];
	uint64_t until_unix_ms;
};
struct casus_supplier {                 /* who brought data into this casus */
	char hoedanigheid[CASUS_TEXT];
	bool special;                   /* of a bijzonder category (kader) */
	uint64_t renewed_until_unix_ms; /* its instemming to keep the casus until then; 0: none, also after each hernieuwing */
};

struct casus {
	uint8_t id[ID_BYTES];
	enum phase phase;
	enum regime regime;
	char overleg[CASUS_TEXT], klasse[CASUS_TEXT], ave[CASUS_TEXT], notifier[CASUS_TEXT];
	size_t n_circle, n_invited, n_known, n_suppliers;
	char circle[CASUS_CIRCLE_MAX][CASUS_TEXT];
	struct casus_guest invited[CASUS_INVITED_MAX];
	char known[CASUS_KNOWN_MAX][CASUS_TEXT]; /* houses that said they know the betrokkene (WGS 2.28(2)) */
	struct casus_supplier suppliers[CASUS_SUPPLIERS_MAX];
	uint64_t opened_unix_ms; /* first processing: the retention clock starts here (WGS 1.8(7)) */
	uint64_t changed_unix_ms, closed_unix_ms;
	uint64_t expires_unix_ms; /* what there is of it goes then; 0: not known (bytes of version 1) */
	uint64_t renewals;
	bool consent, consent_withdrawn;
	uint64_t consent_given_unix_ms, consent_until_unix_ms;
	size_t n_consent_categories, n_consent_partners; /* none: for all of them */
	char consent_categories[CASUS_CONSENT_MAX][CASUS_TEXT], consent_partners[CASUS_CONSENT_MAX][CASUS_TEXT];
	char consent_by[CASUS_TEXT]; /* betrokkene, wettelijk-vertegenwoordiger; "" in version 1 */
};

bool casus_has(const struct casus *c, const char *hoedanigheid); /* in the circle by its own name; see casus_member() */
/*
 * casus_member() - whether it takes part now: in the circle, or invited and the invitation still stands, or the only successor of
 * one who is. Whatever asks "is he on it" asks this.
 */
bool casus_member(const struct registry *r, const struct casus *c, const char *hoedanigheid, uint64_t now_unix_ms);
bool casus_knows(const struct casus *c, const char *house);      /* the house said BEKEND */
const struct casus_supplier *casus_supplier(const struct casus *c, const char *hoedanigheid); /* NULL: brought nothing in */
bool casus_check(const struct casus *c);

struct casus_item;
/*
 * casus_apply() - what an accepted message does to its casus
 * @kader:    for how long a casus is kept, and which categories are bijzonder
 * @before:   NULL for an aanmelding, or a melding outside the WGS, that begins a casus
 * @answered: what in_reply_to names; NULL when there is none (only an instemming needs it: to what was it asked)
 * @out:      may be the same object as before
 * Return: true when the casus changed (out is written), false when this message changes nothing.
 */
bool casus_apply(const struct kader *kader, const struct casus *before, const struct message *m, const struct casus_item *answered,
		 uint64_t now_unix_ms, struct casus *out);

MUST_CHECK int casus_encode(const struct casus *c, struct buffer *out);
enum { CASUS_OK = 0, CASUS_E_MALFORMED = 1 };
MUST_CHECK int casus_decode(struct span bytes, struct casus *out); /* of version 1 too */
