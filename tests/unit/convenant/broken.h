/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* The smallest change that breaks one rule of an allowed message: rows of test_decide.c. */
#include "tests/unit/convenant/scene.h"

struct broken {
	const char *name;
	scene_make_fn *make;
	void (*change)(struct scene *s);
	enum code code;
	const char *rule, *subject; /* of the first failure; subject NULL: any */
	bool with_others;           /* other rules fail too */
};
#define CHANGE(name, ...) static void name(struct scene *s) { __VA_ARGS__; }

extern const struct broken law_cases[]; /* broken_law.c: the messages that rest on others, and what came with them */
extern const size_t n_law_cases;
