/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Invitation and join request - how an organisation's node comes into a house: one file from a steward, one
 * request back, one phrase that both compare by phone. Used by the node that joins and by the house that
 * invites.
 *
 * Invitation: a note signed by one steward; YAML text:
 *   uitnodiging: <32 hex>       # first 16 bytes of SHA-256("knooppunt/invitation/v1" || the lines below)
 *   huis, naam, origin, endpoint
 *   transport: <64 hex>         # CURVE public key of the house
 *   log: <vkey>
 *   beheerders: {quorum: n, sleutels: [<vkey>, ...]}
 *   organisatie, knooppunt, hoedanigheden: [...]
 *   inschrijfsleutel: <64 hex>  # CURVE secret key, good for one enrolment
 *   tot: <time>
 * Join request: a note signed by the organisation's new key, which is named after the organisation; YAML:
 *   aanvraag: <32 hex>          # the invitation's id
 *   organisatie, knooppunt
 *   sleutel: <vkey>             # of the organisation
 *   transport, handtekening: <64 hex>   # CURVE and Ed25519 public keys of the node
 *   leessleutels: [{hoedanigheid, sleutel: <64 hex>}, ...]
 *
 * The id is a hash of the invitation, and the phrase is a hash over the id, the house's key and the request:
 * whoever changes any of them on the way makes the two phrases differ.
 * Pure functions, any thread.
 */
#include "base/fault.h"
#include "convenant/register.h"

#define INVITATION_STEWARDS_MAX 16
#define INVITATION_HOEDANIGHEDEN_MAX 16
#define JOIN_PHRASE_SIZE 24 /* "48213 90177 00342 66128" */

struct invitation {
	uint8_t id[ID_BYTES];
	const char *house, *name, *origin, *endpoint, *organisation, *node;
	uint8_t transport_key[32];
	struct note_key log_key;
	uint64_t quorum;
	size_t n_stewards;
	struct note_key stewards[INVITATION_STEWARDS_MAX];
	struct text_list hoedanigheden;
	uint8_t enrol_secret[32], enrol_public[32]; /* wipe with invitation_fini() */
	uint64_t until_unix_ms;
};
void invitation_fini(struct invitation *i);

enum { INVITATION_OK = 0, INVITATION_E_FAULTS = 1, INVITATION_E_SIGNATURE };

/*
 * invitation_make() - a signed invitation
 * @terms:  everything but id and the enrolment keys, which are made here and filled in
 * @steward, @secret_key: who signs; one of terms->stewards
 * @faults: says what is wrong with the terms on INVITATION_E_FAULTS
 * The caller registers id and enrol_public with the house before it hands the note out.
 */
MUST_CHECK int invitation_make(struct invitation *terms, const struct note_key *steward,
			       const struct secret *secret_key, struct fault_list *faults,
			       struct buffer *note);
/*
 * invitation_open() - read and verify: signed by one of the stewards it names, id belongs to the text. Texts
 * in the arena. That the stewards are the true ones is what the phrase is for. Expiry is the caller's to
 * judge.
 */
MUST_CHECK int invitation_open(struct span note, struct arena *arena, struct fault_list *faults,
			       struct invitation *out);

/* join_print() - the signed join request. */
MUST_CHECK int join_print(const uint8_t invite[ID_BYTES], const struct admission *a,
			  const struct secret *organisation_key, struct buffer *note);
/*
 * join_open() - read and verify a join request by the key it brings; what register_next() takes comes out,
 * texts in the arena. INVITATION_E_FAULTS, INVITATION_E_SIGNATURE as above.
 */
MUST_CHECK int join_open(struct span note, struct arena *arena, struct fault_list *faults,
			 uint8_t invite[ID_BYTES], struct admission *out);

/* join_phrase() - over the invitation's id, the text of the log's vkey and the signed text of the join
 * request's note. */
void join_phrase(const uint8_t invite[ID_BYTES], const struct note_key *log_key, struct span join_note,
		 char out[JOIN_PHRASE_SIZE]);
