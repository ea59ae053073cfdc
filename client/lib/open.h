/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Open - from a delivered envelope to what it says: chain of signatures, then parts.
 */
#include "client/lib/node.h"

/*
 * open_item() - an item as the API shows it
 * @parts: verify the signer's chain and open the parts; otherwise only the header is read, nothing is proven
 * KP_UNVERIFIED: the chain does not hold. The item is not needed afterwards; kp_message_in_free() frees and
 * wipes.
 */
enum kp_result open_item(struct kp_node *node, const struct item *item, bool parts,
			 struct kp_message_in **out, struct kp_error *err);
/* open_stored() - the same by message id, from the inbox. KP_NONE when it is not there. When a newer register
 * might help, it is fetched once. */
enum kp_result open_stored(struct kp_node *node, const uint8_t id[ID_BYTES], bool parts,
			   struct kp_message_in **out, struct kp_error *err);
