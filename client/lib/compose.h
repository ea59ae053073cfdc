/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Compose - from what the caller says to the bytes of a signed envelope. Nothing is stored and nothing is
 * sent here.
 */
#include "client/lib/node.h"
#include "proto/part.h"

struct composed {
	struct arena *arena; /* message lives in it */
	struct message message;
	const struct mandate *mandate; /* of the signer; NULL when the node signs */
	struct buffer envelope;
	struct hash digest;
	bool withheld;		 /* said GEEN_MEDEDELING, says NIET_BEKEND */
	uint64_t leaves_unix_ms; /* not before; 0: at once */
};
void composed_fini(struct composed *c);

enum compose_how {
	COMPOSE_SEND = 0,
	COMPOSE_REHEARSE /* for kp_may_i(): a recipient without a reading key gets a part nobody can open */
};

/*
 * compose() - one envelope to all of to
 * @to:       NULL-terminated or NULL
 * @exchange: 16 bytes, or NULL: m->exchange, or a new one
 * KP_USAGE names the argument that does not fit; KP_NONE: a recipient has not joined yet as far as the rules
 * here know.
 */
enum kp_result compose(struct kp_node *node, const struct kp_message_out *m, const char *const *to,
		       const uint8_t *exchange, enum compose_how how, struct composed *out,
		       struct kp_error *err);
/* compose_signed() - header and body filled in by the caller; the rest of the header (id, times, trace) and
 * the signature here. */
enum kp_result compose_signed(struct kp_node *node, struct message *m, const struct keyfile *signer,
			      struct composed *out, struct kp_error *err);
/* compose_person() - who signs for a hoedanigheid: by name, or the home's first person, or the only one. */
enum kp_result compose_person(struct kp_node *node, const char *as, const char *person,
			      struct person_key **out, const struct mandate **mandate, struct kp_error *err);
/* compose_as() - the hoedanigheid, or the only one of this node. */
enum kp_result compose_as(const struct kp_node *node, const char *as, const char **out, struct kp_error *err);
/* compose_ack() - the node's acknowledgement of at most NODE_BATCH_MAX messages. 0 or <0 fatal. */
MUST_CHECK int compose_ack(struct kp_node *node, const char *as, const uint8_t (*ids)[ID_BYTES], size_t n,
			   struct buffer *envelope);
/* node_mandate() - a mandate note verified under the rules here; cached. NULL when it does not hold, faults
 * says why. */
const struct mandate *node_mandate(struct kp_node *node, struct span note, struct fault_list *faults);
