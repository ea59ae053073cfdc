/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Fetch - what a node reads: after the commit, so that it sees what was decided before it.
 */
#include "daemon/core/inside.h"

MUST_CHECK int fetch_answer(struct core *c, struct item *item); /* one REPLY or one TROUBLE */
