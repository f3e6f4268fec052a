/* SPDX-License-Identifier: BSD-3-Clause */
/* The settings on vtpm-hook's command line. */
#ifndef VTPM_RUNTIME_HOOK_SETTINGS_H
#define VTPM_RUNTIME_HOOK_SETTINGS_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/config/request.h"

struct error;
struct hook;

#define HOOK_PATHS 6

/* Strings are borrowed from argv, or from MADE_ABSOLUTE. */
struct hook_settings {
	const char *root, *bundle, *conf, *class_dir, *run_dir, *lib_dir, *server, *setup,
		*log_file, *output, *lease;
	struct class_requests classes;
	uint32_t lock_fd, init_fd, runtime_pid;
	bool annotations, force, json, verbose, help, version;
	const char *operand; /* of the command; NULL: none was given */
	char *made_absolute[HOOK_PATHS];
};

/* *OPERANDS gets the index of the first word that is no option: the command. */
int hook_settings_parse(int argc, char **argv, struct hook_settings *ret, int *operands,
			struct error *err);
void hook_settings_done(struct hook_settings *settings);
#define cleanup_settings __attribute__((cleanup(hook_settings_done)))

void hook_settings_help(FILE *out);

/* Fills RET with what a call of the hook works with; makes the directory of the leases. */
int hook_settings_apply(const struct hook_settings *settings, struct hook *ret, struct error *err);

/*
 * Tells how others must call us: PROGRAM, and our own options that differ from the defaults, which
 * are added to the array ARGS. Classes are not among them.
 */
int hook_settings_words(const struct hook_settings *settings, char program[static PATH_MAX],
			json_t *args, struct error *err);

#endif
