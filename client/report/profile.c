/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each profile takes what it asks for by name, and nothing else: no profile copies a record. That is how LDV stays without users, and all
 * but CSV without the necessity that a sender typed.
 */
#include "client/report/profile.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "client/report/doc.h"

#define SUBJECT_TYPE "knooppunt-pseudoniem-v1"

static const char *const names[PROFILE_N] = { "adl", "ldv", "nen7513", "fsc", "csv" };

static const char *const columns[] = { "index", "time", "kind", "code", "type", "casus", "sender", "organisation", "person", "role",
				       "on_behalf_of", "node", "recipient", "regime", "grondslag", "doel", "noodzaak", "overleg", "category",
				       "secrecy_basis", "person_role", "answer_kind", "phase", "deadline", "created", "urgent", "rule_failed",
				       "kader", "register", "convenant", "mandate", "message_id", "exchange_id", "in_reply_to", "trace_id",
				       "digest", "detail" };

int profile_find(const char *name)
{
	for (int i = 0; i < PROFILE_N; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static const char *get(const json_t *r, const char *key)
{
	const char *text = json_string_value(json_object_get(r, key));

	return text ? text : "";
}

static bool is(const json_t *r, const char *key, const char *value)
{
	return strcmp(get(r, key), value) == 0;
}

/* Sets a member when the record has it: what is absent stays absent. */
static void set(json_t *to, const char *name, const json_t *r, const char *key)
{
	json_t *value = json_object_get(r, key);

	if (value)
		json_object_set(to, name, value);
}

static int put(json_t *j, struct buffer *out)
{
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;

	json_decref(j);
	if (!text)
		return err_raise(-ENOMEM);
	buffer_text(out, text);
	buffer_text(out, "\n");
	free(text);
	return err_pass(buffer_ok(out));
}

/* A UUID's 32 digits: how trace ids are written elsewhere. */
static bool trace_of(const json_t *r, char out[33])
{
	const char *text = get(r, "trace_id");
	size_t n = 0;

	for (; *text && n < 32; text++)
		if (*text != '-')
			out[n++] = *text;
	out[n] = 0;
	return n == 32 && !*text;
}

static bool time_of(const json_t *r, uint64_t *unix_ms)
{
	return time_decode(span_of_text(get(r, "time")), unix_ms);
}

/*
 * Whom it is about: the role in the casus, under a key that only who makes this export has. Another key gives other pseudonyms, so
 * that the exports of two recipients have nobody in common; the first half names the key. NULL: nobody, or no key.
 */
static json_t *subject_of(const struct profile_context *c, const json_t *r)
{
	static const uint8_t version[] = "knooppunt/subject-key/v1";
	const char *const texts[] = { "knooppunt/subject/v1", get(r, "casus"), get(r, "person_role") };
	crypto_generichash_state state;
	uint8_t key[4], id[16];
	char key_hex[2 * sizeof key + 1], id_hex[2 * sizeof id + 1];

	if (!c->subjects.len || !*texts[1] || !*texts[2])
		return NULL;
	crypto_generichash(id, sizeof id, version, sizeof version, c->subjects.ptr, c->subjects.len);
	memcpy(key, id, sizeof key);
	crypto_generichash_init(&state, c->subjects.ptr, c->subjects.len, sizeof id);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		crypto_generichash_update(&state, (const uint8_t *)texts[i], strlen(texts[i]) + 1);
	crypto_generichash_final(&state, id, sizeof id);
	hex_encode(SPAN_OF(key), key_hex);
	hex_encode(SPAN_OF(id), id_hex);
	return json_sprintf("%s-%s", key_hex, id_hex);
}

/* ---- Authorization Decision Log ---- */

static json_t *hash_ref(const json_t *r, const char *key)
{
	const json_t *value = json_object_get(r, key), *item;
	json_t *list;
	size_t i;

	if (json_is_string(value))
		return json_sprintf("sha256:%s", json_string_value(value));
	list = json_array();
	json_array_foreach(value, i, item)
		json_array_append_new(list, json_sprintf("sha256:%s", json_string_value(item)));
	return list;
}

static json_t *adl_request(const json_t *r)
{
	json_t *subject = json_object(), *action = json_object(), *resource = json_object(), *context = json_object();

	set(subject, "organisatie", r, "organisation");
	set(subject, "hoedanigheid", r, "sender");
	set(subject, "rol", r, "role");
	set(subject, "namens", r, "on_behalf_of");
	set(action, "regime", r, "regime");
	set(action, "grondslag", r, "grondslag");
	set(action, "doel", r, "doel");
	set(action, "spoed", r, "urgent");
	set(resource, "overleg", r, "overleg");
	set(resource, "fase", r, "phase");
	set(resource, "categorieen", r, "category");
	set(resource, "ontvangers", r, "recipient");
	set(context, "time", r, "time");
	set(context, "message_id", r, "message_id");
	set(context, "digest", r, "digest");
	return json_pack("{s:{s:s,s:s,s:o},s:{s:s,s:o},s:{s:s,s:s,s:o},s:o}", "subject", "type", "medewerker", "id",
			 *get(r, "person") ? get(r, "person") : get(r, "node"), "properties", subject, "action", "name", get(r, "type"),
			 "properties", action, "resource", "type", "casus", "id", get(r, "casus"), "properties", resource, "context", context);
}

static int adl(const struct profile_context *c, const json_t *r, struct buffer *out)
{
	json_t *policies = json_object(), *information = json_object(), *outcome = json_object(), *j;
	char trace[33];
	uint64_t unix_ms;

	if (!trace_of(r, trace) || !time_of(r, &unix_ms)) {
		json_decref(policies);
		json_decref(information);
		json_decref(outcome);
		return PROFILE_E_MALFORMED;
	}
	json_object_set_new(policies, "kader", hash_ref(r, "kader"));
	json_object_set_new(policies, "convenant", hash_ref(r, "convenant"));
	json_object_set_new(information, "register", hash_ref(r, "register"));
	if (json_object_get(r, "mandate"))
		json_object_set_new(information, "mandaat", hash_ref(r, "mandate"));
	json_object_set_new(information, "log", json_pack("{s:s,s:O}", "origin", c->origin, "index", json_object_get(r, "index")));
	set(outcome, "code", r, "code");
	set(outcome, "niet_nageleefd", r, "rule_failed");
	j = json_pack("{s:s,s:s,s:s,s:I,s:s,s:{s:o,s:o},s:{s:s,s:s},s:{s:o,s:{s:b,s:o}}}", "trace_id", trace, "span_id", get(r, "span_id"),
		      "event_name", "adl.access_evaluation", "timestamp", (json_int_t)unix_ms, "status", "Unset", "attributes",
		      "adl.core.policies", policies, "adl.core.information", information, "resource", "service.name", "knooppuntd",
		      "knooppunt.origin", c->origin, "body", "adl.core.request", adl_request(r), "adl.core.response", "decision",
		      is(r, "code", "TOEGESTAAN"), "context", outcome);
	return err_pass(put(j, out));
}

/* ---- Logboek Dataverwerkingen, in the shape of OTLP ---- */

static json_t *attribute(const char *key, json_t *text)
{
	return json_pack("{s:s,s:{s:o}}", "key", key, "value", "stringValue", text);
}

static int ldv(const struct profile_context *c, const json_t *r, struct buffer *out)
{
	char trace[33], at[32];
	json_t *attributes, *span, *subject;
	uint64_t unix_ms;

	if (!trace_of(r, trace) || !time_of(r, &unix_ms))
		return PROFILE_E_MALFORMED;
	snprintf(at, sizeof at, "%llu000000", (unsigned long long)unix_ms);
	attributes = json_array();
	json_array_append_new(attributes,
			      attribute("dpl.core.processing_activity_id",
					c->activities ? json_sprintf("%s%s", c->activities, get(r, "doel"))
						      : json_sprintf("urn:knooppunt:%s:verwerkingsactiviteit:%s", c->origin, get(r, "doel"))));
	subject = subject_of(c, r);
	if (subject) {
		json_array_append_new(attributes, attribute("dpl.core.data_subject_id", subject));
		json_array_append_new(attributes, attribute("dpl.core.data_subject_id_type", json_string(SUBJECT_TYPE)));
	}
	span = json_pack("{s:s,s:s,s:s,s:i,s:s,s:s,s:{s:i},s:o}", "traceId", trace, "spanId", get(r, "span_id"), "name", get(r, "type"), "kind", 1,
			 "startTimeUnixNano", at, "endTimeUnixNano", at, "status", "code", 0, "attributes",
			 attributes);
	return err_pass(put(json_pack("{s:[{s:{s:[o,o]},s:[{s:{s:s},s:[o]}]}]}", "resourceSpans", "resource", "attributes",
				      attribute("service.name", json_string("knooppuntd")), attribute("knooppunt.origin", json_string(c->origin)),
				      "scopeSpans", "scope", "name", "knooppunt", "spans", span),
			    out));
}

/* ---- NEN 7513 ---- */

/* Create, read, update, delete, execute (RFC 3881, which NEN 7513 follows). */
static const char *action_of(const json_t *r)
{
	static const char *const changes[] = { "beoordeling", "betrekken", "fase", "afsluiting", "toestemming", NULL };

	if (is(r, "kind", "VERNIETIGD"))
		return "D";
	if (is(r, "kind", "GEOPEND") || is(r, "kind", "INZAGE") || is(r, "type", "antwoord"))
		return "R";
	if (is(r, "type", "aanmelding") || is(r, "kind", "TOELATING"))
		return "C";
	return text_in(get(r, "type"), changes) ? "U" : "E";
}

static json_t *nen_user(const json_t *r)
{
	json_t *user = json_object();

	json_object_set_new(user, "userID", json_string(*get(r, "person") ? get(r, "person") : get(r, "node")));
	json_object_set_new(user, "alternateUserID", json_sprintf("%s/%s", get(r, "organisation"), get(r, "sender")));
	json_object_set_new(user, "userIsRequestor", json_true());
	set(user, "roleIDCode", r, "role");
	set(user, "purposeOfUse", r, "doel");
	if (json_object_get(r, "node")) {
		json_object_set_new(user, "networkAccessPointTypeCode", json_integer(1));
		set(user, "networkAccessPointID", r, "node");
	}
	return user;
}

static json_t *nen_participants(const struct profile_context *c, const json_t *r)
{
	json_t *list = json_array(), *casus, *subject = subject_of(c, r);
	const json_t *recipient;
	size_t i;

	if (json_object_get(r, "casus")) {
		casus = json_pack("{s:i,s:s}", "participantObjectTypeCode", 2, "participantObjectIDTypeCode", "casus");
		set(casus, "participantObjectID", r, "casus");
		set(casus, "participantObjectSensitivity", r, "category");
		set(casus, "participantObjectPermissionPolicySet", r, "convenant");
		json_array_append_new(list, casus);
	}
	if (subject)
		json_array_append_new(list, json_pack("{s:i,s:s,s:o}", "participantObjectTypeCode", 1, "participantObjectIDTypeCode", SUBJECT_TYPE,
						      "participantObjectID", subject));
	json_array_foreach(json_object_get(r, "recipient"), i, recipient)
		json_array_append_new(list, json_pack("{s:i,s:s,s:O}", "participantObjectTypeCode", 3, "participantObjectIDTypeCode", "hoedanigheid",
						      "participantObjectID", recipient));
	return list;
}

static int nen7513(const struct profile_context *c, const json_t *r, struct buffer *out)
{
	json_t *j = json_object();
	char trace[33];

	if (trace_of(r, trace))
		json_object_set_new(j, "traceparent", json_sprintf("00-%s-%s-00", trace, get(r, "span_id")));
	json_object_set_new(j, "EventID", json_sprintf("%s#%lld", c->origin, (long long)json_integer_value(json_object_get(r, "index"))));
	json_object_set_new(j, "EventActionCode", json_string(action_of(r)));
	set(j, "EventDateTime", r, "time");
	json_object_set_new(j, "EventOutcomeIndicator", json_integer(is(r, "code", "TOEGESTAAN") ? 0 : 4));
	json_object_set_new(j, "eventTypeCode", json_sprintf("%s/%s", get(r, "kind"), get(r, "type")));
	json_object_set_new(j, "users", json_pack("[o]", nen_user(r)));
	json_object_set_new(j, "participants", nen_participants(c, r));
	set(j, "autorisatieProtocol", r, "mandate");
	set(j, "toestemmingsProfiel", r, "secrecy_basis");
	set(j, "controles", r, "rule_failed");
	json_object_set_new(j, "resource", json_pack("{s:s,s:s,s:i}", "AuditEnterpriseSiteID", c->origin, "AuditSourceID", "knooppuntd",
						     "AuditSourceTypeCode", 4));
	return err_pass(put(j, out));
}

/* ---- FSC transaction log ---- */

static const char *oin_of(const struct registry *r, const char *hoedanigheid)
{
	const struct reg_hoedanigheid *h = r ? registry_hoedanigheid(r, hoedanigheid) : NULL;
	const struct reg_organisation *o = h ? registry_organisation(r, h->organisation) : NULL;

	return o ? o->oin : NULL;
}

static int fsc(struct profile_context *c, const json_t *r, struct buffer *out)
{
	const char *from = oin_of(c->registry, get(r, "sender")), *delegator = NULL;
	const char *grant = json_string_value(json_array_get(json_object_get(r, "convenant"), 0));
	const json_t *recipient;
	uint64_t unix_ms;
	size_t i;
	int e = 0;

	if (*get(r, "on_behalf_of"))
		delegator = oin_of(c->registry, get(r, "on_behalf_of"));
	if (!time_of(r, &unix_ms) || !grant)
		return PROFILE_E_MALFORMED;
	if (!from || (*get(r, "on_behalf_of") && !delegator))
		return PROFILE_E_FIELDS;
	json_array_foreach(json_object_get(r, "recipient"), i, recipient) {
		const char *to = oin_of(c->registry, json_string_value(recipient));
		json_t *source = json_pack("{s:s,s:s}", "type",
			delegator ? "SOURCE_TYPE_DELEGATED_SOURCE" : "SOURCE_TYPE_SOURCE", "outway_peer_id", from);

		if (delegator)
			json_object_set_new(source, "delegator_peer_id", json_string(delegator));
		if (!e && !to)
			e = PROFILE_E_FIELDS;
		if (e) {
			json_decref(source);
			continue;
		}
		e = put(json_pack("{s:s,s:s,s:s%,s:o,s:{s:s,s:s},s:s,s:I}", "transaction_id", get(r, "message_id"), "direction", "DIRECTION_INCOMING",
				  "grant_hash", grant, strlen(grant), "source", source, "destination", "type",
				  "DESTINATION_TYPE_DESTINATION", "service_peer_id", to, "service_name", get(r, "type"), "created_at",
				  (json_int_t)(unix_ms / 1000)),
			out);
	}
	return e < 0 ? err_pass(e) : e;
}

/* ---- CSV ---- */

static void csv_value(struct buffer *out, const json_t *value)
{
	char number[24];
	const json_t *item;
	size_t i, used = 0;
	char list[8192] = "";

	if (json_is_integer(value)) {
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
		csv_cell(out, number);
	} else if (json_is_string(value)) {
		csv_cell(out, json_string_value(value));
	} else if (json_is_true(value)) {
		csv_cell(out, "ja");
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) {
			int n = snprintf(list + used, sizeof list - used, "%s%s", i ? "; " : "", json_string_value(item));

			used += n > 0 ? (size_t)n : 0;
			if (used >= sizeof list)
				break;
		}
		csv_cell(out, list);
	}
}

static int csv(const json_t *r, struct buffer *out)
{
	for (size_t i = 0; i < N_ELEMENTS(columns); i++) {
		csv_value(out, json_object_get(r, columns[i]));
		buffer_text(out, i + 1 < N_ELEMENTS(columns) ? "," : "\r\n");
	}
	return err_pass(buffer_ok(out));
}

/* ---- which records ---- */

static bool wanted(enum profile profile, const json_t *r)
{
	bool message = is(r, "kind", "BERICHT"), allowed = is(r, "code", "TOEGESTAAN");

	switch (profile) {
	case PROFILE_ADL: /* each decision on a message, also those about reading the log and about mandates */
		return (json_object_get(r, "rule_passed") || json_object_get(r, "rule_failed")) && json_object_get(r, "trace_id");
	case PROFILE_LDV: /* what was processed for a doel: a refused message was not */
		return message && allowed && *get(r, "doel") && json_object_get(r, "trace_id");
	case PROFILE_NEN7513: /* all that somebody did or saw; not what the house did with itself */
		return (*get(r, "sender") || *get(r, "person")) && *get(r, "type");
	case PROFILE_FSC: /* what went from a peer to a peer */
		return message && allowed && json_array_size(json_object_get(r, "recipient")) && *get(r, "message_id");
	case PROFILE_CSV:
	case PROFILE_N:
	default:
		return true;
	}
}

static int one(enum profile profile, struct profile_context *c, const json_t *r, struct buffer *out)
{
	bool spans = profile == PROFILE_ADL || profile == PROFILE_LDV || profile == PROFILE_NEN7513;

	if (spans && strlen(get(r, "span_id")) != 16)
		return PROFILE_E_FIELDS;
	switch (profile) {
	case PROFILE_ADL:
		return adl(c, r, out);
	case PROFILE_LDV:
		return ldv(c, r, out);
	case PROFILE_NEN7513:
		return nen7513(c, r, out);
	case PROFILE_FSC:
		return fsc(c, r, out);
	case PROFILE_CSV:
	case PROFILE_N:
	default:
		return csv(r, out);
	}
}

void profile_begin(enum profile profile, struct buffer *out)
{
	for (size_t i = 0; profile == PROFILE_CSV && i < N_ELEMENTS(columns); i++)
		buffer_printf(out, "%s%s", columns[i], i + 1 < N_ELEMENTS(columns) ? "," : "\r\n");
}

int profile_line(enum profile profile, struct profile_context *c, struct span line, struct buffer *out)
{
	json_t *j = json_loadb((const char *)line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	int r = PROFILE_OK;

	if (!json_is_object(j))
		r = PROFILE_E_MALFORMED;
	else if (json_object_get(j, "knooppunt"))
		snprintf(c->origin, sizeof c->origin, "%s", get(j, "origin"));
	else if (!json_is_integer(json_object_get(j, "index")) || !*get(j, "kind") || !*get(j, "time"))
		r = PROFILE_E_MALFORMED;
	else if (!wanted(profile, j) || json_is_false(json_object_get(j, "readable")))
		c->n_left_out++;
	else {
		r = one(profile, c, j, out);
		c->n_lines += r == PROFILE_OK;
	}
	json_decref(j);
	return r < 0 ? err_pass(r) : r;
}
