/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/house.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define ARGS_MAX 24
#define OUTPUT_MAX 16384

/* Run one command; its standard output in out (text), its trouble in why. 0 when it exited with 0. */
static int run(const char *const *args, char *out, size_t size, char why[400])
{
	int to_us[2], status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(to_us, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (dup2(to_us[1], 1) >= 0 && dup2(to_us[1], 2) >= 0)
			execv(args[0], (char *const *)(uintptr_t)args);
		_exit(127);
	}
	close(to_us[1]);
	while (len + 1 < size && (n = read(to_us[0], out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = 0;
	close(to_us[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	snprintf(why, 400, "%s %s: %.250s", args[1], args[2] ? args[2] : "", out);
	return -1;
}

#define RUN(h, out, why, ...) \
	run((const char *const[ARGS_MAX]){ (h)->command, __VA_ARGS__, NULL }, (out), sizeof(out), (why))

/* Two nodes carry here what a house's hundred carry: the limits on one node are widened, so that they are not what is measured. */
static int widen(const struct bench_house *h, char why[400])
{
	static const char limits[] = "queue_messages: 10000\nrate_per_node: 100000\nrate_burst: 100000\n";
	char config[600];
	bool written;
	int fd;

	snprintf(config, sizeof config, "%s/knooppunt.yaml", h->house);
	fd = open(config, O_WRONLY | O_APPEND | O_CLOEXEC);
	written = fd >= 0 && write(fd, limits, sizeof limits - 1) == (ssize_t)(sizeof limits - 1);
	if (!written)
		snprintf(why, 400, "cannot write %.300s", config);
	if (fd >= 0)
		close(fd);
	return written ? 0 : -1;
}

static int start_daemon(struct bench_house *h, char why[400])
{
	char config[600], log[600], fd[16], line[300] = "";
	int ready[2], err;
	ssize_t n;

	snprintf(config, sizeof config, "%s/knooppunt.yaml", h->house);
	snprintf(log, sizeof log, "%s/daemon.log", h->folder);
	if (pipe(ready) != 0)
		return -1;
	snprintf(fd, sizeof fd, "%d", ready[1]);
	h->pid = fork();
	if (h->pid == 0) {
		close(ready[0]);
		err = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		if (err >= 0 && dup2(err, 2) >= 0)
			execl(h->daemon, h->daemon, "--config", config, "--ready-fd", fd, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	n = read(ready[0], line, sizeof line - 1);
	close(ready[0]);
	if (n > 5 && strncmp(line, "ready", 5) == 0)
		return 0;
	snprintf(why, 400, "%.180s did not start; see %.180s", h->daemon, log);
	return -1;
}

static int join(const struct bench_house *h, const char *organisation, const char *home, char why[400])
{
	char out[OUTPUT_MAX], file[600];
	int r, fd;

	r = RUN(h, out, why, "house", "invite", organisation, "--house", h->house, "--steward", "beheerder-1");
	if (r)
		return r;
	snprintf(file, sizeof file, "%s/%s.uitnodiging", h->folder, organisation);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, out, strlen(out)) != (ssize_t)strlen(out)) {
		snprintf(why, 400, "cannot write %.200s", file);
		r = -1;
	}
	if (fd >= 0)
		close(fd);
	if (r == 0)
		r = RUN(h, out, why, "node", "join", file, "--home", home, "--person", "mdw-1", "--role", "systeem");
	if (r == 0)
		r = RUN(h, out, why, "house", "admit", organisation, "--house", h->house, "--steward", "beheerder-1", "--yes");
	if (r == 0)
		r = RUN(h, out, why, "house", "admit", organisation, "--house", h->house, "--steward", "beheerder-2", "--yes");
	if (r == 0)
		r = RUN(h, out, why, "node", "status", "--home", home, "--timeout", "20");
	return r;
}

static int agree(const struct bench_house *h, char why[400])
{
	char out[OUTPUT_MAX], yaml[700], note[600];
	int r;

	snprintf(yaml, sizeof yaml, "%s/examples/drenthe/convenant.yaml", h->share);
	snprintf(note, sizeof note, "%s/convenant.note", h->folder);
	r = RUN(h, out, why, "convenant", "sign", yaml, "--output", note, "--home", h->asker);
	if (r == 0)
		r = RUN(h, out, why, "convenant", "sign", note, "--home", h->answerer);
	if (r == 0)
		r = RUN(h, out, why, "convenant", "publish", note, "--house", h->house);
	return r;
}

/* The casus that all questions are about: notified, consent recorded, the answerer involved. */
static int open_casus(struct bench_house *h, char why[400])
{
	char out[OUTPUT_MAX], *found;
	int r;

	r = RUN(h, out, why, "casus", "notify", "--home", h->asker, "--as", BENCH_ASKER, "--regime", "OVERIG",
		"--overleg", "nazorg", "--grondslag", "Bjsg 11a bis", "--doel", "nazorg", "--json");
	if (r)
		return r;
	found = strstr(out, "\"casus\":\"");
	if (!found || strlen(found) < 9 + 36) {
		snprintf(why, 400, "casus notify printed no casus: %.200s", out);
		return -1;
	}
	snprintf(h->casus, sizeof h->casus, "%.36s", found + 9);
	r = RUN(h, out, why, "consent", h->casus, "--home", h->asker, "--as", BENCH_ASKER, "--given", "2026-11-01", "--grondslag",
		"Bjsg 11a bis", "--doel", "nazorg");
	if (r == 0)
		r = RUN(h, out, why, "casus", "involve", h->casus, "--home", h->asker, "--as", BENCH_ASKER, "--add", BENCH_ANSWERER,
			"--grondslag", "Bjsg 11a bis", "--doel", "nazorg");
	return r;
}

int bench_house_start(struct bench_house *h, char why[400])
{
	char out[OUTPUT_MAX];
	int r;

	snprintf(h->house, sizeof h->house, "%s/huis", h->folder);
	snprintf(h->asker, sizeof h->asker, "%s/vrager", h->folder);
	snprintf(h->answerer, sizeof h->answerer, "%s/antwoorder", h->folder);
	if (mkdir(h->folder, 0700) != 0) {
		snprintf(why, 400, "%.300s: %s", h->folder, strerror(errno));
		return -1;
	}
	r = RUN(h, out, why, "house", "init", "--house", h->house, "--example", "drenthe", "--origin", "bench.example/log-1", "--listen",
		"tcp://127.0.0.1:0");
	if (r == 0)
		r = widen(h, why);
	if (r == 0)
		r = start_daemon(h, why);
	if (r == 0)
		r = join(h, "zvhd", h->asker, why);
	if (r == 0)
		r = join(h, "gemeente-assen", h->answerer, why);
	if (r == 0)
		r = agree(h, why);
	if (r == 0)
		r = open_casus(h, why);
	return r;
}

void bench_house_stop(struct bench_house *h)
{
	if (h->pid <= 0)
		return;
	kill(h->pid, SIGTERM);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	h->pid = 0;
}

void bench_house_remove(const struct bench_house *h)
{
	if (file_remove_tree(h->folder) != FILE_OK)
		fprintf(stderr, "knooppunt: bench: %s could not be removed\n", h->folder);
}

char *bench_house_status(const struct bench_house *h)
{
	char out[OUTPUT_MAX], why[400];

	if (RUN(h, out, why, "house", "status", "--house", h->house, "--json") != 0)
		return NULL;
	return strdup(out);
}
