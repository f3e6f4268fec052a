/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM with its state on this machine's own kernel, C library and file system, within what a
 * server has left when it serves.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuse/sandbox/landlock.h"
#include "cuse/sandbox/lists.h"
#include "tests/common/commands.h"
#include "tests/unit/scratch.h"
#include "tpm/state/state.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

/* More than a state that is made has room for. */
#define INDICES 12
#define INDEX_SIZE 2048

static struct state *opened;
static struct tpm *tpm;

/* In the child, where cmocka is not: 0 to 99 tell how far it has got. */
static void need(bool well, int status)
{
	if (!well)
		_exit(status);
}

static void start(enum tpm_version version)
{
	struct state_options options = {
		.dir = scratch_path("tpm"),
		.version = version,
		.sync = true,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	struct tpm_storage storage;
	struct state_key *key;

	need(state_key_from_bytes(KEY_RAW, "x1234567890123456789012345678901", 32, "x", &key,
				  NULL) == 0,
	     1);
	options.key = key;
	need(state_open(&options, &opened, NULL) == 0, 2);
	state_key_free(key);
	storage = state_storage(opened);
	need(tpm_start(version, &storage, &tpm, NULL) == 0, 3);
	need(tpm_startup(tpm, NULL) == 0, 4);
}

static void confine(void)
{
	const struct landlock_dir dir = { state_dir(opened), LANDLOCK_USE_KEEP };

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, 5);
	need(landlock_enter(&dir, 1, NULL) == 0, 6);
	need(seccomp_enter(&seccomp_server, SECCOMP_KILL, NULL) == 0, 7);
}

static void run(struct tpm_command *command, int status)
{
	const uint8_t *response;
	size_t len;

	need(tpm_command_end(command) == 0, status);
	need(tpm_execute(tpm, command->bytes, command->len, &response, &len) == 0, status);
	need(get_be32(response + 6) == 0, status);
}

static void make_a_key(void)
{
	struct tpm_command command;

	command_create_primary_rsa(&command, TPM2_RH_OWNER);
	run(&command, 10);
	command_with_handle(&command, TPM2_CC_FlushContext, 0x80000000);
	run(&command, 11);
	command_get_random(&command, 32);
	run(&command, 12);
}

static void define_index(uint32_t index)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_DefineSpace);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, 14);
	tpm_put_u32(&command, index);
	tpm_put_u16(&command, 0x000b);
	tpm_put_u32(&command, 0x00020002); /* OWNERREAD | OWNERWRITE */
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, INDEX_SIZE);
	run(&command, 20);
}

/* In a thread: its heap and its end are the C library's work. */
static void *use(void *context)
{
	make_a_key();
	for (uint32_t i = 0; i < INDICES; i++)
		define_index(0x01500000 + i);
	return context;
}

/* What somebody else does to the state is seen and made good in here, too. */
static void make_good(void)
{
	int fd = openat(state_dir(opened), "tpm.permanent", O_RDWR | O_CLOEXEC);

	need(fchmod(fd, 0644) == 0, 50);
	need(state_check(opened, NULL) == 0, 51);
	need(ftruncate(fd, 0) == 0, 52);
	need(state_check(opened, NULL) == -EBADMSG, 53);
	need(tpm_store_again(tpm, NULL) == 0, 54);
	need(unlinkat(state_dir(opened), ".lock", 0) == 0, 55);
	need(state_check(opened, NULL) == 0, 56);
	need(tpm_store_again(tpm, NULL) == 0, 57);
	(void)close(fd);
}

static pthread_barrier_t barrier;

static void *use_when_confined(void *context)
{
	(void)pthread_barrier_wait(&barrier);
	(void)pthread_barrier_wait(&barrier);
	return use(context);
}

static _Noreturn void be_a_tpm_2(void)
{
	struct tpm_command command;
	pthread_t thread;

	need(pthread_barrier_init(&barrier, NULL, 2) == 0, 30);
	start(TPM_VERSION_2);
	need(pthread_create(&thread, NULL, use_when_confined, NULL) == 0, 31);
	(void)pthread_barrier_wait(&barrier);
	confine();
	(void)pthread_barrier_wait(&barrier);
	need(pthread_join(thread, NULL) == 0, 32);
	command_get_random(&command, 8);
	run(&command, 33);
	make_good();
	need(tpm_shutdown(tpm, NULL) == 0, 36);
	tpm_stop(tpm);
	state_close(opened);
	exit(0);
}

static _Noreturn void be_a_tpm_1_2(void)
{
	start(TPM_VERSION_1_2);
	confine();
	need(tpm_shutdown(tpm, NULL) == 0, 40);
	tpm_stop(tpm);
	state_close(opened);
	exit(0);
}

static void assert_serves(void (*be)(void))
{
	pid_t child;
	int status;

#ifdef WITH_INSTRUMENTATION
	skip();
#endif
	if (seccomp_check(NULL) < 0)
		skip();
	(void)fflush(NULL);
	child = fork();
	if (child == 0)
		be();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_tpm_2_has_all_that_it_needs(void **state)
{
	(void)state;
	assert_serves(be_a_tpm_2);
}

static void a_tpm_1_2_has_all_that_it_needs(void **state)
{
	(void)state;
	assert_serves(be_a_tpm_1_2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_tpm_2_has_all_that_it_needs),
		TEST(a_tpm_1_2_has_all_that_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
