/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * base/yaml: any bytes are either a document whose every node can be walked, or at least one fault.
 *
 * LINKS: kp_base
 */
#include <stdlib.h>

#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t walk(struct yaml *y, struct yaml_node n, unsigned depth)
{
	size_t seen = 1;

	ASSERT(depth <= 17);
	ASSERT(yaml_line(y, n) > 0 && yaml_column(y, n) > 0);
	for (size_t i = 0; i < yaml_count(y, n); i++) {
		struct yaml_node below = yaml_item(y, n, i);

		if (yaml_kind(y, n) == YAML_MAP) {
			below = yaml_value(y, n, i);
			ASSERT(yaml_get(y, n, yaml_key(y, n, i)).index == below.index);
			yaml_uint(y, n, yaml_key(y, n, i), 1, 0, 9);
			yaml_date_ms(y, n, yaml_key(y, n, i), 1);
		}
		ASSERT(below.index);
		seen += walk(y, below, depth + 1);
	}
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	struct fault_list faults;
	struct buffer out;
	int r;

	fault_list_init(&faults, "fuzz");
	r = yaml_load(span_of(data, len), &faults, &y);
	ASSERT(r == YAML_OK || r == YAML_E_FAULTS);
	ASSERT((r == YAML_OK) == (y != NULL) && (r == YAML_OK) == (faults.n == 0));
	if (y)
		ASSERT(walk(y, yaml_root(y), 0) > 0);
	buffer_init(&out, 0);
	fault_list_print(&faults, &out);
	buffer_fini(&out);
	return 0;
}
