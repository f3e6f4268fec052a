/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where an engine looks for the reason when its runtime fails: standard error, and the file of the
 * runtime's --log, in the runtime's format.
 */
#ifndef VTPM_RUNTIME_FRONT_COMPLAIN_H
#define VTPM_RUNTIME_FRONT_COMPLAIN_H

#include <time.h>

#include "runtime/front/arguments.h"

/* A line of the log as runtimes write it, in JSON or as key=value; the caller frees it. Pure. */
char *complaint(const char *message, bool as_json, time_t now);

/* Says MESSAGE in both places; a log that cannot be written is no reason for another complaint. */
void complain(const struct runtime_arguments *arguments, const char *message);

#endif
