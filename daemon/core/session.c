/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sessions are found by id through a hash, by node through a list per node of the register (an array beside the registry's own),
 * and by "has something to be given" through the ready list, so that a round costs what it gives, not who is connected.
 */
#include "daemon/core/session.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/queue.h"

#define N_BUCKETS 4096

struct session {
	uint64_t id;
	uint8_t transport[32];
	const struct reg_node *node;      /* NULL: enrolling, or no longer admitted */
	struct session *next_bucket, *next_node, *next_all, *previous_all;
	struct session *next_ready;
	bool ready;
	uint32_t window;
	size_t n_out, out_capacity;
	uint8_t (*out)[ID_BYTES];         /* given and not acknowledged, oldest first */
	size_t n_cursors;
	uint64_t *cursors;                /* per hoedanigheid of the node: the next sequence to give */
	uint64_t heard_mono_ms, moved_mono_ms;
};

struct sessions {
	size_t n;
	uint64_t ticked_mono_ms;
	struct session *all;
	struct session *buckets[N_BUCKETS];
	struct session *ready, **ready_tail;
	size_t n_nodes;
	struct session **of_node;         /* by position in the registry */
};

static int nodes_bind(struct core *c)
{
	struct sessions *s = c->sessions;
	size_t n = c->rules.registry ? c->rules.registry->n_nodes : 0;
	struct session **v = calloc(n ? n : 1, sizeof *v);

	if (!v)
		return err_raise(-ENOMEM);
	free(s->of_node);
	s->of_node = v;
	s->n_nodes = n;
	return 0;
}

int core_sessions_new(struct sessions **out)
{
	struct sessions *s = calloc(1, sizeof *s);

	if (!s)
		return err_raise(-ENOMEM);
	s->ready_tail = &s->ready;
	*out = s;
	return 0;
}

static void session_free(struct session *s)
{
	free(s->out);
	free(s->cursors);
	free(s);
}

struct sessions *core_sessions_free(struct sessions *s)
{
	while (s && s->all) {
		struct session *next = s->all->next_all;

		session_free(s->all);
		s->all = next;
	}
	if (s)
		free(s->of_node);
	free(s);
	return NULL;
}

static struct session **bucket(struct sessions *s, uint64_t id)
{
	return &s->buckets[(id * UINT64_C(0x9e3779b97f4a7c15)) >> 52];
}

static struct session *find(const struct core *c, uint64_t id)
{
	struct session *s = *bucket(c->sessions, id);

	while (s && s->id != id)
		s = s->next_bucket;
	return s;
}

static struct session **node_list(const struct core *c, const struct reg_node *node)
{
	return &c->sessions->of_node[node - c->rules.registry->nodes];
}

static void ready_add(struct sessions *all, struct session *s)
{
	if (s->ready || !s->node || s->n_out >= s->window)
		return;
	s->ready = true;
	s->next_ready = NULL;
	*all->ready_tail = s;
	all->ready_tail = &s->next_ready;
}

static void ready_remove(struct sessions *all, struct session *s)
{
	struct session **at = &all->ready;

	if (!s->ready)
		return;
	while (*at != s)
		at = &(*at)->next_ready;
	*at = s->next_ready;
	if (!*at)
		all->ready_tail = at;
	s->ready = false;
}

static int session_bind(struct core *c, struct session *s)
{
	const struct reg_node *node = c->rules.registry ? registry_node_of_transport(c->rules.registry, s->transport) : NULL;
	uint64_t *cursors = calloc(node && node->hoedanigheden.n ? node->hoedanigheden.n : 1, sizeof *cursors);

	if (!cursors)
		return err_raise(-ENOMEM);
	free(s->cursors);
	s->cursors = cursors;
	s->n_cursors = node ? node->hoedanigheden.n : 0;
	s->n_out = 0;
	s->node = node;
	if (node) {
		s->next_node = *node_list(c, node);
		*node_list(c, node) = s;
	}
	return 0;
}

int sessions_heard(struct core *c, uint64_t id, const uint8_t transport[32], bool *known)
{
	struct sessions *all = c->sessions;
	struct session *s = find(c, id);
	int r;

	if (s && memcmp(s->transport, transport, 32) != 0) {
		sessions_gone(c, id); /* the gate gave the number to someone else */
		s = NULL;
	}
	*known = true;
	if (!s && all->n >= SESSIONS_MAX) {
		*known = false;
		return 0;
	}
	if (!s) {
		if (!all->of_node) {
			r = nodes_bind(c);
			if (r)
				return err_pass(r);
		}
		s = calloc(1, sizeof *s);
		if (!s)
			return err_raise(-ENOMEM);
		s->id = id;
		memcpy(s->transport, transport, 32);
		r = session_bind(c, s);
		if (r) {
			session_free(s);
			return err_pass(r);
		}
		s->next_bucket = *bucket(all, id);
		*bucket(all, id) = s;
		s->next_all = all->all;
		if (all->all)
			all->all->previous_all = s;
		all->all = s;
		all->n++;
	}
	s->heard_mono_ms = env_mono_ms(c->env);
	return 0;
}

static void session_remove(struct core *c, struct session *s)
{
	struct sessions *all = c->sessions;
	struct session **at = bucket(all, s->id);

	while (*at != s)
		at = &(*at)->next_bucket;
	*at = s->next_bucket;
	if (s->node) {
		for (at = node_list(c, s->node); *at != s; at = &(*at)->next_node)
			;
		*at = s->next_node;
	}
	if (s->previous_all)
		s->previous_all->next_all = s->next_all;
	else
		all->all = s->next_all;
	if (s->next_all)
		s->next_all->previous_all = s->previous_all;
	ready_remove(all, s);
	all->n--;
	session_free(s);
}

void sessions_gone(struct core *c, uint64_t id)
{
	struct session *s = find(c, id);

	if (s)
		session_remove(c, s);
}

bool sessions_is(const struct core *c, uint64_t id)
{
	return find(c, id) != NULL;
}

void sessions_window(struct core *c, uint64_t id, uint32_t window)
{
	struct session *s = find(c, id);

	if (!s)
		return;
	s->window = window < SESSION_WINDOW_MAX ? window : SESSION_WINDOW_MAX;
	ready_add(c->sessions, s);
}

static struct session *first_of(const struct core *c, const char *hoedanigheid)
{
	const struct reg_node *node = c->rules.registry ? registry_node_of_hoedanigheid(c->rules.registry, hoedanigheid) : NULL;

	return node && c->sessions->of_node ? *node_list(c, node) : NULL;
}

void sessions_queued(struct core *c, const char *hoedanigheid)
{
	for (struct session *s = first_of(c, hoedanigheid); s; s = s->next_node)
		ready_add(c->sessions, s);
}

void sessions_settled(struct core *c, const char *hoedanigheid, const uint8_t message_id[ID_BYTES])
{
	for (struct session *s = first_of(c, hoedanigheid); s; s = s->next_node) {
		size_t i = 0;

		while (i < s->n_out && memcmp(s->out[i], message_id, ID_BYTES) != 0)
			i++;
		if (i == s->n_out)
			continue;
		s->n_out--;
		memmove(s->out + i, s->out + i + 1, (s->n_out - i) * ID_BYTES);
		s->moved_mono_ms = env_mono_ms(c->env);
		ready_add(c->sessions, s);
	}
}

static int out_note(struct core *c, struct session *s, const uint8_t id[ID_BYTES])
{
	if (s->n_out == s->out_capacity) {
		size_t capacity = s->out_capacity ? s->out_capacity * 2 : 16;
		uint8_t (*out)[ID_BYTES] = reallocarray(s->out, capacity, sizeof *out);

		if (!out)
			return err_raise(-ENOMEM);
		s->out = out;
		s->out_capacity = capacity;
	}
	if (!s->n_out)
		s->moved_mono_ms = env_mono_ms(c->env);
	memcpy(s->out[s->n_out++], id, ID_BYTES);
	return 0;
}

static int give(struct core *c, struct session *s, const uint8_t id[ID_BYTES])
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = s->id };
	struct buffer *b = out_begin(&c->out);
	size_t start = b->len;
	int r;

	wire_begin(b, WIRE_DELIVERY, 0);
	r = queue_read(c, id, b);
	if (r == QUEUE_E_GONE) {
		b->len = start;
		return 0;
	}
	if (!r)
		r = out_end(&c->out, &frame);
	return r ? err_fold(r) : err_pass(out_note(c, s, id));
}

static size_t bytes_out(const struct core *c)
{
	return c->out.n > c->out.next ? c->out.bytes.len - c->out.v[c->out.next].offset : 0;
}

/* One after the other from each of its hoedanigheden, so that a full inbox does not starve a sister's. */
static int deliver_to(struct core *c, struct session *s, bool *full)
{
	uint8_t id[ID_BYTES];
	size_t n_ended = 0;
	int r;

	for (size_t i = 0; s->n_cursors && n_ended < s->n_cursors && s->n_out < s->window; i = (i + 1) % s->n_cursors) {
		n_ended = i == 0 ? 0 : n_ended;
		r = queue_next(c, s->node->hoedanigheden.v[i], &s->cursors[i], id);
		if (r == QUEUE_E_END) {
			n_ended++;
			continue;
		}
		if (r)
			return err_fold(r);
		r = give(c, s, id);
		if (r)
			return err_pass(r);
		s->cursors[i]++;
		if (bytes_out(c) >= OUT_SOFT_BYTES) {
			*full = true;
			return 0;
		}
	}
	return 0;
}

int sessions_deliver(struct core *c)
{
	struct sessions *all = c->sessions;
	bool full = bytes_out(c) >= OUT_SOFT_BYTES;
	int r;

	while (!full && all->ready) {
		struct session *s = all->ready;

		ready_remove(all, s);
		r = deliver_to(c, s, &full);
		if (r)
			return err_pass(r);
		if (full)
			ready_add(all, s); /* behind the others: they are next */
	}
	return 0;
}

bool sessions_ready(const struct core *c)
{
	return c->sessions->ready != NULL;
}

int sessions_rebind(struct core *c)
{
	struct frame_out drop = { .to = CORE_FROM_GATE, .verb = IPC_CORE_DROP };
	struct session *next;
	int r = nodes_bind(c);

	for (struct session *s = c->sessions->all; !r && s; s = next) {
		bool was_node = s->node != NULL;

		next = s->next_all;
		s->node = NULL;
		r = session_bind(c, s);
		if (r || s->node) {
			ready_add(c->sessions, s);
			continue;
		}
		if (!was_node)
			continue;
		drop.session = s->id;
		r = out_frame(&c->out, &drop, SPAN_NONE);
		session_remove(c, s);
	}
	return err_pass(r);
}

void sessions_tick(struct core *c, uint64_t mono_ms)
{
	struct session *next;

	if (mono_ms - c->sessions->ticked_mono_ms < SESSION_TICK_MS)
		return;
	c->sessions->ticked_mono_ms = mono_ms;
	for (struct session *s = c->sessions->all; s; s = next) {
		next = s->next_all;
		if (mono_ms - s->heard_mono_ms >= SESSION_SILENT_MS) {
			session_remove(c, s);
			continue;
		}
		if (!s->n_out || mono_ms - s->moved_mono_ms < SESSION_AGAIN_MS)
			continue;
		s->n_out = 0;
		memset(s->cursors, 0, s->n_cursors * sizeof *s->cursors);
		ready_add(c->sessions, s);
	}
}

uint64_t sessions_due_ms(const struct core *c)
{
	return c->sessions->n ? c->sessions->ticked_mono_ms + SESSION_TICK_MS : UINT64_MAX;
}

const struct session *sessions_of(const struct core *c, const char *hoedanigheid, const struct session *at)
{
	if (hoedanigheid)
		return at ? at->next_node : first_of(c, hoedanigheid);
	for (at = at ? at->next_all : c->sessions->all; at && !at->node; at = at->next_all)
		;
	return at;
}

uint64_t session_id(const struct session *s)
{
	return s->id;
}

size_t core_sessions_n(const struct core *c)
{
	return c->sessions->n;
}

size_t sessions_n_nodes(const struct core *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->sessions->n_nodes; i++)
		n += c->sessions->of_node[i] != NULL;
	return n;
}

bool core_sessions_check(const struct core *c)
{
	size_t n = 0, n_bound = 0, n_listed = 0;

	for (const struct session *s = c->sessions->all; s; s = s->next_all, n++) {
		if (s->n_out > SESSION_WINDOW_MAX || find(c, s->id) != s)
			return false;
		n_bound += s->node != NULL;
	}
	for (size_t i = 0; i < c->sessions->n_nodes; i++)
		for (const struct session *s = c->sessions->of_node[i]; s; s = s->next_node)
			n_listed += s->node == &c->rules.registry->nodes[i];
	return n == c->sessions->n && n_bound == n_listed;
}
