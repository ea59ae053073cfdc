/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Message - the payload of an envelope as plain C: header, body of its kind, sealed parts.
 *
 * message_decode() is strict (see envelope.h) and checks form only: sizes of ids, sorted unique lists, known kinds, text
 * lengths. What the law and the convenant say about it is convenant_decide()'s business.
 * Everything decoded lives in the arena. Strings are never NULL (absent = ""), ids are SPAN_NONE when absent.
 * Pure functions, any thread.
 */
#include "base/env.h"
#include "proto/envelope.h"

#define MESSAGE_LIST_MAX 64      /* recipients, categories, ids in one message */
#define MESSAGE_PARTS_MAX 32
#define MESSAGE_SOURCES_MAX 16   /* items one verstrekking rests on */
#define MESSAGE_TEXT_MAX 500     /* bytes of any header text */
#define MESSAGE_ARENA_BYTES (4u << 20) /* an arena of this size holds any valid envelope and its message, decoded */

enum message_kind {
	MESSAGE_AANMELDING = 1,
	MESSAGE_BEOORDELING,
	MESSAGE_BETREKKEN,
	MESSAGE_FASE,
	MESSAGE_AFSLUITING,
	MESSAGE_VERZOEK,
	MESSAGE_ANTWOORD,
	MESSAGE_TOESTEMMING,
	MESSAGE_MANDAAT,    /* signed by the node; the mandate note inside by the organisation */
	MESSAGE_ONTVANGST,  /* signed by the node: ciphertext stored durably */
	MESSAGE_GEOPEND,
	MESSAGE_INZAGE,
	MESSAGE_MELDING,            /* one way: a notice nobody asked for */
	MESSAGE_AANVULLING,         /* more from the source of an item */
	MESSAGE_TERUGKOPPELING,     /* what came of an item (WGS 1.7(4)) */
	MESSAGE_CORRECTIE,          /* an item was wrong, or is withdrawn (BGS 1.7; AVG 19) */
	MESSAGE_BEVESTIGING,        /* a recipient carried out a correctie */
	MESSAGE_INSTEMMINGSVERZOEK, /* may this item go on? (WGS 1.7(3)) */
	MESSAGE_INSTEMMING,
	MESSAGE_VERSTREKKING,       /* an item or result goes on */
	MESSAGE_AGENDA,
	MESSAGE_HERNIEUWING,        /* kept longer (BGS 1.16(2)) */
	MESSAGE_BEKENDHEIDSVRAAG,   /* does another house know him? (WGS 2.28(1)) */
	MESSAGE_BEKENDHEIDSANTWOORD,
	MESSAGE_KIND_N
};

const char *message_kind_name(enum message_kind kind);   /* "verzoek" */
const char *message_kind_type(enum message_kind kind);   /* "application/vnd.knooppunt.verzoek.v1+protobuf" */
int message_kind_of_type(const char *type);              /* kind or -1 */
int message_kind_find(const char *name);
bool message_signed_by_node(enum message_kind kind);

struct text_list {
	size_t n;
	const char **v;
};

struct header {
	struct span message_id, exchange_id, in_reply_to, casus, mandate, convenant, trace_id;
	uint64_t created_unix_ms, not_after_unix_ms, deadline_unix_ms;
	const char *sender, *person, *on_behalf_of;
	const char *regime, *grondslag, *doel, *noodzaak, *overleg;
	const char *person_role, *related_to, *answer_kind;
	struct text_list recipients, categories;
	bool urgent;
};

struct part_header {
	const char *category, *secrecy_basis, *reference_date, *source, *wpg_article, *person_category, *media_type;
	struct text_list conditions;
	struct span content_commitment; /* 32 */
};

struct wrap {
	const char *recipient;
	struct span key_id, enc, sealed_key;
};

struct part {
	struct span header_bytes; /* as sent: bound into the ciphertext */
	struct part_header header;
	uint32_t suite;
	struct span nonce, commitment, ciphertext;
	size_t n_wraps;
	struct wrap *wraps;
};

struct criterion {
	char id; /* 'a'..'d' */
	bool met, motivated;
};

struct body_aanmelding { const char *klasse, *ave, *leeftijdsklasse; struct text_list gemeenten; size_t n_criteria; struct criterion criteria[4]; };
struct body_beoordeling { const char *outcome; size_t n_criteria; struct criterion criteria[4]; };
struct body_betrekken { struct text_list involve, release; };
struct body_fase { const char *phase, *ave; };
struct body_afsluiting { const char *reason; };
struct body_toestemming {
	bool withdrawn;
	uint64_t given_unix_ms, until_unix_ms;
	struct text_list categories, hoedanigheden;
	const char *given_by;
};
struct body_melding { const char *soort; };
struct body_terugkoppeling { const char *soort, *bruikbaar, *vervolg, *reden; };
struct body_correctie { const char *action, *reason; };
struct body_bevestiging { const char *action; };
struct body_instemmingsverzoek { const char *purpose, *target; uint64_t until_unix_ms; };
struct body_instemming { bool granted; uint64_t until_unix_ms; };
struct body_verstrekking {
	const char *target_kind, *target, *verklaring;
	size_t n_sources;
	struct span sources[MESSAGE_SOURCES_MAX];
	uint64_t verklaring_unix_ms;
};
struct body_agenda { uint64_t meeting_unix_ms, until_unix_ms; struct text_list invite; };
struct body_hernieuwing { uint64_t until_unix_ms; const char *ground; };
struct body_bekendheidsantwoord { bool known; };
struct body_mandaat { struct span note; bool withdrawn; };
struct body_ontvangst { size_t n; struct span ids[MESSAGE_LIST_MAX]; };
struct body_geopend { struct span message_id; };
struct body_inzage {
	const char *purpose, *hoedanigheid, *code, *category, *kind;
	struct span casus;
	uint64_t from_unix_ms, to_unix_ms, after_index;
	uint32_t limit;
	const char *person, *grondslag, *doel, *overleg;
	struct span message;
	bool urgent, own, proofs, with_input;
};

struct message {
	enum message_kind kind;
	struct span header_bytes; /* as sent: bound into every part */
	struct header header;
	union {
		struct body_aanmelding aanmelding;
		struct body_beoordeling beoordeling;
		struct body_betrekken betrekken;
		struct body_fase fase;
		struct body_afsluiting afsluiting;
		struct body_toestemming toestemming;
		struct body_mandaat mandaat;
		struct body_ontvangst ontvangst;
		struct body_geopend geopend;
		struct body_inzage inzage;
		struct body_melding melding;
		struct body_terugkoppeling terugkoppeling;
		struct body_correctie correctie;
		struct body_bevestiging bevestiging;
		struct body_instemmingsverzoek instemmingsverzoek;
		struct body_instemming instemming;
		struct body_verstrekking verstrekking;
		struct body_agenda agenda;
		struct body_hernieuwing hernieuwing;
		struct body_bekendheidsantwoord bekendheidsantwoord;
	} body;
	size_t n_parts;
	struct part *parts;
};

enum { MESSAGE_OK = 0, MESSAGE_E_MALFORMED = 1 };

/*
 * message_decode() - the payload of an envelope
 * @why: set on MESSAGE_E_MALFORMED to a static English text that names the field
 * An arena that is too small for what the peer sent is MESSAGE_E_MALFORMED too.
 */
MUST_CHECK int message_decode(enum message_kind kind, struct span payload, struct arena *arena, struct message *out,
			      const char **why);
/* header_encode() - the bytes that parts are bound to. Lists are sorted by the caller (text_list_sort). */
MUST_CHECK int header_encode(const struct header *h, struct buffer *out);
/*
 * message_encode() - uses m->header_bytes as they are, encodes body and parts (each part's header_bytes as they are)
 * Neither of the two checks what message_decode() will; lists beyond the sizes above are -EINVAL.
 */
MUST_CHECK int message_encode(const struct message *m, struct buffer *out);
void text_list_sort(struct text_list *list); /* bytewise ascending, duplicates removed */
bool text_list_has(const struct text_list *list, const char *word);
