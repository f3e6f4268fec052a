/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-verify: one subcommand per file, each with its table of options.
 */
#ifndef VTPM_VERIFY_PROGRAM_PROGRAM_H
#define VTPM_VERIFY_PROGRAM_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "util/options.h"
#include "util/wiped.h"
#include "verify/vtpm_verify.h"

/* What every subcommand's configuration begins with. */
struct verify_options {
	bool help;
};

struct verify_command {
	const char *name;
	const char *about;
	const struct option_spec *specs;
	size_t size; /* of the configuration, zeroed */
	/* The exit status, or a negative errno and a sentence; -EINVAL is a mistake in the words.
	 */
	int (*run)(const void *config, struct error *err);
};

extern const struct verify_command verify_challenge, verify_answer, verify_quote;

/* An input file, which is freed with what it is a part of; all zero: none. */
struct input_file {
	char *data;
	size_t len;
};

static inline void input_file_done(struct input_file *file)
{
	free(file->data);
}

/* Reads the file that OPTION names, which must be given; its bytes are RET's. */
int verify_read(const char *option, const char *path, struct input_file *file,
		struct vtpm_verify_bytes *ret, struct error *err);

/* As verify_read(), but with PATH NULL there is none. */
int verify_read_optional(const char *option, const char *path, struct input_file *file,
			 struct vtpm_verify_bytes *ret, struct error *err);

/* Writes the file that OPTION names, which must be given. */
int verify_write(const char *option, const char *path, const void *data, size_t len,
		 struct error *err);

/* The largest nonce that a TPM takes. */
#define VERIFY_NONCE_MOST 64

/* Reads hex digits into BYTES, which RET borrows; none where TEXT is NULL. */
int verify_read_nonce(const char *text, uint8_t bytes[static VERIFY_NONCE_MOST],
		      struct vtpm_verify_bytes *ret, struct error *err);

#endif
