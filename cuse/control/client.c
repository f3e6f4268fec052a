/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/control/client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "util/clock.h"
#include "util/error.h"
#include "util/local_socket.h"
#include "util/path.h"
#include "util/printable.h"

#define PATIENCE_MS 1000

#define SUFFIX SERVER_DIR_SUFFIX "/" SERVER_SOCKET
#define SUFFIX_BEFORE ".ctl"

/* How long the caller waits for a server that may hang. */
#define STATUS_MS 1000

static int address_with(const char *suffix, const char *name, struct sockaddr_un *ret,
			struct error *err)
{
	const size_t size = sizeof(ret->sun_path);
	char stem[NAME_MAX + 1];
	int len;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	server_stem(name, suffix, stem);
	len = snprintf(ret->sun_path, size, "%s/%s%s", CONTROL_DIR, stem, suffix);
	if (len < 0 || len >= (int)size)
		return error_say(err, ENAMETOOLONG, "%s is too long a path for a control socket",
				 CONTROL_DIR);
	return 0;
}

int control_address(const char *name, struct sockaddr_un *ret, struct error *err)
{
	return address_with(SUFFIX, name, ret, err);
}

int control_address_before(const char *name, struct sockaddr_un *ret, struct error *err)
{
	return address_with(SUFFIX_BEFORE, name, ret, err);
}

static bool has_ending(const char *entry, const char *ending, char ret[static NAME_MAX + 1])
{
	if (!ends_with(entry, ending))
		return false;
	(void)snprintf(ret, NAME_MAX + 1, "%.*s", (int)(strlen(entry) - strlen(ending)), entry);
	return true;
}

static bool has_socket(int dir_fd, const char *name)
{
	char path[NAME_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s%s", name, SUFFIX);
	return faccessat(dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Names each server once, even one with both a directory and a socket of the old kind. */
static bool is_entry(int dir_fd, const char *entry, char ret[static NAME_MAX + 1])
{
	if (has_ending(entry, SERVER_DIR_SUFFIX, ret))
		return has_socket(dir_fd, ret);
	return has_ending(entry, SUFFIX_BEFORE, ret) && !has_socket(dir_fd, ret);
}

/* Refuses anything but a socket: the server owns the directory and may put other files there. */
static int connect_to(int fd, const struct sockaddr_un *address)
{
	int r = local_socket_connect(fd, address);

	return r == -ENOTSOCK ? -ECONNREFUSED : r;
}

static bool nobody_answers(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED;
}

void control_event_log(const char *name, char ret[static PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s/%s.cel", CONTROL_DIR, name);
}

static int connect_by_name(const char *name, int flags, int *ret, struct error *err)
{
	cleanup_close int fd = -1;
	struct sockaddr_un address, before;
	int r = control_address(name, &address, err);

	if (r == 0)
		r = control_address_before(name, &before, err);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return error_set(err, errno, "connect to vTPM %s", name);
	r = connect_to(fd, &address);
	if (nobody_answers(r)) {
		int old = connect_to(fd, &before);

		r = old == -ENOENT ? r : old;
	}
	if (nobody_answers(r))
		return error_say(err, -r, "no vTPM %s is running", name);
	if (r < 0)
		return error_set(err, -r, "connect to vTPM %s", name);
	*ret = take_fd(fd);
	return 0;
}

int control_connect(const char *name, int *ret, struct error *err)
{
	return connect_by_name(name, 0, ret, err);
}

/*
 * A server listens within a moment after it has bound its socket; a socket that still refuses is
 * dead.
 */
bool control_has_died(const char *name)
{
	static const struct timespec moment = { .tv_nsec = 50000000 };

	for (int i = 0; i < 2; i++) {
		cleanup_close int fd = -1;

		if (i > 0)
			(void)nanosleep(&moment, NULL);
		if (control_connect(name, &fd, NULL) != -ECONNREFUSED)
			return false;
	}
	return true;
}

int control_peer_pid(int fd, pid_t *ret)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	*ret = peer.pid;
	return 0;
}

/* Every answer except a saved TPM fits into a socket's buffer. */
static int send_all(int fd, const char *text, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0 && errno == EAGAIN && poll(&room, 1, PATIENCE_MS) == 0)
			return -EPIPE;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

json_t *control_error(const struct error *err)
{
	cleanup_free char *text = text_printable(err->text);

	return json_string(text != NULL ? text : "out of memory");
}

/* A peer that does not read for a second loses the answer. */
int control_send(int fd, const json_t *json)
{
	cleanup_free char *text = json_dumps(json, JSON_COMPACT);
	cleanup_free char *line = NULL;
	int len;

	if (text == NULL)
		return -ENOMEM;
	len = asprintf(&line, "%s\n", text);
	if (len < 0) {
		line = NULL;
		return -ENOMEM;
	}
	return send_all(fd, line, (size_t)len);
}

struct line {
	char *text;
	size_t len, size;
};

static void line_done(struct line *line)
{
	free(line->text);
}

static int make_room(struct line *line)
{
	size_t size = line->size > 0 ? 2 * line->size : 4096;
	char *text;

	if (line->len < line->size)
		return 0;
	text = realloc(line->text, size);
	if (text == NULL)
		return -ENOMEM;
	line->text = text;
	line->size = size;
	return 0;
}

/* DEADLINE < 0: wait without limit. */
static int wait_readable(int fd, int64_t deadline)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	int64_t left = deadline < 0 ? -1 : deadline - monotonic_ms();
	int n = poll(&readable, 1, deadline >= 0 && left < 0 ? 0 : (int)left);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

/* Leaves the bytes after the line in the socket for the next reader. 1: the line is complete. */
static int receive_part(int fd, struct line *line)
{
	char *at = line->text + line->len;
	ssize_t n = recv(fd, at, line->size - line->len, MSG_PEEK | MSG_DONTWAIT);
	const char *end = n > 0 ? memchr(at, '\n', (size_t)n) : NULL;

	if (n > 0)
		n = recv(fd, at, end != NULL ? (size_t)(end + 1 - at) : (size_t)n, MSG_DONTWAIT);
	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	line->len += (size_t)n;
	return end != NULL;
}

/* Reads one line of any length; the server is trusted to end it. */
static int receive_answer(int fd, int64_t deadline, json_t **ret)
{
	cleanup_with(line_done) struct line line = { 0 };
	int r = 0;

	while (r == 0) {
		r = make_room(&line);
		if (r == 0)
			r = wait_readable(fd, deadline);
		if (r == 0)
			r = receive_part(fd, &line);
	}
	if (r < 0)
		return r;
	*ret = json_loadb(line.text, line.len, 0, NULL);
	return *ret == NULL ? -EPROTO : 0;
}

int control_begin(const char *name, const json_t *request, int *ret)
{
	cleanup_close int fd = -1;
	int r = connect_by_name(name, SOCK_NONBLOCK, &fd, NULL);

	if (r == 0)
		r = control_send(fd, request);
	if (r == 0)
		*ret = take_fd(fd);
	return r;
}

int control_ask(int fd, const json_t *request, json_t **answer, struct error *err)
{
	int r = control_send(fd, request);

	return r < 0 ? error_set(err, -r, "ask the server") : control_finish(fd, -1, answer, err);
}

int control_finish(int fd, int64_t deadline, json_t **answer, struct error *err)
{
	json_auto_t *json = NULL;
	const char *text;
	int r = receive_answer(fd, deadline, &json);

	if (r < 0)
		return error_set(err, -r, "ask the server");

	text = json_string_value(json_object_get(json, "error"));
	if (text != NULL)
		return error_say(err, EREMOTEIO, "%s", text);
	*answer = take_ptr(json);
	return 0;
}

int control_status(const char *name, json_t **answer)
{
	json_auto_t *request = json_pack("{s:s}", "command", "status");
	cleanup_close int fd = -1;
	int r = request != NULL ? control_begin(name, request, &fd) : -ENOMEM;

	return r < 0 ? r : control_finish(fd, monotonic_ms() + STATUS_MS, answer, NULL);
}

int control_each(int (*each)(const char *name, void *context), void *context)
{
	cleanup_with(closedirp) DIR *dir = opendir(CONTROL_DIR);
	const struct dirent *entry;
	char name[NAME_MAX + 1];
	int r = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		if (is_entry(dirfd(dir), entry->d_name, name))
			r = each(name, context);
	}
	return r;
}
