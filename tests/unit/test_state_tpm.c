/* SPDX-License-Identifier: BSD-3-Clause */
/* The state directory under the real TPM. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tpm/state/state.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define INDEX 0x01500001

static struct state_key *key;
static struct state *opened;
static struct tpm *tpm;

static int set_up(void **state)
{
	(void)state;
	(void)scratch_make();
	assert_int_equal(state_key_from_bytes(KEY_RAW, "x1234567890123456789012345678901", 32, "x",
					      &key, NULL),
			 0);
	return 0;
}

static void stop(void)
{
	tpm_stop(take_ptr(tpm));
	state_close(take_ptr(opened));
}

static int tear_down(void **state)
{
	(void)state;
	stop();
	state_key_free(take_ptr(key));
	scratch_remove();
	return 0;
}

static void open_state(enum tpm_version version)
{
	struct state_options options = {
		.dir = scratch_path("tpm"),
		.version = version,
		.key = key,
		.sync = true,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};

	assert_int_equal(state_open(&options, &opened, NULL), 0);
}

static void switch_on(enum tpm_version version)
{
	struct tpm_storage storage = state_storage(opened);

	assert_int_equal(tpm_start(version, &storage, &tpm, NULL), 0);
}

static void start(enum tpm_version version)
{
	open_state(version);
	switch_on(version);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
}

static const uint8_t *run(struct tpm_command *command, uint32_t expected)
{
	const uint8_t *response;
	size_t len;

	assert_int_equal(tpm_command_end(command), 0);
	assert_int_equal(tpm_execute(tpm, command->bytes, command->len, &response, &len), 0);
	assert_int_equal(get_be32(response + 6), expected);
	return response;
}

static void begin_define(struct tpm_command *command, uint32_t index, uint16_t size)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_NV_DefineSpace);
	tpm_put_u32(command, TPM2_RH_OWNER);
	tpm_put_empty_auth(command);
	tpm_put_u16(command, 0);
	tpm_put_u16(command, 14);
	tpm_put_u32(command, index);
	tpm_put_u16(command, 0x000b);
	tpm_put_u32(command, 0x00020002); /* OWNERREAD | OWNERWRITE */
	tpm_put_u16(command, 0);
	tpm_put_u16(command, size);
	assert_int_equal(tpm_command_end(command), 0);
}

static void define_index(void)
{
	struct tpm_command command;

	begin_define(&command, INDEX, 8);
	(void)run(&command, 0);
}

static void write_index(const char *text)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, INDEX);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, text, 8);
	tpm_put_u16(&command, 0);
	(void)run(&command, 0);
}

static void expect_index(const char *text)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Read);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, INDEX);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 8);
	tpm_put_u16(&command, 0);
	assert_memory_equal(run(&command, 0) + 16, text, 8);
}

static void an_index_survives_an_orderly_stop_and_a_power_cut(void **state)
{
	(void)state;
	start(TPM_VERSION_2);
	define_index();
	write_index("orderly!");
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
	stop();
	start(TPM_VERSION_2);
	expect_index("orderly!");
	write_index("the cut!");
	stop();
	start(TPM_VERSION_2);
	expect_index("the cut!");
}

static void commands_that_change_nothing_store_nothing(void **state)
{
	struct tpm_command command;
	struct state_info info;
	uint64_t before;

	(void)state;
	start(TPM_VERSION_2);
	state_get_info(opened, &info);
	before = info.stores;
	for (int i = 0; i < 10; i++) {
		tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetRandom);
		tpm_put_u16(&command, 8);
		(void)run(&command, 0);
	}
	state_get_info(opened, &info);
	assert_int_equal(info.stores, before);
	define_index();
	state_get_info(opened, &info);
	assert_int_equal(info.stores, before + 1);
}

static void a_tpm_1_2_keeps_what_it_saved(void **state)
{
	(void)state;
	start(TPM_VERSION_1_2);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
	stop();
	assert_true(scratch_exists(scratch_path("tpm/tpm.savestate")));
	start(TPM_VERSION_1_2);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
}

static void extend_pcr(void)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_PCR_Extend);
	tpm_put_u32(&command, 16);
	tpm_put_empty_auth(&command);
	tpm_put_u32(&command, 1);
	tpm_put_u16(&command, 0x000b);
	tpm_put_bytes(&command, "what is measured, in 32 bytes...", 32);
	(void)run(&command, 0);
}

static void read_pcr(uint8_t digest[static 32])
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_PCR_Read);
	tpm_put_u32(&command, 1);
	tpm_put_u16(&command, 0x000b);
	tpm_put_u8(&command, 3);
	tpm_put_bytes(&command, "\0\0\1", 3);
	memcpy(digest, run(&command, 0) + 30, 32);
}

static uint32_t start_session(void)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_StartAuthSession);
	tpm_put_u32(&command, TPM2_RH_NULL);
	tpm_put_u32(&command, TPM2_RH_NULL);
	tpm_put_sized(&command, "0123456789abcdef", 16);
	tpm_put_u16(&command, 0);
	tpm_put_u8(&command, 1); /* policy */
	tpm_put_u16(&command, 0x0010);
	tpm_put_u16(&command, 0x000b);
	return get_be32(run(&command, 0) + 10);
}

static void flush_session(uint32_t handle)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	tpm_put_u32(&command, handle);
	(void)run(&command, 0);
}

static void save(struct wiped *image)
{
	uint8_t *data;
	size_t len;

	assert_int_equal(tpm_save_volatile(tpm, &data, &len, NULL), 0);
	assert_int_equal(state_save_volatile(opened, data, len, image, NULL), 0);
	explicit_bzero(data, len);
	free(data);
}

static void a_saved_tpm_goes_on_where_it_was(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	uint8_t before[32], after[32];
	uint32_t session;

	(void)state;
	start(TPM_VERSION_2);
	define_index();
	extend_pcr();
	read_pcr(before);
	session = start_session();
	save(&image);
	stop();

	open_state(TPM_VERSION_2);
	assert_int_equal(state_resume(opened, image.data, image.len, NULL), 0);
	switch_on(TPM_VERSION_2); /* and no Startup: it is on already */
	read_pcr(after);
	assert_memory_equal(before, after, sizeof(before));
	flush_session(session);
	assert_int_equal(tpm_store_again(tpm, NULL), 0);
	write_index("resumed!");
	stop();

	open_state(TPM_VERSION_2);
	assert_int_equal(state_resume(opened, image.data, image.len, NULL), -ESTALE);
	switch_on(TPM_VERSION_2);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	expect_index("resumed!");
	read_pcr(after);
	assert_memory_not_equal(before, after, sizeof(before));
}

static void write_fails(void)
{
	struct tpm_command command;
	const uint8_t *response;
	size_t len;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, INDEX);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "is lost!", 8);
	tpm_put_u16(&command, 0);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(tpm_execute(tpm, command.bytes, command.len, &response, &len), 0);
	assert_true(tpm_is_stalled(tpm));
}

/* And changes nothing of the TPM but what the command did: registers and sessions stay. */
static void a_failed_store_fails_the_command_and_loses_nothing(void **state)
{
	uint8_t before[32], after[32];
	struct state_info info;
	uint32_t session;

	(void)state;
	start(TPM_VERSION_2);
	define_index();
	write_index("is kept!");
	extend_pcr();
	read_pcr(before);
	session = start_session();
	fault_arm_from(1, ENOSPC, "pwrite");
	write_fails();
	state_get_info(opened, &info);
	assert_non_null(strstr(info.degraded.text, "tpm.permanent: No space left on device"));
	assert_int_equal(tpm_store_again(tpm, NULL), -ENOSPC);
	(void)fault_disarm();
	assert_int_equal(tpm_store_again(tpm, NULL), 0);
	assert_false(tpm_is_stalled(tpm));
	read_pcr(after);
	assert_memory_equal(before, after, sizeof(before));
	flush_session(session);
	expect_index("is lost!");
	write_index("anew now");
	stop();
	start(TPM_VERSION_2);
	expect_index("anew now");
}

static void killed_before_it_is_stored_a_failed_command_never_was(void **state)
{
	(void)state;
	start(TPM_VERSION_2);
	define_index();
	write_index("is kept!");
	fault_arm_from(1, EIO, "fdatasync");
	write_fails();
	(void)fault_disarm();
	stop();
	start(TPM_VERSION_2);
	expect_index("is kept!");
}

static void a_failed_save_of_a_tpm_1_2_is_made_up_for(void **state)
{
	(void)state;
	start(TPM_VERSION_1_2);
	fault_arm_from(1, EIO, "openat pwrite");
	assert_int_equal(tpm_shutdown(tpm, NULL), -EIO);
	assert_true(tpm_store_again(tpm, NULL) < 0);
	(void)fault_disarm();
	assert_int_equal(tpm_store_again(tpm, NULL), 0);
	assert_true(scratch_exists(scratch_path("tpm/tpm.savestate")));
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
}

static void what_needs_room_that_is_not_there_is_refused_and_has_not_run(void **state)
{
	struct tpm_command command;
	const uint8_t *response;
	size_t len, i;

	(void)state;
	fault_memory(true);
	start(TPM_VERSION_2);
	define_index();
	fault_arm_from(1, ENOSPC, "fallocate");
	for (i = 1; i < 100; i++) {
		begin_define(&command, INDEX + (uint32_t)i, 2048);
		assert_int_equal(tpm_execute(tpm, command.bytes, command.len, &response, &len), 0);
		if (get_be32(response + 6) != 0)
			break;
	}
	assert_int_equal(get_be32(response + 6), TPM2_RC_NV_SPACE);
	assert_int_equal(len, TPM_HEADER_SIZE);
	assert_in_range(i, 6, 10);
	/* What needs none goes on. */
	write_index("anything");
	expect_index("anything");
	(void)fault_disarm();
	assert_int_equal(tpm_execute(tpm, command.bytes, command.len, &response, &len), 0);
	assert_int_equal(get_be32(response + 6), 0);
	fault_memory(false);
}

static void a_full_tpm_fits_into_the_room_that_a_disk_has(void **state)
{
	struct tpm_command command;
	const uint8_t *response;
	uint32_t code = 0;
	size_t len;

	(void)state;
	start(TPM_VERSION_2);
	fault_arm_from(1, ENOSPC, "fallocate openat");
	for (uint32_t i = 1; code == 0; i++) {
		begin_define(&command, INDEX + i, 2048);
		assert_int_equal(tpm_execute(tpm, command.bytes, command.len, &response, &len), 0);
		code = get_be32(response + 6);
		assert_true(i < 200);
	}
	assert_int_equal(code, TPM2_RC_NV_SPACE);
	assert_false(fault_disarm());
}

static void what_libtpms_understands_is_valid(void **state)
{
	static const uint8_t rubbish[2000] = { 0 };
	struct tpm_storage storage;
	struct error err;

	(void)state;
	start(TPM_VERSION_2);
	stop();
	open_state(TPM_VERSION_2);
	storage = state_storage(opened);
	assert_int_equal(tpm_validate(TPM_VERSION_2, &storage, NULL), 0);
	assert_int_equal(storage.store(opened, BLOB_PERMANENT, rubbish, sizeof(rubbish)), 0);
	assert_int_equal(tpm_validate(TPM_VERSION_2, &storage, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "libtpms does not understand this state"));
}

#ifndef WITH_SANITIZERS
/* The needle is never in memory as it is: each byte of it differs by this. */
#define MASK 0x5a

static bool is_here(const uint8_t *p, const uint8_t *masked, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((p[i] ^ MASK) != masked[i])
			return false;
	}
	return true;
}

/* How often the needle is in our writable memory whose name has NAME in it. */
static unsigned int count_in_memory(const char *name, const uint8_t *masked, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned int count = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from, to;
		char mode[5];

		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[0] != 'r' ||
		    mode[1] != 'w' || strstr(line, name) == NULL)
			continue;
		for (unsigned long p = from; p + len <= to; p++)
			count += is_here((const uint8_t *)p, masked, len);
	}
	(void)fclose(maps);
	return count;
}

static void mask(const char *text, uint8_t *masked)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		masked[i] = (uint8_t)text[i] ^ MASK;
}

static void libtpms_leaves_no_state_in_freed_memory(void **state)
{
	uint8_t masked[8], plain[8];

	(void)state;
	mask("9Kq!x2#W", masked);
	start(TPM_VERSION_2);
	define_index();
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = masked[i] ^ MASK;
	write_index((const char *)plain);
	tpm_stop(take_ptr(tpm));
	assert_int_equal(count_in_memory("[heap]", masked, sizeof(masked)), 0);
	/* Nor does it of what it reads, and frees, at a start. */
	switch_on(TPM_VERSION_2);
	assert_int_equal(count_in_memory("[heap]", masked, sizeof(masked)), 0);
}

static void the_password_is_gone_when_the_state_is_open(void **state)
{
	uint8_t masked[20], plain[20];

	(void)state;
	mask("correct horse staple", masked);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = masked[i] ^ MASK;
	state_key_free(take_ptr(key));
	assert_int_equal(state_key_from_bytes(KEY_PASSWORD, plain, sizeof(plain), "x", &key, NULL),
			 0);
	assert_true(count_in_memory("", masked, sizeof(masked)) >= 2);
	open_state(TPM_VERSION_2);
	state_key_free(take_ptr(key));
	explicit_bzero(plain, sizeof(plain));
	assert_int_equal(count_in_memory("", masked, sizeof(masked)), 0);
}

static long resident_kib(void)
{
	long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%*d %ld", &pages), 1);
	(void)fclose(statm);
	return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void a_password_costs_less_than_20_mib_which_are_given_back(void **state)
{
	struct rusage usage;
	long before;

	(void)state;
	/* OpenSSL itself is not what is measured. */
	open_state(TPM_VERSION_2);
	stop();
	before = resident_kib();
	state_key_free(take_ptr(key));
	assert_int_equal(state_key_from_bytes(KEY_PASSWORD, "secret", 6, "x", &key, NULL), 0);
	open_state(TPM_VERSION_2);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(usage.ru_maxrss - before > 15 << 10);
	assert_true(usage.ru_maxrss - before < 20 << 10);
	assert_true(resident_kib() - before < 2 << 10);
}
#endif

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
#ifndef WITH_SANITIZERS
		TEST(a_password_costs_less_than_20_mib_which_are_given_back),
		TEST(the_password_is_gone_when_the_state_is_open),
		TEST(libtpms_leaves_no_state_in_freed_memory),
#endif
		TEST(an_index_survives_an_orderly_stop_and_a_power_cut),
		TEST(commands_that_change_nothing_store_nothing),
		TEST(a_tpm_1_2_keeps_what_it_saved),
		TEST(a_saved_tpm_goes_on_where_it_was),
		TEST(a_failed_store_fails_the_command_and_loses_nothing),
		TEST(killed_before_it_is_stored_a_failed_command_never_was),
		TEST(a_failed_save_of_a_tpm_1_2_is_made_up_for),
		TEST(what_needs_room_that_is_not_there_is_refused_and_has_not_run),
		TEST(a_full_tpm_fits_into_the_room_that_a_disk_has),
		TEST(what_libtpms_understands_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
