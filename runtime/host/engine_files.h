/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds files of container engines, which their administrators write, that name us. */
#ifndef VTPM_RUNTIME_HOST_ENGINE_FILES_H
#define VTPM_RUNTIME_HOST_ENGINE_FILES_H

#include <stddef.h>

/* The first of our names in TEXT, or NULL. Pure. */
const char *engine_text_names_us(const char *text, size_t len);

/* Called for each file that names us, with the name. */
typedef void engine_file_visitor(const char *path, const char *name, void *context);

/* Looks into those beneath the directory ROOT ("": this host's). */
void engine_files_visit(const char *root, engine_file_visitor *visitor, void *context);

#endif
