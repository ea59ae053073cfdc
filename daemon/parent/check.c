/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What --check looks at beyond the file itself, and what every start looks at first: better one list of what is wrong than a
 * process that dies of the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/zcert.h"
#include "daemon/parent/inside.h"

static int key_check(const struct conf *conf, const char *setting, const char *use, struct fault_list *faults)
{
	const char *path = conf_text(conf, setting);
	struct keyfile key = { 0 };
	int r = keyfile_read(path, use, &key);

	keyfile_fini(&key);
	if (r < 0)
		return err_pass(r);
	if (r)
		conf_fault(conf, faults, setting, "%s: %s", path, keyfile_error_text(r));
	return 0;
}

static int cert_check(const struct conf *conf, struct fault_list *faults)
{
	const char *path = conf_text(conf, "transport_cert");
	struct zcert public = { 0 }, secret = { 0 };
	int r = zcert_read_public(path, &public);

	if (r > 0)
		conf_fault(conf, faults, "transport_cert", "%s: %s", path, keyfile_error_text(r));
	if (r >= 0)
		r = zcert_read_secret(path, &secret);
	if (r > 0)
		conf_fault(conf, faults, "transport_cert", "%s_secret: %s", path, keyfile_error_text(r));
	if (public.name[0] && secret.secret && memcmp(public.public_key, secret.public_key, 32))
		conf_fault(conf, faults, "transport_cert", "%s: not the public half of %s_secret", path, path);
	zcert_fini(&public);
	zcert_fini(&secret);
	return r < 0 ? err_pass(r) : 0;
}

static void socket_check(const struct conf *conf, struct fault_list *faults)
{
	const char *path = conf_text(conf, "control_socket");
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		conf_fault(conf, faults, "control_socket", "%s: is there, and is no socket", path);
}

/* Made with the house, never by a start: a new one in the place of a lost one would hide the loss. */
static void key_store_check(const struct conf *conf, struct fault_list *faults)
{
	const char *path = conf_text(conf, "key_store");
	struct stat st;

	if (lstat(path, &st))
		conf_fault(conf, faults, "key_store", "%s: %s", path,
			   errno == ENOENT ? "is not there; put back its newest copy" : strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		conf_fault(conf, faults, "key_store", "%s: must be a plain file, owned by who reads it, with mode 0600", path);
}

static void folder_check(const struct conf *conf, const char *setting, struct fault_list *faults)
{
	const char *path = conf_text(conf, setting);
	struct stat st;

	if (stat(path, &st))
		return; /* made when absent */
	if (!S_ISDIR(st.st_mode))
		conf_fault(conf, faults, setting, "%s: is no folder", path);
	else if (st.st_mode & 07)
		conf_fault(conf, faults, setting, "%s: is open to others; chmod o= it", path);
	else if (access(path, R_OK | W_OK | X_OK))
		conf_fault(conf, faults, setting, "%s: may not be written to", path);
}

int check_settings(const struct conf *conf, struct fault_list *faults)
{
	int r = key_check(conf, "log_key", "log", faults);

	if (!r)
		r = key_check(conf, "store_key", "store", faults);
	if (!r)
		r = cert_check(conf, faults);
	if (r)
		return err_pass(r);
	socket_check(conf, faults);
	key_store_check(conf, faults);
	folder_check(conf, "data_dir", faults);
	folder_check(conf, "keeper_dir", faults);
	return 0;
}

int user_become(const struct conf *conf)
{
	const char *name = conf_text(conf, "user");
	const struct passwd *user;

	if (geteuid() != 0 || !*name)
		return 0;
	user = getpwnam(name);
	if (!user) {
		log_error("no-such-user", "user=%s", name);
		return err_raise(-ENOENT);
	}
	if (initgroups(name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid)) {
		log_error("can-not-become", "user=%s reason=%s", name, strerrordesc_np(errno));
		return err_raise(-errno);
	}
	/* Once gone, root must not come back. */
	if (user->pw_uid != 0 && (setuid(0) == 0 || setgid(0) == 0))
		return err_raise(-EPERM);
	return 0;
}
