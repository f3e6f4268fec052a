/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands about classes: what there is, what is wrong with it, and engines' files for it.
 */
#ifndef VTPM_RUNTIME_HOOK_CLASS_COMMANDS_H
#define VTPM_RUNTIME_HOOK_CLASS_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>

struct error;

/* Prints the classes of DIR as a table, or as JSON. */
int class_list(const char *dir, bool as_json, struct error *err);

/*
 * Prints what is wrong with the classes of DIR and with the ways to them, engines' files that name
 * the hook. *GOOD when nothing is.
 */
int class_check(const char *dir, bool as_json, bool *good, struct error *err);

/*
 * Writes the file of CDI into the directory OUTPUT, for those classes of DIR that it can name;
 * PROGRAM is the hook and ARGS, an array, is said to it. Without any the file is removed.
 */
int cdi_write(const char *dir, const char *output, const char *program, json_t *args,
	      struct error *err);

#endif
