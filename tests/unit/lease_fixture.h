/* SPDX-License-Identifier: BSD-3-Clause */
/* A lease for tests. */
#ifndef VTPM_TESTS_UNIT_LEASE_FIXTURE_H
#define VTPM_TESTS_UNIT_LEASE_FIXTURE_H

#include <stdint.h>

#include "runtime/lease/lease.h"

/* That of container ID, hash "abcdef": one vTPM with numbers 120:MINOR and, of its twin, the next;
 * its state is /state/ID. The caller frees it. */
struct lease *lease_fixture(const char *id, uint32_t minor);

#endif
