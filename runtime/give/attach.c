/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/give/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/members.h"
#include "runtime/config/oci_state.h"
#include "runtime/give/create_impl.h"
#include "runtime/lease/book.h"
#include "runtime/lease/lease.h"
#include "runtime/life/hook.h"
#include "runtime/life/teardown.h"
#include "runtime/life/undo.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/lock_file.h"

/*
 * Serializes attach and detach on this host: much time passes between the look at what a container
 * has and giving it more. It is not the lock of the leases, because it is held while a container is
 * waited for.
 */
static int lock(const char *run_dir, struct error *err)
{
	cleanup_close int dir = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -errno : lock_file_wait(dir, ".attach");

	return fd < 0 ? error_set(err, -fd, "lock %s/.attach", run_dir) : fd;
}

/* --- giving --- */

static int refuse_held(struct creation *creation, struct error *err)
{
	size_t asked = creation->asking.requests.count;
	int r = creation_leave_out_held(creation, err);

	if (r < 0 || creation->asking.requests.count == asked)
		return r;
	return error_say(err, EEXIST,
			 "container %s has a vTPM of that class and device already: name another "
			 "device",
			 creation->state->id);
}

static int attach(struct creation *creation, struct error *err)
{
	int r = creation_read(creation, err);

	if (r == 0)
		return error_say(err, EINVAL, "container %s is a pod's sandbox, which gets no vTPM",
				 creation->state->id);
	if (r < 0)
		return r;
	/* The caller waits for all of them, so none may be left out. */
	creation->admin.ignore_errors = false;
	r = container_make_way(creation->hook, creation->state, err);
	if (r >= 0)
		r = refuse_held(creation, err);
	if (r == 0)
		r = creation_add_offers(creation, err);
	return r == 0 ? creation_give(creation, err) : r;
}

static int attach_running(const struct hook *hook, const char *id, const struct running *running,
			  json_t *annotations, struct lease **ret, struct error *err)
{
	const struct oci_state state = { .id = id,
					 .bundle = running->bundle,
					 .pid = running->init.pid,
					 .annotations = annotations };
	__attribute__((cleanup(creation_done))) struct creation creation = { .hook = hook,
									     .state = &state,
									     .running = running };
	int r = attach(&creation, err);

	if (r == 0)
		*ret = take_ptr(creation.lease);
	return r;
}

int container_attach(const struct hook *hook, const char *id, struct lease **ret, struct error *err)
{
	__attribute__((cleanup(container_done))) struct container config = { 0 };
	cleanup_close int lock_fd = lock(hook->programs.run_dir, err);
	struct hook own = *hook;
	struct running running;
	json_t *annotations = NULL;
	int r;

	if (lock_fd < 0)
		return lock_fd;
	r = running_find(hook->root.path, id, &running, err);
	if (r == 0)
		r = container_read(running.bundle, &config, err);
	if (r == 0)
		r = member_find(config.json, "annotations", &annotations, err);
	if (r < 0)
		return r;
	own.root.forgets_rules = running.forgets_rules;
	own.root.runtime = (struct process){ 0 };
	return attach_running(&own, id, &running, annotations, ret, err);
}

/* --- taking --- */

static bool is_meant(const struct lease_vtpm *vtpm, const struct class_request *request)
{
	char path[VTPM_PATH_LEN];

	if (vtpm->detached || strcmp(vtpm->claim.class, request->class) != 0)
		return false;
	device_path(request->device, path);
	return strcmp(vtpm->claim.device, request->device) == 0 ||
	       strcmp(vtpm->nodes[0].path, path) == 0;
}

/* The index of the vTPM; the lease's count when there is none. */
static size_t find_in(const struct lease *lease, const struct class_request *request)
{
	size_t i = 0;

	while (i < lease->count && !is_meant(&lease->vtpms[i], request))
		i++;
	return i;
}

static int claim(struct lease_book *book, struct lease *lease, struct error *err)
{
	if (!lease->attached)
		return error_say(err, EBUSY,
				 "that vTPM of container %s has come with it, and goes with it",
				 lease->id);
	if (process_lives(&lease->worker))
		return error_say(err, EBUSY, "container %s: another process works on its vTPMs",
				 lease->id);
	return lease_book_claim(book, lease, err);
}

/* Finds the container's lease that has the vTPM, and claims it. */
static int find_lease(const struct hook *hook, const char *id, const struct class_request *request,
		      struct lease **ret, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;
	int r = lease_book_open(hook->programs.run_dir, &book, err);

	if (r < 0)
		return r;
	while (lease_book_next(book, hook->root.hash, id, &name, &lease)) {
		if (find_in(lease, request) == lease->count)
			continue;
		r = claim(book, lease, err);
		if (r == 0)
			*ret = take_ptr(lease);
		return r;
	}
	return error_say(err, ENOENT, "container %s has no vTPM of class %s%s%s", id,
			 request->class, request->device[0] != '\0' ? ", device " : "",
			 request->device);
}

static void keep_numbers(struct lease_vtpm *vtpm)
{
	struct lease_vtpm kept = { .detached = true,
				   .node_count = vtpm->node_count,
				   .major = vtpm->major };

	for (size_t i = 0; i < vtpm->node_count; i++) {
		(void)strcpy(kept.nodes[i].path, vtpm->nodes[i].path);
		kept.nodes[i].minor = vtpm->nodes[i].minor;
	}
	*vtpm = kept;
}

static int detach(const struct hook *hook, struct lease *lease, size_t i, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *one = NULL;
	int r;

	if (lease_copy_one(lease, i, &one) < 0)
		return error_set(err, ENOMEM, "container %s", lease->id);
	r = vtpms_undo(&hook->programs, one, err);
	if (r >= 0)
		r = lease_book_open(hook->programs.run_dir, &book, err);
	if (r < 0)
		return r;
	keep_numbers(&lease->vtpms[i]);
	lease->worker = (struct process){ 0 };
	return lease_book_put(book, lease, err);
}

int container_detach(const struct hook *hook, const char *id, const struct class_request *request,
		     struct error *err)
{
	cleanup_close int lock_fd = lock(hook->programs.run_dir, err);
	cleanup_free struct lease *lease = NULL;
	int r;

	if (lock_fd < 0)
		return lock_fd;
	r = find_lease(hook, id, request, &lease, err);
	return r < 0 ? r : detach(hook, lease, find_in(lease, request), err);
}
