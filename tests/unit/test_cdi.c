/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "runtime/config/cdi.h"
#include "runtime/config/members.h"
#include "util/cleanup.h"

static void classes_become_devices_with_hooks(void **state)
{
	static const char *const classes[] = { "default", "web" };
	cleanup_json json_t *args = json_pack("[s]", "--run-dir=/r"), *file = NULL;
	cleanup_free char *text = NULL, *hook_text = NULL;
	json_t *hooks;

	(void)state;
	assert_int_equal(cdi_format(classes, 2, "/sbin/vtpm-hook", args, &text, NULL), 0);
	file = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(file, "cdiVersion")), "0.5.0");
	assert_int_equal(json_array_size(json_object_get(file, "devices")), 2);
	hooks = json_object_get(json_object_get(json_array_get(json_object_get(file, "devices"), 1),
						"containerEdits"),
				"hooks");
	assert_int_equal(json_array_size(hooks), 2);
	hook_text = json_dumps(json_array_get(hooks, 1), JSON_SORT_KEYS | JSON_COMPACT);
	assert_string_equal(hook_text,
			    "{\"args\":[\"vtpm-hook\",\"--run-dir=/r\",\"--class=web\","
			    "\"poststop\"],\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:"
			    "/usr/sbin:/usr/bin:/sbin:/bin\"],\"hookName\":\"poststop\","
			    "\"path\":\"/sbin/vtpm-hook\",\"timeout\":120}");
	assert_true(cdi_has_device(text, strlen(text), "web"));
	assert_false(cdi_has_device(text, strlen(text), "we"));
}

static void cdi_has_names_of_its_own(void **state)
{
	static const char other[] = "{\"kind\": \"vtpm-cuse.org/host\","
				    "\"devices\": [{\"name\": \"web\"}]}";

	(void)state;
	assert_true(cdi_can_name("w.e-b_1"));
	assert_false(cdi_can_name("web."));
	assert_false(cdi_can_name("web-"));
	assert_false(cdi_can_name("Web"));
	assert_false(cdi_has_device(other, strlen(other), "web"));
	assert_false(cdi_has_device("kind: x", 7, "web"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_become_devices_with_hooks),
		cmocka_unit_test(cdi_has_names_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
