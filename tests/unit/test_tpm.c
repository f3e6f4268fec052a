/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/memory_storage.h"
#include "tpm/space/context.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/bytes.h"
#include "util/error.h"

static struct memory_storage memory;
static struct tpm *tpm;

/* The last store's buffer, and whether it was wiped. */
static struct {
	const uint8_t *data;
	size_t len;
	bool wiped;
} stored;

static void note_wipe(const void *bytes, size_t len)
{
	if (bytes == stored.data && len == stored.len)
		stored.wiped = true;
}

void __real_explicit_bzero(void *bytes, size_t len);
void __wrap_explicit_bzero(void *bytes, size_t len);
void __wrap_explicit_bzero(void *bytes, size_t len)
{
	note_wipe(bytes, len);
	__real_explicit_bzero(bytes, len);
}

/* What the other one is when it is fortified. */
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room);
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room)
{
	assert_true(len <= room);
	note_wipe(bytes, len);
	__real_explicit_bzero(bytes, len);
}

static int note_store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	stored.data = data;
	stored.len = len;
	stored.wiped = false;
	return memory_storage(context).store(context, blob, data, len);
}

static int start(enum tpm_version version)
{
	struct tpm_storage storage = memory_storage(&memory);

	return tpm_start(version, &storage, &tpm, NULL);
}

static int stop(void **state)
{
	(void)state;
	tpm_stop(take_ptr(tpm));
	memory_storage_done(&memory);
	return 0;
}

static uint32_t run(struct tpm_command *command, const uint8_t **response, size_t *len)
{
	assert_int_equal(tpm_command_end(command), 0);
	assert_int_equal(tpm_execute(tpm, command->bytes, command->len, response, len), 0);
	assert_in_range(*len, TPM_HEADER_SIZE, TPM_COMMAND_MAX);
	return get_be32(*response + 6);
}

static void a_new_tpm_2_starts_answers_and_shuts_down(void **state)
{
	struct tpm_command command;
	const uint8_t *response;
	size_t len;

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_true(memory.stores > 0);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetRandom);
	tpm_put_u16(&command, 8);
	assert_int_equal(run(&command, &response, &len), TPM2_RC_INITIALIZE);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	assert_int_equal(run(&command, &response, &len), 0);
	assert_int_equal(len, TPM_HEADER_SIZE + 2 + 8);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
}

static void a_tpm_that_nobody_started_up_needs_no_shutdown(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_shutdown(tpm, &err), 0);
	stop(NULL);
	assert_int_equal(start(TPM_VERSION_1_2), 0);
	assert_int_equal(tpm_shutdown(tpm, &err), 0);
}

/* TPM_PT_MAX_COMMAND_SIZE and TPM_PT_MAX_RESPONSE_SIZE. */
static void assert_sizes(uint32_t expected)
{
	const struct tpm_executor executor = tpm_executor_local(tpm);
	uint32_t value;

	assert_int_equal(context_read_property(&executor, 0x11e, &value), 0);
	assert_int_equal(value, expected);
	assert_int_equal(context_read_property(&executor, 0x11f, &value), 0);
	assert_int_equal(value, expected);
}

static void a_tpm_says_how_much_it_takes_at_once(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_set_buffer_size(tpm, 3968, &err), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	assert_sizes(3968);
	stop(NULL);
	/* The size is one of this process, and of the next TPM unless that says another one. */
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_set_buffer_size(tpm, 4097, &err), -EINVAL);
	assert_non_null(strstr(err.text, "4097 is not from "));
	assert_int_equal(tpm_set_buffer_size(tpm, 100, NULL), -EINVAL);
	assert_int_equal(tpm_set_buffer_size(tpm, 4096, NULL), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	assert_sizes(4096);
}

static void what_was_stored_is_wiped_before_libtpms_frees_it(void **state)
{
	struct tpm_storage storage = memory_storage(&memory);

	(void)state;
	storage.store = note_store;
	assert_int_equal(tpm_start(TPM_VERSION_2, &storage, &tpm, NULL), 0);
	assert_true(stored.wiped);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	memory.store_error = -EIO;
	assert_int_equal(tpm_shutdown(tpm, NULL), -EIO);
	assert_true(stored.wiped);
	memory.store_error = 0;
}

static void a_tpm_1_2_starts_answers_and_saves(void **state)
{
	struct tpm_command command;
	const uint8_t *response;
	size_t len;

	(void)state;
	assert_int_equal(start(TPM_VERSION_1_2), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_GetCapability);
	tpm_put_u32(&command, 5); /* TPM_CAP_PROPERTY */
	tpm_put_u32(&command, 4);
	tpm_put_u32(&command, 0x103); /* TPM_CAP_PROP_MANUFACTURER */
	assert_int_equal(run(&command, &response, &len), 0);
	assert_memory_equal(response + 14, "IBM", 4);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
	assert_non_null(memory.blobs.of[BLOB_SAVESTATE].data);
}

static uint32_t run_bytes(const uint8_t *bytes, size_t len)
{
	const uint8_t *response;
	size_t response_len;

	assert_int_equal(tpm_execute(tpm, bytes, len, &response, &response_len), 0);
	return get_be32(response + 6);
}

/* Goes on where it is, and nobody hears of it before it is stored. */
static void a_tpm_2_that_cannot_be_stored_is_stalled_until_it_is(void **state)
{
	static const uint8_t get_random[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 8 };
	/* TPM2_ClearControl(lockout, empty password, disable) */
	static const uint8_t clear_control[] = { 0x80, 0x02, 0, 0,    0, 28, 0, 0, 0x01, 0x27,
						 0x40, 0,    0, 0x0c, 0, 0,  0, 9, 0x40, 0,
						 0,    9,    0, 0,    0, 0,  0, 1 };
	size_t stores;

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	stores = memory.stores;
	memory.store_error = -ENOSPC;
	assert_int_equal(run_bytes(clear_control, sizeof(clear_control)), TPM2_RC_SUCCESS);
	assert_true(tpm_is_stalled(tpm));
	assert_int_equal(tpm_store_again(tpm, NULL), -ENOSPC);
	assert_true(tpm_is_stalled(tpm));
	assert_int_equal(tpm_shutdown(tpm, NULL), -EIO);
	memory.store_error = 0;
	assert_int_equal(tpm_store_again(tpm, NULL), 0);
	assert_false(tpm_is_stalled(tpm));
	assert_int_equal(memory.stores, stores + 1);
	assert_int_equal(run_bytes(get_random, sizeof(get_random)), TPM2_RC_SUCCESS);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
}

static void a_tpm_1_2_that_cannot_be_stored_is_stalled_until_it_is(void **state)
{
	static const uint8_t get_random[] = { 0, 0xc1, 0, 0, 0, 14, 0, 0, 0, 0x46, 0, 0, 0, 8 };
	/* TSC_PhysicalPresence(command enable), (present), TPM_PhysicalDisable */
	static const uint8_t enable[] = { 0, 0xc1, 0, 0, 0, 12, 0x40, 0, 0, 0x0a, 0, 0x20 };
	static const uint8_t present[] = { 0, 0xc1, 0, 0, 0, 12, 0x40, 0, 0, 0x0a, 0, 0x08 };
	static const uint8_t disable[] = { 0, 0xc1, 0, 0, 0, 10, 0, 0, 0, 0x70 };

	(void)state;
	assert_int_equal(start(TPM_VERSION_1_2), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	assert_int_equal(run_bytes(enable, sizeof(enable)), 0);
	assert_int_equal(run_bytes(present, sizeof(present)), 0);
	memory.store_error = -ENOSPC;
	assert_int_equal(run_bytes(disable, sizeof(disable)), 0);
	assert_true(tpm_is_stalled(tpm));
	memory.store_error = 0;
	assert_int_equal(tpm_store_again(tpm, NULL), 0);
	assert_false(tpm_is_stalled(tpm));
	assert_int_not_equal(run_bytes(get_random, sizeof(get_random)), 0x9);
}

static void an_unreadable_state_never_makes_a_new_tpm(void **state)
{
	static const int errors[] = { -EIO, -EACCES, -EBADMSG, -ENOMEM, -EKEYREJECTED };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		memory.load_error = errors[i];
		assert_int_equal(start(TPM_VERSION_2), -EIO);
		assert_null(tpm);
		assert_int_equal(memory.stores, 0);
	}
}

static void a_process_has_one_tpm(void **state)
{
	struct tpm_storage storage = memory_storage(&memory);
	struct tpm *second = NULL;

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_start(TPM_VERSION_2, &storage, &second, NULL), -EEXIST);
	assert_null(second);
}

static void rubbish_is_answered_not_followed(void **state)
{
	uint8_t rubbish[64];
	const uint8_t *response;
	size_t len;

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	memset(rubbish, 0xa5, sizeof(rubbish));
	for (size_t size = 0; size <= sizeof(rubbish); size++) {
		assert_int_equal(tpm_execute(tpm, rubbish, size, &response, &len), 0);
		assert_int_not_equal(get_be32(response + 6), 0);
	}
}

static void flush(uint32_t handle)
{
	struct tpm_command command;
	const uint8_t *response;
	size_t len;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	tpm_put_u32(&command, handle);
	assert_int_equal(run(&command, &response, &len), 0);
}

static void *cancel_until_told(void *flag)
{
	while (!__atomic_load_n((bool *)flag, __ATOMIC_ACQUIRE)) {
		(void)tpm_cancel(tpm);
		(void)usleep(200);
	}
	return NULL;
}

/* CreatePrimary(RSA 2048): the default template of an SRK but for a number, empty auth. */
static void begin_key(struct tpm_command *command, uint8_t number)
{
	const uint8_t template[] = { 0x00, 0x01, 0x00, 0x0b, 0x00, 0x03, 0x04, 0x72, 0x00,
				     0x00, 0x00, 0x06, 0x00, 0x80, 0x00, 0x43, 0x00, 0x10,
				     0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, number };

	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(command, TPM2_RH_OWNER);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, "\0\0\0\0", 4);
	tpm_put_sized(command, template, sizeof(template));
	tpm_put_u16(command, 0);
	tpm_put_u32(command, 0);
}

/* A key that is found before the other thread comes to run is not canceled: hence a few tries, each
 * at another key. */
static void a_running_command_is_canceled_from_another_thread(void **state)
{
	struct tpm_command command;
	const uint8_t *response;
	bool done = false;
	pthread_t thread;
	uint32_t code = 0;
	size_t len;

	(void)state;
	assert_int_equal(start(TPM_VERSION_2), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, cancel_until_told, &done), 0);
	for (uint8_t number = 1; code == 0 && number < 255; number++) {
		begin_key(&command, number);
		code = run(&command, &response, &len);
		if (code == 0)
			flush(get_be32(response + 10));
	}
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(code, TPM2_RC_CANCELED);
	assert_int_equal(run(&command, &response, &len), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_new_tpm_2_starts_answers_and_shuts_down, stop),
		cmocka_unit_test_teardown(a_tpm_that_nobody_started_up_needs_no_shutdown, stop),
		cmocka_unit_test_teardown(a_tpm_says_how_much_it_takes_at_once, stop),
		cmocka_unit_test_teardown(what_was_stored_is_wiped_before_libtpms_frees_it, stop),
		cmocka_unit_test_teardown(a_tpm_1_2_starts_answers_and_saves, stop),
		cmocka_unit_test_teardown(a_tpm_2_that_cannot_be_stored_is_stalled_until_it_is,
					  stop),
		cmocka_unit_test_teardown(a_tpm_1_2_that_cannot_be_stored_is_stalled_until_it_is,
					  stop),
		cmocka_unit_test_teardown(an_unreadable_state_never_makes_a_new_tpm, stop),
		cmocka_unit_test_teardown(a_process_has_one_tpm, stop),
		cmocka_unit_test_teardown(rubbish_is_answered_not_followed, stop),
		cmocka_unit_test_teardown(a_running_command_is_canceled_from_another_thread, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
