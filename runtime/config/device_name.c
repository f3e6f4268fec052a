/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/device_name.h"

#include <string.h>

bool device_name_is_plain(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '\0' && name[0] != '.' && strspn(name, allowed) == strlen(name);
}
