/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Parcel - a message to a node, its bytes charged to an account for as long as libzmq holds them.
 *
 * libzmq bounds what waits for a slow reader by number of messages only; a thousand answers of a megabyte are a gigabyte.
 * Threads: accounts are charged by the gate's thread and credited by libzmq's; both are counted references.
 */
#include <zmq.h>

#include "base/span.h"

struct account;
/* account_new() - parent: charged along, or NULL; a reference to it is taken. NULL when out of memory. */
struct account *account_new(size_t limit_bytes, struct account *parent);
void account_unref(struct account *a); /* accepts NULL */
size_t account_used(const struct account *a);

enum { PARCEL_OK = 0, PARCEL_E_FULL = 1 };
/* parcel_make() - initialises the message with a copy of the bytes. PARCEL_E_FULL: over the account's limit, or its parent's. */
MUST_CHECK int parcel_make(zmq_msg_t *out, struct account *a, struct span bytes);
