/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/control/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "util/error.h"
#include "util/local_socket.h"
#include "util/user.h"
#include "util/watches.h"

#define CONNECTIONS_MAX 16

/* Room for the connections that are open and for as many that are being shut down. */
#define PLACES (2 * CONNECTIONS_MAX)

struct connection {
	struct watch watch;
	struct control *control;
	bool is_root;
	bool ending;       /* shut down; the next thread to handle it closes it */
	uint64_t last_use; /* position in the order of all uses; guarded by the control's mutex */
	bool is_stream;    /* guarded likewise */
	struct control_stream stream;
	char line[CONTROL_LINE_MAX];
	size_t len;
};

struct control {
	struct watch watch;
	struct watches *watches;
	const struct control_command *commands;
	void *context;
	uid_t owner;
	pthread_mutex_t mutex; /* guards connections and uses */
	struct connection *connections[PLACES];
	uint64_t uses;
};

int control_parse(const char *line, size_t len, json_t **ret, struct error *err)
{
	json_auto_t *request = NULL;
	json_error_t json_err;

	request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json_err);
	if (request == NULL)
		return error_say(err, EINVAL, "not JSON: %.100s", json_err.text);
	if (!json_is_string(json_object_get(request, "command")))
		return error_say(err, EINVAL, "not an object with a command");
	*ret = take_ptr(request);
	return 0;
}

static const struct control_command *find_command(const struct control *control,
						  const json_t *request, struct error *err)
{
	const char *name = json_string_value(json_object_get(request, "command"));
	const struct control_command *command = control->commands;

	while (command->name != NULL && strcmp(command->name, name) != 0)
		command++;
	if (command->name != NULL)
		return command;
	(void)error_say(err, ENOSYS, "no command '%.64s'", name);
	return NULL;
}

static int send_answer(const struct connection *connection, int r, json_t *answer,
		       const struct error *err)
{
	if (r < 0) {
		(void)json_object_clear(answer);
		(void)json_object_set_new(answer, "error", control_error(err));
	}
	return control_send(connection->watch.fd, answer);
}

static void drop_line(struct connection *connection, size_t len)
{
	connection->len -= len + 1;
	memmove(connection->line, connection->line + len + 1, connection->len);
}

/*
 * 0: the line is answered. ANSWERED_LATER: another thread will answer it and owns the connection
 * until then, so the caller must not touch it.
 */
#define ANSWERED_LATER 1

static int answer_line(struct connection *connection, size_t len)
{
	const struct control *control = connection->control;
	const struct control_command *command = NULL;
	json_auto_t *answer = json_object(), *request = NULL;
	struct error err = { "" };
	int r = control_parse(connection->line, len, &request, &err);

	if (answer == NULL)
		return -ENOMEM;
	drop_line(connection, len);
	if (r == 0)
		command = find_command(control, request, &err);
	if (command == NULL)
		return send_answer(connection, -EINVAL, answer, &err);
	if (command->root_only && !connection->is_root) {
		(void)error_say(&err, EPERM, "only root may ask for this");
		return send_answer(connection, -EPERM, answer, &err);
	}
	if (command->run != NULL)
		r = command->run(control->context, request, answer, &err);
	else
		r = command->begin(control->context, request, (struct control_asker *)connection,
				   &err);
	if (r == 0 && command->begin != NULL)
		return ANSWERED_LATER;
	return send_answer(connection, r, answer, &err);
}

static const char *find_end(const struct connection *connection)
{
	return memchr(connection->line, '\n', connection->len);
}

/* Answers each whole line that has arrived. */
static int answer_lines(struct connection *connection)
{
	const char *end;

	while ((end = find_end(connection)) != NULL) {
		int r = answer_line(connection, (size_t)(end - connection->line));

		if (r != 0)
			return r;
	}
	return connection->len == sizeof(connection->line) ? -EMSGSIZE : 0;
}

/* Lines that arrived together cause one event only, so this goes on with the next line itself. */
void control_answer(struct control_asker *asker, json_t *answer, const struct error *err)
{
	struct connection *connection = (struct connection *)asker;
	struct watches *watches = connection->control->watches;
	json_auto_t *error = json_object();

	if (answer != NULL)
		(void)send_answer(connection, 0, answer, NULL);
	else if (error != NULL)
		(void)send_answer(connection, -EINVAL, error, err);
	connection->watch.events = find_end(connection) != NULL ? EPOLLIN | EPOLLOUT : EPOLLIN;
	(void)watches_resume(watches, &connection->watch);
}

int control_fd(const struct control_asker *asker)
{
	return ((const struct connection *)asker)->watch.fd;
}

void control_stream(struct control_asker *asker, const json_t *answer,
		    const struct control_stream *stream)
{
	struct connection *connection = (struct connection *)asker;
	struct watches *watches = connection->control->watches;

	(void)control_send(connection->watch.fd, answer);
	connection->stream = *stream;
	{
		scoped_lock(&connection->control->mutex);
		connection->is_stream = true;
	}
	stream->started(stream->context, connection->watch.fd);
	connection->watch.events = EPOLLIN;
	(void)watches_resume(watches, &connection->watch);
}

static void close_connection(struct connection *connection)
{
	struct control *control = connection->control;

	if (connection->is_stream)
		connection->stream.ended(connection->stream.context, connection->watch.fd);
	{
		scoped_lock(&control->mutex);
		for (int i = 0; i < PLACES; i++) {
			if (control->connections[i] == connection)
				control->connections[i] = NULL;
		}
	}
	closep(&connection->watch.fd);
	free(connection);
}

static void note_use(struct connection *connection)
{
	scoped_lock(&connection->control->mutex);
	connection->last_use = ++connection->control->uses;
}

/* False: the peer has closed; no more bytes will come. */
static bool receive(struct connection *connection)
{
	ssize_t n = recv(connection->watch.fd, connection->line + connection->len,
			 sizeof(connection->line) - connection->len, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	connection->len += (size_t)n;
	return n > 0;
}

static bool connection_ready(void *context)
{
	struct connection *connection = context;
	bool is_open;
	int r;

	if (connection->is_stream) {
		close_connection(connection);
		return false;
	}
	connection->watch.events = EPOLLIN;
	is_open = receive(connection);
	note_use(connection);
	r = answer_lines(connection);
	if (r == 0 && !is_open)
		r = -EPIPE;
	if (r < 0)
		close_connection(connection);
	return r == 0;
}

/* By SO_PEERCRED, allows root and the socket's owner. */
static bool may_control(const struct control *control, int fd, bool *is_root)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	*is_root = peer.uid == 0;
	return *is_root || peer.uid == control->owner;
}

/*
 * Whether A is ended before B: connections of others before root's, then the longest silent one.
 * Only root's new connections may end root's.
 */
static bool goes_before(const struct connection *a, const struct connection *b, bool for_root)
{
	if (a->ending || a->is_stream || (a->is_root && !for_root))
		return false;
	if (b == NULL || a->is_root != b->is_root)
		return b == NULL || b->is_root;
	return a->last_use < b->last_use;
}

/* Ends an idle connection when the limit is reached; false: there is none that may be ended. */
static bool make_room(struct control *control, bool for_root)
{
	struct connection *victim = NULL;
	int count = 0;

	for (int i = 0; i < PLACES; i++) {
		struct connection *each = control->connections[i];

		if (each == NULL)
			continue;
		count += !each->ending;
		if (goes_before(each, victim, for_root))
			victim = each;
	}
	if (count < CONNECTIONS_MAX)
		return true;
	if (victim == NULL)
		return false;
	victim->ending = true;
	(void)shutdown(victim->watch.fd, SHUT_RDWR);
	return true;
}

static struct connection **find_place(struct control *control)
{
	for (int i = 0; i < PLACES; i++) {
		if (control->connections[i] == NULL)
			return &control->connections[i];
	}
	return NULL;
}

static int add_connection(struct control *control, int fd, bool is_root)
{
	cleanup_free struct connection *connection = calloc(1, sizeof(*connection));
	struct connection **place;
	scoped_lock(&control->mutex);

	place = make_room(control, is_root) ? find_place(control) : NULL;
	if (connection == NULL || place == NULL)
		return -ENOMEM;
	connection->control = control;
	connection->is_root = is_root;
	connection->last_use = ++control->uses;
	connection->watch = (struct watch){
		.fd = fd,
		.ready = connection_ready,
		.context = connection,
	};
	/* Record it first: once it is watched, another thread may handle, end and free it. */
	*place = connection;
	if (watches_add(control->watches, &connection->watch) < 0) {
		*place = NULL;
		return -ENOMEM;
	}
	(void)take_ptr(connection);
	return 0;
}

static bool listener_ready(void *context)
{
	struct control *control = context;
	cleanup_close int fd = accept4(control->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	bool is_root;

	if (fd >= 0 && may_control(control, fd, &is_root) &&
	    add_connection(control, fd, is_root) == 0)
		(void)take_fd(fd);
	return true;
}

static int listen_at(const struct sockaddr_un *address, const struct user *user, struct error *err)
{
	int fd = local_socket_listen(address, user, CONNECTIONS_MAX);

	return fd < 0 ? error_set(err, -fd, "make control socket %s", address->sun_path) : fd;
}

int control_open(const char *name, const struct user *user, const struct control_command *commands,
		 void *context, struct watches *watches, struct control **ret, struct error *err)
{
	cleanup_with(control_closep) struct control *control = calloc(1, sizeof(*control));
	struct sockaddr_un address;
	int r;

	if (control == NULL)
		return error_set(err, ENOMEM, "make a control socket");
	r = control_address(name, &address, err);
	if (r < 0)
		return r;
	(void)pthread_mutex_init(&control->mutex, NULL);
	control->watches = watches;
	control->commands = commands;
	control->context = context;
	control->owner = user->uid;
	control->watch = (struct watch){
		.fd = listen_at(&address, user, err),
		.ready = listener_ready,
		.context = control,
	};
	if (control->watch.fd < 0)
		return control->watch.fd;
	if (watches_add(watches, &control->watch) < 0)
		return error_set(err, ENOMEM, "watch the control socket");
	*ret = take_ptr(control);
	return 0;
}

void control_close(struct control *control)
{
	if (control == NULL)
		return;
	for (int i = 0; i < PLACES; i++) {
		if (control->connections[i] != NULL)
			close_connection(control->connections[i]);
	}
	closep(&control->watch.fd);
	(void)pthread_mutex_destroy(&control->mutex);
	free(control);
}
