/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/admin.h"
#include "runtime/config/class.h"
#include "runtime/config/members.h"
#include "runtime/config/entry.h"
#include "util/cleanup.h"
#include "util/error.h"

static int parse(const char *text, struct vtpm_class *class, struct error *err)
{
	return class_parse("web", text, strlen(text), class, err);
}

static void a_class_says_what_an_entry_says_and_who_may_have_it(void **state)
{
	struct vtpm_class class;

	(void)state;
	assert_int_equal(parse("{\"StateRoot\": \"/s\", \"life\": \"named\", \"max\": 2,"
			       "\"per\": \"namespace\", \"names\": true, \"pcrBanks\": \"sha256\","
			       "\"namespaces\": [\"prod-*\"], \"roots\": [\"/run/x\"],"
			       "\"annotations\": null, \"uid\": null}",
			       &class, NULL),
			 0);
	assert_string_equal(class.name, "web");
	assert_int_equal(class.life, LIFE_NAMED);
	assert_string_equal(class_life_name(class.life), "named");
	assert_string_equal(class.state_root, "/s");
	assert_int_equal(class.max, 2);
	assert_int_equal(class.max_states, 8);
	assert_true(class.per_namespace);
	assert_true(class.names);
	assert_false(class.annotations);
	assert_false(class_is_running_vtpm(&class));
	assert_int_equal(json_object_size(class.entry), 1);
	class_done(&class);
}

static void a_class_is_for_runs_and_not_for_annotations_unless_it_says_so(void **state)
{
	struct vtpm_class class;

	(void)state;
	assert_int_equal(parse("{\"stateRoot\": \"memory:\"}", &class, NULL), 0);
	assert_int_equal(class.life, LIFE_RUN);
	assert_int_equal(class.max, 0);
	assert_int_equal(class.max_states, 0);
	assert_false(class.annotations);
	class_done(&class);
}

#define ROOT "\"stateRoot\": \"/s\""
#define HARMLESS                                                                                  \
	"images can write annotations: with annotations, max must be given and life be \"run\", " \
	"or \"named\" with namespaces"
#define NOT_SAID " is not a class's to say"

static void each_mistake_in_a_class_has_its_sentence(void **state)
{
	static const char *const mistakes[][2] = {
		{ "[]", "not an object" },
		{ "{}", "stateRoot is missing" },
		{ "{\"stateRoot\": \"s\"}", "stateRoot is neither an absolute path nor memory:" },
		{ "{\"stateRoot\": \"memory:\", \"life\": \"named\"}",
		  "life \"named\" needs a stateRoot other than memory:" },
		{ "{\"stateRoot\": \"memory:\", \"life\": \"container\"}",
		  "life \"container\" needs a stateRoot other than memory:" },
		{ "{" ROOT ", \"life\": \"ever\"}",
		  "life is none of \"run\", \"container\" and \"named\"" },
		{ "{" ROOT ", \"max\": 0}", "max is not a number from 1 to 1048576" },
		{ "{" ROOT ", \"maxStates\": 1}", "maxStates has no use with life \"run\"" },
		{ "{" ROOT ", \"per\": \"pod\"}", "per can only be \"namespace\"" },
		{ "{" ROOT ", \"names\": true}", "names has a use with life \"named\" alone" },
		{ "{" ROOT ", \"namespaces\": []}",
		  "namespaces is not an array of 1 to 64 patterns" },
		{ "{" ROOT ", \"roots\": [\"\"]}",
		  "roots[0] is not a pattern of 1 to 255 characters" },
		{ "{" ROOT ", \"annotations\": true}", HARMLESS },
		{ "{" ROOT ", \"annotations\": true, \"life\": \"named\", \"max\": 1}", HARMLESS },
		{ "{" ROOT ", \"annotations\": true, \"life\": \"named\", \"namespaces\": [\"*\"]}",
		  HARMLESS },
		{ "{" ROOT ", \"annotations\": true, \"life\": \"container\", \"max\": 1, "
		  "\"namespaces\": [\"*\"]}",
		  HARMLESS },
		{ "{" ROOT ", \"annotations\": true, \"max\": 1, \"life\": \"container\"}",
		  HARMLESS },
		{ "{" ROOT ", \"vtpmname\": \"0\"}", "vtpmName" NOT_SAID },
		{ "{" ROOT ", \"statePath\": \"/x\"}", "statePath" NOT_SAID },
		{ "{" ROOT ", \"statePathIsManaged\": null}", "statePathIsManaged" NOT_SAID },
		{ "{" ROOT ", \"vtpmMajor\": 1}", "vtpmMajor" NOT_SAID },
		{ "{" ROOT ", \"vtpmMinor\": 1}", "vtpmMinor" NOT_SAID },
		{ "{" ROOT ", \"containerPath\": \"/dev/x\"}", "containerPath" NOT_SAID },
		{ "{" ROOT ", \"pcrBanks\": \"md5\"}",
		  "pcrBanks: 'md5' is not sha1, sha256, sha384 or sha512" },
		{ "{" ROOT ", \"colour\": \"red\"}",
		  "there is no member 'colour', but vtpmName statePath statePathIsManaged "
		  "vtpmVersion "
		  "createCerts runAs pcrBanks encryptionPassword caDir identity measure "
		  "measureFiles measureEnv eventLog hostQuote ..." },
		{ "{" ROOT ", \"life\": \"run\", \"Life\": \"run\"}", "life is given twice" },
		{ "{" ROOT ", \"hostPath\": \"/dev/tpm7\"}",
		  "hostPath is a vTPM that runs: stateRoot, life, names and maxStates have no "
		  "use" },
		{ "{\"hostPath\": \"/dev/tpm7\", \"life\": \"named\"}",
		  "hostPath is a vTPM that runs: stateRoot, life, names and maxStates have no "
		  "use" },
		{ "{\"hostPath\": \"/dev/tpm7\", \"caDir\": \"/ca\"}",
		  "hostPath is a vTPM that runs: resourceManager and caDir have no use" },
		{ "{\"hostPath\": \"/dev/tpm7\", \"createCerts\": true}",
		  "without statePath the vTPM exists already: createCerts, pcrBanks, "
		  "encryptionPassword, identity, runAs, vtpmVersion and resources have no use" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct error err = { "" };
		struct vtpm_class class;

		assert_int_equal(parse(mistakes[i][0], &class, &err), -EINVAL);
		assert_string_equal(err.text, mistakes[i][1]);
	}
}

static void admitted(const char *text, const struct class_asker *asker, const char *message)
{
	struct error err = { "" };
	struct vtpm_class class;

	assert_int_equal(parse(text, &class, NULL), 0);
	assert_int_equal(class_admits(&class, asker, &err), message[0] == '\0' ? 0 : -EACCES);
	assert_string_equal(err.text, message);
	class_done(&class);
}

static void a_class_is_for_those_whom_it_names(void **state)
{
	const struct class_asker docker = { .root = "/run/docker/runtime-runc/moby" };
	const struct class_asker by_annotation = { .root = "/r", .by_annotation = true };
	const struct class_asker pod = { .root = "/run/containerd/runc/k8s.io",
					 .name_space = "prod-1",
					 .state_name = "db" };

	(void)state;
	admitted("{" ROOT "}", &docker, "");
	admitted("{" ROOT "}", &by_annotation, "class web: annotations may not choose it");
	admitted("{" ROOT ", \"annotations\": true, \"max\": 1}", &by_annotation, "");
	admitted("{" ROOT ", \"namespaces\": [\"*\"]}", &docker,
		 "class web: it is for some namespaces, and the container's is not known");
	admitted("{" ROOT ", \"namespaces\": [\"test\", \"prod-?\"]}", &pod, "");
	admitted("{" ROOT ", \"namespaces\": [\"prod\"]}", &pod,
		 "class web: namespaces has not prod-1");
	admitted("{" ROOT ", \"roots\": [\"/run/docker/*/moby\"]}", &docker, "");
	admitted("{" ROOT ", \"roots\": [\"/run/docker/*\"]}", &docker,
		 "class web: roots has not the runtime's root /run/docker/runtime-runc/moby");
	admitted("{" ROOT ", \"life\": \"named\"}", &pod,
		 "class web: users may not name its states");
	admitted("{" ROOT ", \"life\": \"named\", \"names\": true}", &pod, "");
	admitted("{" ROOT "}", &pod, "");
}

static void annotations_choose_kept_states_where_their_namespace_is_believed(void **state)
{
	static const char class[] = "{" ROOT ", \"life\": \"named\", \"annotations\": true, "
				    "\"max\": 1, \"namespaces\": [\"prod\"]}";
	const struct class_asker pod = { .root = "/r",
					 .name_space = "prod",
					 .by_annotation = true };
	const struct class_asker podman = { .root = "/r", .by_annotation = true };

	(void)state;
	admitted(class, &pod, "");
	admitted(class, &podman,
		 "class web: it is for some namespaces, and the container's is not known");
}

static void entry_of(const char *text, const char *state_path, struct vtpm_entry *ret,
		     json_t **json)
{
	static const struct admin_config admin = { .resource_manager = true };
	struct vtpm_class class;
	struct error err = { "" };

	assert_int_equal(parse(text, &class, NULL), 0);
	*json = class_entry(&class, "7", state_path, 1000, 2000);
	assert_non_null(*json);
	assert_int_equal(vtpm_entry_parse(*json, &admin, ret, &err), 0);
	class_done(&class);
}

static void an_entry_is_made_of_a_class(void **state)
{
	struct vtpm_entry entry;
	json_t *json;

	(void)state;
	entry_of("{" ROOT "}", "/s/x", &entry, &json);
	assert_string_equal(entry.paths[0], "/dev/tpm7");
	assert_string_equal(entry.paths[1], "/dev/tpmrm7");
	assert_string_equal(entry.state_path, "/s/x");
	assert_false(entry.state_is_managed);
	assert_int_equal(entry.uid, 1000);
	assert_int_equal(entry.gid, 2000);
	json_decref(json);
	entry_of("{" ROOT ", \"life\": \"container\", \"UID\": 5, \"gid\": 0, \"fileMode\": 432}",
		 "/s/x", &entry, &json);
	assert_true(entry.state_is_managed);
	assert_int_equal(entry.uid, 5);
	assert_int_equal(entry.gid, 0);
	assert_int_equal(entry.file_mode, 0660);
	json_decref(json);
	entry_of("{\"hostPath\": \"/dev/tpm-host\", \"max\": 1}", NULL, &entry, &json);
	assert_null(entry.state_path);
	assert_string_equal(entry.host_path, "/dev/tpm-host");
	assert_string_equal(entry.paths[0], "/dev/tpm7");
	json_decref(json);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_says_what_an_entry_says_and_who_may_have_it),
		cmocka_unit_test(a_class_is_for_runs_and_not_for_annotations_unless_it_says_so),
		cmocka_unit_test(each_mistake_in_a_class_has_its_sentence),
		cmocka_unit_test(a_class_is_for_those_whom_it_names),
		cmocka_unit_test(annotations_choose_kept_states_where_their_namespace_is_believed),
		cmocka_unit_test(an_entry_is_made_of_a_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
