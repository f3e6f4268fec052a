/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "runtime/host/cgroup_path.h"

static const char hybrid[] =
	"22 28 0:21 / /proc rw - proc proc rw\n"
	"30 25 0:26 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	"31 25 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
	"35 25 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	"36 25 0:32 /docker/x /sys/fs/cgroup/de\\040v rw - cgroup cgroup rw,devices\n";

static const char groups[] = "5:devices:/docker/x/inner\n4:cpu,cpuacct:/a:b\n"
			     "1:name=systemd:/user.slice\n0::/user.slice/c\n";

static void found(const char *mountinfo, const char *controller, const char *mount,
		  const char *path)
{
	struct cgroup_path group;

	assert_int_equal(cgroup_path_find(mountinfo, groups, controller, &group), 0);
	assert_string_equal(group.mount, mount);
	assert_string_equal(group.path, path);
}

static void each_hierarchy_is_found(void **state)
{
	(void)state;
	found(hybrid, CGROUP_UNIFIED, "/sys/fs/cgroup/unified",
	      "/sys/fs/cgroup/unified/user.slice/c");
	found(hybrid, "name=systemd", "/sys/fs/cgroup/systemd",
	      "/sys/fs/cgroup/systemd/user.slice");
	found(hybrid, "cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/a:b");
	found(hybrid, "devices", "/sys/fs/cgroup/de v", "/sys/fs/cgroup/de v/inner");
}

static void what_is_not_there_is_not_found(void **state)
{
	struct cgroup_path group;

	(void)state;
	assert_int_equal(cgroup_path_find(hybrid, groups, "freezer", &group), -ENOENT);
	assert_int_equal(cgroup_path_find(hybrid, groups, "cpua", &group), -ENOENT);
	assert_int_equal(cgroup_path_find("", groups, "", &group), -ENOENT);
	assert_int_equal(cgroup_path_find(hybrid, "", "", &group), -ENOENT);
}

static void a_group_outside_of_the_mount_is_refused(void **state)
{
	struct cgroup_path group;

	(void)state;
	assert_int_equal(cgroup_path_find(hybrid, "5:devices:/docker/xy\n", "devices", &group),
			 -EXDEV);
	assert_int_equal(cgroup_path_find(hybrid, "0::/../x\n", "", &group), -EXDEV);
}

static void the_root_group_is_the_mount_point(void **state)
{
	struct cgroup_path group;

	(void)state;
	assert_int_equal(cgroup_path_find(hybrid, "0::/\n", "", &group), 0);
	assert_string_equal(group.path, "/sys/fs/cgroup/unified");
	assert_int_equal(cgroup_path_find(hybrid, "5:devices:/docker/x", "devices", &group), 0);
	assert_string_equal(group.path, "/sys/fs/cgroup/de v");
}

static void scope(const char *path, const char *expected)
{
	char unit[NAME_MAX + 1];

	assert_int_equal(cgroup_path_scope(path, unit), 0);
	assert_string_equal(unit, expected);
}

static void the_innermost_scope_of_a_group_is_found(void **state)
{
	(void)state;
	scope("/system.slice/runc-a.scope", "runc-a.scope");
	scope("/system.slice/crun-a.scope/container", "crun-a.scope");
	scope("/user.slice/session-1.scope//x/vtpm-b\\x2dc.scope/", "vtpm-b\\x2dc.scope");
	scope("/machine.slice/_cgroup.scope", "cgroup.scope");
}

static void a_group_in_no_scope_has_none(void **state)
{
	char unit[NAME_MAX + 1], longest[NAME_MAX + 16] = "/";

	(void)state;
	assert_int_equal(cgroup_path_scope("", unit), -ENOENT);
	assert_int_equal(cgroup_path_scope("/test-one", unit), -ENOENT);
	assert_int_equal(cgroup_path_scope("/system.slice/podman.service/x", unit), -ENOENT);
	assert_int_equal(cgroup_path_scope("/.scope/a.scopes", unit), -ENOENT);

	memset(longest + 1, 'x', NAME_MAX - strlen(".scope"));
	strcat(longest, ".scope");
	scope(longest, longest + 1);
	memset(longest + 1, 'x', NAME_MAX - strlen(".scope") + 1);
	memcpy(longest + 2 + NAME_MAX - strlen(".scope"), ".scope", sizeof(".scope"));
	assert_int_equal(cgroup_path_scope(longest, unit), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hierarchy_is_found),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(a_group_outside_of_the_mount_is_refused),
		cmocka_unit_test(the_root_group_is_the_mount_point),
		cmocka_unit_test(the_innermost_scope_of_a_group_is_found),
		cmocka_unit_test(a_group_in_no_scope_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
