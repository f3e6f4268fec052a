/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a container's configuration says of what will run, as events of register 13;
 * vtpm-eventlog(5). The same container twice gives the same events, whatever its engine chooses
 * anew at each start.
 */
#ifndef VTPM_RUNTIME_CONFIG_MEASURE_H
#define VTPM_RUNTIME_CONFIG_MEASURE_H

#include <jansson.h>
#include <stddef.h>

struct cel_list;
struct error;
struct image_names;
struct vtpm_entry;

struct measure_request {
	json_t *config;                   /* all of config.json */
	const char *id;                   /* the container's */
	json_t *variables;                /* names of those whose values are told; NULL: none */
	const struct vtpm_entry *entries; /* whose nodes are none of the container's own */
	size_t count;
};

/*
 * Adds the container's arguments, environment, mounts and the digest of the rest to LIST. -EINVAL:
 * something is not as a configuration has it; -E2BIG: it is more than a log takes. Pure.
 */
int measure_config(const struct measure_request *request, struct cel_list *list, struct error *err);

/* Adds what the engine says of the image, as far as it says anything. Pure. */
int measure_image(const struct image_names *names, struct cel_list *list, struct error *err);

#endif
