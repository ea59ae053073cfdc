/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One table: each field of a body once, with its place in what a caller gives, in the message, and in what a reader gets. The
 * names are the same in both public structs. Criteria, sources and geopend have shapes of their own.
 *
 * Adding a kind: rows here, its fields in include/knooppunt/message.h, a line in docs/integrating.md.
 */
#include "client/lib/body.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

enum form { FORM_TEXT, FORM_TEXTS, FORM_FLAG, FORM_TIME, FORM_CRITERIA, FORM_IDS };

struct field {
	enum message_kind kind;
	enum form form;
	const char *name;
	size_t out, body, in; /* offsets in kp_message_out, message, kp_message_in */
};
#define FIELD(kind, form, struct_name, member, name)                                                      \
	{                                                                                                 \
		MESSAGE_##kind, FORM_##form, #name, offsetof(struct kp_message_out, name),                \
			offsetof(struct message, body.struct_name.member), offsetof(struct kp_message_in, name) \
	}

static const struct field fields[] = {
	FIELD(AANMELDING, TEXT, aanmelding, klasse, klasse),
	FIELD(AANMELDING, TEXT, aanmelding, ave, ave),
	FIELD(AANMELDING, TEXT, aanmelding, leeftijdsklasse, leeftijdsklasse),
	FIELD(AANMELDING, TEXTS, aanmelding, gemeenten, gemeenten),
	FIELD(AANMELDING, CRITERIA, aanmelding, criteria, criteria),
	FIELD(BEOORDELING, TEXT, beoordeling, outcome, outcome),
	FIELD(BEOORDELING, CRITERIA, beoordeling, criteria, criteria),
	FIELD(BETREKKEN, TEXTS, betrekken, involve, involve),
	FIELD(BETREKKEN, TEXTS, betrekken, release, release),
	FIELD(FASE, TEXT, fase, phase, phase),
	FIELD(FASE, TEXT, fase, ave, ave),
	FIELD(AFSLUITING, TEXT, afsluiting, reason, reason),
	FIELD(TOESTEMMING, FLAG, toestemming, withdrawn, withdrawn),
	FIELD(TOESTEMMING, TIME, toestemming, given_unix_ms, given_unix_ms),
	FIELD(TOESTEMMING, TIME, toestemming, until_unix_ms, consent_until_unix_ms),
	FIELD(TOESTEMMING, TEXTS, toestemming, categories, consent_categories),
	FIELD(TOESTEMMING, TEXTS, toestemming, hoedanigheden, consent_hoedanigheden),
	FIELD(TOESTEMMING, TEXT, toestemming, given_by, consent_by),
	FIELD(MELDING, TEXT, melding, soort, soort),
	FIELD(TERUGKOPPELING, TEXT, terugkoppeling, soort, soort),
	FIELD(TERUGKOPPELING, TEXT, terugkoppeling, bruikbaar, bruikbaar),
	FIELD(TERUGKOPPELING, TEXT, terugkoppeling, vervolg, vervolg),
	FIELD(TERUGKOPPELING, TEXT, terugkoppeling, reden, reason),
	FIELD(CORRECTIE, TEXT, correctie, action, action),
	FIELD(CORRECTIE, TEXT, correctie, reason, reason),
	FIELD(BEVESTIGING, TEXT, bevestiging, action, action),
	FIELD(INSTEMMINGSVERZOEK, TEXT, instemmingsverzoek, purpose, purpose),
	FIELD(INSTEMMINGSVERZOEK, TEXT, instemmingsverzoek, target, target),
	FIELD(INSTEMMINGSVERZOEK, TIME, instemmingsverzoek, until_unix_ms, until_unix_ms),
	FIELD(INSTEMMING, FLAG, instemming, granted, granted),
	FIELD(INSTEMMING, TIME, instemming, until_unix_ms, until_unix_ms),
	FIELD(VERSTREKKING, TEXT, verstrekking, target_kind, target_kind),
	FIELD(VERSTREKKING, TEXT, verstrekking, target, target),
	FIELD(VERSTREKKING, TEXT, verstrekking, verklaring, verklaring),
	FIELD(VERSTREKKING, TIME, verstrekking, verklaring_unix_ms, verklaring_unix_ms),
	FIELD(VERSTREKKING, IDS, verstrekking, sources, sources),
	FIELD(AGENDA, TIME, agenda, meeting_unix_ms, meeting_unix_ms),
	FIELD(AGENDA, TIME, agenda, until_unix_ms, until_unix_ms),
	FIELD(AGENDA, TEXTS, agenda, invite, invite),
	FIELD(HERNIEUWING, TIME, hernieuwing, until_unix_ms, until_unix_ms),
	FIELD(HERNIEUWING, TEXT, hernieuwing, ground, ground),
	FIELD(BEKENDHEIDSANTWOORD, FLAG, bekendheidsantwoord, known, known),
};

enum kp_result body_list(const char *const *words, const char *name, struct arena *arena, struct text_list *out,
			 struct kp_error *err)
{
	size_t n = 0;

	memset(out, 0, sizeof *out);
	while (words && words[n])
		n++;
	if (n > MESSAGE_LIST_MAX)
		return fail_usage(err, "%s: at most %d are possible", name, MESSAGE_LIST_MAX);
	if (!n)
		return KP_OK;
	out->v = arena_array(arena, n, sizeof *out->v);
	if (!out->v)
		return fail_fatal(err, "here/compose", -ENOMEM);
	for (size_t i = 0; i < n; i++) {
		out->v[i] = arena_text(arena, span_of_text(words[i]));
		if (!out->v[i])
			return fail_fatal(err, "here/compose", -ENOMEM);
	}
	out->n = n;
	return KP_OK;
}

const char *const *body_words(const struct text_list *list, struct arena *arena)
{
	const char **v = arena_array(arena, list->n + 1, sizeof *v);

	for (size_t i = 0; v && i < list->n; i++)
		v[i] = list->v[i];
	return (const char *const *)v;
}

/* --- out --- */

/* A criterion is motivated when its part is there, or when the caller says so of a motivation elsewhere. */
static bool has_motivation(const struct kp_message_out *in, char id)
{
	const char category[] = { 'm', 'o', 't', 'i', 'v', 'e', 'r', 'i', 'n', 'g', '.', id, 0 };

	for (size_t i = 0; i < in->n_parts; i++)
		if (text_equal(in->parts[i].category, category))
			return true;
	return false;
}

static enum kp_result criteria_of(const struct kp_message_out *in, struct criterion out[4], size_t *n, struct kp_error *err)
{
	if (in->n_criteria > 4)
		return fail_usage(err, "criteria: there are four, a to d");
	for (size_t i = 0; i < in->n_criteria; i++) {
		const struct kp_criterion *c = &in->criteria[i];

		out[i] = (struct criterion){ c->id, c->met, c->motivated || has_motivation(in, c->id) };
	}
	*n = in->n_criteria;
	return KP_OK;
}

static enum kp_result sources_of(const char *const *uuids, struct arena *arena, struct body_verstrekking *out,
				 struct kp_error *err)
{
	out->n_sources = 0;
	for (size_t i = 0; uuids && uuids[i]; i++) {
		uint8_t id[ID_BYTES];

		if (i == MESSAGE_SOURCES_MAX)
			return fail_usage(err, "sources: at most %d are possible", MESSAGE_SOURCES_MAX);
		if (!uuid_decode(uuids[i], id))
			return fail_usage(err, "sources: \"%.40s\" is not an id (a UUID)", uuids[i]);
		out->sources[i] = arena_copy(arena, SPAN_OF(id));
		if (!out->sources[i].len)
			return fail_fatal(err, "here/compose", -ENOMEM);
		out->n_sources++;
	}
	return KP_OK;
}

static enum kp_result field_of(const struct field *f, const struct kp_message_out *in, struct arena *arena, struct message *out,
			       struct kp_error *err)
{
	const void *from = (const char *)in + f->out;
	void *to = (char *)out + f->body;
	enum kp_result k = KP_OK;

	switch (f->form) {
	case FORM_TEXT:
		*(const char **)to = *(const char *const *)from ? *(const char *const *)from : "";
		break;
	case FORM_TEXTS:
		k = body_list(*(const char *const *const *)from, f->name, arena, to, err);
		if (!k)
			text_list_sort(to);
		break;
	case FORM_FLAG:
		*(bool *)to = *(const bool *)from;
		break;
	case FORM_TIME:
		*(uint64_t *)to = *(const uint64_t *)from;
		break;
	case FORM_CRITERIA:
		k = out->kind == MESSAGE_AANMELDING
			    ? criteria_of(in, out->body.aanmelding.criteria, &out->body.aanmelding.n_criteria, err)
			    : criteria_of(in, out->body.beoordeling.criteria, &out->body.beoordeling.n_criteria, err);
		break;
	case FORM_IDS:
		k = sources_of(in->sources, arena, &out->body.verstrekking, err);
		break;
	}
	return k;
}

enum kp_result body_of(const struct kp_message_out *in, struct arena *arena, struct message *out, struct kp_error *err)
{
	enum kp_result k = KP_OK;

	if (out->kind == MESSAGE_GEOPEND) {
		out->body.geopend.message_id = out->header.in_reply_to;
		return out->header.in_reply_to.len
			       ? KP_OK
			       : fail_usage(err, "geopend: in_reply_to must name the message that was opened");
	}
	for (size_t i = 0; !k && i < N_ELEMENTS(fields); i++)
		if (fields[i].kind == out->kind)
			k = field_of(&fields[i], in, arena, out, err);
	return k;
}

/* --- in --- */

static bool criteria_show(const struct criterion *v, size_t n, struct arena *arena, struct kp_message_in *out)
{
	struct kp_criterion *shown = arena_array(arena, n ? n : 1, sizeof *shown);

	for (size_t i = 0; shown && i < n; i++)
		shown[i] = (struct kp_criterion){ v[i].id, v[i].met, v[i].motivated };
	out->criteria = shown;
	out->n_criteria = n;
	return shown;
}

static const char *const *ids_show(const struct span *ids, size_t n, struct arena *arena)
{
	const char **v = arena_array(arena, n + 1, sizeof *v);

	for (size_t i = 0; v && i < n; i++) {
		char uuid[UUID_TEXT_SIZE];

		uuid_encode(ids[i].ptr, uuid);
		v[i] = arena_text(arena, span_of_text(uuid));
		if (!v[i])
			return NULL;
	}
	return (const char *const *)v;
}

static bool field_show(const struct field *f, const struct message *in, struct arena *arena, struct kp_message_in *out)
{
	const void *from = (const char *)in + f->body;
	void *to = (char *)out + f->in;

	switch (f->form) {
	case FORM_TEXT:
		*(const char **)to = *(const char *const *)from;
		return true;
	case FORM_TEXTS:
		*(const char *const **)to = body_words(from, arena);
		return *(const char *const **)to;
	case FORM_FLAG:
		*(bool *)to = *(const bool *)from;
		return true;
	case FORM_TIME:
		*(uint64_t *)to = *(const uint64_t *)from;
		return true;
	case FORM_CRITERIA:
		return in->kind == MESSAGE_AANMELDING
			       ? criteria_show(in->body.aanmelding.criteria, in->body.aanmelding.n_criteria, arena, out)
			       : criteria_show(in->body.beoordeling.criteria, in->body.beoordeling.n_criteria, arena, out);
	case FORM_IDS:
	default:
		out->sources = ids_show(in->body.verstrekking.sources, in->body.verstrekking.n_sources, arena);
		return out->sources;
	}
}

/* Strings of a result are never NULL, lists neither: a reader need not know which kind has what. */
static bool blank(struct arena *arena, struct kp_message_in *out)
{
	const struct text_list none = { 0 };
	const char *const *nothing = body_words(&none, arena);

	for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
		void *to = (char *)out + fields[i].in;

		if (fields[i].form == FORM_TEXT)
			*(const char **)to = "";
		else if (fields[i].form == FORM_TEXTS || fields[i].form == FORM_IDS)
			*(const char *const **)to = nothing;
	}
	return nothing;
}

bool body_show(const struct message *in, struct arena *arena, struct kp_message_in *out)
{
	bool shown = blank(arena, out);

	for (size_t i = 0; shown && i < N_ELEMENTS(fields); i++)
		if (fields[i].kind == in->kind)
			shown = field_show(&fields[i], in, arena, out);
	return shown;
}
