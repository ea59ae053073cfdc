/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Facts - what the records say about each casus, question and person, folded once; every report counts from these.
 * Borrows from the log. All in one arena.
 */
#include "client/report/log.h"

struct fact_casus {
	const char *id, *klasse, *age, *regime, *doel, *overleg, *notifier, *organisation;
	struct report_list gemeenten;    /* the first is that of the betrokkene */
	uint64_t notified_ms, assessed_ms, closed_ms, destroyed_ms, renewed_ms, last_ms;
	const char *outcome, *reason;    /* of the beoordeling; of the afsluiting */
	size_t n_messages;
};

struct fact_question {               /* one per verzoek and recipient */
	const struct report_record *record;
	const char *to, *answer_kind;    /* of the last answer; "" when there is none */
	uint64_t answered_ms;            /* of the first that is not LATER */
	uint64_t delivered_ms;
	bool overdue;                    /* the house wrote down that the deadline passed */
};

struct fact_person {
	const char *person, *organisation, *role, *klasse, *hoedanigheden, *screening, *training, *until;
	uint64_t granted_ms, withdrawn_ms, last_ms;
	size_t n_acts, n_refused;
};

struct facts {
	struct arena *arena;
	const struct report_log *log;
	size_t n_casussen, n_questions, n_persons;
	struct fact_casus *casussen;       /* in order of notification */
	struct fact_question *questions;   /* in order of asking */
	struct fact_person *persons;       /* by organisation and pseudonym */
};

MUST_CHECK int facts_new(const struct report_log *log, struct facts **out);
void facts_freep(struct facts **f);
