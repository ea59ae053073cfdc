/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/messages.h"

#include <string.h>

const char *cli_item_state(enum kp_item_state state)
{
	switch (state) {
	case KP_ITEM_NEW: return "new";
	case KP_ITEM_HANDLING: return "handling";
	case KP_ITEM_DONE: return "done";
	case KP_ITEM_INTERRUPTED: return "interrupted";
	}
	return "?";
}

static json_t *texts(const char *const *list)
{
	json_t *j = json_array();

	for (size_t i = 0; list && list[i]; i++)
		json_array_append_new(j, json_string(list[i]));
	return j;
}

static void set_text(json_t *j, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(j, key, json_string(text));
}

static json_t *content_json(const struct kp_part_in *p)
{
	json_t *content = NULL;

	if (!p->media_type || !*p->media_type || strcmp(p->media_type, "application/json") == 0)
		content = json_loadb(p->content, p->content_len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	return content ? content : json_stringn(p->content, p->content_len);
}

static json_t *part_json(const struct kp_part_in *p)
{
	json_t *j = json_pack("{s:s}", "category", p->category);

	if (p->opened)
		json_object_set_new(j, "content", content_json(p));
	else
		json_object_set_new(j, "trouble", json_string(p->trouble));
	set_text(j, "secrecy_basis", p->secrecy_basis);
	set_text(j, "reference_date", p->reference_date);
	set_text(j, "source", p->source);
	set_text(j, "wpg_article", p->wpg_article);
	set_text(j, "person_category", p->person_category);
	if (p->conditions && p->conditions[0])
		json_object_set_new(j, "conditions", texts(p->conditions));
	return j;
}

json_t *cli_message_json(const struct kp_message_in *m)
{
	json_t *parts = json_array();
	json_t *j = json_pack("{s:s,s:s,s:s,s:{s:s,s:s,s:s,s:s},s:s,s:s}", "message_id", m->message_id, "exchange_id", m->exchange_id,
			      "kind", m->kind, "from", "hoedanigheid", m->sender, "organisation", m->organisation, "person",
			      m->person, "role", m->role, "to", m->recipient, "state", cli_item_state(m->state));

	set_text(j, "in_reply_to", m->in_reply_to);
	set_text(j, "casus", m->casus);
	set_text(j, "regime", m->regime);
	set_text(j, "grondslag", m->grondslag);
	set_text(j, "doel", m->doel);
	set_text(j, "noodzaak", m->noodzaak);
	set_text(j, "overleg", m->overleg);
	set_text(j, "person_role", m->person_role);
	set_text(j, "answer", m->answer_kind);
	json_object_set_new(j, "categories", texts(m->categories));
	json_object_set_new(j, "created_unix_ms", json_integer((json_int_t)m->created_unix_ms));
	json_object_set_new(j, "received_unix_ms", json_integer((json_int_t)m->received_unix_ms));
	if (m->deadline_unix_ms)
		json_object_set_new(j, "deadline_unix_ms", json_integer((json_int_t)m->deadline_unix_ms));
	json_object_set_new(j, "urgent", json_boolean(m->urgent));
	json_object_set_new(j, "index", json_integer((json_int_t)m->index));
	for (size_t i = 0; i < m->n_parts; i++)
		json_array_append_new(parts, part_json(&m->parts[i]));
	json_object_set_new(j, "parts", parts);
	return j;
}

void cli_message_say(const struct cli *cli, const struct kp_message_in *m)
{
	char when[CLI_TIME_SIZE];

	cli_time(m->created_unix_ms, when);
	cli_say(cli, "%s from %s (%s, %s) at %s%s%s", m->kind, m->sender, m->organisation, m->person, when,
		*m->answer_kind ? ": " : "", m->answer_kind);
	if (*m->grondslag)
		cli_say(cli, "  basis %s, doel %s%s%s", m->grondslag, m->doel, *m->noodzaak ? ", because: " : "", m->noodzaak);
	if (m->deadline_unix_ms) {
		cli_time(m->deadline_unix_ms, when);
		cli_say(cli, "  answer wanted before %s%s", when, m->urgent ? " (urgent)" : "");
	}
	for (size_t i = 0; i < m->n_parts; i++) {
		const struct kp_part_in *p = &m->parts[i];

		if (!p->opened) {
			cli_say(cli, "  %s: could not be opened: %s", p->category, p->trouble);
			continue;
		}
		cli_say(cli, "  %s%s%s: %.*s", p->category, *p->secrecy_basis ? ", basis " : "", p->secrecy_basis, (int)p->content_len,
			p->content);
	}
}
