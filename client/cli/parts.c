/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Content comes from files, never from the command line, where other users of the machine could read it. What the options say of it
 * (basis, dates, conditions) holds for all parts of the message.
 */
#include "client/cli/parts.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PART_FILE_MAX (256u * 1024)
#define MOTIVATION_MAX (64u * 1024)
#define SUBJECT_MAX (64u * 1024)

void cli_parts_fini(struct cli_parts *p)
{
	for (size_t i = 0; i < N_ELEMENTS(p->texts); i++) {
		if (p->texts[i])
			sodium_memzero(p->texts[i], strlen(p->texts[i]));
		free(p->texts[i]);
		p->texts[i] = NULL;
	}
	cli_list_fini(&p->conditions);
	p->n = 0;
}

/* Takes the content. */
static int take(const struct cli *cli, struct cli_parts *p, const struct kp_part *like, const char *category, char *content)
{
	size_t n = p->n;

	if (n == CLI_PARTS_MAX) {
		free(content);
		return cli_usage(cli, "a message has at most %d parts", CLI_PARTS_MAX);
	}
	p->texts[2 * n] = strdup(category);
	p->texts[2 * n + 1] = content;
	if (!p->texts[2 * n])
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	p->v[n] = *like;
	p->v[n].category = p->texts[2 * n];
	p->v[n].content = content;
	p->n++;
	return CLI_GO;
}

int cli_parts_add(const struct cli *cli, struct cli_parts *p, const char *category, const char *path, const char *media)
{
	char *content = cli_file(cli, path, MOTIVATION_MAX, NULL);

	return content ? take(cli, p, &(struct kp_part){ .media_type = media }, category, content) : KP_ERROR;
}

int cli_parts_text(const struct cli *cli, struct cli_parts *p, const char *category, char *content)
{
	return take(cli, p, &(struct kp_part){ 0 }, category, content);
}

static int data_of(const struct cli *cli, struct cli_parts *p)
{
	struct kp_part like = { .secrecy_basis = p->basis, .reference_date = p->date, .source = p->source, .wpg_article = p->wpg,
				.person_category = p->category, .media_type = p->media, .conditions = p->conditions.v };
	int status = CLI_GO;

	for (size_t i = 0; status == CLI_GO && p->part && p->part[i]; i++) {
		const char *equals = strchr(p->part[i], '=');
		char category[128];
		char *content;

		if (!equals || equals == p->part[i] || (size_t)(equals - p->part[i]) >= sizeof category)
			return cli_usage(cli, "--part is written as CATEGORY=FILE, not \"%s\"", p->part[i]);
		snprintf(category, sizeof category, "%.*s", (int)(equals - p->part[i]), p->part[i]);
		content = cli_file(cli, equals + 1, PART_FILE_MAX, NULL);
		status = content ? take(cli, p, &like, category, content) : KP_ERROR;
	}
	return status;
}

/* "a=FILE", or FILE for all four. */
static int motivation_of(const struct cli *cli, struct cli_parts *p, const char *given)
{
	bool one = given[0] >= 'a' && given[0] <= 'd' && given[1] == '=';
	int status = CLI_GO;

	for (char id = one ? given[0] : 'a'; status == CLI_GO && id <= (one ? given[0] : 'd'); id++) {
		char category[16];

		snprintf(category, sizeof category, "motivering.%c", id);
		status = cli_parts_add(cli, p, category, one ? given + 2 : given, "text/plain");
	}
	return status;
}

int cli_parts_read(const struct cli *cli, struct cli_parts *p)
{
	int status;

	if (cli_list_of(p->condition, &p->conditions) != 0)
		return cli_trouble(cli, KP_ERROR, "options", "out of memory", "");
	status = data_of(cli, p);
	for (size_t i = 0; status == CLI_GO && p->motivation && p->motivation[i]; i++)
		status = motivation_of(cli, p, p->motivation[i]);
	return status;
}

static json_t *subject_of(const struct cli *cli, const char *path)
{
	json_error_t error = { 0 };
	char *file = cli_file(cli, path, SUBJECT_MAX, NULL);
	json_t *subject;
	char what[300];

	if (!file)
		return NULL;
	subject = json_loads(file, JSON_REJECT_DUPLICATES, &error);
	sodium_memzero(file, strlen(file));
	free(file);
	if (json_is_object(subject) && json_object_size(subject))
		return subject;
	if (subject)
		snprintf(what, sizeof what, "%s: the betrokkene must be a JSON object that says who it is", path);
	else
		snprintf(what, sizeof what, "%s:%d:%d: the betrokkene must be a JSON object: %s", path, error.line, error.column, error.text);
	cli_trouble(cli, KP_USAGE, "subject", what, "for example {\"bsn\": \"...\", \"naam\": \"...\"}");
	json_decref(subject);
	return NULL;
}

char *cli_question(const struct cli *cli, const char *subject, const char *words)
{
	json_t *j = json_object(), *who = subject ? subject_of(cli, subject) : NULL;
	char *text = NULL;

	if (who)
		json_object_set_new(j, "betrokkene", who);
	if (words)
		json_object_set_new(j, "vraag", json_string(words));
	if (who || !subject)
		text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(j);
	return text;
}
