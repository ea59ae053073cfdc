/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/* YAML texts as our own reader takes them back: what is written here is read with base/yaml.h. */
#include "proto/message.h"

void quote_line(struct buffer *out, const char *key, const char *text);		    /* key: "text" */
void quote_list(struct buffer *out, const char *key, const struct text_list *list); /* key: ["a", "b"] */
void quote_hex(struct buffer *out, const char *key, struct span bytes);		    /* key: "00ff" */
void quote_time(struct buffer *out, const char *key, uint64_t unix_ms);
