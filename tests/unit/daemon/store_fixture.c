/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Makes the stored store that test_store_data opens: 10 batches in LMDB, 5 more in the journal only, as
 * after a crash.
 * Usage: store_fixture FOLDER
 */
#include "tests/unit/daemon/store_help.h"

int main(int argc, char **argv)
{
	struct store_options options = small_store(argc > 1 ? argv[1] : "store-v1");
	struct store *s;
	char why[200] = "";
	int r;

	options.map_bytes = 1 << 20;
	options.segment_bytes = 8192;
	r = store_open(&options, &s, why);
	if (r) {
		fprintf(stderr, "store_fixture: %s (%d)\n", why, r);
		return 1;
	}
	for (uint64_t n = 1; !r && n <= 15; n++) {
		r = try_batch(s, n);
		if (!r && n == 10)
			r = store_checkpoint(s);
	}
	store_free(s);
	return r ? 1 : 0;
}
