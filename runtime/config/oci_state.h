/* SPDX-License-Identifier: BSD-3-Clause */
/* The container's state that a runtime passes to a hook on standard input. */
#ifndef VTPM_RUNTIME_CONFIG_OCI_STATE_H
#define VTPM_RUNTIME_CONFIG_OCI_STATE_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

#define OCI_ID_LEN 180

struct oci_state {
	json_t *json;
	const char *id, *bundle;
	pid_t pid;           /* 0: there is no process (any more) */
	json_t *annotations; /* NULL: none */
};

/* -EINVAL when a container's id cannot be part of a file name. Pure. */
int oci_id_check(const char *id, struct error *err);

/* Checks the id, too. The caller calls oci_state_done(). Pure. */
int oci_state_parse(const char *text, size_t len, struct oci_state *ret, struct error *err);
int oci_state_read(int fd, struct oci_state *ret, struct error *err);
void oci_state_done(struct oci_state *state);

#endif
