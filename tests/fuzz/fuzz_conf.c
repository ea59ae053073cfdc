/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * daemon/conf: any text is a configuration whose every setting can be asked for, dumped and handed down, or has a fault;
 * and any lines are a role's part, or refused.
 *
 * LINKS: kp_conf
 */
#include <errno.h>

#include "daemon/conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void ask_all(const struct conf *c)
{
	size_t n;
	const struct conf_item *items = conf_items(&n);

	for (size_t i = 0; i < n; i++) {
		ASSERT(conf_text(c, items[i].key));
		if (items[i].type == CONF_UINT) {
			uint64_t v = conf_uint(c, items[i].key);

			ASSERT(v >= items[i].min && v <= items[i].max);
		}
	}
}

/* What is dumped is read again, and dumps the same. */
static void dump_again(const struct conf *c)
{
	CLEANUP(conf_freep) struct conf *again = NULL;
	struct fault_list faults;
	struct buffer first, second;

	buffer_init(&first, 0);
	buffer_init(&second, 0);
	fault_list_init(&faults, "dump");
	ASSERT(conf_dump(c, &first) == 0);
	ASSERT(conf_parse(buffer_span(&first), "/etc", &faults, &again) == CONF_OK);
	ASSERT(conf_dump(again, &second) == 0);
	ASSERT(span_equal(buffer_span(&first), buffer_span(&second)));
	buffer_fini(&first);
	buffer_fini(&second);
}

static void hand_down(const struct conf *c)
{
	static const unsigned roles[] = { IPC_GATE, IPC_CORE, IPC_KEEPER, CONF_PARENT };

	for (size_t i = 0; i < N_ELEMENTS(roles); i++) {
		CLEANUP(conf_freep) struct conf *part = NULL;
		struct buffer lines;

		buffer_init(&lines, 0);
		ASSERT(conf_for_role(c, roles[i], &lines) == 0);
		ASSERT(conf_from_role(buffer_span(&lines), &part) == CONF_OK);
		buffer_fini(&lines);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(conf_freep) struct conf *c = NULL, *part = NULL;
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "fuzz");
	r = conf_parse(span_of(data, len), "/etc", &faults, &c);
	ASSERT(r == CONF_OK || r == CONF_E_FAULTS);
	ASSERT((r == CONF_OK) == (c != NULL) && (r == CONF_OK) == (faults.n == 0));
	if (c) {
		ask_all(c);
		dump_again(c);
		hand_down(c);
	}
	r = conf_from_role(span_of(data, len), &part);
	ASSERT(r == CONF_OK || r == -EPROTO);
	return 0;
}
