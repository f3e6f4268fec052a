/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's client that needs nothing around it: the inside of a container in tests. Each command
 * prints one line: what the TPM answered, or the name of the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const uint8_t get_random[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 16 };
static const uint8_t get_random_12[] = { 0x00, 0xc1, 0, 0, 0, 14, 0, 0, 0, 0x46, 0, 0, 0, 16 };

/* TPM2_CreatePrimary of an RSA-3072 storage key: it takes long. */
static const uint8_t create_primary[] = {
	0x80, 0x02, 0,    0, 0,    67, 0,    0, 0x01, 0x31, 0x40, 0, 0,    0x01, 0,    0, 0,
	9,    0x40, 0,    0, 0x09, 0,  0,    0, 0,    0,    0,    4, 0,    0,    0,    0, 0,
	26,   0,    0x01, 0, 0x0b, 0,  0x03, 0, 0x72, 0,    0,    0, 0x06, 0,    0x80, 0, 0x43,
	0,    0x10, 0x0c, 0, 0,    0,  0,    0, 0,    0,    0,    0, 0,    0,    0,    0,
};

static int fail(const char *what)
{
	(void)printf("%s: %s\n", what, strerrorname_np(errno));
	return 1;
}

static int exchange_on(int fd, const uint8_t *command, size_t len)
{
	uint8_t response[4096];
	ssize_t written, n;

	/* The freezer of a control group interrupts like a signal. The command goes on if the TPM
	 * has it, else there is no answer. */
	do {
		written = write(fd, command, len);
		if (written < 0 && errno != EINTR)
			return fail("write");
		do {
			n = read(fd, response, sizeof(response));
		} while (n < 0 && errno == EINTR);
	} while (written < 0 && n == 0);
	if (n < 0)
		return fail("read");
	if (n < 10)
		return fail("short answer");
	(void)printf("rc %02x%02x%02x%02x\n", response[6], response[7], response[8], response[9]);
	return (response[6] | response[7] | response[8] | response[9]) != 0;
}

static int exchange(const char *node, const uint8_t *command, size_t len)
{
	int fd = open(node, O_RDWR | O_CLOEXEC), r;

	if (fd < 0)
		return fail("open");
	r = exchange_on(fd, command, len);
	(void)close(fd);
	return r;
}

/* One behind the other, so that the TPM is hardly ever idle. */
static int make_keys(const char *node, int count)
{
	int status = 0;

	for (int i = 0; status == 0 && i < count; i++) {
		status = exchange(node, create_primary, sizeof(create_primary));
		(void)fflush(stdout);
	}
	return status;
}

/* What swtpm's devices, and ours, could be asked for if they took any request at all. */
static int try_ioctls(const char *node)
{
	int fd = open(node, O_RDWR | O_CLOEXEC);
	uint8_t buffer[4096] = { 0 };

	if (fd < 0)
		return fail("open");
	for (unsigned int number = 0; number < 64; number++) {
		if (ioctl(fd, _IOWR('P', number, uint64_t), buffer) >= 0 || errno != ENOTTY)
			return fail("ioctl");
		if (ioctl(fd, _IOR('P', number, uint32_t), buffer) >= 0 || errno != ENOTTY)
			return fail("ioctl");
	}
	(void)puts("ENOTTY");
	return 0;
}

static int make_and_open(const char *path, const char *major_text, const char *minor_text)
{
	dev_t dev = makedev((unsigned int)atoi(major_text), (unsigned int)atoi(minor_text));
	int fd;

	if (mknod(path, S_IFCHR | 0666, dev) < 0)
		return fail("mknod");
	fd = open(path, O_RDWR | O_CLOEXEC);
	(void)unlink(path);
	if (fd < 0)
		return fail("open");
	(void)puts("opened");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "random") == 0)
		return exchange(argv[2], get_random, sizeof(get_random));
	if (argc == 3 && strcmp(argv[1], "random12") == 0)
		return exchange(argv[2], get_random_12, sizeof(get_random_12));
	if (argc == 4 && strcmp(argv[1], "keygen") == 0)
		return make_keys(argv[2], atoi(argv[3]));
	if (argc == 3 && strcmp(argv[1], "ioctl") == 0)
		return try_ioctls(argv[2]);
	if (argc == 5 && strcmp(argv[1], "mknod") == 0)
		return make_and_open(argv[2], argv[3], argv[4]);
	(void)fprintf(stderr, "usage: tpm_client random|random12|ioctl NODE | keygen NODE COUNT | "
			      "mknod PATH MAJOR MINOR\n");
	return 2;
}
