/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an event log says of a launch, and whether only the launcher can have said it. Pure.
 */
#ifndef VTPM_VERIFY_POLICY_LAUNCH_H
#define VTPM_VERIFY_POLICY_LAUNCH_H

#include <jansson.h>

#include "verify/log/log.h"

struct error;

/*
 * Reads LOG, whose digests were checked and which leads to what was quoted. *RET gets an object
 * that the caller owns: a member for each kind of event, by its name in vtpm-eventlog(5), with its
 * data: text, JSON, hex digits of a digest, or true where there are none. Kinds that may be there
 * several times ("argument", "environment", "environment-name", "mount", "file") are lists.
 *
 * -EPERM: the log is not as a launcher writes it. In both registers, 12 and 13, what is there comes
 * before a separator, once, of the kinds that belong there, and nothing follows; a relaunch or an
 * attachment is in both, alone.
 */
int launch_read(const struct cel_log *log, json_t **ret, struct error *err);

#endif
