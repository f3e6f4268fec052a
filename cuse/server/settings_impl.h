/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the table of options and what checks them.
 */
#ifndef VTPM_CUSE_SERVER_SETTINGS_IMPL_H
#define VTPM_CUSE_SERVER_SETTINGS_IMPL_H

#include "cuse/server/settings.h"
#include "util/options.h"

/* No mode was given; option_mode() takes 0777 at most. */
#define NO_MODE 07777

/* No number was given, as none can be. */
#define NO_NUMBER OPTION_U32_NONE

/* Checks what the command line has given, and works out the rest; -EINVAL and a sentence. */
int settings_check(struct settings *settings, struct error *err);

#endif
