/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The charge stands in front of the bytes it is for and goes with them, in the function that libzmq calls when it lets go. That
 * is the one place where charges end, whatever became of the connection.
 */
#include "daemon/gate/parcel.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct account {
	atomic_uint refs;
	atomic_size_t used_bytes;
	size_t limit_bytes;
	struct account *parent;
};

struct charge {
	struct account *account;
	size_t n_bytes;
	uint8_t bytes[];
};

struct account *account_new(size_t limit_bytes, struct account *parent)
{
	struct account *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	atomic_init(&a->refs, 1);
	a->limit_bytes = limit_bytes;
	a->parent = parent;
	if (parent)
		atomic_fetch_add(&parent->refs, 1);
	return a;
}

void account_unref(struct account *a)
{
	while (a && atomic_fetch_sub(&a->refs, 1) == 1) {
		struct account *parent = a->parent;

		free(a);
		a = parent;
	}
}

size_t account_used(const struct account *a)
{
	return atomic_load(&a->used_bytes);
}

/* Only the gate's thread adds, so what is free now can only become more. */
static bool has_room(const struct account *a, size_t n)
{
	size_t used = account_used(a);

	return used <= a->limit_bytes && n <= a->limit_bytes - used;
}

static void charge_end(void *data UNUSED, void *hint)
{
	struct charge *c = hint;

	for (struct account *a = c->account; a; a = a->parent)
		atomic_fetch_sub(&a->used_bytes, c->n_bytes);
	account_unref(c->account);
	free(c);
}

int parcel_make(zmq_msg_t *out, struct account *a, struct span bytes)
{
	struct charge *c;

	for (const struct account *at = a; at; at = at->parent)
		if (!has_room(at, bytes.len))
			return PARCEL_E_FULL;
	c = malloc(sizeof *c + bytes.len);
	if (!c)
		return err_raise(-ENOMEM);
	c->account = a;
	c->n_bytes = bytes.len;
	memcpy(c->bytes, bytes.ptr, bytes.len);
	if (zmq_msg_init_data(out, c->bytes, bytes.len, charge_end, c)) {
		free(c);
		return err_raise(-ENOMEM);
	}
	atomic_fetch_add(&a->refs, 1);
	for (struct account *at = a; at; at = at->parent)
		atomic_fetch_add(&at->used_bytes, bytes.len);
	return PARCEL_OK;
}
