/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device: opens of its nodes, and the turns they take at the one TPM. Knows no FUSE: a request
 * is a pointer that is answered exactly once, through struct device_answers.
 *
 * Whoever brings a command while the TPM is free runs it, and then what has queued up meanwhile,
 * each open in its turn. Nobody waits inside a call for another thread: a request that cannot be
 * answered yet is parked, and answered by whoever has the answer.
 */
#ifndef VTPM_CUSE_DEVICE_DEVICE_H
#define VTPM_CUSE_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/tpm.h"
#include "util/cleanup.h"

struct device;
struct device_open;
struct error;

/* An open holds the contexts of up to 64 objects: what a client can make us remember has an end. */
#define DEVICE_OPENS_MAX 128

/* What the device calls; on any thread. Each answer ends its request. */
struct device_answers {
	void (*error)(void *request, int error); /* a negative errno */
	void (*written)(void *request, size_t len);
	void (*data)(void *request, const uint8_t *data, size_t len);
	void (*released)(void *request);

	/*
	 * The request will be answered later: device_interrupt() may be called for it from now on.
	 * Called with the device locked. False: it was interrupted before.
	 */
	bool (*park)(void *request, struct device_open *open);

	/* Tells a poller that something has changed, or nothing; both end it. */
	void (*wake_poller)(void *poller);
	void (*forget_poller)(void *poller);

	/* The calling thread will be away for long: another one takes over what it does besides. */
	void (*relieve)(void *context);

	/* Calls of device_tick(), one a second, are wanted until it returns false. */
	void (*start_ticks)(void *context);
	void *context;
};

int device_new(struct tpm *tpm, const struct device_answers *answers, struct device **ret);

/* Answers what is parked with EPIPE; no other thread may be inside. */
void device_free(struct device *device);
DEFINE_CLEANUP(struct device, device_free);

enum device_node {
	NODE_EXCLUSIVE, /* as /dev/tpm0: one open at a time */
	NODE_MANAGED,   /* as /dev/tpmrm0: an open has handles of its own */
};

/* Starts the resource manager: before the first open of NODE_MANAGED. TPM 2.0 only. */
int device_manage(struct device *device, struct error *err);

/* -EBUSY: the exclusive node is open; -EMFILE: there are too many opens. */
int device_open(struct device *device, enum device_node node, struct device_open **ret);

/* The rules are in open_file.h. A NONBLOCK write is answered when the command is taken. */
void device_write(struct device_open *open, const uint8_t *data, size_t len, bool nonblock,
		  void *request);
void device_read(struct device_open *open, size_t len, void *request);

/*
 * The poll mask now. When it has none of EVENTS, POLLER (or NULL) is kept in place of an earlier
 * one and woken at the next change; else it is forgotten.
 */
uint32_t device_poll(struct device_open *open, uint32_t events, void *poller);

/*
 * Answers a parked request EINTR (a release: done); its command runs on. Does nothing when it comes
 * too late, also for an OPEN that is gone.
 */
void device_interrupt(struct device *device, struct device_open *open, void *request);

/* Answered when the command in flight is done. OPEN is only good for interrupting this from now on.
 */
void device_release(struct device_open *open, void *request);

/* A second has passed; false: nothing more to count. */
bool device_tick(struct device *device);

/* The calling thread is about to wait inside a command, for a disk: see relieve. */
void device_relieve(struct device *device);

/* Who wants the device frozen: it thaws when nobody does any more. */
enum freeze_reason {
	FREEZE_ADMIN = 1,     /* vtpm-ctl freeze */
	FREEZE_CONTAINER = 2, /* the container's processes are frozen as well */
};

/* While it is frozen no command is begun; one that runs is finished. */
void device_freeze(struct device *device, enum freeze_reason reason);
void device_thaw(struct device *device, enum freeze_reason reason);

/*
 * Cancels the command that runs, if it is that of *TURN, or whichever for 0; *TURN gets its number.
 * -ESRCH: it does not run (any more). libtpms forgets a cancel that comes before it has begun: ask
 * again with the number until it is gone.
 */
int device_cancel(struct device *device, uint64_t *turn);

/*
 * Takes the TPM for the calling thread, for something that is no command; -EBUSY: a command runs.
 * While it is taken, commands queue up.
 */
int device_take_tpm(struct device *device);
void device_return_tpm(struct device *device);

/*
 * What the TPM has in memory is not what is on disk: until the reset it is not asked any more, and
 * commands are answered as by a TPM in failure mode (Part 1, 12.2.3), that which runs included.
 */
void device_fail(struct device *device);

/* The TPM was reset. For the thread that has the TPM. */
void device_forget_failure(struct device *device);

/* Moves what is open on the managed node out of the TPM. For the thread that has the TPM. */
int device_evict_all(struct device *device);

struct device_stats {
	uint64_t commands; /* answered by the TPM */
	uint64_t errors;   /* of these, with a code other than success */
	uint64_t failures; /* not answered by the TPM */
	unsigned int opens;
	bool busy;
	bool frozen;
};
void device_get_stats(struct device *device, struct device_stats *ret);

#endif
