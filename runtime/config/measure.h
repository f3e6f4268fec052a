/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Describes what a container will run, by its configuration, as events of register 13; see
 * vtpm-eventlog(5). The same container gives the same events at each start, whatever its engine
 * chooses anew.
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
	json_t *variables;                /* names of those whose values are logged; NULL: none */
	const struct vtpm_entry *entries; /* their nodes are not counted as the container's own */
	size_t count;
};

/*
 * Adds the container's arguments, environment, mounts and the digest of the rest to LIST. -EINVAL:
 * the configuration is malformed; -E2BIG: it is more than a log takes. Pure.
 */
int measure_config(const struct measure_request *request, struct cel_list *list, struct error *err);

/* Adds what the engine tells about the image, if anything. Pure. */
int measure_image(const struct image_names *names, struct cel_list *list, struct error *err);

#endif
