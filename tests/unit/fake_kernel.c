/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/fake_kernel.h"

#include <errno.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define WAIT_MS 10000

static uint64_t send_request(struct kernel *kernel, uint32_t opcode, const void *body, size_t len,
			     const void *data, size_t data_len)
{
	struct fuse_in_header header = {
		.len = (uint32_t)(sizeof(header) + len + data_len),
		.opcode = opcode,
		.unique = kernel->last + 1,
	};
	struct iovec parts[] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = len },
		{ .iov_base = (void *)(uintptr_t)data, .iov_len = data_len },
	};

	assert_in_range(kernel->last + 1, 1, KERNEL_REQUESTS_MAX - 1);
	kernel->answers[++kernel->last].sent = true;
	assert_int_equal(writev(kernel->fd, parts, 3), header.len);
	return kernel->last;
}

void kernel_start(struct kernel *kernel, int *session_fd)
{
	struct cuse_init_in init = { .major = FUSE_KERNEL_VERSION, .minor = 31 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	*kernel = (struct kernel){ .fd = fds[0] };
	*session_fd = fds[1];
	kernel->answers = calloc(KERNEL_REQUESTS_MAX, sizeof(*kernel->answers));
	assert_non_null(kernel->answers);
	(void)send_request(kernel, CUSE_INIT, &init, sizeof(init), NULL, 0);
}

void kernel_stop(struct kernel *kernel)
{
	(void)close(kernel->fd);
	free(kernel->answers);
	kernel->answers = NULL;
}

uint64_t kernel_open(struct kernel *kernel, int flags)
{
	struct fuse_open_in open = { .flags = (uint32_t)flags };

	return send_request(kernel, FUSE_OPEN, &open, sizeof(open), NULL, 0);
}

uint64_t kernel_write(struct kernel *kernel, uint64_t fh, int flags, const void *data, size_t len)
{
	struct fuse_write_in write = {
		.fh = fh,
		.size = (uint32_t)len,
		.flags = (uint32_t)flags,
	};

	return send_request(kernel, FUSE_WRITE, &write, sizeof(write), data, len);
}

uint64_t kernel_read(struct kernel *kernel, uint64_t fh, size_t len)
{
	struct fuse_read_in read = { .fh = fh, .size = (uint32_t)len };

	return send_request(kernel, FUSE_READ, &read, sizeof(read), NULL, 0);
}

uint64_t kernel_poll(struct kernel *kernel, uint64_t fh, uint32_t events)
{
	struct fuse_poll_in poll = {
		.fh = fh,
		.kh = 7,
		.flags = FUSE_POLL_SCHEDULE_NOTIFY,
		.events = events,
	};

	return send_request(kernel, FUSE_POLL, &poll, sizeof(poll), NULL, 0);
}

uint64_t kernel_release(struct kernel *kernel, uint64_t fh)
{
	struct fuse_release_in release = { .fh = fh };

	return send_request(kernel, FUSE_RELEASE, &release, sizeof(release), NULL, 0);
}

void kernel_interrupt(struct kernel *kernel, uint64_t request)
{
	struct fuse_interrupt_in interrupt = { .unique = request };

	(void)send_request(kernel, FUSE_INTERRUPT, &interrupt, sizeof(interrupt), NULL, 0);
}

/* Every request is answered exactly once. */
static void take_answer(struct kernel *kernel)
{
	union {
		struct fuse_out_header header;
		uint8_t bytes[8192];
	} message;
	ssize_t n = recv(kernel->fd, &message, sizeof(message), 0);
	struct answer *answer;

	assert_in_range(n, sizeof(message.header), sizeof(message));
	assert_int_equal(message.header.len, n);
	if (message.header.unique == 0) {
		kernel->wakes++;
		return;
	}
	assert_in_range(message.header.unique, 1, kernel->last);
	answer = &kernel->answers[message.header.unique];
	assert_true(answer->sent);
	assert_false(answer->answered);
	answer->answered = true;
	answer->error = message.header.error;
	answer->len = (size_t)n - sizeof(message.header);
	assert_in_range(answer->len, 0, sizeof(answer->data));
	memcpy(answer->data, message.bytes + sizeof(message.header), answer->len);
}

static bool has_answer(const struct kernel *kernel, int timeout_ms)
{
	struct pollfd ready = { .fd = kernel->fd, .events = POLLIN };

	return poll(&ready, 1, timeout_ms) == 1;
}

const struct answer *kernel_wait(struct kernel *kernel, uint64_t request)
{
	while (!kernel->answers[request].answered) {
		assert_true(has_answer(kernel, WAIT_MS));
		take_answer(kernel);
	}
	return &kernel->answers[request];
}

void kernel_wait_for_wake(struct kernel *kernel, unsigned int wakes)
{
	while (kernel->wakes < wakes) {
		assert_true(has_answer(kernel, WAIT_MS));
		take_answer(kernel);
	}
}

bool kernel_is_answered(struct kernel *kernel, uint64_t request)
{
	while (has_answer(kernel, 0))
		take_answer(kernel);
	return kernel->answers[request].answered;
}

uint64_t kernel_open_now(struct kernel *kernel)
{
	const struct answer *answer = kernel_wait(kernel, kernel_open(kernel, 0));
	struct fuse_open_out open;

	assert_int_equal(answer->error, 0);
	memcpy(&open, answer->data, sizeof(open));
	return open.fh;
}
