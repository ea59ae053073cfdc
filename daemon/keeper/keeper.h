/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Keeper - holds the log's signing key and signs a tree head only when it extends the last one it signed.
 *
 * Its verbs, and no others: KEYS, SIGN. It never signs bytes that it is given: from a size and a root it writes the checkpoint
 * itself, under its own origin (the key's name). A wrong request is answered with KEEPER_REFUSED and changes nothing.
 * The new head is on disk before it is answered. So whoever holds the core can lie from now on, not about before.
 *
 * Owns: the key and the head file. Threads: one. Blocks: for one fdatasync() per new head.
 */
#include "base/keyfile.h"
#include "daemon/ipc/ipc.h"
#include "daemon/keeper/head.h"

struct keeper;
enum { KEEPER_OK = 0, KEEPER_E_START = 1 };
/* keeper_new() - log_key: taken over on KEEPER_OK (zeroed). KEEPER_E_START: logged, as to what must be mended. <0 fatal. */
MUST_CHECK int keeper_new(struct keyfile *log_key, const char *folder, struct keeper **out);
struct keeper *keeper_free(struct keeper *k);
void keeper_freep(struct keeper **k);

/* keeper_answer() - one request, one answer; its body is valid until the next call. 0, <0 fatal: the head could not be kept. */
MUST_CHECK int keeper_answer(struct keeper *k, const struct ipc_frame *request, struct ipc_frame *out);
