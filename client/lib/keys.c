/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The private keys of a node. The organisation's key is read only when it signs (a mandate, a convenant), so
 * that it can be kept elsewhere for the rest of the time; all others are needed for each message.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/env.h"
#include "base/error.h"
#include "base/file.h"
#include "client/lib/home.h"

#define REMEDY_KEYS "Restore the keys folder from a backup; a node without its keys must join anew."
#define NOTE_FILE_MAX (64u << 10)

static enum kp_result key_failed(struct kp_error *err, const char *file, int r)
{
	if (r < 0)
		return fail_fatal(err, "here/keys", r);
	return failure(err, KP_ERROR, "here/keys",
		       r == KEYFILE_E_OPEN_TO_OTHERS
			       ? "Close it (chmod 600), and consider who could have read the key."
			       : REMEDY_KEYS,
		       "keys/%s: %s", file, keyfile_error_text(r));
}

enum kp_result key_ensure(const char *home, const char *file, const char *use, const char *name,
			  struct keyfile *out, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8192);
	const char *path = arena ? path_join(arena, home, "keys", file) : NULL;
	int r;

	if (!path)
		return fail_fatal(err, "here/keys", -ENOMEM);
	r = keyfile_read(path, use, out);
	if (r != KEYFILE_E_ABSENT)
		return r ? key_failed(err, file, r) : KP_OK;
	r = keyfile_generate(use, name, env_unix_ms(env_system()), out);
	if (r)
		return key_failed(err, file, r);
	r = keyfile_write(path, out);
	if (r) {
		keyfile_fini(out);
		return key_failed(err, file, r);
	}
	return KP_OK;
}

enum kp_result key_copy(const char *from, const char *home, const char *file, const char *use, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8192);
	CLEANUP(keyfile_fini) struct keyfile key = { 0 }, here = { 0 };
	const char *there = arena ? path_join(arena, from, "keys", file) : NULL;
	const char *path = there ? path_join(arena, home, "keys", file) : NULL;
	int r;

	if (!path)
		return fail_fatal(err, "here/keys", -ENOMEM);
	r = keyfile_read(there, use, &key);
	if (r == KEYFILE_E_ABSENT)
		return failure(err, KP_USAGE, "here/keys", "Name the home of the node where this person acts already, and the same pseudonym.",
			       "%s is not there", there);
	if (r)
		return key_failed(err, file, r);
	r = keyfile_read(path, use, &here);
	if (!r)
		return memcmp(here.public_key, key.public_key, sizeof key.public_key) == 0
			       ? KP_OK
			       : failure(err, KP_USAGE, "here/keys", "Choose another pseudonym or another folder.",
					 "%s holds another key of that name", path);
	if (r == KEYFILE_E_ABSENT)
		r = keyfile_write(path, &key);
	return r ? key_failed(err, file, r) : KP_OK;
}

enum kp_result cert_ensure(const char *home, const char *name, struct zcert *out, struct kp_error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(8192);
	const char *path = arena ? path_join(arena, home, "keys", "transport.cert") : NULL;
	int r;

	if (!path)
		return fail_fatal(err, "here/keys", -ENOMEM);
	r = zcert_read_secret(path, out);
	if (r != KEYFILE_E_ABSENT)
		return r ? key_failed(err, "transport.cert", r) : KP_OK;
	r = zcert_generate(name, out);
	if (r)
		return key_failed(err, "transport.cert", r);
	r = zcert_write(path, out);
	if (!r && chmod(path, 0600)) /* public, but nobody else's business which house this is */
		r = -errno;
	if (r) {
		zcert_fini(out);
		return key_failed(err, "transport.cert", r);
	}
	return KP_OK;
}

void keyring_fini(struct keyring *k)
{
	zcert_fini(&k->transport);
	keyfile_fini(&k->node);
	for (size_t i = 0; i < k->n_reading; i++)
		keyfile_fini(&k->reading[i]);
	for (size_t i = 0; i < k->n_persons; i++)
		keyfile_fini(&k->persons[i].key);
	memset(k, 0, sizeof *k);
}

const struct keyfile *keyring_reading(const struct keyring *k, const char *hoedanigheid)
{
	for (size_t i = 0; i < k->n_reading; i++)
		if (!strcmp(k->reading[i].name, hoedanigheid))
			return &k->reading[i];
	return NULL;
}

static enum kp_result key_load(const struct home *h, const char *file, const char *use, struct keyfile *out,
			       struct kp_error *err)
{
	const char *path = path_join(h->arena, h->path, "keys", file);
	int r = path ? keyfile_read(path, use, out) : -ENOMEM;

	return r ? key_failed(err, file, r) : KP_OK;
}

static enum kp_result mandate_load(const struct home *h, struct person_key *p, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	const char *file = arena_printf(h->arena, "%s.note", p->id);
	const char *path = file ? path_join(h->arena, h->path, "mandates", file) : NULL;
	int r = path ? file_read(path, NOTE_FILE_MAX, &note) : -ENOMEM;

	if (r == FILE_E_ABSENT)
		return KP_OK; /* a person without a mandate can't be chosen */
	if (r > 0)
		return failure(err, KP_ERROR, "here/keys", "", "mandates/%s can not be read", file);
	if (!r) {
		p->mandate = arena_copy(h->arena, buffer_span(&note));
		r = p->mandate.len == note.len ? 0 : -ENOMEM;
	}
	return r ? fail_fatal(err, "here/keys", r) : KP_OK;
}

/* "person-<id>.key" */
static const char *person_of(struct arena *arena, const char *file)
{
	static const char before[] = "person-", after[] = ".key";
	size_t len = strlen(file);
	char *id;

	if (len <= sizeof before - 1 + sizeof after - 1 || strncmp(file, before, sizeof before - 1) != 0 ||
	    strcmp(file + len - (sizeof after - 1), after) != 0)
		return NULL;
	id = arena_text(arena,
			span_of(file + sizeof before - 1, len - (sizeof before - 1) - (sizeof after - 1)));
	return id && name_is_safe(id) ? id : NULL;
}

static void dir_closep(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static enum kp_result persons_load(const struct home *h, struct keyring *k, struct kp_error *err)
{
	CLEANUP(dir_closep) DIR *dir = NULL;
	const char *path = path_join(h->arena, h->path, "", "keys");
	const struct dirent *entry;

	dir = path ? opendir(path) : NULL;
	if (!dir)
		return failure(err, KP_ERROR, "here/keys", REMEDY_KEYS, "%s/keys can not be read", h->path);
	while ((entry = readdir(dir))) {
		const char *id = person_of(h->arena, entry->d_name);
		enum kp_result r;

		if (!id)
			continue;
		if (k->n_persons == HOME_PERSONS_MAX)
			return failure(err, KP_ERROR, "here/keys",
				       "Keep the persons of one node in one home, at most 32.",
				       "there are too many persons in %s/keys", h->path);
		r = key_load(h, entry->d_name, "person", &k->persons[k->n_persons].key, err);
		if (r)
			return r;
		k->persons[k->n_persons].id = id;
		r = mandate_load(h, &k->persons[k->n_persons++], err);
		if (r)
			return r;
	}
	return KP_OK;
}

enum kp_result keyring_read(const struct home *h, struct keyring *out, struct kp_error *err)
{
	const char *cert = path_join(h->arena, h->path, "keys", "transport.cert");
	int r = cert ? zcert_read_secret(cert, &out->transport) : -ENOMEM;
	enum kp_result k;

	if (r)
		return key_failed(err, "transport.cert", r);
	k = key_load(h, "node.key", "node", &out->node, err);
	for (size_t i = 0; !k && i < h->hoedanigheden.n; i++) {
		const char *file = arena_printf(h->arena, "reading-%s.key", h->hoedanigheden.v[i]);

		k = file ? key_load(h, file, "reading", &out->reading[i], err)
			 : fail_fatal(err, "here/keys", -ENOMEM);
		if (!k)
			out->n_reading++;
	}
	return k ? k : persons_load(h, out, err);
}
