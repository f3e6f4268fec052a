/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The device: opens of its nodes, their requests, and the turns they take at the one TPM. The
 * device knows nothing of FUSE: a request is a pointer that is answered exactly once, through
 * struct device_answers.
 *
 * The thread that brings a command while the TPM is free runs it, and then the commands that have
 * queued up meanwhile, one turn for each open. No thread blocks in here to wait for another: a
 * request that cannot be answered yet is parked, and the thread that gets the answer sends it.
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

/* Limits the memory that clients can claim: an open holds the contexts of up to 64 objects. */
#define DEVICE_OPENS_MAX 128

/* All borrowed. */
struct device_options {
	struct turns *turns;
	struct gate *gate;
	enum tpm_version version;
	const struct device_answers *answers;
	struct tap *tap; /* NULL: nobody can listen */

	/* Asks for device_tick() once a second until it returns false. Lock held. */
	void (*start_ticks)(void *context);
	void *context;
};

int device_new(const struct device_options *options, struct device **ret);

/* Answers parked requests with EPIPE. No other thread may be inside the device. */
void device_free(struct device *device);
DEFINE_CLEANUP(struct device, device_free);

enum device_node {
	NODE_EXCLUSIVE, /* like /dev/tpm0: one open at a time */
	NODE_MANAGED,   /* like /dev/tpmrm0: each open has its own handles; after gate_manage() */
	NODES,
};

/* -EBUSY: the exclusive node is open already; -EMFILE: too many opens. */
int device_open(struct device *device, enum device_node node, struct device_open **ret);

/* Follows open_file.h. A NONBLOCK write is answered as soon as the command is taken. */
void device_write(struct device_open *open, const uint8_t *data, size_t len, bool nonblock,
		  void *request);

/*
 * Reads up to LEN bytes of the response; returns their number or a negative errno. -EINPROGRESS:
 * the response is still to come, and REQUEST is parked unless it is NULL.
 */
ssize_t device_read(struct device_open *open, uint8_t *data, size_t len, void *request);

/*
 * Returns the present poll mask. If it has none of EVENTS, keeps POLLER (or NULL) in place of an
 * earlier one, to wake it at the next change; otherwise drops the earlier one.
 */
uint32_t device_poll(struct device_open *open, uint32_t events, void *poller);

/*
 * Answers a parked request with EINTR (a release: done); its command runs on. An interrupt that
 * comes too late does nothing, even when OPEN is gone.
 */
void device_interrupt(struct device *device, struct device_open *open, void *request);

/*
 * Answers REQUEST (or NULL) when the command in flight is done. From now on OPEN serves only to
 * interrupt this request.
 */
void device_release(struct device_open *open, void *request);

/* Counts one second; false: no response is left that ages. */
bool device_tick(struct device *device);

struct device_stats {
	struct meter meter;
	unsigned int opens;
};
void device_get_stats(struct device *device, struct device_stats *ret);

#endif
