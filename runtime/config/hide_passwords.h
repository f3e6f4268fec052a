/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overwrites encryption passwords in the copy of config.json that crun keeps with a container's
 * state.
 */
#ifndef VTPM_RUNTIME_CONFIG_HIDE_PASSWORDS_H
#define VTPM_RUNTIME_CONFIG_HIDE_PASSWORDS_H

struct error;

/*
 * Overwrites with asterisks each encryptionPassword that is a password itself; one that only names
 * a source stays. Changes nothing else, and keeps the length. Returns how many. Pure.
 */
int hide_passwords_in(char *text);

/*
 * Does so in STATE_DIR/config.json, in place, once the servers have the passwords. The file may be
 * missing, as with other runtimes; a link to another file, for instance BUNDLE's own, is left
 * alone.
 */
int hide_passwords(const char *state_dir, struct error *err);

#endif
