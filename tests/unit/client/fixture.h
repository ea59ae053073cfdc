/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * A house on paper for the tests of the client: stewards, log key, the example house's register, kader and
 * convenant, all signed; partners join it with the public API and are admitted by the stewards, without a
 * daemon.
 */
#include "tests/lib/harness.h"

#include "client/lib/node.h"

#define PAPER_STEWARDS 2
#define PAPER_HOMES_MAX 8

struct paper_house {
	char *folder;
	const char *endpoint;
	struct note_key stewards[PAPER_STEWARDS], log_key;
	struct secret *steward_secrets[PAPER_STEWARDS], *log_secret;
	uint8_t transport_public[32], transport_secret[32];
	struct registry *registry;
	struct buffer register_note, kader_note, convenant_note;
	size_t n_homes;
	char *homes[PAPER_HOMES_MAX];
};

void paper_house_new(struct paper_house *h, const char *endpoint);
void paper_house_free(struct paper_house *h);

/* The text of an invitation; hoedanigheden NULL-terminated. enrol_public: 32 bytes or NULL. */
void paper_invite(struct paper_house *h, const char *organisation, const char *const *hoedanigheden,
		  struct buffer *note, uint8_t *enrol_public);
/* Joins with kp_join() (nobody listens: KP_UNREACHABLE is what it gives), admits, and returns the path of the
 * home. */
const char *paper_join(struct paper_house *h, const char *organisation, const char *const *hoedanigheden);
/* The convenant, signed by these homes' organisations. */
void paper_convenant(struct paper_house *h, const char *const *homes);
/* Lays the rules in force into a home, as a sync would. */
void paper_rules(const struct paper_house *h, const char *home);
/* kp_open() or the test fails. */
kp_node *paper_open(const char *home);
/* As the house delivers it: the envelope with the mandate of who signed it. */
void paper_deliver(kp_node *from, kp_node *to, struct span envelope, struct item *kept, struct arena *arena);
/* paper_carry() - what was sent into the outbox (nobody listens), carried over. */
void paper_carry(kp_node *from, kp_node *to, const struct kp_sent *sent, struct item *kept, struct arena *arena);
