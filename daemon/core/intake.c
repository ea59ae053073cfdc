/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From bytes to a decision. The order of the questions is what a refusal may reveal and to whom:
 *
 *   admitted node?      no: TROUBLE, no entry - it is nobody we keep a log about
 *   decodes?            no: SCHEMA_ONGELDIG; nothing in it is believed, not even its id
 *   mandate known?      no: MEDEWERKER_NIET_GEAUTORISEERD, signature holds? no: HANDTEKENING_ONGELDIG; the id is not burnt
 *   right node?         no: refused with everything else that is wrong; the id is not burnt, for it is not this node's to burn
 *   seen before?        HERHALING
 *   allowed?            convenant_decide(): all findings together
 *
 * A refusal is sealed under the casus key only when its sender is on that casus: the key id stands in the open in a receipt, and
 * would tell an outsider that the casus exists.
 */
#include "daemon/core/intake.h"

#include <errno.h>

#define RULE_FORM "transport.vorm"
#define RULE_MANDATE "transport.mandaat"
#define RULE_SIGNATURE "transport.handtekening"
#define RULE_NODE "transport.knooppunt"
#define RULE_ONCE "antwoord.eenmaal"
#define RULE_CONFIRMED "bevestiging.eenmaal"
#define RULE_GRANTS "instemming.aantal"
#define RULE_REPEAT "transport.herhaling"
#define RULE_TARGET "geopend.ontvanger"
#define RULE_OFFERED "mandaat.noot"

static const struct reg_node *node_of(const struct core *c, const struct item *item)
{
	return c->rules.registry ? registry_node_of_transport(c->rules.registry, item->transport) : NULL;
}

/* The key the signature must be by; false when we know none. */
static int signer_key(struct core *c, const struct item *item, const struct reg_node *node, struct mandate_known *known,
		      const uint8_t **key)
{
	int r;

	*known = (struct mandate_known){ 0 };
	*key = NULL;
	if (message_signed_by_node(item->message.kind)) {
		*key = node->sign_key;
		return 0;
	}
	r = mandates_find(c, item->message.header.mandate, known);
	if (r)
		return err_pass(r);
	if (known->mandate)
		*key = known->mandate->sign_key;
	return 0;
}

static int decode(struct item *item)
{
	int kind, r;

	item->whole = false;
	r = envelope_decode(item->wire.body, item->arena, &item->envelope);
	if (r < 0)
		return err_pass(r);
	if (r) {
		item->why = "envelope";
		return 0;
	}
	kind = message_kind_of_type(item->envelope.type);
	if (kind < 0) {
		item->why = "envelope.type";
		return 0;
	}
	r = message_decode((enum message_kind)kind, item->envelope.payload, item->arena, &item->message, &item->why);
	if (r < 0)
		return err_pass(r);
	item->whole = r == MESSAGE_OK;
	return 0;
}

int intake_take(struct core *c, struct item *item)
{
	const struct reg_node *node = node_of(c, item);
	struct mandate_known known;
	const uint8_t *key = NULL;
	int r;

	item->job = (struct verify_job){ .bytes = item->wire.body };
	if (!node) {
		item->trouble = "NIET_TOEGELATEN";
		item->trouble_text = "this node is not in the register; join first";
		return 0;
	}
	r = decode(item);
	if (!r && item->whole)
		r = signer_key(c, item, node, &known, &key);
	if (r)
		return err_pass(r);
	if (item->whole)
		item->job.envelope = &item->envelope;
	if (key) {
		memcpy(item->job.key, key, SIGN_PUBLIC_BYTES);
		item->job.has_key = true;
	}
	verify_push(c->pool, &item->job);
	return 0;
}

/* The worker checked with the key of then. A mandate or a register that came in since may have brought another. */
static int signature_holds(struct item *item, const uint8_t *key, bool *holds)
{
	struct verify_job *job = &item->job;

	if (!job->has_key || memcmp(job->key, key, SIGN_PUBLIC_BYTES) != 0) {
		memcpy(job->key, key, SIGN_PUBLIC_BYTES);
		job->has_key = true;
		verify_run(job);
	}
	*holds = job->holds;
	return job->error ? err_pass(job->error) : 0;
}

/* ---- refusing ---- */

static int refuse(struct core *c, struct intake *in, bool believed, struct slip **out)
{
	const bool inside = believed && in->has_casus &&
			    casus_member(c->rules.registry, &in->casus, in->h->sender, c->now_unix_ms);
	const bool reading = in->m && in->m->kind == MESSAGE_INZAGE;
	struct inzage_words words;
	struct evidence e = {
		.kind = reading ? ENTRY_INZAGE : ENTRY_BERICHT,
		.type = in->m ? message_kind_name(in->m->kind) : "onleesbaar",
		.message_id = in->m ? in->h->message_id.ptr : NULL,
		.digest = &in->item->job.digest,
		.message = believed ? in->m : NULL,
		.decision = &in->decision,
		.mandate = believed ? in->known.mandate : NULL,
		.node = in->node,
		.casus = inside ? &in->casus : NULL,
		.casus_id = inside ? in->h->casus : SPAN_NONE,
		.replay = in->input.message ? &in->replay : NULL,
	};

	if (reading && believed)
		inzage_describe(&in->m->body.inzage, &words, &e);
	return err_pass(evidence_write(c, &e, out));
}

static int refuse_with(struct core *c, struct intake *in, enum code code, const char *rule, const char *subject)
{
	struct slip *slip;
	int r;

	in->decision = (struct decision){ 0 };
	decision_add(&in->decision, code, rule, subject, false);
	r = refuse(c, in, false, &slip);
	return r ? err_pass(r) : err_pass(core_receipt(c, in->item, slip));
}

static int refuse_decided(struct core *c, struct intake *in)
{
	struct seen seen = { .digest = in->item->job.digest, .forget_ms = seen_until(c, in->h) };
	struct slip *slip;
	int r = refuse(c, in, true, &slip);

	if (r)
		return err_pass(r);
	seen.entry = slip->index;
	if (in->right_node)
		r = seen_put(c, in->h->message_id, &seen);
	if (r) {
		slip_unref(slip);
		return err_pass(r);
	}
	return err_pass(core_receipt(c, in->item, slip));
}

static int repeated(struct core *c, struct intake *in, struct seen *seen)
{
	const bool same = hash_equal(&seen->digest, &in->item->job.digest);
	struct slip *slip = NULL;
	int r;

	if (same && seen->repeat) {
		r = evidence_slip(c, seen->repeat - 1, &slip);
		if (!r && !slip) {
			in->item->trouble = "NIET_BEKEND";
			in->item->trouble_text = "what is known of this message was destroyed";
		}
		return r ? err_pass(r) : err_pass(core_receipt(c, in->item, slip));
	}
	in->decision = (struct decision){ 0 };
	decision_add(&in->decision, CODE_HERHALING, RULE_REPEAT, "", false);
	if (in->h->casus.len) {
		r = casus_read(c, in->h->casus, &in->casus);
		in->has_casus = r == CASUS_STORE_OK;
		if (r < 0)
			return err_pass(r);
	}
	r = refuse(c, in, true, &slip);
	if (!r && same) {
		seen->repeat = slip->index + 1;
		r = seen_put(c, in->h->message_id, seen);
		if (r)
			slip_unref(slip);
	}
	return r ? err_pass(r) : err_pass(core_receipt(c, in->item, slip));
}

/* ---- deciding ---- */

/* A mandate of this node's own organisation, signed by it, in its place in the register. */
static int offered_check(struct core *c, struct intake *in)
{
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "mandaat");
	r = mandate_open(in->m->body.mandaat.note, c->rules.registry, in->item->arena, &faults, &in->offered);
	if (r < 0)
		return err_pass(r);
	decision_add(&in->decision, CODE_MEDEWERKER_NIET_GEAUTORISEERD, RULE_OFFERED, "",
		     r == MANDATE_OK && text_equal(in->offered.organisation, in->node->organisation));
	return 0;
}

/* LATER promises an answer; any other is the answer, and a second one would disclose twice. Under a volmacht: once for each giver. */
static void once_check(struct core *c, struct intake *in)
{
	const char *for_whom;
	const struct track_recipient *v;

	if (!in->has_earlier)
		return;
	v = answer_row(c, in, &for_whom);
	if (in->input.request)
		decision_add(&in->decision, CODE_HERHALING, RULE_ONCE, in->h->sender, !v || !text_list_has(&v->answered_for, for_whom));
	if (in->m->kind == MESSAGE_BEVESTIGING && in->earlier.kind == MESSAGE_CORRECTIE)
		decision_add(&in->decision, CODE_HERHALING, RULE_CONFIRMED, in->h->sender, !v || !v->rungs[TRACK_CONFIRMED].entry);
}

/* What is found beside the rules goes into the replay as it was found. */
static int decide(struct core *c, struct intake *in)
{
	size_t n_rules;
	int r = gather(c, in);

	if (r)
		return err_pass(r);
	convenant_decide(&in->input, &in->decision);
	n_rules = in->decision.n;
	decision_add(&in->decision, CODE_DEELNEMER_ONBEVOEGD, RULE_NODE, in->h->sender, in->right_node);
	if (in->m->kind == MESSAGE_GEOPEND)
		decision_add(&in->decision, CODE_NIET_BETROKKEN_BIJ_CASUS, RULE_TARGET, "",
			     in->has_earlier && track_recipient_now(c, &in->earlier, in->h->sender));
	once_check(c, in);
	if (in->has_subject && in->m->body.instemming.granted)
		decision_add(&in->decision, CODE_SCHEMA_ONGELDIG, RULE_GRANTS, "", in->subject_item.n_grants < ITEM_GRANTS_MAX);
	if (in->m->kind == MESSAGE_MANDAAT)
		r = offered_check(c, in);
	replay_of(&in->input, in->known.mandate, &in->decision, n_rules, &in->replay);
	return err_pass(r);
}

static int submit(struct core *c, struct item *item)
{
	struct intake in = { .item = item, .node = node_of(c, item) };
	struct seen seen;
	const uint8_t *key;
	bool holds;
	int r;

	if (!item->whole)
		return err_pass(refuse_with(c, &in, CODE_SCHEMA_ONGELDIG, RULE_FORM, item->why));
	in.m = &item->message;
	in.h = &item->message.header;
	if (in.m->kind == MESSAGE_INZAGE && !inzage_in_budget(c, item)) {
		item->trouble = "TE_SNEL";
		item->trouble_text = "more pages of the log than this node may read in a second; send it again";
		return 0;
	}
	r = signer_key(c, item, in.node, &in.known, &key);
	if (r)
		return err_pass(r);
	if (!key)
		return err_pass(refuse_with(c, &in, CODE_MEDEWERKER_NIET_GEAUTORISEERD, RULE_MANDATE, ""));
	r = signature_holds(item, key, &holds);
	if (r)
		return err_pass(r);
	if (!holds)
		return err_pass(refuse_with(c, &in, CODE_HANDTEKENING_ONGELDIG, RULE_SIGNATURE, ""));
	in.right_node = reg_node_serves(in.node, in.h->sender);
	if (in.m->kind == MESSAGE_ONTVANGST)
		return err_pass(ack_decide(c, &in));
	r = in.right_node ? seen_find(c, in.h->message_id, &seen) : SEEN_E_ABSENT;
	if (r < 0)
		return err_pass(r);
	if (r == SEEN_OK)
		return err_pass(repeated(c, &in, &seen));
	r = decide(c, &in);
	if (r)
		return err_pass(r);
	if (in.decision.code != CODE_TOEGESTAAN)
		return err_pass(refuse_decided(c, &in));
	if (in.known.mandate)
		r = mandates_used(c, in.h->mandate);
	return r ? err_pass(r) : err_pass(apply(c, &in));
}

int intake_decide(struct core *c, struct item *item)
{
	if (item->trouble)
		return 0;
	if (!node_of(c, item)) { /* the register changed since it came in */
		item->trouble = "NIET_TOEGELATEN";
		item->trouble_text = "this node is no longer in the register";
		return 0;
	}
	return err_pass(submit(c, item));
}
