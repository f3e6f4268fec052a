/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/life.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cuse/server/events.h"
#include "cuse/guard/made_dir.h"
#include "cuse/server/measure.h"
#include "cuse/host/moved.h"
#include "cuse/host/numbers.h"
#include "cuse/server/power.h"
#include "cuse/device/devtmpfs.h"
#include "cuse/device/session.h"
#include "cuse/device/tap.h"
#include "cuse/server/recovery.h"
#include "cuse/server/requests.h"
#include "cuse/host/udev.h"
#include "cuse/server/vtpm.h"
#include "cuse/control/client.h"
#include "tpm/state/dir.h"
#include "tpm/state/memory.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"

static void relieve(void *context)
{
	const struct vtpm *vtpm = context;

	threads_relieve(vtpm->threads);
}

static void start_ticks(void *context)
{
	vtpm_start_ticks(context);
}

static void run_waiting(void *context)
{
	const struct vtpm *vtpm = context;

	turns_run_waiting(vtpm->turns);
}

static void post_run_waiting(void *context)
{
	struct vtpm *vtpm = context;

	threads_post(vtpm->threads, &vtpm->run_waiting);
}

static bool is_stopping(void *context)
{
	const struct vtpm *vtpm = context;

	return threads_is_stopping(vtpm->threads);
}

static int cancel(void *context)
{
	const struct vtpm *vtpm = context;

	return tpm_cancel(vtpm->tpm);
}

static int open_node(struct vtpm *vtpm, const struct node_options *options, enum device_node kind,
		     struct node **node, struct error *err)
{
	char path[NODE_NAME_MAX + 8];
	int64_t before = monotonic_ms();
	int r = udev_announce(options, err);

	if (r == 0)
		r = node_open(options, kind, vtpm->device, node, err);
	if (r == 0 && !(*node)->made_it)
		r = udev_wait(options, (*node)->dev, before, err);
	if (r < 0)
		udev_forget(options);
	if (*node != NULL)
		threads_add(vtpm->threads, (*node)->session);
	if (r < 0 || !(*node)->made_it)
		return r;
	(void)snprintf(path, sizeof(path), "/dev/%s", options->name);
	return leftovers_add(vtpm->leftovers, path, err);
}

static int open_nodes(struct vtpm *vtpm, struct error *err)
{
	static const enum device_node kinds[2] = { NODE_EXCLUSIVE, NODE_MANAGED };
	const struct settings *settings = vtpm->settings;
	struct node_options nodes[2] = { settings->nodes[0], settings->nodes[1] };
	int r = 0;

	if (settings->nodes[0].major == 0)
		r = node_numbers_take(nodes, settings->node_count, err);
	for (size_t i = 0; i < settings->node_count && r == 0; i++)
		r = open_node(vtpm, &nodes[i], kinds[i], &vtpm->nodes[i], err);
	return r;
}

static bool is_stalled(void *context)
{
	const struct vtpm *vtpm = context;

	return tpm_is_stalled(vtpm->tpm);
}

static int open_gate(struct vtpm *vtpm, struct error *err)
{
	const struct transmit_options options = {
		.tpm = tpm_executor_local(vtpm->tpm),
		.version = tpm_get_version(vtpm->tpm),
		.relieve = relieve,
		.is_stalled = is_stalled,
		.context = vtpm,
	};
	int r = gate_new(&options, &vtpm->gate);

	if (r < 0)
		return error_set(err, -r, "make the device");
	return vtpm->settings->node_count > 1 ? gate_manage(vtpm->gate, err) : 0;
}

static int make_device(struct vtpm *vtpm)
{
	const struct turns_host host = {
		.relieve = relieve,
		.run_waiting = post_run_waiting,
		.cancel = cancel,
		.is_stopping = is_stopping,
		.context = vtpm,
	};
	struct device_options options = {
		.gate = vtpm->gate,
		.version = tpm_get_version(vtpm->tpm),
		.answers = &session_answers,
		.start_ticks = start_ticks,
		.context = vtpm,
	};
	int r = turns_new(&host, &vtpm->turns);

	if (r == 0)
		r = tap_new(options.version, &vtpm->tap);
	options.turns = vtpm->turns;
	options.tap = vtpm->tap;
	return r < 0 ? r : device_new(&options, &vtpm->device);
}

static int open_device(struct vtpm *vtpm, struct error *err)
{
	int r = open_gate(vtpm, err);

	if (r < 0)
		return r;
	r = make_device(vtpm);
	if (r < 0)
		return error_set(err, -r, "make the device");
	return open_nodes(vtpm, err);
}

static int open_control(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;

	return control_open(settings->name, &settings->users.control, requests_of_control, vtpm,
			    vtpm->watches, &vtpm->control, err);
}

/* Adds to ERR which server of ours has the name or the number. */
static int name_its_server(const struct node_options *options, int r, struct error *err)
{
	cleanup_close int fd = -1;
	char other[NAME_MAX + 1];
	pid_t pid;

	if (r != -EEXIST || node_find_other(options, other) < 0 ||
	    control_connect(other, &fd, NULL) < 0 || control_peer_pid(fd, &pid) < 0)
		return r;
	if (strcmp(other, options->name) == 0)
		return error_say(err, EEXIST,
				 "name %s is taken by process %d: vtpm-ctl stop %s ends it", other,
				 (int)pid, other);
	return error_say(err, EEXIST, "dev_t %u:%u is taken by %s: vtpm-ctl stop %s ends it",
			 options->major, options->minor, other, other);
}

static int check_nodes(const struct settings *settings, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < settings->node_count && r == 0; i++)
		r = name_its_server(&settings->nodes[i], node_check(&settings->nodes[i], err), err);
	return r;
}

/* Skips the check when the caller passes the lock: then the caller knows who uses the state. */
static int check_not_moved(const struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;

	if (!vtpm->state_was_missing || settings->lock_fd != SETTINGS_NO_FD ||
	    state_memory_is_meant(settings->state))
		return 0;
	return moved_check(settings->state, err);
}

static int open_follow(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	struct follow_options options = {
		.name = settings->name,
		.cgroup = settings->follow_cgroup,
		.state = settings->follow_state,
		.bundle = settings->follow_bundle,
		.rootfs = settings->follow_rootfs,
		.pid_fd = settings_fd(settings->follow_pid),
		.runtime_fd = settings_fd(settings->follow_runtime),
		.turns = vtpm->turns,
		.threads = vtpm->threads,
		.watches = vtpm->watches,
	};

	return follow_open(&options, &vtpm->follow, err);
}

static int open_threads(struct vtpm *vtpm, struct error *err)
{
	int r = watches_new(&vtpm->watches);

	if (r < 0)
		return error_set(err, -r, "start serving");
	vtpm->run_waiting.run = run_waiting;
	vtpm->run_waiting.context = vtpm;
	return threads_new(vtpm->watches, &vtpm->threads, err);
}

/*
 * A guard is needed when the server gives up root but root's files must go, and for a daemon, which
 * has no supervisor to report its end.
 */
static bool is_guarded(const struct vtpm *vtpm)
{
	const struct settings *settings = vtpm->settings;

	return vtpm->own.user.uid != geteuid() && (settings->daemon || settings->pid_file != NULL ||
						   settings->measured.kind != MEASURED_NOT ||
						   settings->resume != NULL || !devtmpfs_is_dev());
}

int vtpm_open(const struct settings *settings, struct vtpm **ret, struct error *err)
{
	cleanup_with(vtpm_closep) struct vtpm *vtpm = calloc(1, sizeof(*vtpm));
	int r;

	if (vtpm == NULL)
		return error_set(err, ENOMEM, "start");
	vtpm->settings = settings;
	vtpm->memory_fd = -1;
	vtpm->own.lease_fd = -1;
	vtpm->signals.fd = -1;
	vtpm->ticks.fd = -1;
	vtpm->started = time(NULL);
	vtpm->state_was_missing = made_dir_is_missing(settings->state);

	r = check_nodes(settings, err);
	if (r == 0)
		r = control_place_take(settings->name, &vtpm->place, err);
	if (r == 0)
		r = state_dir_check_parent(settings->state, err);
	if (r == 0)
		r = check_not_moved(vtpm, err);
	if (r == 0)
		r = own_user_take(&settings->users, &vtpm->own, err);
	if (r == 0)
		r = leftovers_new(is_guarded(vtpm), control_place_dir(vtpm->place),
				  &vtpm->leftovers, err);
	if (r == 0)
		r = open_threads(vtpm, err);
	if (r == 0)
		r = power_open_state(vtpm, err);
	if (r == 0)
		r = power_open_tpm(vtpm, err);
	if (r == 0)
		r = open_device(vtpm, err);
	if (r == 0)
		r = open_control(vtpm, err);
	if (r == 0)
		r = measure(vtpm, err);
	if (r == 0)
		r = open_follow(vtpm, err);
	if (r < 0)
		return r;
	vtpm_set_clock(vtpm, EVENTS_CHECK_SECONDS);
	*ret = take_ptr(vtpm);
	return 0;
}

int vtpm_serve(struct vtpm *vtpm, struct error *err)
{
	vtpm->served = true;
	return threads_run(vtpm->threads, err);
}

/*
 * Without a shutdown, the next start counts as a failed try for the dictionary attack lockout (Part
 * 1, 19.8).
 */
static void shut_down(const struct vtpm *vtpm)
{
	struct error err;

	if (tpm_shutdown(vtpm->tpm, &err) < 0)
		log_warn("%s: %s; the next start may count as a failed try", vtpm->settings->name,
			 err.text);
}

/* A failed start changes nothing: if it made the directory and the TPM in it, removes both. */
static void forget_state(const struct vtpm *vtpm)
{
	struct state_info info;

	if (vtpm->served || !vtpm->state_was_missing || vtpm->state == NULL)
		return;
	state_get_info(vtpm->state, &info);
	if (info.created >= vtpm->started)
		made_dir_remove(vtpm->settings->state);
}

void vtpm_close(struct vtpm *vtpm)
{
	if (vtpm == NULL)
		return;
	follow_close(vtpm->follow);
	control_close(vtpm->control);
	control_place_leave(vtpm->place);
	device_free(take_ptr(vtpm->device));
	tap_free(vtpm->tap);
	turns_free(vtpm->turns);
	gate_free(vtpm->gate);
	if (vtpm->tpm != NULL && !atomic_load(&vtpm->saved) && !recovery_is_wanted(vtpm))
		shut_down(vtpm);
	tpm_stop(vtpm->tpm);
	forget_state(vtpm);
	state_close(vtpm->state);
	closep(&vtpm->memory_fd);
	node_close(vtpm->nodes[1]);
	node_close(vtpm->nodes[0]);
	threads_free(vtpm->threads);
	watches_free(vtpm->watches);
	closep(&vtpm->signals.fd);
	closep(&vtpm->ticks.fd);
	leftovers_remove(vtpm->leftovers);
	closep(&vtpm->own.lease_fd);
	free(vtpm->log.bytes);
	free(vtpm);
}
