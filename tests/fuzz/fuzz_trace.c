/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of a trace, up to the line and the capture; commands and responses without secrets. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cuse/watch/pcapng.h"
#include "cuse/watch/trace_line.h"
#include "tpm/conceal.h"
#include "tpm/record.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As it is written it is read, and it was told truly how long it is. */
static void check_record(const uint8_t *data, size_t size, const struct record *record)
{
	uint8_t header[RECORD_HEADER_SIZE];
	static struct pcapng pcapng;
	static const char *const nodes[2] = { "tpm0", "tpmrm0" };
	char line[TRACE_LINE_SIZE];
	FILE *out = fopen("/dev/null", "w");

	if (out == NULL || record_encode(record, header) != size ||
	    memcmp(header, data, sizeof(header)) != 0)
		abort();
	trace_line(record, nodes, line);
	if (strchr(line, '\n') != NULL || strstr(line, " bytes: ") == NULL)
		abort();
	pcapng_begin(&pcapng, out, "tpm0");
	pcapng_add(&pcapng, record, "tpm0");
	(void)fclose(out);
}

/* What is left out once is left out twice, and no byte is changed but to zero, no header at all. */
static void check_concealed(const uint8_t *before, const uint8_t *after, size_t len)
{
	size_t shown = len >= TPM_HEADER_SIZE ? TPM_HEADER_SIZE : 0;

	if (memcmp(before, after, shown) != 0)
		abort();
	for (size_t i = shown; i < len; i++) {
		if (after[i] != 0 && after[i] != before[i])
			abort();
	}
}

static void conceal(const uint8_t *data, size_t size, enum tpm_version version, bool command)
{
	uint8_t once[TPM_COMMAND_MAX], twice[TPM_COMMAND_MAX];

	/* A response follows the code of its command. */
	if (size > sizeof(once) || (!command && size < 4))
		return;
	memcpy(once, data, size);
	if (command)
		tpm_conceal_command(version, once, size);
	else
		tpm_conceal_response(version, get_be32(data), once + 4, size - 4);
	memcpy(twice, once, size);
	if (command)
		tpm_conceal_command(version, twice, size);
	else
		tpm_conceal_response(version, get_be32(data), twice + 4, size - 4);
	if (memcmp(once, twice, size) != 0)
		abort();
	if (command)
		check_concealed(data, once, size);
	else
		check_concealed(data + 4, once + 4, size - 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record;

	if (record_parse(data, size, &record) == 0)
		check_record(data, size, &record);
	for (int version = TPM_VERSION_1_2; version <= TPM_VERSION_2; version++) {
		conceal(data, size, (enum tpm_version)version, true);
		conceal(data, size, (enum tpm_version)version, false);
	}
	return 0;
}
