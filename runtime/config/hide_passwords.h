/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Encryption passwords in the copy of config.json that crun keeps with a container's state.
 */
#ifndef VTPM_RUNTIME_CONFIG_HIDE_PASSWORDS_H
#define VTPM_RUNTIME_CONFIG_HIDE_PASSWORDS_H

struct error;

/*
 * Pure: overwrites with asterisks each encryptionPassword of a config.json that is one itself and
 * does not only name where it is. Nothing else changes, nor the length. Returns how many.
 */
int hide_passwords_in(char *text);

/*
 * Does so in STATE_DIR/config.json, in its place, once the servers have the passwords. It being
 * absent, as with other runtimes, is fine; a link to another file, BUNDLE's own perhaps, is left
 * alone.
 */
int hide_passwords(const char *state_dir, struct error *err);

#endif
