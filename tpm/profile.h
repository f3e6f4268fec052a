/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Profiles of libtpms 0.10 and later: which algorithms and commands a TPM 2.0 has, and so which
 * libtpms reads its state.
 */
#ifndef VTPM_TPM_PROFILE_H
#define VTPM_TPM_PROFILE_H

#include <stddef.h>
#include <stdint.h>

struct error;

/* VERSION, 0xMMmmpp as libtpms gives it, as "M.m.p". */
void tpm_version_text(uint32_t version, char text[static 16]);

/* -EINVAL: PROFILE is neither a JSON object nor a name like null, default-v1, custom:NAME. */
int tpm_profile_check(const char *profile, struct error *err);

/*
 * Has libtpms, which has been told to be a TPM 2.0 and does not run yet, give PROFILE to a TPM that
 * is made new. NULL is "null": what libtpms 0.9 has, and reads. -ENOTSUP: this libtpms has no
 * other; -EINVAL: none like that.
 */
int tpm_profile_set(const char *profile, struct error *err);

/*
 * Whether the libtpms of VERSION (0xMMmmpp) can read DATA, the permanent state of a TPM 2.0;
 * -ENOTSUP and a sentence: a later one made it. Says nothing of damage.
 */
int tpm_profile_is_read_by(uint32_t version, const uint8_t *data, size_t len, struct error *err);

#endif
