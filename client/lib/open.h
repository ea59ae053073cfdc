/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Open - from a delivered envelope to what it says: chain of signatures, then parts.
 */
#include "client/lib/node.h"

enum open_how {
	OPEN_LIST = 0, /* header and body only, nothing is proven */
	OPEN_PARTS,    /* verify the signer's chain and open the parts */
	OPEN_SENT      /* as OPEN_LIST, of a message of this node's own making */
};

/*
 * open_item() - an item as the API shows it, without its marks
 * KP_UNVERIFIED: the chain does not hold. The item is not needed afterwards; kp_message_in_free() frees and
 * wipes.
 */
enum kp_result open_item(struct kp_node *node, const struct item *item, enum open_how how,
			 struct kp_message_in **out, struct kp_error *err);
/* open_stored() - the same by message id, from the inbox, with what is known of it beside. KP_NONE when it is not there. When a
 * newer register might help, it is fetched once. */
enum kp_result open_stored(struct kp_node *node, const uint8_t id[ID_BYTES], bool parts,
			   struct kp_message_in **out, struct kp_error *err);
/* open_asks() - a message of this kind waits for an answer. */
bool open_asks(enum message_kind kind);
/* open_arena() - the memory of a message that was opened: what is put there goes with it. */
struct arena *open_arena(struct kp_message_in *m);
