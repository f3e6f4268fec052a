/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands in for libFuzzer's own mutator where there is no libFuzzer. */
#include "tests/fuzz/mutate.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
	if (size < max)
		data[size++] = 0x5a;
	else if (size > 0)
		data[size / 2] ^= 0x10;
	return size;
}
