/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * libknooppunt - a partner's side of the exchange: ask, receive, open, answer, with evidence of every step.
 *
 * A kp_node is one home folder (keys, cached rules, durable outbox and inbox). What kp_send_* took is on disk
 * before it returns and leaves again after a crash, until the house's receipt is on disk too. What was
 * received is acknowledged only after it is on disk, and is handed out once per message id.
 *
 * Threads: one thread per kp_node at a time. Several processes may open the same home at the same time.
 * Blocking: only the functions with timeout_ms. Strings are UTF-8. Times are unix milliseconds. Ids are
 * UUID text.
 * Memory: everything behind a const pointer in a result belongs to that result and goes with its _free
 * function. err may be NULL everywhere. One kp_node per home and process.
 * Structs grow at their end only, and a zero there means what it meant before: make them with "= { 0 }" or by
 * field name, and build against the header of the library you run with.
 */
#include <knooppunt/message.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kp_node kp_node;

/* Results, the same numbers as the exit codes of the command. */
enum kp_result {
	KP_OK = 0,
	KP_ERROR = 1,	    /* something failed; see the error */
	KP_USAGE = 2,	    /* the call's arguments do not fit */
	KP_REFUSED = 3,	    /* the house refused by the convenant; the receipt says which rule */
	KP_UNVERIFIED = 4,  /* a signature, a proof or a hash did not hold */
	KP_UNREACHABLE = 5, /* the house did not answer in time; nothing is lost, it is in the outbox */
	KP_NONE = 6	    /* nothing there (yet) */
};

struct kp_error {
	char side[16];	/* "here" | "house" | "partner" */
	char stage[32]; /* "keys", "connect", "decide", "open" ... */
	char code[40];	/* refusal code, or "" */
	char text[400];
	char remedy[400];
};

/* --- home --- */
enum kp_result kp_open(const char *home, kp_node **out, struct kp_error *err);
void kp_close(kp_node *node);
const char *kp_house(const kp_node *node);
const char *kp_node_id(const kp_node *node);
const char *kp_home(const kp_node *node);
const char *kp_default_hoedanigheid(
	const kp_node *node); /* the only one of this node; "" when it has several */
/* kp_withheld_step_ms() - how long an answer without content may be held back at most: see kp_answer(). */
uint32_t kp_withheld_step_ms(const kp_node *node);
/* kp_act_as() - the functionary of this home who acts from now on through this handle: reads, answers, and sends where a
 * message names no person. NULL: the home's own choice again. KP_USAGE: this home has no key of that person. */
enum kp_result kp_act_as(kp_node *node, const char *person, struct kp_error *err);

/* Joining: keys are made here, the request is sent, the verification phrase is compared by both sides by
 * phone. */
struct kp_join {
	const char *invitation; /* the invitation's text */
	const char *person;	/* first functionary: pseudonym, e.g. "mdw-0421" */
	const char *role;	/* "liaison", "systeem" ... */
	const char *klasse;	/* "uitvoering" | "toetsing" | "beheer" */
	const char *person_from; /* NULL; or the home of a node of another house where this person has its key already */
	uint64_t screening_unix_ms, training_unix_ms, until_unix_ms;
	uint32_t timeout_ms;
};
#define KP_PHRASE_SIZE 128
enum kp_result kp_join(const char *home, const struct kp_join *join, char phrase[KP_PHRASE_SIZE],
		       struct kp_error *err);

struct kp_status {
	bool reachable, admitted;
	uint64_t register_sequence, checkpoint_size;
	size_t outbox, inbox; /* waiting to be receipted; waiting to be handled */
	char phrase[KP_PHRASE_SIZE];
	bool stopped; /* the house's log contradicted itself: nothing is sent or received until that is cleared */
};
enum kp_result kp_status(kp_node *node, uint32_t timeout_ms, struct kp_status *out, struct kp_error *err);

/* kp_sync() - fetch rules in force (verified), send what waits in the outbox, check the checkpoint's
 * consistency. */
enum kp_result kp_sync(kp_node *node, uint32_t timeout_ms, struct kp_error *err);

/* A mandate for one more person of this organisation; makes the person's key in this home and sends the
 * mandate. */
struct kp_mandate {
	const char *person, *role, *klasse;
	const char *const *hoedanigheden; /* NULL-terminated; NULL: all of this node */
	uint64_t screening_unix_ms, training_unix_ms, from_unix_ms, until_unix_ms;
};
enum kp_result kp_mandate_grant(kp_node *node, const struct kp_mandate *mandate, uint32_t timeout_ms,
				struct kp_error *err);

/* --- sending --- */
struct kp_sent {
	char message_id[KP_ID_SIZE], exchange_id[KP_ID_SIZE], casus[KP_ID_SIZE];
	enum kp_result result; /* KP_OK, KP_REFUSED, KP_UNREACHABLE */
	struct kp_error error; /* when refused: code, rules in text, remedy */
	uint64_t index;	       /* of its entry in the log */
	char *receipt;	       /* tlog-proof text, checked; NULL when unreachable. kp_sent_fini() frees */
};
void kp_sent_fini(struct kp_sent *sent);

/* kp_send() - compose, seal, sign, store, submit, wait for the receipt. One envelope to all of to. */
enum kp_result kp_send(kp_node *node, const struct kp_message_out *m, uint32_t timeout_ms,
		       struct kp_sent *out, struct kp_error *err);
/* kp_ask() - one question to many: one envelope per recipient under one exchange, so that no partner sees who
 * else was asked. out has one element per recipient, in order. Result: KP_OK when all were accepted, else the
 * first failure's. */
enum kp_result kp_ask(kp_node *node, const struct kp_message_out *m, uint32_t timeout_ms, struct kp_sent *out,
		      struct kp_error *err);

/* kp_may_i() - the house's decision, taken here on the cached rules: no data leaves. explanation: malloc'ed
 * text (free()). */
enum kp_result kp_may_i(kp_node *node, const struct kp_message_out *m, const char *language,
			char **explanation, struct kp_error *err);

/* --- receiving --- */
void kp_message_in_free(struct kp_message_in *m);

/* kp_receive() - take deliveries from the house into the inbox (durably, then acknowledged) for up to
 * timeout_ms, or until at least one came. KP_OK: something new; KP_NONE; KP_UNREACHABLE. */
enum kp_result kp_receive(kp_node *node, uint32_t timeout_ms, struct kp_error *err);

/* kp_inbox() - walk the inbox in order of arrival, unopened. each returns false to stop. exchange: NULL or a
 * UUID. */
typedef bool kp_each(void *ctx, const struct kp_message_in *m);
enum kp_result kp_inbox(kp_node *node, const char *exchange, kp_each *each, void *ctx, struct kp_error *err);

/* kp_destroyed() - the casussen of which this node held messages and destroyed them: their term at the house was over, or it is on
 * them no more. */
struct kp_destroyed {
	char casus[KP_ID_SIZE];
	uint64_t destroyed_unix_ms;
	size_t n_messages;
};
typedef bool kp_each_destroyed(void *ctx, const struct kp_destroyed *d);
enum kp_result kp_destroyed(kp_node *node, kp_each_destroyed *each, void *ctx, struct kp_error *err);

/* kp_read() - verify the signer's chain and open the parts sealed to this node. tell_sender: also sends
 * GEOPEND, and what asks nothing (see asks) is DONE. KP_UNVERIFIED when the signature chain does not hold. */
enum kp_result kp_read(kp_node *node, const char *message_id, bool tell_sender, struct kp_message_in **out,
		       struct kp_error *err);

/* kp_find() - the header and body of a message this node received or sent, unopened; KP_NONE. */
enum kp_result kp_find(kp_node *node, const char *message_id, struct kp_message_in **out, struct kp_error *err);

/* kp_claim() - take the oldest NEW verzoek (or other incoming kind listed) for handling: its state is
 * HANDLING on disk before this returns, so that no handler ever sees it twice. KP_NONE when there is none.
 * kp_done() closes it. */
enum kp_result kp_claim(kp_node *node, const char *kind, struct kp_message_in **out, struct kp_error *err);
enum kp_result kp_done(kp_node *node, const char *message_id, enum kp_item_state state, struct kp_error *err);
/* kp_serve_lock() - this process is the one that runs handlers for the home, until it closes the node. What
 * an earlier one left in HANDLING becomes INTERRUPTED. KP_ERROR when another process serves this home. */
enum kp_result kp_serve_lock(kp_node *node, struct kp_error *err);

/*
 * kp_answer() - answer what a received message asks
 *
 *   verzoek             GEGEVENS | DEELS | NIET_BEKEND | GEEN_MEDEDELING | WEIGERING | LATER
 *   bekendheidsvraag    BEKEND, with one part identificerend.contact | NIET_BEKEND
 *   instemmingsverzoek  INSTEMMING | WEIGERING
 *   correctie           VERBETERD | VERNIETIGD: a bevestiging; VERNIETIGD destroys the content of the corrected item in this home first
 *
 * GEEN_MEDEDELING leaves this node as NIET_BEKEND, byte for byte alike, and both leave at the next multiple of withheld_step_s
 * (node.yaml) after the question came in: until then the answer is on disk and the result KP_UNREACHABLE when timeout_ms ends earlier.
 * What asked is DONE in the step that stores the answer (LATER leaves it open); an answer that the house refuses makes it INTERRUPTED.
 */
struct kp_reply {
	const char *kind;
	const struct kp_part *parts;
	size_t n_parts;
	/* since 0.2 */
	uint64_t until_unix_ms;	  /* INSTEMMING: how long it holds; 0: until taken back */
	const char *on_behalf_of; /* the gever, under a volmacht; NULL: nobody */
};
enum kp_result kp_answer(kp_node *node, const char *message_id, const struct kp_reply *reply,
			uint32_t timeout_ms, struct kp_sent *out, struct kp_error *err);

/*
 * kp_follow() - send what follows on a message this node received or sent: aanvulling, correctie, terugkoppeling,
 * instemmingsverzoek, verstrekking
 * What m leaves NULL is taken from that message: as, casus, exchange, regime, grondslag, doel, noodzaak, overleg, person_role,
 * related_to; to: all who got it (aanvulling, correctie) or who sent it (the others; a verstrekking names its own).
 */
enum kp_result kp_follow(kp_node *node, const char *message_id, const struct kp_message_out *m, uint32_t timeout_ms,
			 struct kp_sent *out, struct kp_error *err);

#ifdef __cplusplus
}
#endif

#include <knooppunt/evidence.h>
