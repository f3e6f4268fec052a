/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The launch of one vTPM: measured before anybody may use it, and logged beside its control socket.
 */
#ifndef VTPM_CUSE_SERVER_MEASURE_H
#define VTPM_CUSE_SERVER_MEASURE_H

struct error;
struct vtpm;

/*
 * Does what the settings' "measured" says, or writes the log of what is resumed, with a TPM that
 * was just started up and a control socket that is there. A launch that cannot be measured is a
 * failure.
 */
int measure(struct vtpm *vtpm, struct error *err);

#endif
