/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Messages as they are given to kp_send() and its likes, and as they come out of the inbox. Part of knooppunt.h,
 * which includes it; the rules of memory, time and growth are said there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KP_ID_SIZE 37

/* --- out --- */
struct kp_part {
	const char *category;
	const char *content;	/* text, usually JSON */
	const char *media_type; /* NULL: application/json */
	const char *secrecy_basis, *reference_date, *source, *wpg_article, *person_category;
	const char *const *conditions; /* NULL-terminated or NULL */
};
struct kp_criterion {
	char id;
	bool met, motivated;
};

struct kp_message_out {
	const char *kind; /* "verzoek", "aanmelding", "correctie" ...: docs/integrating.md, "Kinds of message" */
	const char *as, *person; /* hoedanigheid and functionary; NULL: the only one of this node */
	const char *const *to;	 /* NULL-terminated hoedanigheden */
	const char *casus;	 /* UUID; aanmelding: NULL makes a new one */
	const char *exchange;	 /* UUID; NULL: new */
	const char *in_reply_to; /* UUID or NULL */
	/* regime NULL: that of the overleg */
	const char *regime, *grondslag, *doel, *noodzaak, *overleg, *person_role, *answer_kind, *on_behalf_of;
	const char *const *categories; /* NULL-terminated; an antwoord: NULL takes them from the parts */
	uint64_t deadline_unix_ms;
	bool urgent;
	const struct kp_part *parts;
	size_t n_parts;
	/* bodies, as far as the kind has them */
	const char *klasse, *ave, *leeftijdsklasse, *outcome, *phase, *reason;
	const char *const *gemeenten, *const *involve, *const *release;
	const struct kp_criterion *criteria;
	size_t n_criteria;
	bool withdrawn;
	uint64_t given_unix_ms, consent_until_unix_ms;
	/* since 0.2 */
	const char *related_to;		  /* of a gezinslid or direct-contact: "betrokkene" */
	const char *soort;		  /* melding; terugkoppeling: "monitoring" | "jaarlijks" */
	const char *bruikbaar, *vervolg;  /* terugkoppeling: "ja" | "deels" | "nee"; "ja" | "nee", and then reason */
	const char *action;		  /* correctie: "verbeterd" | "ingetrokken"; bevestiging: "verbeterd" | "vernietigd" */
	const char *purpose;		  /* instemmingsverzoek: "huis" | "verband" | "derde" | "hernieuwing" */
	const char *target_kind, *target; /* verstrekking: "deelnemer" | "huis" | "verband" | "derde"; to which one */
	const char *verklaring;		  /* verstrekking to a derde: id of the geheimhoudingsverklaring */
	const char *ground;		  /* hernieuwing: "open-complex" | "recidiverisico" */
	const char *consent_by;		  /* toestemming: "betrokkene" | "wettelijk-vertegenwoordiger" */
	const char *const *consent_categories, *const *consent_hoedanigheden; /* NULL: all */
	const char *const *sources;	  /* verstrekking: UUIDs of the items that go on */
	const char *const *invite;	  /* agenda: agendadeelnemers */
	uint64_t meeting_unix_ms, until_unix_ms, verklaring_unix_ms;
	bool granted, known;		  /* instemming; bekendheidsantwoord */
};

/* --- in --- */
enum kp_item_state { KP_ITEM_NEW = 0, KP_ITEM_HANDLING, KP_ITEM_DONE, KP_ITEM_INTERRUPTED };

struct kp_part_in {
	const char *category, *content, *media_type, *secrecy_basis, *reference_date, *source, *wpg_article,
		*person_category;
	size_t content_len;
	const char *const *conditions; /* NULL-terminated */
	bool opened;		       /* false: could not be opened, trouble says why */
	const char *trouble;
};
struct kp_message_in {
	char message_id[KP_ID_SIZE], exchange_id[KP_ID_SIZE], in_reply_to[KP_ID_SIZE], casus[KP_ID_SIZE];
	const char *kind, *sender, *organisation, *person, *role,
		*recipient; /* recipient: the hoedanigheid of this node it was for */
	const char *regime, *grondslag, *doel, *noodzaak, *overleg, *person_role, *answer_kind;
	const char *const *categories;
	uint64_t created_unix_ms, deadline_unix_ms, received_unix_ms, index;
	bool urgent;
	enum kp_item_state state;
	size_t n_parts;
	const struct kp_part_in *parts; /* empty when listed without opening */
	/* since 0.2 */
	const char *related_to, *on_behalf_of;
	const char *const *recipients; /* all it went to */
	/* the body, by the names of kp_message_out */
	const char *klasse, *ave, *leeftijdsklasse, *outcome, *phase, *reason, *soort, *bruikbaar, *vervolg, *action, *purpose,
		*target_kind, *target, *verklaring, *ground, *consent_by;
	const char *const *gemeenten, *const *involve, *const *release, *const *consent_categories,
		*const *consent_hoedanigheden, *const *sources, *const *invite;
	const struct kp_criterion *criteria;
	size_t n_criteria;
	uint64_t given_unix_ms, consent_until_unix_ms, meeting_unix_ms, until_unix_ms, verklaring_unix_ms;
	bool withdrawn, granted, known;
	/* what this node knows of it beside */
	bool asks;			 /* it asks something of this node that it has not done yet: answer it, confirm it ... */
	bool reminded;			 /* the house reminded of it */
	bool wiped;			 /* its content was destroyed here, after its source took it back */
	uint64_t due_unix_ms;		 /* when that must be done; 0: no term */
	char corrected_by[KP_ID_SIZE];	 /* the newest correctie of it; "" when there is none */
	const char *correction;		 /* its action, when opened: "verbeterd" | "ingetrokken"; "" */
};
#ifdef __cplusplus
}
#endif
