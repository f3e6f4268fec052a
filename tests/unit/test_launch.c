/* SPDX-License-Identifier: BSD-3-Clause */
/* verify/policy/launch.c: what only a launcher can have written, and what is not believed. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "verify/policy/launch.h"

/* A log in the making. */
struct log {
	size_t count;
	struct cel_record records[16];
};

static void add(struct log *log, uint8_t pcr, uint8_t content, uint8_t type, const char *text)
{
	log->records[log->count] = (struct cel_record){
		.number = log->count,
		.event = { pcr, content, type, (const uint8_t *)text, strlen(text) },
	};
	log->count++;
}

static void separate(struct log *log)
{
	add(log, 12, CEL_CONTAINER, CEL_SEPARATOR, "");
	add(log, 13, CEL_CONTAINER, CEL_SEPARATOR, "");
}

static struct log launch(void)
{
	struct log log = { .count = 0 };

	add(&log, 12, CEL_VTPM, CEL_CLASS, "default");
	add(&log, 13, CEL_CONTAINER, CEL_ARGUMENT, "/bin/sh");
	return log;
}

static int read_launch(const struct log *log, json_t **ret, struct error *err)
{
	cleanup_free struct cel_log *copy =
		malloc(sizeof(*copy) + log->count * sizeof(log->records[0]));

	copy->count = log->count;
	memcpy(copy->records, log->records, log->count * sizeof(log->records[0]));
	return launch_read(copy, ret, err);
}

static void refused(const struct log *log, const char *reason)
{
	struct error err = { "" };
	json_t *ret = NULL;

	assert_int_equal(read_launch(log, &ret, &err), -EPERM);
	assert_string_equal(err.text, reason);
	assert_null(ret);
}

static void a_launch_is_told_by_the_names_of_its_events(void **state)
{
	cleanup_with(json_decrefp) json_t *ret = NULL, *wanted = NULL;
	struct log log = launch();
	static const char file[] = "0123456789abcdef0123456789abcdef/etc/x";

	(void)state;
	add(&log, 13, CEL_CONTAINER, CEL_ARGUMENT, "-c");
	add(&log, 13, CEL_VTPM, CEL_MOUNT, "{\"destination\":\"/proc\"}");
	add(&log, 13, CEL_VTPM, CEL_FILE, file);
	add(&log, 12, CEL_VTPM, CEL_HOST, "01234567890123456789012345678901");
	separate(&log);
	assert_int_equal(read_launch(&log, &ret, NULL), 0);
	wanted = json_loads(
		"{\"class\": \"default\", \"argument\": [\"/bin/sh\", \"-c\"],"
		" \"mount\": [{\"destination\": \"/proc\"}], \"file\": [{\"path\": \"/etc/x\","
		" \"digest\": \"30313233343536373839616263646566"
		"30313233343536373839616263646566\"}],"
		" \"host\": \"3031323334353637383930313233343536373839303132333435363738393031\"}",
		0, NULL);
	assert_non_null(wanted);
	assert_true(json_equal(ret, wanted));
}

static void a_relaunch_and_an_attachment_are_told(void **state)
{
	static const struct {
		uint8_t type;
		const char *text, *name;
	} cases[] = {
		{ CEL_RELAUNCH, "{\"count\":1,\"reason\":\"died\"}", "relaunch" },
		{ CEL_ATTACHED, "", "attached" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cleanup_with(json_decrefp) json_t *ret = NULL;
		struct log log = { .count = 0 };

		add(&log, 12, CEL_VTPM, cases[i].type, cases[i].text);
		add(&log, 13, CEL_VTPM, cases[i].type, cases[i].text);
		separate(&log);
		assert_int_equal(read_launch(&log, &ret, NULL), 0);
		assert_non_null(json_object_get(ret, cases[i].name));
	}
}

static void what_comes_after_a_separator_came_from_inside(void **state)
{
	struct log log = launch();

	(void)state;
	separate(&log);
	add(&log, 13, CEL_CONTAINER, CEL_IMAGE_DIGEST, "sha256:aa");
	refused(&log, "record 4 of the event log, image-digest: it comes after the launch, and so "
		      "from inside");
	log.count--;
	add(&log, 13, CEL_CONTAINER, CEL_SEPARATOR, "");
	refused(&log, "record 4 of the event log, separator: it comes after the launch, and so "
		      "from inside");
}

static void a_launch_ends_in_both_registers(void **state)
{
	struct log log = launch();

	(void)state;
	refused(&log, "the event log has no separator in register 12: the launch has not ended");
	add(&log, 12, CEL_CONTAINER, CEL_SEPARATOR, "");
	refused(&log, "the event log has no separator in register 13: the launch has not ended");
	log.count = 0;
	separate(&log);
	refused(&log, "the event log says nothing of a launch");
	log.count = 0;
	refused(&log, "the event log has no separator in register 12: the launch has not ended");
}

static void events_belong_in_their_register(void **state)
{
	static const struct {
		uint8_t pcr, content, type;
		const char *reason;
	} cases[] = {
		{ 13, CEL_VTPM, CEL_ENGINE,
		  "record 2 of the event log, engine: it does not belong in this register" },
		{ 12, CEL_CONTAINER, CEL_ARGUMENT,
		  "record 2 of the event log, argument: it does not belong in this register" },
		{ 12, CEL_VTPM, CEL_ENVIRONMENT_NAME,
		  "record 2 of the event log, environment-name: it does not belong in this "
		  "register" },
		{ 11, CEL_VTPM, CEL_ENGINE,
		  "record 2 of the event log, engine: no launch is measured into its register" },
		{ 12, CEL_VTPM, 99,
		  "record 2 of the event log, unknown: no launcher knows such an event" },
		{ 12, CEL_VTPM, CEL_CLASS,
		  "record 2 of the event log, class: there is another one before it" },
		{ 12, CEL_VTPM, CEL_HOST,
		  "record 2 of the event log, host: its data are malformed" },
		{ 13, CEL_VTPM, CEL_MOUNT,
		  "record 2 of the event log, mount: its data are malformed" },
		{ 13, CEL_CONTAINER, CEL_SEPARATOR,
		  "record 2 of the event log, separator: it is not empty" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct log log = launch();

		add(&log, cases[i].pcr, cases[i].content, cases[i].type, "x");
		separate(&log);
		refused(&log, cases[i].reason);
	}
}

static void a_relaunch_is_alone_and_in_both(void **state)
{
	static const char reason[] =
		"the event log has a relaunch or an attachment that is not alone";
	struct log log = launch();

	(void)state;
	add(&log, 12, CEL_VTPM, CEL_ATTACHED, "");
	add(&log, 13, CEL_VTPM, CEL_ATTACHED, "");
	separate(&log);
	refused(&log, reason);
	log.count = 0;
	add(&log, 12, CEL_VTPM, CEL_ATTACHED, "");
	separate(&log);
	refused(&log, reason);
	log.count = 0;
	add(&log, 12, CEL_VTPM, CEL_ATTACHED, "");
	add(&log, 13, CEL_VTPM, CEL_RELAUNCH, "{}");
	separate(&log);
	refused(&log, reason);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_launch_is_told_by_the_names_of_its_events),
		cmocka_unit_test(a_relaunch_and_an_attachment_are_told),
		cmocka_unit_test(what_comes_after_a_separator_came_from_inside),
		cmocka_unit_test(a_launch_ends_in_both_registers),
		cmocka_unit_test(events_belong_in_their_register),
		cmocka_unit_test(a_relaunch_is_alone_and_in_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
