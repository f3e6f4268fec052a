/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The launch of one vTPM: measured before anyone can use it, and logged beside its control socket.
 */
#ifndef VTPM_CUSE_SERVER_MEASURE_H
#define VTPM_CUSE_SERVER_MEASURE_H

struct error;
struct vtpm;

/*
 * Measures as the settings' "measured" says, or writes the log of a resumed TPM. The TPM must be
 * started up, unused so far, and the control socket must exist. Fails when a launch cannot be
 * measured.
 */
int measure(struct vtpm *vtpm, struct error *err);

#endif
