/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/guard/guard.h"
#include "cuse/sandbox/lists.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/capabilities.h"
#include "util/error.h"
#include "util/log.h"
#include "util/program.h"

/* How long the guard may take on a busy machine. */
#define GUARD_SECONDS 20

/* Sent in place of a message: the server ends in order. */
#define IN_ORDER "."

/* The descriptors that the guard keeps. */
enum { FROM_SERVER, LOG, LOCK, KEPT };

/* The messages so far, one behind the other. Unused parts take no memory. */
struct told {
	struct {
		dev_t dev;
		ino_t ino;
		const char *path;
	} files[GUARD_FILES];
	int count;
	size_t used;
	char paths[(GUARD_FILES + 1) * PATH_MAX];
};

static void unlink_all(const struct told *told)
{
	for (int i = 0; i < told->count; i++) {
		struct stat st;

		if (lstat(told->files[i].path, &st) == 0 && st.st_dev == told->files[i].dev &&
		    st.st_ino == told->files[i].ino)
			(void)unlink(told->files[i].path);
	}
}

static bool receive(struct guard_message *message)
{
	ssize_t n;

	do
		n = read(FROM_SERVER, message, sizeof(*message));
	while (n < 0 && errno == EINTR);
	return n > (ssize_t)offsetof(struct guard_message, path) &&
	       memchr(message->path, '\0', (size_t)n - offsetof(struct guard_message, path)) !=
		       NULL;
}

static const char *keep_path(struct told *told, const char *path)
{
	char *kept = told->paths + told->used;

	(void)strcpy(kept, path); /* both have PATH_MAX bytes */
	told->used += strlen(path) + 1;
	return kept;
}

/* Returns the device's name, or NULL when the server ends before it serves. */
static const char *listen_to_server(struct told *told)
{
	static struct guard_message message;

	while (receive(&message)) {
		if (message.kind == GUARD_SERVING)
			return keep_path(told, message.path);
		if (told->count == GUARD_FILES)
			return NULL;
		told->files[told->count].dev = message.dev;
		told->files[told->count].ino = message.ino;
		told->files[told->count++].path = keep_path(told, message.path);
	}
	return NULL;
}

/* Logs the end of a server that was serving. Its starter reports a failed start. */
static bool ends_in_order(const char *serving)
{
	ssize_t n;
	char byte;

	do
		n = read(FROM_SERVER, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 || serving == NULL;
}

#ifndef WITH_INSTRUMENTATION
/* Libraries that only the server calls. Other libraries may be preloaded, and must stay. */
static bool is_unneeded(const char *library)
{
	static const char *const unneeded[] = { "libcrypto.", "libfuse3.", "libjansson.",
						"libtpms." };
	const char *slash = strrchr(library, '/');
	const char *name = slash != NULL ? slash + 1 : library;

	for (size_t i = 0; i < sizeof(unneeded) / sizeof(unneeded[0]); i++) {
		if (strncmp(name, unneeded[i], strlen(unneeded[i])) == 0)
			return true;
	}
	return false;
}

/* Pages that these libraries have written would cost the guard memory, too, so it unmaps them. */
static int unmap_unneeded(struct dl_phdr_info *info, size_t size, void *context)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = UINTPTR_MAX, end = 0;

	(void)size;
	(void)context;
	if (!is_unneeded(info->dlpi_name))
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD)
			continue;
		begin = from < begin ? from : begin;
		end = from + part->p_memsz > end ? from + part->p_memsz : end;
	}
	begin &= ~(page - 1);
	if (begin < end)
		(void)munmap((void *)begin, end - begin);
	return 0;
}

static void confine(void)
{
	(void)dl_iterate_phdr(unmap_unneeded, NULL);
	if (seccomp_check(NULL) == 0 && seccomp_enter(&seccomp_guard, SECCOMP_KILL, NULL) < 0)
		_exit(1);
}
#else
static void confine(void)
{
}
#endif

/* Closes all other descriptors of the server, so that its locks and its device end with it. */
static void keep(int fd, int lock_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, LOG) < 0)
		_exit(1);
	log_use_system();
	log_move_to(LOG); /* if there is a log file */
	if (dup2(fd, FROM_SERVER) < 0 || dup2(lock_fd >= 0 ? lock_fd : null, LOCK) < 0)
		_exit(1);
	close_from(KEPT);
}

/* Root owns the files, but other users may own their directories. */
static _Noreturn void guard(pid_t server, int fd, int lock_fd)
{
	static struct told told;
	const char *serving;

	(void)prctl(PR_SET_NAME, "vtpm-leftovers");
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)setsid();
	(void)!chdir("/");
	if (capabilities_limit(1U << CAP_DAC_OVERRIDE, true, NULL) < 0)
		_exit(1);
	keep(fd, lock_fd);
	confine();
	serving = listen_to_server(&told);
	if (!ends_in_order(serving))
		log_err("%s: process %d, which served it, was killed or has crashed", serving,
			(int)server);
	unlink_all(&told);
	_exit(0);
}

int guard_start(int lock_fd, int *ret, struct error *err)
{
	static const struct timeval patience = { .tv_sec = GUARD_SECONDS };
	const pid_t server = getpid();
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "start the process that cleans up");
	(void)setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	child = fork();
	if (child == 0) {
		(void)close(ends[1]);
		guard(server, ends[0], lock_fd);
	}
	(void)close(ends[0]);
	if (child < 0) {
		(void)close(ends[1]);
		return error_set(err, errno, "start the process that cleans up");
	}
	*ret = ends[1];
	return 0;
}

int guard_tell(int fd, const struct guard_message *message)
{
	size_t len = offsetof(struct guard_message, path) + strlen(message->path) + 1;

	return write(fd, message, len) < 0 ? -errno : 0;
}

/* Waits for the guard to close its end of the socket: then all files are gone. */
void guard_end(int fd)
{
	ssize_t n;
	char byte;

	(void)!write(fd, IN_ORDER, 1);
	(void)shutdown(fd, SHUT_WR);
	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	(void)close(fd);
}
