/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vtpm-cuse that its client has taken over: a certain command, which no TPM has, is carried out
 * by the server itself, in the thread that runs commands. Its text is "VERB ARGUMENT"; the answer's
 * response code is 0 when that could be done, else the errno. For tests alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tpm/tpm.h"
#include "util/bytes.h"

#define ATTACK 0x20a77ac4

static int by_errno(long r)
{
	return r < 0 ? errno : 0;
}

static int open_as(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	char byte;

	if (fd < 0)
		return errno;
	/* Some files are refused only when they are read. */
	if ((flags & O_ACCMODE) == O_RDONLY && read(fd, &byte, 1) < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int do_read(const char *path)
{
	return open_as(path, O_RDONLY);
}

static int do_write(const char *path)
{
	return open_as(path, O_WRONLY);
}

static int do_make(const char *path)
{
	return open_as(path, O_WRONLY | O_CREAT | O_EXCL);
}

static int do_remove(const char *path)
{
	return by_errno(unlink(path));
}

static int do_mknod(const char *path)
{
	return by_errno(mknod(path, S_IFCHR | 0600, makedev(1, 1)));
}

static int do_kill(const char *pid)
{
	return by_errno(kill(atoi(pid), SIGKILL));
}

static int do_tgkill(const char *pid)
{
	return by_errno(syscall(SYS_tgkill, atoi(pid), atoi(pid), SIGKILL));
}

static int do_ptrace(const char *pid)
{
	return by_errno(ptrace(PTRACE_SEIZE, atoi(pid), 0, 0));
}

static int do_exec(const char *path)
{
	(void)execl(path, path, NULL);
	return errno;
}

static int do_fork(const char *nothing)
{
	pid_t child = fork();

	(void)nothing;
	if (child == 0)
		_exit(0);
	return by_errno(child);
}

static int do_socket(const char *nothing)
{
	(void)nothing;
	return by_errno(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int do_mount(const char *path)
{
	return by_errno(mount("none", path, "tmpfs", 0, NULL));
}

static int do_unshare(const char *nothing)
{
	(void)nothing;
	return by_errno(unshare(CLONE_NEWNS));
}

static int do_module(const char *nothing)
{
	(void)nothing;
	return by_errno(syscall(SYS_init_module, "", 0, ""));
}

static int do_setuid(const char *uid)
{
	return by_errno(setuid((uid_t)atoi(uid)));
}

static int do_code(const char *nothing)
{
	(void)nothing;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED
		       ? errno
		       : 0;
}

/* 0: there is nothing in it. */
static int do_list(const char *path)
{
	DIR *entries = opendir(path);
	int count = 0;

	if (entries == NULL)
		return errno;
	while (readdir(entries) != NULL)
		count++;
	(void)closedir(entries);
	return count == 2 ? 0 : ENOTEMPTY;
}

/* 0: there is one, lo. */
static int do_interfaces(const char *nothing)
{
	struct if_nameindex *all = if_nameindex();
	int r = all == NULL                         ? errno
		: strcmp(all[0].if_name, "lo") != 0 ? ENOTUNIQ
		: all[1].if_index != 0              ? ENOTUNIQ
						    : 0;

	(void)nothing;
	if_freenameindex(all);
	return r;
}

static int do_newer(const char *number)
{
	return by_errno(syscall(atoi(number)));
}

static int attack(const char *verb, const char *argument)
{
	static const struct {
		const char *verb;
		int (*run)(const char *argument);
	} attacks[] = {
		{ "read", do_read },
		{ "write", do_write },
		{ "make", do_make },
		{ "remove", do_remove },
		{ "mknod", do_mknod },
		{ "kill", do_kill },
		{ "tgkill", do_tgkill },
		{ "ptrace", do_ptrace },
		{ "exec", do_exec },
		{ "fork", do_fork },
		{ "socket", do_socket },
		{ "mount", do_mount },
		{ "unshare", do_unshare },
		{ "module", do_module },
		{ "setuid", do_setuid },
		{ "code", do_code },
		{ "newer", do_newer },
		{ "list", do_list },
		{ "interfaces", do_interfaces },
	};

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(verb, attacks[i].verb) == 0)
			return attacks[i].run(argument);
	}
	return ENOTSUP;
}

static struct tpm_executor real;

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	static uint8_t answer[10] = { 0x80, 0x01, 0, 0, 0, sizeof(answer) };
	char text[256] = "";
	char *argument = text;

	if (len < 10 || len - 10 >= sizeof(text) || get_be32(command + 6) != ATTACK)
		return real.execute(context, command, len, response, response_len);
	memcpy(text, command + 10, len - 10);
	(void)strsep(&argument, " ");
	put_be32(answer + 6, (uint32_t)attack(text, argument != NULL ? argument : ""));
	*response = answer;
	*response_len = sizeof(answer);
	return 0;
}

struct tpm_executor __real_tpm_executor_local(struct tpm *tpm);
struct tpm_executor __wrap_tpm_executor_local(struct tpm *tpm);
struct tpm_executor __wrap_tpm_executor_local(struct tpm *tpm)
{
	real = __real_tpm_executor_local(tpm);
	return (struct tpm_executor){ .execute = execute, .context = real.context };
}
