/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ask partners one question and print what they answer, with the public API alone. The sealed question is read from standard
 * input, as JSON: {"betrokkene": {"bsn": "..."}, "vraag": "..."}; on the command line others could read it.
 *
 *   ask HOME CASUS REGIME GRONDSLAG DOEL CATEGORY HOEDANIGHEID... <question.json
 */
#include <knooppunt/knooppunt.h>
#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 10000
#define ASKED_MAX 16
#define FIRST_ASKED 7
#define QUESTION_MAX 4096

/* What the walk through the inbox needs; answers so far. */
struct asking {
	kp_node *node;
	int answered;
};

static int trouble(const struct kp_error *e, enum kp_result r)
{
	fprintf(stderr, "%s (%s): %s\n%s\n", e->side, e->stage, e->text, e->remedy);
	return (int)r;
}

static bool print_answer(void *ctx, const struct kp_message_in *listed)
{
	struct asking *asking = ctx;
	struct kp_message_in *m;
	struct kp_error e;

	if (kp_read(asking->node, listed->message_id, true, &m, &e) != KP_OK) {
		trouble(&e, KP_UNVERIFIED);
		return true;
	}
	printf("%s answers %s\n", m->sender, m->answer_kind);
	for (size_t i = 0; i < m->n_parts; i++)
		printf("  %s: %s\n", m->parts[i].category, m->parts[i].opened ? m->parts[i].content : m->parts[i].trouble);
	kp_message_in_free(m);
	return true;
}

static bool count_answer(void *ctx, const struct kp_message_in *listed)
{
	struct asking *asking = ctx;

	(void)listed;
	asking->answered++;
	return true;
}

/* Until all have answered, or nothing came for TIMEOUT_MS. */
static void collect(struct asking *asking, const char *exchange, int n)
{
	struct kp_error e;

	for (;;) {
		asking->answered = 0;
		if (kp_inbox(asking->node, exchange, count_answer, asking, &e) != KP_OK || asking->answered >= n)
			return;
		if (kp_receive(asking->node, TIMEOUT_MS, &e) != KP_OK)
			return;
	}
}

int main(int argc, char **argv)
{
	struct kp_sent sent[ASKED_MAX];
	char content[QUESTION_MAX];
	struct kp_error e;
	kp_node *node;
	int n = argc - FIRST_ASKED, accepted = 0;
	enum kp_result r;

	if (n < 1 || n > ASKED_MAX || (r = kp_open(argv[1], &node, &e)) != KP_OK)
		return n < 1 || n > ASKED_MAX ? KP_USAGE : trouble(&e, r);
	content[fread(content, 1, sizeof content - 1, stdin)] = 0;
	const char *categories[] = { argv[6], NULL };
	struct kp_part question = { .category = "vraag", .content = content };
	struct kp_message_out m = {
		.kind = "verzoek", .to = (const char *const *)&argv[FIRST_ASKED], .casus = argv[2], .regime = argv[3],
		.grondslag = argv[4], .doel = argv[5], .noodzaak = "voorbereiding van het overleg", .person_role = "betrokkene",
		.categories = categories, .parts = &question, .n_parts = 1,
	};
	r = kp_ask(node, &m, TIMEOUT_MS, sent, &e);
	for (int i = 0; i < n; i++) {
		if (sent[i].result == KP_OK)
			printf("%s: asked\n", argv[FIRST_ASKED + i]);
		else
			printf("%s: %s %s\n", argv[FIRST_ASKED + i], sent[i].error.code, sent[i].error.text);
		accepted += sent[i].result == KP_OK;
	}
	if (accepted) {
		struct asking asking = { .node = node };

		collect(&asking, sent[0].exchange_id, accepted);
		(void)kp_inbox(node, sent[0].exchange_id, print_answer, &asking, &e);
	}
	for (int i = 0; i < n; i++)
		kp_sent_fini(&sent[i]);
	kp_close(node);
	return (int)r;
}
