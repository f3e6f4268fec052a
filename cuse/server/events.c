/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/events.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cuse/server/recovery.h"
#include "cuse/server/vtpm.h"
#include "util/log.h"
#include "util/program.h"

/* Runs with the TPM. */
static void look_after_state(void *context)
{
	recovery_check(context);
	(void)recovery_try(context, NULL);
}

static bool tick(void *context)
{
	struct vtpm *vtpm = context;
	uint64_t count;
	bool more;

	if (read(vtpm->ticks.fd, &count, sizeof(count)) <= 0)
		return true;
	more = device_tick(vtpm->device);
	(void)turns_ask(vtpm->turns, &vtpm->look_after_state);
	vtpm_set_clock(vtpm, recovery_is_wanted(vtpm) || more ? 1 : EVENTS_CHECK_SECONDS);
	return true;
}

static bool on_signal(void *context)
{
	struct vtpm *vtpm = context;
	struct signalfd_siginfo info;

	if (read(vtpm->signals.fd, &info, sizeof(info)) != sizeof(info))
		return true;
	log_info("%s: stopping on signal %u", vtpm->settings->name, info.ssi_signo);
	threads_stop(vtpm->threads);
	return false;
}

int events_watch(struct vtpm *vtpm, struct error *err)
{
	sigset_t signals;

	program_ending_signals(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	vtpm->signals.ready = on_signal;
	vtpm->signals.context = vtpm;
	vtpm->signals.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	vtpm->look_after_state = (struct turn){ .run = look_after_state, .context = vtpm };
	vtpm->ticks.ready = tick;
	vtpm->ticks.context = vtpm;
	vtpm->ticks.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (vtpm->signals.fd < 0 || vtpm->ticks.fd < 0 ||
	    watches_add(vtpm->watches, &vtpm->signals) < 0 ||
	    watches_add(vtpm->watches, &vtpm->ticks) < 0)
		return error_set(err, errno, "watch signals");
	return 0;
}
