/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Kader - the statutory ceiling as data (kader/nl.yaml: the WGS and what goes beside it): hoedanigheid kinds and their lid,
 * categories, the phase matrix, secrecy, doelen and grondslagen; every row cites its article. A convenant can narrow it,
 * never widen it.
 *
 * Immutable once loaded; texts live as long as the kader. Any thread may read.
 */
#include "base/yaml.h"
#include "proto/message.h"
#include "proto/tree.h"

/* HUIS: the bureau of another house; VERBAND: another samenwerkingsverband (RIEC). They do what the kader lists for them, no more. */
enum lid { LID_DERDE = 0, LID_L1, LID_L2, LID_HUIS, LID_VERBAND, LID_N };
enum regime { REGIME_NONE = 0, REGIME_WGS, REGIME_OVERIG };
enum phase {
	PHASE_GEEN = 0, /* no casus */
	PHASE_AANGEMELD,
	PHASE_NIET_IN_BEHANDELING,
	PHASE_ADVIES,
	PHASE_IN_BEHANDELING,
	PHASE_VERZAMELEN,
	PHASE_CASUSOVERLEG,
	PHASE_UITVOERING,
	PHASE_AFGESLOTEN,
	PHASE_N
};

const char *lid_name(enum lid lid);
const char *regime_name(enum regime regime);
enum regime regime_find(const char *name);
const char *phase_name(enum phase phase); /* "VERZAMELEN" */
int phase_find(const char *name);         /* phase or -1 */

/* The advice of the rechtmatigheidsadviescommissie on a version, or why it was departed from (BGS 1.13(1), (6)). One of the two is "". */
struct rac {
	const char *advies, *afwijking;
	uint64_t date_unix_ms; /* of the advice; of telling RAC and coördinerend FG */
};

struct kader;

enum { KADER_OK = 0, KADER_E_FAULTS = 1 };
/* kader_load() - text is the YAML inside the note. KADER_OK; KADER_E_FAULTS, the list says what and where; <0 fatal. */
MUST_CHECK int kader_load(struct span text, struct fault_list *faults, struct kader **out);
struct kader *kader_free(struct kader *k);
void kader_freep(struct kader **k);

struct kader_kind { /* a hoedanigheid kind: "politie", "ggz-instelling" ... */
	const char *id, *name, *article;
	enum lid lid;
	bool secrecy_bound;         /* BW 7:457, Wet BIG 88, Jeugdwet 7.3.11 */
	struct text_list categories; /* what this kind may supply */
};
struct kader_category {
	const char *id, *name, *article;
	bool secret;    /* falls under the secrecy of a secrecy-bound supplier */
	bool special;   /* gezondheid, strafrechtelijk: instemming before it goes on (WGS 1.7(3), 2.28(4)) */
};
struct kader_klasse { /* of a casus: "maatwerk", "advies" */
	const char *id, *name;
	bool anonymous;     /* no data, nothing that identifies; ends in advice or in nothing */
	enum regime regime; /* REGIME_NONE: either */
};
struct kader_ave { /* a level of escalation: "1" to "4", and who is responsible on it */
	const char *id, *name, *regie, *partners, *operational, *administrative;
};
/* Terms that are neither retention nor of staff. */
struct kader_terms {
	uint64_t invitation_ms;       /* how long after the meeting an agendadeelnemer may be invited for */
	uint64_t renewal_months, renewal_from_months; /* how long a renewal lasts; how near the end it may be asked for */
	uint64_t confirm_ms;          /* a recipient confirms a correctie */
	uint64_t feedback_months;     /* a terugkoppeling is due */
	uint64_t ask_ms, ask_urgent_ms; /* what a verzoek leaves at least for its answer */
	uint64_t remind_ms;           /* before a deadline */
};
const struct kader_kind *kader_kind(const struct kader *k, const char *id);             /* NULL when unknown */
/* kader_category() - "woonsituatie" or a sub-code "woonsituatie.onderdak" (answers for its head). NULL when unknown. */
const struct kader_category *kader_category(const struct kader *k, const char *id);
size_t kader_n_categories(const struct kader *k);
const struct kader_category *kader_category_at(const struct kader *k, size_t i);
const struct kader_klasse *kader_klasse(const struct kader *k, const char *id);         /* NULL when unknown */
const struct kader_ave *kader_ave(const struct kader *k, const char *id);               /* NULL when unknown */
const struct kader_terms *kader_terms(const struct kader *k);

/* Its place in the sequence of kaders, and the SHA-256 of its text. */
const char *kader_id(const struct kader *k);
const struct rac *kader_rac(const struct kader *k);
uint64_t kader_sequence(const struct kader *k);
const struct hash *kader_previous(const struct kader *k);
const struct hash *kader_digest(const struct kader *k);
/* kader_retention_months() - "casus", "niet-in-behandeling", "logregel" ...; -1 when the kader names no term for it. */
int kader_retention_months(const struct kader *k, const char *what);
uint64_t kader_screening_months(const struct kader *k); /* how long a screening of staff counts, and a training */
uint64_t kader_training_months(const struct kader *k);
/* kader_expiry() - when what was first processed for this doel at that moment must be gone. An unknown doel: as a casus. */
uint64_t kader_expiry(const struct kader *k, const char *doel, uint64_t from_unix_ms);
