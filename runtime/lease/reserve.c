/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/host/cgroup.h"
#include "runtime/config/container.h"
#include "runtime/config/entry.h"
#include "runtime/create.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/dir.h"
#include "runtime/config/oci_state.h"
#include "runtime/host/shared_dirs.h"
#include "runtime/host/state_path.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"
#include "util/user.h"

/* A line for each device, a thousand of them and their twins, of at most 70 characters. */
#define DEVICES_MAX (1 << 20)

struct request {
	const struct hook *hook;
	const struct oci_state *state;
	struct lease_dir *dir;
	struct lease *lease;
	const struct vtpm_entry *entries;
	size_t count;
	const struct shared_dirs *dirs; /* of the container */
	char rootfs[PATH_MAX];
};

static int default_major(const struct request *request, uint32_t *ret, struct error *err)
{
	cleanup_free char *devices = NULL;
	int r;

	if (request->hook->admin.major > 0) {
		*ret = (uint32_t)request->hook->admin.major;
		return 0;
	}
	r = read_path("/proc/devices", DEVICES_MAX, &devices, NULL);
	if (r < 0)
		return error_set(err, -r, "read /proc/devices");
	r = reserve_major(request->dir, devices, ret);
	return r < 0 ? error_say(err, ENOSPC, "every major number for local use is taken") : 0;
}

static bool exists_on_host(uint32_t major, uint32_t minor)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major, minor);
	return access(path, F_OK) == 0;
}

/* Leases of this container that are not written yet. */
static const struct lease_vtpm *sibling_with(const struct request *request, uint32_t major,
					     uint32_t minor)
{
	for (size_t i = 0; i < request->lease->count; i++) {
		const struct lease_vtpm *vtpm = &request->lease->vtpms[i];

		if (vtpm->major == major &&
		    (vtpm->minor == minor || (vtpm->twin[0] != '\0' && vtpm->twin_minor == minor)))
			return vtpm;
	}
	return NULL;
}

static int check_number(const struct request *request, uint32_t major, uint32_t minor,
			struct error *err)
{
	const char *owner = lease_dir_number_owner(request->dir, major, minor);

	if (owner != NULL)
		return error_say(err, EBUSY, "device number %u:%u is taken by container %s", major,
				 minor, owner);
	if (sibling_with(request, major, minor) != NULL)
		return error_say(err, EBUSY, "device number %u:%u is there twice", major, minor);
	if (exists_on_host(major, minor))
		return error_say(err, EBUSY, "device number %u:%u is in use on this host", major,
				 minor);
	return 0;
}

/* A number that an entry asks for is its own, also when that entry's turn is still to come. */
static bool is_asked_for(const struct request *request, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct vtpm_entry *entry = &request->entries[i];

		if (entry->minor >= 0 && (uint32_t)entry->minor == minor &&
		    (uint32_t)entry->major == major)
			return true;
	}
	return false;
}

static int next_minor(const struct request *request, uint32_t major, uint32_t *ret,
		      struct error *err)
{
	int r;

	do {
		r = lease_dir_next_minor(request->dir, major, exists_on_host, ret, err);
	} while (r == 0 && (sibling_with(request, major, *ret) != NULL ||
			    is_asked_for(request, major, *ret)));
	return r;
}

static int take_numbers(const struct request *request, const struct vtpm_entry *entry,
			struct lease_vtpm *vtpm, struct error *err)
{
	uint32_t major, minor, twin_minor = 0;
	int r = 0;

	if (entry->major > 0)
		major = (uint32_t)entry->major;
	else
		r = default_major(request, &major, err);
	if (r == 0 && entry->minor >= 0) {
		minor = (uint32_t)entry->minor;
		r = check_number(request, major, minor, err);
	} else if (r == 0) {
		r = next_minor(request, major, &minor, err);
	}
	if (r == 0 && vtpm->twin[0] != '\0') {
		do {
			r = next_minor(request, major, &twin_minor, err);
		} while (r == 0 && twin_minor == minor);
	}
	if (r < 0)
		return r;
	vtpm->major = major;
	vtpm->minor = minor;
	vtpm->twin_minor = twin_minor;
	return 0;
}

static int take_state(const struct request *request, const struct vtpm_entry *entry,
		      struct lease_vtpm *vtpm, struct error *err)
{
	const char *owner;
	bool exists;
	int r;

	r = state_path_resolve(entry->state_path, vtpm->state_path, &exists, err);
	if (r < 0)
		return error_prefix(err, r, "statePath");
	r = shared_dirs_check(request->dirs, vtpm->state_path, err);
	if (r < 0)
		return error_prefix(err, r, "statePath");
	owner = lease_dir_state_owner(request->dir, vtpm->state_path);
	if (owner != NULL)
		return error_say(err, EBUSY, "statePath '%s' is in use by container %s",
				 entry->state_path, owner);
	for (size_t i = 0; i < request->lease->count; i++) {
		if (strcmp(request->lease->vtpms[i].state_path, vtpm->state_path) == 0)
			return error_say(err, EINVAL, "statePath '%s' is there twice",
					 entry->state_path);
	}
	vtpm->created = !exists;
	vtpm->managed = entry->state_is_managed;
	return 0;
}

/*
 * "a-b" and "c" give the same name as "a" and "b-c". A name that nobody else had when the lease was
 * written is ours from then on: by it a server is found, and ended, that the lease does not know.
 */
static int check_device_name(const struct request *request, const char *name, struct error *err)
{
	const char *owner = lease_dir_name_owner(request->dir, name);
	char path[NAME_MAX + 32];

	if (owner != NULL)
		return error_say(err, EBUSY, "the device's name %s is taken by container %s", name,
				 owner);
	for (size_t i = 0; i < request->lease->count; i++) {
		const struct lease_vtpm *vtpm = &request->lease->vtpms[i];

		if (strcmp(vtpm->name, name) == 0 || strcmp(vtpm->twin, name) == 0)
			return error_say(err, EBUSY, "the device's name %s is there twice", name);
	}
	(void)snprintf(path, sizeof(path), "/sys/class/cuse/%s", name);
	if (access(path, F_OK) == 0)
		return error_say(err, EBUSY, "a device %s that no lease knows is in use", name);
	return 0;
}

static int take_names(const struct request *request, const struct vtpm_entry *entry,
		      struct lease_vtpm *vtpm, struct error *err)
{
	const char *hash = request->hook->hash, *id = request->state->id;
	size_t size = sizeof(vtpm->name);
	int r;

	if (snprintf(vtpm->name, size, "tpm-%s-%s-%s", hash, id, entry->name) >= (int)size - 8)
		return error_say(err, ENAMETOOLONG, "the device's name would be too long");
	if (entry->resource_manager)
		(void)snprintf(vtpm->twin, size, "tpmrm-%s-%.180s-%.48s", hash, id, entry->name);
	r = check_device_name(request, vtpm->name, err);
	return r == 0 && vtpm->twin[0] != '\0' ? check_device_name(request, vtpm->twin, err) : r;
}

static int check_user(const struct vtpm_entry *entry, struct error *err)
{
	struct user user;
	int r = entry->run_as == NULL ? 0 : user_find(entry->run_as, &user, err);

	return r < 0 ? error_prefix(err, r, "runAs") : 0;
}

/* The short form: the device is there, and is what the numbers say, if they say anything. */
static int take_existing(const struct vtpm_entry *entry, struct lease_vtpm *vtpm, struct error *err)
{
	struct stat st;

	if (entry->host_path == NULL) {
		vtpm->major = (uint32_t)entry->major;
		vtpm->minor = (uint32_t)entry->minor;
		return 0;
	}
	if (stat(entry->host_path, &st) < 0)
		return error_set(err, errno, "hostPath %s", entry->host_path);
	if (!S_ISCHR(st.st_mode))
		return error_say(err, EINVAL, "hostPath %s is not a character device",
				 entry->host_path);
	vtpm->major = major(st.st_rdev);
	vtpm->minor = minor(st.st_rdev);
	if (entry->minor >= 0 && (vtpm->major != entry->major || vtpm->minor != entry->minor))
		return error_say(err, EINVAL, "hostPath %s is device %u:%u, not %d:%d",
				 entry->host_path, vtpm->major, vtpm->minor, (int)entry->major,
				 (int)entry->minor);
	return 0;
}

static int check_limit(const struct request *request, struct error *err)
{
	size_t exist = lease_dir_count(request->dir) + request->lease->count;
	size_t most = (size_t)request->hook->admin.most;

	return exist < most ? 0
			    : error_say(err, EUSERS,
					"%zu vTPMs exist and this host may have %zu (maxVTPMs)",
					exist, most);
}

static int take(const struct request *request, const struct vtpm_entry *entry,
		struct lease_vtpm *vtpm, struct error *err)
{
	int r = check_limit(request, err);

	if (r < 0)
		return r;
	(void)strcpy(vtpm->path, entry->path);
	(void)strcpy(vtpm->twin_path, entry->twin_path);
	if (entry->state_path == NULL) {
		vtpm->twin_path[0] = '\0';
		return take_existing(entry, vtpm, err);
	}
	r = check_user(entry, err);
	if (r == 0)
		r = take_names(request, entry, vtpm, err);
	if (r == 0)
		r = take_state(request, entry, vtpm, err);
	if (r == 0)
		r = take_numbers(request, entry, vtpm, err);
	return r;
}

/* lease->count grows as entries are taken; a failed one leaves no gap. */
static int take_all(struct request *request, struct vtpm_entry *entries, size_t *count,
		    bool lenient, struct error *err)
{
	size_t all = *count, good = 0;

	for (size_t i = 0; i < all; i++) {
		struct lease_vtpm vtpm = { 0 };
		struct error why;
		int r = take(request, &entries[i], &vtpm, &why);

		if (r < 0 && !lenient)
			return error_say(err, -r, "vTPM %s: %s", entries[i].path, why.text);
		if (r < 0) {
			log_warn("container %s: left out: vTPM %s: %s", request->state->id,
				 entries[i].path, why.text);
			continue;
		}
		request->lease->vtpms[good] = vtpm;
		entries[good++] = entries[i];
		request->lease->count = good;
	}
	*count = good;
	return 0;
}

static int fill(const struct request *request, const struct oci_state *state, struct error *err)
{
	struct lease *lease = request->lease;
	int r;

	(void)strcpy(lease->id, state->id);
	(void)strcpy(lease->hash, request->hook->hash);
	(void)strcpy(lease->rootfs, request->rootfs);
	if (snprintf(lease->bundle, PATH_MAX, "%s", state->bundle) >= PATH_MAX ||
	    snprintf(lease->state_dir, PATH_MAX, "%s/%s", request->hook->root.path, state->id) >=
		    PATH_MAX)
		return error_set(err, ENAMETOOLONG, "%s", state->bundle);
	r = process_identify(getpid(), &lease->worker);
	if (r == 0)
		r = process_identify(state->pid, &lease->init);
	return r < 0 ? error_set(err, -r, "find the container's first process") : 0;
}

static int resolve_rootfs(const struct oci_state *state, const struct container *container,
			  char ret[static PATH_MAX], struct error *err)
{
	char path[PATH_MAX];
	int n;

	if (container->rootfs[0] == '/')
		n = snprintf(path, sizeof(path), "%s", container->rootfs);
	else
		n = snprintf(path, sizeof(path), "%s/%s", state->bundle, container->rootfs);
	if (n >= (int)sizeof(path) || realpath(path, ret) == NULL)
		return error_set(err, errno, "root.path %s", path);
	return 0;
}

/* Somebody has come in between, or it is one of a root that we do not know. */
static int check_container(const struct request *request, struct error *err)
{
	const struct lease *lease =
		lease_dir_find(request->dir, request->hook->hash, request->state->id);

	if (lease == NULL)
		return 0;
	return error_say(err, EBUSY, "a container %s has vTPMs already, that of bundle %s",
			 lease->id, lease->bundle);
}

int reserve(const struct hook *hook, const struct oci_state *state,
	    const struct container *container, struct vtpm_entry *entries, size_t *count,
	    bool lenient, struct lease **ret, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	cleanup_with(shared_dirs_freep) struct shared_dirs *dirs = NULL;
	cleanup_free struct lease *lease = NULL;
	struct request request = { .hook = hook, .state = state };
	int r;

	if (lease_new(*count, &lease) < 0)
		return error_set(err, ENOMEM, "write the lease");
	r = resolve_rootfs(state, container, request.rootfs, err);
	if (r == 0)
		r = shared_dirs_new(state->bundle, request.rootfs, container->mounts, &dirs, err);
	if (r == 0)
		r = hook_load_leases(hook, &dir, err);
	if (r < 0)
		return r;
	request.dirs = dirs;
	request.dir = dir;
	request.entries = entries;
	request.count = *count;
	request.lease = lease;
	lease->count = 0;
	r = check_container(&request, err);
	if (r == 0)
		r = take_all(&request, entries, count, lenient, err);
	if (r == 0)
		r = fill(&request, state, err);
	if (r == 0)
		r = lease_dir_put(dir, lease, err);
	if (r == 0)
		*ret = take_ptr(lease);
	return r;
}
