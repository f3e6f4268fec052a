/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/id_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int id_map_find(const char *text, uint32_t id, uint32_t *ret)
{
	while (*text != '\0') {
		uint32_t inside, outside, count;

		if (sscanf(text, "%" SCNu32 " %" SCNu32 " %" SCNu32, &inside, &outside, &count) !=
		    3)
			return -EINVAL;
		if (id >= inside && id - inside < count) {
			if (outside > UINT32_MAX - (id - inside))
				return -EINVAL;
			*ret = outside + (id - inside);
			return 0;
		}
		text += strcspn(text, "\n");
		text += strspn(text, "\n");
	}
	return -ENOENT;
}
