/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cuse/server/settings.h"
#include "util/error.h"

/* The words of LINE behind what every command line has. SETTINGS are good until the next call. */
static int parse(const char *line, struct settings *settings, struct error *err)
{
	static char program[] = "vtpm-cuse", words[512];
	static struct settings last;
	char *argv[32] = { program };
	char *rest = words;
	int argc = 1, r;

	(void)snprintf(words, sizeof(words), "%s", line);
	while (argc < 31 && (argv[argc] = strtok_r(rest, " ", &rest)) != NULL)
		argc++;
	settings_done(&last);
	r = settings_parse(argc, argv, settings, err);
	last = *settings;
	return r;
}

#define NEEDED "--state dir --name tpm0 "

static void the_shortest_command_line_has_defaults(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(parse(NEEDED, &settings, NULL), 0);
	assert_string_equal(settings.nodes[0].name, "tpm0");
	assert_int_equal(settings.tpm, TPM_VERSION_2);
	assert_true(settings.flush);
	assert_int_equal(settings.nodes[0].major, 0);
	assert_false(settings.nodes[0].set_owner);
	assert_false(settings.nodes[0].set_mode);
	assert_int_equal(settings.users.named.uid, geteuid());
	assert_null(settings.nodes[1].name);
	assert_int_equal(settings.lock_fd, SETTINGS_NO_FD);
	assert_int_equal(settings.ready_fd, SETTINGS_NO_FD);
}

static void a_server_that_leaves_its_directory_has_absolute_paths(void **state)
{
	char here[PATH_MAX], there[PATH_MAX + 8];
	struct settings settings;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	(void)snprintf(there, sizeof(there), "%s/dir", here);
	assert_int_equal(parse(NEEDED "-d --follow-rootfs dir", &settings, NULL), 0);
	assert_string_equal(settings.state, there);
	assert_string_equal(settings.follow_rootfs, there);
	assert_int_equal(parse(NEEDED "--follow-rootfs dir", &settings, NULL), 0);
	assert_string_equal(settings.state, "dir");
	assert_string_equal(settings.follow_rootfs, "dir");
	assert_int_equal(parse("-d --state /s --name tpm0 --follow-rootfs /r", &settings, NULL), 0);
	assert_string_equal(settings.state, "/s");
	assert_string_equal(settings.follow_rootfs, "/r");
	assert_int_equal(parse("-d --state memory: --name tpm0", &settings, NULL), 0);
	assert_string_equal(settings.state, "memory:");
}

static void each_option_is_understood(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(
		parse("-s dir -n x --tpm-version 1.2 --major 511 --minor 1048575 --owner 1:2 "
		      "--mode 0 --sync off --seccomp log --run-as 4000000001 -d -v --plain",
		      &settings, NULL),
		0);
	assert_int_equal(settings.tpm, TPM_VERSION_1_2);
	assert_false(settings.flush);
	assert_int_equal(settings.seccomp, SECCOMP_LOG);
	assert_int_equal(settings.nodes[0].major, 511);
	assert_int_equal(settings.nodes[0].minor, 1048575);
	assert_true(settings.nodes[0].set_owner);
	assert_int_equal(settings.nodes[0].uid, 1);
	assert_int_equal(settings.nodes[0].gid, 2);
	assert_true(settings.nodes[0].set_mode);
	assert_int_equal(settings.nodes[0].mode, 0);
	assert_int_equal(settings.users.named.uid, 4000000001);
	assert_true(settings.daemon && settings.verbose && settings.plain);
}

static void a_tpm_that_is_not_started_up_is_for_one_user(void **state)
{
	struct settings settings;
	struct error err;

	(void)state;
	assert_int_equal(
		parse(NEEDED "--no-startup --buffer-size 3968 --create-certs", &settings, NULL), 0);
	assert_true(settings.no_startup);
	assert_int_equal(settings.buffer_size, 3968);
	assert_int_equal(parse(NEEDED "--no-startup --resource-manager", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--no-startup and --resource-manager exclude one another");
	assert_int_equal(parse(NEEDED "--no-startup --follow-cgroup /x", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--no-startup and --follow-cgroup exclude one another");
	assert_int_equal(parse(NEEDED "--no-startup --follow-pid 0", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--no-startup and --follow-pid exclude one another");
}

static void what_is_measured_needs_registers_that_are_zero(void **state)
{
	struct settings settings;
	struct error err;

	(void)state;
	assert_int_equal(parse(NEEDED, &settings, NULL), 0);
	assert_int_equal(settings.measured.kind, MEASURED_NOT);
	assert_int_equal(parse(NEEDED "--measure relaunch=4", &settings, NULL), 0);
	assert_int_equal(settings.measured.kind, MEASURED_RELAUNCH);
	assert_int_equal(parse(NEEDED "--measure 7", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--measure: '7' is not fd=N, attached or relaunch=N");
	assert_int_equal(parse(NEEDED "--measure fd=999", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--measure: 999 is not an open descriptor");
	assert_int_equal(parse(NEEDED "--measure attached --no-startup", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--no-startup and --measure exclude one another");
	assert_int_equal(parse(NEEDED "--measure attached --resume f", &settings, &err), -EINVAL);
	assert_string_equal(err.text, "--measure and --resume exclude one another");
	assert_int_equal(parse(NEEDED "--measure attached --tpm-version 1.2", &settings, &err),
			 -EINVAL);
	assert_string_equal(err.text, "--measure needs a TPM 2.0");
}

static void assert_twin(const char *line, const char *name, unsigned int minor)
{
	struct settings settings;

	assert_int_equal(parse(line, &settings, NULL), 0);
	assert_string_equal(settings.nodes[1].name, name);
	assert_int_equal(settings.nodes[1].minor, minor);
}

static void the_twin_is_named_as_the_kernel_does(void **state)
{
	(void)state;
	assert_twin(NEEDED "--resource-manager", "tpmrm0", 0);
	assert_twin("-s dir -n my-tpm-x --resource-manager", "my-tpmrm-x", 0);
	assert_twin(NEEDED "--resource-manager=other", "other", 0);
	assert_twin(NEEDED "--resource-manager --major 7 --minor 3", "tpmrm0", 4);
	assert_twin(NEEDED "--resource-manager --major 7 --minor 3 --resource-manager-minor 9",
		    "tpmrm0", 9);
}

static void refused(const char *line, const char *text)
{
	struct settings settings;
	struct error err = { "" };

	assert_int_not_equal(parse(line, &settings, &err), 0);
	assert_string_equal(err.text, text);
}

static void each_mistake_has_its_sentence(void **state)
{
	(void)state;
	refused("", "--state and --name are needed; see --help");
	refused("--name tpm0", "--state and --name are needed; see --help");
	refused("--state dir", "--state and --name are needed; see --help");
	refused(NEEDED "word", "'word' is not an option");
	refused(NEEDED "--plain --key fd=3",
		"--key, --password, --host-key and --plain exclude one another");
	refused(NEEDED "--password fd=4 --key fd=3",
		"--key, --password, --host-key and --plain exclude one another");
	refused(NEEDED "--host-key=x --plain",
		"--key, --password, --host-key and --plain exclude one another");
	refused("-s dir -n .x",
		"name '.x' is not 1 to 200 of [A-Za-z0-9._-] not starting with . or -");
	refused(NEEDED "--tpm-version 2.1", "--tpm-version: '2.1' is not 1.2 or 2.0");
	refused(NEEDED "--sync no", "--sync: 'no' is not always or off");
	refused(NEEDED "--seccomp=trap", "--seccomp: 'trap' is not kill, log or off");
	refused(NEEDED "--major 0", "--major: 0 is not from 1 to 511");
	refused(NEEDED "--minor 0", "--minor needs --major");
	refused(NEEDED "--resource-manager --resource-manager-minor 4294967295",
		"--resource-manager-minor: '4294967295' is not a number from 0 to 4294967294");
	refused(NEEDED "--resource-manager --major 1 --resource-manager-minor 0",
		"--resource-manager-minor: 0 is not a free minor number");
	refused(NEEDED "--major 512", "--major: 512 is not from 1 to 511");
	refused(NEEDED "--major 1 --minor 1048576", "--minor: 1048576 is not less than 1048576");
	refused(NEEDED "--minor 1", "--minor needs --major");
	refused(NEEDED "--mode 1777", "--mode: '1777' is not an octal mode from 0 to 0777");
	refused(NEEDED "--store-rate 63", "--store-rate: 63 is not 0, or from 64 to 1048576");
	refused(NEEDED "--uid-range 5", "--uid-range: '5' is not FIRST-LAST, two numbers of users");
	refused(NEEDED "--run-as no-such-user", "--run-as: no user 'no-such-user'");
	refused(NEEDED "--owner 0:no-such-group", "--owner: no group 'no-such-group'");
	refused(NEEDED "--lock-fd 999", "--lock-fd: 999 is not an open descriptor");
	refused(NEEDED "--follow-pid 999", "--follow-pid: 999 is not an open descriptor");
}

static void each_mistake_about_the_twin_has_its_sentence(void **state)
{
	(void)state;
	refused(NEEDED "--resource-manager --tpm-version 1.2",
		"--resource-manager needs a TPM 2.0");
	refused("-s dir -n x --resource-manager",
		"--resource-manager needs a NAME, as there is no 'tpm' in x");
	refused(NEEDED "--resource-manager=tpm0",
		"--resource-manager: tpm0 is the device's own name");
	refused(NEEDED "--resource-manager=a/b",
		"name 'a/b' is not 1 to 200 of [A-Za-z0-9._-] not starting with . or -");
	refused(NEEDED "--resource-manager-minor 1",
		"--resource-manager-minor needs --major and --resource-manager");
	refused(NEEDED "--resource-manager --resource-manager-minor 1",
		"--resource-manager-minor needs --major and --resource-manager");
	refused(NEEDED "--resource-manager --major 1 --minor 2 --resource-manager-minor 2",
		"--resource-manager-minor: 2 is not a free minor number");
	refused(NEEDED "--resource-manager --major 1 --resource-manager-minor 1048576",
		"--resource-manager-minor: 1048576 is not a free minor number");
}

static void help_and_version_need_nothing_else(void **state)
{
	struct settings settings;

	(void)state;
	assert_int_equal(parse("--help", &settings, NULL), 0);
	assert_true(settings.help);
	assert_int_equal(parse("-V", &settings, NULL), 0);
	assert_true(settings.version);
}

static void assert_key(const char *line, int r, const char *text)
{
	struct state_key *key = NULL;
	struct error err = { "" };
	struct settings settings;

	assert_int_equal(parse(line, &settings, NULL), 0);
	assert_int_equal(settings_key(&settings, &key, &err), r);
	assert_string_equal(err.text, text);
	state_key_free(key);
}

static void a_key_that_cannot_be_had_names_its_option(void **state)
{
	(void)state;
	assert_key(NEEDED "--plain", 0, "");
	assert_key(NEEDED, 0, "");
	assert_key(NEEDED "--key secret", -EINVAL,
		   "--key: give it as file=PATH, fd=N or credential=NAME");
	assert_key(NEEDED "--password secret", -EINVAL,
		   "--password: give it as file=PATH, fd=N or credential=NAME");
	assert_key(NEEDED "--key file=/no/such/file", -ENOENT,
		   "--key: open /no/such/file: No such file or directory");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shortest_command_line_has_defaults),
		cmocka_unit_test(a_server_that_leaves_its_directory_has_absolute_paths),
		cmocka_unit_test(each_option_is_understood),
		cmocka_unit_test(what_is_measured_needs_registers_that_are_zero),
		cmocka_unit_test(a_tpm_that_is_not_started_up_is_for_one_user),
		cmocka_unit_test(the_twin_is_named_as_the_kernel_does),
		cmocka_unit_test(each_mistake_has_its_sentence),
		cmocka_unit_test(each_mistake_about_the_twin_has_its_sentence),
		cmocka_unit_test(help_and_version_need_nothing_else),
		cmocka_unit_test(a_key_that_cannot_be_had_names_its_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
