/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device: opens of its nodes, their requests, and the turns they take at the one TPM. Knows no
 * FUSE: a request is a pointer that is answered exactly once, through struct device_answers.
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
#include <sys/types.h>

#include "cuse/device/answers.h"
#include "cuse/device/meter.h"
#include "util/cleanup.h"

struct device;
struct device_open;
struct gate;
struct tap;
struct turns;

/* An open holds the contexts of up to 64 objects: what a client can make us remember has an end. */
#define DEVICE_OPENS_MAX 128

/* All borrowed. */
struct device_options {
	struct turns *turns;
	struct gate *gate;
	enum tpm_version version;
	const struct device_answers *answers;
	struct tap *tap; /* NULL: nobody can listen */

	/* Calls of device_tick(), one a second, are wanted until it returns false. Locked. */
	void (*start_ticks)(void *context);
	void *context;
};

int device_new(const struct device_options *options, struct device **ret);

/* Answers what is parked with EPIPE; no other thread may be inside. */
void device_free(struct device *device);
DEFINE_CLEANUP(struct device, device_free);

enum device_node {
	NODE_EXCLUSIVE, /* as /dev/tpm0: one open at a time */
	NODE_MANAGED,   /* as /dev/tpmrm0: an open has handles of its own; after gate_manage() */
	NODES,
};

/* -EBUSY: the exclusive node is open; -EMFILE: there are too many opens. */
int device_open(struct device *device, enum device_node node, struct device_open **ret);

/* The rules are in open_file.h. A NONBLOCK write is answered when the command is taken. */
void device_write(struct device_open *open, const uint8_t *data, size_t len, bool nonblock,
		  void *request);

/*
 * Up to LEN bytes of the response: their number, or a negative errno. -EINPROGRESS: it is still to
 * come; REQUEST is parked, unless it is NULL.
 */
ssize_t device_read(struct device_open *open, uint8_t *data, size_t len, void *request);

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

/*
 * REQUEST (or NULL) is answered when the command in flight is done. OPEN is only good for
 * interrupting this from now on.
 */
void device_release(struct device_open *open, void *request);

/* A second has passed; false: nothing more to count. */
bool device_tick(struct device *device);

struct device_stats {
	struct meter meter;
	unsigned int opens;
};
void device_get_stats(struct device *device, struct device_stats *ret);

#endif
