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
#define OUTPUT_MAX (64 << 10)
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

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strncmp(text, line, len) == 0 && (text[len] == '\n' || text[len] == '\0'))
			return true;
	}
	return false;
}

static void format_rule(char rule[static RULE_LEN], const struct device_number *device)
{
	(void)snprintf(rule, RULE_LEN, "DeviceAllow=/dev/char/%u:%u rw", device->major,
		       device->minor);
}

/* With the policy "auto" the first entry of a list would refuse all others. */
bool device_rule_systemd_needed(const char *properties, const struct device_number *devices,
				size_t count)
{
	char rule[RULE_LEN];

	if (!has_line(properties, "DevicePolicy=strict") &&
	    !has_line(properties, "DevicePolicy=closed"))
		return false;
	for (size_t i = 0; i < count; i++) {
		format_rule(rule, &devices[i]);
		if (!has_line(properties, rule))
			return true;
	}
	return false;
}

/* 1: the unit needs to be told. */
static int look_at_unit(const char *unit, const struct device_number *devices, size_t count,
			struct error *err)
{
	const char *const argv[] = { SYSTEMCTL, "show", "--property=DevicePolicy,DeviceAllow",
				     "--",      unit,   NULL };
	cleanup_free char *properties = NULL;
	int r = ask(argv, &properties, err);

	return r < 0 ? r : device_rule_systemd_needed(properties, devices, count);
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
		format_rule(rules[i], &devices[i]);
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
	r = look_at_unit(unit, devices, count, err);
	if (r == 1)
		r = add_to_list(unit, devices, count, err);
	return r < 0 ? error_prefix(err, r, "systemd") : 0;
}
