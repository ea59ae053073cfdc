/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A casus at rest: casus_encode() sealed under its own key, ad = its id. Read and opened for every message that names it: two
 * microseconds, and no cache that could disagree with the store.
 */
#include "daemon/core/intake.h"
#include "daemon/core/retention.h"

#define DOMAIN "knooppunt/casus/v1"

int casus_read(struct core *c, struct span id, struct casus *out)
{
	struct span sealed;
	int r = store_get(c->store, KEYSPACE_CASUS, id, &sealed);

	if (r == STORE_E_ABSENT)
		return CASUS_STORE_E_ABSENT;
	if (r)
		return err_fold(r);
	buffer_reset(&c->plain);
	r = value_unseal(c->keys, DOMAIN, id, sealed, &c->plain);
	if (r)
		return r < 0 ? err_pass(r) : CASUS_STORE_E_ABSENT;
	r = casus_decode(buffer_span(&c->plain), out);
	return r ? err_fold(r) : CASUS_STORE_OK;
}

int casus_write(struct core *c, const struct casus *casus, const struct data_key *key)
{
	int r;

	buffer_reset(&c->plain);
	buffer_reset(&c->sealed);
	r = casus_encode(casus, &c->plain);
	if (!r)
		r = value_seal(key, DOMAIN, SPAN_OF(casus->id), buffer_span(&c->plain), &c->sealed);
	if (!r)
		r = core_put(c, KEYSPACE_CASUS, SPAN_OF(casus->id), buffer_span(&c->sealed));
	return r ? err_fold(r) : err_pass(retention_watch(c, casus));
}
