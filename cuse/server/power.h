/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM switched on: its state is opened, made first where that is asked for, and libtpms started.
 */
#ifndef VTPM_CUSE_SERVER_POWER_H
#define VTPM_CUSE_SERVER_POWER_H

struct error;
struct vtpm;

/* Locks and opens the state. Signals are watched from before anything is made. */
int power_open_state(struct vtpm *vtpm, struct error *err);

/* Gives the state to the user that serves it; the last that is done as root. */
int power_give_state(struct vtpm *vtpm, struct error *err);

/* Starts the TPM from its open state, or from a saved one that is used up (--resume). */
int power_open_tpm(struct vtpm *vtpm, struct error *err);

#endif
