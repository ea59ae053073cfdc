/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every value goes between double quotes, so that no text can end its line or become another kind of value.
 */
#include "client/lib/quote.h"

#include "base/text.h"
#include "convenant/load.h"

void quote_line(struct buffer *out, const char *key, const char *text)
{
	buffer_printf(out, "%s: ", key);
	yaml_quote(out, text);
	buffer_u8(out, '\n');
}

void quote_list(struct buffer *out, const char *key, const struct text_list *list)
{
	buffer_printf(out, "%s: ", key);
	yaml_quote_list(out, list);
	buffer_u8(out, '\n');
}

void quote_hex(struct buffer *out, const char *key, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";

	buffer_printf(out, "%s: \"", key);
	for (size_t i = 0; i < bytes.len; i++) {
		buffer_u8(out, (uint8_t)digits[bytes.ptr[i] >> 4]);
		buffer_u8(out, (uint8_t)digits[bytes.ptr[i] & 15]);
	}
	buffer_text(out, "\"\n");
}

void quote_time(struct buffer *out, const char *key, uint64_t unix_ms)
{
	char text[TIME_TEXT_SIZE];

	time_encode(unix_ms, text);
	buffer_printf(out, "%s: \"%s\"\n", key, text);
}
