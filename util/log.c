/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/error.h"

static struct {
	const char *program;
	enum log_level most;
	int fd;
	bool journal; /* the reader wants "<N>" prefixes and has its own clock */
	bool timestamps;
	bool wants_system, is_system;
	int system_fd; /* -1: not connected */
} log_state = {
	.program = "vtpm-cuse", .most = LOG_LEVEL_INFO, .fd = STDERR_FILENO, .system_fd = -1
};

/* Of syslog(3): the facility of daemons, in front of the level. */
#define FACILITY_DAEMON (3 << 3)

/* systemd.exec(5): JOURNAL_STREAM names the device and inode of the stream it connected. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (stream == NULL || sscanf(stream, "%llu:%llu", &dev, &ino) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void log_init(const char *program, enum log_level most)
{
	log_state.program = program;
	log_state.most = most;
	log_state.journal = stderr_is_journal();
}

int log_to_file(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, errno, "open log file %s", path);

	log_state.fd = fd;
	log_state.journal = false;
	log_state.timestamps = true;
	return 0;
}

int log_open_system(const char *path)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	log_state.wants_system = true;
	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    (int)sizeof(address.sun_path))
		return -ENAMETOOLONG;
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	log_state.system_fd = take_fd(fd);
	return 0;
}

void log_use_system(void)
{
	if (!log_state.wants_system)
		return;
	log_state.fd = log_state.system_fd;
	log_state.is_system = true;
}

void log_move_to(int fd)
{
	if (log_state.fd < 0 || dup2(log_state.fd, fd) < 0) {
		(void)close(fd);
		fd = -1;
	}
	log_state.fd = fd;
}

static int prefix(char *line, size_t size, enum log_level level)
{
	char when[UTC_TEXT_SIZE];

	if (log_state.is_system)
		return snprintf(line, size, "<%d>%s[%d]: ", FACILITY_DAEMON | (int)level,
				log_state.program, (int)getpid());
	if (log_state.journal)
		return snprintf(line, size, "<%d>", (int)level);
	if (!log_state.timestamps)
		return snprintf(line, size, "%s: ", log_state.program);

	utc_text(time(NULL), when);
	return snprintf(line, size, "%s %s[%d]: ", when, log_state.program, (int)getpid());
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[512];
	va_list args;
	int saved = errno;
	int used, more;

	if (level > log_state.most)
		return;

	used = prefix(line, sizeof(line), level);
	va_start(args, format);
	more = vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, args);
	va_end(args);
	if (more < 0)
		return;

	used += more;
	if (used > (int)sizeof(line) - 2)
		used = (int)sizeof(line) - 2;
	line[used++] = '\n';

	/* One write per line: lines of several threads and processes do not mix. */
	(void)!write(log_state.fd, line, (size_t)used);
	errno = saved;
}
