/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/cdi.h"
#include "runtime/config/class.h"
#include "runtime/config/class_dir.h"
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
		  "measureEnv resourceManager vtpmMajor vtpmMinor ..." },
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
		  "encryptionPassword, identity, runAs and vtpmVersion have no use" },
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

/* --- files --- */

static void write_class(const char *name, const char *text)
{
	scratch_write(name, text, strlen(text));
}

static int read_class(const char *dir, const char *name, struct error *err)
{
	struct vtpm_class class;
	int r = class_dir_read(dir, geteuid(), name, &class, err);

	if (r == 0)
		class_done(&class);
	return r;
}

static void classes_are_read_by_name(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char **names;
	size_t count;

	assert_int_equal(read_class(dir, "web", &err), -ENOENT);
	assert_string_equal(err.text, "there is no class 'web'; there are: none");
	write_class("web.json", "{" ROOT "}");
	write_class("Bad name.json", "");
	write_class("db.json", "{}");
	write_class("db.json.old", "{}");
	write_class(".hidden.json", "{}");
	assert_int_equal(read_class(dir, "web", &err), 0);
	assert_int_equal(read_class(dir, "db", &err), -EINVAL);
	assert_string_equal(err.text, "stateRoot is missing");
	assert_int_equal(read_class(dir, "x", &err), -ENOENT);
	assert_string_equal(err.text, "there is no class 'x'; there are: Bad name, db, web");
	assert_int_equal(read_class(dir, "../x", &err), -EINVAL);
	assert_int_equal(class_dir_names(dir, geteuid(), &names, &count, NULL), 0);
	assert_int_equal(count, 3);
	assert_string_equal(names[2], "web");
	class_dir_free_names(names, count);
}

static void a_class_that_others_could_have_written_is_refused(void **state)
{
	const char *dir = *state;
	char text[256];
	struct error err = { "" };

	write_class("web.json", "{" ROOT "}");
	assert_int_equal(chmod("web.json", 0620), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "%s: web.json can be written by others than root", dir);
	assert_string_equal(err.text, text);
	assert_int_equal(rename("web.json", "other"), 0);
	assert_int_equal(chmod("other", 0600), 0);
	assert_int_equal(symlink("other", "web.json"), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	assert_int_equal(unlink("web.json"), 0);
	assert_int_equal(mkfifo("web.json", 0600), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	assert_int_equal(unlink("web.json"), 0);
	write_class("web.json", "{" ROOT "}");
	assert_int_equal(read_class(dir, "web", &err), 0);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "%s can be written by others than root", dir);
	assert_string_equal(err.text, text);
	assert_int_equal(mkdir("sub", 0700), 0);
	(void)snprintf(text, sizeof(text), "%s/sub", dir);
	assert_int_equal(read_class(text, "web", &err), -EPERM);
	assert_int_equal(chmod(".", 0700), 0);
	assert_int_equal(read_class(text, "web", &err), -ENOENT);
}

static void somebody_else_s_class_is_refused(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char text[256];

	if (geteuid() != 0)
		skip();
	write_class("web.json", "{" ROOT "}");
	assert_int_equal(chown("web.json", 1, 1), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "%s: web.json is not root's", dir);
	assert_string_equal(err.text, text);
	assert_int_equal(chown("web.json", 0, 0), 0);
	assert_int_equal(chown(".", 1, 0), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	assert_int_equal(chown(".", 0, 0), 0);
}

static void a_class_with_a_password_is_root_s_to_read(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char text[256];

	write_class("web.json", "{" ROOT ", \"encryptionPassword\": \"pass=x\"}");
	assert_int_equal(chmod("web.json", 0640), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "others than root can read the password in %s/web.json",
		       dir);
	assert_string_equal(err.text, text);
	assert_int_equal(chmod("web.json", 0600), 0);
	assert_int_equal(read_class(dir, "web", &err), 0);
	write_class("web.json", "{" ROOT ", \"encryptionPassword\": \"file=/x\"}");
	assert_int_equal(chmod("web.json", 0644), 0);
	assert_int_equal(read_class(dir, "web", &err), 0);
}

/* --- CDI --- */

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

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_says_what_an_entry_says_and_who_may_have_it),
		cmocka_unit_test(a_class_is_for_runs_and_not_for_annotations_unless_it_says_so),
		cmocka_unit_test(each_mistake_in_a_class_has_its_sentence),
		cmocka_unit_test(a_class_is_for_those_whom_it_names),
		cmocka_unit_test(annotations_choose_kept_states_where_their_namespace_is_believed),
		cmocka_unit_test(an_entry_is_made_of_a_class),
		FILE_TEST(classes_are_read_by_name),
		FILE_TEST(a_class_that_others_could_have_written_is_refused),
		FILE_TEST(somebody_else_s_class_is_refused),
		FILE_TEST(a_class_with_a_password_is_root_s_to_read),
		cmocka_unit_test(classes_become_devices_with_hooks),
		cmocka_unit_test(cdi_has_names_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
