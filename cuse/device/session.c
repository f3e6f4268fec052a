/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/session.h"

#include <cuse_lowlevel.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>

#include "tpm/command.h"
#include "util/error.h"

struct session {
	struct fuse_session *fuse;
	struct device *device;
	enum device_node kind;
	int fd;
	bool ready;                        /* the kernel has had our answer to CUSE_INIT */
	uint8_t response[TPM_COMMAND_MAX]; /* used by the thread that reads the session */
};

/* A reply fails only when the client or the connection is gone, so its failure is ignored. */

static struct device_open *open_of(const struct fuse_file_info *fi)
{
	return (struct device_open *)(uintptr_t)fi->fh;
}

/* Called by libfuse when FUSE_INTERRUPT arrives for REQ; a reply from in here is allowed. */
static void interrupted(fuse_req_t req, void *open)
{
	const struct session *session = fuse_req_userdata(req);

	device_interrupt(session->device, open, req);
}

/*
 * Called before the device parks a request. libfuse holds its own lock on the request, here and
 * when it calls interrupted(), so the caller must not hold the device's lock. No interrupt gets
 * lost in between: this thread is the one that reads interrupts, and it reads none before the
 * device has the request. False: the request was interrupted before.
 */
static bool prepare_to_wait(fuse_req_t req, struct device_open *open)
{
	fuse_req_interrupt_func(req, interrupted, open);
	return !fuse_req_interrupted(req);
}

static void op_init_done(void *userdata)
{
	struct session *session = userdata;

	session->ready = true;
}

static void op_open(fuse_req_t req, struct fuse_file_info *fi)
{
	const struct session *session = fuse_req_userdata(req);
	struct device_open *open;
	int r = device_open(session->device, session->kind, &open);

	if (r < 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	fi->fh = (uintptr_t)open;
	/* The client was interrupted meanwhile: the kernel will send no release. */
	if (fuse_reply_open(req, fi) == -ENOENT)
		device_release(open, NULL);
}

/* Ignores the offset, the client's file position: a TPM has none. */
static void op_read(fuse_req_t req, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct session *session = fuse_req_userdata(req);
	struct device_open *open = open_of(fi);
	uint8_t *data = session->response;
	ssize_t n = device_read(open, data, size, NULL);

	(void)off;
	if (n == -EINPROGRESS)
		n = prepare_to_wait(req, open) ? device_read(open, data, size, req) : -EINTR;
	if (n == -EINPROGRESS)
		return;
	if (n < 0) {
		(void)fuse_reply_err(req, (int)-n);
		return;
	}
	(void)fuse_reply_buf(req, (const char *)data, (size_t)n);
	explicit_bzero(data, (size_t)n);
}

static void op_write(fuse_req_t req, const char *buf, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	bool nonblock = (fi->flags & O_NONBLOCK) != 0;

	(void)off;
	if (!nonblock && !prepare_to_wait(req, open_of(fi))) {
		(void)fuse_reply_err(req, EINTR);
		return;
	}
	device_write(open_of(fi), (const uint8_t *)buf, size, nonblock, req);
}

static void op_release(fuse_req_t req, struct fuse_file_info *fi)
{
	struct device_open *open = open_of(fi);

	if (!prepare_to_wait(req, open)) {
		(void)fuse_reply_err(req, 0);
		req = NULL;
	}
	device_release(open, req);
}

static void op_poll(fuse_req_t req, struct fuse_file_info *fi, struct fuse_pollhandle *ph)
{
	(void)fuse_reply_poll(req, device_poll(open_of(fi), fi->poll_events, ph));
}

/* The device offers no control: its users can send TPM commands and nothing else. */
static void op_ioctl(fuse_req_t req, int cmd, void *arg, struct fuse_file_info *fi,
		     unsigned int flags, const void *in_buf, size_t in_bufsz, size_t out_bufsz)
{
	(void)cmd, (void)arg, (void)fi, (void)flags, (void)in_buf, (void)in_bufsz, (void)out_bufsz;
	(void)fuse_reply_err(req, ENOTTY);
}

static const struct cuse_lowlevel_ops session_ops = {
	.init_done = op_init_done,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.release = op_release,
	.poll = op_poll,
	.ioctl = op_ioctl,
};

static void answer_error(void *request, int error)
{
	(void)fuse_reply_err(request, -error);
}

static void answer_written(void *request, size_t len)
{
	(void)fuse_reply_write(request, len);
}

static void answer_data(void *request, const uint8_t *data, size_t len)
{
	(void)fuse_reply_buf(request, (const char *)data, len);
}

static void wake_poller(void *poller)
{
	(void)fuse_lowlevel_notify_poll(poller);
	fuse_pollhandle_destroy(poller);
}

static void forget_poller(void *poller)
{
	fuse_pollhandle_destroy(poller);
}

const struct device_answers session_answers = {
	.error = answer_error,
	.written = answer_written,
	.data = answer_data,
	.wake_poller = wake_poller,
	.forget_poller = forget_poller,
};

static int open_fuse(const struct session_options *options, struct session *session,
		     struct error *err)
{
	char program[] = "vtpm-cuse", fd_path[32];
	cleanup_free char *dev_name = NULL;
	const char *info[1];
	char *argv[] = { program, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct cuse_info cuse = {
		.dev_major = options->major,
		.dev_minor = options->minor,
		.dev_info_argc = 1,
		.dev_info_argv = info,
	};

	if (asprintf(&dev_name, "DEVNAME=%s", options->name) < 0) {
		dev_name = NULL;
		return error_set(err, ENOMEM, "start a CUSE session");
	}
	info[0] = dev_name;
	session->fuse = cuse_lowlevel_new(&args, &cuse, &session_ops, session);
	fuse_opt_free_args(&args);
	if (session->fuse == NULL)
		return error_set(err, ENOMEM, "start a CUSE session");

	/* libfuse accepts an open descriptor under this name, and closes it at the end. */
	(void)snprintf(fd_path, sizeof(fd_path), "/dev/fd/%d", session->fd);
	if (fuse_session_mount(session->fuse, fd_path) == 0)
		return 0;
	fuse_session_destroy(take_ptr(session->fuse));
	return error_say(err, EIO, "libfuse does not take /dev/cuse");
}

static int answer_init(struct session *session, struct error *err)
{
	struct session_buffer buffer = { 0 };
	int r = 0;

	while (!session->ready && r >= 0) {
		r = session_read(session, &buffer);
		if (r > 0)
			session_handle(session, &buffer);
	}
	session_buffer_done(&buffer);
	return r < 0 ? error_set(err, -r, "talk to /dev/cuse") : 0;
}

int session_open(const struct session_options *options, int fd, struct session **ret,
		 struct error *err)
{
	cleanup_close int owned = fd;
	cleanup_with(session_closep) struct session *session = calloc(1, sizeof(*session));
	int r;

	if (session == NULL)
		return error_set(err, ENOMEM, "start a CUSE session");
	session->device = options->device;
	session->kind = options->kind;
	session->fd = take_fd(owned);
	r = open_fuse(options, session, err);
	if (r == 0)
		r = answer_init(session, err);
	if (r < 0)
		return r;
	*ret = take_ptr(session);
	return 0;
}

void session_close(struct session *session)
{
	if (session == NULL)
		return;
	if (session->fuse != NULL)
		fuse_session_destroy(session->fuse); /* closes the descriptor as well */
	else
		closep(&session->fd);
	free(session);
}

int session_fd(const struct session *session)
{
	return session->fd;
}

void session_buffer_done(struct session_buffer *buffer)
{
	if (buffer->memory != NULL) /* the last command in it may hold a secret */
		explicit_bzero(buffer->memory, TPM_COMMAND_MAX);
	free(buffer->memory);
	buffer->memory = NULL;
}

int session_read(struct session *session, struct session_buffer *buffer)
{
	struct fuse_buf buf = { .mem = buffer->memory };
	int r = fuse_session_receive_buf(session->fuse, &buf);

	buffer->memory = buf.mem;
	buffer->size = buf.size;
	if (r == 0 || fuse_session_exited(session->fuse))
		return -ENODEV;
	if (r < 0)
		return r == -EINTR || r == -EAGAIN ? 0 : r;
	return 1;
}

void session_handle(struct session *session, struct session_buffer *buffer)
{
	struct fuse_buf buf = { .mem = buffer->memory, .size = buffer->size };

	fuse_session_process_buf(session->fuse, &buf);
}
