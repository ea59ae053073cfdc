/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bytes of a casus: version 2; id; phase, regime (1 each); overleg, klasse, ave, notifier (lp16 each); opened, changed,
 * closed (u64); consent, withdrawn (1 each); given, until (u64); n (u16) and the circle (lp16 each). That far version 1
 * went. Then: expires (u64), renewals (u64); n (u16) and the invited (lp16, until u64); n and the known (lp16); n and
 * the suppliers (lp16, special 1, renewed until u64); n and the consent's categories (lp16); n and its partners (lp16);
 * by whom it was given (lp16).
 */
#include <string.h>

#include "base/error.h"
#include "convenant/casus.h"

#define CASUS_VERSION 2

static void put_texts(struct buffer *out, const char (*v)[CASUS_TEXT], size_t n)
{
	buffer_u16(out, (uint16_t)n);
	for (size_t i = 0; i < n; i++)
		buffer_lp16(out, span_of_text(v[i]));
}

static void put_version_1(const struct casus *c, struct buffer *out)
{
	buffer_bytes(out, SPAN_OF(c->id));
	buffer_u8(out, (uint8_t)c->phase);
	buffer_u8(out, (uint8_t)c->regime);
	buffer_lp16(out, span_of_text(c->overleg));
	buffer_lp16(out, span_of_text(c->klasse));
	buffer_lp16(out, span_of_text(c->ave));
	buffer_lp16(out, span_of_text(c->notifier));
	buffer_u64(out, c->opened_unix_ms);
	buffer_u64(out, c->changed_unix_ms);
	buffer_u64(out, c->closed_unix_ms);
	buffer_u8(out, c->consent);
	buffer_u8(out, c->consent_withdrawn);
	buffer_u64(out, c->consent_given_unix_ms);
	buffer_u64(out, c->consent_until_unix_ms);
	put_texts(out, c->circle, c->n_circle);
}

int casus_encode(const struct casus *c, struct buffer *out)
{
	buffer_u8(out, CASUS_VERSION);
	put_version_1(c, out);
	buffer_u64(out, c->expires_unix_ms);
	buffer_u64(out, c->renewals);
	buffer_u16(out, (uint16_t)c->n_invited);
	for (size_t i = 0; i < c->n_invited; i++) {
		buffer_lp16(out, span_of_text(c->invited[i].hoedanigheid));
		buffer_u64(out, c->invited[i].until_unix_ms);
	}
	put_texts(out, c->known, c->n_known);
	buffer_u16(out, (uint16_t)c->n_suppliers);
	for (size_t i = 0; i < c->n_suppliers; i++) {
		buffer_lp16(out, span_of_text(c->suppliers[i].hoedanigheid));
		buffer_u8(out, c->suppliers[i].special);
		buffer_u64(out, c->suppliers[i].renewed_until_unix_ms);
	}
	put_texts(out, c->consent_categories, c->n_consent_categories);
	put_texts(out, c->consent_partners, c->n_consent_partners);
	buffer_lp16(out, span_of_text(c->consent_by));
	return buffer_ok(out);
}

static void read_text(struct reader *r, char out[CASUS_TEXT])
{
	struct span text = reader_lp16(r);

	if (text.len >= CASUS_TEXT || (text.len && memchr(text.ptr, 0, text.len)))
		r->failed = true;
	else if (text.len)
		memcpy(out, text.ptr, text.len);
}

static bool read_flag(struct reader *r)
{
	uint8_t v = reader_u8(r);

	if (v > 1)
		r->failed = true;
	return v == 1;
}

static size_t read_count(struct reader *r, size_t most)
{
	size_t n = reader_u16(r);

	if (n <= most)
		return n;
	r->failed = true;
	return 0;
}

static void read_texts(struct reader *r, char (*v)[CASUS_TEXT], size_t *n, size_t most)
{
	*n = read_count(r, most);
	for (size_t i = 0; i < *n; i++)
		read_text(r, v[i]);
}

static void read_version_1(struct reader *r, struct casus *c)
{
	reader_copy(r, c->id, sizeof c->id);
	c->phase = (enum phase)reader_u8(r);
	c->regime = (enum regime)reader_u8(r);
	read_text(r, c->overleg);
	read_text(r, c->klasse);
	read_text(r, c->ave);
	read_text(r, c->notifier);
	c->opened_unix_ms = reader_u64(r);
	c->changed_unix_ms = reader_u64(r);
	c->closed_unix_ms = reader_u64(r);
	c->consent = read_flag(r);
	c->consent_withdrawn = read_flag(r);
	c->consent_given_unix_ms = reader_u64(r);
	c->consent_until_unix_ms = reader_u64(r);
	read_texts(r, c->circle, &c->n_circle, CASUS_CIRCLE_MAX);
}

static void read_version_2(struct reader *r, struct casus *c)
{
	c->expires_unix_ms = reader_u64(r);
	c->renewals = reader_u64(r);
	c->n_invited = read_count(r, CASUS_INVITED_MAX);
	for (size_t i = 0; i < c->n_invited; i++) {
		read_text(r, c->invited[i].hoedanigheid);
		c->invited[i].until_unix_ms = reader_u64(r);
	}
	read_texts(r, c->known, &c->n_known, CASUS_KNOWN_MAX);
	c->n_suppliers = read_count(r, CASUS_SUPPLIERS_MAX);
	for (size_t i = 0; i < c->n_suppliers; i++) {
		read_text(r, c->suppliers[i].hoedanigheid);
		c->suppliers[i].special = read_flag(r);
		c->suppliers[i].renewed_until_unix_ms = reader_u64(r);
	}
	read_texts(r, c->consent_categories, &c->n_consent_categories, CASUS_CONSENT_MAX);
	read_texts(r, c->consent_partners, &c->n_consent_partners, CASUS_CONSENT_MAX);
	read_text(r, c->consent_by);
}

int casus_decode(struct span bytes, struct casus *out)
{
	struct casus c = { 0 };
	struct reader r;
	uint8_t version;

	reader_init(&r, bytes);
	version = reader_u8(&r);
	if (version < 1 || version > CASUS_VERSION)
		return CASUS_E_MALFORMED;
	read_version_1(&r, &c);
	if (version > 1)
		read_version_2(&r, &c);
	if (!reader_done(&r) || !casus_check(&c))
		return CASUS_E_MALFORMED;
	*out = c;
	return CASUS_OK;
}
