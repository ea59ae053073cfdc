/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading a file, and saying what is wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

bool wrong(struct fault *f, const char *format, ...)
{
	va_list args;

	if (f->text[0])
		return false;
	va_start(args, format);
	vsnprintf(f->text, sizeof f->text, format, args);
	va_end(args);
	for (char *p = f->text; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p == 0x7f)
			*p = '?'; /* what a dossier says goes to a terminal */
	return false;
}

char *read_file(const char *path, size_t *n, struct fault *f)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size >= 0 && (size_t)size <= FILE_MAX && fseek(file, 0, SEEK_SET) == 0)
		text = malloc((size_t)size + 1);
	if (text && fread(text, 1, (size_t)size, file) != (size_t)size) {
		free(text);
		text = NULL;
	}
	if (text) {
		text[size] = 0;
		*n = (size_t)size;
	} else {
		wrong(f, "%.300s: %s", path, file ? "cannot be read" : strerror(errno));
	}
	if (file)
		fclose(file);
	return text;
}
