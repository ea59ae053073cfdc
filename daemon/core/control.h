/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Control - what the operator asks over the control socket. The least trusted source of frames: everything is checked.
 * Acts (publish, invite) are decided in the batch, in their turn; readings are answered after the commit.
 */
#include "daemon/core/inside.h"

bool control_knows(uint16_t verb);
MUST_CHECK int control_decide(struct core *c, struct item *item);
MUST_CHECK int control_answer(struct core *c, struct item *item); /* one REPLY or one TROUBLE, after the commit */
MUST_CHECK int control_trouble(struct core *c, uint64_t client, const char *code, const char *text, const char *remedy);

/* status.c */
MUST_CHECK int status_print(struct core *c, struct buffer *out);
