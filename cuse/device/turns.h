/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who has the TPM: one thread at a time, which runs what waits for it, turn by turn. Knows neither
 * requests nor the TPM.
 *
 * A client's turn is queued, and run by the thread that brings it while the TPM is free, else by
 * the one that has it. Who needs the TPM for something else asks: that comes after the turn that
 * runs, before all others, and is run by a thread that has nothing else to do.
 */
#ifndef VTPM_CUSE_DEVICE_TURNS_H
#define VTPM_CUSE_DEVICE_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

struct turn {
	void (*run)(void *context); /* with the TPM, without the lock */
	void *context;
	struct turn *next;
	bool queued;
};

struct turns_host {
	/* The calling thread will be away for long: another one takes over what it does besides. */
	void (*relieve)(void *context);

	/* A thread that has nothing else to look after is to call turns_run_waiting(). */
	void (*run_waiting)(void *context);

	/* Cancels the command that runs. Locked. */
	int (*cancel)(void *context);

	/* True: the end has come, and no turn is begun any more. Locked. */
	bool (*is_stopping)(void *context);
	void *context;
};

struct turns;

int turns_new(const struct turns_host *host, struct turns **ret);
void turns_free(struct turns *turns);
DEFINE_CLEANUP(struct turns, turns_free);

/* The lock of the turns, under which their users keep what changes with them. */
pthread_mutex_t *turns_mutex(struct turns *turns);

/* --- with the lock held --- */

/* TURN, which may run but does not wait, waits. Borrowed until it has run. */
void turns_queue(struct turns *turns, struct turn *turn);

/* The turn for turns_run(), when the TPM is free and something waits; it is the caller's then. */
struct turn *turns_begin(struct turns *turns);

/* The turn that runs has nothing more to do: it may be queued or forgotten. */
void turns_end(struct turns *turns);

/* Whether TURN waits or runs. */
bool turns_has(const struct turns *turns, const struct turn *turn);

/* --- without it --- */

/* Runs TURN (or NULL: nothing) and what waits, until nothing does. */
void turns_run(struct turns *turns, struct turn *turn);

/* As the host was asked to. */
void turns_run_waiting(struct turns *turns);

/* TURN gets the TPM within one command, also while frozen. False: it waits already. */
bool turns_ask(struct turns *turns, struct turn *turn);

/* Who wants the clients' turns frozen: they thaw when nobody does any more. */
enum freeze_reason {
	FREEZE_ADMIN = 1,     /* vtpm-ctl freeze */
	FREEZE_CONTAINER = 2, /* the container's processes are frozen as well */
};

/* While they are frozen none is begun; one that runs is finished. */
void turns_freeze(struct turns *turns, enum freeze_reason reason);
void turns_thaw(struct turns *turns, enum freeze_reason reason);

/*
 * Cancels the client's turn that runs, if it is *NUMBER, or whichever for 0; *NUMBER gets its
 * number. -ESRCH: it does not run (any more). libtpms forgets a cancel that comes before it has
 * begun: ask again with the number until it is gone.
 */
int turns_cancel(struct turns *turns, uint64_t *number);

/* BUSY: a thread has the TPM. */
void turns_look(struct turns *turns, bool *busy, bool *frozen);

#endif
