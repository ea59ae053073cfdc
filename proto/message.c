/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Message - the kinds, and what must agree between the pieces of one message: a signer's fields with its
 * kind, parts with the kinds that may carry them, each part's wraps with the recipients.
 *
 * Adding a kind: message.h, the table below, its body in knooppunt.proto and codec_body.c.
 */
#include "proto/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "proto/codec.h"

#define TYPE(name) "application/vnd.knooppunt." name ".v1+protobuf"

static const struct kind {
	const char *name;
	const char *type;
	bool by_node;
	bool parts;
} kinds[MESSAGE_KIND_N] = {
	[MESSAGE_AANMELDING] = { .name = "aanmelding", .type = TYPE("aanmelding"), .parts = true },
	[MESSAGE_BEOORDELING] = { .name = "beoordeling", .type = TYPE("beoordeling"), .parts = true },
	[MESSAGE_BETREKKEN] = { .name = "betrekken", .type = TYPE("betrekken"), .parts = true },
	[MESSAGE_FASE] = { .name = "fase", .type = TYPE("fase"), .parts = true },
	[MESSAGE_AFSLUITING] = { .name = "afsluiting", .type = TYPE("afsluiting"), .parts = true },
	[MESSAGE_VERZOEK] = { .name = "verzoek", .type = TYPE("verzoek"), .parts = true },
	[MESSAGE_ANTWOORD] = { .name = "antwoord", .type = TYPE("antwoord"), .parts = true },
	[MESSAGE_TOESTEMMING] = { .name = "toestemming", .type = TYPE("toestemming"), .parts = true },
	[MESSAGE_MANDAAT] = { .name = "mandaat", .type = TYPE("mandaat"), .by_node = true },
	[MESSAGE_ONTVANGST] = { .name = "ontvangst", .type = TYPE("ontvangst"), .by_node = true },
	[MESSAGE_GEOPEND] = { .name = "geopend", .type = TYPE("geopend") },
	[MESSAGE_INZAGE] = { .name = "inzage", .type = TYPE("inzage") },
	[MESSAGE_MELDING] = { .name = "melding", .type = TYPE("melding"), .parts = true },
	[MESSAGE_AANVULLING] = { .name = "aanvulling", .type = TYPE("aanvulling"), .parts = true },
	[MESSAGE_TERUGKOPPELING] = { .name = "terugkoppeling", .type = TYPE("terugkoppeling"), .parts = true },
	[MESSAGE_CORRECTIE] = { .name = "correctie", .type = TYPE("correctie"), .parts = true },
	[MESSAGE_BEVESTIGING] = { .name = "bevestiging", .type = TYPE("bevestiging") },
	[MESSAGE_INSTEMMINGSVERZOEK] = { .name = "instemmingsverzoek", .type = TYPE("instemmingsverzoek"), .parts = true },
	[MESSAGE_INSTEMMING] = { .name = "instemming", .type = TYPE("instemming") },
	[MESSAGE_VERSTREKKING] = { .name = "verstrekking", .type = TYPE("verstrekking"), .parts = true },
	[MESSAGE_AGENDA] = { .name = "agenda", .type = TYPE("agenda") },
	[MESSAGE_HERNIEUWING] = { .name = "hernieuwing", .type = TYPE("hernieuwing") },
	[MESSAGE_BEKENDHEIDSVRAAG] = { .name = "bekendheidsvraag", .type = TYPE("bekendheidsvraag"), .parts = true },
	[MESSAGE_BEKENDHEIDSANTWOORD] = { .name = "bekendheidsantwoord", .type = TYPE("bekendheidsantwoord"), .parts = true },
};

static const struct kind *kind_of(enum message_kind kind)
{
	return (unsigned)kind < MESSAGE_KIND_N ? &kinds[kind] : &kinds[0];
}

const char *message_kind_name(enum message_kind kind)
{
	return kind_of(kind)->name ? kind_of(kind)->name : "?";
}

const char *message_kind_type(enum message_kind kind)
{
	return kind_of(kind)->type ? kind_of(kind)->type : "?";
}

int message_kind_of_type(const char *type)
{
	for (int i = 1; i < MESSAGE_KIND_N; i++)
		if (!strcmp(kinds[i].type, type))
			return i;
	return -1;
}

int message_kind_find(const char *name)
{
	for (int i = 1; i < MESSAGE_KIND_N; i++)
		if (!strcmp(kinds[i].name, name))
			return i;
	return -1;
}

bool message_signed_by_node(enum message_kind kind)
{
	return kind_of(kind)->by_node;
}

/* Where a recipient's wrap stands is part of what is signed; a wrap too many would be a reader nobody sees in
 * the header. */
static bool wraps_match(const struct part *part, const struct text_list *recipients)
{
	if (!part->n_wraps || part->n_wraps != recipients->n)
		return false;
	for (size_t i = 0; i < part->n_wraps; i++)
		if (strcmp(part->wraps[i].recipient, recipients->v[i]) != 0)
			return false;
	return true;
}

/* The fault, or NULL. */
static const char *message_check(const struct message *m)
{
	const struct kind *kind = kind_of(m->kind);

	if (kind->by_node && *m->header.person)
		return "header.person: must be absent, a node signs this kind";
	if (kind->by_node && m->header.mandate.len)
		return "header.mandate: must be absent, a node signs this kind";
	if (m->n_parts && !kind->parts)
		return "parts: this kind carries none";
	for (size_t i = 0; i < m->n_parts; i++)
		if (!wraps_match(&m->parts[i], &m->header.recipients))
			return "part.wraps: must be one for each recipient of the header, in that order";
	return NULL;
}

int message_decode(enum message_kind kind, struct span payload, struct arena *arena, struct message *out,
		   const char **why)
{
	struct codec_message outer;
	struct message m = { .kind = kind };
	const char *fault;

	if (!kind_of(kind)->name)
		return err_raise(-EINVAL);
	if (codec_message_decode(payload, arena, &outer, why) ||
	    codec_header_decode(outer.header, arena, &m.header, why) ||
	    codec_body_decode(outer.body, arena, &m, why))
		return MESSAGE_E_MALFORMED;
	m.header_bytes = outer.header;
	m.n_parts = outer.n_parts;
	m.parts = outer.parts;
	fault = message_check(&m);
	if (fault) {
		codec_refuse(why, fault);
		return MESSAGE_E_MALFORMED;
	}
	*out = m;
	return MESSAGE_OK;
}

int header_encode(const struct header *h, struct buffer *out)
{
	codec_header_encode(h, out);
	return err_pass(buffer_ok(out));
}

/* The limits of the arrays on the way, not of the law: what is beyond them is a fault of the caller. */
static bool encodable(const struct message *m)
{
	if (!kind_of(m->kind)->name || m->n_parts > MESSAGE_PARTS_MAX)
		return false;
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].n_wraps > MESSAGE_LIST_MAX)
			return false;
	if (m->kind == MESSAGE_ONTVANGST)
		return m->body.ontvangst.n <= MESSAGE_LIST_MAX;
	if (m->kind == MESSAGE_VERSTREKKING)
		return m->body.verstrekking.n_sources <= MESSAGE_SOURCES_MAX;
	if (m->kind == MESSAGE_AANMELDING)
		return m->body.aanmelding.n_criteria <= N_ELEMENTS(m->body.aanmelding.criteria);
	if (m->kind == MESSAGE_BEOORDELING)
		return m->body.beoordeling.n_criteria <= N_ELEMENTS(m->body.beoordeling.criteria);
	return true;
}

int message_encode(const struct message *m, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	int r;

	if (!encodable(m))
		return err_raise(-EINVAL);
	codec_body_encode(m, &body);
	r = buffer_ok(&body);
	if (r)
		return err_pass(r);
	codec_message_begin(m->header_bytes, buffer_span(&body), out);
	for (size_t i = 0; i < m->n_parts; i++)
		codec_part_encode(&m->parts[i], out);
	return err_pass(buffer_ok(out));
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void text_list_sort(struct text_list *list)
{
	size_t n = 0;

	if (!list->n)
		return;
	qsort(list->v, list->n, sizeof *list->v, text_compare);
	for (size_t i = 0; i < list->n; i++)
		if (!n || strcmp(list->v[n - 1], list->v[i]) != 0)
			list->v[n++] = list->v[i];
	list->n = n;
}

bool text_list_has(const struct text_list *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_equal(list->v[i], word))
			return true;
	return false;
}
