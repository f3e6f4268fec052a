/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any instructions: with a rule in front they allow its device, and the rule can be taken out
 * again.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/rule/program.h"

#define LEN_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct device_number ours = { 120, 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_insn program[LEN_MOST], changed[LEN_MOST + DEVICE_RULE_LEN];
	struct bpf_insn back[LEN_MOST + DEVICE_RULE_LEN];
	size_t len = size / sizeof(program[0]);

	if (len == 0 || len > LEN_MOST)
		return 0;
	memcpy(program, data, len * sizeof(program[0]));
	/* What strips to something else has a rule for our device already. */
	if (device_program_strip(program, len, &ours, 1, back) != len)
		return 0;
	(void)device_program_is_portable(program, len);
	device_program_prepend(program, len, &ours, 1, changed);
	if (!device_program_allows(changed, len + DEVICE_RULE_LEN, &ours))
		abort();
	if (device_program_strip(changed, len + DEVICE_RULE_LEN, &ours, 1, back) != len)
		abort();
	return 0;
}
