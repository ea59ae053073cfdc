/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The lists hold what a role was seen to need (strace over the tests and the load generator) plus what the C library may call in
 * its place on another kernel or machine. What is refused kills: an error code would let a taken process try on. These exceptions
 * answer with an error, because a library asks by way of trial and has a second way:
 *
 *   clone3          its flags stand in memory, where a filter can't see them: glibc falls back to clone, which is checked
 *   openat (gate)   glibc's malloc asks /proc for the overcommit policy before it gives a thread's memory back
 *   stat (gate)     until it is bound: glibc reads a numeric address only after a look at nsswitch.conf
 *
 * Landlock by raw system calls: glibc has no wrappers. Rights are cut to what the kernel's version knows (best effort downwards,
 * never upwards); the header of the build machine is older than many kernels, so newer rights are spelled out here.
 */
#include "daemon/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#ifdef KP_SANITIZED
#define SANITIZED true
#else
#define SANITIZED false
#endif

int sandbox_limits(void)
{
	const struct rlimit none = { 0, 0 };

	if (SANITIZED)
		return 0;
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return err_raise(-errno);
	return 0;
}

/* ---- files ---- */

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_V1 ((UINT64_C(1) << 13) - 1)
#define RIGHT_REFER (UINT64_C(1) << 13)    /* version 2 */
#define RIGHT_TRUNCATE (UINT64_C(1) << 14) /* version 3 */
/* Of a file that is not a folder the kernel accepts only these. */
#define RIGHTS_OF_FILE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | RIGHT_TRUNCATE)

struct rights_v1 {
	uint64_t fs; /* the later fields of landlock_ruleset_attr belong to later versions */
};

static void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int path_allow(int rules, const struct sandbox_path *p, uint64_t known)
{
	uint64_t rights = (p->write ? known & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE : RIGHTS_READ) & known;
	CLEANUP(closep) int fd = open(p->path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_raise(-errno);
	beneath.parent_fd = fd;
	beneath.allowed_access = S_ISDIR(st.st_mode) ? rights : rights & RIGHTS_OF_FILE;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
		return err_raise(-errno);
	return 0;
}

int sandbox_files(const struct sandbox_path *paths, size_t n)
{
	CLEANUP(closep) int rules = -1;
	struct rights_v1 handled = { RIGHTS_V1 };
	long version;

	if (SANITIZED)
		return SANDBOX_OK;
	version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1) {
		log_warn("sandbox-weak", "missing=landlock error=%d", errno);
		return SANDBOX_E_ABSENT;
	}
	handled.fs |= (version >= 2 ? RIGHT_REFER : 0) | (version >= 3 ? RIGHT_TRUNCATE : 0);
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
	if (rules < 0)
		return err_raise(-errno);
	for (size_t i = 0; i < n; i++) {
		int r = path_allow(rules, &paths[i], handled.fs);

		if (r)
			return err_pass(r);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, rules, 0))
		return err_raise(-errno);
	return SANDBOX_OK;
}

/* ---- system calls ---- */

#define CALL(name) SCMP_SYS(name)
#define END_OF_LIST INT_MIN

/* Memory, time, reading and writing what is open, ending. */
static const int calls_all[] = {
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(recvfrom), CALL(sendto), CALL(recvmsg), CALL(sendmsg), CALL(close),
	CALL(poll), CALL(ppoll), CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(mlock), CALL(munlock),
	CALL(futex), CALL(clock_gettime), CALL(clock_nanosleep), CALL(gettimeofday), CALL(restart_syscall),
	CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(getpid), CALL(gettid), CALL(exit), CALL(exit_group), CALL(tgkill),
	END_OF_LIST,
};
/* What two roles share that have threads and many sockets. */
static const int calls_threads[] = {
	CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(eventfd2), CALL(getrandom), CALL(sched_yield),
	CALL(sched_getaffinity), CALL(sched_setaffinity), CALL(accept4), CALL(accept), CALL(setsockopt), CALL(getsockopt),
	CALL(getsockname), CALL(getpeername), CALL(shutdown), CALL(fcntl), CALL(lseek), CALL(membarrier), CALL(sched_getparam),
	CALL(sched_getscheduler), CALL(sched_setscheduler), CALL(prlimit64), CALL(getrusage), CALL(nanosleep), CALL(uname),
	END_OF_LIST,
};
/* Until the gate is bound and draws the filter tighter. */
static const int calls_binding[] = {
	CALL(socket), CALL(bind), CALL(listen), CALL(connect), CALL(socketpair), CALL(prctl), CALL(seccomp), END_OF_LIST,
};

static const int calls_keeper[] = { CALL(pwrite64), CALL(fdatasync), END_OF_LIST };

/* LMDB, the journal, the control socket. Which files: sandbox_files(). */
static const int calls_core[] = {
	CALL(openat), CALL(open), CALL(newfstatat), CALL(fstat), CALL(stat), CALL(lstat), CALL(statx), CALL(statfs), CALL(fstatfs),
	CALL(access), CALL(faccessat), CALL(faccessat2), CALL(getdents64), CALL(pread64), CALL(pwrite64), CALL(preadv), CALL(pwritev),
	CALL(fdatasync), CALL(fsync), CALL(msync), CALL(sync_file_range), CALL(ftruncate), CALL(fallocate), CALL(fadvise64),
	CALL(flock), CALL(rename), CALL(renameat), CALL(renameat2), CALL(unlink), CALL(unlinkat), CALL(mkdir), CALL(mkdirat),
	CALL(rmdir), CALL(link), CALL(linkat), CALL(fchmod), CALL(fchmodat), CALL(chmod), CALL(umask), CALL(bind), CALL(listen),
	CALL(timerfd_create), CALL(timerfd_settime), CALL(mincore), CALL(geteuid), CALL(getuid), CALL(getegid), CALL(getgid),
	CALL(readlink), CALL(readlinkat), CALL(getcwd), CALL(dup), CALL(pipe2), CALL(sysinfo),
	END_OF_LIST,
};

static int rules_allow(scmp_filter_ctx filter, const int *calls)
{
	int r = 0;

	for (; *calls != END_OF_LIST && !r; calls++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, *calls, 0);
	return r;
}

/* No memory that can be run: not asked for, not turned into it. */
static int rules_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp not_run = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mmap), 1, not_run);

	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mprotect), 1, not_run);
}

/* A thread that was made a moment ago registers itself, under whichever filter stands by then. */
static int rules_new_thread(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(rseq), 0);

	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(set_robust_list), 0);
}

/* Threads of this process, never processes. */
static int rules_clone(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(clone), 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM));

	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
	/* glibc sets the handlers of its own two signals when the first thread is made. */
	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(rt_sigaction), 0);
	return r ? r : rules_new_thread(filter);
}

/* A thread gives itself a name; nothing else of prctl(), which could make the process readable again. */
static int rules_prctl(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
}

static int rules_gate(scmp_filter_ctx filter, bool bound)
{
	int r = rules_allow(filter, calls_threads);

	if (!r && bound)
		r = rules_prctl(filter);
	if (!r && !bound)
		r = rules_clone(filter);
	if (!r && !bound)
		r = rules_allow(filter, calls_binding);
	if (!r && bound)
		r = rules_new_thread(filter);
	if (!r && !bound)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), CALL(newfstatat), 0);
	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), CALL(openat), 0);
}

static int rules_core(scmp_filter_ctx filter)
{
	int r = rules_allow(filter, calls_threads);

	if (!r)
		r = rules_prctl(filter);
	if (!r)
		r = rules_clone(filter);
	if (!r)
		r = rules_allow(filter, calls_core);
	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
}

static int rules_of(scmp_filter_ctx filter, enum sandbox_role role)
{
	switch (role) {
	case SANDBOX_GATE:
		return rules_gate(filter, false);
	case SANDBOX_GATE_BOUND:
		return rules_gate(filter, true);
	case SANDBOX_CORE:
		return rules_core(filter);
	case SANDBOX_KEEPER:
		return rules_allow(filter, calls_keeper);
	case SANDBOX_ROLES:
		break;
	}
	return -EINVAL;
}

static void filter_releasep(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

int sandbox_lock(enum sandbox_role role)
{
	CLEANUP(filter_releasep) scmp_filter_ctx filter = NULL;
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_raise(-errno);
	if (SANITIZED)
		return 0;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return err_raise(-ENOMEM);
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!r)
		r = rules_allow(filter, calls_all);
	if (!r)
		r = rules_memory(filter);
	if (!r)
		r = rules_of(filter, role);
	if (!r)
		r = seccomp_load(filter);
	return r ? err_raise(r) : 0;
}
