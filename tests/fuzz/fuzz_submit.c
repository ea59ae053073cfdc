/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * LINKS: kp_test_core
 * A whole core, fed what a node may send: see tests/unit/daemon/core_fuzz.h for what an input is. Whatever comes, the core goes on,
 * its invariants hold, and every submit of an admitted node got an answer or an entry.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/daemon/core_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct world w;

/* The house's files are found from the folder of the corpus, which is among the arguments. */
static void go_to_tests(void)
{
	static char text[8192];
	FILE *f = fopen("/proc/self/cmdline", "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	char *end;

	for (size_t i = 0; i < n; i += strlen(text + i) + 1) {
		end = strstr(text + i, "/fuzz/fuzz_submit.in");
		if (!end)
			continue;
		*end = '\0';
		if (chdir(text + i))
			abort();
	}
	if (f)
		fclose(f);
}

static void end(void)
{
	world_close(&w);
}

static void start(void)
{
	struct fuzz_state s;

	if (!w.folder) {
		go_to_tests();
		if (!freopen("/dev/null", "w", stderr))
			abort();
		world_open(&w, FUZZ_SEED);
		atexit(end);
	} else {
		world_renew(&w, FUZZ_SEED);
	}
	world_must_start(&w);
	world_mandates(&w);
	fuzz_state_make(&w, &s);
	world_credit(&w, DJI, 2, 100);
	world_round(&w);
	world_forget(&w);
}

static void raw(int node, struct span body)
{
	CLEANUP(buffer_fini) struct buffer b = { 0 };
	struct ipc_frame frame = { .verb = IPC_GATE_MESSAGE, .session = 20 + (uint64_t)node };

	buffer_bytes(&b, SPAN_OF(w.nodes[node].transport));
	buffer_bytes(&b, body);
	frame.body = buffer_span(&b);
	CHECK_OK(core_take(w.core, CORE_FROM_GATE, 0, &frame));
}

static void signed_message(enum message_kind kind, int node, struct span payload)
{
	CLEANUP(buffer_fini) struct buffer envelope = { 0 };
	const struct node *n = &w.nodes[node];

	CHECK_OK(envelope_sign(message_kind_type(kind), payload, message_signed_by_node(kind) ? n->secret : n->person.secret,
			       &envelope));
	world_take(&w, node, 20 + (uint64_t)node, WIRE_SUBMIT, 77, buffer_span(&envelope));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static unsigned n;
	enum message_kind kind;
	int node;

	if (len < 2)
		return 0;
	if (n++ % 2000 == 0)
		start(); /* a closed casus and a full store are not where the interesting things happen */
	kind = data[0] % MESSAGE_KIND_N;
	node = data[1] % WORLD_NODES;
	if (kind)
		signed_message(kind, node, span_of(data + 2, len - 2));
	else
		raw(node, span_of(data + 2, len - 2));
	w.keeper_silent = n % 64 != 0; /* its disk is the slow part */
	if (!w.keeper_silent)
		world_keeper_speaks(&w);
	CHECK_OK(core_commit(w.core));
	world_handout(&w);
	if (kind && w.keeper_size == 0 && !core_check(w.core))
		abort();
	world_forget(&w);
	return 0;
}
