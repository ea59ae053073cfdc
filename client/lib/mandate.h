/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Mandates of this home's persons: signed with the organisation's key, kept as mandates/<person>.note. */
#include "client/lib/node.h"

/* mandate_make() - sign with the organisation's key and keep; takes the place of an older one of the same
 * person. */
enum kp_result mandate_make(const char *home, const struct mandate *m, const struct keyfile *organisation,
			    struct arena *arena, struct kp_error *err);
