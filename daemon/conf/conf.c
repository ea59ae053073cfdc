/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every value is kept as text in its final form (absolute path, checked endpoint, plain number); a number is decoded once more
 * when it is read. So what the parent hands down to a role is the same text, and one check (value_check) stands for both ways in.
 *
 * All faults are reported, with their places. What depends on the machine (does a folder exist, is a key readable) is not this
 * module's business: daemon/parent/check.c looks at that.
 */
#include "daemon/conf/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"

#define FILE_MAX_BYTES (64u << 10)
#define ITEMS_MAX 64
#define WHY_SIZE 160

struct place {
	unsigned line, column;
};

struct conf {
	char *values[ITEMS_MAX]; /* NULL: not this role's */
	struct place places[ITEMS_MAX];
};

struct conf *conf_free(struct conf *c)
{
	for (size_t i = 0; c && i < ITEMS_MAX; i++)
		free(c->values[i]);
	free(c);
	return NULL;
}

void conf_freep(struct conf **c)
{
	*c = conf_free(*c);
}

static size_t item_index(struct span key)
{
	size_t n;
	const struct conf_item *items = conf_items(&n);

	for (size_t i = 0; i < n; i++)
		if (span_equal(span_of_text(items[i].key), key))
			return i;
	return SIZE_MAX;
}

static const struct conf_item *item_at(size_t i)
{
	size_t n;
	const struct conf_item *items = conf_items(&n);

	ASSERT(i < n && n <= ITEMS_MAX);
	return &items[i];
}

/* ---- checking one value; why is filled when the answer is no ---- */

static bool address_valid(struct span host)
{
	char text[64];
	struct in6_addr address;

	if (host.len == 0 || host.len >= sizeof text)
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	if (text_equal(text, "*") || inet_pton(AF_INET, text, &address) == 1)
		return true;
	if (text[0] != '[' || text[host.len - 1] != ']')
		return false;
	text[host.len - 1] = '\0';
	return inet_pton(AF_INET6, text + 1, &address) == 1;
}

/* tcp://address:port. Names are refused: what a name resolves to on the day of a restart is nobody's decision. */
static bool endpoint_valid(const char *text)
{
	static const char scheme[] = "tcp://";
	const char *host = text + sizeof scheme - 1;
	const char *colon = strrchr(text, ':');
	uint64_t port;

	if (strncmp(text, scheme, sizeof scheme - 1) || !colon || colon < host)
		return false;
	if (!text_equal(colon + 1, "*") && (!decimal_decode(span_of_text(colon + 1), &port) || port > 65535))
		return false;
	return address_valid(span_of(host, (size_t)(colon - host)));
}

static bool chosen(const struct conf_item *item, const char *text, char why[WHY_SIZE])
{
	size_t at = (size_t)snprintf(why, WHY_SIZE, "must be one of");

	if (!item->choices || text_in(text, item->choices))
		return true;
	for (size_t i = 0; item->choices[i] && at < WHY_SIZE; i++)
		at += (size_t)snprintf(why + at, WHY_SIZE - at, " %s", item->choices[i]);
	return false;
}

static bool text_valid(const struct conf_item *item, const char *text, char why[WHY_SIZE])
{
	size_t len = strlen(text);

	if (len < item->min || len > item->max) {
		snprintf(why, WHY_SIZE, "must be %llu to %llu bytes long%s", (unsigned long long)item->min,
			 (unsigned long long)item->max, item->type == CONF_PATH ? " as a full path" : "");
		return false;
	}
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			snprintf(why, WHY_SIZE, "must not hold a control character");
			return false;
		}
	if (item->type == CONF_ENDPOINT && !endpoint_valid(text)) {
		snprintf(why, WHY_SIZE, "must be tcp://ADDRESS:PORT with a numeric address ([...] for IPv6) or *");
		return false;
	}
	return chosen(item, text, why);
}

static bool value_check(const struct conf_item *item, const char *text, char why[WHY_SIZE])
{
	uint64_t number;

	switch (item->type) {
	case CONF_UINT:
		if (decimal_decode(span_of_text(text), &number) && number >= item->min && number <= item->max)
			return true;
		snprintf(why, WHY_SIZE, "must be a whole number from %llu to %llu", (unsigned long long)item->min,
			 (unsigned long long)item->max);
		return false;
	case CONF_BOOL:
		snprintf(why, WHY_SIZE, "must be true or false");
		return text_equal(text, "true") || text_equal(text, "false");
	case CONF_PATH:
		if (text[0] != '/') {
			snprintf(why, WHY_SIZE, "must be a path");
			return false;
		}
		return text_valid(item, text, why);
	case CONF_TEXT:
	case CONF_ENDPOINT:
		return text_valid(item, text, why);
	}
	return false;
}

/* ---- the file ---- */

/* The value in its final form: relative paths hang under the folder, port 0 is the transport's "*". NULL: out of memory. */
static char *value_final(const struct conf_item *item, const char *text, const char *folder)
{
	const char *colon = item->type == CONF_ENDPOINT ? strrchr(text, ':') : NULL;
	char *out = NULL;
	int n;

	if (item->type == CONF_PATH && text[0] && text[0] != '/')
		n = asprintf(&out, "%s/%s", folder, text);
	else if (colon && text_equal(colon, ":0"))
		n = asprintf(&out, "%.*s:*", (int)(colon - text), text);
	else
		n = asprintf(&out, "%s", text);
	return n < 0 ? NULL : out;
}

static int value_take(struct conf *c, size_t i, struct yaml *y, const char *folder)
{
	const struct conf_item *item = item_at(i);
	struct yaml_node at = yaml_get(y, yaml_root(y), item->key);
	const char *text = item->otherwise;
	char why[WHY_SIZE];

	if (at.index && yaml_kind(y, at) != YAML_TEXT) {
		yaml_fault(y, at, "%s: one value is expected", item->key);
		return 0;
	}
	if (at.index)
		text = yaml_scalar(y, at);
	if (!text) {
		yaml_fault(y, yaml_root(y), "%s: is missing", item->key);
		return 0;
	}
	c->values[i] = value_final(item, text, folder);
	if (!c->values[i])
		return err_raise(-ENOMEM);
	if (at.index)
		c->places[i] = (struct place){ yaml_line(y, at), yaml_column(y, at) };
	if (!value_check(item, c->values[i], why))
		yaml_fault(y, at.index ? at : yaml_root(y), "%s: %s", item->key, why);
	return 0;
}

/* a is b, or lies in it */
static bool within(const char *a, const char *b)
{
	size_t len = strlen(b);

	while (len > 1 && b[len - 1] == '/')
		len--;
	return strncmp(a, b, len) == 0 && (a[len] == '/' || a[len] == '\0');
}

/* What the settings must be to each other. */
static void together_check(const struct conf *c, struct yaml *y)
{
	const char *data = conf_text(c, "data_dir"), *keeper = conf_text(c, "keeper_dir"), *keys = conf_text(c, "key_store");

	if (within(keeper, data) || within(data, keeper))
		yaml_fault(y, yaml_at(y, yaml_root(y), "keeper_dir"),
			   "keeper_dir: must lie apart from data_dir, or a restore of the one would set back the other");
	if (within(keys, data))
		yaml_fault(y, yaml_at(y, yaml_root(y), "key_store"),
			   "key_store: must lie outside data_dir, or a backup would bring destroyed keys back");
}

static int document_take(struct yaml *y, struct fault_list *faults, const char *folder, struct conf **out)
{
	CLEANUP(conf_freep) struct conf *c = calloc(1, sizeof *c);
	const char *keys[ITEMS_MAX + 1] = { 0 };
	size_t n;
	int r = 0;

	if (!c)
		return err_raise(-ENOMEM);
	conf_items(&n);
	ASSERT(n <= ITEMS_MAX);
	for (size_t i = 0; i < n; i++)
		keys[i] = item_at(i)->key;
	yaml_only(y, yaml_root(y), keys);
	if (yaml_kind(y, yaml_root(y)) != YAML_MAP)
		return CONF_E_FAULTS;
	for (size_t i = 0; i < n && !r; i++)
		r = value_take(c, i, y, folder);
	if (r)
		return err_pass(r);
	if (!faults->n)
		together_check(c, y);
	if (faults->n)
		return CONF_E_FAULTS;
	*out = TAKE(c);
	return CONF_OK;
}

/* The folder of the file, absolute and without links in it; the working folder may change later. */
static int folder_of(const char *path, char out[PATH_MAX])
{
	char full[PATH_MAX];
	char *slash;

	if (!realpath(path, full))
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? CONF_E_ABSENT : err_raise(-errno);
	slash = strrchr(full, '/');
	*slash = '\0';
	snprintf(out, PATH_MAX, "%s", full);
	return 0;
}

int conf_parse(struct span text, const char *folder, struct fault_list *faults, struct conf **out)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	int r = yaml_load(text, faults, &y);

	if (r == YAML_E_FAULTS)
		return CONF_E_FAULTS;
	if (r)
		return err_fold(r);
	return document_take(y, faults, folder, out);
}

int conf_read(const char *path, struct fault_list *faults, struct conf **out)
{
	char folder[PATH_MAX], full[PATH_MAX];
	struct buffer text;
	int r = folder_of(path, folder);

	if (r)
		return r;
	/* A link to the configuration is the operator's own affair (file_read() refuses links): read what it points to. */
	if (!realpath(path, full))
		return CONF_E_ABSENT;
	r = file_read(full, FILE_MAX_BYTES, &text);
	if (r == FILE_E_TOO_BIG) {
		fault_add(faults, 0, 0, "larger than %u bytes", FILE_MAX_BYTES);
		return CONF_E_FAULTS;
	}
	if (r == FILE_E_ABSENT || r == FILE_E_DENIED)
		return CONF_E_ABSENT;
	if (r)
		return err_fold(r);
	r = conf_parse(buffer_span(&text), folder, faults, out);
	buffer_fini(&text);
	return r;
}

/* ---- asking ---- */

const char *conf_text(const struct conf *c, const char *key)
{
	size_t i = item_index(span_of_text(key));

	ASSERT(i != SIZE_MAX && c->values[i]);
	return c->values[i];
}

uint64_t conf_uint(const struct conf *c, const char *key)
{
	uint64_t v = 0;
	bool ok = decimal_decode(span_of_text(conf_text(c, key)), &v);

	ASSERT(ok);
	return v;
}

bool conf_bool(const struct conf *c, const char *key)
{
	return text_equal(conf_text(c, key), "true");
}

void conf_fault(const struct conf *c, struct fault_list *faults, const char *key, const char *format, ...)
{
	size_t i = item_index(span_of_text(key));
	char text[FAULT_TEXT_SIZE];
	va_list args;

	ASSERT(i != SIZE_MAX);
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fault_add(faults, c->places[i].line, c->places[i].column, "%s: %s", key, text);
}

/* ---- handing down ---- */

int conf_for_role(const struct conf *c, unsigned role, struct buffer *out)
{
	size_t n;

	conf_items(&n);
	for (size_t i = 0; i < n; i++)
		if ((item_at(i)->roles & role) && c->values[i])
			buffer_printf(out, "%s=%s\n", item_at(i)->key, c->values[i]);
	return buffer_ok(out);
}

static int line_take(struct conf *c, struct span line)
{
	const uint8_t *equals = line.len ? memchr(line.ptr, '=', line.len) : NULL;
	size_t key_len = equals ? (size_t)(equals - line.ptr) : 0;
	size_t i = item_index(span_of(line.ptr, key_len));
	char why[WHY_SIZE];

	if (!equals || i == SIZE_MAX || c->values[i] || memchr(line.ptr, '\0', line.len))
		return err_raise(-EPROTO);
	c->values[i] = strndup((const char *)equals + 1, line.len - key_len - 1);
	if (!c->values[i])
		return err_raise(-ENOMEM);
	return value_check(item_at(i), c->values[i], why) ? 0 : err_raise(-EPROTO);
}

int conf_from_role(struct span lines, struct conf **out)
{
	CLEANUP(conf_freep) struct conf *c = calloc(1, sizeof *c);

	if (!c)
		return err_raise(-ENOMEM);
	while (lines.len) {
		const uint8_t *end = memchr(lines.ptr, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.ptr) : 0;
		int r;

		if (!end)
			return err_raise(-EPROTO);
		r = line_take(c, span_of(lines.ptr, len));
		if (r)
			return err_pass(r);
		lines = span_of(end + 1, lines.len - len - 1);
	}
	*out = TAKE(c);
	return CONF_OK;
}
