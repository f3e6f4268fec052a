/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the command line of vtpm-cuse asks for.
 */
#ifndef VTPM_CUSE_SERVER_SETTINGS_H
#define VTPM_CUSE_SERVER_SETTINGS_H

#include "certs/factory/settings.h"
#include "cuse/device/node.h"
#include "util/seccomp.h"
#include "cuse/server/launch_log.h"
#include "cuse/user/users.h"
#include "tpm/state/format.h"
#include "tpm/state/key.h"
#include "util/options.h"

struct error;

/* A descriptor that was not given. */
#define SETTINGS_NO_FD OPTION_U32_NONE

/* -1 for a descriptor that was not given. */
static inline int settings_fd(uint32_t fd)
{
	return fd == SETTINGS_NO_FD ? -1 : (int)fd;
}

/* The number of paths that are used after the start. */
#define SETTINGS_PATHS 2

struct settings {
	/* As given; only the paths that are used after the start are made absolute. */
	const char *state, *name, *tpm_version, *key, *password, *host_key, *sync, *pid_file,
		*log_file, *twin, *follow_cgroup, *follow_state, *follow_bundle, *follow_rootfs,
		*resume, *on_store_failure, *expect_identity, *measure;
	struct users users;
	const char *seccomp_text;    /* NULL: not given */
	const char *namespaces_text; /* NULL: not given */
	uint32_t store_rate;         /* KiB per second; 0: no limit */
	uint32_t major, minor, twin_minor, lock_fd, follow_pid, follow_runtime, ready_fd,
		buffer_size; /* OPTION_U32_NONE: not given */
	mode_t mode;
	bool new_identity, plain, keep_platform, no_startup, daemon, verbose, help, version;

	struct manufacture_settings factory; /* certs NULL: manufacture nothing */

	/* Derived from the above. */
	enum tpm_version tpm;
	bool flush;
	enum seccomp_mode seccomp;
	int namespaces;   /* of clone(2)'s flags */
	bool stay_failed; /* when the state could not be stored */
	uint8_t identity[STATE_ID_SIZE];
	struct measured measured;
	struct node_options nodes[2]; /* exclusive; and resource-managed */
	size_t node_count;
	char *made_absolute[SETTINGS_PATHS];
	char twin_name[NODE_NAME_MAX + 4];
};

/*
 * Reads and checks the whole command line; -EINVAL and a sentence. The caller handles --help and
 * --version, and calls settings_done() whatever this returns.
 */
int settings_parse(int argc, char **argv, struct settings *settings, struct error *err);
void settings_done(struct settings *settings);
#define cleanup_settings __attribute__((cleanup(settings_done)))

/* Makes the state's key; reads its file, descriptor or credential now. */
int settings_key(const struct settings *settings, struct state_key **ret, struct error *err);

void settings_help(FILE *out);

#endif
