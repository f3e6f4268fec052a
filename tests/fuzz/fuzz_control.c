/* SPDX-License-Identifier: BSD-3-Clause */
/* A request on the control socket. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cuse/control/control.h"
#include "util/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted is an object with a command, and is accepted again as it was understood. */
static void check(const json_t *request)
{
	const char *command = json_string_value(json_object_get(request, "command"));
	char *text = json_dumps(request, JSON_COMPACT);
	json_auto_t *again = NULL;

	if (!json_is_object(request) || command == NULL || text == NULL)
		abort();
	if (strchr(text, '\n') != NULL || control_parse(text, strlen(text), &again, NULL) < 0 ||
	    !json_equal(again, request))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *request = NULL;
	struct error err = { "" };

	if (size > CONTROL_LINE_MAX)
		return 0;
	if (control_parse((const char *)data, size, &request, &err) == 0)
		check(request);
	else if (request != NULL || err.text[0] == '\0')
		abort();
	return 0;
}
