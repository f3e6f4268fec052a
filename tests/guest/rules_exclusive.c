/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules of /dev/tpmN: drivers/char/tpm/tpm-dev.c and tpm-dev-common.c of Linux. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/rules.h"
#include "tpm/tcg.h"

static struct tpm_command random8;
static uint8_t response[TPM_COMMAND_MAX];

static int open_exclusive(int flags)
{
	int fd = open_device(exclusive, flags);

	expect(fd >= 0);
	command_get_random(&random8, 8);
	return fd;
}

/* Keys stay in the TPM when their maker has closed the exclusive node, as with the kernel's. */
static void flush_all(int fd)
{
	struct tpm_command command;

	for (uint32_t handle = 0x80000000; handle < 0x80000003; handle++) {
		command_with_handle(&command, TPM2_CC_FlushContext, handle);
		expect(write_command(fd, &command) == (ssize_t)command.len);
		expect(read(fd, response, sizeof(response)) == 10);
	}
}

int open_empty(int flags)
{
	int fd = open_exclusive(0);

	flush_all(fd);
	(void)close(fd);
	return open_exclusive(flags);
}

static void one_opener(void)
{
	int fd = open_exclusive(0);

	expect(open_device(exclusive, 0) < 0 && errno == EBUSY);
	expect(open_device(exclusive, O_NONBLOCK) < 0 && errno == EBUSY);
	expect(close(fd) == 0);
	fd = open_exclusive(0);
	expect(close(fd) == 0);
}

static void write_and_read(void)
{
	int fd = open_exclusive(0);

	expect(poll_now(fd) == POLLOUT);
	expect(write_command(fd, &random8) == (ssize_t)random8.len);
	expect(poll_now(fd) == POLLIN);
	expect(read(fd, response, sizeof(response)) == 20);
	expect(poll_now(fd) == POLLOUT);
	expect(read(fd, response, sizeof(response)) == 0);
	(void)close(fd);
}

static void nothing_pending_reads_0(void)
{
	int fd = open_exclusive(0);

	expect(read(fd, response, sizeof(response)) == 0);
	(void)close(fd);
	fd = open_exclusive(O_NONBLOCK);
	expect(read(fd, response, sizeof(response)) == 0);
	(void)close(fd);
}

static void too_big(void)
{
	static uint8_t big[300000] = { 0x80, 0x01, 0, 0, 0x10, 0 };
	static const size_t sizes[] = { 4097, 8192, 131072, 300000 };
	int fd = open_exclusive(0);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		expect(write(fd, big, sizes[i]) < 0 && errno == E2BIG);
	expect(write(fd, big, 4096) == 4096);
	expect(read(fd, response, sizeof(response)) >= 10);
	(void)close(fd);
}

static void too_short(void)
{
	static const uint8_t lying[10] = { 0x80, 0x01, 0, 0, 0, 11 };
	int fd = open_exclusive(0);

	for (size_t len = 1; len < 6; len++)
		expect(write(fd, random8.bytes, len) < 0 && errno == EINVAL);
	expect(write(fd, lying, sizeof(lying)) < 0 && errno == EINVAL);
	expect(write(fd, random8.bytes, random8.len - 1) < 0 && errno == EINVAL);
	expect(transact(fd, &random8, NULL, NULL) == 0);
	(void)close(fd);
}

static void bytes_after_the_command_are_ignored(void)
{
	uint8_t longer[64] = { 0 };
	int fd = open_exclusive(0);

	memcpy(longer, random8.bytes, random8.len);
	expect(write(fd, longer, sizeof(longer)) == sizeof(longer));
	expect(read(fd, response, sizeof(response)) == 20);
	(void)close(fd);
}

static void length_zero_is_no_data(void)
{
	static const uint8_t empty[10] = { 0x80, 0x01 };
	int fd = open_exclusive(0);

	expect(write(fd, empty, sizeof(empty)) < 0 && errno == ENODATA);
	expect(poll_now(fd) == POLLOUT);
	(void)close(fd);
	fd = open_exclusive(O_NONBLOCK);
	expect(write(fd, empty, sizeof(empty)) == sizeof(empty));
	expect(read(fd, response, sizeof(response)) < 0 && errno == ENODATA);
	expect(read(fd, response, sizeof(response)) == 0);
	(void)close(fd);
}

static void an_unread_response_is_busy(void)
{
	static const uint8_t big[5000];
	int fd = open_exclusive(0);

	expect(write_command(fd, &random8) > 0);
	expect(write_command(fd, &random8) < 0 && errno == EBUSY);
	expect(write(fd, random8.bytes, 3) < 0 && errno == EBUSY);
	expect(write(fd, big, sizeof(big)) < 0 && errno == E2BIG);
	expect(read(fd, response, sizeof(response)) == 20);
	expect(transact(fd, &random8, NULL, NULL) == 0);
	(void)close(fd);
}

static void partial_reads_keep_the_rest(void)
{
	int fd = open_exclusive(0);

	expect(write_command(fd, &random8) > 0);
	expect(read(fd, response, 10) == 10);
	expect(poll_now(fd) == POLLIN);
	expect(read(fd, response + 10, 4) == 4);
	expect(read(fd, response + 14, 100) == 6);
	expect(response[5] == 20 && response[11] == 8);
	expect(read(fd, response, 10) == 0);
	(void)close(fd);
}

static void a_write_after_a_partial_read_drops_the_rest(void)
{
	int fd = open_exclusive(0);

	expect(write_command(fd, &random8) > 0);
	expect(read(fd, response, 10) == 10);
	expect(transact(fd, &random8, NULL, NULL) == 0);
	expect(read(fd, response, 10) == 0);
	(void)close(fd);
}

static void positions_mean_nothing(void)
{
	int fd = open_exclusive(0);

	expect(pwrite(fd, random8.bytes, random8.len, 1000) == (ssize_t)random8.len);
	expect(pread(fd, response, sizeof(response), 5000) == 20);
	(void)close(fd);
}

static void no_ioctls(void)
{
	uint8_t argument[8192] = { 0 };
	int fd = open_exclusive(0);

	for (unsigned long number = 0; number < 32; number++) {
		expect(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 'P', number, 3088), argument) < 0 &&
		       errno == ENOTTY);
	}
	expect(ioctl(fd, TIOCGWINSZ, argument) < 0 && errno == ENOTTY);
	(void)close(fd);
}

/*
 * Begins a long command and looks before it is done, which takes some tries where the processor is
 * shared. While it runs the device is neither readable nor writable, and others are answered.
 */
static void begin_and_look(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	struct tpm_command rsa;
	short events = POLLIN;

	for (int i = 0; i < 30 && events != 0; i++) {
		command_create_primary_rsa(&rsa, TPM2_RH_NULL);
		expect(write_command(fd, &rsa) == (ssize_t)rsa.len);
		events = poll_now(fd);
		expect(write_command(fd, &random8) < 0 && errno == EBUSY);
		expect(open_device(exclusive, 0) < 0 && errno == EBUSY);
		expect(poll(&poll_fd, 1, 60000) == 1 && poll_fd.revents == POLLIN);
		expect(read(fd, response, sizeof(response)) >= 10);
		flush_all(fd);
	}
	expect(events == 0);
}

static void a_nonblocking_write_runs_the_command(void)
{
	int fd = open_exclusive(O_NONBLOCK);

	begin_and_look(fd);
	(void)close(fd);
}

static void a_read_waits_for_the_command(void)
{
	struct tpm_command rsa;
	int fd = open_empty(O_NONBLOCK);

	command_create_primary_rsa(&rsa, TPM2_RH_NULL);
	expect(write_command(fd, &rsa) == (ssize_t)rsa.len);
	expect(read(fd, response, sizeof(response)) > 100);
	(void)close(fd);
}

static void nonblocking_follows_fcntl(void)
{
	struct tpm_command rsa;
	int fd = open_empty(0);

	expect(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	begin_and_look(fd);
	expect(fcntl(fd, F_SETFL, 0) == 0);
	command_create_primary_rsa(&rsa, TPM2_RH_NULL);
	expect(write_command(fd, &rsa) == (ssize_t)rsa.len);
	expect(poll_now(fd) == POLLIN);
	(void)close(fd);
}

static void a_close_in_flight_leaves_nothing_behind(void)
{
	struct tpm_command rsa;
	int fd = open_empty(O_NONBLOCK);

	command_create_primary_rsa(&rsa, TPM2_RH_NULL);
	expect(write_command(fd, &rsa) == (ssize_t)rsa.len);
	expect(close(fd) == 0); /* waits, as the kernel's does */
	fd = open_empty(0);
	expect(poll_now(fd) == POLLOUT);
	expect(read(fd, response, sizeof(response)) == 0);
	expect(transact(fd, &random8, NULL, NULL) == 0);
	(void)close(fd);
}

static void on_alarm(int number)
{
	(void)number;
}

static void alarm_soon(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 15000 } };

	expect(sigaction(SIGALRM, &action, NULL) == 0);
	expect(setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

/* A signal during the close would let it go before the command's end. */
static void no_alarm(void)
{
	struct itimerval never = { 0 };

	expect(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

static void a_signal_ends_a_waiting_write(void)
{
	struct pollfd poll_fd = { .events = POLLIN };
	struct tpm_command rsa;
	int interrupted = 0;

	for (int i = 0; i < 20 && interrupted == 0; i++) {
		command_create_primary_rsa(&rsa, TPM2_RH_NULL);
		int fd = open_empty(0);

		alarm_soon();
		if (write_command(fd, &rsa) < 0) {
			expect(errno == EINTR);
			interrupted++;
			/* The command was taken, runs on, and has its response. */
			poll_fd.fd = fd;
			expect(poll(&poll_fd, 1, 60000) == 1 && poll_fd.revents == POLLIN);
		}
		no_alarm();
		expect(read(fd, response, sizeof(response)) > 100);
		(void)close(fd);
	}
	expect(interrupted > 0);
}

static void a_signal_ends_a_waiting_read(void)
{
	struct tpm_command rsa;
	int interrupted = 0;

	for (int i = 0; i < 20 && interrupted == 0; i++) {
		command_create_primary_rsa(&rsa, TPM2_RH_NULL);
		int fd = open_empty(O_NONBLOCK);

		expect(write_command(fd, &rsa) > 0);
		alarm_soon();
		if (read(fd, response, sizeof(response)) < 0) {
			expect(errno == EINTR);
			interrupted++;
			expect(read(fd, response, sizeof(response)) > 100);
		}
		no_alarm();
		(void)close(fd);
	}
	expect(interrupted > 0);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The client is gone at once; the command runs to its end, and the device is free after it. */
static void a_killed_client_dies(void)
{
	struct tpm_command rsa;
	int fd = -1;
	pid_t child;

	for (int i = 0; i < 5; i++) {
		command_create_primary_rsa(&rsa, TPM2_RH_NULL);
		double begin = seconds();

		child = fork();
		if (child == 0) {
			fd = open_empty(0);
			(void)write_command(fd, &rsa);
			_exit(0);
		}
		(void)usleep(20000);
		expect(kill(child, SIGKILL) == 0);
		expect(waitpid(child, NULL, 0) == child);
		while ((fd = open_device(exclusive, 0)) < 0 && seconds() < begin + 60) {
			expect(errno == EBUSY);
			(void)usleep(5000);
		}
		expect(fd >= 0);
		expect(read(fd, response, sizeof(response)) == 0);
		(void)close(fd);
	}
}

static void a_fork_shares_the_open(void)
{
	int fd = open_exclusive(0), status;
	pid_t child;

	expect(write_command(fd, &random8) > 0);
	child = fork();
	if (child == 0)
		_exit(read(fd, response, 10) == 10 ? 0 : 1);
	expect(waitpid(child, &status, 0) == child && status == 0);
	expect(read(fd, response, sizeof(response)) == 10);
	(void)close(fd);
}

const struct rule exclusive_rules[] = {
	{ "one opener", one_opener },
	{ "a command is written and its response read", write_and_read },
	{ "with nothing pending a read gives 0", nothing_pending_reads_0 },
	{ "more than 4096 bytes are E2BIG", too_big },
	{ "a command shorter than it says is EINVAL", too_short },
	{ "bytes after the command are ignored", bytes_after_the_command_are_ignored },
	{ "a length of zero is ENODATA", length_zero_is_no_data },
	{ "a write before the read is EBUSY", an_unread_response_is_busy },
	{ "a partial read keeps the rest", partial_reads_keep_the_rest },
	{ "a write after a partial read drops the rest",
	  a_write_after_a_partial_read_drops_the_rest },
	{ "file positions mean nothing", positions_mean_nothing },
	{ "every ioctl is ENOTTY", no_ioctls },
	{ "a nonblocking write returns and the command runs",
	  a_nonblocking_write_runs_the_command },
	{ "a read waits for the command", a_read_waits_for_the_command },
	{ "O_NONBLOCK may change while it is open", nonblocking_follows_fcntl },
	{ "a close in flight leaves nothing behind", a_close_in_flight_leaves_nothing_behind },
	{ "a signal ends a waiting write", a_signal_ends_a_waiting_write },
	{ "a signal ends a waiting read", a_signal_ends_a_waiting_read },
	{ "a killed client dies and its command completes", a_killed_client_dies },
	{ "a fork shares the open", a_fork_shares_the_open },
	{ 0 },
};
