/* SPDX-License-Identifier: BSD-3-Clause */
/* The device with a real TPM and requests that are written down instead of answered over FUSE. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "cuse/device/device.h"
#include "cuse/device/tap.h"
#include "cuse/device/turns.h"
#include "tests/unit/memory_storage.h"
#include "tpm/record.h"
#include "tpm/space/gate.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/bytes.h"

/* What became of a request, or of a poller. */
struct outcome {
	int answers; /* each must end up at one */
	int error;
	size_t len;
	uint8_t data[TPM_COMMAND_MAX];
};

static struct memory_storage memory;
static struct tpm *tpm;
static struct gate *gate;
static struct turns *turns;
static struct device *device;
static struct tap *tap;
static int reliefs, ticks_wanted;

static void answer_error(void *request, int error)
{
	struct outcome *outcome = request;

	outcome->answers++;
	outcome->error = error;
}

static void answer_written(void *request, size_t len)
{
	struct outcome *outcome = request;

	outcome->answers++;
	outcome->len = len;
}

static void answer_data(void *request, const uint8_t *data, size_t len)
{
	struct outcome *outcome = request;

	outcome->answers++;
	outcome->len = len;
	memcpy(outcome->data, data, len);
}

static void answer_done(void *request)
{
	((struct outcome *)request)->answers++;
}

static void count_relief(void *context)
{
	(void)context;
	reliefs++;
}

static void count_ticks_wanted(void *context)
{
	(void)context;
	ticks_wanted++;
}

/* How often something was wiped that a response of GetRandom was in. */
static int wipes;

static void note_wipe(const void *bytes, size_t len)
{
	static const uint8_t response[] = { 0x80, 0x01, 0, 0, 0, 20, 0, 0, 0, 0 };

	if (memmem(bytes, len, response, sizeof(response)) != NULL)
		(void)__atomic_add_fetch(&wipes, 1, __ATOMIC_RELAXED);
}

void __real_explicit_bzero(void *bytes, size_t len);
void __wrap_explicit_bzero(void *bytes, size_t len);
void __wrap_explicit_bzero(void *bytes, size_t len)
{
	note_wipe(bytes, len);
	__real_explicit_bzero(bytes, len);
}

/* What the other one is when it is fortified. */
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room);
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room)
{
	(void)room;
	note_wipe(bytes, len);
	__real_explicit_bzero(bytes, len);
}

static bool never(void *context)
{
	(void)context;
	return false;
}

/* The threads of a server would choose one of them. */
static void run_waiting(void *context)
{
	(void)context;
	turns_run_waiting(turns);
}

static int start_device(const struct device_answers *answers)
{
	const struct transmit_options options = {
		.tpm = tpm_executor_local(tpm),
		.version = TPM_VERSION_2,
		.relieve = count_relief,
	};
	static const struct turns_host host = {
		.relieve = count_relief,
		.run_waiting = run_waiting,
		.is_stopping = never,
	};
	struct device_options device_options = {
		.version = TPM_VERSION_2,
		.answers = answers,
		.start_ticks = count_ticks_wanted,
	};

	if (gate_new(&options, &gate) < 0 || turns_new(&host, &turns) < 0 ||
	    tap_new(TPM_VERSION_2, &tap) < 0)
		return -1;
	device_options.gate = gate;
	device_options.turns = turns;
	device_options.tap = tap;
	return device_new(&device_options, &device);
}

static int start_tpm(void)
{
	struct tpm_storage storage = memory_storage(&memory);

	reliefs = 0;
	ticks_wanted = 0;
	return tpm_start(TPM_VERSION_2, &storage, &tpm, NULL) < 0 ? -1 : tpm_startup(tpm, NULL);
}

static int start(void **state)
{
	static const struct device_answers answers = {
		.error = answer_error,
		.written = answer_written,
		.data = answer_data,
		.wake_poller = answer_done,
		.forget_poller = answer_done,
	};

	(void)state;
	return start_tpm() < 0 ? -1 : start_device(&answers);
}

static int stop(void **state)
{
	(void)state;
	device_free(take_ptr(device));
	tap_free(take_ptr(tap));
	turns_free(take_ptr(turns));
	gate_free(take_ptr(gate));
	tpm_stop(take_ptr(tpm));
	memory_storage_done(&memory);
	return 0;
}

/* As a session does: what is not answered at once is parked. */
static void read_response(struct device_open *open, size_t len, struct outcome *outcome)
{
	uint8_t data[TPM_COMMAND_MAX];
	ssize_t n = device_read(open, data, len, outcome);

	if (n == -EINPROGRESS)
		return;
	if (n < 0)
		answer_error(outcome, (int)n);
	else
		answer_data(outcome, data, (size_t)n);
}

static struct device_open *open_exclusive(void)
{
	struct device_open *open = NULL;

	assert_int_equal(device_open(device, NODE_EXCLUSIVE, &open), 0);
	return open;
}

static void release(struct device_open *open)
{
	struct outcome done = { 0 };

	device_release(open, &done);
	assert_int_equal(done.answers, 1);
}

static size_t get_random(uint8_t *bytes)
{
	static const uint8_t command[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 8 };

	memcpy(bytes, command, sizeof(command));
	return sizeof(command);
}

static void write_random(struct device_open *open, bool nonblock, struct outcome *outcome)
{
	uint8_t bytes[16];
	size_t len = get_random(bytes);

	*outcome = (struct outcome){ 0 };
	device_write(open, bytes, len, nonblock, outcome);
}

static void a_blocking_write_is_answered_with_the_command_done(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 };

	(void)state;
	write_random(open, false, &written);
	assert_int_equal(written.answers, 1);
	assert_int_equal(written.len, 12);
	assert_int_equal(device_poll(open, EPOLLIN, NULL), EPOLLIN | EPOLLRDNORM);
	read_response(open, TPM_COMMAND_MAX, &read);
	assert_int_equal(read.answers, 1);
	assert_int_equal(read.len, 20);
	assert_int_equal(get_be32(read.data + 6), 0);
	release(open);
}

static void the_exclusive_node_has_one_open(void **state)
{
	struct device_open *first = open_exclusive(), *second = NULL;

	(void)state;
	assert_int_equal(device_open(device, NODE_EXCLUSIVE, &second), -EBUSY);
	assert_null(second);
	release(first);
	release(open_exclusive());
}

static void the_next_opener_sees_nothing(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 };

	(void)state;
	write_random(open, false, &written);
	release(open);
	open = open_exclusive();
	read_response(open, TPM_COMMAND_MAX, &read);
	assert_int_equal(read.answers, 1);
	assert_int_equal(read.len, 0);
	release(open);
}

static void what_an_open_leaves_is_wiped(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written;

	(void)state;
	wipes = 0;
	write_random(open, false, &written);
	assert_int_equal(wipes, 0);
	release(open);
	assert_int_equal(wipes, 1);
}

static void what_a_parked_read_was_answered_is_wiped(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, true, &written);
	read_response(open, TPM_COMMAND_MAX, &read);
	wipes = 0;
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(read.len, 20);
	assert_int_equal(wipes, 1);
	release(open);
	assert_int_equal(wipes, 1);
}

static void there_are_128_opens_and_no_more(void **state)
{
	struct device_open *opens[DEVICE_OPENS_MAX], *one_more = NULL;

	(void)state;
	assert_int_equal(DEVICE_OPENS_MAX, 128);
	for (int i = 0; i < 128; i++)
		assert_int_equal(device_open(device, NODE_MANAGED, &opens[i]), 0);
	assert_int_equal(device_open(device, NODE_MANAGED, &one_more), -EMFILE);
	assert_int_equal(device_open(device, NODE_EXCLUSIVE, &one_more), -EMFILE);
	release(opens[64]);
	opens[64] = open_exclusive();
	for (int i = 0; i < 128; i++)
		release(opens[i]);
}

static void frozen_commands_wait_and_are_answered_after_the_thaw(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, first = { 0 }, second = { 0 }, poller = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, false, &written);
	assert_int_equal(written.answers, 0);
	assert_int_equal(device_poll(open, EPOLLIN, &poller), 0);
	read_response(open, 10, &first);
	read_response(open, TPM_COMMAND_MAX, &second);
	assert_int_equal(first.answers + second.answers + poller.answers, 0);

	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(written.answers, 1);
	assert_int_equal(poller.answers, 1);
	assert_int_equal(first.answers, 1);
	assert_int_equal(first.len, 10);
	assert_int_equal(second.answers, 1);
	assert_int_equal(second.len, 10);
	release(open);
}

static void an_interrupted_write_leaves_its_command_running(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, false, &written);
	device_interrupt(device, open, &written);
	assert_int_equal(written.answers, 1);
	assert_int_equal(written.error, -EINTR);
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(written.answers, 1);
	read_response(open, TPM_COMMAND_MAX, &read);
	assert_int_equal(read.len, 20);
	release(open);
}

static void an_interrupted_read_leaves_the_response(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, first = { 0 }, second = { 0 }, third = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, true, &written);
	assert_int_equal(written.answers, 1);
	read_response(open, TPM_COMMAND_MAX, &first);
	read_response(open, TPM_COMMAND_MAX, &second);
	device_interrupt(device, open, &second);
	assert_int_equal(second.error, -EINTR);
	device_interrupt(device, open, &second); /* too late: not answered twice */
	read_response(open, TPM_COMMAND_MAX, &third);
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(first.len, 20);
	assert_int_equal(second.answers, 1);
	assert_int_equal(third.answers, 1);
	assert_int_equal(third.len, 0);
	release(open);
}

static void a_release_waits_for_the_command(void **state)
{
	struct device_open *open = open_exclusive(), *next = NULL;
	struct outcome written, read = { 0 }, released = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, true, &written);
	device_release(open, &released);
	assert_int_equal(released.answers, 0);
	assert_int_equal(device_open(device, NODE_EXCLUSIVE, &next), -EBUSY);
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(released.answers, 1);
	next = open_exclusive();
	read_response(next, TPM_COMMAND_MAX, &read);
	assert_int_equal(read.len, 0);
	release(next);
}

static void an_interrupted_release_lets_its_client_go(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, released = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, true, &written);
	device_release(open, &released);
	device_interrupt(device, open, &released);
	assert_int_equal(released.answers, 1);
	turns_thaw(turns, FREEZE_ADMIN);
	assert_int_equal(released.answers, 1);
	device_interrupt(device, open, &released); /* the open is gone */
	release(open_exclusive());
}

static void what_is_parked_at_the_end_is_answered(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 }, poller = { 0 };

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, false, &written);
	read_response(open, 10, &read);
	(void)device_poll(open, EPOLLIN, &poller);
	device_free(take_ptr(device));
	assert_int_equal(written.answers, 1);
	assert_int_equal(written.error, -EPIPE);
	assert_int_equal(read.answers, 1);
	assert_int_equal(poller.answers, 1);
}

static void pollers_are_kept_only_while_they_wait(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome first = { 0 }, second = { 0 }, third = { 0 }, written, read = { 0 };

	(void)state;
	(void)device_poll(open, EPOLLOUT, &first); /* it can write: nothing to wait for */
	assert_int_equal(first.answers, 1);
	(void)device_poll(open, EPOLLIN, &second);
	(void)device_poll(open, EPOLLIN, &third);
	assert_int_equal(second.answers, 1);
	assert_int_equal(third.answers, 0);
	write_random(open, false, &written);
	assert_int_equal(third.answers, 1);

	first.answers = 0;
	(void)device_poll(open, EPOLLOUT, &first);
	assert_int_equal(first.answers, 0);
	read_response(open, TPM_COMMAND_MAX, &read);
	assert_int_equal(first.answers, 1);
	release(open);
}

static void a_response_nobody_reads_is_dropped(void **state)
{
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 }, poller = { 0 };
	int seconds = 0;

	(void)state;
	write_random(open, false, &written);
	assert_int_equal(ticks_wanted, 1);
	(void)device_poll(open, EPOLLOUT, &poller);
	while (device_tick(device))
		seconds++;
	assert_int_equal(seconds, 120);
	assert_int_equal(poller.answers, 1);
	read_response(open, TPM_COMMAND_MAX, &read);
	assert_int_equal(read.len, 0);
	write_random(open, false, &written);
	assert_int_equal(ticks_wanted, 2);
	release(open);
}

static void a_header_of_length_zero_is_no_data(void **state)
{
	static const uint8_t command[10] = { 0x80, 0x01, 0, 0, 0, 0 };
	struct device_open *open = open_exclusive();
	struct outcome written = { 0 }, read = { 0 };

	(void)state;
	device_write(open, command, sizeof(command), false, &written);
	assert_int_equal(written.error, -ENODATA);
	read_response(open, 10, &read);
	assert_int_equal(read.len, 0);

	written = read = (struct outcome){ 0 };
	device_write(open, command, sizeof(command), true, &written);
	assert_int_equal(written.error, 0);
	read_response(open, 10, &read);
	assert_int_equal(read.error, -ENODATA);
	release(open);
}

static void a_long_command_relieves_its_thread(void **state)
{
	static const uint8_t self_test[] = { 0x80, 0x01, 0, 0, 0, 11, 0, 0, 0x01, 0x43, 1 };
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 };

	(void)state;
	write_random(open, false, &written);
	read_response(open, TPM_COMMAND_MAX, &read);
	assert_int_equal(reliefs, 0);
	device_write(open, self_test, sizeof(self_test), false, &written);
	assert_int_equal(reliefs, 1);
	release(open);
}

static void it_is_counted_what_is_done(void **state)
{
	static const uint8_t unknown[] = { 0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x0f, 0xff };
	struct device_open *open = open_exclusive();
	struct outcome written, read = { 0 };
	struct device_stats stats;

	(void)state;
	write_random(open, false, &written);
	read_response(open, TPM_COMMAND_MAX, &read);
	device_write(open, unknown, sizeof(unknown), false, &written);
	device_get_stats(device, &stats);
	assert_int_equal(stats.meter.commands, 2);
	assert_int_equal(stats.meter.errors, 1);
	assert_int_equal(stats.meter.kinds[TPM_CODE_NO_COMMAND], 1);
	assert_int_equal(stats.meter.bytes_in, 12 + 10);
	assert_int_equal(stats.meter.bytes_out, 20 + 10);
	assert_int_equal(stats.meter.latency.count, 2);
	assert_true(stats.meter.busy_ns > 0);
	assert_true(stats.meter.busy_ns <= stats.meter.latency.total_ns);
	release(open);
}

/* Ten milliseconds, as short sleeps end late and never early. */
static void waiting_is_latency_and_no_work(void **state)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	struct device_open *open = open_exclusive();
	struct outcome written;
	struct device_stats stats;

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	write_random(open, false, &written);
	(void)nanosleep(&pause, NULL);
	turns_thaw(turns, FREEZE_ADMIN);
	device_get_stats(device, &stats);
	assert_int_equal(stats.meter.commands, 1);
	assert_true(stats.meter.latency.total_ns >= stats.meter.busy_ns + 10000000);
	release(open);
}

/* The command is told as it was, though its open's buffer has the response meanwhile. */
static void who_listens_is_told_whose_command_it_was(void **state)
{
	struct device_open *open;
	struct outcome written;
	uint8_t bytes[RECORD_SIZE_MAX];
	struct record record;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(tap_add(tap, fds[0], true), 0);
	tap_start(tap, fds[0]);
	release(open_exclusive());
	open = open_exclusive();
	write_random(open, false, &written);
	assert_int_equal(recv(fds[1], bytes, sizeof(bytes), MSG_DONTWAIT),
			 RECORD_HEADER_SIZE + 12 + 20);
	assert_int_equal(record_parse(bytes, RECORD_HEADER_SIZE + 12 + 20, &record), 0);
	assert_int_equal(record.open, 2);
	assert_false(record.managed);
	assert_int_equal(get_be32(record.command + 6), TPM2_CC_GetRandom);
	assert_int_equal(get_be32(record.response + 2), 20);
	assert_true(record.took_ns > 0);
	release(open);
	(void)close(fds[0]), (void)close(fds[1]);
}

static void opens_take_turns(void **state)
{
	struct device_open *opens[3];
	struct outcome written[3];
	struct device_stats stats;
	bool busy, frozen;

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(device_open(device, NODE_MANAGED, &opens[i]), 0);
		write_random(opens[i], false, &written[i]);
	}
	turns_thaw(turns, FREEZE_ADMIN);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(written[i].answers, 1);
		release(opens[i]);
	}
	device_get_stats(device, &stats);
	assert_int_equal(stats.meter.commands, 3);
	assert_int_equal(stats.opens, 0);
	turns_look(turns, &busy, &frozen);
	assert_false(busy);
}

#define CLIENTS 4
#define ROUNDS 200

/* How often a client did not get what it should have: assertions are for the test's own thread. */
static int surprises;

/* As answer_data(), for a request that another thread waits for. */
static void publish_data(void *request, const uint8_t *data, size_t len)
{
	struct outcome *outcome = request;

	(void)data;
	outcome->len = len;
	__atomic_store_n(&outcome->answers, 1, __ATOMIC_RELEASE);
}

static void expect(bool as_expected)
{
	if (!as_expected)
		(void)__atomic_add_fetch(&surprises, 1, __ATOMIC_RELAXED);
}

/* A thread that reads a node of its own: another may run its commands meanwhile, and answers them.
 */
static void *client(void *context)
{
	struct device_open *open = context;

	for (int i = 0; i < ROUNDS; i++) {
		struct outcome written, read = { 0 };

		write_random(open, true, &written);
		expect(written.answers == 1);
		read_response(open, TPM_COMMAND_MAX, &read);
		while (__atomic_load_n(&read.answers, __ATOMIC_ACQUIRE) == 0)
			(void)usleep(50);
		expect(read.error == 0 && read.len == 20);
	}
	return NULL;
}

/* The threads that run each other's commands count at the same time. */
static void ignore(void *context)
{
	(void)context;
}

static int start_for_threads(void **state)
{
	static const struct device_answers answers = {
		.error = answer_error,
		.written = answer_written,
		.data = publish_data,
	};
	const struct turns_host host = { .relieve = ignore, .is_stopping = never };
	struct device_options options = { .answers = &answers, .start_ticks = ignore };

	if (start(state) < 0)
		return -1;
	device_free(take_ptr(device));
	turns_free(take_ptr(turns));
	if (turns_new(&host, &turns) < 0)
		return -1;
	options.gate = gate;
	options.turns = turns;
	return device_new(&options, &device);
}

static void threads_run_each_other_s_commands(void **state)
{
	struct device_open *opens[CLIENTS];
	pthread_t threads[CLIENTS];
	struct device_stats stats;

	(void)state;
	surprises = 0;
	for (int i = 0; i < CLIENTS; i++) {
		assert_int_equal(device_open(device, NODE_MANAGED, &opens[i]), 0);
		assert_int_equal(pthread_create(&threads[i], NULL, client, opens[i]), 0);
	}
	for (int i = 0; i < CLIENTS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		release(opens[i]);
	}
	assert_int_equal(surprises, 0);
	device_get_stats(device, &stats);
	assert_int_equal(stats.meter.commands, CLIENTS * ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_blocking_write_is_answered_with_the_command_done),
		TEST(the_exclusive_node_has_one_open),
		TEST(the_next_opener_sees_nothing),
		TEST(what_an_open_leaves_is_wiped),
		TEST(what_a_parked_read_was_answered_is_wiped),
		TEST(there_are_128_opens_and_no_more),
		TEST(frozen_commands_wait_and_are_answered_after_the_thaw),
		TEST(an_interrupted_write_leaves_its_command_running),
		TEST(an_interrupted_read_leaves_the_response),
		TEST(a_release_waits_for_the_command),
		TEST(an_interrupted_release_lets_its_client_go),
		TEST(what_is_parked_at_the_end_is_answered),
		TEST(pollers_are_kept_only_while_they_wait),
		TEST(a_response_nobody_reads_is_dropped),
		TEST(a_header_of_length_zero_is_no_data),
		TEST(a_long_command_relieves_its_thread),
		TEST(it_is_counted_what_is_done),
		TEST(waiting_is_latency_and_no_work),
		TEST(who_listens_is_told_whose_command_it_was),
		TEST(opens_take_turns),
		cmocka_unit_test_setup_teardown(threads_run_each_other_s_commands,
						start_for_threads, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
