/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * Load - what the loaders of kader, register, convenant and mandate share. Private to this folder.
 *
 * Each reader copies into the arena, reports its own fault with its place and returns a harmless value, so that a loader
 * reads everything and asks load_verdict() once at the end.
 */
#include "base/arena.h"
#include "convenant/kader.h"
#include "proto/note.h"

#define LOAD_ARENA_MAX (16u << 20)
#define LOAD_ROWS_MAX 4096

#define KIND_BIT(kind) (1u << (kind))

struct load {
	struct yaml *y;
	struct arena *arena;
	struct fault_list *faults;
	size_t n_before; /* faults there were before this text */
	bool no_memory;
};

/* load_open() - parses the text. Return: 0; YAML_E_FAULTS; <0 fatal. The caller closes with load_close(). */
MUST_CHECK int load_open(struct load *l, struct span text, struct arena *arena, struct fault_list *faults);
void load_close(struct load *l);
/* load_verdict() - 0; YAML_E_FAULTS when anything was reported; -ENOMEM. */
MUST_CHECK int load_verdict(struct load *l);

bool id_valid(const char *id); /* [a-z0-9] then [a-z0-9.-], at most REGISTER_ID_MAX bytes */

void *load_array(struct load *l, size_t n, size_t size);      /* zeroed; NULL sets no_memory (n 0 gives NULL) */
const char *load_copy(struct load *l, const char *text);      /* never NULL */
const char *load_text(struct load *l, struct yaml_node map, const char *key); /* must be there, in a map that is, and not empty */
const char *load_optional(struct load *l, struct yaml_node map, const char *key); /* "" when absent */
const char *load_id(struct load *l, struct yaml_node map, const char *key);   /* must be there and be an id */
/* load_texts() - a list of texts in file order, each at most once; absent gives an empty list. */
void load_texts(struct load *l, struct yaml_node map, const char *key, struct text_list *out);
void load_ids(struct load *l, struct yaml_node map, const char *key, struct text_list *out); /* as load_texts(), sorted ids */
void load_hash(struct load *l, struct yaml_node map, const char *key, struct hash *out);
bool load_hex(struct load *l, struct yaml_node map, const char *key, uint8_t *out, size_t n); /* false: absent or faulty */
bool load_key(struct load *l, struct yaml_node map, const char *key, struct note_key *out);
/* load_rows() - a list of maps, at most LOAD_ROWS_MAX; *n is set. */
struct yaml_node load_rows(struct load *l, struct yaml_node map, const char *key, size_t *n);
/* load_period() - van and tot: both must be there, van before tot. */
void load_period(struct load *l, struct yaml_node map, uint64_t *from_ms, uint64_t *until_ms);

/* load_uint() - a whole number that must be there. */
uint64_t load_uint(struct load *l, struct yaml_node map, const char *key, uint64_t min, uint64_t max);
enum regime load_regime(struct load *l, struct yaml_node map); /* must be there; REGIME_NONE after a fault */
/* load_kinds() - a list of names of messages as bits; absent gives `otherwise`. */
uint32_t load_kinds(struct load *l, struct yaml_node map, const char *key, uint32_t otherwise);
/* load_rac() - {advies, datum} or {afwijking, gemeld}: must be there. */
void load_rac(struct load *l, struct yaml_node map, struct rac *out);

/* texts_find() - position of a word in a sorted list, or -1. */
int texts_find(const struct text_list *sorted, const char *word);

/* sort_by_id() - sorts rows whose first member is their id (const char *); an id that stands twice is a fault at its second place. */
void sort_by_id(struct load *l, struct yaml_node list, const char *key, void *rows, size_t n, size_t size);
const void *find_by_id(const void *rows, size_t n, size_t size, const char *id);

/* yaml_quote() - a text as a double-quoted YAML scalar. */
void yaml_quote(struct buffer *out, const char *text);
void yaml_quote_list(struct buffer *out, const struct text_list *list); /* ["a", "b"] */
void yaml_quote_date(struct buffer *out, uint64_t unix_ms); /* "2026-11-22"; with the time of day when there is one */
