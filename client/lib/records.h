/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Records - a page of the log as it came, for who judges it himself. */
#include "client/lib/node.h"
#include "proto/wire.h"

/* row: unchecked; lives until the function returns. Anything but KP_OK ends the page and is its result. */
typedef enum kp_result records_row(void *ctx, const struct log_record *row, struct kp_error *err);
/* records_rows() - as kp_records(), with what each decision rested on. */
enum kp_result records_rows(struct kp_node *node, const struct kp_records *q, uint32_t timeout_ms, records_row *row, void *ctx,
			    uint64_t *next_index, struct kp_error *err);
