/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/vtpm.h"

#include <sys/timerfd.h>

/* One shot: the handler sets the next tick. */
void vtpm_set_clock(const struct vtpm *vtpm, time_t seconds)
{
	const struct itimerspec once = { .it_value = { .tv_sec = seconds } };

	(void)timerfd_settime(vtpm->ticks.fd, 0, &once, NULL);
}

void vtpm_start_ticks(struct vtpm *vtpm)
{
	vtpm_set_clock(vtpm, 1);
}
