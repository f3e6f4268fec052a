/* SPDX-License-Identifier: BSD-3-Clause */
/* Manufacturing into a state directory, and what a kill leaves there. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "certs/factory/nv.h"
#include "tests/unit/factory_fixture.h"
#include "tpm/state/state.h"

#define USERS 20

static struct state_key *key;

static int make_state_key(void)
{
	return state_key_from_bytes(KEY_RAW, "x1234567890123456789012345678901", 32, "x", &key,
				    NULL);
}

static int set_up(void **state)
{
	return make_state_key() < 0 ? -1 : fixture_setup(state);
}

static int tear_down(void **state)
{
	state_key_free(take_ptr(key));
	return fixture_teardown(state);
}

static void path_of(const struct fixture *fixture, unsigned int number, char path[static 96])
{
	(void)snprintf(path, 96, "%s/tpm-%u", fixture->dir, number);
}

static int open_dir_of(const struct fixture *fixture, unsigned int number, struct state **ret)
{
	char path[96];
	struct state_options options = {
		.dir = path,
		.version = TPM_VERSION_2,
		.key = key,
		.sync = true,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};

	path_of(fixture, number, path);
	return state_open(&options, ret, NULL);
}

/* Manufactures with P-384 alone, which is quick, into a directory of that number. */
static int make(struct fixture *fixture, unsigned int number)
{
	cleanup_with(state_closep) struct state *state = NULL;
	struct tpm_storage storage;
	int r = open_dir_of(fixture, number, &state);

	if (r < 0)
		return r;
	fixture->options.eks[0] = KEY_P384;
	fixture->options.eks[1] = KEY_NONE;
	storage = state_storage(state);
	return manufacture(&fixture->options, &storage, &fixture->result, NULL);
}

/* The TPM in the directory, started: a whole one, with the certificate of the CA's. */
static void read_certificate(struct fixture *fixture, unsigned int number, X509 **ret)
{
	cleanup_with(state_closep) struct state *state = NULL;
	uint8_t data[TPM_NV_INDEX_MAX];
	const uint8_t *p = data;
	size_t len = 0;

	assert_int_equal(open_dir_of(fixture, number, &state), 0);
	fixture->storage = state_storage(state);
	fixture_start(fixture, TPM_VERSION_2);
	assert_int_equal(nv_read(&fixture->executor, NV_PLATFORM_CERTIFICATE, data, &len, NULL), 0);
	assert_int_equal(nv_read(&fixture->executor, 0x01c00016, data, &len, NULL), 0);
	*ret = d2i_X509(NULL, &p, (long)len);
	assert_non_null(*ret);
	fixture_stop(fixture);
}

static pid_t make_in_child(struct fixture *fixture, unsigned int number)
{
	pid_t pid = fork();

	if (pid == 0)
		/* It has no copy of our secrets. */
		_exit(make_state_key() == 0 && make(fixture, number) == 0 ? 0 : 1);
	return pid;
}

static bool has_tpm(struct fixture *fixture, unsigned int number)
{
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_info info;

	assert_int_equal(open_dir_of(fixture, number, &state), 0);
	state_get_info(state, &info);
	return info.generation > 0;
}

/* How long it takes here, in microseconds; with a CA that is there already. */
static unsigned int measure(struct fixture *fixture)
{
	unsigned int longest = 0;

	for (unsigned int i = 0; i < 3; i++) {
		struct timespec began, ended;
		int64_t took;

		(void)clock_gettime(CLOCK_MONOTONIC, &began);
		assert_int_equal(waitpid(make_in_child(fixture, 1000 + i), NULL, 0) > 0, true);
		(void)clock_gettime(CLOCK_MONOTONIC, &ended);
		took = (ended.tv_sec - began.tv_sec) * 1000000 +
		       (ended.tv_nsec - began.tv_nsec) / 1000;
		if (took > longest)
			longest = (unsigned int)took;
	}
	return longest;
}

/* Killed at any time: nothing is there and it can be made, or all is there. */
static void a_kill_leaves_nothing_or_a_whole_tpm(void **state)
{
	struct fixture *fixture = *state;
	unsigned int whole = 0, nothing = 0, step = measure(fixture) / 30;

	for (unsigned int i = 0; i < 40; i++) {
		pid_t pid = make_in_child(fixture, i);
		cleanup_with(X509_freep) X509 *certificate = NULL;

		(void)usleep(i * step);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		if (has_tpm(fixture, i)) {
			whole++;
		} else {
			nothing++;
			assert_int_equal(make(fixture, i), 0);
			manufacture_result_done(&fixture->result);
		}
		read_certificate(fixture, i, &certificate);
	}
	assert_true(nothing > 0 && whole > 0);
}

static void a_kill_while_replacing_leaves_the_old_or_the_new(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *old = NULL;
	unsigned int step = measure(fixture) / 15;

	assert_int_equal(make(fixture, 0), 0);
	manufacture_result_done(&fixture->result);
	fixture->options.existing = EXISTING_REPLACE;
	for (unsigned int i = 0; i < 20; i++) {
		pid_t pid = make_in_child(fixture, 0);

		(void)usleep(i * step);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		X509_free(take_ptr(old));
		read_certificate(fixture, 0, &old);
	}
}

static void twenty_at_once_have_one_ca_and_no_serial_twice(void **state)
{
	struct fixture *fixture = *state;
	X509 *certificates[USERS] = { NULL };
	pid_t pids[USERS];

	for (unsigned int i = 0; i < USERS; i++)
		pids[i] = make_in_child(fixture, i);
	for (unsigned int i = 0; i < USERS; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	for (unsigned int i = 0; i < USERS; i++) {
		read_certificate(fixture, i, &certificates[i]);
		assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(certificates[0]),
					       X509_get_issuer_name(certificates[i])),
				 0);
		for (unsigned int j = 0; j < i; j++)
			assert_int_not_equal(
				ASN1_INTEGER_cmp(X509_get0_serialNumber(certificates[i]),
						 X509_get0_serialNumber(certificates[j])),
				0);
	}
	for (unsigned int i = 0; i < USERS; i++)
		X509_free(certificates[i]);
}

static void a_directory_that_is_served_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(state_closep) struct state *served = NULL;

	assert_int_equal(open_dir_of(fixture, 0, &served), 0);
	assert_int_equal(make(fixture, 0), -EBUSY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_kill_leaves_nothing_or_a_whole_tpm),
		TEST(a_kill_while_replacing_leaves_the_old_or_the_new),
		TEST(twenty_at_once_have_one_ca_and_no_serial_twice),
		TEST(a_directory_that_is_served_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
