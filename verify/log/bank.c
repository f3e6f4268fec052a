/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/bank.h"

#include <string.h>

static const struct bank banks[] = {
	{ 0x0004, 20, "sha1" },
	{ 0x000b, 32, "sha256" },
	{ 0x000c, 48, "sha384" },
	{ 0x000d, 64, "sha512" },
};

const struct bank *bank_find(uint16_t alg)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		if (banks[i].alg == alg)
			return &banks[i];
	}
	return NULL;
}

const struct bank *bank_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		if (strcmp(banks[i].name, name) == 0)
			return &banks[i];
	}
	return NULL;
}
