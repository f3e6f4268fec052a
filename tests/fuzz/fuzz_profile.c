/* SPDX-License-Identifier: BSD-3-Clause */
/* The first bytes of a TPM 2.0's permanent state, which say which libtpms reads it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/profile.h"
#include "util/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a libtpms reads a later one reads, too; what it does not has one line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t versions[] = { 0x000902, 0x000a00, 0x000b00, 0x000c00 };
	bool was_read = false;

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct error err = { "" };
		bool is_read = tpm_profile_is_read_by(versions[i], data, size, &err) == 0;

		if ((was_read && !is_read) || is_read != (err.text[0] == '\0') ||
		    strchr(err.text, '\n') != NULL)
			abort();
		was_read = is_read;
	}
	return 0;
}
