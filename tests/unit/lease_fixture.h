/* SPDX-License-Identifier: BSD-3-Clause */
/* A lease for tests. */
#ifndef VTPM_TESTS_UNIT_LEASE_FIXTURE_H
#define VTPM_TESTS_UNIT_LEASE_FIXTURE_H

#include <stdint.h>

#include "runtime/config/entry.h"
#include "runtime/lease/lease.h"

struct admin_config;
struct error;

/* That of container ID, hash "abcdef": one vTPM with numbers 120:MINOR and, of its twin, the next;
 * its state is /state/ID. The caller frees it. */
struct lease *lease_fixture(const char *id, uint32_t minor);

/* An entry of the full form with a twin, in /dev/tpmNAME, without numbers. */
struct vtpm_entry entry_fixture(const char *name, const char *state_path);

/* As reserve(), in this directory, for container ID, whose first process is this one. */
int lease_fixture_reserve(const struct admin_config *admin, const char *id, const char *nonce,
			  struct vtpm_entry *entries, size_t *count, struct lease **ret,
			  struct error *err);

#endif
