/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/selection.h"

#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"

const struct pcr_selection *pcr_selection_find(const struct pcr_selection *all, size_t count,
					       const struct bank *bank)
{
	for (size_t i = 0; i < count; i++) {
		if (all[i].bank == bank)
			return &all[i];
	}
	return NULL;
}

/* "12,13"; false: there is something else in it. */
static bool parse_numbers(char *text, uint32_t *ret)
{
	char *rest = text, *number;
	unsigned long pcr;

	*ret = 0;
	while ((number = strsep(&rest, ",")) != NULL) {
		if (number_parse(number, 10, PCRS - 1, &pcr) < 0)
			return false;
		*ret |= UINT32_C(1) << pcr;
	}
	return true;
}

static bool parse_bank(char *text, struct pcr_selection *all, size_t *count)
{
	char *numbers = text, *name = strsep(&numbers, ":");
	struct pcr_selection *next = &all[*count];

	if (*count == BANKS_MOST || numbers == NULL)
		return false;
	next->bank = bank_by_name(name);
	if (next->bank == NULL || pcr_selection_find(all, *count, next->bank) != NULL ||
	    !parse_numbers(numbers, &next->pcrs))
		return false;
	(*count)++;
	return true;
}

int pcr_selection_parse(const char *text, struct pcr_selection ret[static BANKS_MOST],
			size_t *count, struct error *err)
{
	char copy[256], *rest = copy, *bank;

	*count = 0;
	if (strlen(text) >= sizeof(copy))
		return error_say(err, EINVAL, "a selection of registers is shorter");
	memcpy(copy, text, strlen(text) + 1);
	while ((bank = strsep(&rest, "+")) != NULL) {
		if (!parse_bank(bank, ret, count))
			return error_say(err, EINVAL,
					 "'%.100s' selects no registers; \"sha256:12,13\" would",
					 text);
	}
	return 0;
}
