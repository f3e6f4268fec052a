/* SPDX-License-Identifier: BSD-3-Clause */
/* A real TPM in memory and a directory that goes with the test, for tests of manufacturing. */
#ifndef VTPM_TESTS_UNIT_FACTORY_FIXTURE_H
#define VTPM_TESTS_UNIT_FACTORY_FIXTURE_H

#include "tpm/exchange.h"
#include "certs/factory/manufacture.h"
#include "tests/unit/memory_storage.h"
#include "util/error.h"

struct fixture {
	char dir[64]; /* a temporary directory */
	char ca_dir[80];
	struct memory_storage memory;
	struct tpm_storage storage;
	struct tpm *tpm;
	struct tpm_executor executor;
	struct manufacture_options options; /* with ca_dir as the CA */
	struct manufacture_result result;
	struct error err;
};

/* cmocka's setup and teardown; *STATE is the fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* The TPM (a new one when the memory has none) started and started up; fails the test otherwise. */
void fixture_start(struct fixture *fixture, enum tpm_version version);

/* Shut down in order, and off. */
void fixture_stop(struct fixture *fixture);

/* Manufactures by the fixture's options, and starts the TPM; fails the test otherwise. */
void fixture_manufacture(struct fixture *fixture);

/* The response's code, whatever it is. */
uint32_t fixture_run(struct fixture *fixture, struct tpm_command *command,
		     struct tpm_answer *answer);

/* Writes a file beneath the fixture's directory; PATH gets its name. */
void fixture_write(struct fixture *fixture, const char *name, const char *text, mode_t mode,
		   char path[static 128]);

#endif
