/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Fetch - what a node may read. Looking for a casus or a message that is not its own gives NIET_BEKEND, and an entry (fetch_decide(),
 * in the batch); all else changes nothing and is answered after the commit.
 */
#include "daemon/core/inside.h"

MUST_CHECK int fetch_decide(struct core *c, struct item *item);
MUST_CHECK int fetch_answer(struct core *c, struct item *item); /* one REPLY or one TROUBLE */
