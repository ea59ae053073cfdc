/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * ZAP (ZeroMQ RFC 27): libzmq asks here, per connection, whether the key that a peer has just proved may come in.
 *
 * Must be there before the listening socket is bound: without a handler libzmq lets everybody in, or nobody (ZeroMQ RFC 27).
 * The answer sets the User-Id of every message of that connection: the key, in 64 hex characters.
 */
#include "base/env.h"
#include "daemon/gate/limiter.h"
#include "daemon/gate/peers.h"

#define ZAP_DOMAIN "knooppunt"

enum zap_verdict { ZAP_ALLOW, ZAP_LATER, ZAP_REFUSE, ZAP_REFUSE_UNLOGGED /* our own knock */ };
typedef enum zap_verdict zap_judge_fn(void *ctx, const uint8_t key[KEY_BYTES]);

struct zap;
MUST_CHECK int zap_new(void *zmq, const struct env *env, struct zap **out);
struct zap *zap_free(struct zap *z);
void zap_freep(struct zap **z);
void *zap_socket(struct zap *z); /* to poll on */
void zap_judge(struct zap *z, zap_judge_fn *judge, void *ctx); /* until set, everybody is refused */
MUST_CHECK int zap_step(struct zap *z); /* answer what was asked. 0, <0 fatal */
