/* SPDX-License-Identifier: EUPL-1.2 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/cli/answer.h"

void cli_reply_fini(struct cli_reply *reply)
{
	for (size_t i = 0; i < N_ELEMENTS(reply->texts); i++) {
		if (reply->texts[i])
			sodium_memzero(reply->texts[i], strlen(reply->texts[i]));
		free(reply->texts[i]);
	}
	for (size_t i = 0; i < CLI_REPLY_PARTS_MAX; i++)
		cli_list_fini(&reply->conditions[i]);
	json_decref(reply->json);
	*reply = (struct cli_reply){ 0 };
}

static const char *text_of(json_t *part, const char *key)
{
	return json_string_value(json_object_get(part, key));
}

static int take_part(json_t *j, struct cli_reply *reply, char why[200])
{
	static const char *const keys[] = { "category", "content", "secrecy_basis", "reference_date", "source", "wpg_article",
					    "person_category", "conditions", "media_type", NULL };
	size_t n = reply->n_parts;
	struct kp_part *part = &reply->parts[n];
	json_t *content = json_object_get(j, "content"), *conditions = json_object_get(j, "conditions"), *value;
	const char *key;
	size_t i;

	json_object_foreach(j, key, value) {
		if (text_in(key, keys))
			continue;
		snprintf(why, 200, "parts[%zu] has an unknown key \"%.60s\"", n, key);
		return -1;
	}
	if (!text_of(j, "category") || !content) {
		snprintf(why, 200, "parts[%zu] needs \"category\" (text) and \"content\"", n);
		return -1;
	}
	reply->texts[n] = json_is_string(content) && text_of(j, "media_type") ? strdup(json_string_value(content)) :
										 json_dumps(content, JSON_COMPACT | JSON_ENCODE_ANY);
	*part = (struct kp_part){ .category = text_of(j, "category"), .content = reply->texts[n], .media_type = text_of(j, "media_type"),
				  .secrecy_basis = text_of(j, "secrecy_basis"), .reference_date = text_of(j, "reference_date"),
				  .source = text_of(j, "source"), .wpg_article = text_of(j, "wpg_article"),
				  .person_category = text_of(j, "person_category") };
	json_array_foreach(conditions, i, value) {
		if (!json_is_string(value) || cli_list_add(&reply->conditions[n], json_string_value(value)) != 0) {
			snprintf(why, 200, "parts[%zu].conditions must be a list of texts", n);
			return -1;
		}
	}
	part->conditions = reply->conditions[n].v;
	reply->n_parts++;
	return 0;
}

int cli_reply_parse(const char *text, size_t len, struct cli_reply *reply, char why[200])
{
	static const char *const kinds[] = { "GEGEVENS", "DEELS", "NIET_BEKEND", "GEEN_MEDEDELING", "WEIGERING", "LATER", "BEKEND",
					     "INSTEMMING", "VERBETERD", "VERNIETIGD", NULL };
	const char *until;
	json_error_t error;
	json_t *parts, *part;
	size_t i;

	*reply = (struct cli_reply){ 0 };
	if (len == 0) {
		snprintf(why, 200, "it printed nothing");
		return -1;
	}
	reply->json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(reply->json)) {
		if (reply->json)
			snprintf(why, 200, "it is JSON, but not an object");
		else
			snprintf(why, 200, "line %d, column %d: not a JSON object: %.100s", error.line, error.column, error.text);
		return -1;
	}
	reply->kind = json_string_value(json_object_get(reply->json, "answer"));
	if (!reply->kind || !text_in(reply->kind, kinds)) {
		snprintf(why, 200, "\"answer\" must be GEGEVENS, DEELS, NIET_BEKEND, GEEN_MEDEDELING, WEIGERING, LATER, BEKEND, INSTEMMING, "
			       "VERBETERD or VERNIETIGD, as the question asks");
		return -1;
	}
	reply->on_behalf_of = text_of(reply->json, "on_behalf_of");
	until = text_of(reply->json, "until");
	if (until && !cli_date(until, &reply->until_unix_ms)) {
		snprintf(why, 200, "\"until\" must be a date as 2027-01-01");
		return -1;
	}
	parts = json_object_get(reply->json, "parts");
	if (parts && !json_is_array(parts)) {
		snprintf(why, 200, "\"parts\" must be a list");
		return -1;
	}
	if (json_array_size(parts) > CLI_REPLY_PARTS_MAX) {
		snprintf(why, 200, "at most %d parts", CLI_REPLY_PARTS_MAX);
		return -1;
	}
	json_array_foreach(parts, i, part) {
		if (take_part(part, reply, why) != 0)
			return -1;
	}
	return 0;
}
