/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions, device, turns and threads as they are, between a kernel that is a socket and a TPM that
 * answers when it is told to. Assertions are made on the test's own thread.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

#include "cuse/device/session.h"
#include "cuse/device/threads.h"
#include "cuse/device/turns.h"
#include "tests/unit/fake_kernel.h"
#include "tpm/space/gate.h"
#include "util/watches.h"

#define RESPONSE_SIZE 20

/* TPM2_GetRandom is answered at once; TPM2_SelfTest begins and waits for its end. */
static const uint8_t quick[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 8 };
static const uint8_t slow[] = { 0x80, 0x01, 0, 0, 0, 11, 0, 0, 0x01, 0x43, 1 };

static struct {
	sem_t begun, end; /* of slow commands */
	sem_t canceled;
} tpm;

/* A watch, and how often it was ready; WHEN_READY is done before that is told. */
static struct {
	struct watch watch;
	sem_t handled;
	void (*when_ready)(void);
} bell;

static struct kernel kernels[NODES];
static struct session *sessions[NODES];
static int session_count;
static struct gate *gate;
static struct turns *turns;
static struct device *device;
static struct watches *watches;
static struct threads *threads;
static struct threads_job waiting_turns;
static pthread_t server;
static int server_result;
static bool is_running;

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	static const uint8_t answer[RESPONSE_SIZE] = { 0x80, 0x01, 0, 0, 0, RESPONSE_SIZE };

	(void)context, (void)len;
	if (command[9] == slow[9]) {
		(void)sem_post(&tpm.begun);
		while (sem_wait(&tpm.end) < 0)
			;
	}
	*response = answer;
	*response_len = sizeof(answer);
	return 0;
}

static void relieve(void *context)
{
	(void)context;
	threads_relieve(threads);
}

static void run_waiting(void *context)
{
	(void)context;
	turns_run_waiting(turns);
}

static void post_run_waiting(void *context)
{
	(void)context;
	threads_post(threads, &waiting_turns);
}

static void ignore(void *context)
{
	(void)context;
}

static int note_cancel(void *context)
{
	(void)context;
	return sem_post(&tpm.canceled);
}

static bool is_stopping(void *context)
{
	(void)context;
	return threads_is_stopping(threads);
}

static bool ring(void *context)
{
	eventfd_t count;

	(void)context;
	(void)eventfd_read(bell.watch.fd, &count);
	if (bell.when_ready != NULL)
		bell.when_ready();
	(void)sem_post(&bell.handled);
	return true;
}

static void open_bell(void)
{
	bell.when_ready = NULL;
	bell.watch = (struct watch){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = ring };
	assert_true(bell.watch.fd >= 0);
	assert_int_equal(sem_init(&bell.handled, 0, 0), 0);
	assert_int_equal(watches_add(watches, &bell.watch), 0);
}

static void open_device(void)
{
	const struct transmit_options way = {
		.tpm = { .execute = execute },
		.version = TPM_VERSION_2,
		.relieve = relieve,
	};
	const struct turns_host host = {
		.relieve = relieve,
		.run_waiting = post_run_waiting,
		.cancel = note_cancel,
		.is_stopping = is_stopping,
	};
	struct device_options options = {
		.answers = &session_answers,
		.start_ticks = ignore,
	};

	assert_int_equal(sem_init(&tpm.begun, 0, 0), 0);
	assert_int_equal(sem_init(&tpm.end, 0, 0), 0);
	assert_int_equal(sem_init(&tpm.canceled, 0, 0), 0);
	assert_int_equal(gate_new(&way, &gate), 0);
	assert_int_equal(turns_new(&host, &turns), 0);
	options.gate = gate;
	options.turns = turns;
	assert_int_equal(device_new(&options, &device), 0);
}

static void add_session(enum device_node kind)
{
	struct session_options options = { .name = "tpm0", .kind = kind, .device = device };
	int fd;

	kernel_start(&kernels[kind], &fd);
	assert_int_equal(session_open(&options, fd, &sessions[kind], NULL), 0);
	assert_true(kernel_is_answered(&kernels[kind], 1));
	threads_add(threads, sessions[kind]);
	session_count++;
}

static void *serve(void *context)
{
	(void)context;
	server_result = threads_start(threads, NULL);
	if (server_result == 0)
		server_result = threads_run(threads, NULL);
	return NULL;
}

static void prepare(int count)
{
	session_count = 0;
	waiting_turns = (struct threads_job){ .run = run_waiting };
	assert_int_equal(watches_new(&watches), 0);
	assert_int_equal(threads_new(watches, &threads, NULL), 0);
	open_bell();
	open_device();
	for (int kind = 0; kind < count; kind++)
		add_session((enum device_node)kind);
}

static int prepare_two(void **state)
{
	(void)state;
	prepare(2);
	return 0;
}

static int start_with(int count)
{
	prepare(count);
	is_running = pthread_create(&server, NULL, serve, NULL) == 0;
	assert_true(is_running);
	return 0;
}

static int start(void **state)
{
	(void)state;
	return start_with(1);
}

static int start_two(void **state)
{
	(void)state;
	return start_with(2);
}

static void join(void)
{
	if (is_running)
		(void)pthread_join(server, NULL);
	is_running = false;
}

static int stop(void **state)
{
	(void)state;
	threads_stop(threads);
	for (int i = 0; is_running && i < 1000; i++) /* what a failed test has left running */
		(void)sem_post(&tpm.end);
	join();
	device_free(take_ptr(device));
	turns_free(take_ptr(turns));
	gate_free(take_ptr(gate));
	for (int kind = 0; kind < session_count; kind++) {
		session_close(take_ptr(sessions[kind]));
		kernel_stop(&kernels[kind]);
	}
	threads_free(take_ptr(threads));
	watches_free(take_ptr(watches));
	(void)close(bell.watch.fd);
	return 0;
}

/* As kernel_wait(): a test that waits for longer has failed. */
static void wait_for(sem_t *semaphore)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	while (sem_timedwait(semaphore, &until) < 0)
		assert_int_equal(errno, EINTR);
}

static void ring_the_bell(void)
{
	assert_int_equal(eventfd_write(bell.watch.fd, 1), 0);
	wait_for(&bell.handled);
}

static uint64_t begin_slow(struct kernel *kernel, uint64_t fh)
{
	uint64_t request = kernel_write(kernel, fh, 0, slow, sizeof(slow));

	wait_for(&tpm.begun);
	return request;
}

static void end_slow(void)
{
	assert_int_equal(sem_post(&tpm.end), 0);
}

static void assert_written(struct kernel *kernel, uint64_t request, size_t len)
{
	uint32_t written;

	assert_int_equal(kernel_wait(kernel, request)->error, 0);
	memcpy(&written, kernel->answers[request].data, sizeof(written));
	assert_int_equal(written, len);
}

static void assert_read(struct kernel *kernel, uint64_t request, size_t len)
{
	assert_int_equal(kernel_wait(kernel, request)->error, 0);
	assert_int_equal(kernel->answers[request].len, len);
}

static void assert_failed(struct kernel *kernel, uint64_t request, int error)
{
	assert_int_equal(kernel_wait(kernel, request)->error, error);
}

static uint32_t poll_mask(struct kernel *kernel, uint64_t fh, uint32_t events)
{
	uint32_t mask;

	memcpy(&mask, kernel_wait(kernel, kernel_poll(kernel, fh, events))->data, sizeof(mask));
	return mask;
}

static void a_command_is_run_and_its_response_read(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel);

	(void)state;
	assert_failed(kernel, kernel_open(kernel, 0), -EBUSY);
	assert_written(kernel, kernel_write(kernel, fh, 0, quick, sizeof(quick)), sizeof(quick));
	assert_int_equal(poll_mask(kernel, fh, EPOLLIN), EPOLLIN | EPOLLRDNORM);
	assert_read(kernel, kernel_read(kernel, fh, 6), 6);
	assert_read(kernel, kernel_read(kernel, fh, 4096), RESPONSE_SIZE - 6);
	assert_read(kernel, kernel_read(kernel, fh, 4096), 0);
	assert_failed(kernel, kernel_release(kernel, fh), 0);
	(void)kernel_open_now(kernel);
}

static void while_a_long_command_runs_all_else_goes_on(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), written, number = 0;

	(void)state;
	written = begin_slow(kernel, fh);
	ring_the_bell();
	assert_int_equal(poll_mask(kernel, fh, EPOLLIN), 0);
	assert_failed(kernel, kernel_open(kernel, 0), -EBUSY);
	assert_failed(kernel, kernel_write(kernel, fh, 0, quick, sizeof(quick)), -EBUSY);
	assert_int_equal(turns_cancel(turns, &number), 0);
	wait_for(&tpm.canceled);
	ring_the_bell();
	assert_false(kernel_is_answered(kernel, written));
	end_slow();
	assert_written(kernel, written, sizeof(slow));
	kernel_wait_for_wake(kernel, 1);
	ring_the_bell();
}

static void an_interrupted_write_lets_its_client_go(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), written = begin_slow(kernel, fh);

	(void)state;
	kernel_interrupt(kernel, written);
	assert_failed(kernel, written, -EINTR);
	end_slow();
	kernel_interrupt(kernel, written); /* too late */
	written = kernel_read(kernel, fh, 4096);
	assert_read(kernel, written, RESPONSE_SIZE);
}

static void interrupted_reads_and_releases_let_their_clients_go(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), read, released;

	(void)state;
	(void)kernel_write(kernel, fh, O_NONBLOCK, slow, sizeof(slow));
	wait_for(&tpm.begun);
	read = kernel_read(kernel, fh, 4096);
	kernel_interrupt(kernel, read);
	assert_failed(kernel, read, -EINTR);
	released = kernel_release(kernel, fh);
	kernel_interrupt(kernel, released);
	assert_failed(kernel, released, 0);
	assert_failed(kernel, kernel_open(kernel, 0), -EBUSY);
	end_slow();
}

static void a_release_is_answered_when_the_command_has_ended(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), released;

	(void)state;
	(void)kernel_write(kernel, fh, O_NONBLOCK, slow, sizeof(slow));
	wait_for(&tpm.begun);
	released = kernel_release(kernel, fh);
	ring_the_bell();
	assert_false(kernel_is_answered(kernel, released));
	end_slow();
	assert_failed(kernel, released, 0);
	(void)kernel_open_now(kernel);
}

#define READERS 3
#define ROUNDS 100

/*
 * libfuse has a lock on each request, under which it calls us; the device has its own. Whatever
 * comes when, no two threads take them in different orders, no interrupt is lost, and nothing is
 * answered twice.
 */
static void reads_that_wait_are_answered_or_interrupted_once(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), reads[READERS];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t left = RESPONSE_SIZE;

		(void)kernel_write(kernel, fh, O_NONBLOCK, slow, sizeof(slow));
		wait_for(&tpm.begun);
		for (int i = 0; i < READERS; i++)
			reads[i] = kernel_read(kernel, fh, 12);
		if (round % 2 == 0)
			ring_the_bell();
		end_slow();
		for (int i = 0; i < READERS; i++)
			kernel_interrupt(kernel, reads[i]);
		for (int i = 0; i < READERS; i++) {
			const struct answer *answer = kernel_wait(kernel, reads[i]);

			assert_true(answer->error == 0 || answer->error == -EINTR);
			assert_in_range(answer->len, 0, left);
			left -= answer->len;
		}
		if (left > 0)
			assert_read(kernel, kernel_read(kernel, fh, 4096), left);
	}
	for (int i = 0; i < READERS; i++) /* libfuse keeps late interrupts until the next request */
		(void)poll_mask(kernel, fh, EPOLLIN);
}

static void thaw(void)
{
	turns_thaw(turns, FREEZE_ADMIN);
}

/*
 * The thread that minds the watches thaws the device and must not be the one that is away with what
 * has waited; when the thread that takes that was the last one to mind the watches, the leader is
 * got out of its read to do so.
 */
static void a_thaw_from_a_watch_leaves_the_watches_minded(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), written;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		turns_freeze(turns, FREEZE_ADMIN);
		written = kernel_write(kernel, fh, 0, slow, sizeof(slow));
		assert_int_equal(poll_mask(kernel, fh, EPOLLIN), 0); /* it has been taken */
		bell.when_ready = thaw;
		ring_the_bell();
		wait_for(&tpm.begun);
		bell.when_ready = NULL;
		ring_the_bell();
		assert_int_equal(poll_mask(kernel, fh, EPOLLIN), 0);
		end_slow();
		assert_written(kernel, written, sizeof(slow));
		assert_read(kernel, kernel_read(kernel, fh, 4096), RESPONSE_SIZE);
	}
}

/* Nobody is in a watch's handler who would look for a new duty by himself. */
static void a_thaw_from_elsewhere_finds_a_thread(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), written;

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	written = kernel_write(kernel, fh, 0, quick, sizeof(quick));
	ring_the_bell();
	assert_int_equal(poll_mask(kernel, fh, EPOLLIN), 0);
	thaw();
	assert_written(kernel, written, sizeof(quick));
}

static sem_t asked;
static struct turn question;

static void note_turn(void *context)
{
	(void)context;
	(void)sem_post(&asked);
}

static void ask(void)
{
	(void)turns_ask(turns, &question);
}

/* Some command always waits: each client has sent its next one before its last one ends. */
static void who_asks_from_a_watch_gets_the_tpm_within_one_command(void **state)
{
	struct kernel *kernel = &kernels[NODE_MANAGED];
	uint64_t fh[4], written[4];

	(void)state;
	assert_int_equal(sem_init(&asked, 0, 0), 0);
	question = (struct turn){ .run = note_turn };
	for (int i = 0; i < 4; i++) {
		fh[i] = kernel_open_now(kernel);
		written[i] = kernel_write(kernel, fh[i], 0, slow, sizeof(slow));
	}
	wait_for(&tpm.begun);
	for (int round = 0; round < ROUNDS; round++) {
		int i = round % 4;

		assert_int_equal(poll_mask(kernel, fh[i], EPOLLIN), 0);
		bell.when_ready = ask;
		ring_the_bell();
		bell.when_ready = NULL;
		end_slow();
		assert_written(kernel, written[i], sizeof(slow));
		wait_for(&asked);
		wait_for(&tpm.begun);
		assert_read(kernel, kernel_read(kernel, fh[i], 4096), RESPONSE_SIZE);
		written[i] = kernel_write(kernel, fh[i], 0, slow, sizeof(slow));
		ring_the_bell();
	}
	for (int i = 0; i < 4; i++)
		end_slow();
	for (int i = 0; i < 4; i++)
		(void)kernel_wait(kernel, written[i]);
}

/* Every thread changes its duty all the time. */
static void nothing_is_lost_while_duties_change(void **state)
{
	uint64_t fh[NODES], written[NODES];

	(void)state;
	for (int kind = 0; kind < NODES; kind++)
		fh[kind] = kernel_open_now(&kernels[kind]);
	for (int round = 0; round < 2 * ROUNDS; round++) {
		for (int kind = 0; kind < NODES; kind++) {
			bool is_slow = (round + kind) % 3 != 0;

			written[kind] =
				kernel_write(&kernels[kind], fh[kind], 0, is_slow ? slow : quick,
					     is_slow ? sizeof(slow) : sizeof(quick));
			if (is_slow)
				end_slow();
			if (round % 5 == kind)
				ring_the_bell();
		}
		for (int kind = 0; kind < NODES; kind++) {
			assert_int_equal(kernel_wait(&kernels[kind], written[kind])->error, 0);
			assert_read(&kernels[kind], kernel_read(&kernels[kind], fh[kind], 4096),
				    RESPONSE_SIZE);
		}
		ring_the_bell();
	}
}

static void a_stop_ends_threads_that_wait(void **state)
{
	(void)state;
	threads_stop(threads);
	join();
	assert_int_equal(server_result, 0);
}

static void stop_threads(void)
{
	threads_stop(threads);
}

static void a_stop_from_a_watch_lets_the_command_in_flight_end(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), written = begin_slow(kernel, fh);

	(void)state;
	bell.when_ready = stop_threads;
	ring_the_bell();
	assert_false(kernel_is_answered(kernel, written));
	end_slow();
	join();
	assert_int_equal(server_result, 0);
	assert_written(kernel, written, sizeof(slow));
}

static void a_stop_lets_no_other_command_begin(void **state)
{
	struct kernel *kernel = &kernels[NODE_MANAGED];
	uint64_t fh[2] = { kernel_open_now(kernel), kernel_open_now(kernel) };
	uint64_t first = begin_slow(kernel, fh[0]), second;

	(void)state;
	second = kernel_write(kernel, fh[1], 0, slow, sizeof(slow));
	assert_int_equal(poll_mask(kernel, fh[1], EPOLLIN), 0); /* it has been taken */
	bell.when_ready = stop_threads;
	ring_the_bell();
	end_slow();
	join();
	assert_written(kernel, first, sizeof(slow));
	device_free(take_ptr(device));
	assert_failed(kernel, second, -EPIPE);
}

static void what_waits_at_the_end_is_answered_by_the_device(void **state)
{
	struct kernel *kernel = &kernels[NODE_EXCLUSIVE];
	uint64_t fh = kernel_open_now(kernel), written, read;

	(void)state;
	turns_freeze(turns, FREEZE_ADMIN);
	written = kernel_write(kernel, fh, 0, quick, sizeof(quick));
	read = kernel_read(kernel, fh, 4096);
	assert_int_equal(poll_mask(kernel, fh, EPOLLIN), 0);
	threads_stop(threads);
	join();
	device_free(take_ptr(device));
	assert_failed(kernel, written, -EPIPE);
	assert_read(kernel, read, 0);
}

static void a_device_that_is_gone_ends_the_threads(void **state)
{
	(void)state;
	assert_int_equal(shutdown(kernels[NODE_EXCLUSIVE].fd, SHUT_WR), 0);
	join();
	assert_int_equal(server_result, -ENODEV);
}

/* A start that fails after it; who is to be confined has done nothing before. */
static void threads_that_never_run_do_nothing_and_end(void **state)
{
	static const struct timespec moment = { .tv_nsec = 20000000 };

	(void)state;
	assert_int_equal(threads_start(threads, NULL), 0);
	assert_int_equal(eventfd_write(bell.watch.fd, 1), 0);
	(void)nanosleep(&moment, NULL);
	assert_int_equal(sem_trywait(&bell.handled), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
#define TEST_TWO(name) cmocka_unit_test_setup_teardown(name, start_two, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_command_is_run_and_its_response_read),
		TEST(while_a_long_command_runs_all_else_goes_on),
		TEST_TWO(while_a_long_command_runs_all_else_goes_on),
		TEST(an_interrupted_write_lets_its_client_go),
		TEST(interrupted_reads_and_releases_let_their_clients_go),
		TEST(a_release_is_answered_when_the_command_has_ended),
		TEST(reads_that_wait_are_answered_or_interrupted_once),
		TEST_TWO(reads_that_wait_are_answered_or_interrupted_once),
		TEST(a_thaw_from_a_watch_leaves_the_watches_minded),
		TEST_TWO(a_thaw_from_a_watch_leaves_the_watches_minded),
		TEST(a_thaw_from_elsewhere_finds_a_thread),
		TEST_TWO(who_asks_from_a_watch_gets_the_tpm_within_one_command),
		TEST_TWO(nothing_is_lost_while_duties_change),
		TEST(a_stop_ends_threads_that_wait),
		TEST_TWO(a_stop_ends_threads_that_wait),
		TEST(a_stop_from_a_watch_lets_the_command_in_flight_end),
		TEST_TWO(a_stop_lets_no_other_command_begin),
		TEST(what_waits_at_the_end_is_answered_by_the_device),
		TEST(a_device_that_is_gone_ends_the_threads),
		TEST_TWO(a_device_that_is_gone_ends_the_threads),
		cmocka_unit_test_setup_teardown(threads_that_never_run_do_nothing_and_end,
						prepare_two, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
