/* Limits and privileges. */
#include "process.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/open_files.h"
#include "base/log.h"
#include "base/obj.h"

enum {
	FILES_WANTED = 262144, /* as the unit has it */
};

/* To the hard limit; and that, where we may. What cannot be raised stays. */
static void raise_descriptors(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		return;
	if (rl.rlim_max < FILES_WANTED) {
		const struct rlimit more = { FILES_WANTED, FILES_WANTED };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return;
	}
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) != 0)
		errno = 0;
}

void process_check_files(const struct conf *c)
{
	struct open_files f;
	unsigned calls, wanted = conf_calls_possible(c);

	open_files_count(&f);
	calls = (f.limit > FILES_BESIDE ? f.limit - FILES_BESIDE : 0) /
		FILES_OF_CALL;
	if (calls < wanted)
		log_event(MSG_SYS_OPEN_FILES, NULL, L_INT("limit", f.limit),
			L_INT("calls", calls), L_INT("wanted", wanted));
}

static void hide_memory(bool core_dumps)
{
	const struct rlimit none = { 0, 0 };

	if (core_dumps)
		return;
	need(setrlimit(RLIMIT_CORE, &none) == 0);
	need(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

void process_limits(bool core_dumps)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	raise_descriptors();
	hide_memory(core_dumps);
	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	need(sigaction(SIGPIPE, &ignore, NULL) == 0);
}

struct user {
	uid_t uid;
	gid_t gid;
};

static int find_user(const char *name, struct user *out)
{
	size_t size = 1 << 16;
	char *room = mem_new(size);
	struct passwd pw, *found = NULL;
	int err = getpwnam_r(name, &pw, room, size, &found);

	if (err == 0 && found == NULL)
		err = ENOENT;
	if (err == 0)
		*out = (struct user){ .uid = pw.pw_uid, .gid = pw.pw_gid };
	free(room);
	return err;
}

int process_become(const char *user, const char *const *files, size_t nfiles,
	bool core_dumps)
{
	struct user u;
	int err = find_user(user, &u);

	if (err != 0)
		return err;
	if (geteuid() != 0)
		return geteuid() == u.uid ? 0 : EPERM;
	for (size_t i = 0; i < nfiles; i++)
		if (files[i] != NULL && chown(files[i], u.uid, u.gid) != 0)
			return errno;
	/*
	 * The C library changes the user of all threads; the kernel takes the
	 * capabilities of each with that. No one keeps any.
	 */
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_change_id((int)u.uid, (int)u.gid, CAPNG_INIT_SUPP_GRP) != 0)
		return EPERM;
	hide_memory(core_dumps); /* the change of user had undone it */
	return 0;
}
