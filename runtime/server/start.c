/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/start.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "runtime/host/cgroup.h"
#include "runtime/server/command_line.h"
#include "runtime/server/limit.h"
#include "runtime/server/pid_file.h"
#include "runtime/server/vouch.h"
#include "runtime/config/entry.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/host/made_for.h"
#include "runtime/host/made_list.h"
#include "runtime/host/process.h"
#include "runtime/host/state_path.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/log.h"
#include "util/pidfd.h"
#include "util/secret.h"
#include "util/secret_source.h"

#define PASSWORD_MOST 4096
#define SAID_MOST 4096

void launch_init(struct launch *launch, const struct vtpm_entry *entry, struct lease_vtpm *vtpm,
		 const struct server_owner *owner, const struct server_programs *programs)
{
	*launch = (struct launch){ .entry = entry,
				   .vtpm = vtpm,
				   .owner = owner,
				   .programs = programs,
				   .events_fd = -1,
				   .vouch_fd = -1,
				   .vouch_end = -1,
				   .lock_fd = -1,
				   .key_fd = -1,
				   .said_fd = -1,
				   .cgroup_fd = -1,
				   .ready_fd = -1,
				   .ready_end = -1 };
}

void launch_done(struct launch *launch)
{
	closep(&launch->events_fd);
	closep(&launch->vouch_fd);
	closep(&launch->vouch_end);
	closep(&launch->lock_fd);
	closep(&launch->key_fd);
	closep(&launch->said_fd);
	closep(&launch->cgroup_fd);
	closep(&launch->ready_fd);
	closep(&launch->ready_end);
}

void launch_measure_again(struct launch *launch)
{
	uint32_t *launches = &launch->vtpm->launches;

	if (*launches == 0)
		return;
	(void)snprintf(launch->measure, sizeof(launch->measure), "relaunch=%" PRIu32, *launches);
	++*launches;
}

/*
 * The caller that starts a container has given the descriptor to the runtime, which passes none on
 * to hooks.
 */
static int read_password_fd(const struct launch *launch, const char *number, struct secret **ret,
			    struct error *err)
{
	int runtime_fd = launch->owner->runtime_fd;
	cleanup_close int fd = -1;
	int n;

	if (secret_source_number(number, &n) < 0)
		return error_say(err, EINVAL, "encryptionPassword: fd= is not a number");
	fd = runtime_fd >= 0 ? copy_pidfd_fd(runtime_fd, n) : fcntl(n, F_DUPFD_CLOEXEC, 0);
	if (runtime_fd < 0 && fd < 0)
		fd = -errno;
	if (fd < 0)
		return error_set(err, -fd, "encryptionPassword: descriptor %d of the runtime", n);
	return secret_read(fd, PASSWORD_MOST, "the encryption password", ret, err);
}

/* A password that is not in a file goes into a file in memory, as both programs read it. */
static int keep_password(struct launch *launch, struct error *err)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	enum secret_source source;
	const char *value;
	int r;

	if (launch->entry->password == NULL)
		return 0;
	source = secret_source(launch->entry->password, &value);
	if (source == SECRET_FILE || source == SECRET_CREDENTIAL)
		return 0;
	if (source == SECRET_FD) {
		r = read_password_fd(launch, value, &secret, err);
		if (r < 0)
			return r;
	}
	launch->key_fd =
		secret != NULL
			? memory_file("vtpm-password", MFD_CLOEXEC, secret->bytes, secret->len)
			: memory_file("vtpm-password", MFD_CLOEXEC, value, strlen(value));
	return launch->key_fd < 0 ? error_set(err, -launch->key_fd, "keep the encryption password")
				  : 0;
}

static int make_pipe(struct launch *launch)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	launch->ready_fd = ends[0];
	launch->ready_end = ends[1];
	return 0;
}

static int make_state(const struct launch *launch, const char *container, struct error *err)
{
	struct lease_vtpm *vtpm = launch->vtpm;

	return state_path_make(vtpm->state_path, launch->entry->run_as, container, &vtpm->state_id,
			       err);
}

/*
 * A state that was made for a container that is gone, left perhaps by a power cut, is removed
 * first.
 */
static int make_marked_state(const struct launch *launch, struct error *err)
{
	const struct lease *lease = launch->owner->lease;
	const char *path = launch->vtpm->state_path, *lib_dir = launch->programs->lib_dir;
	char container[LEASE_NAME_LEN + 1];
	struct made_for mark;
	int r;

	r = lease_name(lease->hash, lease->id, lease->part, container);
	if (r < 0)
		return error_set(err, -r, "make state directory %s", path);
	r = made_list_add(lib_dir, path);
	if (r < 0)
		log_warn("%s will not be removed after a power cut: %s: %s", path, lib_dir,
			 strerror(-r));
	r = make_state(launch, container, err);
	if (r == -EEXIST && state_path_mark(path, &mark) == 0) {
		r = state_path_remove_made(path, NULL, err);
		if (r == 0)
			r = make_state(launch, container, err);
	}
	if (r == -EEXIST)
		made_list_remove(lib_dir, path);
	return r;
}

void launch_make_state(struct launch *launch)
{
	struct lease_vtpm *vtpm = launch->vtpm;
	int r;

	if (!vtpm->created)
		return;
	r = vtpm->managed ? make_state(launch, NULL, &launch->err)
			  : make_marked_state(launch, &launch->err);
	if (r == -EEXIST)
		vtpm->created = false;
	else
		launch->result = r;
}

/* A state that is to stay, though it was made for a container, must survive a power cut, too. */
static void keep_for_good(const struct launch *launch)
{
	if (state_path_unmark(launch->vtpm->state_path) == 0)
		made_list_remove(launch->programs->lib_dir, launch->vtpm->state_path);
}

static int prepare(struct launch *launch, struct error *err)
{
	int r = 0;

	if (!vtpm_entry_in_memory(launch->entry))
		r = state_path_lock(launch->vtpm->state_path, &launch->vtpm->state_id,
				    &launch->lock_fd, err);
	if (r == 0 && launch->vtpm->managed)
		keep_for_good(launch);
	if (r == 0)
		r = keep_password(launch, err);
	if (r < 0)
		return r;
	launch->said_fd = memory_file("vtpm-said", MFD_CLOEXEC, NULL, 0);
	r = launch->said_fd < 0 ? launch->said_fd : make_pipe(launch);
	if (r == 0)
		r = vouch_prepare(launch);
	if (r < 0)
		return error_set(err, -r, "start a server");
	return cgroup_make(launch->vtpm->cgroup, &launch->cgroup_fd, err);
}

static void keep_open(int fd)
{
	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, 0);
}

/* Passes on nothing of the caller's environment but the directory of systemd's credentials. */
static char **environment(void)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char credentials[PATH_MAX + 32];
	static char *list[3] = { path };
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (dir != NULL && snprintf(credentials, sizeof(credentials), "CREDENTIALS_DIRECTORY=%s",
				    dir) < (int)sizeof(credentials))
		list[1] = credentials;
	return list;
}

static void become(const struct command_line *line)
{
	(void)execve(line->argv[0], line->argv, environment());
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", line->argv[0], strerror(errno));
	_exit(127);
}

static int run(const struct command_line *line)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		become(line);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : -EIO;
}

static void set_up_child(const struct launch *launch)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)setsid();
	if (chdir("/") < 0)
		_exit(126);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(launch->said_fd, STDERR_FILENO);
	keep_open(launch->events_fd);
	keep_open(launch->vouch_end);
	keep_open(launch->lock_fd);
	keep_open(launch->key_fd);
	keep_open(launch->ready_end);
	keep_open(launch->owner->init_fd);
	keep_open(launch->owner->runtime_fd);
}

/* ENTERED: what became of the way into the server's own group. */
static void child(const struct launch *launch, int entered, const struct command_line *setup,
		  const struct command_line *serve)
{
	int r;

	set_up_child(launch);
	if (entered < 0) {
		dprintf(STDERR_FILENO, "enter control group %s: %s\n", launch->vtpm->cgroup,
			strerror(-entered));
		_exit(1);
	}
	r = server_pid_file_write(launch->programs->run_dir, launch->vtpm->nodes[0].name);
	if (r < 0) {
		dprintf(STDERR_FILENO, "write its pid file: %s\n", strerror(-r));
		_exit(1);
	}
	if (setup != NULL) {
		if (run(setup) < 0)
			_exit(1);
		if (launch->key_fd >= 0)
			(void)lseek(launch->key_fd, 0, SEEK_SET);
	}
	become(serve);
}

static bool needs_setup(const struct launch *launch)
{
	/* A new TPM would not be the one that is expected. */
	return !vtpm_entry_in_memory(launch->entry) && command_line_manufactures(launch->entry) &&
	       vtpm_entry_identity(launch->entry) == NULL &&
	       !state_path_is_used(launch->vtpm->state_path);
}

/*
 * Notes our child, even if it never serves: undoing need then not look for a server by its name,
 * which may be somebody else's. If the child has ended already, its start stays 0, which no process
 * has.
 */
static void identify_child(struct launch *launch)
{
	if (process_identify(launch->child, &launch->vtpm->server) < 0)
		launch->vtpm->server = (struct process){ .pid = launch->child };
}

static void start(struct launch *launch)
{
	struct command_line setup, serve;
	bool with_setup;
	int entered = 0;

	if (launch->result == 0)
		launch->result = prepare(launch, &launch->err);
	if (launch->result < 0)
		return;
	with_setup = needs_setup(launch);
	command_line_setup(&setup, launch);
	command_line_serve(&serve, launch);
	/* The child and its programs read the password from the start. */
	if (launch->key_fd >= 0)
		(void)lseek(launch->key_fd, 0, SEEK_SET);
	launch->child = cgroup_fork(launch->cgroup_fd, &entered);
	if (launch->child == 0)
		child(launch, entered, with_setup ? &setup : NULL, &serve);
	if (launch->child < 0)
		launch->result = error_set(&launch->err, -launch->child, "start a server");
	else
		identify_child(launch);
	closep(&launch->ready_end);
	closep(&launch->vouch_end);
	launch->ready_end = launch->vouch_end = -1;
}

/* The last line, without the program's name in front. */
static void take_reason(struct launch *launch)
{
	char text[SAID_MOST + 1], *line, *colon;
	ssize_t n = pread_full(launch->said_fd, text, SAID_MOST, 0);

	text[n > 0 ? n : 0] = '\0';
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	line = strrchr(text, '\n');
	line = line != NULL ? line + 1 : text;
	if (line[0] == '<' && line[2] == '>')
		line += 3;
	colon = strstr(line, ": ");
	if (strncmp(line, "vtpm-", 5) == 0 && colon != NULL)
		line = colon + 2;
	launch->result = error_say(&launch->err, EIO, "%s",
				   line[0] != '\0' ? line : "the server exited without a message");
}

static void wait_until_it_serves(struct launch *launch)
{
	char ready;
	int r;

	if (launch->result < 0)
		return;
	r = vouch(launch, &launch->err);
	if (read_full(launch->ready_fd, &ready, 1) == 1)
		return;
	while (waitpid(launch->child, NULL, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		launch->result = r; /* the server knows only that nobody vouches */
	else
		take_reason(launch);
}

void servers_start(struct launch *launches, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (launches[i].entry->state_path != NULL)
			start(&launches[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (launches[i].entry->state_path == NULL)
			continue;
		wait_until_it_serves(&launches[i]);
		/*
		 * The limits come only now: making the TPM was the host's work, serving it is the
		 * container's.
		 */
		if (launches[i].result == 0)
			server_limit(launches[i].owner->lease, launches[i].vtpm);
	}
}
