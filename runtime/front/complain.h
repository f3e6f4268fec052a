/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports an error where an engine looks for it when its runtime fails: standard error, and the
 * file of the runtime's --log, in the runtime's format.
 */
#ifndef VTPM_RUNTIME_FRONT_COMPLAIN_H
#define VTPM_RUNTIME_FRONT_COMPLAIN_H

#include <time.h>

#include "runtime/front/arguments.h"

/* A line of the log as runtimes write it, in JSON or as key=value; the caller frees it. Pure. */
char *complaint(const char *message, bool as_json, time_t now);

/* Writes MESSAGE to both places; a failure to write the log is ignored. */
void complain(const struct runtime_arguments *arguments, const char *message);

#endif
