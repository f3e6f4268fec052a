/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One entry of linux.resources.vtpms, in either form: the full one describes a vTPM that is to be
 * started, the short one names a device that exists.
 */
#ifndef VTPM_RUNTIME_CONFIG_ENTRY_H
#define VTPM_RUNTIME_CONFIG_ENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/config/entry_measure.h"
#include "runtime/config/request.h"
#include "runtime/config/resources.h"
#include "runtime/config/vouching.h"

struct admin_config;
struct class_claim;
struct error;

#define VTPM_PATH_MOST 63                  /* characters of containerPath */
#define VTPM_PATH_LEN (VTPM_PATH_MOST + 3) /* of a twin's path: "rm" and a NUL more */
#define VTPM_NODES_MOST 2                  /* the TPM itself, and its resource-managed twin */

#define ENTRY_IDENTITY_LEN 32 /* hex digits */

/* Strings are borrowed from the JSON; what was not given is NULL or -1. */
struct vtpm_entry {
	const char *name;
	const char *state_path; /* or "memory:"; NULL: the short form */
	const char *host_path;  /* the short form's device; may be NULL if it has numbers */
	const char *version, *run_as, *uid_range, *pcr_banks, *password, *ca_dir, *asked_path;
	const char *identity; /* the identity that the TPM must have */
	bool state_is_managed, create_certs, resource_manager;
	bool event_log; /* the container gets a copy of the measured launch's log */
	int64_t major, minor, file_mode, uid, gid;
	struct entry_measure measure;
	struct vouching vouching;
	int64_t store_rate;                         /* KiB per second */
	struct resources resources;                 /* of its server */
	char paths[VTPM_NODES_MOST][VTPM_PATH_LEN]; /* the paths of its nodes, in the container */
	size_t node_count;
	const struct class_claim *claim;    /* NULL: it is of no class */
	char noted[ENTRY_IDENTITY_LEN + 1]; /* the identity recorded for its state; "": none */
};

/* Reads one entry and checks everything that its text alone can show. */
int vtpm_entry_parse(json_t *json, const struct admin_config *admin, struct vtpm_entry *ret,
		     struct error *err);

/*
 * -EINVAL when ENTRY wants a name, path, state or number of OTHER, an entry of the same container.
 */
int vtpm_entry_differs(const struct vtpm_entry *entry, const struct vtpm_entry *other,
		       struct error *err);

/* The path that the TPM NAME has in its container, unless its entry asks for another one. */
void device_path(const char *name, char ret[static VTPM_PATH_LEN]);

bool vtpm_entries_have_path(const struct vtpm_entry *entries, size_t count, const char *path);

/* The identity that the TPM must have; NULL: any. */
const char *vtpm_entry_identity(const struct vtpm_entry *entry);

/* Whether the launch is measured. */
bool vtpm_entry_is_measured(const struct vtpm_entry *entry);

/* Whether the state is kept in memory alone: statePath "memory:". */
bool vtpm_entry_in_memory(const struct vtpm_entry *entry);

/* Whether the vTPM is a TPM 1.2. */
bool vtpm_entry_is_tpm12(const struct vtpm_entry *entry);

#endif
