/* SPDX-License-Identifier: EUPL-1.2 */
#include "client/cli/messages.h"

#include <stddef.h>
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

/* The body: what its kind has. */
enum body_form { BODY_TEXT, BODY_TEXTS, BODY_TIME };
static const struct body_row {
	const char *key;
	enum body_form form;
	size_t at;
} body_rows[] = {
#define BODY_ROW(form, name) { #name, BODY_##form, offsetof(struct kp_message_in, name) }
	BODY_ROW(TEXT, klasse), BODY_ROW(TEXT, ave), BODY_ROW(TEXT, leeftijdsklasse), BODY_ROW(TEXTS, gemeenten),
	BODY_ROW(TEXT, outcome), BODY_ROW(TEXTS, involve), BODY_ROW(TEXTS, release), BODY_ROW(TEXT, phase), BODY_ROW(TEXT, soort),
	BODY_ROW(TEXT, bruikbaar), BODY_ROW(TEXT, vervolg), BODY_ROW(TEXT, action), BODY_ROW(TEXT, reason), BODY_ROW(TEXT, purpose),
	BODY_ROW(TEXT, target_kind), BODY_ROW(TEXT, target), BODY_ROW(TEXTS, sources), BODY_ROW(TEXT, verklaring),
	BODY_ROW(TIME, verklaring_unix_ms), BODY_ROW(TEXT, ground), BODY_ROW(TIME, given_unix_ms), BODY_ROW(TIME, consent_until_unix_ms),
	BODY_ROW(TEXT, consent_by), BODY_ROW(TEXTS, consent_categories), BODY_ROW(TEXTS, consent_hoedanigheden),
	BODY_ROW(TIME, meeting_unix_ms), BODY_ROW(TIME, until_unix_ms), BODY_ROW(TEXTS, invite),
};

static void body_json(json_t *j, const struct kp_message_in *m)
{
	for (size_t i = 0; i < N_ELEMENTS(body_rows); i++) {
		const struct body_row *row = &body_rows[i];
		const void *at = (const char *)m + row->at;

		if (row->form == BODY_TEXT)
			set_text(j, row->key, *(const char *const *)at);
		else if (row->form == BODY_TEXTS && **(const char *const *const *)at)
			json_object_set_new(j, row->key, texts(*(const char *const *const *)at));
		else if (row->form == BODY_TIME && *(const uint64_t *)at)
			json_object_set_new(j, row->key, json_integer((json_int_t)*(const uint64_t *)at));
	}
	for (size_t i = 0; i < m->n_criteria; i++) {
		json_t *list = json_object_get(j, "criteria");

		if (!list)
			json_object_set_new(j, "criteria", list = json_array());
		json_array_append_new(list, json_pack("{s:s%,s:b,s:b}", "criterion", &m->criteria[i].id, (size_t)1, "met",
						      (int)m->criteria[i].met, "motivated", (int)m->criteria[i].motivated));
	}
	if (strcmp(m->kind, "toestemming") == 0)
		json_object_set_new(j, "withdrawn", json_boolean(m->withdrawn));
	if (strcmp(m->kind, "instemming") == 0)
		json_object_set_new(j, "granted", json_boolean(m->granted));
	if (strcmp(m->kind, "bekendheidsantwoord") == 0)
		json_object_set_new(j, "known", json_boolean(m->known));
}

static void body_say(const struct cli *cli, const struct kp_message_in *m)
{
	char when[CLI_TIME_SIZE];

	for (size_t i = 0; i < N_ELEMENTS(body_rows); i++) {
		const struct body_row *row = &body_rows[i];
		const void *at = (const char *)m + row->at;

		if (row->form == BODY_TEXT && **(const char *const *)at)
			cli_say(cli, "  %s: %s", row->key, *(const char *const *)at);
		for (size_t k = 0; row->form == BODY_TEXTS && (*(const char *const *const *)at)[k]; k++)
			cli_say(cli, "  %s: %s", row->key, (*(const char *const *const *)at)[k]);
		if (row->form == BODY_TIME && *(const uint64_t *)at) {
			cli_time(*(const uint64_t *)at, when);
			cli_say(cli, "  %.*s: %s", (int)(strlen(row->key) - strlen("_unix_ms")), row->key, when);
		}
	}
	for (size_t i = 0; i < m->n_criteria; i++)
		cli_say(cli, "  criterion %c: %s", m->criteria[i].id, m->criteria[i].met ? "met" : "not met");
	if (strcmp(m->kind, "instemming") == 0)
		cli_say(cli, "  %s", m->granted ? "granted" : "refused");
	if (strcmp(m->kind, "bekendheidsantwoord") == 0)
		cli_say(cli, "  %s", m->known ? "known" : "not known");
	if (m->withdrawn)
		cli_say(cli, "  withdrawn");
}

/* What would be done with it. */
static const char *asks_for(const struct kp_message_in *m)
{
	static const char *const pairs[][2] = { { "verzoek", "antwoord" }, { "bekendheidsvraag", "bekendheidsantwoord" },
						{ "instemmingsverzoek", "instemming" }, { "correctie", "bevestiging" } };

	for (size_t i = 0; i < N_ELEMENTS(pairs); i++)
		if (strcmp(m->kind, pairs[i][0]) == 0)
			return pairs[i][1];
	return "terugkoppeling";
}

void cli_message_marks(json_t *j, const struct kp_message_in *m)
{
	json_object_set_new(j, "asks", json_boolean(m->asks));
	if (m->asks)
		json_object_set_new(j, "asks_for", json_string(asks_for(m)));
	if (m->asks && m->due_unix_ms)
		json_object_set_new(j, "due_unix_ms", json_integer((json_int_t)m->due_unix_ms));
	if (m->reminded)
		json_object_set_new(j, "reminded", json_true());
	if (*m->corrected_by)
		json_object_set_new(j, "corrected", json_pack("{s:s,s:s}", "by", m->corrected_by, "action", m->correction));
	if (m->wiped)
		json_object_set_new(j, "wiped", json_true());
}

static void marks_say(const struct cli *cli, const struct kp_message_in *m)
{
	bool withdrawn = strcmp(m->correction, "ingetrokken") == 0;

	if (m->wiped)
		cli_say(cli, "  its content was destroyed here: its source withdrew it (message %s)", m->corrected_by);
	else if (withdrawn)
		cli_say(cli, "  WITHDRAWN by its source (message %s): do not use it; destroy it, also elsewhere, and then: knooppunt confirm %s",
			m->corrected_by, m->corrected_by);
	else if (*m->corrected_by)
		cli_say(cli, "  CORRECTED by its source: read message %s", m->corrected_by);
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
	set_text(j, "related_to", m->related_to);
	set_text(j, "on_behalf_of", m->on_behalf_of);
	set_text(j, "answer", m->answer_kind);
	json_object_set_new(j, "categories", texts(m->categories));
	json_object_set_new(j, "created_unix_ms", json_integer((json_int_t)m->created_unix_ms));
	json_object_set_new(j, "received_unix_ms", json_integer((json_int_t)m->received_unix_ms));
	if (m->deadline_unix_ms)
		json_object_set_new(j, "deadline_unix_ms", json_integer((json_int_t)m->deadline_unix_ms));
	json_object_set_new(j, "urgent", json_boolean(m->urgent));
	json_object_set_new(j, "index", json_integer((json_int_t)m->index));
	body_json(j, m);
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
	body_say(cli, m);
	marks_say(cli, m);
	for (size_t i = 0; i < m->n_parts; i++) {
		const struct kp_part_in *p = &m->parts[i];

		if (!p->opened) {
			cli_say(cli, "  %s: could not be opened: %s", p->category, p->trouble);
			continue;
		}
		cli_say(cli, "  %s%s%s: %.*s", p->category, *p->secrecy_basis ? ", basis " : "", p->secrecy_basis, (int)p->content_len,
			p->content);
		for (size_t k = 0; p->conditions[k]; k++)
			cli_say(cli, "    voorwaarde: %s", p->conditions[k]);
	}
}
