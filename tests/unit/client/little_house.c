/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/client/little_house.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/text.h"
#include "proto/receipt.h"
#include "proto/witness.h"

#define ENTRIES_MAX 128
#define LEVELS 8
#define SESSIONS_MAX 4

struct told { /* a message that was written down */
	uint8_t id[ID_BYTES];
	struct buffer envelope, statement, entry;
	uint8_t salt[SALT_BYTES];
	uint64_t index;
};

struct session {
	char user[65];
	uint8_t routing[64];
	size_t routing_len;
};

struct little_house {
	struct paper_house *paper;
	void *context, *router, *zap;
	pthread_t thread;
	atomic_bool stop;
	atomic_int mode;
	atomic_uint submits, acked;
	struct secret *record_key, *other_secret;
	struct note_key other_key; /* of the same name */
	uint64_t size;
	struct hash nodes[LEVELS][ENTRIES_MAX];
	struct hash forked[LEVELS][ENTRIES_MAX];
	struct told told[ENTRIES_MAX];
	struct session sessions[SESSIONS_MAX];
	struct buffer mandate; /* the last that came in */
	struct arena *arena;   /* of one frame */
	atomic_uint cosigned;
	pthread_mutex_t lock;  /* of shown, which the test reads */
	struct buffer shown;   /* the last checkpoint of a COSIGN */
	const struct casus *casussen; /* under the lock, as is: */
	size_t n_casussen;
	const uint8_t *to;
	size_t to_len;
};

const char *little_endpoint(void)
{
	static char endpoint[64];
	void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PULL);
	size_t size = sizeof endpoint;

	assert_int_equal(zmq_bind(socket, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
	zmq_close(socket);
	zmq_ctx_term(context);
	return endpoint;
}

/* --- the log --- */

typedef struct hash history[LEVELS][ENTRIES_MAX];

static int node_read(void *ctx, unsigned level, uint64_t index, struct hash *out)
{
	history *nodes = ctx;

	*out = (*nodes)[level][index];
	return 0;
}

static int node_write(void *ctx, unsigned level, uint64_t index, const struct hash *node)
{
	history *nodes = ctx;

	ASSERT(level < LEVELS && index < ENTRIES_MAX);
	(*nodes)[level][index] = *node;
	return 0;
}

static void must(int r)
{
	ASSERT(r == 0);
}

static void append(struct little_house *h, struct span entry)
{
	struct hash leaf, other;
	uint8_t changed = 1;

	tree_hash_leaf(entry, &leaf);
	tree_hash_leaf(span_of(&changed, 1), &other);
	must(tree_append(h->size, &leaf, node_read, node_write, &h->nodes));
	must(tree_append(h->size, h->size == 1 ? &other : &leaf, node_read, node_write, &h->forked));
	h->size++;
}

static void checkpoint_note(struct little_house *h, history *nodes, uint64_t size, struct buffer *note)
{
	struct checkpoint c = { .size = size };
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	bool other = atomic_load(&h->mode) == LITTLE_OTHER_KEY;

	snprintf(c.origin, sizeof c.origin, "%s", h->paper->log_key.name);
	must(tree_root(size, node_read, nodes, &c.root));
	must(checkpoint_print(&c, &text));
	must(note_begin(note, buffer_span(&text)));
	must(note_sign(note, buffer_span(&text), other ? &h->other_key : &h->paper->log_key,
		       other ? h->other_secret : h->paper->log_secret));
}

static void receipt_of(struct little_house *h, const struct told *t, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct tree_proof proof;

	must(tree_prove_inclusion(t->index, h->size, node_read, &h->nodes, &proof));
	checkpoint_note(h, &h->nodes, h->size, &note);
	must(receipt_print(buffer_span(&t->entry), t->salt, buffer_span(&t->statement), t->index, &proof,
			   buffer_span(&note), out));
}

static struct told *write_down(struct little_house *h, const uint8_t id[ID_BYTES], struct span envelope,
			       enum code code)
{
	struct told *t = &h->told[h->size];
	struct statement s = { .n = code == CODE_TOEGESTAAN ? 0 : 1 };
	struct entry e = { .kind = ENTRY_BERICHT, .code = code, .time_unix_ms = env_unix_ms(env_system()) };

	ASSERT(h->size + 1 < ENTRIES_MAX);
	memset(t, 0, sizeof *t);
	memcpy(t->id, id, ID_BYTES);
	memcpy(s.message_id, id, ID_BYTES);
	envelope_digest(envelope, &s.digest);
	if (atomic_load(&h->mode) == LITTLE_OTHER_DIGEST)
		s.digest.bytes[0] ^= 1;
	if (atomic_load(&h->mode) == LITTLE_OTHER_MESSAGE)
		s.message_id[15] ^= 1;
	s.findings[0] = (struct statement_finding) { code, "grondslag.genoemd", "" };
	randombytes_buf(t->salt, sizeof t->salt);
	must(statement_print(&s, &t->statement));
	entry_binding(t->salt, buffer_span(&t->statement), e.binding);
	randombytes_buf(e.random, sizeof e.random);
	must(entry_seal(&e, env_system(), h->record_key, SPAN_LITERAL("\x01"), &t->entry));
	buffer_bytes(&t->envelope, envelope);
	t->index = h->size;
	append(h, buffer_span(&t->entry));
	return t;
}

static struct told *told_find(struct little_house *h, struct span id)
{
	for (uint64_t i = 0; i < h->size; i++)
		if (span_equal(SPAN_OF(h->told[i].id), id))
			return &h->told[i];
	return NULL;
}

/* --- frames out --- */

static void send_to(struct little_house *h, const uint8_t *to, size_t to_len, enum wire_verb verb,
		    uint64_t correlation, struct span body)
{
	CLEANUP(buffer_fini) struct buffer out = { 0 };

	wire_begin(&out, verb, correlation);
	buffer_bytes(&out, body);
	zmq_send(h->router, to, to_len, ZMQ_SNDMORE);
	zmq_send(h->router, out.ptr, out.len, 0);
}

static void answer(struct little_house *h, enum wire_verb verb, uint64_t correlation,
		   const struct buffer *body)
{
	send_to(h, h->to, h->to_len, verb, correlation, buffer_span(body));
}

static void trouble_say(struct little_house *h, uint64_t correlation, const char *code)
{
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	struct trouble t = { code, "told to say so" };

	must(trouble_encode(&t, &body));
	answer(h, WIRE_TROUBLE, correlation, &body);
}

/* To the nodes that serve the recipients. */
static void deliver(struct little_house *h, const struct message *m, struct span envelope,
		    struct span mandate)
{
	for (size_t i = 0; i < m->header.recipients.n; i++) {
		const struct reg_node *node = registry_node_of_hoedanigheid(h->paper->registry,
									    m->header.recipients.v[i]);
		struct delivery d = { .envelope = envelope, .mandate = mandate, .index = h->size - 1 };
		CLEANUP(buffer_fini) struct buffer body = { 0 };
		char user[65];

		if (!node)
			continue;
		must(delivery_encode(&d, &body));
		hex_encode(span_of(node->transport_key, 32), user);
		for (size_t s = 0; s < SESSIONS_MAX; s++)
			for (int times = 0; times < (atomic_load(&h->mode) == LITTLE_TWICE ? 2 : 1); times++)
				if (!strcmp(h->sessions[s].user, user))
					send_to(h, h->sessions[s].routing, h->sessions[s].routing_len,
						WIRE_DELIVERY, 0, buffer_span(&body));
	}
}

/* --- frames in --- */

/* The entry of a repetition is about the message that was repeated. */
static struct told *repetition(struct little_house *h, struct span id, struct span envelope)
{
	struct told *t = write_down(h, id.ptr, envelope, CODE_HERHALING);

	memset(t->id, 0, ID_BYTES); /* told_find() is for the first time */
	return t;
}

static void submit(struct little_house *h, const struct wire_frame *f)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	const char *why = "";
	struct envelope e;
	struct message m;
	struct told *t;
	int kind, mode = atomic_load(&h->mode);

	must(envelope_decode(f->body, h->arena, &e));
	kind = message_kind_of_type(e.type);
	must(message_decode((enum message_kind)kind, e.payload, h->arena, &m, &why));
	if (kind == MESSAGE_ONTVANGST) {
		atomic_fetch_add(&h->acked, (unsigned)m.body.ontvangst.n);
		buffer_text(&text, "al-ontvangen");
		answer(h, WIRE_REPLY, f->correlation, &text);
		return;
	}
	atomic_fetch_add(&h->submits, 1);
	if (mode == LITTLE_BUSY_ONCE) {
		atomic_store(&h->mode, LITTLE_GOOD);
		trouble_say(h, f->correlation, "AUDIT_NIET_BESCHIKBAAR");
		return;
	}
	t = told_find(h, m.header.message_id);
	if (t && span_equal(buffer_span(&t->envelope), f->body))
		t = repetition(h, m.header.message_id, f->body);
	else
		t = write_down(h, m.header.message_id.ptr, f->body,
			       mode == LITTLE_REFUSES ? CODE_GEEN_GRONDSLAG : CODE_TOEGESTAAN);
	if (mode == LITTLE_FORGETS_ONCE) {
		atomic_store(&h->mode, LITTLE_GOOD);
		answer(h, WIRE_BYE, 0, &text);
		return;
	}
	receipt_of(h, t, &text);
	answer(h, WIRE_RECEIPT, f->correlation, &text);
	if (kind == MESSAGE_MANDAAT) {
		buffer_reset(&h->mandate);
		buffer_bytes(&h->mandate, m.body.mandaat.note);
	}
	if (kind == MESSAGE_VERZOEK)
		deliver(h, &m, f->body, buffer_span(&h->mandate));
}

static void fetch_ladder(struct little_house *h, const struct fetch *what, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct told *t = told_find(h, what->id);
	struct rung rung = { .name = "AANVAARD", .hoedanigheid = "" };
	struct ladder l = { .message_id = what->id, .n = 1, .v = &rung };

	ASSERT(t);
	receipt_of(h, t, &text);
	rung.receipt = buffer_span(&text);
	rung.index = t->index;
	must(ladder_encode(&l, out));
}

static void fetch_checkpoint(struct little_house *h, const struct fetch *what, struct buffer *out)
{
	int mode = atomic_load(&h->mode);
	history *nodes = mode == LITTLE_FORKED ? &h->forked : &h->nodes;
	uint64_t size = mode == LITTLE_SHORTER ? 1 : h->size, to = what->to && what->to <= size ? what->to : size;
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	struct consistency c = { 0 };

	if (what->from <= to)
		must(tree_prove_consistency(what->from, to, node_read, nodes, &c.proof));
	checkpoint_note(h, nodes, size, &note);
	c.checkpoint = buffer_span(&note);
	must(consistency_encode(&c, out));
}

/* In pages of two. false: there is none of that id. */
static bool fetch_casussen(struct little_house *h, const struct fetch *what, struct buffer *out)
{
	bool one = !strcmp(what->what, "casus"), found = !one;
	size_t n = 0;

	pthread_mutex_lock(&h->lock);
	for (size_t i = one ? 0 : what->from; i < h->n_casussen && n < 2; i++) {
		CLEANUP(buffer_fini) struct buffer state = { 0 };
		struct casus_view view;
		const struct casus_list list = { 1, &view };

		if (one && !span_equal(SPAN_OF(h->casussen[i].id), what->id))
			continue;
		found = true;
		n++;
		must(casus_encode(&h->casussen[i], &state));
		view.state = buffer_span(&state);
		must(casus_list_encode(&list, out));
	}
	pthread_mutex_unlock(&h->lock);
	return found;
}

void little_house_casussen(struct little_house *h, const struct casus *v, size_t n)
{
	pthread_mutex_lock(&h->lock);
	h->casussen = v;
	h->n_casussen = n;
	pthread_mutex_unlock(&h->lock);
}

static void fetch(struct little_house *h, const struct wire_frame *f)
{
	CLEANUP(buffer_fini) struct buffer out = { 0 };
	struct rules_reply rules = { .kader = buffer_span(&h->paper->kader_note),
				     .reg = buffer_span(&h->paper->register_note) };
	struct fetch what;

	must(fetch_decode(f->body, h->arena, &what));
	if (!strcmp(what.what, "ladder")) {
		fetch_ladder(h, &what, &out);
	} else if (!strcmp(what.what, "checkpoint")) {
		if (!h->size || atomic_load(&h->mode) == LITTLE_NO_PROOFS) {
			trouble_say(h, f->correlation, h->size ? "VERGETEN" : "NIET_BEKEND");
			return;
		}
		fetch_checkpoint(h, &what, &out);
	} else if (h->casussen && !strncmp(what.what, "casus", 5)) {
		if (!fetch_casussen(h, &what, &out)) {
			trouble_say(h, f->correlation, "NIET_BEKEND");
			return;
		}
	} else {
		must(rules_reply_encode(&rules, &out));
	}
	answer(h, WIRE_REPLY, f->correlation, &out);
}

/* A good house keeps what is shown to it; whether a cosignature holds is for the test to say. */
static void cosign(struct little_house *h, const struct wire_frame *f)
{
	CLEANUP(buffer_fini) struct buffer word = { 0 };
	struct span card, note;

	must(cosign_parse(f->body, &card, &note));
	pthread_mutex_lock(&h->lock);
	buffer_reset(&h->shown);
	buffer_bytes(&h->shown, note);
	pthread_mutex_unlock(&h->lock);
	atomic_fetch_add(&h->cosigned, 1);
	buffer_text(&word, "bewaard");
	answer(h, WIRE_REPLY, f->correlation, &word);
}

static void session_note(struct little_house *h, const char *user)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &h->sessions[i];

		if (*s->user && strcmp(s->user, user) != 0)
			continue;
		snprintf(s->user, sizeof s->user, "%s", user);
		memcpy(s->routing, h->to, h->to_len);
		s->routing_len = h->to_len;
		return;
	}
}

static void frame(struct little_house *h)
{
	uint8_t routing[64];
	int routing_len = zmq_recv(h->router, routing, sizeof routing, 0);
	struct buffer nothing = { 0 };
	struct wire_frame f;
	zmq_msg_t msg;

	zmq_msg_init(&msg);
	if (routing_len > 0 && zmq_msg_recv(&msg, h->router, 0) >= 0 &&
	    wire_parse(span_of(zmq_msg_data(&msg), zmq_msg_size(&msg)), &f) == WIRE_OK) {
		arena_reset(h->arena);
		h->to = routing;
		h->to_len = (size_t)routing_len;
		session_note(h, zmq_msg_gets(&msg, "User-Id"));
		if (f.verb == WIRE_PING)
			answer(h, WIRE_PONG, f.correlation, &nothing);
		else if (f.verb == WIRE_SUBMIT)
			submit(h, &f);
		else if (f.verb == WIRE_FETCH)
			fetch(h, &f);
		else if (f.verb == WIRE_COSIGN)
			cosign(h, &f);
	}
	zmq_msg_close(&msg);
}

static void zap(struct little_house *h)
{
	uint8_t frames[8][300];
	char user[65];
	int len[8] = { 0 }, n = 0, more = 1;
	size_t size = sizeof more;

	while (more && n < 8) {
		len[n] = zmq_recv(h->zap, frames[n], sizeof frames[n], 0);
		n++;
		zmq_getsockopt(h->zap, ZMQ_RCVMORE, &more, &size);
	}
	hex_encode(span_of(frames[6], 32), user);
	zmq_send(h->zap, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(h->zap, frames[1], (size_t)len[1], ZMQ_SNDMORE);
	zmq_send(h->zap, "200", 3, ZMQ_SNDMORE);
	zmq_send(h->zap, "", 0, ZMQ_SNDMORE);
	zmq_send(h->zap, user, 64, ZMQ_SNDMORE);
	zmq_send(h->zap, "", 0, 0);
}

static void *serve(void *arg)
{
	struct little_house *h = arg;
	zmq_pollitem_t items[2] = { { h->zap, 0, ZMQ_POLLIN, 0 }, { h->router, 0, ZMQ_POLLIN, 0 } };

	while (!atomic_load(&h->stop)) {
		zmq_poll(items, 2, 10);
		if (items[0].revents)
			zap(h);
		if (items[1].revents)
			frame(h);
	}
	return NULL;
}

struct little_house *little_house_new(struct paper_house *paper)
{
	struct little_house *h = calloc(1, sizeof *h);
	uint8_t other[32];
	int one = 1, zero = 0;

	assert_non_null(h);
	h->paper = paper;
	pthread_mutex_init(&h->lock, NULL);
	h->arena = arena_new(8u << 20);
	h->record_key = secret_random(ENTRY_KEY_BYTES);
	h->other_secret = secret_new(SIGN_SECRET_BYTES);
	assert_true(h->arena && h->record_key && h->other_secret);
	crypto_sign_keypair(other, secret_bytes(h->other_secret));
	CHECK_OK(note_key_init(&h->other_key, paper->log_key.name, NOTE_KEY_ED25519, other));
	h->context = zmq_ctx_new();
	h->zap = zmq_socket(h->context, ZMQ_REP);
	h->router = zmq_socket(h->context, ZMQ_ROUTER);
	assert_int_equal(zmq_bind(h->zap, "inproc://zeromq.zap.01"), 0);
	zmq_setsockopt(h->router, ZMQ_CURVE_SERVER, &one, sizeof one);
	zmq_setsockopt(h->router, ZMQ_CURVE_SECRETKEY, paper->transport_secret, 32);
	zmq_setsockopt(h->router, ZMQ_ZAP_DOMAIN, "house", 5);
	zmq_setsockopt(h->router, ZMQ_LINGER, &zero, sizeof zero);
	assert_int_equal(zmq_bind(h->router, paper->endpoint), 0);
	assert_int_equal(pthread_create(&h->thread, NULL, serve, h), 0);
	return h;
}

void little_house_free(struct little_house *h)
{
	atomic_store(&h->stop, true);
	pthread_join(h->thread, NULL);
	zmq_close(h->router);
	zmq_close(h->zap);
	zmq_ctx_term(h->context);
	for (uint64_t i = 0; i < h->size; i++) {
		buffer_fini(&h->told[i].envelope);
		buffer_fini(&h->told[i].statement);
		buffer_fini(&h->told[i].entry);
	}
	buffer_fini(&h->mandate);
	buffer_fini(&h->shown);
	pthread_mutex_destroy(&h->lock);
	secret_free(h->record_key);
	secret_free(h->other_secret);
	arena_free(h->arena);
	free(h);
}

void little_house_mode(struct little_house *h, enum little_mode mode)
{
	atomic_store(&h->mode, (int)mode);
}

unsigned little_house_submits(struct little_house *h)
{
	return atomic_load(&h->submits);
}

unsigned little_house_acked(struct little_house *h)
{
	return atomic_load(&h->acked);
}

unsigned little_house_cosigned(struct little_house *h)
{
	return atomic_load(&h->cosigned);
}

void little_house_shown(struct little_house *h, struct buffer *note)
{
	pthread_mutex_lock(&h->lock);
	buffer_bytes(note, buffer_span(&h->shown));
	pthread_mutex_unlock(&h->lock);
}
