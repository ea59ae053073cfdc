/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Follow - answers and what else follows on a message. The public functions are in knooppunt.h. */
#include <stdint.h>

/* follow_leaves_unix_ms() - when an answer without content leaves: the next whole step after the question came in, never sooner
 * than now. */
uint64_t follow_leaves_unix_ms(uint64_t received_unix_ms, uint64_t now_unix_ms, uint32_t step_ms);
