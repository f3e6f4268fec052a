/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hook as config.json and CDI have it: one form for everybody who enters it.
 */
#ifndef VTPM_RUNTIME_CONFIG_OWN_HOOK_H
#define VTPM_RUNTIME_CONFIG_OWN_HOOK_H

#include <jansson.h>
#include <stdbool.h>

struct class_requests;
struct error;

/*
 * PROGRAM as hook of STAGE, with ARGS, an array of strings, before that name. It has an environment
 * of its own, as some engines give hooks what an image has set. NULL: no memory.
 */
json_t *own_hook(const char *program, json_t *args, const char *stage);

/* Adds --class=... for each of CLASSES to the array WORDS; -ENOMEM. */
int own_hook_add_classes(json_t *words, const struct class_requests *classes);

/* Whether a hook of the same program is one that an earlier call entered. */
typedef bool own_hook_is_old(json_t *hook);

/*
 * Enters PROGRAM into HOOKS, the member of config.json, as createRuntime and poststop hook behind
 * those of others, in the place of what IS_OLD (NULL: all of this program).
 */
int own_hooks_enter(json_t *hooks, const char *program, json_t *args, own_hook_is_old *is_old,
		    struct error *err);

/* Only takes them out, of the stages that there are. */
void own_hooks_remove(json_t *hooks, const char *program, own_hook_is_old *is_old);

/* The first hook of PROGRAM that IS_OLD, borrowed, or NULL. */
json_t *own_hooks_find(json_t *hooks, const char *program, own_hook_is_old *is_old);

#endif
