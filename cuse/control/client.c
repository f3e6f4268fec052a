/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "util/error.h"
#include "util/name_hash.h"
#include "util/printable.h"

#define PATIENCE_MS 1000

/* A name that is too long for an address is cut, and told from others by its hash. */
static int shorten(const char *name, char *path, size_t size)
{
	char hash[17];

	name_hash(name, sizeof(hash) - 1, hash);
	return snprintf(path, size, "%s/%.48s.%s%s", CONTROL_DIR, name, hash, CONTROL_SUFFIX);
}

int control_address(const char *name, struct sockaddr_un *ret, struct error *err)
{
	const size_t size = sizeof(ret->sun_path);
	int len;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	len = snprintf(ret->sun_path, size, "%s/%s%s", CONTROL_DIR, name, CONTROL_SUFFIX);
	if (len >= (int)size)
		len = shorten(name, ret->sun_path, size);
	if (len < 0 || len >= (int)size)
		return error_say(err, ENAMETOOLONG, "%s is too long a path for a control socket",
				 CONTROL_DIR);
	return 0;
}

int control_connect(const char *name, int *ret, struct error *err)
{
	cleanup_close int fd = -1;
	struct sockaddr_un address;
	int r = control_address(name, &address, err);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, errno, "connect to vTPM %s", name);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*ret = take_fd(fd);
		return 0;
	}
	if (errno == ENOENT || errno == ECONNREFUSED)
		return error_say(err, errno, "no vTPM %s is running", name);
	return error_set(err, errno, "connect to vTPM %s", name);
}

/* A server that has made its socket listens at it a moment later, or never again. */
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

/* All answers but a saved TPM fit into any socket's buffer. */
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

/* Reads one line of any length; the server is trusted to end it. */
static int receive_answer(int fd, json_t **ret)
{
	cleanup_with(fclosep) FILE *stream = fdopen(dup(fd), "r");
	cleanup_free char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (stream == NULL)
		return -errno;
	len = getline(&line, &size, stream);
	if (len <= 0)
		return -ECONNRESET;
	*ret = json_loadb(line, (size_t)len, 0, NULL);
	return *ret == NULL ? -EPROTO : 0;
}

int control_ask(int fd, const json_t *request, json_t **answer, struct error *err)
{
	json_auto_t *json = NULL;
	const char *text;
	int r = control_send(fd, request);

	if (r == 0)
		r = receive_answer(fd, &json);
	if (r < 0)
		return error_set(err, -r, "ask the server");

	text = json_string_value(json_object_get(json, "error"));
	if (text != NULL)
		return error_say(err, EREMOTEIO, "%s", text);
	*answer = take_ptr(json);
	return 0;
}
