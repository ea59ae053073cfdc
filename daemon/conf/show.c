/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table, for people: as a file with every setting explained, and as a part of the manual page.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "daemon/conf/conf.h"

static void quoted(struct buffer *out, const char *text)
{
	buffer_u8(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_u8(out, '\\');
		buffer_u8(out, (uint8_t)*text);
	}
	buffer_u8(out, '"');
}

static bool is_number(const struct conf_item *item)
{
	return item->type == CONF_UINT;
}

static void limits(struct buffer *out, const struct conf_item *item)
{
	if (is_number(item))
		buffer_printf(out, "%" PRIu64 " to %" PRIu64 "%s%s, ", item->min, item->max, *item->unit ? " " : "", item->unit);
	for (size_t i = 0; item->choices && item->choices[i]; i++)
		buffer_printf(out, "%s%s", item->choices[i], item->choices[i + 1] ? " | " : ", ");
	if (!item->otherwise)
		buffer_text(out, "must be given");
	else if (is_number(item))
		buffer_printf(out, "default %s", item->otherwise);
	else
		buffer_printf(out, "default \"%s\"", item->otherwise);
}

int conf_dump(const struct conf *c, struct buffer *out)
{
	size_t n;
	const struct conf_item *items = conf_items(&n);

	for (size_t i = 0; i < n; i++) {
		buffer_printf(out, "# %s (", items[i].help);
		limits(out, &items[i]);
		buffer_printf(out, ")\n%s: ", items[i].key);
		if (is_number(&items[i]) || items[i].type == CONF_BOOL)
			buffer_text(out, conf_text(c, items[i].key));
		else
			quoted(out, conf_text(c, items[i].key));
		buffer_text(out, "\n");
	}
	return buffer_ok(out);
}

void conf_manual(struct buffer *out)
{
	size_t n;
	const struct conf_item *items = conf_items(&n);

	for (size_t i = 0; i < n; i++) {
		buffer_printf(out, ".TP\n.B %s\n%s\n(", items[i].key, items[i].help);
		limits(out, &items[i]);
		buffer_text(out, ")\n");
	}
}
