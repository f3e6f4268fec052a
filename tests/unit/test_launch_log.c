/* SPDX-License-Identifier: BSD-3-Clause */
/* The log of a launch leads to what a TPM's registers are, and holds nothing else. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cuse/server/launch_log.h"
#include "tests/unit/memory_storage.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/error.h"
#include "verify/log/log.h"

struct machine {
	struct memory_storage memory;
	struct tpm_storage storage;
	struct tpm *tpm;
	struct tpm_executor executor;
	struct cel_list list;
};

static int set_up(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	if (machine == NULL)
		return -1;
	machine->storage = memory_storage(&machine->memory);
	if (tpm_start(TPM_VERSION_2, &machine->storage, &machine->tpm, NULL) < 0 ||
	    tpm_startup(machine->tpm, NULL) < 0)
		return -1;
	machine->executor = tpm_executor_local(machine->tpm);
	*state = machine;
	return 0;
}

static int tear_down(void **state)
{
	struct machine *machine = *state;

	tpm_stop(machine->tpm);
	memory_storage_done(&machine->memory);
	cel_list_done(&machine->list);
	free(machine);
	return 0;
}

static void add(struct machine *machine, uint8_t pcr, uint8_t content, uint8_t type,
		const char *text)
{
	const struct cel_event event = { pcr, content, type, (const uint8_t *)text, strlen(text) };

	assert_int_equal(cel_list_add(&machine->list, &event), 0);
}

static void read_register(const struct machine *machine, const struct bank *bank, uint8_t pcr,
			  uint8_t *value)
{
	const uint8_t *digest;
	uint8_t select[3] = { 0 };
	struct tpm_command command;
	struct tpm_answer answer;
	size_t len;

	select[pcr / 8] = (uint8_t)(1U << (pcr % 8));
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_PCR_Read);
	tpm_put_u32(&command, 1);
	tpm_put_u16(&command, bank->alg);
	tpm_put_u8(&command, 3);
	tpm_put_bytes(&command, select, 3);
	assert_int_equal(tpm_exchange(&machine->executor, &command, "read", &answer, NULL), 0);
	(void)tpm_get_bytes(&answer.body, 4 + 4 + 2 + 1 + 3 + 4);
	digest = tpm_get_sized(&answer.body, &len);
	assert_non_null(digest);
	assert_int_equal(len, bank->size);
	memcpy(value, digest, len);
}

/* Makes the log, and compares what it leads to with the TPM, in each of its banks. */
static struct cel_log *make(const struct machine *machine, const struct measured *measured,
			    const char *origin, uint8_t **bytes)
{
	const struct launch_facts facts = { .measured = measured,
					    .list = machine->list.bytes,
					    .list_len = machine->list.len,
					    .library = "libtpms 0.0.0",
					    .origin = origin };
	struct cel_log *log;
	struct error err = { "" };
	size_t len;

	if (launch_log_make(&facts, &machine->executor, bytes, &len, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(cel_log_parse(*bytes, len, &log, NULL), 0);
	assert_int_equal(cel_log_check(log, NULL), 0);
	assert_true(log->count > 0 && log->records[0].digest_count > 0);
	for (size_t i = 0; i < log->records[0].digest_count; i++) {
		const struct bank *bank = log->records[0].digests[i].bank;

		for (uint8_t pcr = 11; pcr <= 14; pcr++) {
			uint8_t told[BANK_DIGEST_MOST], is[BANK_DIGEST_MOST];

			read_register(machine, bank, pcr, is);
			assert_int_equal(cel_log_replay(log, bank, pcr, told, NULL), 0);
			assert_memory_equal(told, is, bank->size);
		}
	}
	return log;
}

static void assert_event(const struct cel_log *log, size_t i, uint8_t pcr, const char *name,
			 const char *text)
{
	const struct cel_event *event = &log->records[i].event;

	assert_true(i < log->count);
	assert_int_equal(event->pcr, pcr);
	assert_string_equal(cel_event_name(event->content, event->type), name);
	assert_int_equal(event->len, strlen(text));
	assert_memory_equal(event->data, text, event->len);
}

static void a_launch_leads_to_the_registers_in_every_bank(void **state)
{
	static const struct measured launch = { .kind = MEASURED_LAUNCH };
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_free uint8_t *bytes = NULL;
	struct machine *machine = *state;

	add(machine, 12, CEL_VTPM, CEL_ORIGIN, "kept");
	add(machine, 12, CEL_VTPM, CEL_ENGINE, "podman");
	add(machine, 13, CEL_CONTAINER, CEL_ARGUMENT, "sh");
	log = make(machine, &launch, NULL, &bytes);
	assert_int_equal(log->records[0].digest_count, 4);
	assert_int_equal(log->count, 7);
	assert_event(log, 0, 12, "product", PACKAGE_STRING);
	assert_event(log, 1, 12, "library", "libtpms 0.0.0");
	assert_event(log, 2, 12, "origin", "kept");
	assert_event(log, 3, 12, "engine", "podman");
	assert_event(log, 4, 13, "argument", "sh");
	assert_event(log, 5, 12, "separator", "");
	assert_event(log, 6, 13, "separator", "");
}

static void what_the_server_knows_better_is_not_taken_from_the_list(void **state)
{
	static const struct measured launch = { .kind = MEASURED_LAUNCH };
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_free uint8_t *bytes = NULL;
	struct machine *machine = *state;

	add(machine, 12, CEL_VTPM, CEL_PRODUCT, "another one");
	add(machine, 12, CEL_VTPM, CEL_ORIGIN, "kept");
	log = make(machine, &launch, "recovered", &bytes);
	assert_int_equal(log->count, 5);
	assert_event(log, 0, 12, "product", PACKAGE_STRING);
	assert_event(log, 2, 12, "origin", "recovered");
	assert_event(log, 3, 12, "separator", "");
}

static void without_a_launch_both_registers_say_so(void **state)
{
	static const struct measured relaunch = { .kind = MEASURED_RELAUNCH, .count = 3 };
	static const struct measured attached = { .kind = MEASURED_ATTACHED };
	static const char text[] = "{\"count\":3,\"reason\":\"restart\"}";
	cleanup_free uint8_t *bytes = NULL, *more = NULL;
	struct machine *machine = *state;
	struct cel_log *log = make(machine, &relaunch, NULL, &bytes);

	assert_int_equal(log->count, 4);
	assert_event(log, 0, 12, "relaunch", text);
	assert_event(log, 1, 13, "relaunch", text);
	assert_event(log, 2, 12, "separator", "");
	assert_event(log, 3, 13, "separator", "");
	cel_log_free(log);
	tpm_stop(machine->tpm);
	assert_int_equal(tpm_start(TPM_VERSION_2, &machine->storage, &machine->tpm, NULL), 0);
	assert_int_equal(tpm_startup(machine->tpm, NULL), 0);
	machine->executor = tpm_executor_local(machine->tpm);
	log = make(machine, &attached, NULL, &more);
	assert_int_equal(log->count, 4);
	assert_event(log, 0, 12, "attached", "");
	assert_event(log, 1, 13, "attached", "");
	cel_log_free(log);
}

static void assert_refused(const struct machine *machine, const char *sentence)
{
	static const struct measured launch = { .kind = MEASURED_LAUNCH };
	const struct launch_facts facts = { .measured = &launch,
					    .list = machine->list.bytes,
					    .list_len = machine->list.len,
					    .library = "" };
	static const uint8_t zeros[32];
	uint8_t value[BANK_DIGEST_MOST], *log;
	struct error err;
	size_t len;

	assert_int_equal(launch_log_make(&facts, &machine->executor, &log, &len, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
	read_register(machine, bank_find(0x0b), 12, value);
	assert_memory_equal(value, zeros, 32);
}

static void what_is_not_of_a_launch_is_refused_before_anything_is_extended(void **state)
{
	struct machine *machine = *state;

	add(machine, 12, CEL_VTPM, CEL_ENGINE, "podman");
	add(machine, 13, CEL_CONTAINER, CEL_SEPARATOR, "");
	assert_refused(machine, "event 80.8 is not of a launch, or not of register 13");
	machine->list.len = 0;
	add(machine, 13, CEL_VTPM, CEL_ENGINE, "podman");
	assert_refused(machine, "event 86.7 is not of a launch, or not of register 13");
	machine->list.len--;
	assert_refused(machine, "the events of the launch are not whole");
}

struct failing {
	struct tpm_executor real;
	int left; /* calls until one fails */
};

static int fail_later(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		      size_t *response_len)
{
	struct failing *failing = context;

	if (failing->left-- == 0)
		return -EIO;
	return failing->real.execute(failing->real.context, command, len, response, response_len);
}

static void a_tpm_that_fails_on_the_way_fails_the_launch(void **state)
{
	static const struct measured launch = { .kind = MEASURED_LAUNCH };
	struct machine *machine = *state;
	struct failing failing = { .real = machine->executor };
	const struct tpm_executor executor = { fail_later, &failing };
	const struct launch_facts facts = { .measured = &launch, .library = "" };

	/* The banks, two events and two separators. */
	for (int i = 0; i < 5; i++) {
		uint8_t *log = NULL;
		size_t len;

		failing.left = i;
		assert_int_equal(launch_log_make(&facts, &executor, &log, &len, NULL), -EIO);
		assert_null(log);
	}
}

static void what_is_measured_is_said_in_three_ways(void **state)
{
	static const char *const bad[] = { "",       "fd=",      "fd=-1",    "fd=1x",
					   "attach", "relaunch", "relaunch=" };
	struct measured measured;
	struct error err;

	(void)state;
	assert_int_equal(measured_parse("fd=7", &measured, NULL), 0);
	assert_int_equal(measured.kind, MEASURED_LAUNCH);
	assert_int_equal(measured.fd, 7);
	assert_int_equal(measured.host_fd, -1);
	assert_int_equal(measured_parse("fd=7,host=8", &measured, NULL), 0);
	assert_int_equal(measured.fd, 7);
	assert_int_equal(measured.host_fd, 8);
	assert_int_equal(measured_parse("relaunch=2", &measured, NULL), 0);
	assert_int_equal(measured.kind, MEASURED_RELAUNCH);
	assert_int_equal(measured.count, 2);
	assert_int_equal(measured_parse("attached", &measured, NULL), 0);
	assert_int_equal(measured.kind, MEASURED_ATTACHED);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(measured_parse(bad[i], &measured, NULL), -EINVAL);
	assert_int_equal(measured_parse("never", &measured, &err), -EINVAL);
	assert_string_equal(err.text, "'never' is not fd=N, attached or relaunch=N");
}

#define WITH_TPM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TPM(a_launch_leads_to_the_registers_in_every_bank),
		WITH_TPM(what_the_server_knows_better_is_not_taken_from_the_list),
		WITH_TPM(without_a_launch_both_registers_say_so),
		WITH_TPM(what_is_not_of_a_launch_is_refused_before_anything_is_extended),
		WITH_TPM(a_tpm_that_fails_on_the_way_fails_the_launch),
		cmocka_unit_test(what_is_measured_is_said_in_three_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
