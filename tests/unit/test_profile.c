/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <libtpms/tpm_library.h>

#include "tests/unit/memory_storage.h"
#include "tpm/profile.h"
#include "util/bytes.h"
#include "util/error.h"

#define V(major, minor, micro) ((uint32_t)((major) << 16 | (minor) << 8 | (micro)))

static struct memory_storage memory;
static struct tpm *tpm;

static int end(void **state)
{
	(void)state;
	tpm_stop(take_ptr(tpm));
	memory_storage_done(&memory);
	return 0;
}

static int start(const char *profile, struct error *err)
{
	struct tpm_storage storage = memory_storage(&memory);

	return tpm_start_with_profile(TPM_VERSION_2, profile, &storage, &tpm, err);
}

static int read_by(uint32_t version, struct error *err)
{
	const struct tpm_blobs *blobs = &memory.blobs;

	return tpm_profile_is_read_by(version, blobs->of[BLOB_PERMANENT].data,
				      blobs->of[BLOB_PERMANENT].len, err);
}

static void a_profile_is_a_name_or_json(void **state)
{
	static const char *const wrong[] = {
		"", "two words", "a\"b", "[]", "name=null", "abcdefghijklmnopqrstuvwxyz0123456"
	};
	struct error err;

	(void)state;
	assert_int_equal(tpm_profile_check("null", NULL), 0);
	assert_int_equal(tpm_profile_check("custom:site_1.2", NULL), 0);
	assert_int_equal(tpm_profile_check("abcdefghijklmnopqrstuvwxyz012345", NULL), 0);
	assert_int_equal(tpm_profile_check("{\"Name\":\"custom\"}", NULL), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(tpm_profile_check(wrong[i], NULL), -EINVAL);
	assert_int_equal(tpm_profile_check("a b", &err), -EINVAL);
	assert_string_equal(err.text, "'a b' is neither the name of a profile nor JSON");
}

static void a_new_tpm_has_a_state_that_libtpms_0_9_reads(void **state)
{
	static const char *const profiles[] = { NULL, "null" };

	(void)state;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		assert_int_equal(start(profiles[i], NULL), 0);
		assert_int_equal(read_by(V(0, 9, 0), NULL), 0);
		end(NULL);
	}
}

#ifdef HAVE_TPMLIB_SETPROFILE
static void a_new_tpm_has_the_profile_that_was_asked_for(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(start("{\"Name\":\"custom:site\",\"StateFormatLevel\":7}", NULL), 0);
	end(NULL);
	assert_int_equal(start("default-v1", NULL), 0);
	assert_int_equal(read_by(V(0, 10, 0), NULL), 0);
	assert_int_equal(read_by(V(0, 9, 7), &err), -ENOTSUP);
	assert_string_equal(err.text, "a later libtpms made this state: its format level is 7, and "
				      "libtpms 0.9.7 reads up to 1");
}

static void the_next_new_tpm_of_a_process_does_not_inherit_it(void **state)
{
	(void)state;
	assert_int_equal(start("default-v1", NULL), 0);
	end(NULL);
	assert_int_equal(start(NULL, NULL), 0);
	assert_int_equal(read_by(V(0, 9, 0), NULL), 0);
}

static void nor_has_it_one_that_libtpms_does_not_know(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(start("mine", &err), -EINVAL);
	assert_non_null(strstr(err.text, " has no profile like 'mine'"));
	assert_int_equal(memory.stores, 0);
}
#else
static void libtpms_0_9_has_no_other_profile(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(start("default-v1", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "the profile 'default-v1' needs libtpms 0.10, and this "
					 "is 0.9."));
	assert_int_equal(memory.stores, 0);
}
#endif

/* The state of another libtpms, as far as its first bytes tell. */
static size_t make_state(uint8_t *bytes, uint16_t version, const char *profile)
{
	size_t len = strlen(profile) + 1;

	put_be16(bytes, version);
	put_be32(bytes + 2, 0xab364723);
	put_be16(bytes + 6, version);
	put_be16(bytes + 8, (uint16_t)len);
	memcpy(bytes + 10, profile, len);
	return 10 + len;
}

static void a_state_says_which_libtpms_reads_it(void **state)
{
	uint8_t bytes[256];
	struct error err;
	size_t len;

	(void)state;
	len = make_state(bytes, 3, "");
	assert_int_equal(tpm_profile_is_read_by(V(0, 9, 0), bytes, len, NULL), 0);
	len = make_state(bytes, 4, "{\"Name\":\"custom\",\"StateFormatLevel\":2}");
	assert_int_equal(tpm_profile_is_read_by(V(0, 9, 7), bytes, len, NULL), -ENOTSUP);
	assert_int_equal(tpm_profile_is_read_by(V(0, 10, 0), bytes, len, NULL), 0);
	len = make_state(bytes, 4, "{\"StateFormatLevel\":8,\"Name\":\"default-v2\"}");
	assert_int_equal(tpm_profile_is_read_by(V(0, 10, 2), bytes, len, &err), -ENOTSUP);
	assert_string_equal(err.text, "a later libtpms made this state: its format level is 8, and "
				      "libtpms 0.10.2 reads up to 7");
	assert_int_equal(tpm_profile_is_read_by(V(0, 11, 0), bytes, len, NULL), 0);
	len = make_state(bytes, 5, "");
	assert_int_equal(tpm_profile_is_read_by(V(0, 11, 0), bytes, len, &err), -ENOTSUP);
	assert_string_equal(err.text,
			    "a later libtpms made this state, which libtpms 0.11.0 does not read");
	/* What comes later is not known: its own word stands. */
	assert_int_equal(tpm_profile_is_read_by(V(0, 12, 0), bytes, len, NULL), 0);
}

static void a_state_that_is_cut_off_is_read_to_its_end_and_no_further(void **state)
{
	uint8_t bytes[256];
	size_t len = make_state(bytes, 4, "{\"StateFormatLevel\":7");

	(void)state;
	for (size_t i = 0; i < len; i++) {
		uint8_t *copy = malloc(i > 0 ? i : 1);

		memcpy(copy, bytes, i);
		assert_int_equal(tpm_profile_is_read_by(V(0, 9, 0), copy, i, NULL),
				 i < 8 ? 0 : -ENOTSUP);
		free(copy);
	}
}

static void a_tpm_of_a_later_libtpms_is_refused_in_one_line(void **state)
{
	struct tpm_storage storage = memory_storage(&memory);
	struct error err;
	uint8_t *data;

	(void)state;
	if (TPMLIB_GetVersion() >= V(0, 12, 0))
		skip();
	assert_int_equal(start(NULL, NULL), 0);
	tpm_stop(take_ptr(tpm));
	data = memory.blobs.of[BLOB_PERMANENT].data;
	put_be16(data, 9);
	put_be16(data + 6, 9);
	memory.stores = 0;
	assert_int_equal(start(NULL, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "a later libtpms made this state, which libtpms "));
	assert_int_equal(tpm_validate(TPM_VERSION_2, &storage, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "a later libtpms made this state, which libtpms "));
	assert_int_equal(memory.stores, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_a_name_or_json),
		cmocka_unit_test_teardown(a_new_tpm_has_a_state_that_libtpms_0_9_reads, end),
#ifdef HAVE_TPMLIB_SETPROFILE
		cmocka_unit_test_teardown(a_new_tpm_has_the_profile_that_was_asked_for, end),
		cmocka_unit_test_teardown(the_next_new_tpm_of_a_process_does_not_inherit_it, end),
		cmocka_unit_test_teardown(nor_has_it_one_that_libtpms_does_not_know, end),
#else
		cmocka_unit_test_teardown(libtpms_0_9_has_no_other_profile, end),
#endif
		cmocka_unit_test(a_state_says_which_libtpms_reads_it),
		cmocka_unit_test(a_state_that_is_cut_off_is_read_to_its_end_and_no_further),
		cmocka_unit_test_teardown(a_tpm_of_a_later_libtpms_is_refused_in_one_line, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
