/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/admin.h"
#include "runtime/config/container.h"
#include "runtime/config/entry.h"
#include "util/error.h"

static char skipped[512];

static void note_skipped(const char *message)
{
	(void)snprintf(skipped, sizeof(skipped), "%s", message);
}

static int entries_of(const char *vtpms, struct admin_config *admin, struct container *container,
		      struct vtpm_entry **entries, size_t *count, struct error *err)
{
	char text[4096];
	int r;

	(void)snprintf(text, sizeof(text),
		       "{\"root\": {\"path\": \"rootfs\"}, \"linux\": {\"resources\": "
		       "{\"vtpms\": %s}}}",
		       vtpms);
	r = container_parse(text, strlen(text), container, err);
	if (r < 0)
		return r;
	r = container_entries(container, admin, note_skipped, entries, count, err);
	if (r < 0)
		container_done(container);
	return r;
}

static void refused(const char *vtpms, const char *message)
{
	struct admin_config admin;
	struct container container;
	struct vtpm_entry *entries;
	struct error err = { "" };
	size_t count;

	assert_int_equal(admin_config_parse("", 0, &admin, &err), 0);
	assert_int_equal(entries_of(vtpms, &admin, &container, &entries, &count, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

#define AT(n) "linux.resources.vtpms[" #n "]: "
#define GOOD "\"statePath\": \"/s\", \"vtpmName\": \"0\""

static void both_forms_are_read_without_regard_to_case(void **state)
{
	cleanup_free struct vtpm_entry *entries = NULL;
	struct admin_config admin;
	struct container container;
	struct error err = { "" };
	size_t count;

	(void)state;
	assert_int_equal(admin_config_parse("", 0, &admin, &err), 0);
	assert_int_equal(
		entries_of(
			"[{\"statepath\": \"/var/lib/runc/myvtpm1\", \"StatePathIsManaged\": true,"
			"\"vtpmVersion\": \"2\", \"createCerts\": false, \"runAs\": \"tss\","
			"\"pcrBanks\": \"sha1,sha512\", \"encryptionPassword\": \"mysecret\","
			"\"VTPMNAME\": \"tpm0\", \"vtpmMajor\": 100, \"vtpmMinor\": 1},"
			"{\"containerPath\": \"/dev/tpm7\", \"hostPath\": \"/dev/x\","
			"\"fileMode\": 432, \"uid\": 103, \"gid\": 104, \"vtpmMajor\": 0}]",
			&admin, &container, &entries, &count, &err),
		0);
	assert_int_equal(count, 2);
	assert_string_equal(entries[0].state_path, "/var/lib/runc/myvtpm1");
	assert_true(entries[0].state_is_managed);
	assert_string_equal(entries[0].paths[0], "/dev/tpmtpm0");
	assert_string_equal(entries[0].paths[1], "/dev/tpmrmtpm0");
	assert_int_equal(entries[0].major, 100);
	assert_int_equal(entries[0].minor, 1);
	assert_int_equal(entries[0].file_mode, -1);
	assert_string_equal(entries[1].paths[0], "/dev/tpm7");
	assert_int_equal(entries[1].node_count, 1);
	assert_int_equal(entries[1].file_mode, 0660);
	assert_null(entries[1].state_path);
	container_done(&container);
}

static void a_tpm_12_has_no_twin_and_a_null_counts_as_absent(void **state)
{
	static const char text[] = "{\"runAs\": \"tss\", \"caDir\": \"/ca\", "
				   "\"uidRange\": \"7-9\"}";
	cleanup_free struct vtpm_entry *entries = NULL;
	struct admin_config admin;
	struct container container;
	struct error err = { "" };
	size_t count;

	(void)state;
	assert_int_equal(admin_config_parse(text, strlen(text), &admin, &err), 0);
	assert_int_equal(entries_of("[{" GOOD ", \"vtpmVersion\": \"1.2\", \"runAs\": null}]",
				    &admin, &container, &entries, &count, &err),
			 0);
	assert_string_equal(entries[0].paths[0], "/dev/tpm0");
	assert_int_equal(entries[0].node_count, 1);
	assert_string_equal(entries[0].run_as, "tss");
	assert_string_equal(entries[0].uid_range, "7-9");
	assert_int_equal(entries[0].store_rate, 1024);
	assert_string_equal(entries[0].ca_dir, "/ca");
	container_done(&container);
	admin_config_done(&admin);
}

static void each_mistake_in_an_entry_has_its_sentence(void **state)
{
	static const char *const mistakes[][2] = {
		{ "[7]", AT(0) "not an object" },
		{ "[{}]", AT(0) "statePath is missing" },
		{ "[{" GOOD "}, {\"vtpmName\": \"1\"}]", AT(1) "statePath is missing" },
		{ "[{\"statePath\": \"/s\"}]", AT(0) "vtpmName is missing" },
		{ "[{\"statePath\": \"/s\", \"vtpmName\": \"\"}]", AT(0) "vtpmName is empty" },
		{ "[{\"statePath\": \"/s\", \"vtpmName\": \"a/b\"}]",
		  AT(0) "vtpmName 'a/b' has other characters than letters, digits, '.', '_' and "
			"'-', or begins with '.'" },
		{ "[{\"statePath\": \"/s\", \"vtpmName\": \"..\"}]",
		  AT(0) "vtpmName '..' has other characters than letters, digits, '.', '_' and "
			"'-', or begins with '.'" },
		{ "[{\"statePath\": \"/s\", \"vtpmName\": "
		  "\"1234567890123456789012345678901234567890123456789\"}]",
		  AT(0) "vtpmName is longer than 48 characters" },
		{ "[{\"statePath\": \"s\", \"vtpmName\": \"0\"}]",
		  AT(0) "statePath 's' is not an absolute path" },
		{ "[{" GOOD ", \"caDir\": \"ca\"}]", AT(0) "caDir 'ca' is not an absolute path" },
		{ "[{" GOOD ", \"statePATH\": \"/t\"}]", AT(0) "statePath is given twice" },
		{ "[{" GOOD ", \"statePaht\": \"/t\"}]",
		  AT(0) "there is no member 'statePaht', but vtpmName statePath "
			"statePathIsManaged vtpmVersion createCerts runAs pcrBanks "
			"encryptionPassword "
			"caDir identity measure measureFiles measureEnv eventLog "
			"hostQuote ..." },
		{ "[{" GOOD ", \"vtpmVersion\": \"3\"}]",
		  AT(0) "vtpmVersion '3' is neither 1.2 nor 2" },
		{ "[{" GOOD ", \"vtpmVersion\": 2}]", AT(0) "vtpmVersion is not a string" },
		{ "[{" GOOD ", \"createCerts\": \"yes\"}]",
		  AT(0) "createCerts is not true or false" },
		{ "[{" GOOD ", \"pcrBanks\": \"sha1,md5\"}]",
		  AT(0) "pcrBanks: 'md5' is not sha1, sha256, sha384 or sha512" },
		{ "[{" GOOD ", \"pcrBanks\": \"sha1,\"}]",
		  AT(0) "pcrBanks: '' is not sha1, sha256, sha384 or sha512" },
		{ "[{" GOOD ", \"pcrBanks\": \"sha1\", \"vtpmVersion\": \"1.2\"}]",
		  AT(0) "pcrBanks: a TPM 1.2 has no PCR banks to choose" },
		{ "[{" GOOD ", \"vtpmMajor\": 512}]",
		  AT(0) "vtpmMajor is not a number from 0 to 511" },
		{ "[{" GOOD ", \"vtpmMajor\": 100, \"vtpmMinor\": 1048576}]",
		  AT(0) "vtpmMinor is not a number from 0 to 1048575" },
		{ "[{" GOOD ", \"vtpmMajor\": 1.5}]",
		  AT(0) "vtpmMajor is not a number from 0 to 511" },
		{ "[{" GOOD ", \"vtpmMinor\": 1}]", AT(0) "vtpmMinor is given without vtpmMajor" },
		{ "[{" GOOD ", \"pcrBanks\": \"sha256,sha256,sha256,sha256,sha256,sha256,sha256,"
		  "sha256,sha256,sha256\"}]",
		  AT(0) "pcrBanks is longer than 64 characters" },
		{ "[{" GOOD ", \"fileMode\": 512}]",
		  AT(0) "fileMode is not a decimal number from 0 to 511, such as 384 for 0600" },
		{ "[{" GOOD ", \"uid\": -1}]", AT(0) "uid is not a number from 0 to 4294967294" },
		{ "[{" GOOD ", \"encryptionPassword\": \"\"}]",
		  AT(0) "encryptionPassword is empty" },
		{ "[{" GOOD ", \"encryptionPassword\": \"pass=\"}]",
		  AT(0) "encryptionPassword has nothing after 'pass='" },
		{ "[{" GOOD ", \"encryptionPassword\": \"file=key\"}]",
		  AT(0) "encryptionPassword: file= is not an absolute path" },
		{ "[{" GOOD ", \"hostPath\": \"/dev/x\"}]",
		  AT(0) "statePath asks for a new vTPM, hostPath for one that exists: give one of "
			"them" },
		{ "[{\"hostPath\": \"/dev/x\"}]", AT(0) "containerPath is missing" },
		{ "[{\"hostPath\": \"x\", \"containerPath\": \"/dev/x\"}]",
		  AT(0) "hostPath 'x' is not an absolute path" },
		{ "[{\"hostPath\": \"/dev/x\", \"containerPath\": \"/dev/x\", \"runAs\": \"a\"}]",
		  AT(0) "without statePath the vTPM exists already: createCerts, pcrBanks, "
			"encryptionPassword, identity, runAs, vtpmVersion and resources have no "
			"use" },
		{ "[{" GOOD ", \"containerPath\": \"/etc/tpm0\"}]",
		  AT(0) "containerPath '/etc/tpm0' is not a name in /dev" },
		{ "[{" GOOD ", \"containerPath\": \"/dev/../x\"}]",
		  AT(0) "containerPath '/dev/../x' is not a name in /dev" },
		{ "[{" GOOD "}, {\"statePath\": \"/t\", \"vtpmName\": \"0\"}]",
		  AT(1) "vtpmName '0' is there twice" },
		{ "[{" GOOD "}, {\"statePath\": \"/s\", \"vtpmName\": \"1\"}]",
		  AT(1) "statePath '/s' is there twice" },
		{ "[{" GOOD "}, {\"statePath\": \"/t\", \"vtpmName\": \"rm0\"}]",
		  AT(1) "/dev/tpmrm0 is there twice in the container" },
		{ "[{" GOOD "}, {\"statePath\": \"/t\", \"vtpmName\": \"1\", \"containerPath\": "
		  "\"/dev/tpm0\"}]",
		  AT(1) "/dev/tpm0 is there twice in the container" },
		{ "[{" GOOD ", \"vtpmMajor\": 9, \"vtpmMinor\": 1}, {\"statePath\": \"/t\", "
		  "\"vtpmName\": \"1\", \"vtpmMajor\": 9, \"vtpmMinor\": 1}]",
		  AT(1) "device number 9:1 is there twice" },
		{ "[{\"statePath\": \"memory:\", \"vtpmName\": \"0\", "
		  "\"statePathIsManaged\": true}]",
		  AT(0) "statePath memory: keeps nothing: statePathIsManaged, "
			"encryptionPassword and identity have no use" },
		{ "[{" GOOD ", \"identity\": \"0123456789abcdef0123456789abcdeg\"}]",
		  AT(0) "identity '0123456789abcdef0123456789abcdeg' is not 32 hex digits" },
		{ "[{" GOOD ", \"identity\": \"\"}]", AT(0) "identity '' is not 32 hex digits" },
		{ "[{\"statePath\": \"memory:/x\", \"vtpmName\": \"0\"}]",
		  AT(0) "statePath 'memory:/x' is not an absolute path" },
		{ "{}", "linux.resources.vtpms is not an array" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		refused(mistakes[i][0], mistakes[i][1]);
}

static void states_in_memory_are_one_each(void **state)
{
	cleanup_free struct vtpm_entry *entries = NULL;
	struct container container;
	struct admin_config admin;
	size_t count;

	(void)state;
	assert_int_equal(admin_config_parse("", 0, &admin, NULL), 0);
	assert_int_equal(entries_of("[{\"statePath\": \"memory:\", \"vtpmName\": \"0\"}, "
				    "{\"statePath\": \"memory:\", \"vtpmName\": \"1\"}]",
				    &admin, &container, &entries, &count, NULL),
			 0);
	assert_int_equal(count, 2);
	assert_true(vtpm_entry_in_memory(&entries[1]));
	container_done(&container);
}

/* 63 characters are taken, and the twin's name is whole. */
static void a_container_path_is_bounded(void **state)
{
	char text[256], path[VTPM_PATH_LEN + 1] = "/dev/tpm", wanted[VTPM_PATH_LEN + 8];
	cleanup_free struct vtpm_entry *entries = NULL;
	struct container container;
	struct admin_config admin;
	size_t count;

	(void)state;
	assert_int_equal(admin_config_parse("", 0, &admin, NULL), 0);
	memset(path + strlen(path), 'x', VTPM_PATH_MOST - strlen(path));
	(void)snprintf(wanted, sizeof(wanted), "/dev/tpmrm%s", path + strlen("/dev/tpm"));
	(void)snprintf(text, sizeof(text), "[{" GOOD ", \"containerPath\": \"%s\"}]", path);
	assert_int_equal(entries_of(text, &admin, &container, &entries, &count, NULL), 0);
	assert_string_equal(entries[0].paths[0], path);
	assert_string_equal(entries[0].paths[1], wanted);
	container_done(&container);

	path[VTPM_PATH_MOST] = 'x';
	path[VTPM_PATH_MOST + 1] = '\0';
	(void)snprintf(text, sizeof(text), "[{" GOOD ", \"containerPath\": \"%s\"}]", path);
	refused(text, AT(0) "containerPath is longer than 63 characters");
}

static void ignored_errors_leave_the_good_entries(void **state)
{
	static const char text[] = "{\"ignoreVTPMErrors\": true}";
	cleanup_free struct vtpm_entry *entries = NULL;
	struct admin_config admin;
	struct container container;
	struct error err = { "" };
	size_t count;

	(void)state;
	assert_int_equal(admin_config_parse(text, strlen(text), &admin, &err), 0);
	assert_int_equal(entries_of("[{\"vtpmName\": \"\"}, {" GOOD "}]", &admin, &container,
				    &entries, &count, &err),
			 0);
	assert_int_equal(count, 1);
	assert_string_equal(entries[0].name, "0");
	assert_string_equal(skipped, AT(0) "statePath is missing");
	container_done(&container);
	admin_config_done(&admin);
}

static void not_a_config(const char *text, const char *message)
{
	struct container container;
	struct error err = { "" };

	assert_int_equal(container_parse(text, strlen(text), &container, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void a_config_that_is_none_is_refused(void **state)
{
	(void)state;
	not_a_config("", "line 1: '[' or '{' expected near end of file");
	not_a_config("[]", "not an object");
	not_a_config("{\"a\": 1, \"a\": 2}", "line 1: duplicate object key near '\"a\"'");
	not_a_config("{}", "root.path is missing");
	not_a_config("{\"root\": []}", "root: not an object");
	not_a_config("{\"root\": {\"path\": \"r\"}, \"linux\": {\"namespaces\": [{}]}}",
		     "linux: namespaces[0].type is missing");
	not_a_config("{\"root\": {\"path\": \"r\"}, \"linux\": {\"resources\": 7}}",
		     "linux: not an object");
	not_a_config("{\"root\": {\"path\": \"r\"}, \"linux\": {}, \"Linux\": {}}",
		     "linux is given twice");
}

/* A number that runc writes, and a string that Go reads. */
#define WITH(more)                                                              \
	"{\"root\": {\"path\": \"r\"}, \"process\": {\"rlimits\": [{\"soft\": " \
	"18446744073709551615}]" more "}}"

static int read_config(const char *text, struct container *container, struct error *err)
{
	const char *dir = scratch_make();
	int r;

	scratch_write(scratch_path("config.json"), text, strlen(text));
	r = container_read(dir, container, err);
	scratch_remove();
	return r;
}

static void a_container_without_vtpms_is_not_judged(void **state)
{
	static const char *const texts[] = {
		WITH(""),
		WITH(", \"env\": [\"A=\\ud800\"]"),
		WITH(", \"env\": 1e999"),
		"{\"a\": 1, \"a\": 2}",
		"not JSON at all",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct container container;

		assert_int_equal(read_config(texts[i], &container, NULL), 0);
		assert_null(container.vtpms);
		container_done(&container);
	}
}

static void a_container_with_vtpms_is(void **state)
{
	struct container container;
	struct error err = { "" };

	(void)state;
	assert_int_equal(read_config("{\"vTPMs\": [], \"env\": \"\\ud800\"}", &container, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "/config.json: line 1: "));
}

static void numbers_beyond_63_bits_harm_no_others(void **state)
{
	static const char text[] =
		"{\"root\": {\"path\": \"r\"}, \"limit\": 18446744073709551615, \"linux\": "
		"{\"resources\": {\"vtpms\": [{" GOOD
		", \"vtpmMajor\": 100, \"vtpmMinor\": 1048575, "
		"\"uid\": 4294967294}]}}}";
	cleanup_free struct vtpm_entry *entries = NULL;
	struct admin_config admin;
	struct container container;
	size_t count;

	(void)state;
	assert_int_equal(admin_config_parse("", 0, &admin, NULL), 0);
	assert_int_equal(container_parse(text, strlen(text), &container, NULL), 0);
	assert_int_equal(
		container_entries(&container, &admin, note_skipped, &entries, &count, NULL), 0);
	assert_int_equal(entries[0].major, 100);
	assert_int_equal(entries[0].minor, 1048575);
	assert_int_equal(entries[0].uid, 4294967294);
	container_done(&container);
	refused("[{" GOOD ", \"vtpmMajor\": 100.5}, 18446744073709551615]",
		AT(0) "vtpmMajor is not a number from 0 to 511");
	refused("[{" GOOD ", \"vtpmMajor\": 18446744073709551615}]",
		AT(0) "vtpmMajor is not a number from 0 to 511");
}

static void namespaces_are_found(void **state)
{
	static const char text[] = "{\"root\": {\"path\": \"r\"}, \"linux\": {\"namespaces\": "
				   "[{\"type\": \"mount\"}, {\"type\": \"user\", \"path\": "
				   "\"/proc/7/ns/user\"}]}}";
	struct container container;

	(void)state;
	assert_int_equal(container_parse(text, strlen(text), &container, NULL), 0);
	assert_true(container.user_namespace);
	assert_true(container.mount_namespace);
	assert_null(container.vtpms);
	assert_string_equal(container.rootfs, "r");
	container_done(&container);
}

static void admin_refused(const char *text, const char *message)
{
	struct admin_config admin;
	struct error err = { "" };

	assert_int_equal(admin_config_parse(text, strlen(text), &admin, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void each_mistake_of_the_administrator_has_its_sentence(void **state)
{
	(void)state;
	admin_refused("{\"major\": 0}", "major is not a number from 1 to 511");
	admin_refused("{\"majr\": 1}",
		      "there is no member 'majr', but ignoreVTPMErrors resourceManager major "
		      "maxVTPMs storeRate caDir runAs uidRange runc crun containerdRoots crioRoots "
		      "resources");
	admin_refused("{\"storeRate\": 63}", "storeRate is not a number from 64 to 1048576");
	admin_refused("{\"uidRange\": \"0-9\"}",
		      "uidRange: '0-9' is not FIRST-LAST, two numbers of users");
	admin_refused("{\"caDir\": \"x\"}", "caDir is not an absolute path");
	admin_refused("{\"ignoreVTPMErrors\": 1}", "ignoreVTPMErrors is not true or false");
	admin_refused("{", "line 1: string or '}' expected near end of file");
}

static void what_is_measured_is_said_in_words_that_are_known(void **state)
{
	(void)state;
	refused("[{" GOOD ", \"measure\": \"config\"}]", AT(0) "measure is not an array");
	refused("[{" GOOD ", \"measure\": [\"files\"]}]",
		AT(0) "measure has other words than \"config\", \"image\" and \"rootfs\"");
	refused("[{" GOOD ", \"measure\": [\"rootfs\", 1]}]",
		AT(0) "measure has other words than \"config\", \"image\" and \"rootfs\"");
	refused("[{" GOOD ", \"measureFiles\": \"/a\"}]", AT(0) "measureFiles is not an array");
	refused("[{" GOOD ", \"measureFiles\": [\"/a\", \"b\"]}]",
		AT(0) "measureFiles has what is no absolute path");
	refused("[{" GOOD ", \"measureFiles\": [\"/a\"], \"vtpmVersion\": \"1.2\"}]",
		AT(0) "measure needs a TPM 2.0");
	refused("[{" GOOD ", \"measure\": [\"image\"], \"measureEnv\": [\"A\"]}]",
		AT(0) "measureEnv has no use without \"config\" in measure");
	refused("[{" GOOD ", \"measure\": [\"config\"], \"measureEnv\": [\"A=1\"]}]",
		AT(0) "measureEnv has what is no variable's name");
	refused("[{" GOOD ", \"hostQuote\": true}]", AT(0) "hostQuote has no use without measure");
	refused("[{" GOOD ", \"hostQuote\": 1}]",
		AT(0) "hostQuote is neither true, false nor an object");
	refused("[{" GOOD ", \"hostQuote\": {\"device\": \"tpm0\"}}]",
		AT(0) "hostQuote: device is not an absolute path");
	refused("[{" GOOD ", \"hostQuote\": {\"key\": \"0x80000000\"}}]",
		AT(0) "hostQuote: key is not a persistent handle such as 0x81000000");
	refused("[{" GOOD ", \"hostQuote\": {\"registers\": \"sha256\"}}]",
		AT(0) "hostQuote: registers: 'sha256' selects no registers; \"sha256:12,13\" "
		      "would");
	refused("[{" GOOD ", \"measure\": [\"config\"], \"vtpmVersion\": \"1.2\"}]",
		AT(0) "measure needs a TPM 2.0");
	refused("[{\"hostPath\": \"/dev/tpm7\", \"containerPath\": \"/dev/tpm0\", "
		"\"measure\": [\"config\"]}]",
		AT(0) "measure has no use for a vTPM that runs: its registers are not zero");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_measured_is_said_in_words_that_are_known),
		cmocka_unit_test(both_forms_are_read_without_regard_to_case),
		cmocka_unit_test(a_tpm_12_has_no_twin_and_a_null_counts_as_absent),
		cmocka_unit_test(each_mistake_in_an_entry_has_its_sentence),
		cmocka_unit_test(states_in_memory_are_one_each),
		cmocka_unit_test(a_container_path_is_bounded),
		cmocka_unit_test(ignored_errors_leave_the_good_entries),
		cmocka_unit_test(a_config_that_is_none_is_refused),
		cmocka_unit_test(a_container_without_vtpms_is_not_judged),
		cmocka_unit_test(a_container_with_vtpms_is),
		cmocka_unit_test(numbers_beyond_63_bits_harm_no_others),
		cmocka_unit_test(namespaces_are_found),
		cmocka_unit_test(each_mistake_of_the_administrator_has_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
