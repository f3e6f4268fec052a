/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-null-cuse: a CUSE device that answers at once, with one thread and no TPM: the floor.
 */
#include <cuse_lowlevel.h>
#include <fuse_lowlevel.h>
#include <stdio.h>

/* What a TPM answers to GetRandom of 8 bytes: a header of 10, a size of 2, and these. */
static const char response[20] = { (char)0x80, 1, 0, 0, 0, sizeof(response), 0, 0, 0, 0, 0, 8 };

static void op_open(fuse_req_t req, struct fuse_file_info *fi)
{
	(void)fuse_reply_open(req, fi);
}

static void op_read(fuse_req_t req, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)off, (void)fi;
	(void)fuse_reply_buf(req, response, size < sizeof(response) ? size : sizeof(response));
}

static void op_write(fuse_req_t req, const char *buf, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	(void)buf, (void)off, (void)fi;
	(void)fuse_reply_write(req, size);
}

static const struct cuse_lowlevel_ops operations = {
	.open = op_open,
	.read = op_read,
	.write = op_write,
};

int main(int argc, char **argv)
{
	char foreground[] = "-f", dev_name[64];
	char *arguments[] = { argv[0], foreground, NULL };
	const char *info[] = { dev_name };
	struct cuse_info cuse = { .dev_info_argc = 1, .dev_info_argv = info };
	struct fuse_session *session;
	int multithreaded, r;

	if (argc != 2) {
		(void)fputs("usage: bench-null-cuse NAME\n", stderr);
		return 2;
	}
	(void)snprintf(dev_name, sizeof(dev_name), "DEVNAME=%s", argv[1]);
	session = cuse_lowlevel_setup(2, arguments, &cuse, &operations, &multithreaded, NULL);
	if (session == NULL)
		return 1;
	r = fuse_session_loop(session);
	cuse_lowlevel_teardown(session);
	return r < 0;
}
