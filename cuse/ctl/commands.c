/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands of vtpm-ctl that ask one server: stop, freeze, thaw, cancel, recover, save. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cuse/control/client.h"
#include "cuse/ctl/ask.h"
#include "util/bytes.h"
#include "util/cdi_host.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"
#include "util/pidfd.h"

/* How long a stop may take: the TPM may be running its longest command. */
#define STOP_TIMEOUT_MS 60000

/* Sends REQUEST; with WAIT, returns only after the server's process has ended. */
static int ask_and_wait(const char *name, const json_t *request, bool wait, json_t **answer,
			struct error *err)
{
	cleanup_close int fd = -1, pid_fd = -1;
	pid_t pid;
	int r;

	r = ctl_connect(name, &fd, err);
	if (r < 0)
		return r;
	if (control_peer_pid(fd, &pid) == 0)
		pid_fd = open_pidfd(pid);
	r = control_ask(fd, request, answer, err);
	if (r < 0)
		return error_prefix(err, r, "vTPM %s", name);

	if (wait && pid_fd >= 0 && wait_pidfd(pid_fd, STOP_TIMEOUT_MS) < 0)
		return error_say(err, ETIMEDOUT, "vTPM %s has not ended yet", name);
	return 0;
}

static int forget(const char *name, struct error *err)
{
	struct sockaddr_un before;
	int r = control_address_before(name, &before, err);

	if (r == 0) {
		r = server_dir_remove(CONTROL_DIR, name);
		if (unlink(before.sun_path) == 0)
			r = 0;
		if (r == -EWOULDBLOCK)
			r = error_say(err, EIO, "vTPM %s runs and does not answer", name);
		else if (r < 0)
			r = error_set(err, -r, "remove the socket of %s", name);
	}
	return r < 0 ? r
		     : error_say(err, ECONNREFUSED, "vTPM %s was dead, and is listed no more",
				 name);
}

/*
 * When this returns, the state, the name and the device numbers are free again, and engines are no
 * longer offered the device. A CDI file that the caller may not remove is left to vtpm-hook prune.
 */
int ctl_stop(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *request = json_pack("{s:s}", "command", "stop");
	json_auto_t *answer = NULL;
	int r;

	(void)options;
	r = ask_and_wait(name, request, true, &answer, err);
	if (r == -ECONNREFUSED && control_has_died(name))
		r = forget(name, err);
	else if (r == 0)
		(void)server_dir_remove(CONTROL_DIR, name);
	if (r == 0 || r == -ECONNREFUSED)
		(void)cdi_host_remove(name);
	return r;
}

/* Waits a moment between two polls. */
static void pause_briefly(void)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };

	(void)nanosleep(&pause, NULL);
}

/* Returns when the command in flight is done; no other command begins. */
int ctl_freeze(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;
	bool busy = true;
	int r = ctl_ask(name, "freeze", &answer, err);

	(void)options;
	while (r == 0 && busy) {
		json_auto_t *now = NULL;

		r = ctl_ask(name, "status", &now, err);
		busy = json_is_true(json_object_get(now, "busy"));
		if (busy)
			pause_briefly();
	}
	return r;
}

int ctl_thaw(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;

	(void)options;
	return ctl_ask(name, "thaw", &answer, err);
}

/* libtpms loses a cancel that comes before it has begun: repeat it until the command has ended. */
int ctl_cancel(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *request = json_pack("{s:s, s:i}", "command", "cancel", "turn", 0);
	cleanup_close int fd = -1;
	int r = ctl_connect(name, &fd, err);

	(void)options;
	for (int tries = 0; r == 0; tries++) {
		json_auto_t *answer = NULL;

		r = control_ask(fd, request, &answer, err);
		if (r == -EREMOTEIO && tries > 0)
			return 0;
		if (r == 0)
			r = json_object_update(request, answer);
		if (r == 0)
			pause_briefly();
	}
	return error_prefix(err, r, "vTPM %s", name);
}

int ctl_recover(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;

	(void)options;
	return ctl_ask(name, "recover", &answer, err);
}

static int write_saved(const char *path, const json_t *answer, struct error *err)
{
	const char *hex = json_string_value(json_object_get(answer, "file"));
	size_t len = hex != NULL ? strlen(hex) / 2 : 0;
	cleanup_free uint8_t *bytes = malloc(len + 1);
	cleanup_close int dir_fd = -1;
	const char *name;
	int r;

	if (bytes == NULL || hex == NULL)
		return error_set(err, bytes == NULL ? ENOMEM : EPROTO, "save");
	r = hex_decode(hex, strlen(hex), bytes, len);
	if (r == 0)
		r = open_parent(path, &dir_fd, &name);
	if (r == 0)
		r = create_file(dir_fd, name, bytes, len, 0600);
	return r < 0 ? error_set(err, -r, "write %s", path) : 0;
}

int ctl_save(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *request =
		json_pack("{s:s, s:b}", "command", "save", "stop", (int)options->stop);
	json_auto_t *answer = NULL;
	int r;

	if (options->out == NULL)
		return error_say(err, EINVAL, "save: --out is missing");
	if (access(options->out, F_OK) == 0)
		return error_set(err, EEXIST, "save: %s", options->out);
	r = ask_and_wait(name, request, options->stop, &answer, err);
	return r < 0 ? r : write_saved(options->out, answer, err);
}
