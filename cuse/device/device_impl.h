/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the device: device.c has the opens and their requests, turns.c who has the TPM
 * when.
 */
#ifndef VTPM_CUSE_DEVICE_DEVICE_IMPL_H
#define VTPM_CUSE_DEVICE_DEVICE_IMPL_H

#include "cuse/device/device.h"
#include "cuse/device/open_file.h"

struct resmgr;
struct space;

/* A parked read. */
struct reader {
	struct reader *next;
	void *request;
	size_t len;
};

struct device_open {
	struct device *device;
	enum device_node node;
	struct open_file file;
	struct device_open *next; /* of all opens */
	struct device_open *next_turn;
	void *writer; /* a parked write; NULL: none, or it was interrupted */
	size_t written;
	struct reader *readers, **readers_end;
	void *poller;
	void *releaser;
	bool queued;         /* it waits for a turn ... */
	bool running;        /* ... or has it; both, when the next command came quickly */
	bool released;       /* nobody holds it; it goes at the end of its last turn */
	struct space *space; /* what a managed open owns in the TPM; NULL: nothing yet */
};

struct device {
	pthread_mutex_t mutex; /* guards all below but scratch, and what is in the opens */
	struct tpm *tpm;
	struct resmgr *resmgr; /* NULL: there is no managed node */
	struct device_answers answers;
	struct device_open *opens;
	struct device_open *turns, **turns_end; /* opens that wait for the TPM */
	struct device_stats stats;              /* busy: a thread is in run_turns() */
	uint64_t turn;                          /* the number of the one that runs, or ran last */
	unsigned int freeze_reasons;
	bool failed; /* of the thread that has the TPM */
	bool exclusive_open;
	bool ticking;
	uint8_t scratch[TPM_COMMAND_MAX]; /* of the thread in run_turns() */
};

/* All but device_run_turns() with the device locked. */

/* The open waits for its turn. */
void device_queue_turn(struct device_open *open);

/* True when the caller has to call device_run_turns(). */
bool device_claim_turns(struct device *device);

/* Runs what waits, until nothing does; the caller has claimed it. */
void device_run_turns(struct device *device);

/* Forgets an open that nobody holds. */
void device_unlink_open(struct device_open *open);

/* Without the lock: of an open that is unlinked, or of a device that ends. */
void device_free_open(struct device_open *open);

/* Without the lock, of a device that ends: the command will not be run. */
void device_abandon_command(struct device_open *open);

#endif
