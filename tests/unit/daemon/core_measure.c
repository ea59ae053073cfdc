/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a message costs the core's own thread: exchanges (verzoek, acknowledgement, antwoord, acknowledgement) through a real core
 * and store whose flushes cost nothing, keeper included in none of the figures.
 *
 *	core_measure [EXCHANGES [IN_FLIGHT]]
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/core/verify.h"
#include "tests/unit/daemon/core_draft.h"

static struct world w;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double take_us, commit_us, signed_us, verify_us;
static size_t n_taken, n_out_bytes;

static void take(int node, uint64_t session, struct span envelope, uint64_t correlation)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	struct ipc_frame frame = { .verb = IPC_GATE_MESSAGE, .session = session };
	double t;

	buffer_bytes(&b, SPAN_OF(w.nodes[node].transport));
	wire_begin(&b, WIRE_SUBMIT, correlation);
	buffer_bytes(&b, envelope);
	frame.body = buffer_span(&b);
	t = now_us();
	CHECK_OK(core_take(w.core, CORE_FROM_GATE, 0, &frame));
	take_us += now_us() - t;
	n_taken++;
}

static void rounds(void)
{
	do {
		struct ipc_frame answer;
		struct core_out out;
		double t = now_us();

		CHECK_OK(core_commit(w.core));
		commit_us += now_us() - t;
		while (core_next(w.core, &out)) {
			n_out_bytes += out.frame.body.len;
			if (out.to != CORE_FROM_KEEPER)
				continue;
			buffer_reset(&w.keeper_answer);
			buffer_bytes(&w.keeper_answer, out.frame.body);
			out.frame.body = buffer_span(&w.keeper_answer);
			CHECK_OK(keeper_answer(w.keeper, &out.frame, &answer));
			t = now_us();
			CHECK_OK(core_take(w.core, CORE_FROM_KEEPER, 0, &answer));
			signed_us += now_us() - t;
		}
	} while (!core_idle(w.core));
}

static void verify_cost(const struct buffer *envelope)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct envelope e;
	struct verify_job job = { .envelope = &e, .bytes = buffer_span(envelope), .has_key = true };
	double t;

	CHECK_OK(envelope_decode(buffer_span(envelope), arena, &e));
	memcpy(job.key, w.nodes[ZVHD].person.sign_key, 32);
	t = now_us();
	for (int i = 0; i < 1000; i++)
		verify_run(&job);
	verify_us = (now_us() - t) / 1000;
	CHECK(job.holds);
}

int main(int argc, char **argv)
{
	size_t exchanges = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000, flight = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
	uint8_t casus[ID_BYTES], (*ids)[ID_BYTES] = calloc(flight, ID_BYTES), (*answers)[ID_BYTES] = calloc(flight, ID_BYTES);
	struct buffer *envelopes = calloc(flight * 4, sizeof *envelopes);
	struct draft d;
	double begin, drafting = 0, t;
	size_t bytes = 0;

	CHECK(ids && answers && envelopes);
	world_open(&w, 1);
	w.map_bytes = UINT64_C(8) << 30;
	world_must_start(&w);
	world_mandates(&w);
	world_casus(&w, casus);
	world_credit(&w, DJI, 2, 1024);
	world_credit(&w, ZVHD, 1, 1024);
	world_round(&w);
	begin = now_us();
	for (size_t done = 0; done < exchanges; done += flight) {
		t = now_us();
		for (size_t i = 0; i < flight * 4; i++)
			buffer_reset(&envelopes[i]);
		for (size_t i = 0; i < flight; i++) {
			draft_ask(&w, &d, casus, "dji-pi-noord");
			memcpy(ids[i], d.id, ID_BYTES);
			draft_sign(&d, &envelopes[i]);
			draft_ack(&w, &d, DJI, ids[i], 1);
			draft_sign(&d, &envelopes[flight + i]);
			draft_answer(&w, &d, DJI, casus, ids[i]);
			memcpy(answers[i], d.id, ID_BYTES);
			draft_sign(&d, &envelopes[2 * flight + i]);
			draft_ack(&w, &d, ZVHD, answers[i], 1);
			draft_sign(&d, &envelopes[3 * flight + i]);
		}
		drafting += now_us() - t;
		for (size_t step = 0; step < 4; step++) {
			bool house = step == 0 || step == 3;

			for (size_t i = 0; i < flight; i++) {
				take(house ? ZVHD : DJI, house ? 1 : 2, buffer_span(&envelopes[step * flight + i]), i);
				bytes += envelopes[step * flight + i].len;
			}
			rounds();
		}
		CHECK_OK(store_tick(w.store, w.mono_ms += 5, false));
	}
	verify_cost(&envelopes[0]);
	t = now_us() - begin - drafting;
	printf("%zu messages in batches of %zu, %zu bytes each: per message %.1f us in the core's thread\n", n_taken, flight,
	       bytes / n_taken, (take_us + commit_us + signed_us) / (double)n_taken);
	printf("  take (copy, decode, key) %.1f  commit (verify, decide, store, release) %.1f  receipts %.1f; verify alone %.1f\n",
	       take_us / (double)n_taken, commit_us / (double)n_taken, signed_us / (double)n_taken, verify_us);
	printf("  without verifying: %.1f us\n", (take_us + commit_us + signed_us) / (double)n_taken - verify_us);
	printf("  out %zu bytes each, all in all %.1f us per message\n", n_out_bytes / n_taken, t / (double)n_taken);
	world_close(&w);
	for (size_t i = 0; i < flight * 4; i++)
		buffer_fini(&envelopes[i]);
	free(ids);
	free(answers);
	free(envelopes);
	return 0;
}
