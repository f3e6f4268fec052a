/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process with a TPM is killed before and after every system call of a command that stores. What
 * the next start finds is the state before the command or after it, and after it once the command
 * was answered.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "tests/unit/kill_at.h"
#include "tests/unit/scratch.h"
#include "tests/unit/state_fixture.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define INDEX 0x01500001
#define HANDLE 0x81000005

#define TPM2_CC_DictionaryAttackParameters 0x0000013a
#define TPM2_PT_MAX_AUTH_FAIL 0x0000020f

/* A command that stores, and how one sees whether it was done. */
struct change {
	const char *name;
	void (*prepare)(struct tpm *tpm);
	void (*begin)(struct tpm_command *command);
	bool (*is_done)(struct tpm *tpm);
};

static uint32_t run(struct tpm *tpm, struct tpm_command *command, const uint8_t **response)
{
	size_t len;

	if (tpm_command_end(command) < 0 ||
	    tpm_execute(tpm, command->bytes, command->len, response, &len) < 0)
		return UINT32_MAX;
	return get_be32(*response + 6);
}

static void run_well(struct tpm *tpm, struct tpm_command *command)
{
	const uint8_t *response;

	assert_int_equal(run(tpm, command, &response), 0);
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
}

static void begin_write(struct tpm_command *command, uint32_t index, const void *data, size_t len)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(command, TPM2_RH_OWNER);
	tpm_put_u32(command, index);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, data, len);
	tpm_put_u16(command, 0);
}

static void make_index(struct tpm *tpm)
{
	struct tpm_command command;

	begin_define(&command, INDEX, 8);
	run_well(tpm, &command);
	begin_write(&command, INDEX, "before!!", 8);
	run_well(tpm, &command);
}

static void begin_second_write(struct tpm_command *command)
{
	begin_write(command, INDEX, "behind!!", 8);
}

static bool index_says(struct tpm *tpm, const char *text)
{
	struct tpm_command command;
	const uint8_t *response;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Read);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, INDEX);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 8);
	tpm_put_u16(&command, 0);
	return run(tpm, &command, &response) == 0 && memcmp(response + 16, text, 8) == 0;
}

static bool is_written(struct tpm *tpm)
{
	bool done = index_says(tpm, "behind!!");

	assert_true(done || index_says(tpm, "before!!"));
	return done;
}

static bool is_cleared(struct tpm *tpm)
{
	struct tpm_command command;
	const uint8_t *response;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_NV_ReadPublic);
	tpm_put_u32(&command, INDEX);
	if (run(tpm, &command, &response) != 0)
		return true;
	assert_true(index_says(tpm, "before!!"));
	return false;
}

static void begin_clear(struct tpm_command *command)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_Clear);
	tpm_put_u32(command, TPM2_RH_LOCKOUT);
	tpm_put_empty_auth(command);
}

/* The transient handle that the next CreatePrimary gives: the first one. */
#define TRANSIENT 0x80000000

/* An ECC P-256 signing key; it is made in the process that is killed, too. */
static void make_key(struct tpm *tpm)
{
	static const uint8_t template[] = { 0x00, 0x23, 0x00, 0x0b, 0x00, 0x04, 0x00, 0x72,
					    0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
					    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "\0\0\0\0", 4);
	tpm_put_sized(&command, template, sizeof(template));
	tpm_put_u16(&command, 0);
	tpm_put_u32(&command, 0);
	run_well(tpm, &command);
}

static void begin_evict(struct tpm_command *command)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_EvictControl);
	tpm_put_u32(command, TPM2_RH_OWNER);
	tpm_put_u32(command, TRANSIENT);
	tpm_put_empty_auth(command);
	tpm_put_u32(command, HANDLE);
}

static bool is_evicted(struct tpm *tpm)
{
	struct tpm_command command;
	const uint8_t *response;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadPublic);
	tpm_put_u32(&command, HANDLE);
	return run(tpm, &command, &response) == 0;
}

static void begin_lockout(struct tpm_command *command)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_DictionaryAttackParameters);
	tpm_put_u32(command, TPM2_RH_LOCKOUT);
	tpm_put_empty_auth(command);
	tpm_put_u32(command, 77);
	tpm_put_u32(command, 1000);
	tpm_put_u32(command, 1000);
}

static bool is_lockout_set(struct tpm *tpm)
{
	struct tpm_command command;
	const uint8_t *response;
	uint32_t tries;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(&command, TPM2_CAP_TPM_PROPERTIES);
	tpm_put_u32(&command, TPM2_PT_MAX_AUTH_FAIL);
	tpm_put_u32(&command, 1);
	assert_int_equal(run(tpm, &command, &response), 0);
	tries = get_be32(response + 23);
	assert_true(tries == 77 || tries == 3);
	return tries == 77;
}

/* Where room is dear files begin small and grow. */
int __real_fstatfs(int fd, struct statfs *fs);
int __wrap_fstatfs(int fd, struct statfs *fs);
int __wrap_fstatfs(int fd, struct statfs *fs)
{
	int r = __real_fstatfs(fd, fs);

	fs->f_type = TMPFS_MAGIC;
	return r;
}

static struct state *running; /* under the TPM of this process */

static size_t stored_len(void)
{
	struct tpm_storage storage = state_storage(running);
	cleanup_free uint8_t *data = NULL;
	size_t len = 0;

	assert_int_equal(storage.load(storage.context, BLOB_PERMANENT, &data, &len), 0);
	return len;
}

/* So many indices that one more has the file grow. */
static void fill_slot(struct tpm *tpm)
{
	static const uint8_t zeros[512];
	struct tpm_command command;

	make_index(tpm);
	for (uint32_t i = 1; stored_len() < STATE_SLOT_MIN / 2; i++) {
		begin_define(&command, INDEX + i, sizeof(zeros));
		run_well(tpm, &command);
		begin_write(&command, INDEX + i, zeros, sizeof(zeros));
		run_well(tpm, &command);
	}
}

static void begin_large(struct tpm_command *command)
{
	begin_define(command, INDEX + 100, 2048);
}

static bool is_large(struct tpm *tpm)
{
	struct tpm_command command;
	const uint8_t *response;

	assert_true(index_says(tpm, "before!!"));
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_NV_ReadPublic);
	tpm_put_u32(&command, INDEX + 100);
	return run(tpm, &command, &response) == 0;
}

static struct tpm *start(struct state **opened)
{
	struct tpm_storage storage;
	struct tpm *tpm = NULL;

	*opened = fixture_open();
	storage = state_storage(*opened);
	assert_int_equal(tpm_start(TPM_VERSION_2, &storage, &tpm, NULL), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	running = *opened;
	return tpm;
}

/* The process that is killed: stops itself before the command and behind it. */
static void victim(const struct change *change, volatile int *answered)
{
	struct tpm_command command;
	const uint8_t *response;
	struct state *opened;
	struct tpm *tpm;

	unit_child_begin();
	fixture_make_keys(); /* a child has no copy of secrets */
	tpm = start(&opened);
	if (change->begin == begin_evict)
		make_key(tpm);
	change->begin(&command);
	kill_at_begin();
	if (run(tpm, &command, &response) != 0)
		_exit(1);
	*answered = 1;
	(void)raise(SIGSTOP);
	_exit(0);
}

struct saved {
	uint8_t *data;
	size_t len;
};

static bool found_done(const struct change *change)
{
	struct state *opened;
	struct tpm *tpm = start(&opened);
	bool done = change->is_done(tpm);

	tpm_stop(tpm);
	state_close(opened);
	return done;
}

static void prepare(const struct change *change, struct saved *saved)
{
	struct state *opened;
	struct tpm *tpm = start(&opened);

	if (change->prepare != NULL)
		change->prepare(tpm);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
	tpm_stop(tpm);
	state_close(opened);
	scratch_read(fixture_file, &saved->data, &saved->len);
}

static void kill_everywhere(const struct change *change)
{
	volatile int *answered =
		mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct saved saved = { 0 };
	bool was_done = false, reached = true;
	int n;

	prepare(change, &saved);
	assert_false(found_done(change));
	for (n = 0; reached; n++) {
		bool done;
		pid_t child;

		scratch_write(fixture_file, saved.data, saved.len);
		*answered = 0;
		child = fork();
		if (child == 0)
			victim(change, answered);
		reached = kill_at(child, n);
		done = found_done(change);
		if (*answered && !done)
			fail_msg("%s: answered, and lost by a kill at %d", change->name, n);
		was_done = done;
	}
	assert_true(was_done);
	print_message("%s: killed at %d places\n", change->name, n);
	assert_true(n > (change->prepare == fill_slot ? 30 : 6));
	free(saved.data);
	(void)munmap((void *)(uintptr_t)answered, sizeof(int));
}

static void a_kill_at_any_system_call_leaves_the_old_or_the_new(void **state)
{
	static const struct change changes[] = {
		{ "NV_Write", make_index, begin_second_write, is_written },
		{ "Clear", make_index, begin_clear, is_cleared },
		{ "EvictControl", NULL, begin_evict, is_evicted },
		{ "DictionaryAttackParameters", NULL, begin_lockout, is_lockout_set },
		{ "a change that has the file grow", fill_slot, begin_large, is_large },
	};

	(void)state;
	kill_at_or_skip();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		kill_everywhere(&changes[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_kill_at_any_system_call_leaves_the_old_or_the_new,
						fixture_set_up, fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
