/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shared by the parts of the device: device.c takes requests; device_turn.c runs a command when the
 * turn of its open comes, and ends commands and opens.
 */
#ifndef VTPM_CUSE_DEVICE_DEVICE_IMPL_H
#define VTPM_CUSE_DEVICE_DEVICE_IMPL_H

#include "cuse/device/device.h"
#include "cuse/device/open_file.h"
#include "cuse/device/parked.h"
#include "cuse/device/turns.h"

struct device_open {
	struct device *device;
	enum device_node node;
	struct open_file file;
	struct turn turn;
	struct parked parked;
	void *poller;
	uint64_t number;          /* counts the opens, this one included */
	struct meter_times times; /* of the present command */
	size_t written;           /* the answer to the parked write */
	bool released;            /* the client has closed it; the end of its last turn frees it */
	struct device_open *next;
	struct space *space; /* the objects and sessions of a managed open; NULL: none yet */
};

struct device {
	struct device_options options; /* only the thread that has the TPM uses the gate */
	pthread_mutex_t *mutex;        /* the turns' lock: guards all below and the opens */
	struct device_open *opens;
	struct device_stats stats;
	uint64_t opened; /* number of opens so far */
	bool exclusive_open;
	bool ticking;
	uint8_t delivery[TPM_COMMAND_MAX]; /* used by the thread that has the TPM */
};

/* Runs the turn of an open, on the thread that has the TPM. The open may be gone afterwards. */
void device_run_turn(void *open);

/*
 * Lock held. Ends OPEN's command, which is done or has failed with ERROR; returns what can be
 * answered.
 */
struct endings device_end_command(struct device_open *open, int error, const uint8_t *response,
				  size_t len);

/* Lock held. */
void device_unlink_open(struct device_open *open);

/* Frees an open that is unlinked, or whose device ends. REQUEST: its release, or NULL. */
void device_free_open(struct device_open *open, void *request);

#endif
