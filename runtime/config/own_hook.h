/* SPDX-License-Identifier: BSD-3-Clause */
/* The hook's entry in config.json and CDI files, in one form for all programs that write it. */
#ifndef VTPM_RUNTIME_CONFIG_OWN_HOOK_H
#define VTPM_RUNTIME_CONFIG_OWN_HOOK_H

#include <jansson.h>
#include <stdbool.h>

struct class_requests;
struct error;

/*
 * PROGRAM as hook of STAGE; its arguments are ARGS, an array of strings, and the stage's name. The
 * hook gets its own environment, as some engines pass the image's variables to hooks. NULL: no
 * memory.
 */
json_t *own_hook(const char *program, json_t *args, const char *stage);

/* Adds --class=... for each of CLASSES to the array WORDS; -ENOMEM. */
int own_hook_add_classes(json_t *words, const struct class_requests *classes);

/* Whether an earlier call entered HOOK, a hook of the same program. */
typedef bool own_hook_is_old(json_t *hook);

/*
 * Enters PROGRAM into HOOKS, the member of config.json, as createRuntime and poststop hook after
 * those of others. First removes those of its hooks that IS_OLD accepts (NULL: all).
 */
int own_hooks_enter(json_t *hooks, const char *program, json_t *args, own_hook_is_old *is_old,
		    struct error *err);

/* Only removes them, from the stages that exist. */
void own_hooks_remove(json_t *hooks, const char *program, own_hook_is_old *is_old);

/* The first hook of PROGRAM that IS_OLD accepts, borrowed, or NULL. */
json_t *own_hooks_find(json_t *hooks, const char *program, own_hook_is_old *is_old);

#endif
