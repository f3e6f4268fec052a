/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/answer/device.h"

#include <errno.h>
#include <fcntl.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

int tpm_device_open(const char *path, struct tpm_device *ret, struct error *err)
{
	ret->fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	return ret->fd < 0 ? error_set(err, errno, "open %s", path) : 0;
}

void tpm_device_close(struct tpm_device *device)
{
	closep(&device->fd);
}

/* The response comes in one read, whole. */
static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	struct tpm_device *device = context;
	ssize_t n;
	int r = write_all(device->fd, command, len);

	if (r < 0)
		return r;
	do {
		n = read(device->fd, device->response, sizeof(device->response));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*response = device->response;
	*response_len = (size_t)n;
	return 0;
}

struct tpm_executor tpm_device_executor(struct tpm_device *device)
{
	return (struct tpm_executor){ .execute = execute, .context = device };
}
