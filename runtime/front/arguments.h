/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line of an OCI runtime, as that runtime reads it.
 */
#ifndef VTPM_RUNTIME_FRONT_ARGUMENTS_H
#define VTPM_RUNTIME_FRONT_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/config/request.h"

struct error;

/* The runtime whose form of options applies. */
enum runtime_kind {
	RUNTIME_RUNC, /* one dash or two; a value is the next word or follows '=' */
	RUNTIME_CRUN, /* getopt_long()'s */
};

/* "runc" or "crun". */
const char *runtime_kind_name(enum runtime_kind kind);

/* By the file name of a program: crun if "crun" is in it. */
enum runtime_kind runtime_kind_of(const char *program);

/* Our own options; they come before all others. What is not given is NULL. */
struct own_options {
	const char *runtime, *config, *class_dir, *run_dir;
	struct class_requests classes;
	bool help, version;
	int count; /* the number of words behind argv[0] that are ours */
};

/* The runtime's. Strings are borrowed from argv; what is not given is NULL. */
struct runtime_arguments {
	const char *root, *log, *log_format; /* among the global options */
	const char *command;                 /* the first word after these */
	const char *bundle, *resources, *config, *id;
	int resources_word; /* the word whose end is the value of resources */
	bool systemd_cgroup;
};

/*
 * Reads --vtpm-class=, --vtpm-runtime=, --vtpm-config=, --vtpm-class-dir=, --vtpm-run-dir=,
 * --vtpm-help and --vtpm-version. -EINVAL for any other, and for characters that a shell would
 * interpret: an engine may have put the word into a script, without quotes. Pure.
 */
int own_options_read(const char *const *argv, struct own_options *ret, struct error *err);

/*
 * Reads the words from ARGV[FIRST] on as a runtime of KIND does, as far as we need them. Ignores
 * mistakes, which the runtime itself reports. Pure.
 */
void runtime_arguments_read(enum runtime_kind kind, const char *const *argv, int first,
			    struct runtime_arguments *ret);

#endif
