/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/host/cgroup_path.h"
#include "runtime/rule/rule.h"
#include "runtime/create.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/dir.h"
#include "runtime/inside/nodes.h"
#include "runtime/config/oci_state.h"
#include "runtime/host/state_path.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/group.h"
#include "util/log.h"

/* How long another worker on the same container is waited for. */
#define TURNS_MOST 600
#define TURN_NS 50000000L

int hook_open_leases(const struct hook *hook, struct lease_dir **ret, struct error *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/leases", hook->programs.run_dir);
	return lease_dir_open(path, ret, err);
}

int hook_load_leases(const struct hook *hook, struct lease_dir **ret, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	size_t bad;
	int r;

	r = hook_open_leases(hook, &dir, err);
	if (r == 0)
		r = lease_dir_load(dir, &bad, err);
	if (r < 0)
		return r;
	if (bad > 0)
		log_warn("%zu files are no leases, set aside as *.bad", bad);
	*ret = take_ptr(dir);
	return 0;
}

static size_t nodes_of(const struct lease *lease, struct container_node *nodes)
{
	size_t count = 0;

	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		nodes[count].number = (struct device_number){ vtpm->major, vtpm->minor };
		nodes[count].point = vtpm->point;
		nodes[count].alias_point = vtpm->alias_point;
		(void)strcpy(nodes[count].alias, vtpm->name);
		(void)snprintf(nodes[count++].name, sizeof(nodes->name), "%s", vtpm->path + 5);
		if (vtpm->twin_path[0] == '\0')
			continue;
		nodes[count].number = (struct device_number){ vtpm->major, vtpm->twin_minor };
		nodes[count].point = vtpm->twin_point;
		nodes[count].alias_point = vtpm->twin_alias_point;
		(void)strcpy(nodes[count].alias, vtpm->twin);
		(void)snprintf(nodes[count++].name, sizeof(nodes->name), "%s", vtpm->twin_path + 5);
	}
	return count;
}

/* The container's own group is gone by now, or soon; the ones above it stay. */
static void revoke_rules(const struct lease *lease, const struct container_node *nodes,
			 size_t count)
{
	cleanup_free struct device_number *numbers = calloc(count + 1, sizeof(*numbers));
	struct cgroup_path group;

	if (numbers == NULL || lease->device_group[0] == '\0')
		return;
	for (size_t i = 0; i < count; i++)
		numbers[i] = nodes[i].number;
	(void)strcpy(group.path, lease->device_group);
	(void)strcpy(group.mount, lease->device_mount);
	device_rule_bpf_revoke(&group, numbers, count);
}

static int remove_states(const struct lease *lease, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];
		int r = 0;

		if (vtpm->created && !vtpm->managed)
			r = state_path_remove(vtpm->state_path, &vtpm->state_id, err);
		if (r < 0)
			result = r;
	}
	return result;
}

static int remove_lease(const struct hook *hook, const struct lease *lease, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	int r = hook_open_leases(hook, &dir, err);

	return r < 0 ? r : lease_dir_remove(dir, lease, err);
}

int hook_remove_vtpms(const struct hook *hook, const struct lease *lease, struct error *err)
{
	cleanup_free struct container_node *nodes = calloc(2 * lease->count + 1, sizeof(*nodes));
	struct error why;
	size_t count;
	int r;

	if (nodes == NULL)
		return error_set(err, ENOMEM, "remove the vTPMs of %s", lease->id);
	r = servers_stop(lease, &hook->programs, err);
	if (r < 0)
		return r;
	count = nodes_of(lease, nodes);
	revoke_rules(lease, nodes, count);
	if (lease->rootfs[0] != '\0')
		nodes_remove(lease->rootfs, nodes, count);
	/* A state that somebody else has taken over is theirs; the lease need not stay for it. */
	if (remove_states(lease, &why) < 0)
		log_warn("container %s: %s", lease->id, why.text);
	return 0;
}

int hook_teardown(const struct hook *hook, const struct lease *lease, struct error *err)
{
	int r = hook_remove_vtpms(hook, lease, err);

	return r < 0 ? r : remove_lease(hook, lease, err);
}

static bool is_free(const struct lease *lease)
{
	return !process_lives(&lease->worker);
}

/* A runtime that was killed may leave the group, but nothing in it. */
static bool has_processes(const char *group)
{
	cleanup_close int dir = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? errno != ENOENT : group_is_populated(dir);
}

static bool is_gone(const struct lease *lease)
{
	if (!is_free(lease) || process_lives(&lease->init))
		return false;
	if (lease->state_dir[0] != '\0' && access(lease->state_dir, F_OK) == 0)
		return false;
	return lease->freezer[0] == '\0' || !has_processes(lease->freezer);
}

/* Makes us the worker on a copy of LEASE; nobody else touches it from then on. */
static int claim(struct lease_dir *dir, const struct lease *lease, struct lease **ret,
		 struct error *err)
{
	cleanup_free struct lease *copy = NULL;
	int r;

	if (lease_new(lease->count, &copy) < 0)
		return error_set(err, ENOMEM, "remove the vTPMs of %s", lease->id);
	memcpy(copy, lease, sizeof(*lease) + lease->count * sizeof(lease->vtpms[0]));
	r = process_identify(getpid(), &copy->worker);
	if (r < 0)
		return error_set(err, -r, "identify this process");
	r = lease_dir_put(dir, copy, err);
	if (r == 0)
		*ret = take_ptr(copy);
	return r;
}

/*
 * What the runtime calls its root may be unknown; id and bundle then have to do. A container that
 * lives, with another bundle, is not the one that is meant, whatever the roots are called.
 */
static bool is_container(const struct hook *hook, const struct oci_state *state,
			 const struct lease *lease)
{
	bool same_bundle = strcmp(lease->bundle, state->bundle) == 0;

	if (strcmp(lease->id, state->id) != 0)
		return false;
	if (!hook->root.known)
		return same_bundle;
	return strcmp(lease->hash, hook->hash) == 0 &&
	       (same_bundle || !process_lives(&lease->init));
}

/* 0: nothing (left) to do; 1: *RET is ours; -EAGAIN: somebody else is at it. */
static int claim_next(const struct hook *hook, const struct oci_state *state, struct lease **ret,
		      struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	const struct lease *lease;
	int r = hook_load_leases(hook, &dir, err);

	for (size_t i = 0; r == 0 && (lease = lease_dir_get(dir, i)) != NULL; i++) {
		if (state != NULL ? !is_container(hook, state, lease) : !is_gone(lease))
			continue;
		if (!is_free(lease))
			return error_say(err, EAGAIN,
					 "container %s: another process works on its vTPMs",
					 lease->id);
		r = claim(dir, lease, ret, err);
		return r < 0 ? r : 1;
	}
	return r;
}

int hook_poststop(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	static const struct timespec turn = { .tv_nsec = TURN_NS };
	int r;

	for (int i = 0; i < TURNS_MOST; i++) {
		cleanup_free struct lease *lease = NULL;

		r = claim_next(hook, state, &lease, err);
		if (r == 1)
			r = hook_teardown(hook, lease, err);
		else if (r != -EAGAIN)
			return r;
		else
			(void)nanosleep(&turn, NULL);
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	return r;
}

/* 1: the container has its vTPMs; 0: it does not, and what has them is no more. */
static int look_at_lease(const struct lease *lease, const struct oci_state *state,
			 struct error *err)
{
	if (!process_lives(&lease->init))
		return 0;
	if (lease->init.pid == state->pid)
		return is_free(lease);
	return error_say(err, EBUSY, "another container %s lives, process %d of bundle %s",
			 lease->id, lease->init.pid, lease->bundle);
}

int hook_make_way(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	const struct lease *lease;
	bool exists;
	int r;

	/* The usual case is no lease of that name, and no need to read those of all others. */
	r = hook_open_leases(hook, &dir, err);
	if (r < 0)
		return r;
	exists = lease_dir_has(dir, hook->hash, state->id);
	if (!exists)
		return 0;
	lease_dir_close(take_ptr(dir));
	r = hook_load_leases(hook, &dir, err);
	if (r < 0)
		return r;
	lease = lease_dir_find(dir, hook->hash, state->id);
	r = lease == NULL ? 0 : look_at_lease(lease, state, err);
	lease_dir_close(take_ptr(dir));
	return r != 0 ? r : hook_poststop(hook, state, err);
}

/* A lease that was claimed in vain is not found again: as long as we live it has a worker. */
int hook_prune(const struct hook *hook, size_t *count, struct error *err)
{
	int result = 0;

	*count = 0;
	for (;;) {
		cleanup_free struct lease *lease = NULL;
		struct error why;
		int r = claim_next(hook, NULL, &lease, &why);

		if (r == 0)
			return result;
		if (r < 0)
			return error_say(err, -r, "%s", why.text);
		r = hook_teardown(hook, lease, &why);
		if (r < 0) {
			log_warn("container %s: its vTPMs stay: %s", lease->id, why.text);
			result = error_say(err, -r, "%s", why.text);
		} else {
			(*count)++;
		}
	}
}
