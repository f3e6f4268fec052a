/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands about states that outlive their containers.
 */
#ifndef VTPM_RUNTIME_HOOK_STATE_COMMANDS_H
#define VTPM_RUNTIME_HOOK_STATE_COMMANDS_H

#include <stdbool.h>

struct error;
struct server_programs;

/* Prints which there are, for whom, and whether they are in use, as a table or as JSON. */
int state_list(const struct server_programs *programs, bool as_json, struct error *err);

/* Removes the state at PATH, as the list has it. -ENOENT: there is none; -EBUSY: it is in use. */
int state_remove(const struct server_programs *programs, const char *path, struct error *err);

#endif
