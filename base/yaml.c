/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * libyaml gives events; this file turns them into an array of nodes without recursion, with an own stack of
 * DEPTH_MAX frames. Each frame knows where its children start in one shared list of pending nodes; when a
 * list or map ends they are copied behind each other into the document's arena, so that an item is found by
 * its index.
 *
 * Everything is text: no value changes type by its looks (no, 1e3, 012), the getter that asks decides. What a
 * reader of the text can't see is refused, because these files are signed by people: control characters,
 * other line breaks than LF, marks that reorder text on the screen.
 */
#include "base/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "base/yaml_inside.h"

#define TEXT_MAX_BYTES (1024 * 1024)
#define ARENA_MAX_BYTES (16 * 1024 * 1024)
#define DEPTH_MAX 16
#define NODES_MAX 65536 /* with the absent one */
#define PAIRS_MAX 4096 /* of one map: bounds the search for a duplicate key, which is quadratic */
#define KEY_MAX_BYTES 64

struct frame {
	uint32_t node;
	size_t first; /* of its children in pending */
};

struct builder {
	struct yaml *y;
	struct frame frames[DEPTH_MAX];
	size_t depth;
	uint32_t *pending;
	size_t n_pending;
	size_t pending_room;
	bool stopped; /* a fault after which the rest can't be read */
};

struct yaml *yaml_close(struct yaml *y)
{
	if (y) {
		arena_free(y->arena);
		free(y->nodes);
	}
	free(y);
	return NULL;
}

void yaml_freep(struct yaml **y)
{
	*y = yaml_close(*y);
}

/* ---- the text as bytes ---- */

/* The characters that are valid UTF-8 and yet not seen, or seen in another place than they are. */
static bool is_hidden(const uint8_t *p, size_t left)
{
	if (p[0] < ' ')
		return p[0] != '\n' && p[0] != '\t' && !(p[0] == '\r' && left > 1 && p[1] == '\n');
	if (p[0] == 0x7f)
		return true;
	if (p[0] == 0xc2)
		return p[1] < 0xa0; /* C1 controls, NEL */
	if (p[0] == 0xe2 && p[1] == 0x80) /* zero width, direction marks, LS and PS, embeddings */
		return (p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae);
	if (p[0] == 0xe2 && p[1] == 0x81) /* word joiner, isolates */
		return p[2] >= 0xa0 && p[2] <= 0xaf;
	if (p[0] == 0xef && p[1] == 0xbb) /* byte order mark */
		return p[2] == 0xbf;
	return false;
}

/* Returns whether the text may be given to the parser. */
static bool text_check(struct span text, struct fault_list *faults)
{
	unsigned line = 1;
	unsigned column = 1;

	for (size_t i = 0; i < text.len; i++) {
		if (i >= TEXT_MAX_BYTES) {
			fault_add(faults, line, column, "larger than 1 MiB (%zu bytes), which ends here", text.len);
			return false;
		}
		size_t left = text.len - i;
		size_t n = 1;

		while (n < left && n < 4 && (text.ptr[i + n] & 0xc0) == 0x80)
			n++;
		if (!utf8_valid(span_of(text.ptr + i, n)) && text.ptr[i]) {
			fault_add(faults, line, column, "not UTF-8 here; save the file as UTF-8");
			return false;
		}
		if (is_hidden(text.ptr + i, left)) {
			fault_add(faults, line, column, "a character that can't be seen; remove it");
			return false;
		}
		i += n - 1;
		column++;
		if (text.ptr[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return true;
}

/* ---- building ---- */

static unsigned mark_line(yaml_mark_t mark)
{
	return (unsigned)mark.line + 1;
}

static unsigned mark_column(yaml_mark_t mark)
{
	return (unsigned)mark.column + 1;
}

static int node_new(struct builder *b, enum yaml_kind kind, yaml_mark_t mark, uint32_t *out)
{
	struct yaml *y = b->y;

	if (y->n_nodes == y->room) {
		uint32_t room = y->room ? y->room * 2 : 64;
		struct node *nodes = reallocarray(y->nodes, room, sizeof *nodes);

		if (!nodes)
			return err_raise(-ENOMEM);
		y->nodes = nodes;
		y->room = room;
	}
	*out = y->n_nodes++;
	y->nodes[*out] = (struct node){ .kind = kind, .line = mark_line(mark), .column = mark_column(mark) };
	return 0;
}

static int pending_push(struct builder *b, uint32_t node)
{
	if (b->n_pending == b->pending_room) {
		size_t room = b->pending_room ? b->pending_room * 2 : 64;
		uint32_t *pending = reallocarray(b->pending, room, sizeof *pending);

		if (!pending)
			return err_raise(-ENOMEM);
		b->pending = pending;
		b->pending_room = room;
	}
	b->pending[b->n_pending++] = node;
	return 0;
}

/* The fault goes to the list; the rest of the document is not read. */
static void stop(struct builder *b, yaml_mark_t mark, const char *what)
{
	fault_add(b->y->faults, mark_line(mark), mark_column(mark), "%s", what);
	b->stopped = true;
}

/* Whether the next node is the key of the map that is open. */
static bool at_key(const struct builder *b)
{
	const struct frame *f = b->depth ? &b->frames[b->depth - 1] : NULL;

	return f && b->y->nodes[f->node].kind == YAML_MAP && (b->n_pending - f->first) % 2 == 0;
}

static bool is_word(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= KEY_MAX_BYTES &&
	       len == strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
}

static void key_check(struct builder *b, const struct node *key, yaml_mark_t mark)
{
	const struct frame *f = &b->frames[b->depth - 1];

	if (!key->plain || !is_word(key->text)) {
		fault_add(b->y->faults, key->line, key->column,
		          "a key is one word of letters, digits, '-', '_' and '.', without quotes");
		return;
	}
	if ((b->n_pending - f->first) / 2 >= PAIRS_MAX) {
		stop(b, mark, "a map holds at most 4096 keys");
		return;
	}
	for (size_t i = f->first; i < b->n_pending; i += 2) {
		const struct node *other = &b->y->nodes[b->pending[i]];

		if (strcmp(other->text, key->text) == 0)
			fault_add(b->y->faults, key->line, key->column, "the key %s is already on line %u",
			          key->text, other->line);
	}
}

/* What a node may not carry; a fault, and reading goes on as if it were not there. */
static void marks_check(struct builder *b, const void *anchor, const void *tag, yaml_mark_t mark)
{
	if (anchor)
		fault_add(b->y->faults, mark_line(mark), mark_column(mark),
		          "anchors (&) are not used here; write it out");
	if (tag)
		fault_add(b->y->faults, mark_line(mark), mark_column(mark),
		          "tags (!) are not used here; remove it");
}

/* A node in its place: under the open list or map, or as the root. */
static int node_place(struct builder *b, uint32_t node)
{
	if (b->depth)
		return pending_push(b, node);
	b->y->root = node;
	return 0;
}

/* Whether one more node is allowed; a fault when not. */
static bool has_room(struct builder *b, const yaml_event_t *e)
{
	if (b->y->n_nodes < NODES_MAX)
		return true;
	stop(b, e->start_mark, "more than 65535 values");
	return false;
}

static int on_scalar(struct builder *b, const yaml_event_t *e)
{
	struct span bytes = span_of(e->data.scalar.value, e->data.scalar.length);
	struct node *node;
	uint32_t index;
	int r;

	if (!has_room(b, e))
		return 0;
	r = node_new(b, YAML_TEXT, e->start_mark, &index);
	if (r)
		return err_pass(r);
	node = &b->y->nodes[index];
	node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = arena_text(b->y->arena, bytes);
	if (!node->text)
		return err_raise(-ENOMEM);
	marks_check(b, e->data.scalar.anchor, e->data.scalar.tag, e->start_mark);
	/* An escape in quotes can spell what text_check() refuses in the file itself. */
	for (size_t i = 0; i < bytes.len; i++) {
		if (!is_hidden(bytes.ptr + i, bytes.len - i))
			continue;
		fault_add(b->y->faults, node->line, node->column,
		          "the text holds a character that can't be seen");
		break;
	}
	if (at_key(b))
		key_check(b, node, e->start_mark);
	else if (node->plain && bytes.len == 0)
		fault_add(b->y->faults, node->line, node->column,
		          "a value is missing; write \"\" for an empty text");
	return node_place(b, index);
}

static int on_open(struct builder *b, enum yaml_kind kind, const yaml_event_t *e)
{
	uint32_t index;
	int r;

	if (at_key(b)) {
		stop(b, e->start_mark, "a key is one word, not a list or a map");
		return 0;
	}
	if (b->depth == DEPTH_MAX) {
		stop(b, e->start_mark, "nested deeper than 16");
		return 0;
	}
	if (!has_room(b, e))
		return 0;
	r = node_new(b, kind, e->start_mark, &index);
	if (r)
		return err_pass(r);
	if (kind == YAML_MAP)
		marks_check(b, e->data.mapping_start.anchor, e->data.mapping_start.tag, e->start_mark);
	else
		marks_check(b, e->data.sequence_start.anchor, e->data.sequence_start.tag, e->start_mark);
	r = node_place(b, index);
	if (r)
		return err_pass(r);
	b->frames[b->depth++] = (struct frame){ index, b->n_pending };
	return 0;
}

static int on_close(struct builder *b)
{
	struct frame f = b->frames[--b->depth];
	struct node *node = &b->y->nodes[f.node];
	size_t n = b->n_pending - f.first;
	uint32_t *inside = arena_array(b->y->arena, n, sizeof *inside);

	if (!inside)
		return err_raise(-ENOMEM);
	if (n)
		memcpy(inside, b->pending + f.first, n * sizeof *inside);
	node->inside = inside;
	node->n = node->kind == YAML_MAP ? n / 2 : n;
	b->n_pending = f.first;
	return 0;
}

static int on_alias(struct builder *b, const yaml_event_t *e)
{
	stop(b, e->start_mark, "aliases (*) are not used here; write it out");
	return 0;
}

static int on_document(struct builder *b, const yaml_event_t *e)
{
	if (e->data.document_start.version_directive ||
	    e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
		fault_add(b->y->faults, mark_line(e->start_mark), 1,
		          "directives (%%) are not used here; remove it");
	if (b->y->root)
		stop(b, e->start_mark, "a second document (---); one file holds one");
	return 0;
}

static int on_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return on_document(b, e);
	case YAML_ALIAS_EVENT:
		return on_alias(b, e);
	case YAML_SCALAR_EVENT:
		return on_scalar(b, e);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(b, YAML_LIST, e);
	case YAML_MAPPING_START_EVENT:
		return on_open(b, YAML_MAP, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(b);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	}
	return 0;
}

/* In libyaml's own words, which name no place; the place is where it stopped. */
static int on_parser_error(struct builder *b, const yaml_parser_t *parser)
{
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error == YAML_MEMORY_ERROR)
		return err_raise(-ENOMEM);
	fault_add(b->y->faults, mark_line(mark), mark_column(mark), "not YAML: %s%s%s",
	          parser->context ? parser->context : "", parser->context ? ", " : "",
	          parser->problem ? parser->problem : "can't be read");
	b->stopped = true;
	return 0;
}

static int events_read(struct builder *b, yaml_parser_t *parser)
{
	bool ended = false;
	int r = 0;

	while (!ended && !b->stopped && !r) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return on_parser_error(b, parser);
		ended = event.type == YAML_STREAM_END_EVENT;
		r = on_event(b, &event);
		yaml_event_delete(&event);
	}
	return r;
}

static int document_read(struct builder *b, struct span text)
{
	yaml_parser_t parser;
	int r;

	if (!yaml_parser_initialize(&parser))
		return err_raise(-ENOMEM);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text.ptr, text.len);
	r = events_read(b, &parser);
	yaml_parser_delete(&parser);
	free(b->pending);
	if (!r && !b->stopped && !b->y->root)
		fault_add(b->y->faults, 1, 1, "the file is empty");
	return r;
}

int yaml_load(struct span text, struct fault_list *faults, struct yaml **out)
{
	CLEANUP(yaml_freep) struct yaml *y = NULL;
	struct builder b = { 0 };
	size_t n_before = faults->n + faults->n_more;
	uint32_t absent;
	int r;

	if (!text_check(text, faults))
		return YAML_E_FAULTS;
	y = calloc(1, sizeof *y);
	if (!y)
		return err_raise(-ENOMEM);
	y->faults = faults;
	y->arena = arena_new(ARENA_MAX_BYTES);
	if (!y->arena)
		return err_raise(-ENOMEM);
	b.y = y;
	r = node_new(&b, YAML_NONE, (yaml_mark_t){ 0 }, &absent);
	if (r)
		return err_pass(r);
	y->nodes[absent].line = y->nodes[absent].column = 0;
	r = document_read(&b, text.len ? text : SPAN_LITERAL("\n"));
	if (r)
		return err_pass(r);
	if (faults->n + faults->n_more > n_before)
		return YAML_E_FAULTS;
	*out = TAKE(y);
	return YAML_OK;
}
