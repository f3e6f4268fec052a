/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of the device share: device.c takes requests, device_turn.c runs a command when
 * its open's turn at the TPM has come, and ends commands and opens.
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
	uint64_t number;          /* how many were opened up to it */
	struct meter_times times; /* of the command */
	size_t written;           /* what the parked write is answered */
	bool released;            /* nobody holds it; it goes at the end of its last turn */
	struct device_open *next;
	struct space *space; /* what a managed open owns in the TPM; NULL: nothing yet */
};

struct device {
	struct device_options options; /* the gate is for the thread that has the TPM */
	pthread_mutex_t *mutex; /* of the turns: guards all below, and what is in the opens */
	struct device_open *opens;
	struct device_stats stats;
	uint64_t opened; /* ever */
	bool exclusive_open;
	bool ticking;
	uint8_t delivery[TPM_COMMAND_MAX]; /* of the thread that has the TPM */
};

/* The turn of an open, which may be gone afterwards; for the thread that has the TPM. */
void device_run_turn(void *open);

/* Lock held: what can be answered now that OPEN's command is done, or has failed with ERROR. */
struct endings device_end_command(struct device_open *open, int error, const uint8_t *response,
				  size_t len);

/* Lock held. */
void device_unlink_open(struct device_open *open);

/* It is unlinked, or the device ends. REQUEST: its release, or NULL. */
void device_free_open(struct device_open *open, void *request);

#endif
