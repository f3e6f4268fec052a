/* SPDX-License-Identifier: BSD-3-Clause */
/* systemd: the list of devices of a unit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/host/device_number.h"
#include "runtime/rule/backends.h"
#include "util/child.h"
#include "util/cleanup.h"
#include "util/error.h"

#define TIMEOUT_MS 10000
#define OUTPUT_MAX 4096
#define RULE_LEN 48

static int ask(const char *const *argv, char **answer, struct error *err)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
	const struct child_request request = { .argv = argv,
					       .environment = environment,
					       .output_max = OUTPUT_MAX,
					       .timeout_ms = TIMEOUT_MS };
	uint8_t *output;
	size_t len;
	int r = child_run(&request, &output, &len, err);

	if (r < 0)
		return r;
	*answer = strndup((char *)output, len);
	free(output);
	return *answer != NULL ? 0 : error_set(err, ENOMEM, "ask systemd");
}

/* 1 when only devices on the unit's list may be used. With the policy "auto" the first entry of a
 * list would refuse all others. */
static int is_strict(const char *unit, struct error *err)
{
	const char *const argv[] = { SYSTEMCTL, "show", "--property=DevicePolicy", "--value", "--",
				     unit,      NULL };
	cleanup_free char *policy = NULL;
	int r = ask(argv, &policy, err);

	if (r < 0)
		return r;
	return strcmp(policy, "strict\n") == 0 || strcmp(policy, "closed\n") == 0;
}

/* For as long as the unit exists, which is as long as the container does. */
static int add_to_list(const char *unit, const struct device_number *devices, size_t count,
		       struct error *err)
{
	static const char *const words[] = { SYSTEMCTL, "set-property", "--runtime", "--" };
	const size_t words_count = sizeof(words) / sizeof(words[0]);
	cleanup_free const char **argv = calloc(words_count + count + 2, sizeof(*argv));
	cleanup_free char(*rules)[RULE_LEN] = calloc(count + 1, sizeof(*rules));
	cleanup_free char *answer = NULL;

	if (argv == NULL || rules == NULL)
		return error_set(err, ENOMEM, "allow devices in %s", unit);
	memcpy(argv, words, sizeof(words));
	argv[words_count] = unit;
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(rules[i], RULE_LEN, "DeviceAllow=/dev/char/%u:%u rw",
			       devices[i].major, devices[i].minor);
		argv[words_count + 1 + i] = rules[i];
	}
	return ask(argv, &answer, err);
}

int device_rule_systemd_allow(const char *unit, const struct device_number *devices, size_t count,
			      struct error *err)
{
	int r;

	if (access(SYSTEMCTL, X_OK) < 0)
		return 0;
	r = is_strict(unit, err);
	if (r == 1)
		r = add_to_list(unit, devices, count, err);
	return r < 0 ? error_prefix(err, r, "systemd") : 0;
}
