/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/create.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/cgroup.h"
#include "runtime/config/container.h"
#include "runtime/rule/rule.h"
#include "runtime/config/entry.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/dir.h"
#include "runtime/inside/nodes.h"
#include "runtime/config/oci_state.h"
#include "runtime/config/hide_passwords.h"
#include "runtime/lease/reserve.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

#define DEFAULT_MODE 0600

/* A container that is being created. */
struct creation {
	struct hook hook; /* with the administrator's configuration */
	const struct oci_state *state;
	struct container container;
	struct vtpm_entry *entries;
	size_t count;
	struct lease *lease;
	struct cgroup_view view; /* of its first process */
};

static void creation_done(struct creation *creation)
{
	cgroup_view_done(&creation->view);
	free(creation->lease);
	free(creation->entries);
	container_done(&creation->container);
	admin_config_done(&creation->hook.admin);
}

static void log_skipped(const char *message)
{
	log_warn("left out: %s", message);
}

static int put_lease(const struct creation *creation, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	int r = hook_open_leases(&creation->hook, &dir, err);

	return r < 0 ? r : lease_dir_put(dir, creation->lease, err);
}

static void find_groups(struct creation *creation)
{
	struct lease *lease = creation->lease;
	struct cgroup_path group;

	cgroup_freezer(&creation->view, lease->freezer);
	if (cgroup_view_find(&creation->view, CGROUP_UNIFIED, &group) == 0) {
		(void)strcpy(lease->device_group, group.path);
		(void)strcpy(lease->device_mount, group.mount);
	}
	for (size_t i = 0; i < lease->count; i++) {
		struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (vtpm->state_path[0] != '\0')
			cgroup_name(&creation->view, vtpm->name, vtpm->cgroup);
	}
}

/* One entry less; it was undone. */
static void leave_out(struct creation *creation, size_t i, const struct error *err)
{
	struct lease *lease = creation->lease;

	log_warn("container %s: left out: %s", lease->id, err->text);
	for (; i + 1 < creation->count; i++) {
		lease->vtpms[i] = lease->vtpms[i + 1];
		creation->entries[i] = creation->entries[i + 1];
	}
	lease->count = --creation->count;
}

/* One vTPM is undone by a lease of its own. */
static int undo_one(const struct creation *creation, size_t i, struct error *err)
{
	cleanup_free struct lease *one = NULL;

	if (lease_new(1, &one) < 0)
		return error_set(err, ENOMEM, "remove a vTPM");
	memcpy(one, creation->lease, sizeof(*one));
	one->count = 1;
	one->vtpms[0] = creation->lease->vtpms[i];
	return hook_remove_vtpms(&creation->hook, one, err);
}

static int collect(struct creation *creation, struct server *servers, struct error *err)
{
	bool lenient = creation->hook.admin.ignore_errors;
	int result = 0;

	for (size_t i = creation->count; i-- > 0;) {
		struct error why;

		if (servers[i].result == 0)
			continue;
		result = servers[i].result;
		why = servers[i].err;
		(void)error_prefix(&why, result, "vTPM %s", creation->entries[i].path);
		*err = why;
		if (lenient && undo_one(creation, i, NULL) == 0) {
			leave_out(creation, i, &why);
			result = 0;
		} else if (lenient) {
			return result;
		}
	}
	return result;
}

static int start_servers(struct creation *creation, struct error *err)
{
	cleanup_free struct server *servers = calloc(creation->count + 1, sizeof(*servers));
	cleanup_close int init_fd = process_open(&creation->lease->init);
	cleanup_close int runtime_fd = process_open(&creation->hook.root.runtime);
	const struct server_owner owner = { creation->lease, init_fd, runtime_fd };
	const struct server_programs *programs = &creation->hook.programs;
	size_t count = creation->count;
	int r;

	if (servers == NULL)
		return error_set(err, ENOMEM, "start the servers");
	for (size_t i = 0; i < count; i++) {
		server_init(&servers[i], &creation->entries[i], &creation->lease->vtpms[i], &owner);
		server_make_state(&servers[i]);
	}
	r = put_lease(creation, err);
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (creation->entries[i].state_path != NULL)
			server_start(&servers[i], programs);
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (creation->entries[i].state_path != NULL)
			server_wait(&servers[i]);
	}
	if (r == 0)
		r = collect(creation, servers, err);
	for (size_t i = 0; i < count; i++)
		server_done(&servers[i]);
	return r;
}

static void fill_node(struct container_node *node, const char *path, const char *host_name,
		      const struct vtpm_entry *entry, const struct lease_vtpm *vtpm)
{
	(void)snprintf(node->name, sizeof(node->name), "%s", path + strlen("/dev/"));
	(void)snprintf(node->alias, sizeof(node->alias), "%s", host_name);
	node->number = (struct device_number){ vtpm->major, vtpm->minor };
	node->mode = entry->file_mode >= 0 ? (mode_t)entry->file_mode : DEFAULT_MODE;
	node->uid = entry->uid >= 0 ? (uint32_t)entry->uid : 0;
	node->gid = entry->gid >= 0 ? (uint32_t)entry->gid : 0;
}

static size_t fill_nodes(const struct creation *creation, struct container_node *nodes)
{
	bool aliases = creation->container.user_namespace;
	size_t count = 0;

	for (size_t i = 0; i < creation->count; i++) {
		const struct vtpm_entry *entry = &creation->entries[i];
		const struct lease_vtpm *vtpm = &creation->lease->vtpms[i];

		fill_node(&nodes[count++], vtpm->path, aliases ? vtpm->name : "", entry, vtpm);
		if (vtpm->twin[0] == '\0')
			continue;
		fill_node(&nodes[count], vtpm->twin_path, aliases ? vtpm->twin : "", entry, vtpm);
		nodes[count++].number.minor = vtpm->twin_minor;
	}
	return count;
}

/* The nodes are in the order of fill_nodes(). */
static void note_points(const struct creation *creation, const struct container_node *nodes)
{
	for (size_t i = 0; i < creation->count; i++) {
		struct lease_vtpm *vtpm = &creation->lease->vtpms[i];

		vtpm->point = nodes->point;
		vtpm->alias_point = nodes++->alias_point;
		if (vtpm->twin[0] == '\0')
			continue;
		vtpm->twin_point = nodes->point;
		vtpm->twin_alias_point = nodes++->alias_point;
	}
}

/*
 * First of all, as systemd sets its rules anew at this. Without it the container has its devices
 * all the same, only not for ever.
 */
static void tell_systemd(const struct creation *creation, const struct device_number *numbers,
			 size_t count)
{
	static const char *const controllers[] = { "devices", CGROUP_UNIFIED };
	char unit[NAME_MAX + 1];
	struct cgroup_path group;
	struct error err;

	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		if (cgroup_view_find(&creation->view, controllers[i], &group) < 0 ||
		    cgroup_path_scope(group.path + strlen(group.mount), unit) < 0)
			continue;
		if (device_rule_systemd_allow(unit, numbers, count, &err) < 0)
			log_warn("container %s: it loses its vTPMs at systemd's next "
				 "daemon-reload: %s",
				 creation->lease->id, err.text);
		return;
	}
}

static int allow(const struct creation *creation, const struct container_node *nodes, size_t count,
		 struct error *err)
{
	cleanup_free struct device_number *numbers = calloc(count + 1, sizeof(*numbers));
	struct cgroup_path group;
	int r = 0;

	if (numbers == NULL)
		return error_set(err, ENOMEM, "allow the devices");
	for (size_t i = 0; i < count; i++)
		numbers[i] = nodes[i].number;
	tell_systemd(creation, numbers, count);
	if (cgroup_view_find(&creation->view, "devices", &group) == 0)
		r = device_rule_v1_allow(group.path, numbers, count, err);
	if (r == 0 && cgroup_view_find(&creation->view, CGROUP_UNIFIED, &group) == 0)
		r = device_rule_bpf_allow(&group, numbers, count, err);
	return r;
}

/* Under the lock of the leases: two hooks must not rewrite the same program of a group above both.
 */
static int finish(const struct creation *creation, const struct container_node *nodes, size_t count,
		  struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	int r;

	r = hook_open_leases(&creation->hook, &dir, err);
	if (r == 0)
		r = allow(creation, nodes, count, err);
	if (r < 0)
		return r;
	creation->lease->worker = (struct process){ 0 };
	return lease_dir_put(dir, creation->lease, err);
}

/* The vTPM whose node, or whose twin's, is the I-th. */
static size_t vtpm_of_node(const struct creation *creation, size_t node)
{
	for (size_t i = 0; i < creation->count; i++) {
		size_t nodes = creation->lease->vtpms[i].twin[0] != '\0' ? 2 : 1;

		if (node < nodes)
			return i;
		node -= nodes;
	}
	return creation->count;
}

/* None or all of the nodes, but for those of vTPMs that may be left out as their names are taken.
 */
static int make_nodes(struct creation *creation, struct nodes_place *place,
		      struct container_node *nodes, struct error *err)
{
	for (;;) {
		size_t taken = SIZE_MAX, i = creation->count;
		struct error why;
		int r;

		place->count = fill_nodes(creation, nodes);
		place->taken = &taken;
		r = nodes_make(place, &why);
		if (r == 0)
			return 0;
		if (r == -EEXIST && creation->hook.admin.ignore_errors)
			i = vtpm_of_node(creation, taken);
		if (i == creation->count || undo_one(creation, i, NULL) < 0)
			return error_say(err, -r, "%s", why.text);
		leave_out(creation, i, &why);
	}
}

static int hand_in(struct creation *creation, struct error *err)
{
	cleanup_free struct container_node *nodes = calloc(2 * creation->count + 1, sizeof(*nodes));
	struct nodes_place place = { .init = creation->state->pid,
				     .rootfs = creation->lease->rootfs,
				     .work_dir = creation->hook.programs.run_dir,
				     .user_namespace = creation->container.user_namespace,
				     .nodes = nodes };
	int r;

	if (nodes == NULL)
		return error_set(err, ENOMEM, "make the nodes");
	r = make_nodes(creation, &place, nodes, err);
	note_points(creation, nodes);
	if (r == 0)
		r = finish(creation, nodes, place.count, err);
	return r;
}

/* Every step behind the lease; whatever fails, the lease tells what to undo. */
static int carry_out(struct creation *creation, struct error *err)
{
	int r;

	r = start_servers(creation, err);
	return r < 0 ? r : hand_in(creation, err);
}

static int read_request(struct creation *creation, struct error *err)
{
	int r;

	r = container_read(creation->state->bundle, &creation->container, err);
	/* Who wants no vTPM does not suffer from what is wrong with their configuration. */
	if (r < 0 || json_array_size(creation->container.vtpms) == 0)
		return r;
	r = admin_config_read(creation->hook.config, &creation->hook.admin, err);
	if (r == 0)
		r = container_entries(&creation->container, &creation->hook.admin, log_skipped,
				      &creation->entries, &creation->count, err);
	if (r < 0 || creation->count == 0)
		return r;
	if (creation->state->pid == 0)
		return error_say(err, EINVAL, "the container state on standard input has no pid");
	if (!creation->container.mount_namespace)
		return error_say(err, EINVAL,
				 "a container without a mount namespace cannot have a vTPM");
	return 0;
}

/* What is taken may be taken by a container that is no more: before that counts, it is removed. */
static int reserve_or_prune(struct creation *creation, struct error *err)
{
	bool lenient = creation->hook.admin.ignore_errors;
	size_t pruned = 0;
	int r;

	r = reserve(&creation->hook, creation->state, &creation->container, creation->entries,
		    &creation->count, false, &creation->lease, err);
	if (r == 0 || (!lenient && r != -EBUSY && r != -EUSERS))
		return r;
	(void)hook_prune(&creation->hook, &pruned, NULL);
	if (!lenient && pruned == 0)
		return r;
	return reserve(&creation->hook, creation->state, &creation->container, creation->entries,
		       &creation->count, lenient, &creation->lease, err);
}

int hook_create(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	__attribute__((cleanup(creation_done))) struct creation creation = { .hook = *hook,
									     .state = state };
	struct error undo_err;
	int r;

	r = read_request(&creation, err);
	if (r < 0 || creation.count == 0)
		return r;
	/* A runtime may call both of the stages that we can serve. */
	r = hook_make_way(hook, state, err);
	if (r != 0)
		return r < 0 ? r : 0;
	r = reserve_or_prune(&creation, err);
	if (r < 0)
		return r;
	if (cgroup_view_read(state->pid, &creation.view) == 0)
		find_groups(&creation);
	r = carry_out(&creation, err);
	if (r == 0 && hide_passwords(creation.lease->state_dir, &undo_err) < 0)
		log_warn("container %s: %s", state->id, undo_err.text);
	if (r < 0 && hook_teardown(hook, creation.lease, &undo_err) < 0)
		log_err("container %s: cannot undo everything: %s", state->id, undo_err.text);
	return r;
}
