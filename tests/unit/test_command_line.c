/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "runtime/server/command_line.h"
#include "runtime/config/entry.h"
#include "runtime/lease/lease.h"
#include "runtime/server/start.h"

static const struct server_programs programs = { "/s", "/m", "/run/v", "/lib/v" };

static void join(const struct command_line *line, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < line->count; i++)
		used += (size_t)snprintf(text + used, size - used, "%s ", line->argv[i]);
	assert_null(line->argv[line->count]);
}

static void fill(struct lease_vtpm *vtpm)
{
	*vtpm = (struct lease_vtpm){ .major = 120, .node_count = 2 };
	(void)strcpy(vtpm->nodes[0].name, "tpm-a");
	(void)strcpy(vtpm->nodes[1].name, "tpmrm-a");
	vtpm->nodes[0].minor = 3;
	vtpm->nodes[1].minor = 4;
	(void)strcpy(vtpm->state_path, "/state");
}

static void all_that_a_server_is_told(void **state)
{
	struct vtpm_entry entry = { .run_as = "tss",
				    .uid_range = "7-9",
				    .store_rate = 99,
				    .password = "file=/key",
				    .noted = "noted" };
	cleanup_free struct lease *lease = NULL;
	static struct command_line line;
	struct lease_vtpm vtpm;
	struct server_owner owner;
	struct launch launch;
	char text[1024];

	(void)state;
	assert_int_equal(lease_new(0, &lease), 0);
	(void)strcpy(lease->freezer, "/group");
	(void)strcpy(lease->state_dir, "/run/runc/a");
	(void)strcpy(lease->bundle, "/b");
	(void)strcpy(lease->rootfs, "/b/rootfs");
	owner = (struct server_owner){ lease, 8, 10 };
	fill(&vtpm);
	launch_init(&launch, &entry, &vtpm, &owner, &programs);
	launch.lock_fd = 7;
	launch.ready_end = 9;
	command_line_serve(&line, &launch);
	join(&line, text, sizeof(text));
	assert_string_equal(text,
			    "/s --state /state --tpm-version 2.0 --password file=/key --run-as tss "
			    "--expect-identity noted --uid-range 7-9 --store-rate 99 --ready-fd 9 "
			    "--name tpm-a --major 120 --minor 3 "
			    "--resource-manager=tpmrm-a --resource-manager-minor 4 "
			    "--log-file /run/v/tpm-a.log --lock-fd 7 "
			    "--follow-cgroup /group --follow-state /run/runc/a --follow-bundle /b "
			    "--follow-rootfs /b/rootfs --follow-pid 8 "
			    "--follow-runtime 10 ");
	entry.identity = "told";
	command_line_serve(&line, &launch);
	join(&line, text, sizeof(text));
	assert_non_null(strstr(text, "--expect-identity told "));
	/* What was attached is over with the first process. */
	lease->attached = true;
	command_line_serve(&line, &launch);
	join(&line, text, sizeof(text));
	assert_non_null(strstr(text, "--lock-fd 7 --follow-cgroup /group --follow-pid 8 "));
}

static void a_password_is_never_a_word(void **state)
{
	static const char *const passwords[] = { "secret", "pass=secret", "fd=5" };
	static const struct server_owner owner = { NULL, -1, -1 };
	static struct command_line line;
	struct lease_vtpm vtpm;
	char text[1024];

	(void)state;
	fill(&vtpm);
	for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
		struct vtpm_entry entry = { .password = passwords[i], .pcr_banks = "sha256" };
		struct launch launch;

		launch_init(&launch, &entry, &vtpm, &owner, &programs);
		launch.key_fd = 9;
		command_line_setup(&line, &launch);
		join(&line, text, sizeof(text));
		assert_string_equal(text, "/m manufacture --state /state --tpm-version 2.0 "
					  "--password fd=9 --not-overwrite --certs=none "
					  "--ek none --pcr-banks sha256 ");
	}
}

/* Without a directory there is no lock, and nobody else can make the TPM. */
static void a_tpm_in_memory_is_made_by_its_server(void **state)
{
	static const struct vtpm_entry entry = {
		.state_path = "memory:", .create_certs = true, .ca_dir = "/ca"
	};
	static const struct server_owner nobody = { NULL, -1, -1 };
	cleanup_free struct lease *lease = NULL;
	static struct command_line line;
	struct server_owner owner = nobody;
	struct lease_vtpm vtpm;
	struct launch launch;
	char text[1024];

	(void)state;
	assert_int_equal(lease_new(0, &lease), 0);
	owner.lease = lease;
	fill(&vtpm);
	vtpm.state_path[0] = '\0';
	vtpm.node_count = 1;
	launch_init(&launch, &entry, &vtpm, &owner, &programs);
	launch.ready_end = 9;
	command_line_serve(&line, &launch);
	join(&line, text, sizeof(text));
	assert_string_equal(text, "/s --state memory: --tpm-version 2.0 --ready-fd 9 --name tpm-a "
				  "--major 120 --minor 3 --log-file "
				  "/run/v/tpm-a.log --create-certs=ek,platform --vmid tpm-a "
				  "--lock-nvram --ca-dir /ca ");
}

static void the_longest_words_have_room(void **state)
{
	static char path[PATH_MAX];
	struct vtpm_entry entry = { .run_as = path, .password = path };
	cleanup_free struct lease *lease = NULL;
	static struct command_line line;
	static struct lease_vtpm vtpm;
	struct server_owner owner;
	struct launch launch;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	assert_int_equal(lease_new(0, &lease), 0);
	memcpy(lease->freezer, path, PATH_MAX);
	memcpy(lease->state_dir, path, PATH_MAX);
	memcpy(lease->bundle, path, PATH_MAX);
	memcpy(lease->rootfs, path, PATH_MAX);
	memcpy(vtpm.state_path, path, PATH_MAX);
	vtpm.node_count = 2;
	memset(vtpm.nodes[0].name, 'n', NAME_MAX);
	memset(vtpm.nodes[1].name, 't', NAME_MAX);
	owner = (struct server_owner){ lease, INT_MAX, INT_MAX };
	launch_init(&launch, &entry, &vtpm, &owner, &programs);
	command_line_serve(&line, &launch);
	assert_true(line.count > 20);
}

static bool is_told(struct launch *launch, const char *words)
{
	static struct command_line line;
	char text[1024];

	command_line_serve(&line, launch);
	join(&line, text, sizeof(text));
	return strstr(text, words) != NULL;
}

static void a_server_is_told_what_is_measured(void **state)
{
	struct vtpm_entry entry = { 0 };
	cleanup_free struct lease *lease = NULL;
	struct server_owner owner;
	struct lease_vtpm vtpm;
	struct launch launch;

	(void)state;
	assert_int_equal(lease_new(0, &lease), 0);
	owner = (struct server_owner){ lease, -1, -1 };
	fill(&vtpm);
	launch_init(&launch, &entry, &vtpm, &owner, &programs);
	launch_measure_again(&launch); /* one that was not measured */
	assert_false(is_told(&launch, "--measure"));
	launch.events_fd = 11;
	assert_true(is_told(&launch, " --measure fd=11 "));
	launch.vouch_end = 12;
	assert_true(is_told(&launch, " --measure fd=11,host=12 "));
	vtpm.launches = 1;
	launch.events_fd = -1;
	launch_measure_again(&launch);
	assert_true(is_told(&launch, " --measure relaunch=1 "));
	launch_measure_again(&launch);
	assert_true(is_told(&launch, " --measure relaunch=2 "));
	assert_int_equal(vtpm.launches, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_told_what_is_measured),
		cmocka_unit_test(all_that_a_server_is_told),
		cmocka_unit_test(a_password_is_never_a_word),
		cmocka_unit_test(a_tpm_in_memory_is_made_by_its_server),
		cmocka_unit_test(the_longest_words_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
