/* SPDX-License-Identifier: BSD-3-Clause */
/* tpm/protect.c: a TPM's seeds get neither into swap nor into a core file. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/memory_storage.h"
#include "tpm/protect.h"
#include "tpm/tpm.h"
#include "util/cleanup.h"

/* The flags of the mapping that ADDRESS is in, as /proc/self/smaps has them. */
static void read_flags(uintptr_t address, char flags[static 512])
{
	cleanup_with(fclosep) FILE *maps = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	char line[512];
	bool here = false;

	flags[0] = '\0';
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = address >= start && address < end;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			(void)strcpy(flags, line);
	}
}

/* Where in the library's variables the TPM has what it was given. */
static uintptr_t find_in_variables(const uint8_t *bytes, size_t len)
{
	cleanup_with(fclosep) FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	bool in_library = false;
	char line[512], access[8];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		const uint8_t *found;

		if (sscanf(line, "%lx-%lx %7s", &start, &end, access) != 3)
			continue;
		/* What has no name follows a library's last part: variables that are zero at first.
		 */
		in_library = strstr(line, "libtpms") != NULL ||
			     (in_library && strchr(line, '/') == NULL);
		if (!in_library || access[1] != 'w')
			continue;
		found = memmem((const void *)start, end - start, bytes, len);
		if (found != NULL)
			return (uintptr_t)found;
	}
	return 0;
}

static void what_a_tpm_keeps_is_locked_and_in_no_dump(void **state)
{
	/* TPM2_HierarchyChangeAuth: the owner's authorization is in the TPM's variables then. */
	static const uint8_t secret[] = "a secret of the owner's";
	uint8_t command[27 + 2 + sizeof(secret) - 1] = { 0x80,
							 0x02,
							 0,
							 0,
							 0,
							 sizeof(command),
							 0,
							 0,
							 0x01,
							 0x29,
							 0x40,
							 0,
							 0,
							 0x01,
							 0,
							 0,
							 0,
							 0x09,
							 0x40,
							 0,
							 0,
							 0x09,
							 0,
							 0,
							 0,
							 0,
							 0,
							 0,
							 sizeof(secret) - 1 };
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	static struct memory_storage memory;
	struct tpm_storage storage = memory_storage(&memory);
	const uint8_t *response;
	uintptr_t address;
	char flags[512];
	size_t len;
	int r;

	(void)state;
	r = tpm_protect_memory();
	if (r == -EINVAL)
		print_message("pages cannot be locked once they are used: qemu's user mode?\n");
	if (r == -EPERM || r == -ENOMEM || r == -EINVAL)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(tpm_start(TPM_VERSION_2, &storage, &tpm, NULL), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	memcpy(command + 29, secret, sizeof(secret) - 1);
	assert_int_equal(tpm_execute(tpm, command, sizeof(command), &response, &len), 0);
	assert_memory_equal(response + 6, "\0\0\0\0", 4);
	explicit_bzero(command, sizeof(command));
	address = find_in_variables(secret, sizeof(secret) - 1);
	if (address == 0) /* libtpms is part of the program */
		skip();
	read_flags(address, flags);
	assert_non_null(strstr(flags, " lo"));
	assert_non_null(strstr(flags, " dd"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_tpm_keeps_is_locked_and_in_no_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
