/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* What the state_*.c share: the struct and the records. See state.c for the tables. */
#include "client/lib/state.h"
#include "client/lib/table.h"

#define PLACE_BYTES 8

struct state {
	struct tables *tables;
	int process_fd, serve_fd;
	char *folder;
};

bool sent_record_read(struct span bytes, struct sent *out, uint64_t *place);
bool item_record_read(struct span bytes, struct item *out, uint64_t *place);
void item_record_write(const struct item *m, uint64_t place, struct buffer *out);
void mark_taken(struct txn *t, const struct item *item); /* what an item that is taken says of another */
void fresh_key(enum message_kind kind, uint64_t place, uint8_t out[1 + PLACE_BYTES]);
