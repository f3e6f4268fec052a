/* SPDX-License-Identifier: BSD-3-Clause */
/* Switches a TPM on: opens its state, makes it first if asked to, and starts libtpms. */
#ifndef VTPM_CUSE_SERVER_POWER_H
#define VTPM_CUSE_SERVER_POWER_H

struct error;
struct vtpm;

/* Locks and opens the state. Watches signals before it makes anything. */
int power_open_state(struct vtpm *vtpm, struct error *err);

/* Gives the state to the user that serves it; the last step as root. */
int power_give_state(struct vtpm *vtpm, struct error *err);

/* Starts the TPM from its open state, or from a saved state, which it uses up (--resume). */
int power_open_tpm(struct vtpm *vtpm, struct error *err);

#endif
