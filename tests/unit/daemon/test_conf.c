/* SPDX-License-Identifier: EUPL-1.2 */
/* Settings: defaults, faults with their places, what a role gets to know, and that the table's other faces agree with it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "daemon/conf/conf.h"
#include "tests/lib/harness.h"

static struct conf *good(const char *text)
{
	struct fault_list faults;
	struct conf *c = NULL;
	int r;

	fault_list_init(&faults, "house.yaml");
	r = conf_parse(span_of_text(text), "/etc/house", &faults, &c);
	if (r)
		fail_msg("%d: %s", r, faults.n ? faults.v[0].text : "no fault");
	return c;
}

/* The faults of a bad text, as they are shown. */
static void bad(const char *text, const char *expected)
{
	struct fault_list faults;
	struct conf *c = NULL;
	struct buffer shown;

	fault_list_init(&faults, "f");
	CHECK_IS(conf_parse(span_of_text(text), "/etc/house", &faults, &c), CONF_E_FAULTS);
	assert_null(c);
	buffer_init(&shown, 0);
	fault_list_print(&faults, &shown);
	buffer_u8(&shown, 0);
	assert_string_equal((const char *)shown.ptr, expected);
	buffer_fini(&shown);
}

static void test_defaults(void **state UNUSED)
{
	CLEANUP(conf_freep) struct conf *c = good("log_level: info\n");

	assert_string_equal(conf_text(c, "listen"), "tcp://127.0.0.1:5570");
	assert_string_equal(conf_text(c, "data_dir"), "/etc/house/data");
	assert_string_equal(conf_text(c, "control_socket"), "/etc/house/control.sock");
	assert_string_equal(conf_text(c, "log_level"), "info");
	assert_string_equal(conf_text(c, "user"), "");
	assert_int_equal(conf_uint(c, "max_message_kib"), 1024);
	assert_int_equal(conf_uint(c, "checkpoint_ms"), 1000);
}

/* Every default is a value that could have been written. */
static void test_every_default_can_be_written(void **state UNUSED)
{
	size_t n;
	const struct conf_item *items = conf_items(&n);

	for (size_t i = 0; i < n; i++) {
		CLEANUP(conf_freep) struct conf *c = NULL;
		char text[512];

		assert_non_null(items[i].otherwise);
		assert_true(items[i].roles && *items[i].help);
		snprintf(text, sizeof text, items[i].type == CONF_UINT ? "%s: %s\n" : "%s: \"%s\"\n", items[i].key,
			 items[i].otherwise);
		c = good(text);
		assert_non_null(c);
	}
}

static void test_values(void **state UNUSED)
{
	CLEANUP(conf_freep) struct conf *c = good("listen: tcp://[::1]:0\ndata_dir: /srv/house\nkeeper_dir: ../keeper\n"
						  "verify_threads: 0\nuser: \"a b\"\n");

	assert_string_equal(conf_text(c, "listen"), "tcp://[::1]:*");
	assert_string_equal(conf_text(c, "data_dir"), "/srv/house");
	assert_string_equal(conf_text(c, "keeper_dir"), "/etc/house/../keeper");
	assert_int_equal(conf_uint(c, "verify_threads"), 0);
	assert_string_equal(conf_text(c, "user"), "a b");
}

static void test_faults_have_places(void **state UNUSED)
{
	bad("log_level: warn\nspeed: fast\n", "f:2:1: the key speed is unknown here\n");
	bad("batch_max: 0\n", "f:1:12: batch_max: must be a whole number from 1 to 4096\n");
	bad("batch_max: 4097\n", "f:1:12: batch_max: must be a whole number from 1 to 4096\n");
	bad("batch_max: -1\n", "f:1:12: batch_max: must be a whole number from 1 to 4096\n");
	bad("batch_max: 1e3\n", "f:1:12: batch_max: must be a whole number from 1 to 4096\n");
	bad("batch_max: 010\n", "f:1:12: batch_max: must be a whole number from 1 to 4096\n");
	bad("batch_max: [1]\n", "f:1:12: batch_max: one value is expected\n");
	bad("log_level: loud\n", "f:1:12: log_level: must be one of error warn info debug\n");
	bad("data_dir: \"\"\n", "f:1:11: data_dir: must be a path\n");
	bad("log_level: warn\nlog_level: info\n", "f:2:1: the key log_level is already on line 1\n");
	bad("- a\n", "f:1:1: a map (key: value) is expected here, not a list\n");
	/* All of them at once. */
	bad("batch_max: x\nmap_gib: y\n", "f:1:12: batch_max: must be a whole number from 1 to 4096\n"
					  "f:2:10: map_gib: must be a whole number from 1 to 16384\n");
}

static void test_endpoints(void **state UNUSED)
{
	static const char *const fine[] = { "tcp://127.0.0.1:1", "tcp://*:5570", "tcp://0.0.0.0:65535", "tcp://[::]:*", "tcp://10.1.2.3:0" };
	static const char *const wrong[] = {
		"5570", "127.0.0.1:5570", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1",
		"tcp://127.0.0.1:05570", "tcp://localhost:5570", "tcp://:5570", "tcp://::1:5570", "tcp://[::1:5570", "ipc:///tmp/x",
		"inproc://x", "tcp://1.2.3:1", "tcp://127.0.0.1:5570 ", "tcp://eth0:5570", "tcp://127.0.0.1;10.0.0.1:5570",
	};

	for (size_t i = 0; i < N_ELEMENTS(fine); i++) {
		char text[128];

		snprintf(text, sizeof text, "listen: \"%s\"\n", fine[i]);
		conf_free(good(text));
	}
	for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
		char text[128];

		snprintf(text, sizeof text, "listen: \"%s\"\n", wrong[i]);
		bad(text, "f:1:9: listen: must be tcp://ADDRESS:PORT with a numeric address ([...] for IPv6) or *\n");
	}
}

static void test_keeper_apart_from_data(void **state UNUSED)
{
	static const char why[] = ": keeper_dir: must lie apart from data_dir, or a restore of the one would set back the other\n";
	char expected[256];

	snprintf(expected, sizeof expected, "f:2:13%s", why);
	bad("data_dir: /srv/house\nkeeper_dir: /srv/house/keeper\n", expected);
	bad("data_dir: /srv/house\nkeeper_dir: /srv/house\n", expected);
	bad("data_dir: /srv/house/data\nkeeper_dir: /srv/house/\n", expected);
	conf_free(good("data_dir: /srv/house\nkeeper_dir: /srv/house2\n"));
}

static void test_long_paths(void **state UNUSED)
{
	char text[1400], folder[1201];

	memset(folder, 'a', sizeof folder - 1);
	folder[sizeof folder - 1] = '\0';
	snprintf(text, sizeof text, "data_dir: /%s\n", folder);
	bad(text, "f:1:11: data_dir: must be 1 to 1000 bytes long as a full path\n");
	snprintf(text, sizeof text, "control_socket: /%.107s\n", folder);
	bad(text, "f:1:17: control_socket: must be 1 to 107 bytes long as a full path\n");
}

/* A role's part holds its settings and no others, and reads back as it was. */
static void test_a_role_gets_its_part(void **state UNUSED)
{
	static const unsigned roles[] = { IPC_GATE, IPC_CORE, IPC_KEEPER, CONF_PARENT };
	CLEANUP(conf_freep) struct conf *c = good("batch_max: 7\nuser: \"x=y\"\n");
	size_t n;
	const struct conf_item *items = conf_items(&n);

	for (size_t role = 0; role < N_ELEMENTS(roles); role++) {
		CLEANUP(conf_freep) struct conf *part = NULL;
		struct buffer lines;

		buffer_init(&lines, 0);
		CHECK_OK(conf_for_role(c, roles[role], &lines));
		CHECK_OK(conf_from_role(buffer_span(&lines), &part));
		buffer_u8(&lines, 0);
		for (size_t i = 0; i < n; i++) {
			char line[128];

			snprintf(line, sizeof line, "%s=", items[i].key);
			if (items[i].roles & roles[role])
				assert_string_equal(conf_text(part, items[i].key), conf_text(c, items[i].key));
			else
				assert_true(strstr((const char *)lines.ptr, line) == NULL || text_equal(items[i].key, "user"));
		}
		buffer_fini(&lines);
	}
	/* The keys stand with those who use them. */
	for (size_t i = 0; i < n; i++) {
		if (text_equal(items[i].key, "log_key"))
			assert_int_equal(items[i].roles & (IPC_GATE | IPC_CORE), 0);
		if (text_equal(items[i].key, "store_key"))
			assert_int_equal(items[i].roles & (IPC_GATE | IPC_KEEPER), 0);
		if (text_equal(items[i].key, "transport_cert"))
			assert_int_equal(items[i].roles & (IPC_CORE | IPC_KEEPER), 0);
	}
}

static void test_a_part_is_read_strictly(void **state UNUSED)
{
	static const char *const wrong[] = {
		"batch_max=1", "batch_max\n", "speed=1\n", "=1\n", "\n", "batch_max=0\n", "batch_max=1\nbatch_max=1\n",
		"listen=tcp://x:1\n", "data_dir=data\n", "batch_max=1\n\n",
	};
	struct conf *c = NULL;

	for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
		CHECK_IS(conf_from_role(span_of_text(wrong[i]), &c), -EPROTO);
	CHECK_IS(conf_from_role(SPAN_LITERAL("user=a\0b\n"), &c), -EPROTO);
	CHECK_OK(conf_from_role(SPAN_NONE, &c));
	conf_free(c);
}

static void test_the_dump_is_a_configuration(void **state UNUSED)
{
	CLEANUP(conf_freep) struct conf *c = good("batch_max: 7\nuser: 'quote\" and \\ backslash'\ndata_dir: /a b\n"), *again = NULL;
	struct buffer text, second;

	buffer_init(&text, 0);
	buffer_init(&second, 0);
	CHECK_OK(conf_dump(c, &text));
	buffer_u8(&text, 0);
	again = good((const char *)text.ptr);
	text.len--;
	CHECK_OK(conf_dump(again, &second));
	CHECK_SPAN(buffer_span(&second), buffer_span(&text));
	buffer_fini(&text);
	buffer_fini(&second);
}

/* docs/man/knooppuntd.8 tells of every setting in the table's own words. */
static void test_the_manual_page_agrees(void **state UNUSED)
{
	struct buffer page, part;

	buffer_init(&part, 0);
	conf_manual(&part);
	CHECK_OK(buffer_ok(&part));
	test_file("../docs/man/knooppuntd.8", &page);
	if (!memmem(page.ptr, page.len, part.ptr, part.len))
		fail_msg("the section SETTINGS of docs/man/knooppuntd.8 must be:\n%.*s", (int)part.len, (const char *)part.ptr);
	buffer_fini(&page);
	buffer_fini(&part);
}

static void test_from_a_file(void **state UNUSED)
{
	CLEANUP(test_folder_freep) char *folder = test_folder_new();
	CLEANUP(conf_freep) struct conf *c = NULL, *linked = NULL;
	struct fault_list faults;
	char real[PATH_MAX], expected[PATH_MAX + 16];

	assert_non_null(realpath(folder, real));
	snprintf(expected, sizeof expected, "%s/data", real);
	fault_list_init(&faults, "f");
	CHECK_IS(conf_read(test_path(folder, "house.yaml"), &faults, &c), CONF_E_ABSENT);
	CHECK_OK(file_write(test_path(folder, "house.yaml"), SPAN_LITERAL("log_level: info\n"), 0644));
	CHECK_OK(conf_read(test_path(folder, "house.yaml"), &faults, &c));
	assert_string_equal(conf_text(c, "data_dir"), expected);
	/* Through a link, the folder is that of the file itself. */
	CHECK_OK(mkdir(test_path(folder, "other"), 0700));
	CHECK_OK(symlink("../house.yaml", test_path(folder, "other/link.yaml")));
	CHECK_OK(conf_read(test_path(folder, "other/link.yaml"), &faults, &linked));
	assert_string_equal(conf_text(linked, "data_dir"), expected);
	CHECK_IS(conf_read(folder, &faults, &c), CONF_E_ABSENT);
}

static void test_a_fault_at_a_setting(void **state UNUSED)
{
	CLEANUP(conf_freep) struct conf *c = good("log_level: info\nlog_key: /k\n");
	struct fault_list faults;

	fault_list_init(&faults, "f");
	conf_fault(c, &faults, "log_key", "%s: is gone", "/k");
	conf_fault(c, &faults, "store_key", "is gone");
	assert_int_equal(faults.v[0].line, 2);
	assert_int_equal(faults.v[0].column, 10);
	assert_string_equal(faults.v[0].text, "log_key: /k: is gone");
	assert_int_equal(faults.v[1].line, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_default_can_be_written),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults_have_places),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_keeper_apart_from_data),
		cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_a_role_gets_its_part),
		cmocka_unit_test(test_a_part_is_read_strictly),
		cmocka_unit_test(test_the_dump_is_a_configuration),
		cmocka_unit_test(test_the_manual_page_agrees),
		cmocka_unit_test(test_from_a_file),
		cmocka_unit_test(test_a_fault_at_a_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
