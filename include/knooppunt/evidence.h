/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * What a node can look up and prove: casussen, the ladder of a message, receipts, the officer's page of the
 * log. Part of knooppunt.h, which includes it; the rules of memory, time and threads are said there.
 */
#include <knooppunt/knooppunt.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- looking --- */
struct kp_casus {
	char casus[KP_ID_SIZE];
	const char *phase, *regime, *overleg, *klasse, *ave;
	const char *const *circle;
	uint64_t opened_unix_ms, closed_unix_ms;
	bool consent;
	uint64_t consent_given_unix_ms, consent_until_unix_ms;
	/* since 0.2 */
	const char *consent_by;
	const char *const *consent_categories, *const *consent_hoedanigheden; /* none: all */
	const char *const *invited;	  /* agendadeelnemers, and until when each */
	const uint64_t *invited_until_unix_ms;
	const char *const *known;	  /* houses that know the betrokkene */
	uint64_t expires_unix_ms;	  /* what there is of it is destroyed then */
	uint64_t renewals;
	/* Of its AVE level, as the kader in force says it; "" without a level. */
	const char *ave_name, *regie, *overlegpartners, *operationeel, *bestuurlijk;
};
typedef bool kp_each_casus(void *ctx, const struct kp_casus *c);
enum kp_result kp_casus_list(kp_node *node, uint32_t timeout_ms, kp_each_casus *each, void *ctx,
			     struct kp_error *err);

struct kp_rung {
	const char *name, *hoedanigheid;
	uint64_t unix_ms, index;
	const char *receipt;
};
typedef bool kp_each_rung(void *ctx, const struct kp_rung *r);
/* kp_ladder() - how far a sent message came: AANVAARD, AFGELEVERD, GEOPEND, BEANTWOORD, TERMIJN or GEWEIGERD,
 * each with its receipt, "" when the house can not give it any more. */
enum kp_result kp_ladder(kp_node *node, const char *message_id, uint32_t timeout_ms, kp_each_rung *each,
			 void *ctx, struct kp_error *err);

/* --- evidence --- */
/* kp_origin() - the name of the house's log, as in its checkpoints and its public key. */
const char *kp_origin(const kp_node *node);

struct kp_receipt_view {
	char message_id[KP_ID_SIZE];
	const char *rung; /* "AANVAARD", "GEWEIGERD", ... */
	const char *code;
	uint64_t index, size, unix_ms;
	const char *const *rules; /* "GEEN_GRONDSLAG wgs.grondslag" per failed rule, NULL-terminated */
	const char *origin;
	const char *const *witnesses; /* of the policy: who cosigned, NULL-terminated; empty without one */
	uint64_t witnessed_unix_s;    /* the latest of their times; 0 */
};
/* kp_receipt_check() - offline; vkey: the house's public key. KP_OK, KP_UNVERIFIED, KP_USAGE. */
enum kp_result kp_receipt_check(const char *text, size_t len, const char *vkey, struct kp_receipt_view **out,
				struct kp_error *err);
/* kp_receipt_check_policy() - the same, and the head must have the cosignatures that a C2SP tlog-policy asks for. vkey may be NULL
 * when the policy lists the log. KP_UNVERIFIED below the quorum: the text names the witnesses that are missing. */
enum kp_result kp_receipt_check_policy(const char *text, size_t len, const char *vkey, const char *policy,
				       struct kp_receipt_view **out, struct kp_error *err);
void kp_receipt_view_free(struct kp_receipt_view *v);

/* kp_refusal() - what a refused message's receipt says, whole, in a language ("nl" | "en"): every rule that failed, with its sentence.
 * KP_UNVERIFIED: it does not hold. */
struct kp_refused_rule {
	const char *code, *rule, *subject, *text;
};
struct kp_refusal {
	const char *code, *text, *remedy;
	size_t n_rules;
	const struct kp_refused_rule *rules;
};
enum kp_result kp_refusal(kp_node *node, const char *receipt, const char *language, struct kp_refusal **out,
			  struct kp_error *err);
void kp_refusal_free(struct kp_refusal *r);

/*
 * kp_records() - a page of the log: purpose-bound, signed, itself logged. For a functionary of class toetsing; with
 * own for everyone, of what the hoedanigheden he is mandated for sent or received.
 * as and person say who asks, purpose why; what is NULL, 0 or false does not narrow. proofs: each readable record
 * comes with its tlog-proof, checked.
 * @each: one JSON object per record: index, kind and code of the entry, time, unix_ms, readable (its key still
 *        lives), bound (it is the record its entry is bound to), the record's fields by name, and proof, "" when
 *        the entry was not signed yet
 * KP_UNVERIFIED when a record was not the one its entry is bound to, or a proof does not hold; all were shown.
 */
struct kp_records {
	const char *as, *person, *purpose, *casus, *hoedanigheid, *code, *category, *kind;
	uint64_t from_unix_ms, to_unix_ms, after_index;
	uint32_t limit;
	bool evidence; /* also entry and opening, base64: what a dossier proves each record with */
	const char *functionary, *grondslag, *doel, *overleg, *message;
	bool urgent, own, proofs;
};
typedef bool kp_each_record(void *ctx, uint64_t index, const char *json);
enum kp_result kp_records(kp_node *node, const struct kp_records *q, uint32_t timeout_ms,
			  kp_each_record *each, void *ctx, uint64_t *next_index, struct kp_error *err);

#ifdef __cplusplus
}
#endif
