/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * bench: a house, an asker and an answerer of its own, on this machine; one JSON line per load. See bench/README.md.
 *
 * Asker and answerer are forked before anything here touches ZeroMQ. The asker marks the begin and the end of its measured time
 * on a pipe; at both moments the costs of all processes are read.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/house.h"
#include "bench/load.h"
#include "bench/probe.h"
#include "client/cli/cli.h"

enum who { WHO_PARENT, WHO_GATE, WHO_CORE, WHO_KEEPER, WHO_ASKER, WHO_ANSWERER, WHO_N };
static const char *const who_names[WHO_N] = { "parent", "gate", "core", "keeper", "asker", "answerer" };

struct moment {
	struct probe probes[WHO_N];
	json_t *figures;
};

struct bench {
	struct cli *cli;
	struct bench_house house;
	pid_t pids[WHO_N];
	struct load_options load;
	char why[400];
};

static void look(struct bench *b, struct moment *m)
{
	char *status;

	for (size_t i = 0; i < WHO_N; i++)
		probe_read(b->pids[i], &m->probes[i]);
	status = bench_house_status(&b->house);
	m->figures = status ? json_loads(status, 0, NULL) : NULL;
	free(status);
}

static pid_t fork_answerer(struct bench *b, int *stop)
{
	char why[400] = "";
	int pipe_fd[2];
	pid_t pid;

	if (pipe(pipe_fd) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(pipe_fd[1]);
		if (load_answer(&b->load, pipe_fd[0], why) != 0) {
			fprintf(stderr, "knooppunt: bench: answerer: %s\n", why);
			_exit(1);
		}
		_exit(0);
	}
	close(pipe_fd[0]);
	*stop = pipe_fd[1];
	return pid;
}

static pid_t fork_asker(struct bench *b, int *from)
{
	struct load_result result;
	char why[400] = "";
	int pipe_fd[2];
	pid_t pid;

	if (pipe(pipe_fd) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(pipe_fd[0]);
		b->load.ready_fd = pipe_fd[1];
		if (load_ask(&b->load, &result, why) != 0 || write(pipe_fd[1], &result, sizeof result) != sizeof result) {
			fprintf(stderr, "knooppunt: bench: asker: %s\n", why);
			_exit(1);
		}
		_exit(0);
	}
	close(pipe_fd[1]);
	*from = pipe_fd[0];
	return pid;
}

static bool read_all(int fd, void *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)out + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

static double per(uint64_t value, uint64_t n)
{
	return n ? (double)value / (double)n : 0;
}

static uint64_t figure(const struct moment *m, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(m->figures, key));
}

static void report(const struct bench *b, const struct load_result *r, const struct moment *from, const struct moment *to)
{
	uint64_t n = r->exchanges;
	double seconds = (double)r->measured_us / 1e6;
	json_t *cpu = json_object(), *rss = json_object();

	for (size_t i = 0; i < WHO_N; i++) {
		json_object_set_new(cpu, who_names[i], json_real(per(to->probes[i].cpu_us - from->probes[i].cpu_us, n)));
		json_object_set_new(rss, who_names[i], json_integer((json_int_t)to->probes[i].rss_bytes));
	}
	cli_json(json_pack("{s:I,s:f,s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:o,s:f,s:f,s:o,s:I,s:I,s:I}", "in_flight", (json_int_t)b->load.in_flight,
			   "seconds", seconds, "exchanges", (json_int_t)n, "exchanges_per_s", (double)n / seconds, "messages_per_s",
			   2 * (double)n / seconds, "receipt_p50_ms", (double)r->receipt_us_p50 / 1e3, "receipt_p99_ms",
			   (double)r->receipt_us_p99 / 1e3, "answer_p50_ms", (double)r->answer_us_p50 / 1e3, "answer_p99_ms",
			   (double)r->answer_us_p99 / 1e3, "cpu_us_per_exchange", cpu, "fsyncs_per_exchange",
			   per(figure(to, "fsyncs") - figure(from, "fsyncs"), n), "journal_bytes_per_exchange",
			   per(figure(to, "journal_bytes") - figure(from, "journal_bytes"), n), "rss_bytes", rss, "log_entries",
			   (json_int_t)figure(to, "size"), "refused", (json_int_t)r->refused, "bad", (json_int_t)r->bad));
}

/* One load: fork both, watch the asker's marks, print. */
static int measure(struct bench *b)
{
	struct moment from = { 0 }, to = { 0 };
	struct load_result result;
	int stop = -1, marks = -1, status_asker = 0, status_answerer = 0, r = KP_ERROR;
	char mark;

	b->pids[WHO_ANSWERER] = fork_answerer(b, &stop);
	b->pids[WHO_ASKER] = fork_asker(b, &marks);
	if (read_all(marks, &mark, 1)) {
		look(b, &from);
		if (read_all(marks, &mark, 1)) {
			look(b, &to);
			if (read_all(marks, &result, sizeof result)) {
				report(b, &result, &from, &to);
				r = KP_OK;
			}
		}
	}
	close(marks);
	close(stop); /* readable at its end: the answerer stops */
	waitpid(b->pids[WHO_ASKER], &status_asker, 0);
	waitpid(b->pids[WHO_ANSWERER], &status_answerer, 0);
	json_decref(from.figures);
	json_decref(to.figures);
	return r == KP_OK && status_asker == 0 && status_answerer == 0 ? KP_OK : KP_ERROR;
}

/* knooppuntd beside this command: installed, or in a build folder. */
static bool find_daemon(struct bench *b, const char *given)
{
	static const char *const places[] = { "/knooppuntd", "/../sbin/knooppuntd", "/../../daemon/knooppuntd" };
	char self[400], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		return false;
	self[n] = 0;
	snprintf(b->house.command, sizeof b->house.command, "%s", self);
	if (given) {
		snprintf(b->house.daemon, sizeof b->house.daemon, "%s", given);
		return access(given, X_OK) == 0;
	}
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	for (size_t i = 0; i < N_ELEMENTS(places); i++) {
		snprintf(b->house.daemon, sizeof b->house.daemon, "%s%s", self, places[i]);
		if (access(b->house.daemon, X_OK) == 0)
			return true;
	}
	return false;
}

static int run_loads(struct bench *b, const struct cli_list *loads, int seconds)
{
	int status = KP_OK;

	b->load = (struct load_options){ .asker_home = b->house.asker, .asker = BENCH_ASKER, .answerer_home = b->house.answerer,
					 .answerer = BENCH_ANSWERER, .casus = b->house.casus, .regime = "OVERIG", .overleg = "nazorg",
					 .grondslag = "Bjsg 11a bis", .doel = "nazorg", .category = "woonsituatie.onderdak",
					 .warmup_ms = 1000, .measure_ms = (uint32_t)seconds * 1000 };
	for (size_t i = WHO_PARENT; i <= WHO_KEEPER; i++)
		b->pids[i] = probe_role(b->house.pid, who_names[i]);
	for (size_t i = 0; status == KP_OK && i < loads->n; i++) {
		b->load.in_flight = (size_t)strtoul(loads->v[i], NULL, 10);
		status = measure(b);
	}
	return status;
}

int cmd_bench(struct cli *cli, int argc, const char **argv)
{
	struct bench b = { .cli = cli };
	struct cli_list loads;
	char **in_flight = NULL, *folder = NULL, *daemon = NULL;
	int seconds = 5, status;
	struct poptOption options[] = {
		{ "in-flight", 0, POPT_ARG_ARGV, &in_flight, 0, "exchanges under way at a time; several make several lines (default 1,64)", "N,N" },
		{ "seconds", 0, POPT_ARG_INT, &seconds, 0, "how long each is measured, default 5", "N" },
		{ "folder", 0, POPT_ARG_STRING, &folder, 0,
		  "where to make the house: a new folder, kept afterwards (default: one here, removed afterwards)", "DIR" },
		{ "daemon", 0, POPT_ARG_STRING, &daemon, 0, "knooppuntd to measure (default: the one beside this command)", "FILE" },
		POPT_TABLEEND,
	};

	status = cli_parse(cli, options, argc, argv, 0, 0);
	if (status != CLI_GO)
		return status;
	if (cli_list_of(in_flight, &loads) != 0 ||
	    (loads.n == 0 && (cli_list_add(&loads, "1") != 0 || cli_list_add(&loads, "64") != 0)))
		return KP_ERROR;
	for (size_t i = 0; i < loads.n; i++) {
		unsigned long n = strtoul(loads.v[i], NULL, 10);

		if (n < 1 || n > 1000)
			return cli_usage(cli, "--in-flight takes numbers from 1 to 1000");
	}
	if (seconds < 1 || seconds > 600)
		return cli_usage(cli, "--seconds is 1 to 600");
	if (!find_daemon(&b, daemon))
		return cli_trouble(cli, KP_USAGE, "bench", "knooppuntd is not beside this command", "name it with --daemon FILE");
	if (folder)
		snprintf(b.house.folder, sizeof b.house.folder, "%s", folder);
	else
		snprintf(b.house.folder, sizeof b.house.folder, "./knooppunt-bench-%d", (int)getpid());
	cli_share(b.house.share, sizeof b.house.share);
	if (bench_house_start(&b.house, b.why) != 0)
		status = cli_trouble(cli, KP_ERROR, "bench", b.why, "");
	else
		status = run_loads(&b, &loads, seconds);
	bench_house_stop(&b.house);
	if (!folder && status == KP_OK)
		bench_house_remove(&b.house);
	cli_list_fini(&loads);
	return status;
}
