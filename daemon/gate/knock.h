/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Knock - a connection to our own door with a key made a moment ago: what becomes of a stranger?
 */
#include "daemon/gate/watch.h"
#include "daemon/gate/zap.h"

enum { KNOCK_REFUSED = 0, KNOCK_ADMITTED = 1, KNOCK_UNANSWERED, KNOCK_FAILED };

/*
 * knock() - KNOCK_REFUSED: our ZAP handler was asked about this very key and said no, and the stranger was told so; anything else is
 * a door that must not open. Meanwhile zap and watch are served here; zap's judge is unset before and after. <0 fatal.
 */
MUST_CHECK int knock(void *zmq, const char *endpoint, const uint8_t server_key[KEY_BYTES], uint64_t limit_ms, struct zap *zap,
		     struct watch *watch);
const char *knock_text(int result);
