/* SPDX-License-Identifier: EUPL-1.2 */
/* Policies: what is a policy, and when it is met: compared with a plain recursive count over all subsets. */
#include "tests/unit/proto/helper.h"

#include "proto/policy.h"

#define ORIGIN "zvh.example/log-1"
#define N_WITNESSES 5

static struct note_key log_key, other_log, witnesses[N_WITNESSES];
static struct secret *log_secret, *other_secret, *secrets[N_WITNESSES];
static char vkeys[N_WITNESSES][NOTE_VKEY_SIZE], log_vkey[NOTE_VKEY_SIZE];

static int setup(void **state)
{
	char name[32];

	(void)state;
	log_secret = key_from_seed(1, ORIGIN, NOTE_KEY_ED25519, &log_key);
	other_secret = key_from_seed(2, ORIGIN, NOTE_KEY_ED25519, &other_log);
	note_key_print(&log_key, log_vkey);
	for (uint8_t i = 0; i < N_WITNESSES; i++) {
		snprintf(name, sizeof name, "knoop-%u." ORIGIN, i);
		secrets[i] = key_from_seed((uint8_t)(10 + i), name, NOTE_KEY_COSIGNATURE, &witnesses[i]);
		note_key_print(&witnesses[i], vkeys[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	secret_free(log_secret);
	secret_free(other_secret);
	for (size_t i = 0; i < N_WITNESSES; i++)
		secret_free(secrets[i]);
	return 0;
}

/* %0 .. %4: the witnesses' vkeys; %L the log's. */
static void policy_text(const char *form, struct buffer *out)
{
	for (; *form; form++) {
		if (*form == '%' && form[1] == 'L')
			buffer_text(out, log_vkey);
		else if (*form == '%')
			buffer_text(out, vkeys[form[1] - '0']);
		else
			buffer_u8(out, (uint8_t)*form);
		form += *form == '%';
	}
}

static void parse(const char *form, struct policy *p)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct fault_list faults;

	policy_text(form, &text);
	fault_list_init(&faults, "policy");
	if (policy_parse(buffer_span(&text), &faults, p) != POLICY_OK)
		fail_msg("%s\nrefused at line %u: %s", form, faults.v[0].line, faults.v[0].text);
}

static void refused(const char *form, unsigned line)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct fault_list faults;
	struct policy p;

	policy_text(form, &text);
	fault_list_init(&faults, "policy");
	if (policy_parse(buffer_span(&text), &faults, &p) != POLICY_E_FAULTS)
		fail_msg("accepted:\n%s", form);
	if (faults.v[0].line != line)
		fail_msg("line %u instead of %u: %s\n%s", faults.v[0].line, line, faults.v[0].text, form);
}

/* A checkpoint with the cosignatures of a set of witnesses, a bit each. */
static void checkpoint_note(unsigned set, const struct note_key *key, const struct secret *secret, struct buffer *note)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct checkpoint c = { .origin = ORIGIN, .size = 7, .root = { { 9 } } };

	assert_int_equal(checkpoint_print(&c, &text), 0);
	assert_int_equal(note_begin(note, buffer_span(&text)), NOTE_OK);
	assert_int_equal(note_sign(note, buffer_span(&text), key, secret), NOTE_OK);
	for (unsigned i = 0; i < N_WITNESSES; i++)
		if (set & 1u << i)
			assert_int_equal(note_cosign(note, buffer_span(&text), &witnesses[i], secrets[i], 1000 + i), NOTE_OK);
}

static int verdict_of(const struct policy *p, unsigned set, struct policy_verdict *v)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };

	checkpoint_note(set, &log_key, log_secret, &note);
	return policy_check(p, p->n_logs ? NULL : &log_key, buffer_span(&note), v);
}

#define FIVE "log %L\nwitness a %0\nwitness b %1\nwitness c %2\nwitness d %3\nwitness e %4\n"

/* Is a group's threshold reached, counted top down, unlike the code? */
static bool reached(const struct policy *p, size_t name, unsigned set)
{
	size_t n = 0;

	if (p->names[name].witness != POLICY_NONE)
		return set & 1u << p->names[name].witness;
	for (size_t i = 0; i < p->n_names; i++)
		n += p->names[i].parent == name && reached(p, i, set);
	return n >= p->names[name].threshold;
}

static void test_every_set(void **state)
{
	static const char *const forms[] = {
		FIVE "quorum none\n", FIVE "quorum c\n", FIVE "group g any a b\nquorum g\n", FIVE "group g all a b c d e\nquorum g\n",
		FIVE "group g 3 a b c d e\nquorum g\n", FIVE "group x 2 a b c\ngroup y any d e\ngroup z all x y\nquorum z\n",
		FIVE "group x all a b\ngroup y 1 c x\ngroup unused any d\nquorum y\n",
		"# a comment\n \t# another\n\n  log\t%L  https://log.example/ \nwitness a %0 https://a.example/\nquorum a\n",
		"witness a %0\nwitness b %1\nwitness c %2\nwitness d %3\nwitness e %4\ngroup g 2 a e\nquorum g\n", /* the log is known otherwise */
	};
	struct policy p;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
		parse(forms[i], &p);
		for (unsigned set = 0; set < 1u << N_WITNESSES; set++) {
			struct policy_verdict v = { 0 };
			bool met = p.quorum == POLICY_NONE || reached(&p, p.quorum, set);

			assert_int_equal(verdict_of(&p, set, &v), met ? POLICY_OK : POLICY_E_QUORUM);
			assert_int_equal(v.checkpoint.size, 7);
			for (size_t w = 0; w < p.n_witnesses; w++) {
				assert_int_equal(v.cosigned[w], (set & 1u << w) != 0);
				assert_int_equal(v.unix_s[w], set & 1u << w ? 1000 + w : 0);
			}
		}
	}
}

static void test_missing(void **state)
{
	CLEANUP(buffer_fini) struct buffer out = { 0 };
	struct policy_verdict v;
	struct policy p;

	(void)state;
	parse(FIVE "group x 2 a b c\ngroup y any d\ngroup z all x y\nquorum z\n", &p);
	assert_int_equal(verdict_of(&p, 0x12, &v), POLICY_E_QUORUM); /* b, and e who does not count */
	policy_missing(&p, &v, &out);
	assert_int_equal(out.len, strlen("a, c, d"));
	assert_memory_equal(out.ptr, "a, c, d", out.len);
}

static void test_not_a_policy(void **state)
{
	static const struct {
		const char *form;
		unsigned line;
	} bad[] = {
		{ "", 0 }, { "log %L\n", 0 }, { "quorum none", 1 }, { "quorum none\nquorum none\n", 2 }, { "quorum x\n", 1 },
		{ "quorum\n", 1 }, { "quorum none none\n", 1 }, { "log\nquorum none\n", 1 }, { "log %0\nquorum none\n", 1 },
		{ "log %L a b\nquorum none\n", 1 }, { "log %L\nlog %L\nquorum none\n", 2 }, { "witness a %L\nquorum none\n", 1 },
		{ "witness a %0\nwitness a %1\nquorum a\n", 2 }, { "witness a %0\nwitness b %0\nquorum a\n", 2 },
		{ "witness none %0\nquorum none\n", 1 }, { "witness a %0 u x\nquorum a\n", 1 }, { "group g any a\nquorum g\n", 1 },
		{ "witness a %0\ngroup g 0 a\nquorum g\n", 2 }, { "witness a %0\ngroup g 2 a\nquorum g\n", 2 },
		{ "witness a %0\ngroup g 01 a\nquorum g\n", 2 }, { "witness a %0\ngroup g any\nquorum a\n", 2 },
		{ "witness a %0\ngroup g any g\nquorum a\n", 2 }, { "witness a %0\ngroup g 1 none\nquorum a\n", 2 },
		{ "witness a %0\ngroup g 1 a a\nquorum g\n", 2 }, { "witness a %0\ngroup g any a\ngroup h any a\nquorum h\n", 3 },
		{ "witness a %0\ngroup a any a\nquorum a\n", 2 }, { "quorum a\nwitness a %0\n", 1 }, { "Log %L\nquorum none\n", 1 },
		{ "quorum none\r\n", 1 }, { "quorum \x01none\n", 1 }, { "quorum none\x7f\n", 1 },
	};
	CLEANUP(buffer_fini) struct buffer long_name = { 0 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		refused(bad[i].form, bad[i].line);
	buffer_text(&long_name, "witness ");
	for (size_t i = 0; i <= NOTE_NAME_MAX; i++)
		buffer_u8(&long_name, 'n');
	buffer_text(&long_name, " %0\nquorum none\n");
	buffer_u8(&long_name, 0);
	refused((const char *)long_name.ptr, 1);
}

/* As many as C2SP asks to support, and one more than we do. */
static void test_limits(void **state)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct fault_list faults;
	struct policy p;

	(void)state;
	buffer_text(&text, "log ");
	buffer_text(&text, log_vkey);
	buffer_u8(&text, '\n');
	for (uint8_t i = 0; i <= POLICY_WITNESSES_MAX; i++) {
		struct secret *secret;
		struct note_key key;
		char vkey[NOTE_VKEY_SIZE];

		if (i == POLICY_WITNESSES_MAX) {
			CLEANUP(buffer_fini) struct buffer full = { 0 };

			buffer_bytes(&full, buffer_span(&text));
			buffer_text(&full, "quorum none\n");
			fault_list_init(&faults, "policy");
			assert_int_equal(policy_parse(buffer_span(&full), &faults, &p), POLICY_OK);
			assert_int_equal(p.n_witnesses, POLICY_WITNESSES_MAX);
		}
		secret = key_from_seed((uint8_t)(100 + i), "w", NOTE_KEY_COSIGNATURE, &key);
		secret_free(secret);
		note_key_print(&key, vkey);
		buffer_printf(&text, "witness w%u %s\n", i, vkey);
	}
	buffer_text(&text, "quorum none\n");
	fault_list_init(&faults, "policy");
	assert_int_equal(policy_parse(buffer_span(&text), &faults, &p), POLICY_E_FAULTS);
}

static void test_whose(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 }, bent = { 0 };
	struct policy_verdict v;
	struct policy p;

	(void)state;
	parse(FIVE "group g 2 a b\nquorum g\n", &p);
	checkpoint_note(3, &other_log, other_secret, &note); /* the same origin, another key */
	assert_int_equal(policy_check(&p, NULL, buffer_span(&note), &v), POLICY_E_LOG);
	assert_int_equal(policy_check(&p, &other_log, buffer_span(&note), &v), POLICY_E_LOG); /* it is not listed */
	assert_int_equal(policy_check(&p, NULL, SPAN_LITERAL("x"), &v), POLICY_E_CHECKPOINT);
	buffer_reset(&note);
	checkpoint_note(3, &log_key, log_secret, &note);
	assert_int_equal(policy_check(&p, &log_key, buffer_span(&note), &v), POLICY_OK);
	assert_ptr_equal(v.log, &p.logs[0]);
	/* A line of a known witness that does not hold spoils the whole, also above the quorum. */
	buffer_reset(&note);
	checkpoint_note(7, &log_key, log_secret, &note);
	buffer_bytes(&bent, span_of(note.ptr, note.len - 4));
	buffer_u8(&bent, note.ptr[note.len - 4] == 'A' ? 'B' : 'A');
	buffer_bytes(&bent, span_of(note.ptr + note.len - 3, 3));
	assert_int_equal(policy_check(&p, NULL, buffer_span(&bent), &v), POLICY_E_CHECKPOINT);
}

static void test_printed(void **state)
{
	CLEANUP(buffer_fini) struct buffer text = { 0 };
	struct policy_member v[4] = { { "n0", "politie", witnesses[0] }, { "n1", "om", witnesses[1] }, { "n2", "politie", witnesses[2] },
				      { "n3", "ggz", witnesses[3] } };
	struct fault_list faults;
	struct policy_verdict verdict;
	struct policy p;

	(void)state;
	fault_list_init(&faults, "policy");
	assert_int_equal(policy_print(&log_key, v, 4, &text), 0);
	assert_int_equal(policy_parse(buffer_span(&text), &faults, &p), POLICY_OK);
	assert_int_equal(verdict_of(&p, 0x5, &verdict), POLICY_E_QUORUM); /* two nodes, one organisation of three */
	assert_int_equal(verdict_of(&p, 0x3, &verdict), POLICY_OK);
	assert_int_equal(verdict_of(&p, 0xa, &verdict), POLICY_OK);
	buffer_reset(&text);
	assert_int_equal(policy_print(&log_key, v, 0, &text), 0);
	assert_int_equal(policy_parse(buffer_span(&text), &faults, &p), POLICY_OK);
	assert_int_equal(p.quorum, POLICY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_set), cmocka_unit_test(test_missing), cmocka_unit_test(test_not_a_policy),
		cmocka_unit_test(test_limits),    cmocka_unit_test(test_whose),   cmocka_unit_test(test_printed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
