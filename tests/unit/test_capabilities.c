/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/capabilities.h"

static uint64_t permitted(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	assert_int_equal(syscall(SYS_capget, &header, sets), 0);
	assert_int_equal(sets[0].effective, sets[0].permitted);
	assert_int_equal(sets[0].inheritable | sets[1].inheritable, 0);
	return sets[0].permitted | (uint64_t)sets[1].permitted << 32;
}

static void in_child(void (*test)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		unit_child_begin();
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void limit(void)
{
	const uint64_t kept = UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_BPF;
	uint64_t before = permitted();

	assert_int_equal(capabilities_limit(kept, false, NULL), 0);
	assert_int_equal(permitted(), before & kept);
	assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	assert_int_equal(capabilities_limit(0, true, NULL), 0);
	assert_int_equal(permitted(), 0);
	assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

static void what_is_not_kept_is_gone(void **state)
{
	(void)state;
	in_child(limit);
}

/* Who may not change it has none of these capabilities to lose. */
static void bound(void)
{
	const uint64_t set_pcap = UINT64_C(1) << CAP_SETPCAP;
	const bool may = (permitted() & set_pcap) != 0;

	assert_int_equal(capabilities_bound(UINT64_C(1) << CAP_CHOWN, NULL), 0);
	if (!may)
		return;
	assert_int_equal(prctl(PR_CAPBSET_READ, CAP_CHOWN), 1);
	assert_int_equal(prctl(PR_CAPBSET_READ, CAP_MKNOD), 0);
	assert_int_equal(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN), 0);
}

static void programs_get_no_others(void **state)
{
	(void)state;
	in_child(bound);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_kept_is_gone),
		cmocka_unit_test(programs_get_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
