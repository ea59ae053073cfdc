/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The folder of a node: what joining leaves there, who may read it, and what is said when it is not as it
 * should be. Then the calls that misuse the API: each must say what does not fit.
 */
#include "tests/unit/client/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define NOBODY "tcp://127.0.0.1:1"

static struct paper_house house;
static const char *politie, *nazorg;

static int group_setup(void **state)
{
	(void)state;
	paper_house_new(&house, NOBODY);
	politie = paper_join(&house, "politie", (const char *const[]) { "politie-noord-nederland", NULL });
	nazorg = paper_join(&house, "zvhd",
			    (const char *const[]) { "zvhd-nazorg", "zvhd-procesregie", NULL });
	paper_rules(&house, politie);
	paper_rules(&house, nazorg);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	paper_house_free(&house);
	return 0;
}

/* Every file and folder below. */
static size_t closed_to_others(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	size_t n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		assert_int_equal(fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW), 0);
		if (st.st_mode & 077)
			fail_msg("%s/%s is open to others", folder, e->d_name);
		n += 1 + (S_ISDIR(st.st_mode) ? closed_to_others(test_path(folder, e->d_name)) : 0);
	}
	closedir(dir);
	return n;
}

static void test_closed(void **state)
{
	kp_node *node = paper_open(nazorg);

	(void)state;
	assert_string_equal(kp_house(node), "drenthe");
	assert_string_equal(kp_node_id(node), "zvhd");
	assert_string_equal(kp_home(node), nazorg);
	assert_string_equal(kp_default_hoedanigheid(node), "");
	kp_close(node);
	node = paper_open(politie);
	assert_string_equal(kp_default_hoedanigheid(node), "politie-noord-nederland");
	kp_close(node);
	assert_true(closed_to_others(nazorg) > 12);
}

static void expect(const char *home, enum kp_result want, const char *stage, const char *word)
{
	struct kp_error err = { 0 };
	kp_node *node = NULL;

	assert_int_equal(kp_open(home, &node, &err), want);
	assert_null(node);
	assert_string_equal(err.side, "here");
	assert_string_equal(err.stage, stage);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not name %s", err.text, word);
	assert_true(*err.remedy);
	assert_int_equal(kp_open(home, &node, NULL), want);
}

static void test_open_to_others(void **state)
{
	const char *key = test_path(politie, "keys/node.key");

	(void)state;
	assert_int_equal(chmod(key, 0640), 0);
	expect(politie, KP_ERROR, "keys", "node.key");
	assert_int_equal(chmod(key, 0600), 0);
	assert_int_equal(chmod(politie, 0750), 0);
	expect(politie, KP_ERROR, "home", "open to other users");
	assert_int_equal(chmod(politie, 0700), 0);
	kp_close(paper_open(politie));
}

static void test_damaged(void **state)
{
	CLEANUP(buffer_fini) struct buffer yaml = { 0 }, trust = { 0 };
	CLEANUP(test_folder_freep) char *empty = test_folder_new();
	const char *node_yaml = test_path(politie, "node.yaml"), *trust_file = test_path(politie, "trust");

	(void)state;
	expect(test_path(empty, "nowhere"), KP_USAGE, "home", "no folder");
	expect(empty, KP_USAGE, "home", "node.yaml");
	CHECK_OK(file_read(node_yaml, 1u << 20, &yaml));
	CHECK_OK(file_read(trust_file, 1u << 20, &trust));
	CHECK_OK(file_write(node_yaml, SPAN_LITERAL("huis: x\nwie: dan\n"), 0600));
	expect(politie, KP_ERROR, "home", "node.yaml:");
	CHECK_OK(file_write(node_yaml, buffer_span(&yaml), 0600));
	CHECK_OK(file_write(trust_file, SPAN_LITERAL("quorum 2\n"), 0600));
	expect(politie, KP_ERROR, "home", "trust");
	CHECK_OK(file_write(trust_file, buffer_span(&trust), 0600));
	kp_close(paper_open(politie));
}

/* A cache that does not hold together is no reason to fail: the node asks the house again. */
static void test_stale_rules(void **state)
{
	CLEANUP(buffer_fini) struct buffer note = { 0 };
	const char *file = test_path(politie, "rules/register.note");
	kp_node *node;

	(void)state;
	CHECK_OK(file_read(file, 1u << 22, &note));
	note.ptr[100] ^= 1;
	CHECK_OK(file_write(file, buffer_span(&note), 0600));
	node = paper_open(politie);
	assert_null(node->rules.registry);
	kp_close(node);
	note.ptr[100] ^= 1;
	CHECK_OK(file_write(file, buffer_span(&note), 0600));
	node = paper_open(politie);
	assert_non_null(node->rules.registry);
	kp_close(node);
}

static void test_other_invitation(void **state)
{
	CLEANUP(buffer_fini) struct buffer invitation = { 0 };
	struct kp_join join = { .person = "mdw-1" };
	char phrase[KP_PHRASE_SIZE];
	struct kp_error err;

	(void)state;
	paper_invite(&house, "om", (const char *const[]) { "om-noord-nederland", NULL }, &invitation, NULL);
	buffer_u8(&invitation, 0);
	join.invitation = (const char *)invitation.ptr;
	assert_int_equal(kp_join(politie, &join, phrase, &err), KP_USAGE);
	assert_non_null(strstr(err.text, "another invitation"));
	join.person = "../mdw";
	assert_int_equal(kp_join(test_path(house.folder, "om"), &join, phrase, &err), KP_USAGE);
	assert_non_null(strstr(err.text, "pseudonym"));
	join.person = NULL;
	assert_int_equal(kp_join(test_path(house.folder, "om"), &join, phrase, NULL), KP_USAGE);
	join.person = "mdw-1";
	join.invitation = "nonsense";
	assert_int_equal(kp_join(test_path(house.folder, "om"), &join, phrase, &err), KP_USAGE);
}

static void test_twice_in_one_process(void **state)
{
	kp_node *node = paper_open(politie), *second = NULL;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_open(politie, &second, &err), KP_ERROR);
	assert_non_null(strstr(err.text, "open already"));
	kp_close(node);
}

/* --- misuse --- */

static void misuse(kp_node *node, const struct kp_message_out *m, const char *word)
{
	struct kp_error err = { 0 };
	struct kp_sent sent;

	assert_int_equal(kp_send(node, m, 0, &sent, &err), KP_USAGE);
	assert_int_equal(sent.result, KP_USAGE);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not name %s", err.text, word);
	assert_string_equal(sent.message_id, "");
	kp_sent_fini(&sent);
	assert_int_equal(kp_send(node, m, 0, &sent, NULL), KP_USAGE);
	kp_sent_fini(&sent);
}

static void test_misuse_of_send(void **state)
{
	static const char *const to[] = { "politie-noord-nederland", NULL }, *const nobody[] = { "niemand",
												 NULL };
	const struct kp_part nameless = { .content = "{}" }, vraag = { .category = "vraag", .content = "{}" };
	kp_node *node = paper_open(nazorg);
	size_t outbox, fresh;

	(void)state;
	misuse(node, NULL, "no message");
	misuse(node, &(struct kp_message_out) { .kind = NULL }, "kind");
	misuse(node, &(struct kp_message_out) { .kind = "ontvangst", .as = "zvhd-nazorg" }, "ontvangst");
	misuse(node, &(struct kp_message_out) { .kind = "verzoek" }, "2 hoedanigheden");
	misuse(node, &(struct kp_message_out) { .kind = "verzoek", .as = "politie-noord-nederland" },
	       "politie-noord-nederland");
	misuse(node, &(struct kp_message_out) { .kind = "verzoek", .as = "zvhd-nazorg", .person = "iemand" },
	       "iemand");
	misuse(node, &(struct kp_message_out) { .kind = "verzoek", .as = "zvhd-nazorg", .casus = "12" },
	       "casus");
	misuse(node,
	       &(struct kp_message_out) {
		       .kind = "verzoek", .as = "zvhd-nazorg", .parts = &vraag, .n_parts = 1 },
	       "to:");
	misuse(node,
	       &(struct kp_message_out) {
		       .kind = "verzoek", .as = "zvhd-nazorg", .to = to, .parts = &nameless, .n_parts = 1 },
	       "category");
	misuse(node,
	       &(struct kp_message_out) {
		       .kind = "verzoek", .as = "zvhd-nazorg", .to = to, .parts = &vraag, .n_parts = 33 },
	       "parts");
	misuse(node,
	       &(struct kp_message_out) {
		       .kind = "verzoek", .as = "zvhd-nazorg", .to = nobody, .parts = &vraag, .n_parts = 1 },
	       "niemand");
	misuse(node,
	       &(struct kp_message_out) {
		       .kind = "antwoord", .as = "zvhd-nazorg", .to = to, .answer_kind = "MISSCHIEN" },
	       "MISSCHIEN");
	misuse(node,
	       &(struct kp_message_out) {
		       .kind = "antwoord", .as = "zvhd-nazorg", .to = to, .answer_kind = "GEGEVENS" },
	       "GEGEVENS");
	misuse(node, &(struct kp_message_out) { .kind = "geopend", .as = "zvhd-nazorg", .to = to },
	       "in_reply_to");
	CHECK_OK(state_counts(node->state, &outbox, &fresh));
	assert_int_equal(outbox, 0); /* nothing of it was stored */
	kp_close(node);
}

static void test_misuse_of_the_rest(void **state)
{
	kp_node *node = paper_open(politie);
	struct kp_message_in *m = NULL;
	struct kp_sent sent;
	struct kp_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(kp_ask(node, &(struct kp_message_out) { .kind = "verzoek" }, 0, &sent, &err),
			 KP_USAGE);
	assert_int_equal(kp_ask(node, NULL, 0, &sent, NULL), KP_USAGE);
	assert_int_equal(kp_read(node, "x", false, &m, &err), KP_USAGE);
	assert_int_equal(kp_read(node, "00000000-0000-7000-8000-000000000000", false, &m, &err), KP_NONE);
	assert_int_equal(kp_claim(node, "kletspraat", &m, &err), KP_USAGE);
	assert_int_equal(kp_claim(node, NULL, &m, &err), KP_NONE);
	assert_int_equal(kp_done(node, "00000000-0000-7000-8000-000000000000", KP_ITEM_DONE, &err), KP_NONE);
	assert_int_equal(kp_done(node, NULL, KP_ITEM_DONE, NULL), KP_USAGE);
	assert_int_equal(kp_answer(node, NULL, &(struct kp_reply){ .kind = "GEGEVENS" }, 0, &sent, &err), KP_USAGE);
	kp_sent_fini(&sent);
	assert_int_equal(kp_inbox(node, "x", NULL, NULL, &err), KP_USAGE);
	assert_int_equal(kp_inbox(node, NULL, NULL, NULL, NULL), KP_USAGE);
	assert_int_equal(kp_ladder(node, "x", 0, NULL, NULL, &err), KP_USAGE);
	assert_int_equal(kp_records(node, NULL, 0, NULL, NULL, NULL, &err), KP_USAGE);
	assert_int_equal(kp_casus_list(node, 0, NULL, NULL, &err), KP_USAGE);
	assert_int_equal(kp_status(node, 0, NULL, &err), KP_USAGE);
	assert_int_equal(kp_mandate_grant(node, NULL, 0, &err), KP_USAGE);
	assert_int_equal(kp_may_i(node, NULL, NULL, &text, NULL), KP_USAGE);
	assert_null(text);
	kp_sent_fini(NULL);
	kp_message_in_free(NULL);
	kp_receipt_view_free(NULL);
	kp_close(node);
	kp_close(NULL);
}

/* Without a house: what was asked waits on disk, and says so. */
static void test_unreachable(void **state)
{
	static const char *const to[] = { "politie-noord-nederland", NULL };
	const struct kp_part vraag = { .category = "vraag", .content = "{}" };
	const struct kp_message_out m = {
		.kind = "verzoek", .as = "zvhd-nazorg", .to = to, .parts = &vraag, .n_parts = 1
	};
	kp_node *node = paper_open(nazorg);
	struct kp_status status;
	struct kp_sent sent;
	struct kp_error err;

	(void)state;
	assert_int_equal(kp_send(node, &m, 0, &sent, &err), KP_UNREACHABLE);
	assert_int_equal(sent.result, KP_UNREACHABLE);
	assert_int_equal(strlen(sent.message_id), 36);
	assert_null(sent.receipt);
	assert_string_equal(err.side, "house");
	kp_sent_fini(&sent);
	assert_int_equal(kp_status(node, 0, &status, &err), KP_UNREACHABLE);
	assert_false(status.reachable);
	assert_false(status.admitted);
	assert_int_equal(status.outbox, 2); /* the mandate and the question */
	assert_true(status.register_sequence > 1);
	assert_int_equal(strlen(status.phrase), 23);
	assert_int_equal(kp_receive(node, 0, &err), KP_UNREACHABLE);
	assert_int_equal(kp_sync(node, 0, &err), KP_UNREACHABLE);
	kp_close(node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),		 cmocka_unit_test(test_open_to_others),
		cmocka_unit_test(test_damaged),		 cmocka_unit_test(test_stale_rules),
		cmocka_unit_test(test_other_invitation), cmocka_unit_test(test_twice_in_one_process),
		cmocka_unit_test(test_misuse_of_send),	 cmocka_unit_test(test_misuse_of_the_rest),
		cmocka_unit_test(test_unreachable),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
