/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Home - the folder of one node: who it is and which house it belongs to (node.yaml), whom it trusts (trust),
 * its keys.
 *
 *   node.yaml  uitnodiging, huis, naam, origin, endpoint, transport, log, organisatie, knooppunt,
 *              hoedanigheden, persoon, zin, and when somebody wrote it: withheld_step_s
 *   trust      "quorum 2" and lines "steward <vkey>": who vouch for the register in rules/
 *   keys/      organisation.key, node.key, transport.cert[_secret], reading-<hoedanigheid>.key,
 *              person-<id>.key
 *   mandates/<person>.note, join.note, rules/, state/, receipts/, evidence/
 *
 * Folders are 0700, files 0600; a key file that others may read is refused. Texts live in the home's arena.
 */
#include "base/zcert.h"
#include "client/lib/failure.h"
#include "client/lib/invitation.h"
#include "convenant/trust.h"

#define HOME_PERSONS_MAX 32
#define HOME_WITHHELD_STEP_S 5
#define HOME_WITHHELD_STEP_MAX_S 3600

struct home {
	struct arena *arena;
	const char *path, *house, *name, *origin, *endpoint, *organisation, *node, *person, *phrase;
	uint8_t invite[ID_BYTES];
	uint8_t transport_key[32]; /* of the house */
	struct note_key log_key;
	struct text_list hoedanigheden;
	struct rules_trust trust;
	uint32_t withheld_step_ms; /* answers without content leave at multiples of it: docs/decisions/0026 */
};

struct person_key {
	const char *id;
	struct keyfile key;
	struct span mandate; /* the note; empty when there is none */
};
struct keyring {
	struct zcert transport;
	struct keyfile node;
	size_t n_reading, n_persons;
	struct keyfile reading[INVITATION_HOEDANIGHEDEN_MAX]; /* name: the hoedanigheid */
	struct person_key persons[HOME_PERSONS_MAX];
};

/* home_read() - KP_OK; KP_USAGE when the folder is no home; KP_ERROR when it is damaged or open to others. */
enum kp_result home_read(const char *path, struct home *out, struct kp_error *err);
void home_fini(struct home *h);
/* home_write() - node.yaml and trust, durably; node.yaml last, so that a home is whole or not there. */
enum kp_result home_write(const struct home *h, struct kp_error *err);
/* home_trust_write() - other stewards take the place of those of the invitation. */
enum kp_result home_trust_write(const char *path, const struct rules_trust *trust, struct kp_error *err);

enum kp_result keyring_read(const struct home *h, struct keyring *out, struct kp_error *err);
void keyring_fini(struct keyring *k);
const struct keyfile *keyring_reading(const struct keyring *k,
				      const char *hoedanigheid); /* NULL when it has none */

/* key_ensure() - read keys/<name>, or make it there. */
enum kp_result key_ensure(const char *home, const char *file, const char *use, const char *name,
			  struct keyfile *out, struct kp_error *err);
/* key_copy() - the key of another home, in this one too; KP_USAGE when it is not there, or another one of that name is here. */
enum kp_result key_copy(const char *from, const char *home, const char *file, const char *use, struct kp_error *err);
enum kp_result cert_ensure(const char *home, const char *name, struct zcert *out, struct kp_error *err);
bool name_is_safe(const char *name); /* may be part of a file name: [a-z0-9][a-z0-9.-]*, at most 63 */
/* path_join() - "<home>/<folder>/<file>" in the arena; NULL when out of memory. */
const char *path_join(struct arena *arena, const char *home, const char *folder, const char *file);
