/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * node.yaml is read with the same strict reader as every signed text, though it is this program's own: a home
 * that was edited by hand should fail with a line number, not with a connection that never comes.
 */
#include "client/lib/home.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "client/lib/quote.h"

#define HOME_ARENA_BYTES (4u << 20)
#define HOME_FILE_MAX (64u << 10)
#define REMEDY_JOIN "Give the folder that \"knooppunt node join\" made, or join first."

const char *path_join(struct arena *arena, const char *home, const char *folder, const char *file)
{
	return arena_printf(arena, "%s%s%s/%s", home, *folder ? "/" : "", folder, file);
}

bool name_is_safe(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return n && n <= REGISTER_ID_MAX && !name[n] && name[0] != '.' && name[0] != '-';
}

void home_fini(struct home *h)
{
	h->arena = arena_free(h->arena);
}

static void hex_of(struct yaml *y, const char *key, uint8_t *out, size_t len)
{
	const char *text = yaml_must_text(y, yaml_root(y), key);

	if (text && *text && !hex_decode(span_of_text(text), out, len))
		yaml_fault(y, yaml_at(y, yaml_root(y), key), "%s: %zu hexadecimal digits are expected", key,
			   2 * len);
}

static const char *text_of(struct yaml *y, const char *key, struct home *h)
{
	const char *text = yaml_must_text(y, yaml_root(y), key);

	return text ? arena_text(h->arena, span_of_text(text)) : NULL;
}

static void hoedanigheden_of(struct yaml *y, struct home *h)
{
	struct yaml_node list = yaml_list(y, yaml_root(y), "hoedanigheden");
	size_t n = yaml_count(y, list);

	h->hoedanigheden.v = n && n <= INVITATION_HOEDANIGHEDEN_MAX
				     ? arena_array(h->arena, n, sizeof *h->hoedanigheden.v)
				     : NULL;
	if (!h->hoedanigheden.v) {
		yaml_fault(y, yaml_root(y), "hoedanigheden: 1 to %d are expected",
			   INVITATION_HOEDANIGHEDEN_MAX);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const char *text = yaml_scalar(y, yaml_item(y, list, i));

		h->hoedanigheden.v[i] = text ? arena_text(h->arena, span_of_text(text)) : NULL;
		if (h->hoedanigheden.v[i] && name_is_safe(h->hoedanigheden.v[i]))
			h->hoedanigheden.n++;
		else
			yaml_fault(y, list, "hoedanigheden: an id is written in a-z, 0-9, '.' and '-'");
	}
}

static void node_yaml(struct yaml *y, struct home *h)
{
	static const char *const known[] = { "uitnodiging", "huis",	     "naam",	"origin",
					     "endpoint",    "transport",     "log",	"organisatie",
					     "knooppunt",   "hoedanigheden", "persoon", "zin",
					     "withheld_step_s", NULL };
	const char *vkey;

	yaml_only(y, yaml_root(y), known);
	hex_of(y, "uitnodiging", h->invite, sizeof h->invite);
	hex_of(y, "transport", h->transport_key, sizeof h->transport_key);
	h->house = text_of(y, "huis", h);
	h->name = text_of(y, "naam", h);
	h->origin = text_of(y, "origin", h);
	h->endpoint = text_of(y, "endpoint", h);
	h->organisation = text_of(y, "organisatie", h);
	h->node = text_of(y, "knooppunt", h);
	h->person = text_of(y, "persoon", h);
	h->phrase = text_of(y, "zin", h);
	h->withheld_step_ms = 1000 * (uint32_t)yaml_uint(y, yaml_root(y), "withheld_step_s", HOME_WITHHELD_STEP_S, 1,
							 HOME_WITHHELD_STEP_MAX_S);
	vkey = yaml_must_text(y, yaml_root(y), "log");
	if (vkey && *vkey && note_key_parse(&h->log_key, span_of_text(vkey)) != NOTE_OK)
		yaml_fault(y, yaml_at(y, yaml_root(y), "log"),
			   "log: a public key in the form name+id+base64 is expected");
	hoedanigheden_of(y, h);
}

static enum kp_result folder_check(const char *path, struct kp_error *err)
{
	struct stat st;

	if (!path || !*path)
		return fail_usage(err, "no home folder was given");
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return failure(err, KP_USAGE, "here/home", REMEDY_JOIN, "%s is no folder", path);
	if (st.st_mode & 077)
		return failure(err, KP_ERROR, "here/home",
			       "Close it: chmod 700, and consider who could have read the keys.",
			       "%s is open to other users", path);
	return KP_OK;
}

static enum kp_result file_fetch(struct home *h, const char *name, struct buffer *out, struct kp_error *err)
{
	const char *path = path_join(h->arena, h->path, "", name);
	int r = path ? file_read(path, HOME_FILE_MAX, out) : -ENOMEM;

	if (r < 0)
		return fail_fatal(err, "here/home", r);
	if (r != FILE_OK)
		return failure(err, KP_USAGE, "here/home", REMEDY_JOIN, "%s has no readable %s", h->path,
			       name);
	return KP_OK;
}

static enum kp_result trust_load(struct home *h, struct span text, struct kp_error *err)
{
	struct note_key *stewards = arena_array(h->arena, TRUST_STEWARDS_MAX, sizeof *stewards);
	struct fault_list faults;
	int r;

	fault_list_init(&faults, "trust");
	r = stewards ? trust_parse(text, &faults, stewards, &h->trust) : -ENOMEM;
	if (r < 0)
		return fail_fatal(err, "here/home", r);
	if (!r)
		return KP_OK;
	fail_faults(err, KP_ERROR, "here/home", &faults);
	if (err)
		snprintf(err->remedy, sizeof err->remedy, "Restore the file from a backup, or join anew in another folder.");
	return KP_ERROR;
}

static enum kp_result home_load(struct home *h, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer yaml = { 0 }, trust = { 0 };
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	struct fault_list faults;
	enum kp_result k = file_fetch(h, "node.yaml", &yaml, err);
	int r;

	if (!k)
		k = file_fetch(h, "trust", &trust, err);
	if (k)
		return k;
	fault_list_init(&faults, "node.yaml");
	r = yaml_load(buffer_span(&yaml), &faults, &y);
	if (r < 0)
		return fail_fatal(err, "here/home", r);
	if (r == YAML_OK)
		node_yaml(y, h);
	if (faults.n)
		return fail_faults(err, KP_ERROR, "here/home", &faults);
	return trust_load(h, buffer_span(&trust), err);
}

enum kp_result home_read(const char *path, struct home *out, struct kp_error *err)
{
	struct home h = { 0 };
	enum kp_result k = folder_check(path, err);

	if (k)
		return k;
	h.arena = arena_new(HOME_ARENA_BYTES);
	h.path = h.arena ? arena_text(h.arena, span_of_text(path)) : NULL;
	if (!h.path) {
		home_fini(&h);
		return fail_fatal(err, "here/home", -ENOMEM);
	}
	k = home_load(&h, err);
	if (k) {
		home_fini(&h);
		return k;
	}
	*out = h;
	return KP_OK;
}

static enum kp_result file_put(const char *home, const char *name, const struct buffer *text,
			       struct kp_error *err)
{
	char path[4096];
	int r = buffer_ok(text);

	if (snprintf(path, sizeof path, "%s/%s", home, name) >= (int)sizeof path)
		return failure(err, KP_USAGE, "here/home", "", "the path of the home is too long");
	if (!r)
		r = file_write(path, buffer_span(text), 0600);
	if (r < 0)
		return fail_fatal(err, "here/home", r);
	if (r)
		return failure(err, KP_ERROR, "here/home", "Run as the user who owns the folder.",
			       "%s can not be written", path);
	return KP_OK;
}

enum kp_result home_trust_write(const char *path, const struct rules_trust *trust, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };

	buffer_init(&text, HOME_FILE_MAX);
	trust_print(trust, &text);
	return file_put(path, "trust", &text, err);
}

enum kp_result home_write(const struct home *h, struct kp_error *err)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	char vkey[NOTE_VKEY_SIZE];
	enum kp_result k = home_trust_write(h->path, &h->trust, err);

	if (k)
		return k;
	buffer_init(&text, HOME_FILE_MAX);
	note_key_print(&h->log_key, vkey);
	quote_hex(&text, "uitnodiging", SPAN_OF(h->invite));
	quote_line(&text, "huis", h->house);
	quote_line(&text, "naam", h->name);
	quote_line(&text, "origin", h->origin);
	quote_line(&text, "endpoint", h->endpoint);
	quote_hex(&text, "transport", SPAN_OF(h->transport_key));
	quote_line(&text, "log", vkey);
	quote_line(&text, "organisatie", h->organisation);
	quote_line(&text, "knooppunt", h->node);
	quote_list(&text, "hoedanigheden", &h->hoedanigheden);
	quote_line(&text, "persoon", h->person);
	quote_line(&text, "zin", h->phrase);
	return file_put(h->path, "node.yaml", &text, err);
}
