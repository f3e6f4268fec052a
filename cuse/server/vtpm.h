/* SPDX-License-Identifier: BSD-3-Clause */
/* One vTPM: the parts that life.c puts together, for code that works on several of them. */
#ifndef VTPM_CUSE_SERVER_VTPM_H
#define VTPM_CUSE_SERVER_VTPM_H

#include <stdatomic.h>
#include <time.h>

#include "cuse/control/control.h"
#include "cuse/control/place.h"
#include "cuse/device/device.h"
#include "cuse/host/container.h"
#include "cuse/guard/leftovers.h"
#include "cuse/device/node.h"
#include "cuse/device/threads.h"
#include "cuse/device/turns.h"
#include "cuse/server/settings.h"
#include "tpm/space/gate.h"
#include "tpm/state/state.h"
#include "tpm/tpm.h"
#include "util/error.h"
#include "util/watches.h"

/* A request at the control socket that needs the TPM; one at a time of each kind. */
struct errand {
	atomic_bool is_asked; /* true: the fields below belong to the errand in hand */
	struct turn turn;
	struct control_asker *asker;
};

struct vtpm {
	const struct settings *settings;
	struct own_user own;
	struct leftovers *leftovers;
	int memory_fd; /* of --state memory: */
	struct state *state;
	struct {
		uint8_t *bytes;
		size_t len;
	} log; /* event log of a measured launch; NULL: none */
	struct tpm *tpm;
	struct watches *watches;
	struct threads *threads;
	struct threads_job run_waiting;
	struct gate *gate;
	struct turns *turns;
	struct device *device;
	struct tap *tap;
	struct node *nodes[2]; /* in the settings' order; NULL: none */
	struct control_place *place;
	struct control *control;
	struct follow *follow;
	struct watch signals, ticks;
	time_t started;
	atomic_bool degraded; /* see recovery.h */
	struct error told;    /* the last warning about the state */
	bool served;          /* the device was reported usable */
	bool state_was_missing;
	atomic_bool saved; /* volatile state was saved: store nothing more */
	struct turn look_after_state;
	struct errand save, recover;
};

/*
 * Has the clock tick once a second for as long as there is something to count or to retry;
 * otherwise it ticks every EVENTS_CHECK_SECONDS.
 */
void vtpm_start_ticks(struct vtpm *vtpm);

/* Sets the next tick to come after SECONDS, in place of the one that was set. */
void vtpm_set_clock(const struct vtpm *vtpm, time_t seconds);

#endif
