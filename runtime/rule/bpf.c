/* SPDX-License-Identifier: BSD-3-Clause */
/* cgroup v2: the programs that decide about a group's devices, and how they are replaced. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "runtime/host/cgroup_path.h"
#include "runtime/rule/program.h"
#include "runtime/rule/backends.h"
#include "util/cleanup.h"
#include "util/error.h"

#define PROGRAMS_MOST 64
#define ADVICE "allow its vtpmMajor and vtpmMinor in linux.resources.devices of config.json"

struct attached {
	int cgroup_fd;
	const char *path;
	uint32_t flags; /* how programs are attached there */
	uint32_t count;
	uint32_t ids[PROGRAMS_MOST];
};

struct program {
	struct bpf_insn *insns;
	size_t len;
	bool gpl;
};

static void program_done(struct program *program)
{
	free(program->insns);
}

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static int query(struct attached *group, struct error *err)
{
	union bpf_attr attr = { .query = { .target_fd = (uint32_t)group->cgroup_fd,
					   .attach_type = BPF_CGROUP_DEVICE,
					   .prog_ids = pointer(group->ids),
					   .prog_cnt = PROGRAMS_MOST } };
	int r = bpf(BPF_PROG_QUERY, &attr);

	if (r < 0)
		return error_set(err, -r, "ask for the device programs of %s", group->path);
	group->flags = attr.query.attach_flags;
	group->count = attr.query.prog_cnt;
	return 0;
}

static int info(int fd, struct bpf_prog_info *about)
{
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)fd,
					  .info_len = sizeof(*about),
					  .info = pointer(about) } };

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* Asked twice: for the length, then for the instructions. */
static int read_program(int fd, struct program *ret)
{
	__attribute__((cleanup(program_done))) struct program program = { 0 };
	struct bpf_prog_info about = { 0 };
	uint32_t size;
	int r;

	r = info(fd, &about);
	if (r < 0)
		return r;
	size = about.xlated_prog_len;
	/* The kernel shows no program in which it has hidden the constants. */
	if (size == 0 || size % sizeof(struct bpf_insn) != 0)
		return -EPERM;
	program.insns = calloc(1, size);
	if (program.insns == NULL)
		return -ENOMEM;
	program.len = size / sizeof(struct bpf_insn);
	program.gpl = about.gpl_compatible;

	about = (struct bpf_prog_info){ .xlated_prog_len = size,
					.xlated_prog_insns = pointer(program.insns) };
	r = info(fd, &about);
	if (r < 0)
		return r;
	if (about.xlated_prog_insns == 0 || about.xlated_prog_len != size)
		return -EPERM;
	*ret = program;
	program.insns = NULL;
	return 0;
}

/* Kernels before 5.11 count programs as locked memory. */
static void raise_limit(void)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };

	(void)setrlimit(RLIMIT_MEMLOCK, &limit);
}

static int load_program(const struct program *program)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
				.insns = pointer(program->insns),
				.insn_cnt = (uint32_t)program->len,
				.license = pointer(program->gpl ? "Dual BSD/GPL" : "BSD"),
				.prog_name = "vtpm_devices" };
	int r = bpf(BPF_PROG_LOAD, &attr);

	if (r == -EPERM) {
		raise_limit();
		r = bpf(BPF_PROG_LOAD, &attr);
	}
	return r;
}

static int attach(const struct attached *group, int new_fd, int old_fd, uint32_t flags)
{
	union bpf_attr attr = { .target_fd = (uint32_t)group->cgroup_fd,
				.attach_bpf_fd = (uint32_t)new_fd,
				.attach_type = BPF_CGROUP_DEVICE,
				.attach_flags = flags };

	if (flags & BPF_F_REPLACE)
		attr.replace_bpf_fd = (uint32_t)old_fd;
	return bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(const struct attached *group, int fd)
{
	union bpf_attr attr = { .target_fd = (uint32_t)group->cgroup_fd,
				.attach_bpf_fd = (uint32_t)fd,
				.attach_type = BPF_CGROUP_DEVICE };

	return bpf(BPF_PROG_DETACH, &attr);
}

/*
 * Attaching another program replaces a single one. One of several is replaced directly since Linux
 * 5.6; before, the new one is attached first and the old one detached then: at no instant is more
 * allowed than with both.
 */
static int replace(const struct attached *group, int new_fd, int old_fd)
{
	int r;

	if (!(group->flags & BPF_F_ALLOW_MULTI))
		return attach(group, new_fd, -1, group->flags & BPF_F_ALLOW_OVERRIDE);
	r = attach(group, new_fd, old_fd, BPF_F_ALLOW_MULTI | BPF_F_REPLACE);
	if (r != -EINVAL)
		return r;
	r = attach(group, new_fd, -1, BPF_F_ALLOW_MULTI);
	if (r == 0)
		r = detach(group, old_fd);
	return r;
}

static bool allows_all(const struct program *program, const struct device_number *devices,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!device_program_allows(program->insns, program->len, &devices[i]))
			return false;
	}
	return true;
}

static int open_program(const struct attached *group, uint32_t id, struct program *program,
			struct error *err)
{
	union bpf_attr attr = { .prog_id = id };
	cleanup_close int fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	int r = fd;

	if (r >= 0)
		r = read_program(fd, program);
	if (r == -EPERM)
		return error_say(err, EPERM, "the device program of %s cannot be read; " ADVICE,
				 group->path);
	if (r < 0)
		return error_set(err, -r, "read the device program of %s", group->path);
	return take_fd(fd);
}

static int swap_in(const struct attached *group, const struct program *changed, int old_fd,
		   struct error *err)
{
	cleanup_close int new_fd = load_program(changed);
	int r;

	if (new_fd < 0)
		return error_set(err, -new_fd, "load the changed device program of %s (" ADVICE ")",
				 group->path);
	r = replace(group, new_fd, old_fd);
	if (r < 0)
		return error_set(err, -r, "replace the device program of %s (" ADVICE ")",
				 group->path);
	return 0;
}

static int allow_in_program(const struct attached *group, uint32_t id,
			    const struct device_number *devices, size_t count, struct error *err)
{
	__attribute__((cleanup(program_done))) struct program old = { 0 }, changed = { 0 };
	cleanup_close int old_fd = open_program(group, id, &old, err);

	if (old_fd < 0)
		return old_fd;
	if (allows_all(&old, devices, count))
		return 0;
	if (device_program_is_blinded(old.insns, old.len))
		return error_say(err, EPERM,
				 "net.core.bpf_jit_harden hides the device program of %s; " ADVICE,
				 group->path);
	if (!device_program_is_portable(old.insns, old.len))
		return error_say(err, EOPNOTSUPP, "the device program of %s uses maps; " ADVICE,
				 group->path);
	changed.len = old.len + count * DEVICE_RULE_LEN;
	changed.gpl = old.gpl;
	changed.insns = calloc(changed.len, sizeof(struct bpf_insn));
	if (changed.insns == NULL)
		return error_set(err, ENOMEM, "change the device program of %s", group->path);
	device_program_prepend(old.insns, old.len, devices, count, changed.insns);
	return swap_in(group, &changed, old_fd, err);
}

static int revoke_in_program(const struct attached *group, uint32_t id,
			     const struct device_number *devices, size_t count, struct error *err)
{
	__attribute__((cleanup(program_done))) struct program old = { 0 }, changed = { 0 };
	cleanup_close int old_fd = open_program(group, id, &old, err);

	if (old_fd < 0)
		return old_fd;
	changed.gpl = old.gpl;
	changed.insns = calloc(old.len, sizeof(struct bpf_insn));
	if (changed.insns == NULL)
		return error_set(err, ENOMEM, "change the device program of %s", group->path);
	changed.len = device_program_strip(old.insns, old.len, devices, count, changed.insns);
	if (changed.len == old.len)
		return 0;
	return swap_in(group, &changed, old_fd, err);
}

static int open_group(const char *path, struct attached *group, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_set(err, errno, "open control group %s", path);
	*group = (struct attached){ .path = path, .cgroup_fd = fd };
	r = query(group, err);
	if (r < 0)
		closep(&fd);
	return r;
}

/* Does something to a group. */
typedef int visit(const char *path, void *context);

/* From the group up to the mount point, until ON_EACH() fails. */
static int visit_all(const struct cgroup_path *group, visit *on_each, void *context)
{
	size_t mount_len = strlen(group->mount);
	char path[PATH_MAX];
	int r;

	(void)strcpy(path, group->path);
	for (;;) {
		char *slash;

		r = on_each(path, context);
		slash = strrchr(path, '/');
		if (r < 0 || slash == NULL || (size_t)(slash - path) < mount_len)
			return r;
		*slash = '\0';
	}
}

typedef int change(const struct attached *group, uint32_t id, const struct device_number *devices,
		   size_t count, struct error *err);

struct change_context {
	change *in_program;
	bool strict; /* a failure stops */
	const struct device_number *devices;
	size_t count;
	struct error *err;
};

static int change_group(const char *path, void *context)
{
	const struct change_context *to = context;
	struct attached group;
	int r = open_group(path, &group, to->err);

	if (r < 0)
		return to->strict ? r : 0;
	for (uint32_t i = 0; r == 0 && i < group.count; i++)
		r = to->in_program(&group, group.ids[i], to->devices, to->count, to->err);
	closep(&group.cgroup_fd);
	return to->strict ? r : 0;
}

int device_rule_bpf_allow(const struct cgroup_path *group, const struct device_number *devices,
			  size_t count, struct error *err)
{
	struct change_context context = { allow_in_program, true, devices, count, err };

	return visit_all(group, change_group, &context);
}

void device_rule_bpf_revoke(const struct cgroup_path *group, const struct device_number *devices,
			    size_t count)
{
	struct change_context context = { revoke_in_program, false, devices, count, NULL };

	(void)visit_all(group, change_group, &context);
}

/* Numbers of programs are given out in turn: the sum of products is another after any change. */
static int add_programs(const char *path, void *context)
{
	uint64_t *sum = context;
	struct attached group;

	if (open_group(path, &group, NULL) < 0)
		return 0;
	for (uint32_t i = 0; i < group.count; i++)
		*sum = *sum * 1000003 + group.ids[i];
	closep(&group.cgroup_fd);
	return 0;
}

uint64_t device_rule_bpf_programs(const struct cgroup_path *group)
{
	uint64_t sum = 0;

	(void)visit_all(group, add_programs, &sum);
	return sum;
}
