/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/*
 * YAML, the strict subset in which people write rules and configuration, read through libyaml.
 *
 * Refused, with line and column: anchors, aliases and tags (so no cycles), more than one document, duplicate
 * keys, keys that are not plain words, nesting beyond 16, more than 1 MiB, text that is not UTF-8, control
 * characters. Every getter reports its own fault and returns a harmless value, so a loader reads everything
 * and checks the list once.
 */
#include "base/fault.h"

struct yaml;                                   /* a document; owns its nodes */
struct yaml_node { uint32_t index; };          /* 0: absent */
#define YAML_ABSENT ((struct yaml_node){ 0 })

enum yaml_kind { YAML_NONE = 0, YAML_TEXT, YAML_LIST, YAML_MAP };
enum { YAML_OK = 0, YAML_E_FAULTS = 1 };

/*
 * yaml_load() - the list of faults must outlive the document
 * Return: YAML_OK; YAML_E_FAULTS, the list says what and where, there is no document; <0 fatal.
 */
MUST_CHECK int yaml_load(struct span text, struct fault_list *faults, struct yaml **out);
/* No yaml_free in the object file: libyaml exports a function of that name, and ours would take its place. */
struct yaml *yaml_close(struct yaml *y);
static inline struct yaml *yaml_free(struct yaml *y) { return yaml_close(y); }
void yaml_freep(struct yaml **y);

struct yaml_node yaml_root(const struct yaml *y);
enum yaml_kind yaml_kind(const struct yaml *y, struct yaml_node n);
size_t yaml_count(const struct yaml *y, struct yaml_node n);                    /* items, or pairs */
struct yaml_node yaml_item(const struct yaml *y, struct yaml_node list, size_t i);
const char *yaml_key(const struct yaml *y, struct yaml_node map, size_t i);     /* i-th key, in file order */
struct yaml_node yaml_value(const struct yaml *y, struct yaml_node map, size_t i);
struct yaml_node yaml_get(const struct yaml *y, struct yaml_node map, const char *key); /* or YAML_ABSENT */
unsigned yaml_line(const struct yaml *y, struct yaml_node n);
unsigned yaml_column(const struct yaml *y, struct yaml_node n);

/* yaml_at() - where a fault of this key stands: at its value, or, where the key is missing, at the map. */
struct yaml_node yaml_at(const struct yaml *y, struct yaml_node map, const char *key);
/* yaml_fault() - report a fault at a node. */
void yaml_fault(struct yaml *y, struct yaml_node n, const char *format, ...) PRINTF_LIKE(3, 4);

/* yaml_only() - a fault, at the key, for every key of the map that is not in the NULL-terminated list. */
void yaml_only(struct yaml *y, struct yaml_node map, const char *const *keys);

/*
 * Typed access to map members. The must_ forms also report a missing key; an absent map has no members.
 * Numbers and true | false are written without quotes. Text lives as long as the document.
 */
const char *yaml_text(struct yaml *y, struct yaml_node map, const char *key, const char *otherwise);
const char *yaml_must_text(struct yaml *y, struct yaml_node map, const char *key);
uint64_t yaml_uint(struct yaml *y, struct yaml_node map, const char *key, uint64_t otherwise, uint64_t min,
                   uint64_t max);
bool yaml_bool(struct yaml *y, struct yaml_node map, const char *key, bool otherwise);
/* yaml_date_ms() - in one of the forms of time_decode(). */
uint64_t yaml_date_ms(struct yaml *y, struct yaml_node map, const char *key, uint64_t otherwise);
/* yaml_list(), yaml_map() - a fault unless of that kind; absent is allowed. */
struct yaml_node yaml_list(struct yaml *y, struct yaml_node map, const char *key);
struct yaml_node yaml_map(struct yaml *y, struct yaml_node map, const char *key);
const char *yaml_scalar(struct yaml *y, struct yaml_node n); /* a fault, and "", unless text */
