/* SPDX-License-Identifier: BSD-3-Clause */
/* Each transition of the table in open_file.h, once. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "cuse/device/open_file.h"
#include "util/bytes.h"

#define IN (EPOLLIN | EPOLLRDNORM)
#define OUT (EPOLLOUT | EPOLLWRNORM)

static const uint8_t command[12] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 4 };
static const uint8_t response[14] = { 0x80, 0x01, 0, 0, 0, 14, 0, 0, 0, 0, 1, 2, 3, 4 };

static struct open_file file;
static uint8_t data[TPM_COMMAND_MAX];

static void assert_zeroed(void)
{
	for (size_t i = 0; i < sizeof(file.buffer); i++)
		assert_int_equal(file.buffer[i], 0);
}

static void to(enum open_state state)
{
	file = (struct open_file){ 0 };
	if (state == OPEN_IDLE)
		return;
	assert_int_equal(open_file_write(&file, command, sizeof(command)), 0);
	if (state == OPEN_BUSY)
		return;
	open_file_done(&file, response, sizeof(response));
	if (state == OPEN_READY)
		return;
	assert_int_equal(open_file_read(&file, data, 10), 10);
	assert_int_equal(file.state, OPEN_PARTIAL);
}

static void idle_takes_a_command(void **state)
{
	(void)state;
	to(OPEN_IDLE);
	assert_int_equal(open_file_poll(&file), OUT);
	assert_int_equal(open_file_read(&file, data, sizeof(data)), 0);
	assert_int_equal(open_file_write(&file, command, sizeof(command)), 0);
	assert_int_equal(file.state, OPEN_BUSY);
	assert_int_equal(file.command_len, sizeof(command));
}

static void what_follows_the_header_s_length_is_ignored(void **state)
{
	uint8_t longer[sizeof(command) + 5] = { 0 };

	(void)state;
	to(OPEN_IDLE);
	memcpy(longer, command, sizeof(command));
	assert_int_equal(open_file_write(&file, longer, sizeof(longer)), 0);
	assert_int_equal(file.command_len, sizeof(command));
}

static void a_write_is_checked_in_the_kernel_s_order(void **state)
{
	static uint8_t big[TPM_COMMAND_MAX + 1] = { 0x80, 0x01, 0, 0, 0x10, 0 };

	(void)state;
	to(OPEN_READY);
	assert_int_equal(open_file_write(&file, big, sizeof(big)), -E2BIG);
	assert_int_equal(open_file_write(&file, command, 3), -EBUSY);
	to(OPEN_IDLE);
	assert_int_equal(open_file_write(&file, command, 5), -EINVAL);
	assert_int_equal(open_file_write(&file, command, sizeof(command) - 1), -EINVAL);
	assert_int_equal(file.state, OPEN_IDLE);
	assert_int_equal(open_file_write(&file, big, TPM_COMMAND_MAX), 0);
	assert_int_equal(file.command_len, TPM_COMMAND_MAX);
}

static void busy_waits_and_refuses(void **state)
{
	(void)state;
	to(OPEN_BUSY);
	assert_int_equal(open_file_poll(&file), 0);
	assert_int_equal(open_file_write(&file, command, sizeof(command)), -EBUSY);
	assert_int_equal(open_file_read(&file, data, sizeof(data)), -EINPROGRESS);
	assert_false(open_file_has_response(&file));
	open_file_done(&file, response, sizeof(response));
	assert_int_equal(file.state, OPEN_READY);
}

static void a_shorter_response_leaves_nothing_of_the_command(void **state)
{
	(void)state;
	to(OPEN_BUSY);
	open_file_done(&file, response, 10);
	assert_int_equal(file.buffer[10], 0);
	assert_int_equal(file.buffer[11], 0);
}

static void ready_gives_all_and_is_idle(void **state)
{
	(void)state;
	to(OPEN_READY);
	assert_int_equal(open_file_poll(&file), IN);
	assert_int_equal(open_file_write(&file, command, sizeof(command)), -EBUSY);
	assert_int_equal(open_file_read(&file, data, sizeof(data)), sizeof(response));
	assert_memory_equal(data, response, sizeof(response));
	assert_int_equal(file.state, OPEN_IDLE);
	assert_zeroed();
	assert_int_equal(open_file_read(&file, data, sizeof(data)), 0);
}

static void ready_gives_a_part_and_the_rest(void **state)
{
	(void)state;
	to(OPEN_PARTIAL);
	assert_int_equal(open_file_poll(&file), IN);
	assert_int_equal(open_file_read(&file, data, 3), 3);
	assert_memory_equal(data, response + 10, 3);
	assert_int_equal(open_file_read(&file, data, 3), 1);
	assert_int_equal(data[0], response[13]);
	assert_int_equal(file.state, OPEN_IDLE);
}

static void a_write_drops_the_rest_of_a_partly_read_response(void **state)
{
	(void)state;
	to(OPEN_PARTIAL);
	assert_int_equal(open_file_write(&file, command, 4), -EINVAL);
	assert_int_equal(file.state, OPEN_PARTIAL);
	assert_int_equal(open_file_write(&file, command, sizeof(command)), 0);
	assert_int_equal(file.state, OPEN_BUSY);
	assert_int_equal(file.left, 0);
}

static void reading_nothing_drops_the_response(void **state)
{
	(void)state;
	to(OPEN_READY);
	assert_int_equal(open_file_read(&file, data, 0), 0);
	assert_int_equal(file.state, OPEN_IDLE);
	assert_zeroed();
}

static void a_failure_is_read_once(void **state)
{
	(void)state;
	to(OPEN_BUSY);
	open_file_failed(&file, -EIO, false);
	assert_int_equal(open_file_poll(&file), IN);
	assert_int_equal(open_file_write(&file, command, sizeof(command)), -EBUSY);
	assert_int_equal(open_file_read(&file, data, sizeof(data)), -EIO);
	assert_int_equal(open_file_read(&file, data, sizeof(data)), 0);
	assert_int_equal(file.state, OPEN_IDLE);
}

static void a_failure_that_was_reported_leaves_it_idle(void **state)
{
	(void)state;
	to(OPEN_BUSY);
	open_file_failed(&file, -EIO, true);
	assert_int_equal(file.state, OPEN_IDLE);
	assert_int_equal(open_file_read(&file, data, sizeof(data)), 0);
	assert_zeroed();
}

static void a_response_lives_120_seconds(void **state)
{
	static const enum open_state states[] = { OPEN_READY, OPEN_PARTIAL };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		to(states[i]);
		/* The first tick comes less than a second after the response. */
		for (int seconds = 0; seconds < OPEN_FILE_TICKS; seconds++)
			assert_false(open_file_tick(&file));
		assert_int_equal(file.state, states[i]);
		assert_true(open_file_tick(&file));
		assert_int_equal(file.state, OPEN_IDLE);
		assert_zeroed();
		assert_int_equal(open_file_read(&file, data, sizeof(data)), 0);
	}
}

static void a_new_response_is_not_older_than_it_is(void **state)
{
	(void)state;
	to(OPEN_READY);
	for (int seconds = 0; seconds < OPEN_FILE_TICKS; seconds++)
		assert_false(open_file_tick(&file));
	assert_int_equal(open_file_read(&file, data, sizeof(data)), sizeof(response));
	assert_int_equal(open_file_write(&file, command, sizeof(command)), 0);
	assert_false(open_file_tick(&file));
	open_file_done(&file, response, sizeof(response));
	assert_false(open_file_tick(&file));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_takes_a_command),
		cmocka_unit_test(what_follows_the_header_s_length_is_ignored),
		cmocka_unit_test(a_write_is_checked_in_the_kernel_s_order),
		cmocka_unit_test(busy_waits_and_refuses),
		cmocka_unit_test(a_shorter_response_leaves_nothing_of_the_command),
		cmocka_unit_test(ready_gives_all_and_is_idle),
		cmocka_unit_test(ready_gives_a_part_and_the_rest),
		cmocka_unit_test(a_write_drops_the_rest_of_a_partly_read_response),
		cmocka_unit_test(reading_nothing_drops_the_response),
		cmocka_unit_test(a_failure_is_read_once),
		cmocka_unit_test(a_failure_that_was_reported_leaves_it_idle),
		cmocka_unit_test(a_response_lives_120_seconds),
		cmocka_unit_test(a_new_response_is_not_older_than_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
