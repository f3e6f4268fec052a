/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an entry wants measured of its container before the TPM can be used.
 */
#ifndef VTPM_RUNTIME_CONFIG_ENTRY_MEASURE_H
#define VTPM_RUNTIME_CONFIG_ENTRY_MEASURE_H

#include <jansson.h>
#include <stdbool.h>

struct error;
struct member_spec;

#define MEASURED_FILES_MOST 1024

/* All members empty: the launch is not measured. */
struct entry_measure {
	bool config, image, rootfs;
	json_t *files;     /* an array of absolute paths in the root file system; NULL: none */
	json_t *variables; /* an array of names, whose values are logged; NULL: none */
};

bool entry_measure_any(const struct entry_measure *measure);

/* Readers of the members measure, measureFiles and measureEnv, see members.h. */
int member_measure(const struct member_spec *spec, json_t *value, void *field, struct error *err);
int member_files(const struct member_spec *spec, json_t *value, void *field, struct error *err);
int member_variables(const struct member_spec *spec, json_t *value, void *field, struct error *err);

#endif
