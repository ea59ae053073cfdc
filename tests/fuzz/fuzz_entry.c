/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * proto/entry, record and tile: an entry's public part and a record are, byte for byte, what writing them
 * gives; bundles and tile names are walked to their end.
 *
 * LINKS: kp_proto_log
 */
#include <string.h>

#include "proto/entry.h"
#include "proto/record.h"
#include "proto/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_record(struct span bytes)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 24);
	CLEANUP(buffer_fini) struct buffer again;
	struct record_writer w;
	struct record record;
	int r;

	ASSERT(arena);
	buffer_init(&again, 0);
	r = record_parse(bytes, arena, &record);
	ASSERT(r == RECORD_OK || r == RECORD_E_MALFORMED);
	if (r)
		return;
	record_begin(&w, &again);
	for (size_t i = 0; i < record.n; i++) {
		const struct record_field *field = &record.fields[i];

		if (record_field_info(field->tag)->form == RECORD_FORM_FLAG)
			record_add_flag(&w, field->tag, true);
		else
			record_add(&w, field->tag, field->value);
	}
	ASSERT(buffer_ok(&again) == 0 && span_equal(buffer_span(&again), bytes));
}

static void try_entry(struct span bytes, const struct secret *key)
{
	CLEANUP(buffer_fini) struct buffer record;
	struct entry e;
	int r;

	buffer_init(&record, 0);
	r = entry_parse(bytes, &e);
	ASSERT(r == ENTRY_OK || r == ENTRY_E_MALFORMED);
	if (r) {
		ASSERT(entry_unseal(bytes, key, &record) == ENTRY_E_MALFORMED);
		return;
	}
	ASSERT(entry_kind_name(e.kind)[0] != '?' && code_name(e.code)[0] != '?');
	ASSERT(ENTRY_HEADER_BYTES + e.sealed.len == bytes.len);
	r = entry_unseal(bytes, key, &record);
	ASSERT(r == ENTRY_OK || r == ENTRY_E_KEY || r == ENTRY_E_MALFORMED);
	ASSERT(r == ENTRY_OK || record.len == 0);
	if (r == ENTRY_OK)
		try_record(buffer_span(&record));
}

static void try_bundle(struct span bytes, const struct secret *key)
{
	struct reader r;
	struct span entry;
	size_t n = 0;

	reader_init(&r, bytes);
	while (n < 4 && bundle_next(&r, &entry) == BUNDLE_OK) {
		try_entry(entry, key);
		n++;
	}
}

static void try_path(struct span bytes)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	const char *path = arena ? arena_text(arena, bytes) : NULL;
	struct tile_name name;
	char again[TILE_PATH_SIZE];

	if (!path || !tile_path_parse(path, &name))
		return;
	if (name.is_bundle)
		tile_bundle_path(name.n, name.width, again);
	else
		tile_path(name.level, name.n, name.width, again);
	ASSERT(strcmp(again, path) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP(secret_freep)
	struct secret *key = secret_new(ENTRY_KEY_BYTES); /* zeroes, as the corpus was sealed with */
	struct span bytes = span_of(data, len);

	ASSERT(key);
	try_entry(bytes, key);
	try_record(bytes);
	try_bundle(bytes, key);
	try_path(bytes);
	return 0;
}
