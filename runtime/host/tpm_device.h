/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Devices of this host that somebody else made: which of them are TPMs.
 */
#ifndef VTPM_RUNTIME_HOST_TPM_DEVICE_H
#define VTPM_RUNTIME_HOST_TPM_DEVICE_H

struct device_number;
struct error;

/*
 * -EINVAL unless NUMBER is, by SYSFS (NULL: /sys), a device whose name begins with "tpm", of CUSE
 * or of the kernel's own drivers: no other may get into a container by the name of a TPM.
 */
int tpm_device_check(const char *sysfs, const struct device_number *number, struct error *err);

#endif
