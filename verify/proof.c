/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A receipt (C2SP tlog-proof v1):
 *
 *   c2sp.org/tlog-proof@v1
 *   extra base64( 01 || salt[32] || u16 n || statement || u16 n || leaf )
 *   index 12
 *   base64(hash) ...                     the proof, from the leaf up
 *                                        a blank line, then the signed checkpoint
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verify/verify.h"

#define PROOF_MAX 63
#define HEAD_BYTES 118
#define SEALED_AD 116
#define EXTRA_MAX (1 + 32 + 2 + 65535 + 2 + 65535)

static const char *const kinds[] = { NULL, "BERICHT", "AFGELEVERD", "GEOPEND", "TERMIJN", "REGELS", "TOELATING", "INZAGE", "BEHEER",
				     "VERNIETIGD" };
static const char *const codes[] = {
	"TOEGESTAAN", "GEEN_GRONDSLAG", "GEEN_DOEL", "DEELNEMER_ONBEVOEGD", "MEDEWERKER_NIET_GEAUTORISEERD", "CONVENANT_ONGELDIG",
	"FASE_STAAT_NIET_TOE", "CATEGORIE_NIET_TOEGESTAAN", "CATEGORIE_NIET_GEVRAAGD", "KRING_TE_RUIM", "BEROEPSGEHEIM_GEEN_BASIS",
	"GEEN_INSTEMMING_BRON", "VOORWAARDE_BRON", "NIET_BETROKKEN_BIJ_CASUS", "CASUS_AFGESLOTEN", "BEWAARTERMIJN_VERSTREKEN",
	"NIET_VERSLEUTELD", "HANDTEKENING_ONGELDIG", "HERHALING", "IDENTIFICATIE_IN_METADATA", "AUDIT_NIET_BESCHIKBAAR", "SCHEMA_ONGELDIG",
	"TERMIJN_VERSTREKEN",
};

/* A later house may know more kinds and codes than this program: it then shows their numbers, and checks all the same. */
const char *kind_name(unsigned kind)
{
	return kind >= 1 && kind < sizeof kinds / sizeof kinds[0] ? kinds[kind] : "?";
}

const char *code_name(unsigned code)
{
	return code < sizeof codes / sizeof codes[0] ? codes[code] : "?";
}

void time_text(uint64_t unix_ms, char out[32])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm = { 0 };
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 32 - n, ".%03uZ", (unsigned)(unix_ms % 1000));
}

void leaf_hash(struct bytes leaf, uint8_t out[32])
{
	crypto_hash_sha256_state s;

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (const uint8_t[]){ 0 }, 1);
	crypto_hash_sha256_update(&s, leaf.p, leaf.n);
	crypto_hash_sha256_final(&s, out);
}

void node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
	crypto_hash_sha256_state s;

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (const uint8_t[]){ 1 }, 1);
	crypto_hash_sha256_update(&s, left, 32);
	crypto_hash_sha256_update(&s, right, 32);
	crypto_hash_sha256_final(&s, out);
}

static uint64_t number(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

bool leaf_parse(struct bytes b, struct leaf *out)
{
	if (b.n < HEAD_BYTES || b.n > LEAF_MAX || b.p[0] != 1 || number(b.p + 116, 2) != b.n - HEAD_BYTES)
		return false;
	*out = (struct leaf){ .kind = b.p[1], .code = (unsigned)number(b.p + 2, 2), .time_ms = number(b.p + 4, 8),
			      .sealed = bytes_of(b.p + HEAD_BYTES, b.n - HEAD_BYTES), .head = bytes_of(b.p, SEALED_AD) };
	memcpy(out->binding, b.p + 44, 32);
	memcpy(out->key_id, b.p + 76, 16);
	memcpy(out->nonce, b.p + 92, 24);
	return out->kind >= 1;
}

/* XChaCha20-Poly1305 under the casus key is ChaCha20-Poly1305 under the opening, which HChaCha20 made of that key and this nonce. */
bool leaf_unseal(const struct leaf *leaf, const uint8_t opening[32], uint8_t *out, size_t *n)
{
	uint8_t nonce[12] = { 0 };
	unsigned long long len;

	memcpy(nonce + 4, leaf->nonce + 16, 8);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(out, &len, NULL, leaf->sealed.p, leaf->sealed.n, leaf->head.p, leaf->head.n, nonce,
						      opening) != 0)
		return false;
	while (len && out[len - 1] == 0)
		len--;
	if (!len || out[len - 1] != 0x80)
		return false;
	*n = (size_t)len - 1;
	return true;
}

/* RFC 9162 2.1.3.2. */
static bool included(uint64_t index, uint64_t size, uint8_t hash[32], const uint8_t (*path)[32], size_t n, const uint8_t root[32])
{
	uint64_t at = index, last = size - 1;

	if (index >= size)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (last == 0)
			return false;
		if ((at & 1) || at == last) {
			node_hash(path[i], hash, hash);
			while (!(at & 1) && at) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			node_hash(hash, path[i], hash);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && memcmp(hash, root, 32) == 0;
}

static bool take(struct bytes *rest, size_t n, struct bytes *out)
{
	if (rest->n < n)
		return false;
	*out = bytes_of(rest->p, n);
	rest->p += n;
	rest->n -= n;
	return true;
}

static bool take_lp16(struct bytes *rest, struct bytes *out)
{
	struct bytes n;

	return take(rest, 2, &n) && take(rest, (size_t)number(n.p, 2), out);
}

static bool extra_parse(struct bytes line, struct receipt *r)
{
	struct bytes rest, version;
	size_t n;

	if (line.n < 6 || memcmp(line.p, "extra ", 6) != 0)
		return false;
	r->memory = malloc(EXTRA_MAX);
	if (!r->memory || !base64_decode(bytes_of(line.p + 6, line.n - 6), r->memory, EXTRA_MAX, &n))
		return false;
	rest = bytes_of(r->memory, n);
	return take(&rest, 1, &version) && version.p[0] == 1 && take(&rest, 32, &r->salt) && take_lp16(&rest, &r->statement) &&
	       take_lp16(&rest, &r->leaf_bytes) && rest.n == 0 && leaf_parse(r->leaf_bytes, &r->leaf);
}

static bool bound(const struct receipt *r)
{
	crypto_hash_sha256_state s;
	uint8_t binding[32];

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (const uint8_t *)"knooppunt/binding/v1", 20);
	crypto_hash_sha256_update(&s, r->salt.p, r->salt.n);
	crypto_hash_sha256_update(&s, r->statement.p, r->statement.n);
	crypto_hash_sha256_final(&s, binding);
	return memcmp(binding, r->leaf.binding, 32) == 0;
}

static bool path_parse(struct bytes *rest, uint8_t (*path)[32], size_t *n)
{
	struct bytes line;
	size_t len;

	for (*n = 0; next_line(rest, &line); (*n)++) {
		if (line.n == 0)
			return true;
		if (*n == PROOF_MAX || !base64_decode(line, path[*n], 32, &len) || len != 32)
			return false;
	}
	return false;
}

bool receipt_open(const char *text, const struct trust *t, struct receipt *r, struct fault *f)
{
	struct bytes rest = text_of(text), line;
	uint8_t path[PROOF_MAX][32], hash[32];
	size_t n;

	memset(r, 0, sizeof *r);
	if (!next_line(&rest, &line) || line.n != 22 || memcmp(line.p, "c2sp.org/tlog-proof@v1", 22) != 0)
		return wrong(f, "a receipt is not a tlog-proof of version 1");
	if (!next_line(&rest, &line) || !extra_parse(line, r))
		return wrong(f, "a receipt discloses no entry of the log");
	if (!next_line(&rest, &line) || line.n < 7 || memcmp(line.p, "index ", 6) != 0 ||
	    !decimal(bytes_of(line.p + 6, line.n - 6), &r->index) || !path_parse(&rest, path, &n))
		return wrong(f, "a receipt's proof is malformed");
	if (!bound(r))
		return wrong(f, "entry %llu: its statement is not the one it is bound to", (unsigned long long)r->index);
	if (!head_open(rest, t, &r->head, f))
		return false;
	leaf_hash(r->leaf_bytes, hash);
	if (!included(r->index, r->head.size, hash, (const uint8_t (*)[32])path, n, r->head.root))
		return wrong(f, "entry %llu is not in the log that the checkpoint signs", (unsigned long long)r->index);
	return true;
}
