/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * The rules in force, in the store: every note that ever came into force, and which of them do now.
 */
#include "daemon/core/evidence.h"

/* rules_store_load() - c->rules from the store. CORE_E_START: why names the note that does not load. */
MUST_CHECK int rules_store_load(struct core *c, char why[400]);
/* rules_store_reload() - after a batch that admitted rules did not become durable. */
MUST_CHECK int rules_store_reload(struct core *c);

enum { RULES_STORE_OK = 0, RULES_STORE_E_REFUSED = 1, RULES_STORE_E_SAME, RULES_STORE_E_UNKNOWN };
/*
 * rules_store_admit() - a note into force, in the open batch, with its REGELS entry; a refusal has its entry too
 * @now_unix_ms: 0 at the start, which takes up what was in force; otherwise a version whose period is over is refused
 * Return: RULES_STORE_OK; _E_SAME, no entry; _E_REFUSED, faults say why; _E_UNKNOWN, it is no rules note (no entry).
 */
MUST_CHECK int rules_store_admit(struct core *c, struct span note, uint64_t now_unix_ms, struct fault_list *faults);
/* rules_store_reply() - the notes in force and the newest checkpoint, as a Rules message. */
MUST_CHECK int rules_store_reply(struct core *c, struct buffer *out);
/* rules_store_version() - the note of any kader, register or convenant that ever was in force, by the SHA-256 of its text.
 * RULES_STORE_E_UNKNOWN: there is none. */
MUST_CHECK int rules_store_version(struct core *c, struct span digest, struct span *note);
void rules_digest(struct span text, uint8_t out[HASH_BYTES]);
/* trust_read() - the trust file: "quorum N" and "steward VKEY" lines. CORE_E_START: why names the line. */
MUST_CHECK int trust_read(struct core *c, struct span text, char why[400]);
