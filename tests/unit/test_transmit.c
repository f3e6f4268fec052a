/* SPDX-License-Identifier: BSD-3-Clause */
/* What a command meets on its way, with a TPM that answers what the test says. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "tpm/tcg.h"
#include "tpm/transmit.h"
#include "util/bytes.h"

static const uint8_t get_random[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 8 };
static const uint8_t self_test[] = { 0x80, 0x01, 0, 0, 0, 11, 0, 0, 0x01, 0x43, 1 };

static struct transmit *transmit;
static int reliefs;

/* What the TPM answers: these codes in turn, the last one for ever; or an errno. */
static struct {
	uint32_t codes[4];
	int error;
	unsigned int asked;
	bool was_changed; /* some try did not get the command as the client had sent it */
} tpm;

static unsigned int slept_ms[16], sleeps;

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	if (sleeps < sizeof(slept_ms) / sizeof(slept_ms[0]))
		slept_ms[sleeps] = (unsigned int)(time->tv_sec * 1000 + time->tv_nsec / 1000000);
	sleeps++;
	return 0;
}

/* Like libtpms, it leaves a command changed. */
static int answer(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		  size_t *response_len)
{
	static uint8_t bytes[TPM_HEADER_SIZE];
	unsigned int n = tpm.asked < 3 ? tpm.asked : 3;

	(void)context;
	tpm.was_changed |= command[len - 1] == 0xee;
	((uint8_t *)(uintptr_t)command)[len - 1] = 0xee;
	tpm.asked++;
	put_be16(bytes, TPM2_ST_NO_SESSIONS);
	put_be32(bytes + 2, sizeof(bytes));
	put_be32(bytes + 6, tpm.codes[n]);
	*response = bytes;
	*response_len = sizeof(bytes);
	return tpm.error;
}

static void count_relief(void *context)
{
	(void)context;
	reliefs++;
}

static int start(enum tpm_version version)
{
	const struct transmit_options options = {
		.tpm = { .execute = answer },
		.version = version,
		.relieve = count_relief,
	};

	memset(&tpm, 0, sizeof(tpm));
	reliefs = 0;
	sleeps = 0;
	return transmit_new(&options, &transmit);
}

static int start_2(void **state)
{
	(void)state;
	return start(TPM_VERSION_2);
}

static int start_12(void **state)
{
	(void)state;
	return start(TPM_VERSION_1_2);
}

static int stop(void **state)
{
	(void)state;
	transmit_free(take_ptr(transmit));
	return 0;
}

static uint32_t run(const uint8_t *command, size_t len)
{
	struct tpm_executor executor = transmit_executor(transmit);
	const uint8_t *response;
	size_t response_len;

	assert_int_equal(executor.execute(executor.context, command, len, &response, &response_len),
			 0);
	assert_int_equal(response_len, TPM_HEADER_SIZE);
	return get_be32(response + 6);
}

static void a_busy_tpm_is_asked_again_until_it_is_not(void **state)
{
	(void)state;
	tpm.codes[0] = TPM2_RC_RETRY;
	tpm.codes[1] = TPM2_RC_YIELDED;
	tpm.codes[2] = TPM2_RC_TESTING;
	assert_int_equal(run(get_random, sizeof(get_random)), 0);
	assert_int_equal(tpm.asked, 4);
	assert_int_equal(sleeps, 3);
	assert_int_equal(slept_ms[0], 20);
	assert_int_equal(slept_ms[1], 40);
	assert_int_equal(slept_ms[2], 80);
	assert_int_equal(reliefs, 3);
	assert_false(tpm.was_changed);
}

static void a_tpm_that_stays_busy_is_believed_in_the_end(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		tpm.codes[i] = TPM2_RC_RETRY;
	assert_int_equal(run(get_random, sizeof(get_random)), TPM2_RC_RETRY);
	assert_int_equal(sleeps, 7);
	assert_int_equal(slept_ms[6], 1280);
}

static void every_other_code_is_the_clients(void **state)
{
	static const uint32_t codes[] = { TPM2_RC_CANCELED, TPM2_RC_MEMORY, TPM2_RC_FAILURE };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		tpm.asked = 0;
		tpm.codes[0] = codes[i];
		assert_int_equal(run(get_random, sizeof(get_random)), codes[i]);
		assert_int_equal(tpm.asked, 1);
	}
}

/* "Testing" is what it answers when it has begun. */
static void a_self_test_is_not_begun_twice(void **state)
{
	(void)state;
	tpm.codes[0] = TPM2_RC_TESTING;
	assert_int_equal(run(self_test, sizeof(self_test)), TPM2_RC_TESTING);
	assert_int_equal(tpm.asked, 1);
	assert_int_equal(reliefs, 1);
}

static void a_short_command_relieves_nobody(void **state)
{
	(void)state;
	assert_int_equal(run(get_random, sizeof(get_random)), 0);
	assert_int_equal(reliefs, 0);
}

static void a_tpm_1_2_has_no_such_codes(void **state)
{
	(void)state;
	tpm.codes[0] = TPM2_RC_RETRY;
	assert_int_equal(run(get_random, sizeof(get_random)), TPM2_RC_RETRY);
	assert_int_equal(tpm.asked, 1);
}

static void a_tpm_2_that_gives_no_response_has_failed(void **state)
{
	(void)state;
	tpm.error = -EIO;
	assert_int_equal(run(get_random, sizeof(get_random)), TPM2_RC_FAILURE);
}

static void a_tpm_1_2_that_gives_no_response_has_failed(void **state)
{
	(void)state;
	tpm.error = -EIO;
	assert_int_equal(run(get_random, sizeof(get_random)), 9); /* TPM_FAIL */
}

static void a_command_of_no_bytes_is_no_data(void **state)
{
	struct tpm_executor executor = transmit_executor(transmit);
	const uint8_t *response;
	size_t len;

	(void)state;
	assert_int_equal(executor.execute(executor.context, get_random, 0, &response, &len),
			 -ENODATA);
	assert_int_equal(tpm.asked, 0);
}

#define TEST_2(name) cmocka_unit_test_setup_teardown(name, start_2, stop)
#define TEST_12(name) cmocka_unit_test_setup_teardown(name, start_12, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_2(a_busy_tpm_is_asked_again_until_it_is_not),
		TEST_2(a_tpm_that_stays_busy_is_believed_in_the_end),
		TEST_2(every_other_code_is_the_clients),
		TEST_2(a_self_test_is_not_begun_twice),
		TEST_2(a_short_command_relieves_nobody),
		TEST_12(a_tpm_1_2_has_no_such_codes),
		TEST_2(a_tpm_2_that_gives_no_response_has_failed),
		TEST_12(a_tpm_1_2_that_gives_no_response_has_failed),
		TEST_2(a_command_of_no_bytes_is_no_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
