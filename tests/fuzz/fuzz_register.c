/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * convenant/register: any bytes are a register (or a template) whose printed form loads again as the same, or at least one fault.
 *
 * LINKS: kp_convenant
 */
#include <string.h>

#include "convenant/register.h"

#define NOW UINT64_C(1795334400000) /* 2026-11-22T08:00:00Z */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void once_more(const struct registry *r)
{
	CLEANUP(registry_freep) struct registry *again = NULL;
	struct buffer text, same;
	struct fault_list faults;

	buffer_init(&text, 0);
	buffer_init(&same, 0);
	fault_list_init(&faults, "again");
	ASSERT(register_print(r, &text) == 0);
	if (text.len < 900 * 1024) { /* quoting may take a text over what a file may hold */
		ASSERT(registry_load(buffer_span(&text), &faults, &again) == REGISTER_OK);
		ASSERT(register_print(again, &same) == 0 && span_equal(buffer_span(&text), buffer_span(&same)));
	}
	buffer_fini(&text);
	buffer_fini(&same);
}

/* What the rules and the commands ask of a register: it ends, and it agrees with itself. */
static void asked(const struct registry *r)
{
	const struct reg_overleg *at = NULL;

	for (size_t i = 0; i < r->n_overleggen; i++) {
		const struct reg_overleg *o = &r->overleggen[i];
		uint64_t next = reg_overleg_next(o, NOW);

		ASSERT(!next || (next >= NOW && reg_overleg_next(o, next) == next));
		for (size_t k = 0; k < o->n_templates; k++)
			ASSERT(registry_template(r, o->templates[k].id, &at) == &o->templates[k] && at == o);
	}
	for (size_t i = 0; i < r->n_hoedanigheden && i < 64; i++) {
		const char *id = r->hoedanigheden[i].id, *heir = registry_heir(r, id, NOW);

		ASSERT(registry_stands_for(r, NOW, id, id));
		ASSERT(registry_succeeded(r, id, NOW) || (heir && !strcmp(heir, id)));
		ASSERT(!heir || (registry_stands_for(r, NOW, heir, id) && !registry_succeeded(r, heir, NOW)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(registry_freep) struct registry *r = NULL, *t = NULL;
	struct fault_list faults;
	int e;

	fault_list_init(&faults, "fuzz");
	e = registry_load(span_of(data, len), &faults, &r);
	ASSERT(e == REGISTER_OK || e == REGISTER_E_FAULTS);
	ASSERT((e == REGISTER_OK) == (r != NULL) && (e == REGISTER_OK) == (faults.n == 0));
	if (r) {
		once_more(r);
		asked(r);
	}
	fault_list_init(&faults, "fuzz");
	e = register_template_load(span_of(data, len), &faults, &t);
	ASSERT((e == REGISTER_OK) == (t != NULL) && !(r && t));
	if (t)
		asked(t);
	return 0;
}
