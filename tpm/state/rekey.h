/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A state under another key, or in the present format: every file is made anew beside the old one,
 * then takes its place.
 */
#ifndef VTPM_TPM_STATE_REKEY_H
#define VTPM_TPM_STATE_REKEY_H

struct error;
struct state;
struct state_key;

/* Puts the state under another key: a crash leaves it under the one or the other. */
int state_rekey(struct state *state, const struct state_key *key, struct error *err);

/*
 * Puts a state of an earlier format, whose key is KEY, into the present one. When there is no room
 * for that it stays as it is, with a warning.
 */
int state_convert(struct state *state, const struct state_key *key, struct error *err);

#endif
