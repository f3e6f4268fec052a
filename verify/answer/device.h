/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM behind a device file.
 */
#ifndef VTPM_VERIFY_ANSWER_DEVICE_H
#define VTPM_VERIFY_ANSWER_DEVICE_H

#include "tpm/exchange.h"

struct error;

struct tpm_device {
	int fd;
	uint8_t response[TPM_COMMAND_MAX];
};

int tpm_device_open(const char *path, struct tpm_device *ret, struct error *err);
void tpm_device_close(struct tpm_device *device);

/* DEVICE is borrowed. */
struct tpm_executor tpm_device_executor(struct tpm_device *device);

#endif
