/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Record view - one record of the log as JSON text: the form of `audit list --json`, of exports and of reports.
 */
#include "proto/wire.h"

/*
 * record_view() - malloc'ed; NULL: the entry or its record is malformed
 * @evidence: also the entry and its opening, base64
 * @sound:    whether the record is the one its entry is bound to
 */
char *record_view(const struct log_record *in, bool evidence, struct arena *arena, bool *sound);
