/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/http.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cuse/watch/wait.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/local_socket.h"
#include "util/log.h"

/* The time limit of a client, from its connection to the end of the answer. */
#define PATIENCE_S 2

static bool has_ended(const char *request, size_t len)
{
	return memmem(request, len, "\r\n\r\n", 4) != NULL ||
	       memmem(request, len, "\n\n", 2) != NULL;
}

/* Whether the first word of REQUEST behind SKIP bytes is WORD. */
static bool has_word(const char *request, size_t len, size_t skip, const char *word)
{
	size_t word_len = strlen(word);

	return len > skip + word_len && memcmp(request + skip, word, word_len) == 0 &&
	       strchr(" ?\r\n", request[skip + word_len]) != NULL &&
	       request[skip + word_len] != '\0';
}

int http_judge(const char *request, size_t len)
{
	if (!has_ended(request, len))
		return len < HTTP_REQUEST_MAX ? 0 : 431;
	if (memchr(request, '\0', len) != NULL || memchr(request, ' ', len) == NULL)
		return 400;
	if (!has_word(request, len, 0, "GET"))
		return 405;
	if (has_word(request, len, 4, "/metrics") || has_word(request, len, 4, "/"))
		return 200;
	return request[4] == '/' ? 404 : 400;
}

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	case 500:
		return "Internal Server Error";
	default:
		return "Bad Request";
	}
}

static void answer(int fd, int status, const char *body, size_t len)
{
	char head[256];
	int head_len = snprintf(head, sizeof(head),
				"HTTP/1.0 %d %s\r\n"
				"Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
				"Content-Length: %zu\r\n"
				"Connection: close\r\n\r\n",
				status, reason(status), len);

	if (write_all(fd, head, (size_t)head_len) == 0)
		(void)write_all(fd, body, len);
}

/* Returns the HTTP status; negative: the client is gone. */
static int receive(int fd)
{
	char request[HTTP_REQUEST_MAX];
	int64_t deadline = monotonic_ms() + PATIENCE_S * 1000;
	size_t len = 0;
	int status = 0;

	while (status == 0) {
		ssize_t n = recv(fd, request + len, sizeof(request) - len, 0);

		if (n <= 0 || monotonic_ms() > deadline)
			return -ECONNRESET;
		len += (size_t)n;
		status = http_judge(request, len);
	}
	return status;
}

static void serve_one(int fd, http_text *make)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	cleanup_free char *text = NULL;
	struct error err = { "" };
	size_t len = 0;
	int status;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	status = receive(fd);
	if (status < 0)
		return;
	if (status == 200 && make(&text, &len, &err) < 0) {
		log_warn("%s", err.text);
		status = 500;
	}
	answer(fd, status, text != NULL ? text : "", len);
}

/* Removes only a socket, and only when no process listens at it. */
static int remove_stale(const struct sockaddr_un *address, struct error *err)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = local_socket_connect(fd, address);

	switch (r) {
	case -ENOENT:
		return 0;
	case -ENOTSOCK:
		return error_say(err, EEXIST, "%s is no socket", address->sun_path);
	case 0:
	case -EAGAIN: /* its queue is full: a process listens */
		return error_say(err, EEXIST, "somebody listens at %s", address->sun_path);
	case -ECONNREFUSED:
		return unlink(address->sun_path) < 0
			       ? error_set(err, errno, "remove the stale %s", address->sun_path)
			       : 0;
	default:
		return error_set(err, -r, "look at %s", address->sun_path);
	}
}

int http_serve(const char *path, http_text *make, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int fd = -1;
	int r;

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    (int)sizeof(address.sun_path))
		return error_set(err, ENAMETOOLONG, "listen at %s", path);
	r = remove_stale(&address, err);
	if (r < 0)
		return r;
	fd = local_socket_listen(&address, NULL, 16);
	if (fd < 0)
		return error_set(err, -fd, "listen at %s", path);
	while (wait_for(fd, -1) >= 0) {
		cleanup_close int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (peer >= 0)
			serve_one(peer, make);
	}
	(void)unlink(path);
	return 0;
}
