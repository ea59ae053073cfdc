/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Messages for the core: a default one of its kind, in the nazorg overleg; the test changes it, then signs. */
#include "tests/unit/daemon/core_world.h"

struct draft {
	struct message m;
	const struct person *person; /* NULL: signed by the node */
	const struct node *node;
	const char *recipients[8], *categories[8], *involve[8], *release[8];
	struct part parts[4];
	struct wrap wraps[4][8];
	struct buffer part_heads[4];
	uint8_t id[ID_BYTES], exchange[ID_BYTES], casus[ID_BYTES], reply_to[ID_BYTES], trace[ID_BYTES];
	uint8_t acks[64][ID_BYTES];
};
void draft_begin(struct world *w, struct draft *d, enum message_kind kind, int node, const uint8_t *casus);
void draft_to(struct draft *d, const char *words);
void draft_categories(struct draft *d, const char *words);
void draft_part(struct world *w, struct draft *d, const char *category);
void draft_sign(struct draft *d, struct buffer *envelope); /* frees the draft's own memory */
void draft_submit(struct world *w, struct draft *d, uint64_t session, uint64_t correlation);

/* Whole steps, each accepted: */
void world_begin(struct world *w, uint64_t seed, uint8_t *casus); /* open, start, mandates; casus not NULL: and one */
void world_casus(struct world *w, uint8_t casus[ID_BYTES]);       /* aanmelding, betrekken of all, toestemming */
void world_ask(struct world *w, const uint8_t *casus, uint8_t id[ID_BYTES], uint64_t session, uint64_t correlation);
void draft_ask(struct world *w, struct draft *d, const uint8_t *casus, const char *to);
void draft_answer(struct world *w, struct draft *d, int node, const uint8_t *casus, const uint8_t *request);
/* About an earlier message, to those who got it from its sender; the body is the caller's. */
void draft_about(struct world *w, struct draft *d, enum message_kind kind, int node, const uint8_t *casus, const uint8_t *about,
		 const char *to);
/* Under the WGS, in the maatwerkoverleg: what stands there for nazorg becomes that. */
void draft_wgs(struct draft *d, const char *grondslag);
void draft_motivate(struct world *w, struct draft *d); /* the four criteria, each met and motivated in a part */
void world_wgs(struct world *w, uint8_t casus[ID_BYTES], const char *phase); /* a casus of ZVHD, POLITIE and GGZ, in that phase */
void draft_ack(struct world *w, struct draft *d, int node, const uint8_t *ids, size_t n);

