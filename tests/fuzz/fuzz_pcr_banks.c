/* SPDX-License-Identifier: BSD-3-Clause */
/* A list of PCR banks, as options and entries have it. */
#include <stdlib.h>
#include <string.h>

#include "certs/factory/pcr_banks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A list that was taken is its banks' names and nothing else. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct pcr_banks banks;
	char names[128] = "";

	if (text != NULL && pcr_banks_parse(text, &banks, NULL) == 0) {
		if (banks.count == 0 || banks.count > PCR_BANKS_MAX)
			abort();
		for (size_t i = 0; i < banks.count; i++) {
			(void)strcat(names, i > 0 ? "," : "");
			(void)strcat(names, pcr_bank_name(banks.algorithms[i]));
		}
		if (strcmp(names, text) != 0)
			abort();
	}
	free(text);
	return 0;
}
