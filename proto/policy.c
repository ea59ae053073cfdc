/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Names are defined before they are used and belong to one group at most, so they form a forest whose order is the text's: one pass
 * from the front counts every group.
 */
#include "proto/policy.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define WORDS_MAX (POLICY_NAMES_MAX + 3)

struct parsing {
	struct policy *p;
	struct fault_list *faults;
	unsigned line;
	bool quorum_seen;
	size_t n_words;
	struct span words[WORDS_MAX];
};

static void wrong(struct parsing *s, const char *why)
{
	fault_add(s->faults, s->line, 1, "%s", why);
}

static bool word_is(struct span word, const char *text)
{
	return span_equal(word, span_of_text(text));
}

static size_t name_find(const struct policy *p, struct span name)
{
	for (size_t i = 0; i < p->n_names; i++)
		if (word_is(name, p->names[i].name))
			return i;
	return POLICY_NONE;
}

static struct policy_name *name_add(struct parsing *s, struct span name)
{
	struct policy *p = s->p;
	struct policy_name *n = &p->names[p->n_names];

	if (name.len > NOTE_NAME_MAX)
		wrong(s, "a name is at most 127 bytes");
	else if (word_is(name, "none"))
		wrong(s, "\"none\" can't be defined: it means that no cosignature is needed");
	else if (name_find(p, name) != POLICY_NONE)
		wrong(s, "this name was defined before");
	else if (p->n_names == POLICY_NAMES_MAX)
		wrong(s, "more names than this program takes");
	else {
		*n = (struct policy_name){ .parent = POLICY_NONE, .witness = POLICY_NONE };
		memcpy(n->name, name.ptr, name.len);
		p->n_names++;
		return n;
	}
	return NULL;
}

static bool key_known(const struct note_key *keys, size_t n, const struct note_key *key)
{
	for (size_t i = 0; i < n; i++)
		if (!memcmp(keys[i].public_key, key->public_key, sizeof key->public_key))
			return true;
	return false;
}

static bool key_take(struct parsing *s, struct span vkey, uint8_t type, struct note_key *key)
{
	if (note_key_parse(key, vkey) != NOTE_OK || key->type != type) {
		wrong(s, type == NOTE_KEY_ED25519 ? "a log's public key (name+id+base64, Ed25519) is expected" :
						    "a witness's public key (name+id+base64, cosignature/v1) is expected");
		return false;
	}
	if (key_known(s->p->logs, s->p->n_logs, key) || key_known(s->p->witnesses, s->p->n_witnesses, key)) {
		wrong(s, "this key was listed before: one key has one role");
		return false;
	}
	return true;
}

static void log_line(struct parsing *s)
{
	struct note_key key;

	if (s->n_words < 2 || s->n_words > 3)
		wrong(s, "log <vkey> [<url>]");
	else if (s->p->n_logs == POLICY_LOGS_MAX)
		wrong(s, "more logs than this program takes");
	else if (key_take(s, s->words[1], NOTE_KEY_ED25519, &key))
		s->p->logs[s->p->n_logs++] = key;
}

static void witness_line(struct parsing *s)
{
	struct policy_name *name;
	struct note_key key;

	if (s->n_words < 3 || s->n_words > 4)
		wrong(s, "witness <name> <vkey> [<url>]");
	else if (s->p->n_witnesses == POLICY_WITNESSES_MAX)
		wrong(s, "more witnesses than one checkpoint can carry");
	else if (key_take(s, s->words[2], NOTE_KEY_COSIGNATURE, &key) && (name = name_add(s, s->words[1]))) {
		name->witness = s->p->n_witnesses;
		s->p->witnesses[s->p->n_witnesses++] = key;
	}
}

static bool threshold_of(struct span word, size_t n, size_t *out)
{
	uint64_t k = word_is(word, "any") ? 1 : n;

	if (!word_is(word, "any") && !word_is(word, "all") && !decimal_decode(word, &k))
		return false;
	*out = (size_t)k;
	return k >= 1 && k <= n;
}

static void group_line(struct parsing *s)
{
	size_t threshold = 0, group;
	struct policy_name *name;

	if (s->n_words < 4 || !threshold_of(s->words[2], s->n_words - 3, &threshold)) {
		wrong(s, "group <name> all|any|<k> <name>..., with k from 1 to the number of names");
		return;
	}
	name = name_add(s, s->words[1]);
	if (!name)
		return;
	group = s->p->n_names - 1;
	name->threshold = threshold;
	name->n_members = s->n_words - 3;
	for (size_t i = 3; i < s->n_words; i++) {
		size_t member = name_find(s->p, s->words[i]);

		if (member == POLICY_NONE || member == group)
			wrong(s, "a member is a witness or a group of the lines above");
		else if (s->p->names[member].parent != POLICY_NONE)
			wrong(s, "a name can be a member once, so that no witness counts twice");
		else
			s->p->names[member].parent = group;
	}
}

static void quorum_line(struct parsing *s)
{
	if (s->quorum_seen)
		wrong(s, "there can be only one quorum");
	s->quorum_seen = true;
	if (s->n_words != 2) {
		wrong(s, "quorum <name>|none");
		return;
	}
	s->p->quorum = name_find(s->p, s->words[1]);
	if (s->p->quorum == POLICY_NONE && !word_is(s->words[1], "none"))
		wrong(s, "the quorum is a witness or a group of the lines above, or none");
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* false: a character that a policy can't have, or more words than any line needs. */
static bool words_split(struct parsing *s, struct span line)
{
	s->n_words = 0;
	for (size_t i = 0; i < line.len;) {
		size_t start = i;

		while (i < line.len && !blank(line.ptr[i])) {
			if (line.ptr[i] < 0x20 || line.ptr[i] == 0x7f)
				return false;
			i++;
		}
		if (i > start && s->n_words == WORDS_MAX)
			return false;
		if (i > start)
			s->words[s->n_words++] = span_of(line.ptr + start, i - start);
		else
			i++;
	}
	return true;
}

static void line_take(struct parsing *s, struct span line)
{
	static const struct {
		const char *word;
		void (*take)(struct parsing *s);
	} kinds[] = { { "log", log_line }, { "witness", witness_line }, { "group", group_line }, { "quorum", quorum_line } };

	if (!words_split(s, line)) {
		wrong(s, "a control character, or too many words");
		return;
	}
	if (!s->n_words || s->words[0].ptr[0] == '#')
		return;
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
		if (word_is(s->words[0], kinds[i].word)) {
			kinds[i].take(s);
			return;
		}
	wrong(s, "a line begins with log, witness, group, quorum or #");
}

int policy_parse(struct span text, struct fault_list *faults, struct policy *out)
{
	struct parsing s = { .p = out, .faults = faults };
	size_t before = faults->n;

	memset(out, 0, sizeof *out);
	out->quorum = POLICY_NONE;
	if (text.len > POLICY_BYTES_MAX) {
		fault_add(faults, 0, 0, "a policy is at most %u bytes", POLICY_BYTES_MAX);
		return POLICY_E_FAULTS;
	}
	while (text.len) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t len = end ? (size_t)(end - text.ptr) : text.len;

		s.line++;
		if (!end)
			wrong(&s, "the last line has no newline: is the file whole?");
		line_take(&s, span_of(text.ptr, len));
		text = span_of(text.ptr + len + (end ? 1 : 0), text.len - len - (end ? 1 : 0));
	}
	if (!s.quorum_seen)
		fault_add(faults, 0, 0, "there is no quorum line");
	return faults->n == before ? POLICY_OK : POLICY_E_FAULTS;
}

/* ---- checking ---- */

static bool quorum_met(const struct policy *p, const struct policy_verdict *v)
{
	size_t count[POLICY_NAMES_MAX] = { 0 };

	if (p->quorum == POLICY_NONE)
		return true;
	for (size_t i = 0; i < p->n_names; i++) {
		const struct policy_name *n = &p->names[i];
		bool witnessed = n->witness == POLICY_NONE ? count[i] >= n->threshold : v->cosigned[n->witness];

		if (witnessed && i == p->quorum)
			return true;
		if (witnessed && n->parent != POLICY_NONE)
			count[n->parent]++;
	}
	return false;
}

/* The log that a checkpoint says it is of: its key, or NULL. */
static const struct note_key *log_of(const struct policy *p, const struct note_key *log_key, struct span note, struct checkpoint *c)
{
	struct span text, lines;

	if (note_split(note, &text, &lines) != NOTE_OK || checkpoint_parse(text, c) != CHECKPOINT_OK)
		return NULL;
	for (size_t i = 0; i < p->n_logs; i++)
		if (!strcmp(p->logs[i].name, c->origin) &&
		    (!log_key || !memcmp(p->logs[i].public_key, log_key->public_key, sizeof log_key->public_key)))
			return &p->logs[i];
	return !p->n_logs && log_key && !strcmp(log_key->name, c->origin) ? log_key : NULL;
}

int policy_check(const struct policy *p, const struct note_key *log_key, struct span note, struct policy_verdict *out)
{
	struct policy_verdict v = { 0 };
	struct span text, lines;
	struct note opened;
	int r;

	if (note_split(note, &text, &lines) != NOTE_OK || checkpoint_parse(text, &v.checkpoint) != CHECKPOINT_OK)
		return POLICY_E_CHECKPOINT;
	v.log = log_of(p, log_key, note, &v.checkpoint);
	if (!v.log)
		return POLICY_E_LOG;
	r = checkpoint_open(note, v.log, &v.checkpoint);
	if (r)
		return r < 0 ? err_pass(r) : POLICY_E_LOG;
	r = p->n_witnesses ? note_open(note, p->witnesses, p->n_witnesses, &opened) : NOTE_E_UNSIGNED;
	if (r < 0)
		return err_pass(r);
	if (r != NOTE_OK && r != NOTE_E_UNSIGNED)
		return POLICY_E_CHECKPOINT;
	for (size_t i = 0; r == NOTE_OK && i < opened.n_verified; i++) {
		v.cosigned[opened.verified[i]] = true;
		v.unix_s[opened.verified[i]] = opened.cosigned_unix_s[i];
		v.n_cosigned++;
	}
	*out = v;
	return quorum_met(p, &v) ? POLICY_OK : POLICY_E_QUORUM;
}

/* Whether a name is the quorum or somewhere below it. */
static bool counts(const struct policy *p, size_t name)
{
	for (; name != POLICY_NONE; name = p->names[name].parent)
		if (name == p->quorum)
			return true;
	return false;
}

void policy_missing(const struct policy *p, const struct policy_verdict *v, struct buffer *out)
{
	const char *before = "";

	for (size_t i = 0; i < p->n_names; i++) {
		const struct policy_name *n = &p->names[i];

		if (n->witness == POLICY_NONE || v->cosigned[n->witness] || !counts(p, i))
			continue;
		buffer_printf(out, "%s%s", before, n->name);
		before = ", ";
	}
}

const char *policy_error_text(int error)
{
	switch (error) {
	case POLICY_OK:
		return "the policy is met";
	case POLICY_E_CHECKPOINT:
		return "the checkpoint is malformed, or a witness's cosignature on it does not hold";
	case POLICY_E_LOG:
		return "the checkpoint is not signed by a log of the policy";
	case POLICY_E_QUORUM:
		return "too few witnesses have cosigned the checkpoint";
	default:
		return "unknown error";
	}
}

/* ---- printing ---- */

static bool first_of_organisation(const struct policy_member *v, size_t i, size_t n, size_t *n_nodes)
{
	*n_nodes = 0;
	for (size_t j = 0; j < n; j++)
		if (!strcmp(v[i].organisation, v[j].organisation)) {
			if (j < i)
				return false;
			++*n_nodes;
		}
	return true;
}

int policy_print(const struct note_key *log, const struct policy_member *v, size_t n, struct buffer *out)
{
	CLEANUP(buffer_fini) struct buffer members = { 0 };
	char vkey[NOTE_VKEY_SIZE];
	size_t n_organisations = 0, n_nodes;

	note_key_print(log, vkey);
	buffer_printf(out, "log %s\n", vkey);
	for (size_t i = 0; i < n; i++) {
		note_key_print(&v[i].key, vkey);
		buffer_printf(out, "witness %s %s\n", v[i].name, vkey);
	}
	for (size_t i = 0; i < n; i++) {
		if (!first_of_organisation(v, i, n, &n_nodes))
			continue;
		n_organisations++;
		if (n_nodes == 1) {
			buffer_printf(&members, " %s", v[i].name);
			continue;
		}
		buffer_printf(out, "group %s/nodes any", v[i].organisation);
		for (size_t j = i; j < n; j++)
			if (!strcmp(v[i].organisation, v[j].organisation))
				buffer_printf(out, " %s", v[j].name);
		buffer_printf(out, "\n");
		buffer_printf(&members, " %s/nodes", v[i].organisation);
	}
	buffer_u8(&members, 0);
	if (buffer_ok(&members))
		return err_raise(-ENOMEM);
	if (n_organisations)
		buffer_printf(out, "group partners %zu%s\nquorum partners\n", n_organisations / 2 + 1, (const char *)members.ptr);
	else
		buffer_text(out, "quorum none\n");
	return err_pass(buffer_ok(out));
}
