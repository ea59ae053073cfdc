/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* Parts of a message from files: the options that say what they are, for every command that sends data. */
#include "client/cli/cli.h"

#define CLI_PARTS_MAX 32

struct cli_parts {
	char **part, **condition, **motivation;
	char *basis, *date, *source, *wpg, *category, *media;
	/* made by cli_parts_read() */
	struct cli_list conditions;
	size_t n;
	struct kp_part v[CLI_PARTS_MAX];
	char *texts[2 * CLI_PARTS_MAX]; /* owned */
};

#define CLI_PARTS_OPTIONS(p) \
	{ "part", 0, POPT_ARG_ARGV, &(p)->part, 0, "one category's content from a file (- for standard input)", "CATEGORY=FILE" }, \
	{ "secrecy-basis", 0, POPT_ARG_STRING, &(p)->basis, 0, \
	  "toestemming, wettelijke-plicht, wettelijk-recht or goed-hulpverlenerschap", "BASIS" }, \
	{ "condition", 0, POPT_ARG_ARGV, &(p)->condition, 0, "voorwaarde of the source that stays with the data", "CODE" }, \
	{ "reference-date", 0, POPT_ARG_STRING, &(p)->date, 0, "peildatum", "DATE" }, \
	{ "source", 0, POPT_ARG_STRING, &(p)->source, 0, "system or register it comes from", "NAME" }, \
	{ "wpg-article", 0, POPT_ARG_STRING, &(p)->wpg, 0, "8 or 13, for police data", "ARTICLE" }, \
	{ "person-category", 0, POPT_ARG_STRING, &(p)->category, 0, "verdachte, slachtoffer, derde or veroordeelde", "CATEGORY" }, \
	{ "media-type", 0, POPT_ARG_STRING, &(p)->media, 0, "of the content; default application/json", "TYPE" }
#define CLI_MOTIVATION_OPTION(p) \
	{ "motivation", 0, POPT_ARG_ARGV, &(p)->motivation, 0, \
	  "motivation of a criterion, a=FILE ... d=FILE (FILE: one text for all four); sealed to the recipients", "CRITERION=FILE" }

/* cli_parts_read() - CLI_GO, or an exit status with its trouble printed. cli_parts_fini() wipes, in both cases. */
MUST_CHECK int cli_parts_read(const struct cli *cli, struct cli_parts *p);
void cli_parts_fini(struct cli_parts *p);
/* cli_parts_add() - one more part from a file, beside those of the options. */
MUST_CHECK int cli_parts_add(const struct cli *cli, struct cli_parts *p, const char *category, const char *path, const char *media);
/* cli_parts_text() - one more part of a text, which it takes. */
MUST_CHECK int cli_parts_text(const struct cli *cli, struct cli_parts *p, const char *category, char *content);

/* cli_question() - the content of a part "vraag": {"betrokkene": {...}, "vraag": "..."}, from a file and words. NULL: trouble printed. */
char *cli_question(const struct cli *cli, const char *subject, const char *words);
