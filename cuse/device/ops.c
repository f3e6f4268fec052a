/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>

#include "cuse/device/node.h"

/* A reply fails only when the client or the connection is gone: there is nobody left to tell. */

static struct device_open *open_of(const struct fuse_file_info *fi)
{
	return (struct device_open *)(uintptr_t)fi->fh;
}

static void op_init_done(void *userdata)
{
	struct node *node = userdata;

	node->ready = true;
}

static void op_open(fuse_req_t req, struct fuse_file_info *fi)
{
	const struct node *node = fuse_req_userdata(req);
	struct device_open *open;
	int r = device_open(node->device, node->kind, &open);

	if (r < 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	fi->fh = (uintptr_t)open;
	/* The client was interrupted meanwhile: there will be no release. */
	if (fuse_reply_open(req, fi) == -ENOENT)
		device_release(open, NULL);
}

/* The offset is the client's file position, which a TPM has not. */
static void op_read(fuse_req_t req, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)off;
	device_read(open_of(fi), size, req);
}

static void op_write(fuse_req_t req, const char *buf, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	(void)off;
	device_write(open_of(fi), (const uint8_t *)buf, size, (fi->flags & O_NONBLOCK) != 0, req);
}

static void op_release(fuse_req_t req, struct fuse_file_info *fi)
{
	device_release(open_of(fi), req);
}

static void op_poll(fuse_req_t req, struct fuse_file_info *fi, struct fuse_pollhandle *ph)
{
	(void)fuse_reply_poll(req, device_poll(open_of(fi), fi->poll_events, ph));
}

/* Control is not on the device: whoever holds it can send commands and nothing else. */
static void op_ioctl(fuse_req_t req, int cmd, void *arg, struct fuse_file_info *fi,
		     unsigned int flags, const void *in_buf, size_t in_bufsz, size_t out_bufsz)
{
	(void)cmd, (void)arg, (void)fi, (void)flags, (void)in_buf, (void)in_bufsz, (void)out_bufsz;
	(void)fuse_reply_err(req, ENOTTY);
}

const struct cuse_lowlevel_ops node_ops = {
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

static void answer_released(void *request)
{
	(void)fuse_reply_err(request, 0);
}

/* Called by libfuse when FUSE_INTERRUPT arrives for REQ; a reply from in here is allowed. */
static void interrupted(fuse_req_t req, void *open)
{
	const struct node *node = fuse_req_userdata(req);

	device_interrupt(node->device, open, req);
}

/*
 * The interrupt function is called at once, into the locked device, for a request that was
 * interrupted already: hence the check before. Nothing can come between, as this thread is the one
 * that reads interrupts until the request is parked.
 */
static bool park(void *request, struct device_open *open)
{
	if (fuse_req_interrupted(request))
		return false;
	fuse_req_interrupt_func(request, interrupted, open);
	return true;
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

void ops_set_answers(struct device_answers *answers)
{
	answers->error = answer_error;
	answers->written = answer_written;
	answers->data = answer_data;
	answers->released = answer_released;
	answers->park = park;
	answers->wake_poller = wake_poller;
	answers->forget_poller = forget_poller;
}
