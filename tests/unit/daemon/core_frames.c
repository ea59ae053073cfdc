/* SPDX-License-Identifier: EUPL-1.2 */
/* Frames into the core and out of it, and the keeper between. */
#include "tests/unit/daemon/core_world.h"

#include <string.h>

static void keep(struct world *w, const struct ipc_frame *frame)
{
	struct wire_frame wire;
	struct in *in = &w->in[w->n_in];

	switch (frame->verb) {
	case IPC_CORE_SEND:
		CHECK_OK(wire_parse(frame->body, &wire));
		CHECK(w->n_in < WORLD_IN_MAX);
		in->session = frame->session;
		in->verb = (int)wire.verb;
		in->correlation = wire.correlation;
		buffer_reset(&in->body);
		buffer_bytes(&in->body, wire.body);
		w->n_in++;
		break;
	case IPC_CORE_DROP:
		w->n_drops++;
		break;
	case IPC_CORE_ALLOW:
		w->n_allows++;
		break;
	case IPC_CORE_CREDIT:
		w->credit += frame->aux;
		break;
	default:
		fail_msg("the core sent the gate verb %u", frame->verb);
	}
}

void world_keeper_speaks(struct world *w)
{
	const struct ipc_frame answer = { .verb = IPC_KEEPER_SIGNED, .aux = w->keeper_size, .body = buffer_span(&w->keeper_answer) };

	w->keeper_silent = false;
	if (w->keeper_size)
		CHECK_OK(core_take(w->core, CORE_FROM_KEEPER, 0, &answer));
	w->keeper_size = 0;
}

void world_handout(struct world *w)
{
	struct ipc_frame request, answer;
	struct buffer body;
	struct core_out out;

	while (core_next(w->core, &out)) {
		if (out.to == CORE_FROM_GATE) {
			keep(w, &out.frame);
		} else if (out.to == CORE_FROM_CONTROL) {
			w->n_control++;
			w->control_verb = out.frame.verb;
			buffer_reset(&w->control);
			buffer_bytes(&w->control, out.frame.body);
		} else {
			buffer_init(&body, 0);
			buffer_bytes(&body, out.frame.body);
			request = out.frame;
			request.body = buffer_span(&body);
			CHECK_OK(keeper_answer(w->keeper, &request, &answer));
			CHECK_IS(answer.verb, IPC_KEEPER_SIGNED);
			buffer_fini(&body);
			buffer_reset(&w->keeper_answer);
			buffer_bytes(&w->keeper_answer, answer.body);
			w->keeper_size = answer.aux;
			if (!w->keeper_silent)
				world_keeper_speaks(w);
		}
	}
}

void world_round(struct world *w)
{
	for (int i = 0; i < 1000; i++) {
		CHECK_OK(core_commit(w->core));
		world_handout(w);
		CHECK(core_check(w->core));
		if (core_idle(w->core) || (w->keeper_silent && i > 2))
			return;
	}
	fail_msg("the core does not come to rest");
}

void world_forget(struct world *w)
{
	w->n_in = w->n_drops = w->n_allows = w->n_control = 0;
}

void world_take(struct world *w, int node, uint64_t session, enum wire_verb verb, uint64_t correlation, struct span body)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	struct ipc_frame frame = { .verb = IPC_GATE_MESSAGE, .session = session, .aux = w->unix_ms };

	buffer_bytes(&b, SPAN_OF(w->nodes[node].transport));
	wire_begin(&b, verb, correlation);
	buffer_bytes(&b, body);
	frame.body = buffer_span(&b);
	CHECK_OK(core_take(w->core, CORE_FROM_GATE, 0, &frame));
}

void world_credit(struct world *w, int node, uint64_t session, uint32_t window)
{
	uint8_t body[4];

	put_u32(body, window);
	world_take(w, node, session, WIRE_CREDIT, 0, SPAN_OF(body));
}

void world_control(struct world *w, uint16_t verb, uint64_t aux, struct span body)
{
	const struct ipc_frame frame = { .verb = verb, .aux = aux, .body = body };

	CHECK_OK(core_take(w->core, CORE_FROM_CONTROL, 7, &frame));
}

const struct in *world_in(const struct world *w, uint64_t session, enum wire_verb verb, size_t n)
{
	for (size_t i = 0; i < w->n_in; i++)
		if (w->in[i].verb == (int)verb && (!session || w->in[i].session == session) && !n--)
			return &w->in[i];
	return NULL;
}

size_t world_count(const struct world *w, uint64_t session, enum wire_verb verb)
{
	size_t n = 0;

	while (world_in(w, session, verb, n))
		n++;
	return n;
}

const struct in *world_answer(const struct world *w, uint64_t correlation, enum wire_verb verb)
{
	for (size_t i = 0; i < w->n_in; i++)
		if (w->in[i].verb == (int)verb && w->in[i].correlation == correlation)
			return &w->in[i];
	return NULL;
}

const struct in *world_fetch(struct world *w, int node, uint64_t session, const char *what, struct span id, uint64_t from,
			     const char *sender)
{
	const struct fetch f = { .what = what, .sender = sender, .id = id, .from = from };
	CLEANUP(buffer_fini) struct buffer body = { 0 };
	uint64_t correlation = 700000 + w->next_id++;
	const struct in *in;

	CHECK_OK(fetch_encode(&f, &body));
	world_take(w, node, session, WIRE_FETCH, correlation, buffer_span(&body));
	world_round(w);
	in = world_answer(w, correlation, WIRE_REPLY);
	return in ? in : world_answer(w, correlation, WIRE_TROUBLE);
}
