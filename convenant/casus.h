/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Casus - the state the decisions need: phase, regime, circle, consent. No person, no content.
 *
 * casus_apply() is the one place where an accepted message changes it: pure, the same in daemon, simulator and replay.
 * Invariants (casus_check): 1. circle ascending, unique; 2. a closed casus has closed_unix_ms; 3. phase and regime known.
 */
#include "convenant/kader.h"

#define CASUS_CIRCLE_MAX 64
#define CASUS_TEXT 64

struct casus {
	uint8_t id[ID_BYTES];
	enum phase phase;
	enum regime regime;
	char overleg[CASUS_TEXT], klasse[CASUS_TEXT], ave[CASUS_TEXT], notifier[CASUS_TEXT];
	size_t n_circle;
	char circle[CASUS_CIRCLE_MAX][CASUS_TEXT];
	uint64_t opened_unix_ms; /* first processing: the retention clock starts here (WGS 1.8(7)) */
	uint64_t changed_unix_ms, closed_unix_ms;
	bool consent, consent_withdrawn;
	uint64_t consent_given_unix_ms, consent_until_unix_ms;
};

bool casus_has(const struct casus *c, const char *hoedanigheid);
bool casus_check(const struct casus *c);
/*
 * casus_apply() - what an accepted message does to its casus
 * @before: NULL for an aanmelding of a new casus
 * @out:    may be the same object as before
 * Return: true when the casus changed (out is written), false when this kind changes nothing.
 */
bool casus_apply(const struct casus *before, const struct message *m, uint64_t now_unix_ms, struct casus *out);

MUST_CHECK int casus_encode(const struct casus *c, struct buffer *out);
enum { CASUS_OK = 0, CASUS_E_MALFORMED = 1 };
MUST_CHECK int casus_decode(struct span bytes, struct casus *out);
