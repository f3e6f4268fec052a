/* SPDX-License-Identifier: BSD-3-Clause */
/* A container's configuration as events: the same container twice gives the same ones. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "runtime/config/annotations.h"
#include "runtime/config/canonical.h"
#include "runtime/config/entry.h"
#include "runtime/config/measure.h"
#include "runtime/config/members.h"
#include "util/error.h"
#include "verify/log/event.h"

#define ID "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const char whole[] =
	"{\"hostname\": \"h\", \"hooks\": {}, \"annotations\": {\"a\": \"b\"},"
	"\"process\": {\"args\": [\"sh\", \"-c\", \"\"], \"env\": [\"PATH=/bin\", \"A=1=2\", "
	"\"EMPTY\"],"
	"  \"user\": {\"uid\": 7, \"gid\": 8}, \"noNewPrivileges\": true, \"cwd\": \"/\","
	"  \"selinuxLabel\": \"u:r:t:s0:c1,c2\", \"rlimits\": [{\"type\": \"RLIMIT_CORE\", "
	"\"hard\": 0}]},"
	"\"root\": {\"path\": \"/var/lib/x/" ID "/rootfs\", \"readonly\": true},"
	"\"mounts\": [{\"destination\": \"/etc/hosts\", \"type\": \"bind\","
	"  \"source\": \"/var/lib/x/" ID "/hosts\", \"options\": [\"rbind\", \"ro\"]}],"
	"\"linux\": {\"cgroupsPath\": \"/x/" ID "\", \"resources\": {\"memory\": {\"limit\": 1}},"
	"  \"devices\": [{\"path\": \"/dev/tpm0\", \"type\": \"c\"}, {\"path\": \"/dev/fuse\", "
	"\"type\": \"c\"}],"
	"  \"namespaces\": [{\"type\": \"pid\"}, {\"type\": \"network\", \"path\": "
	"\"/run/netns/1\"}],"
	"  \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\"}, \"maskedPaths\": "
	"[\"/proc/kcore\"]}}";

static const struct vtpm_entry entries[] = { { .paths = { "/dev/tpm0" }, .node_count = 1 } };

/* WHOLE with the first FROM in it as TO. */
static json_t *changed(const char *from, const char *to)
{
	const char *at = strstr(whole, from);
	char text[4096];
	json_t *json;
	struct error err;

	if (at == NULL)
		fail_msg("%s is not there", from);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - whole), whole, to,
		       at + strlen(from));
	if (object_parse(text, strlen(text), &json, &err) < 0)
		fail_msg("%s", err.text);
	return json;
}

static int measure(json_t *config, const char *id, json_t *variables, struct cel_list *list,
		   struct error *err)
{
	const struct measure_request request = {
		.config = config, .id = id, .variables = variables, .entries = entries, .count = 1
	};

	return measure_config(&request, list, err);
}

static bool same_when(const char *from, const char *to)
{
	cleanup_json json_t *one = changed("", ""), *other = changed(from, to);
	struct cel_list a = { 0 }, b = { 0 };
	bool same;

	assert_int_equal(measure(one, ID, NULL, &a, NULL), 0);
	assert_int_equal(measure(other, ID, NULL, &b, NULL), 0);
	same = a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
	cel_list_done(&a);
	cel_list_done(&b);
	return same;
}

static void assert_next(const struct cel_list *list, size_t *at, const char *name, const char *text)
{
	struct cel_event event;

	assert_int_equal(cel_list_next(list->bytes, list->len, at, &event), 1);
	assert_true(cel_event_is_of_launch(&event));
	assert_string_equal(cel_event_name(event.content, event.type), name);
	if (text == NULL)
		return;
	assert_int_equal(event.len, strlen(text));
	assert_memory_equal(event.data, text, event.len);
}

static void each_part_is_an_event_in_order(void **state)
{
	cleanup_json json_t *config = changed("", ""), *variables = json_pack("[s]", "A");
	struct cel_list list = { 0 };
	size_t at = 0;

	(void)state;
	assert_int_equal(measure(config, ID, variables, &list, NULL), 0);
	assert_next(&list, &at, "argument", "sh");
	assert_next(&list, &at, "argument", "-c");
	assert_next(&list, &at, "argument", "");
	assert_next(&list, &at, "environment-name", "PATH");
	assert_next(&list, &at, "environment", "A=1=2");
	assert_next(&list, &at, "environment-name", "EMPTY");
	assert_next(&list, &at, "mount",
		    "{\"destination\":\"/etc/hosts\",\"options\":[\"rbind\",\"ro\"],"
		    "\"source\":\"/var/lib/x/*/hosts\",\"type\":\"bind\"}");
	assert_next(&list, &at, "config", NULL);
	assert_int_equal(at, list.len);
	cel_list_done(&list);
}

static void what_an_engine_chooses_anew_changes_nothing(void **state)
{
	static const char *const pairs[][2] = {
		{ "\"hostname\": \"h\"", "\"hostname\": \"other\"" },
		{ "\"hooks\": {}", "\"hooks\": {\"createRuntime\": [{\"path\": \"/x\"}]}" },
		{ "\"a\": \"b\"", "\"a\": \"c\"" },
		{ "/x/" ID, "/x/other" },
		{ "\"limit\": 1", "\"limit\": 2" },
		{ "s0:c1,c2", "s0:c3,c4" },
		{ "/run/netns/1", "/run/netns/2" },
		{ "{\"path\": \"/dev/tpm0\", \"type\": \"c\"}, ", "" },
		{ "A=1=2", "A=other" },
		{ "/var/lib/x/" ID "/rootfs", "/elsewhere" },
		{ "x/" ID "/hosts", "x/123e4567-e89b-12d3-a456-426614174000/hosts" },
		{ "\"args\"", "\"Args\"" },
		{ "\"uid\": 7, \"gid\": 8", "\"gid\": 8, \"uid\": 7" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!same_when(pairs[i][0], pairs[i][1]))
			fail_msg("%s changes it", pairs[i][1]);
	}
}

static void what_runs_and_what_it_may_do_changes_it(void **state)
{
	static const char *const pairs[][2] = {
		{ "\"sh\"", "\"ash\"" },
		{ "\"\"]", "\"x\"]" },
		{ ", \"\"]", "]" },
		{ "PATH=", "PATHS=" },
		{ "\"uid\": 7", "\"uid\": 0" },
		{ "\"noNewPrivileges\": true", "\"noNewPrivileges\": false" },
		{ "u:r:t:", "u:r:u:" },
		{ "\"readonly\": true", "\"readonly\": false" },
		{ "\"ro\"]", "\"rw\"]" },
		{ "/etc/hosts", "/etc/host" },
		{ "/hosts\"", "/other\"" },
		{ "/dev/fuse", "/dev/kvm" },
		{ "{\"type\": \"pid\"}, ", "" },
		{ "{\"type\": \"pid\"}", "{\"type\": \"pid\", \"path\": \"/proc/1/ns/pid\"}" },
		{ "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW" },
		{ "/proc/kcore", "/proc/keys" },
		{ "RLIMIT_CORE", "RLIMIT_CPU" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (same_when(pairs[i][0], pairs[i][1]))
			fail_msg("%s does not change it", pairs[i][1]);
	}
}

static void assert_source(const char *source, const char *expected)
{
	char text[512], wanted[512];
	cleanup_json json_t *config = NULL;
	struct cel_list list = { 0 };
	size_t at = 0;

	(void)snprintf(text, sizeof(text), "{\"mounts\": [{\"source\": \"%s\"}]}", source);
	(void)snprintf(wanted, sizeof(wanted), "{\"source\":\"%s\"}", expected);
	assert_int_equal(object_parse(text, strlen(text), &config, NULL), 0);
	assert_int_equal(measure(config, "short", NULL, &list, NULL), 0);
	assert_next(&list, &at, "mount", wanted);
	cel_list_done(&list);
}

static void ids_in_a_mounts_source_are_left_out(void **state)
{
	(void)state;
	assert_source("/a/short/b", "/a/*/b");
	assert_source("/a/shorter/b", "/a/shorter/b");
	assert_source("/" ID, "/*");
	assert_source("/pods/123e4567-e89b-12d3-a456-426614174000/c/web/0a1b2c3d",
		      "/pods/*/c/web/*");
	assert_source("/pods/0a1b2c3d/x//", "/pods/0a1b2c3d/x//");
	assert_source("/0123456789abcdef0123456789abcde", "/0123456789abcdef0123456789abcde");
	assert_source("/0123456789abcdef0123456789abcdef", "/*");
	assert_source("short", "short"); /* no path: a file system's name */
}

static void what_is_no_configuration_is_refused(void **state)
{
	static const char *const texts[][2] = {
		{ "{\"process\": {\"args\": \"sh\"}}", "args is not an array" },
		{ "{\"process\": {\"args\": [7]}}", "args: an element is not a string" },
		{ "{\"process\": {\"env\": [null]}}", "env: an element is not a string" },
		{ "{\"mounts\": [7]}", "mounts: not an object" },
		{ "{\"process\": {\"user\": {\"uid\": 0.5}}}",
		  "the configuration has a number with a fraction" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cleanup_json json_t *config = NULL;
		struct cel_list list = { 0 };
		struct error err;

		assert_int_equal(object_parse(texts[i][0], strlen(texts[i][0]), &config, NULL), 0);
		assert_int_equal(measure(config, ID, NULL, &list, &err), -EINVAL);
		assert_string_equal(err.text, texts[i][1]);
		cel_list_done(&list);
	}
}

static void assert_canonical(const char *text, const char *expected)
{
	cleanup_json json_t *json = NULL;
	cleanup_free char *got = NULL;

	assert_int_equal(object_parse(text, strlen(text), &json, NULL), 0);
	assert_int_equal(canonical_json(json, &got, NULL), 0);
	assert_string_equal(got, expected);
}

static void json_has_one_form(void **state)
{
	(void)state;
	assert_canonical("{ \"b\" : [ 1, -2 , true,null ], \"a\":{ } }",
			 "{\"a\":{},\"b\":[1,-2,true,null]}");
	assert_canonical("{\"\\u00e9/\\n\\\"\": \"\\u001b\"}",
			 "{\"\xc3\xa9/\\n\\\"\":\"\\u001B\"}");
	/* One beyond 63 bits does not change how the others are written. */
	assert_canonical("{\"a\": 1024, \"b\": 18446744073709551615}",
			 "{\"a\":1024,\"b\":1.8446744073709552e19}");
}

static void assert_image(const char *reference, const char *ref, const char *expected)
{
	const struct image_names names = { reference, ref };
	struct cel_list list = { 0 };
	struct cel_event event;
	char got[512] = "";
	size_t at = 0;

	assert_int_equal(measure_image(&names, &list, NULL), 0);
	while (cel_list_next(list.bytes, list.len, &at, &event) == 1) {
		const size_t len = strlen(got);

		assert_true(cel_event_is_of_launch(&event));
		(void)snprintf(got + len, sizeof(got) - len, "%s %.*s;",
			       cel_event_name(event.content, event.type), (int)event.len,
			       (const char *)event.data);
	}
	assert_string_equal(got, expected);
	cel_list_done(&list);
}

static void an_id_and_a_digest_are_told_apart(void **state)
{
	(void)state;
	assert_image("web:1", ID, "image-reference web:1;image-id sha256:" ID ";");
	assert_image("web:1", "reg/web@sha256:" ID,
		     "image-reference web:1;image-digest sha256:" ID ";");
	assert_image("", ID, "image-id sha256:" ID ";");
	assert_image(NULL, ID "0", "");
	assert_image(NULL, "web@sha256:" ID "0", "");
	assert_image(NULL, "web@sha512:" ID, "");
	assert_image(NULL, "sha256:" ID, "");
}

static void an_image_is_what_its_engine_says(void **state)
{
	cleanup_json json_t *annotations = json_pack(
		"{s:s, s:s, s:s}", "io.kubernetes.cri.image-name", "reg/web@sha256:" ID,
		"io.kubernetes.cri-o.ImageName", "reg/web:1", "io.kubernetes.cri-o.ImageRef", ID);
	struct image_names names;
	struct cel_list list = { 0 };
	size_t at = 0;

	(void)state;
	assert_int_equal(annotations_image(annotations, CRI_NONE, &names, NULL), 0);
	assert_null(names.reference);
	assert_int_equal(measure_image(&names, &list, NULL), 0);
	assert_int_equal(list.len, 0);
	assert_int_equal(annotations_image(annotations, CRI_CRIO, &names, NULL), 0);
	assert_int_equal(measure_image(&names, &list, NULL), 0);
	assert_next(&list, &at, "image-reference", "reg/web:1");
	assert_next(&list, &at, "image-id", "sha256:" ID);
	assert_int_equal(at, list.len);
	assert_int_equal(annotations_image(annotations, CRI_CONTAINERD, &names, NULL), 0);
	assert_int_equal(measure_image(&names, &list, NULL), 0);
	assert_next(&list, &at, "image-reference", "reg/web@sha256:" ID);
	assert_next(&list, &at, "image-digest", "sha256:" ID);
	assert_int_equal(at, list.len);
	cel_list_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_an_event_in_order),
		cmocka_unit_test(what_an_engine_chooses_anew_changes_nothing),
		cmocka_unit_test(what_runs_and_what_it_may_do_changes_it),
		cmocka_unit_test(ids_in_a_mounts_source_are_left_out),
		cmocka_unit_test(what_is_no_configuration_is_refused),
		cmocka_unit_test(json_has_one_form),
		cmocka_unit_test(an_id_and_a_digest_are_told_apart),
		cmocka_unit_test(an_image_is_what_its_engine_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
