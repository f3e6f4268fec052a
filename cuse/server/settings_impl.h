/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared by the table of options and the checks. */
#ifndef VTPM_CUSE_SERVER_SETTINGS_IMPL_H
#define VTPM_CUSE_SERVER_SETTINGS_IMPL_H

#include "cuse/server/settings.h"
#include "util/options.h"

/* No mode was given; option_mode() allows 0777 at most. */
#define NO_MODE 07777

/* No number was given; no valid number has this value. */
#define NO_NUMBER OPTION_U32_NONE

/* Checks the given options and derives the other settings; -EINVAL and a sentence. */
int settings_check(struct settings *settings, struct error *err);

#endif
