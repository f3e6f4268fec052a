/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/annotations.h"
#include "runtime/config/members.h"
#include "runtime/config/request.h"
#include "util/cleanup.h"
#include "util/error.h"

static void asked(const struct class_request *request, const char *class, const char *device)
{
	assert_string_equal(request->class, class);
	assert_string_equal(request->device, device);
}

static void what_is_asked_twice_is_one_request(void **state)
{
	struct class_requests all = { 0 };

	(void)state;
	assert_int_equal(class_requests_add(&all, "web:1,default", false, NULL), 0);
	assert_int_equal(class_requests_add(&all, "default,web,web:1", true, NULL), 0);
	assert_int_equal(all.count, 3);
	asked(&all.list[0], "web", "1");
	asked(&all.list[1], "default", "");
	asked(&all.list[2], "web", "");
	assert_true(all.list[0].by_annotation);
	assert_true(all.list[2].by_annotation);
	assert_int_equal(class_requests_add(&all, "db:Sql_1.2-x", false, NULL), 0);
	asked(&all.list[3], "db", "Sql_1.2-x");
	assert_false(all.list[3].by_annotation);
}

static void a_request_that_is_none_is_refused_and_adds_nothing(void **state)
{
	static const char *const mistakes[][2] = {
		{ "", "'' is not a class's name" },
		{ "a,", "'' is not a class's name" },
		{ ",a", "'' is not a class's name" },
		{ "A", "'A' is not a class's name" },
		{ ".a", "'.a' is not a class's name" },
		{ "../../etc/passwd", "'../../etc/passwd' is not a class's name" },
		{ "a b", "'a b' is not a class's name" },
		{ "a\nb", "'a' is not a class's name" },
		{ "\033[2J", "'' is not a class's name" },
		{ "abcdefghijklmnopqrstuvwxyz0123456",
		  "'abcdefghijklmnopqrstuvwxyz0123456' is not a class's name" },
		{ "a:", "'' is not a device's name" },
		{ "a:../x", "'../x' is not a device's name" },
		{ "a:b/c", "'b/c' is not a device's name" },
		{ "a:1:2", "'1:2' is not a device's name" },
		{ "a:0,b:0", "the classes a and b both want device 0" },
		{ "a:0123456789012345678901234567890123456789012345678",
		  "'0123456789012345678901234567890123456789012345678' is not a device's name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct class_requests all = { 0 };
		struct error err = { "" };

		assert_int_equal(class_requests_add(&all, mistakes[i][0], false, &err), -EINVAL);
		assert_string_equal(err.text, mistakes[i][1]);
		assert_int_equal(all.count, 0);
	}
}

static void sixteen_requests_are_taken_and_one_more_is_refused(void **state)
{
	struct class_requests all = { 0 };
	struct error err = { "" };

	(void)state;
	assert_int_equal(class_requests_add(&all, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", false, &err),
			 0);
	assert_int_equal(class_requests_add(&all, "p", false, &err), 0);
	assert_int_equal(class_requests_add(&all, "q", false, &err), -EINVAL);
	assert_string_equal(err.text, "more than 16 classes are asked for");
	assert_int_equal(all.count, 16);
}

static void names_are_taken_up_to_their_length(void **state)
{
	(void)state;
	assert_true(class_name_is_valid("0bcdefghijklmnopqrstuvwxyz_-.345"));
	assert_false(class_name_is_valid("0bcdefghijklmnopqrstuvwxyz_-.3456"));
	assert_false(class_name_is_valid(""));
	assert_true(state_name_is_valid("012345678901234567890123456789012345678901234567"));
	assert_false(state_name_is_valid("0123456789012345678901234567890123456789012345678"));
	assert_false(state_name_is_valid(".."));
}

/* --- annotations --- */

static json_t *annotations_of(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(json);
	return json;
}

static void an_engine_is_believed_where_it_is_known_and_nobody_elsewhere(void **state)
{
	cleanup_json json_t *json =
		annotations_of("{\"io.kubernetes.cri.container-type\": \"sandbox\","
			       "\"io.kubernetes.cri.sandbox-namespace\": \"prod-1\","
			       "\"io.kubernetes.cri.container-name\": \"web\","
			       "\"io.kubernetes.cri-o.ContainerType\": \"container\","
			       "\"io.kubernetes.cri-o.Namespace\": \"other\","
			       "\"io.kubernetes.container.name\": \"db\"}");
	struct identity identity;

	(void)state;
	assert_int_equal(annotations_identity(json, CRI_NONE, &identity, NULL), 0);
	assert_false(identity.sandbox);
	assert_null(identity.name_space);
	assert_null(identity.container);
	assert_int_equal(annotations_identity(json, CRI_CONTAINERD, &identity, NULL), 0);
	assert_true(identity.sandbox);
	assert_string_equal(identity.name_space, "prod-1");
	assert_string_equal(identity.container, "web");
	assert_int_equal(annotations_identity(json, CRI_CRIO, &identity, NULL), 0);
	assert_false(identity.sandbox);
	assert_string_equal(identity.name_space, "other");
	assert_string_equal(identity.container, "db");
	assert_int_equal(annotations_identity(NULL, CRI_CRIO, &identity, NULL), 0);
	assert_null(identity.name_space);
}

static void a_namespace_that_is_no_part_of_a_path_is_refused(void **state)
{
	static const char *const names[] = { "", "..", "a/b", "A", "a.b", "a\\u0001" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cleanup_json json_t *json = NULL;
		struct error err = { "" };
		struct identity identity;
		char text[128];

		(void)snprintf(text, sizeof(text),
			       "{\"io.kubernetes.cri.sandbox-namespace\": \"%s\"}", names[i]);
		json = annotations_of(text);
		assert_int_equal(annotations_identity(json, CRI_CONTAINERD, &identity, &err),
				 -EINVAL);
		assert_string_equal(err.text, "the pod's namespace is not a name of Kubernetes");
	}
}

static int requests_of(const char *text, const char *container, struct class_requests *ret,
		       struct error *err)
{
	cleanup_json json_t *json = annotations_of(text);
	const struct identity identity = { .container = container };

	*ret = (struct class_requests){ 0 };
	return annotations_requests(json, &identity, ret, err);
}

static void the_container_s_own_annotation_counts_instead_of_the_pod_s(void **state)
{
	static const char both[] = "{\"vtpm-cuse.org/class\": \"pod:1\","
				   "\"container.vtpm-cuse.org/web\": \"own\","
				   "\"container.vtpm-cuse.org/w\": \"other\"}";
	struct class_requests all;

	(void)state;
	assert_int_equal(requests_of(both, "web", &all, NULL), 0);
	assert_int_equal(all.count, 1);
	asked(&all.list[0], "own", "");
	assert_true(all.list[0].by_annotation);
	assert_int_equal(requests_of(both, "db", &all, NULL), 0);
	assert_int_equal(all.count, 1);
	asked(&all.list[0], "pod", "1");
	assert_int_equal(requests_of("{\"vtpm-cuse.org/classes\": \"x\"}", NULL, &all, NULL), 0);
	assert_int_equal(all.count, 0);
	assert_int_equal(requests_of("null", NULL, &all, NULL), 0);
}

static void annotations_that_are_wrong_are_refused_in_a_line(void **state)
{
	static const char *const mistakes[][2] = {
		{ "7", "annotations is not an object" },
		{ "{\"vtpm-cuse.org/class\": 7}",
		  "annotation vtpm-cuse.org/class is not a string" },
		{ "{\"vtpm-cuse.org/class\": \"\"}",
		  "annotation vtpm-cuse.org/class: '' is not a class's name" },
		{ "{\"vtpm-cuse.org/class\": \"a\\u0007b\"}",
		  "annotation vtpm-cuse.org/class: 'a' is not a class's name" },
		{ "{\"container.vtpm-cuse.org/web\": \"a\"}",
		  "annotation container.vtpm-cuse.org/NAME: this engine does not say what the "
		  "container is called; use vtpm-cuse.org/class" },
	};
	struct class_requests all;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		assert_int_equal(requests_of(mistakes[i][0], NULL, &all, &err), -EINVAL);
		assert_string_equal(err.text, mistakes[i][1]);
	}
}

static void a_huge_annotation_and_a_thousand_classes_are_refused(void **state)
{
	size_t size = 10 << 20;
	cleanup_free char *text = malloc(size + 64);
	struct class_requests all;
	struct error err;
	int used;

	(void)state;
	used = sprintf(text, "{\"vtpm-cuse.org/class\": \"");
	memset(text + used, 'a', size);
	strcpy(text + used + size, "\"}");
	assert_int_equal(requests_of(text, NULL, &all, &err), -EINVAL);
	assert_string_equal(err.text,
			    "annotation vtpm-cuse.org/class is longer than 2048 characters");
	for (int i = 0; i < 1000; i++)
		used += sprintf(text + used, "%sx%d", i > 0 ? "," : "", i);
	strcpy(text + used, "\"}");
	assert_int_equal(requests_of(text, NULL, &all, &err), -EINVAL);
	strcpy(text, "{\"vtpm-cuse.org/class\": \"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\"}");
	assert_int_equal(requests_of(text, NULL, &all, &err), -EINVAL);
	assert_string_equal(err.text, "annotation vtpm-cuse.org/class: more than 16 classes are "
				      "asked for");
}

static void a_state_s_name_is_a_name(void **state)
{
	cleanup_json json_t *good = annotations_of("{\"vtpm-cuse.org/name\": \"db-1\"}");
	cleanup_json json_t *bad = annotations_of("{\"vtpm-cuse.org/name\": \"../db\"}");
	struct error err = { "" };
	const char *name = "x";

	(void)state;
	assert_int_equal(annotations_state_name(good, &name, &err), 0);
	assert_string_equal(name, "db-1");
	assert_int_equal(annotations_state_name(bad, &name, &err), -EINVAL);
	assert_int_equal(annotations_state_name(NULL, &name, &err), 0);
	assert_null(name);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_twice_is_one_request),
		cmocka_unit_test(a_request_that_is_none_is_refused_and_adds_nothing),
		cmocka_unit_test(sixteen_requests_are_taken_and_one_more_is_refused),
		cmocka_unit_test(names_are_taken_up_to_their_length),
		cmocka_unit_test(an_engine_is_believed_where_it_is_known_and_nobody_elsewhere),
		cmocka_unit_test(a_namespace_that_is_no_part_of_a_path_is_refused),
		cmocka_unit_test(the_container_s_own_annotation_counts_instead_of_the_pod_s),
		cmocka_unit_test(annotations_that_are_wrong_are_refused_in_a_line),
		cmocka_unit_test(a_huge_annotation_and_a_thousand_classes_are_refused),
		cmocka_unit_test(a_state_s_name_is_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
