/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reading a document. Each getter says itself what is wrong, at the place where it is, so that a loader reads
 * all it wants and looks at the list of faults once. What is reported is harmless afterwards: a getter never
 * gives NULL for a text unless the caller's own otherwise is NULL.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "base/yaml_inside.h"

static const struct node *node_at(const struct yaml *y, struct yaml_node n)
{
	ASSERT(n.index < y->n_nodes);
	return &y->nodes[n.index];
}

struct yaml_node yaml_root(const struct yaml *y)
{
	return (struct yaml_node){ y->root };
}

enum yaml_kind yaml_kind(const struct yaml *y, struct yaml_node n)
{
	return node_at(y, n)->kind;
}

size_t yaml_count(const struct yaml *y, struct yaml_node n)
{
	return node_at(y, n)->n;
}

struct yaml_node yaml_item(const struct yaml *y, struct yaml_node list, size_t i)
{
	const struct node *node = node_at(y, list);

	if (node->kind != YAML_LIST || i >= node->n)
		return YAML_ABSENT;
	return (struct yaml_node){ node->inside[i] };
}

static struct yaml_node key_at(const struct yaml *y, struct yaml_node map, size_t i)
{
	const struct node *node = node_at(y, map);

	if (node->kind != YAML_MAP || i >= node->n)
		return YAML_ABSENT;
	return (struct yaml_node){ node->inside[i * 2] };
}

const char *yaml_key(const struct yaml *y, struct yaml_node map, size_t i)
{
	return node_at(y, key_at(y, map, i))->text;
}

struct yaml_node yaml_value(const struct yaml *y, struct yaml_node map, size_t i)
{
	const struct node *node = node_at(y, map);

	if (node->kind != YAML_MAP || i >= node->n)
		return YAML_ABSENT;
	return (struct yaml_node){ node->inside[i * 2 + 1] };
}

struct yaml_node yaml_get(const struct yaml *y, struct yaml_node map, const char *key)
{
	size_t n = yaml_count(y, map);

	for (size_t i = 0; i < n; i++)
		if (text_equal(yaml_key(y, map, i), key))
			return yaml_value(y, map, i);
	return YAML_ABSENT;
}

unsigned yaml_line(const struct yaml *y, struct yaml_node n)
{
	return node_at(y, n)->line;
}

unsigned yaml_column(const struct yaml *y, struct yaml_node n)
{
	return node_at(y, n)->column;
}

/* ---- typed access ---- */

struct yaml_node yaml_at(const struct yaml *y, struct yaml_node map, const char *key)
{
	struct yaml_node n = yaml_get(y, map, key);

	return n.index ? n : map;
}

void yaml_fault(struct yaml *y, struct yaml_node n, const char *format, ...)
{
	char text[FAULT_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fault_add(y->faults, yaml_line(y, n), yaml_column(y, n), "%s", text);
}

static const char *kind_name(const struct yaml *y, struct yaml_node n)
{
	static const char *const names[] = {
		[YAML_NONE] = "nothing",
		[YAML_TEXT] = "a text",
		[YAML_LIST] = "a list",
		[YAML_MAP] = "a map",
	};

	return names[yaml_kind(y, n)];
}

/* The member; reports when what should be a map is none. An absent map was reported where it was asked for. */
static struct yaml_node member(struct yaml *y, struct yaml_node map, const char *key)
{
	if (map.index && yaml_kind(y, map) != YAML_MAP)
		yaml_fault(y, map, "a map (key: value) is expected here, not %s", kind_name(y, map));
	return yaml_get(y, map, key);
}

void yaml_only(struct yaml *y, struct yaml_node map, const char *const *keys)
{
	size_t n = yaml_count(y, map);

	if (map.index && yaml_kind(y, map) != YAML_MAP) {
		yaml_fault(y, map, "a map (key: value) is expected here, not %s", kind_name(y, map));
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!text_in(yaml_key(y, map, i), keys))
			yaml_fault(y, key_at(y, map, i), "the key %s is unknown here", yaml_key(y, map, i));
}

static const char *text_of(struct yaml *y, struct yaml_node n, const char *key, const char *otherwise)
{
	if (yaml_kind(y, n) == YAML_TEXT)
		return node_at(y, n)->text;
	yaml_fault(y, n, "%s: a text is expected, not %s", key, kind_name(y, n));
	return otherwise;
}

const char *yaml_text(struct yaml *y, struct yaml_node map, const char *key, const char *otherwise)
{
	struct yaml_node n = member(y, map, key);

	return n.index ? text_of(y, n, key, otherwise) : otherwise;
}

const char *yaml_must_text(struct yaml *y, struct yaml_node map, const char *key)
{
	struct yaml_node n = member(y, map, key);

	if (n.index)
		return text_of(y, n, key, "");
	if (!map.index || yaml_kind(y, map) == YAML_MAP)
		yaml_fault(y, map, "%s: is missing", key);
	return "";
}

uint64_t yaml_uint(struct yaml *y, struct yaml_node map, const char *key, uint64_t otherwise, uint64_t min,
                   uint64_t max)
{
	struct yaml_node n = member(y, map, key);
	const struct node *node = node_at(y, n);
	uint64_t v;

	if (!n.index)
		return otherwise;
	if (node->plain && decimal_decode(span_of_text(node->text), &v) && v >= min && v <= max)
		return v;
	yaml_fault(y, n, "%s: a whole number from %" PRIu64 " to %" PRIu64 " is expected, without quotes", key,
	           min, max);
	return otherwise;
}

bool yaml_bool(struct yaml *y, struct yaml_node map, const char *key, bool otherwise)
{
	struct yaml_node n = member(y, map, key);
	const struct node *node = node_at(y, n);

	if (!n.index)
		return otherwise;
	if (node->plain && text_equal(node->text, "true"))
		return true;
	if (node->plain && text_equal(node->text, "false"))
		return false;
	yaml_fault(y, n, "%s: true or false is expected, without quotes", key);
	return otherwise;
}

uint64_t yaml_date_ms(struct yaml *y, struct yaml_node map, const char *key, uint64_t otherwise)
{
	struct yaml_node n = member(y, map, key);
	const struct node *node = node_at(y, n);
	uint64_t v;

	if (!n.index)
		return otherwise;
	if (node->kind == YAML_TEXT && time_decode(span_of_text(node->text), &v))
		return v;
	yaml_fault(y, n, "%s: a date is expected, as 2026-11-22 or 2026-11-22T08:15:30.123Z", key);
	return otherwise;
}

static struct yaml_node member_of(struct yaml *y, struct yaml_node map, const char *key, enum yaml_kind kind)
{
	struct yaml_node n = member(y, map, key);

	if (!n.index || yaml_kind(y, n) == kind)
		return n;
	yaml_fault(y, n, "%s: %s is expected, not %s", key, kind == YAML_LIST ? "a list" : "a map",
	           kind_name(y, n));
	return YAML_ABSENT;
}

struct yaml_node yaml_list(struct yaml *y, struct yaml_node map, const char *key)
{
	return member_of(y, map, key, YAML_LIST);
}

struct yaml_node yaml_map(struct yaml *y, struct yaml_node map, const char *key)
{
	return member_of(y, map, key, YAML_MAP);
}

const char *yaml_scalar(struct yaml *y, struct yaml_node n)
{
	if (yaml_kind(y, n) == YAML_TEXT)
		return node_at(y, n)->text;
	yaml_fault(y, n, "a text is expected here, not %s", kind_name(y, n));
	return "";
}
