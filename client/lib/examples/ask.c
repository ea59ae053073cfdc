/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ask partners one question and print what they answer, with the public API alone.
 *
 *   ask HOME CASUS GRONDSLAG DOEL CATEGORY HOEDANIGHEID...
 */
#include <knooppunt/knooppunt.h>
#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 10000
#define ASKED_MAX 16

static int trouble(const struct kp_error *e, enum kp_result r)
{
	fprintf(stderr, "%s (%s): %s\n%s\n", e->side, e->stage, e->text, e->remedy);
	return (int)r;
}

static bool print_answer(void *ctx, const struct kp_message_in *listed)
{
	kp_node *node = ctx;
	struct kp_message_in *m;
	struct kp_error e;

	if (kp_read(node, listed->message_id, true, &m, &e) != KP_OK) {
		trouble(&e, KP_UNVERIFIED);
		return true;
	}
	printf("%s answers %s\n", m->sender, m->answer_kind);
	for (size_t i = 0; i < m->n_parts; i++)
		printf("  %s: %s\n", m->parts[i].category,
		       m->parts[i].opened ? m->parts[i].content : m->parts[i].trouble);
	kp_message_in_free(m);
	return true;
}

int main(int argc, char **argv)
{
	struct kp_sent sent[ASKED_MAX];
	struct kp_error e;
	kp_node *node;
	int n = argc - 6, accepted = 0;
	enum kp_result r;

	if (n < 1 || n > ASKED_MAX || (r = kp_open(argv[1], &node, &e)) != KP_OK)
		return n < 1 || n > ASKED_MAX ? KP_USAGE : trouble(&e, r);
	const char *categories[] = { argv[5], NULL };
	struct kp_part question = { .category = "vraag", .content = "{\"vraag\": \"wat is bekend?\"}" };
	struct kp_message_out m = {
		.kind = "verzoek",
		.to = (const char *const *)&argv[6],
		.casus = argv[2],
		.regime = "WGS",
		.grondslag = argv[3],
		.doel = argv[4],
		.noodzaak = "voorbereiding van het overleg",
		.person_role = "betrokkene",
		.categories = categories,
		.parts = &question,
		.n_parts = 1,
	};
	r = kp_ask(node, &m, TIMEOUT_MS, sent, &e);
	for (int i = 0; i < n; i++) {
		printf("%s: %s\n", argv[6 + i], sent[i].result == KP_OK ? "asked" : sent[i].error.text);
		accepted += sent[i].result == KP_OK;
	}
	for (int i = 0; i < accepted && kp_receive(node, TIMEOUT_MS, &e) == KP_OK;)
		i++;
	if (accepted)
		(void)kp_inbox(node, sent[0].exchange_id, print_answer, node, &e);
	for (int i = 0; i < n; i++)
		kp_sent_fini(&sent[i]);
	kp_close(node);
	return (int)r;
}
