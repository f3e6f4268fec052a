/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gives the TPM to one thread at a time, which runs the turns that wait for it. Knows neither
 * requests nor the TPM.
 *
 *   turns_ask()    ->  asked    first, even while frozen  --+
 *                                                           +-->  the present turn runs
 *   turns_queue()  ->  clients  then, unless frozen       --+
 *
 * If the TPM is free, the thread that brings a client's turn runs it; else the thread that has the
 * TPM does. A turn that is asked for while the TPM is free is run by a thread without another duty.
 */
#ifndef VTPM_CUSE_DEVICE_TURNS_H
#define VTPM_CUSE_DEVICE_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

struct turn {
	void (*run)(void *context); /* called with the TPM, without the lock */
	void *context;
	struct turn *next;
	bool queued;
};

struct turns_host {
	/* The caller will be busy for long: has another thread take over its other duties. */
	void (*relieve)(void *context);

	/* Has a thread without another duty call turns_run_waiting(). */
	void (*run_waiting)(void *context);

	/* Cancels the present command. Lock held. */
	int (*cancel)(void *context);

	/* True: the server ends, and no turn begins any more. Lock held. */
	bool (*is_stopping)(void *context);
	void *context;
};

struct turns;

int turns_new(const struct turns_host *host, struct turns **ret);
void turns_free(struct turns *turns);
DEFINE_CLEANUP(struct turns, turns_free);

/* The lock of the turns. Users guard with it whatever changes together with turns. */
pthread_mutex_t *turns_mutex(struct turns *turns);

/* --- with the lock held --- */

/* Queues TURN, which may run now but must not be queued. Borrows it until it has run. */
void turns_queue(struct turns *turns, struct turn *turn);

/* If the TPM is free and a turn waits, takes the TPM and returns the turn, for turns_run(). */
struct turn *turns_begin(struct turns *turns);

/* Called by the running turn as its last step: it may now be queued again or freed. */
void turns_end(struct turns *turns);

/* Whether TURN waits or runs. */
bool turns_has(const struct turns *turns, const struct turn *turn);

/* --- without it --- */

/* Runs TURN (NULL: nothing), then waiting turns until none is left. */
void turns_run(struct turns *turns, struct turn *turn);

/* What the host's run_waiting() asks a thread to call. */
void turns_run_waiting(struct turns *turns);

/* Has TURN run after the present turn, even while frozen. False: TURN is queued already. */
bool turns_ask(struct turns *turns, struct turn *turn);

/* The reasons to freeze clients' turns; they thaw when no reason is left. */
enum freeze_reason {
	FREEZE_ADMIN = 1,     /* vtpm-ctl freeze */
	FREEZE_CONTAINER = 2, /* the container's processes are frozen as well */
};

/* Freezes clients' turns: the present one finishes, and no other begins. */
void turns_freeze(struct turns *turns, enum freeze_reason reason);
void turns_thaw(struct turns *turns, enum freeze_reason reason);

/*
 * Cancels the client's turn that runs if it has number *NUMBER, or any for 0; *NUMBER gets its
 * number. -ESRCH: that turn does not run (any more). libtpms loses a cancel that comes before it
 * has begun: repeat the call with the number until the turn has ended.
 */
int turns_cancel(struct turns *turns, uint64_t *number);

/* BUSY: a thread has the TPM. */
void turns_look(struct turns *turns, bool *busy, bool *frozen);

#endif
