/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One vTPM: the parts that life.c puts together, for those that work on several of them.
 */
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

/* What somebody at the control socket has asked for and the TPM is needed for; one of each kind. */
struct errand {
	atomic_bool is_asked; /* whose are the rest */
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
	} log; /* of a measured launch; NULL: there was none */
	struct tpm *tpm;
	struct watches *watches;
	struct threads *threads;
	struct threads_job run_waiting;
	struct gate *gate;
	struct turns *turns;
	struct device *device;
	struct tap *tap;
	struct node *nodes[2]; /* as the settings'; NULL: there is none */
	struct control_place *place;
	struct control *control;
	struct follow *follow;
	struct watch signals, ticks;
	time_t started;
	atomic_bool degraded; /* see recovery.h */
	struct error told;    /* of the state, the last time */
	bool served;          /* its device was said to be usable */
	bool state_was_missing;
	atomic_bool saved; /* the volatile state was: nothing may be stored any more */
	struct turn look_after_state;
	struct errand save, recover;
};

/*
 * The clock's ticks come once a second as long as there is something to count or to try, and now
 * and then besides.
 */
void vtpm_start_ticks(struct vtpm *vtpm);

/* The next tick comes after SECONDS, instead of whatever was to come. */
void vtpm_set_clock(const struct vtpm *vtpm, time_t seconds);

#endif
