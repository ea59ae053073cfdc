/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * doctor: look for what is wrong, or soon will be. Each check says what it found and, when it is not well, what to do.
 *
 * With --home it looks at a node, with --house at a house; both may be given. Exit status 0 when nothing is wrong (warnings
 * allowed), 1 when something is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/env.h"
#include "base/keyfile.h"
#include "base/slots.h"
#include "client/cli/control.h"
#include "client/lib/local.h"

#define DAY_MS (UINT64_C(24) * 3600 * 1000)
#define SOON_MS (30 * DAY_MS)

enum verdict { WELL, WARN, WRONG };

struct doctor {
	const struct cli *cli;
	json_t *list;
	struct cli_table table;
	unsigned n_wrong, n_warn;
};

static void found(struct doctor *d, enum verdict v, const char *what, const char *text, const char *remedy)
{
	static const char *const words[] = { "ok", "warning", "wrong" };
	char line[900];

	d->n_wrong += v == WRONG;
	d->n_warn += v == WARN;
	if (d->cli->json) {
		json_array_append_new(d->list, json_pack("{s:s,s:s,s:s,s:s}", "check", what, "verdict", words[v], "text", text, "remedy",
							 v == WELL ? "" : remedy));
		return;
	}
	snprintf(line, sizeof line, "%s%s%s", text, v != WELL && *remedy ? " -> " : "", v != WELL ? remedy : "");
	cli_table_row(&d->table, (const char *const[]){ words[v], what, line });
}

static void check_folder(struct doctor *d, const char *what, const char *path)
{
	struct stat st;
	char text[700];

	if (stat(path, &st) != 0) {
		snprintf(text, sizeof text, "%s: %s", path, strerror(errno));
		found(d, WRONG, what, text, "is this the right folder?");
	} else if (st.st_mode & 077) {
		snprintf(text, sizeof text, "%s is open to others (mode %03o)", path, (unsigned)(st.st_mode & 0777));
		found(d, WRONG, what, text, "chmod 700");
	} else {
		snprintf(text, sizeof text, "%s is private", path);
		found(d, WELL, what, text, "");
	}
}

static void check_disk(struct doctor *d, const char *path)
{
	struct statvfs vfs;
	char text[200];
	uint64_t free_mib;

	if (statvfs(path, &vfs) != 0)
		return;
	free_mib = (uint64_t)vfs.f_bavail * vfs.f_frsize >> 20;
	snprintf(text, sizeof text, "%llu MiB free", (unsigned long long)free_mib);
	found(d, free_mib < 256 ? WRONG : free_mib < 2048 ? WARN : WELL, "disk", text, "make room: without it nothing is accepted");
}

/* The median of some fdatasync calls: a disk that answers in microseconds is not writing anything down. */
static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void check_sync(struct doctor *d, const char *folder)
{
	char path[700], text[200], block[4096] = { 1 };
	uint64_t us[15];
	int fd;

	snprintf(path, sizeof path, "%s/.doctor", folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		found(d, WRONG, "disk-sync", strerror(errno), "the folder must be writable by who runs this");
		return;
	}
	for (size_t i = 0; i < N_ELEMENTS(us); i++) {
		uint64_t start = now_us();

		us[i] = pwrite(fd, block, sizeof block, 0) == sizeof block && fdatasync(fd) == 0 ? now_us() - start : UINT64_MAX;
	}
	close(fd);
	unlink(path);
	qsort(us, N_ELEMENTS(us), sizeof us[0], by_size);
	snprintf(text, sizeof text, "a durable write takes %.2f ms (median of %zu)", (double)us[7] / 1000, N_ELEMENTS(us));
	found(d, us[7] == UINT64_MAX ? WRONG : us[7] < 5 ? WARN : us[7] > 50000 ? WARN : WELL, "disk-sync", text,
	      us[7] < 5 ? "so fast that nothing is written down: is this a memory disk?" : "a slow disk makes every question wait");
}

static void check_until(struct doctor *d, const char *what, const char *name, uint64_t until)
{
	uint64_t now = env_unix_ms(env_system());
	char text[300], when[CLI_TIME_SIZE];

	cli_time(until, when);
	snprintf(text, sizeof text, "%s holds until %s", name, when);
	found(d, now >= until ? WRONG : until - now < SOON_MS ? WARN : WELL, what, text, "have a new version signed in time");
}

static void check_rules(struct doctor *d, const struct rules *rules)
{
	if (rules->registry)
		check_until(d, "register", rules->registry->name, rules->registry->until_unix_ms);
	for (size_t i = 0; i < rules->n_convenanten; i++)
		check_until(d, "convenant", convenant_id(rules->convenanten[i]), convenant_until_ms(rules->convenanten[i]));
	if (rules->n_convenanten == 0)
		found(d, WARN, "convenant", "no convenant is in force", "sign one and publish it: knooppunt convenant sign, publish");
}

static void check_cached_rules(struct doctor *d, const char *folder)
{
	struct fault_list faults;
	struct rules rules = { 0 };
	struct buffer text;

	fault_list_init(&faults, "rules");
	if (local_rules(folder, &rules, &faults) == 0) {
		check_rules(d, &rules);
	} else {
		buffer_init(&text, 0);
		fault_list_print(&faults, &text);
		buffer_u8(&text, 0);
		found(d, WRONG, "rules", buffer_ok(&text) == 0 ? (const char *)text.ptr : "cannot be read", "fetch them anew: knooppunt node status");
		buffer_fini(&text);
	}
	rules_fini(&rules);
}

struct destroyed {
	size_t n_casussen, n_messages;
	uint64_t last_unix_ms;
};

static bool destroyed_count(void *ctx, const struct kp_destroyed *one)
{
	struct destroyed *all = ctx;

	all->n_casussen++;
	all->n_messages += one->n_messages;
	if (one->destroyed_unix_ms > all->last_unix_ms)
		all->last_unix_ms = one->destroyed_unix_ms;
	return true;
}

/* What of ended casussen was destroyed here. The partner's own systems are the partner's. */
static void check_destroyed(struct doctor *d, kp_node *node)
{
	struct destroyed all = { 0 };
	struct kp_error err = { 0 };
	char text[300], when[CLI_TIME_SIZE];

	if (kp_destroyed(node, destroyed_count, &all, &err) != KP_OK) {
		found(d, WRONG, "destroyed", err.text, err.remedy);
		return;
	}
	cli_time(all.last_unix_ms, when);
	snprintf(text, sizeof text, "%zu messages of %zu casussen were destroyed here%s%s; what this node passed on is not among them",
		 all.n_messages, all.n_casussen, all.n_casussen ? ", last " : "", when);
	found(d, WELL, "destroyed", all.n_casussen ? text : "no casus has ended yet", "");
}

static void check_node(struct doctor *d)
{
	struct kp_error err = { 0 };
	struct kp_status s = { 0 };
	char text[300], keys[600];
	kp_node *node = NULL;
	const char *home = d->cli->home ? d->cli->home : getenv("KNOOPPUNT_HOME");
	enum kp_result r;

	if (kp_open(home, &node, &err) != KP_OK) {
		found(d, WRONG, "home", err.text, err.remedy);
		return;
	}
	check_folder(d, "home", home);
	snprintf(keys, sizeof keys, "%s/keys", home);
	check_folder(d, "keys", keys);
	check_disk(d, home);
	check_sync(d, home);
	r = kp_sync(node, cli_timeout_ms(d->cli), &err);
	found(d, r == KP_OK ? WELL : WRONG, r == KP_UNVERIFIED ? "log" : "house",
	      r == KP_OK ? "reachable; its log extends what this node saw before" : err.text, err.remedy);
	if (kp_status(node, cli_timeout_ms(d->cli), &s, &err) == KP_OK) {
		found(d, s.admitted ? WELL : WARN, "admission", s.admitted ? "admitted" : "not admitted yet", "compare the phrase with the stewards");
		snprintf(text, sizeof text, "%zu messages wait for the house's receipt", s.outbox);
		found(d, s.outbox ? WARN : WELL, "outbox", text, "they are sent with the next connection: knooppunt node status");
		snprintf(text, sizeof text, "%zu questions wait for an answer", s.inbox);
		found(d, s.inbox ? WARN : WELL, "inbox", text, "see them: knooppunt inbox --new");
	}
	check_destroyed(d, node);
	check_cached_rules(d, home);
	kp_close(node);
}

static void check_house_key(struct doctor *d, const char *file, const char *use)
{
	struct keyfile key = { 0 };
	char path[700], text[900];
	int r;

	house_path(d->cli, file, path, sizeof path);
	r = keyfile_read(path, use, &key);
	snprintf(text, sizeof text, "%s: %s", file, r == KEYFILE_OK ? "well" : r > 0 ? keyfile_error_text(r) : "cannot be read");
	found(d, r == KEYFILE_OK ? WELL : WRONG, "key", text, "restore it from the backup");
	keyfile_fini(&key);
}

static void check_key_store(struct doctor *d)
{
	static const char *const words[] = { [SLOTS_E_ABSENT] = "is not there", [SLOTS_E_BROKEN] = "is damaged or something else",
					     [SLOTS_E_DENIED] = "is not private to its owner, or can't be read" };
	struct slots_options options = { 0 };
	struct slots *slots = NULL;
	char path[700], text[900];
	int r;

	house_path(d->cli, "keys/store.slots", path, sizeof path);
	options.path = path;
	r = slots_open(&options, &slots);
	snprintf(text, sizeof text, "keys/store.slots: %s",
		 r == SLOTS_OK ? "well" : r > 0 && (size_t)r < N_ELEMENTS(words) && words[r] ? words[r] : "cannot be read");
	found(d, r == SLOTS_OK ? WELL : WRONG, "key-store", text, "put back its newest copy, never an older one");
	slots_close(slots);
}

/* What the house found when it last went through its own log. */
static void check_self(struct doctor *d, const json_t *status)
{
	const json_t *self = json_object_get(status, "self_check");
	const char *state = json_string_value(json_object_get(self, "state")), *fault = json_string_value(json_object_get(self, "fault"));
	uint64_t age = (uint64_t)json_integer_value(json_object_get(self, "age_ms"));
	long long entries = (long long)json_integer_value(json_object_get(self, "checked_entries"));
	long long position = (long long)json_integer_value(json_object_get(self, "position"));
	long long of = (long long)json_integer_value(json_object_get(self, "of"));
	char text[400];

	if (state && strcmp(state, "gebroken") == 0) {
		snprintf(text, sizeof text, "the log is broken: %.300s", fault ? fault : "");
		found(d, WRONG, "self-check", text, "nothing is signed any more. Keep data/ as it is; docs/operating.md, Restore");
	} else if (!json_integer_value(json_object_get(self, "checked_unix_ms"))) {
		snprintf(text, sizeof text, "the first check of the whole log is under way: %lld of %lld entries", position, of);
		found(d, WELL, "self-check", text, "");
	} else {
		snprintf(text, sizeof text, "%lld entries were hashed again and held, %llu hours ago", entries,
			 (unsigned long long)(age / 3600000));
		found(d, age > 3 * DAY_MS ? WARN : WELL, "self-check", text,
		      "the house is too busy to check itself: audit verify does it from outside");
	}
}

/* And when it last took its own decisions again. */
static void check_decisions(struct doctor *d, const json_t *status)
{
	const json_t *of = json_object_get(json_object_get(status, "self_check"), "decisions");
	const char *fault = json_string_value(json_object_get(of, "fault"));
	long long agreed = (long long)json_integer_value(json_object_get(of, "agreed"));
	char text[400];

	if (fault && *fault) {
		snprintf(text, sizeof text, "%.300s", fault);
		found(d, WRONG, "decisions", text, "the log is whole. audit replay --since says which decisions do not agree, and why");
	} else if (!json_integer_value(json_object_get(of, "checked_unix_ms"))) {
		found(d, WELL, "decisions", "not all were taken again yet", "");
	} else {
		snprintf(text, sizeof text, "%lld were taken again and agree", agreed);
		found(d, WELL, "decisions", text, "");
	}
}

/* Who vouches for the log, and whether one of them showed another. */
static void check_fork(struct doctor *d, const json_t *status)
{
	const json_t *fork = json_object_get(status, "fork");
	char text[300];

	if (json_is_object(fork)) {
		snprintf(text, sizeof text, "node %s showed a head that this log signed and does not hold: this house has stopped its work",
			 json_string_value(json_object_get(fork, "node")));
		found(d, WRONG, "witnesses", text, "data_dir and keeper_dir were set back or copied: see docs/operating.md, Restore");
		return;
	}
	snprintf(text, sizeof text, "%zu nodes witness the log; the best head has %lld entries",
		 json_array_size(json_object_get(status, "witnesses")), (long long)json_integer_value(json_object_get(status, "cosigned_size")));
	found(d, WELL, "witnesses", text, "");
}

static void check_live_house(struct doctor *d)
{
	struct cli quiet = *d->cli;
	struct control *control;
	json_t *status = NULL;
	char text[200];

	quiet.json = 0;
	control = control_open(&quiet);
	if (!control) {
		found(d, WRONG, "daemon", "does not answer on its control socket", "start it: knooppuntd --config knooppunt.yaml");
		return;
	}
	if (control_json(control, IPC_CTL_STATUS, SPAN_NONE, &status) == KP_OK) {
		snprintf(text, sizeof text, "up, %lld entries in the log", (long long)json_integer_value(json_object_get(status, "size")));
		found(d, WELL, "daemon", text, "");
		check_self(d, status);
		check_decisions(d, status);
		check_fork(d, status);
	}
	json_decref(status);
	control_close(control);
}

static void check_house(struct doctor *d)
{
	char path[700];

	check_folder(d, "house", house_folder(d->cli));
	house_path(d->cli, "keys", path, sizeof path);
	check_folder(d, "keys", path);
	check_house_key(d, "keys/log.key", "log");
	check_house_key(d, "keys/store.key", "store");
	check_key_store(d);
	house_path(d->cli, "stewards", path, sizeof path);
	if (access(path, F_OK) == 0)
		check_folder(d, "stewards", path);
	check_disk(d, house_folder(d->cli));
	check_sync(d, house_folder(d->cli));
	check_cached_rules(d, house_folder(d->cli));
	check_live_house(d);
}

int cmd_doctor(struct cli *cli, int argc, const char **argv)
{
	struct doctor d = { .cli = cli };
	struct poptOption options[] = { POPT_TABLEEND };
	const char *home;
	int status = cli_parse(cli, options, argc, argv, 0, 0);

	if (status != CLI_GO)
		return status;
	home = cli->home ? cli->home : getenv("KNOOPPUNT_HOME");
	if (!home && !cli->house && !getenv("KNOOPPUNT_HOUSE"))
		return cli_usage(cli, "--home DIR or --house DIR is missing: what is to be looked at?");
	d.list = json_array();
	cli_table_init(&d.table, 3, (const char *const[]){ "VERDICT", "CHECK", "FOUND" });
	if (home)
		check_node(&d);
	if (cli->house || (!home && getenv("KNOOPPUNT_HOUSE")))
		check_house(&d);
	if (cli->json)
		cli_json(json_pack("{s:i,s:i,s:O}", "wrong", (int)d.n_wrong, "warnings", (int)d.n_warn, "checks", d.list));
	else
		cli_table_print(&d.table);
	json_decref(d.list);
	cli_table_fini(&d.table);
	return d.n_wrong ? KP_ERROR : KP_OK;
}
