/* SPDX-License-Identifier: EUPL-1.2 */
/* What came of it: receipts, deliveries, the log, the disk. */
#include "tests/unit/daemon/core_world.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

void world_receipt(const struct world *w, const struct in *in, struct arena *arena, struct receipt *out)
{
	int r = receipt_open(buffer_span(&in->body), &w->log_key, arena, out);

	if (r)
		fail_msg("the receipt does not verify: %s", receipt_error_text(r));
}

int world_receipt_code(const struct world *w, uint64_t correlation)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	const struct in *in = world_answer(w, correlation, WIRE_RECEIPT);
	struct receipt receipt;

	if (!in)
		fail_msg("no receipt for %llu", (unsigned long long)correlation);
	world_receipt(w, in, arena, &receipt);
	return (int)receipt.entry.code;
}

void delivery_open(const struct in *in, struct arena *arena, struct delivery *out, uint8_t id[ID_BYTES])
{
	struct envelope e;
	struct message m;
	const char *why;

	CHECK_OK(delivery_decode(buffer_span(&in->body), arena, out));
	CHECK_OK(envelope_decode(out->envelope, arena, &e));
	CHECK_OK(message_decode((enum message_kind)message_kind_of_type(e.type), e.payload, arena, &m, &why));
	memcpy(id, m.header.message_id.ptr, ID_BYTES);
}

uint64_t world_size(const struct world *w)
{
	return store_size(w->store);
}

size_t world_entries(struct world *w, enum entry_kind kind, enum code code)
{
	size_t n = 0;

	for (uint64_t i = 0; i < store_size(w->store); i++) {
		struct span bytes;
		struct entry e;

		CHECK_OK(store_entry(w->store, i, &bytes));
		CHECK_OK(entry_parse(bytes, &e));
		n += e.kind == kind && e.code == code;
	}
	return n;
}

static bool file_has(const char *path, const char *text)
{
	CLEANUP(buffer_fini) struct buffer bytes = { 0 };

	CHECK_OK(file_read(path, 512u << 20, &bytes));
	return bytes.len && memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

static bool folder_has(const char *folder, const char *text)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	bool found = false;

	CHECK(d != NULL);
	while (!found && (e = readdir(d))) {
		char path[1024];
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		CHECK(stat(path, &st) == 0);
		found = S_ISDIR(st.st_mode) ? folder_has(path, text) : file_has(path, text);
	}
	closedir(d);
	return found;
}

bool world_disk_has(const struct world *w, const char *text)
{
	return folder_has(test_path(w->folder, "data"), text);
}

void world_pass(struct world *w, uint64_t ms)
{
	w->unix_ms += ms;
	w->mono_ms += ms;
}
