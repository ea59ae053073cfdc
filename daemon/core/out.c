/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * All bodies stand in one buffer, in order. It is emptied when the last frame was fetched, and given back to the system when one
 * burst made it large.
 */
#include "daemon/core/inside.h"

#include <errno.h>
#include <stdlib.h>

#define KEEP_BYTES ((size_t)16 << 20)

struct buffer *out_begin(struct outbox *out)
{
	if (out->next == out->n) {
		out->next = out->n = 0;
		if (out->bytes.capacity > KEEP_BYTES)
			buffer_fini(&out->bytes);
		buffer_reset(&out->bytes);
	}
	return &out->bytes;
}

int out_end(struct outbox *out, const struct frame_out *frame)
{
	size_t start = out->n ? out->v[out->n - 1].offset + out->v[out->n - 1].len : 0;
	int r = buffer_ok(&out->bytes);

	if (r)
		return err_pass(r);
	if (out->n == out->capacity) {
		size_t capacity = out->capacity ? out->capacity * 2 : 256;
		struct frame_out *v = reallocarray(out->v, capacity, sizeof *v);

		if (!v)
			return err_raise(-ENOMEM);
		out->v = v;
		out->capacity = capacity;
	}
	out->v[out->n] = *frame;
	out->v[out->n].offset = start;
	out->v[out->n].len = out->bytes.len - start;
	out->n++;
	return 0;
}

int out_frame(struct outbox *out, const struct frame_out *frame, struct span body)
{
	buffer_bytes(out_begin(out), body);
	return err_pass(out_end(out, frame));
}

int out_trouble(struct core *c, uint64_t session, uint64_t correlation, const char *code, const char *text)
{
	const struct frame_out frame = { .to = CORE_FROM_GATE, .verb = IPC_CORE_SEND, .session = session };
	const struct trouble trouble = { code, text };
	struct buffer *b = out_begin(&c->out);
	int r;

	wire_begin(b, WIRE_TROUBLE, correlation);
	r = trouble_encode(&trouble, b);
	return r ? err_pass(r) : err_pass(out_end(&c->out, &frame));
}

void outbox_fini(struct outbox *out)
{
	buffer_fini(&out->bytes);
	free(out->v);
}

bool core_next(struct core *core, struct core_out *out)
{
	struct outbox *box = &core->out;
	const struct frame_out *f;

	if (box->next == box->n)
		return false;
	f = &box->v[box->next++];
	*out = (struct core_out){
		.to = f->to,
		.client = f->client,
		.frame = { .verb = f->verb, .session = f->session, .aux = f->aux,
			   .body = span_of(box->bytes.ptr + f->offset, f->len) },
	};
	return true;
}
