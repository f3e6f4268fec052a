/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>

#include "util/bytes.h"
#include "util/error.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-"
#define NAME_MOST 32

/* What a permanent state begins with: its version, a magic number, the least version to read it. */
#define STATE_MAGIC 0xab364723
#define STATE_HEADER_SIZE 8
/* The first with a profile, whose size (16 bits) and text come next. */
#define STATE_VERSION_PROFILE 4

#define LEVEL_UNKNOWN UINT32_MAX

void tpm_version_text(uint32_t version, char text[static 16])
{
	(void)snprintf(text, 16, "%u.%u.%u", version >> 16 & 0xff, version >> 8 & 0xff,
		       version & 0xff);
}

int tpm_profile_check(const char *profile, struct error *err)
{
	size_t len = strlen(profile);

	if (profile[0] == '{')
		return 0;
	if (len == 0 || len > NAME_MOST || strspn(profile, NAME_CHARACTERS) != len)
		return error_say(err, EINVAL, "'%.64s' is neither the name of a profile nor JSON",
				 profile);
	return 0;
}

#ifdef HAVE_TPMLIB_SETPROFILE
static int set(const char *profile, struct error *err)
{
	char object[NAME_MOST + sizeof("{\"Name\":\"\"}")];
	char version[16];

	(void)snprintf(object, sizeof(object), "{\"Name\":\"%s\"}", profile);
	if (TPMLIB_SetProfile(profile[0] == '{' ? profile : object) == TPM_SUCCESS)
		return 0;
	tpm_version_text(TPMLIB_GetVersion(), version);
	return error_say(err, EINVAL, "libtpms %s has no profile like '%.64s'", version, profile);
}
#else
static int set(const char *profile, struct error *err)
{
	char version[16];

	tpm_version_text(TPMLIB_GetVersion(), version);
	return error_say(err, ENOTSUP, "the profile '%.64s' needs libtpms 0.10, and this is %s",
			 profile, version);
}
#endif

int tpm_profile_set(const char *profile, struct error *err)
{
	int r;

	if (profile == NULL || strcmp(profile, "null") == 0)
		return 0; /* as it is; libtpms forgets another one with the TPM that it was for */
	r = tpm_profile_check(profile, err);
	return r == 0 ? set(profile, err) : r;
}

/* The state format level, which profiles have since there are any. */
static uint32_t level_of_profile(const uint8_t *json, size_t len)
{
	static const char name[] = "\"StateFormatLevel\":";
	const uint8_t *found = memmem(json, len, name, sizeof(name) - 1);
	const uint8_t *digit = found != NULL ? found + sizeof(name) - 1 : NULL;
	uint32_t level = 0;

	while (digit != NULL && digit < json + len && *digit >= '0' && *digit <= '9' &&
	       level < 1000)
		level = level * 10 + *digit++ - '0';
	return level != 0 ? level : LEVEL_UNKNOWN;
}

/* 1, what every libtpms reads, is also what is no such state at all. */
static uint32_t level_of_state(const uint8_t *data, size_t len)
{
	const uint8_t *text = data + STATE_HEADER_SIZE + 2;
	size_t size, room;

	if (len < STATE_HEADER_SIZE || get_be32(data + 2) != STATE_MAGIC ||
	    get_be16(data + 6) < STATE_VERSION_PROFILE)
		return 1;
	if (len < STATE_HEADER_SIZE + 2 || get_be16(data + 6) > STATE_VERSION_PROFILE)
		return LEVEL_UNKNOWN;
	size = get_be16(data + STATE_HEADER_SIZE);
	room = len - STATE_HEADER_SIZE - 2;
	return level_of_profile(text, size < room ? size : room);
}

/* Up to which level a libtpms reads; what is not known of one that is later than these is all. */
static uint32_t level_read_by(uint32_t version)
{
	static const struct {
		uint32_t before, most;
	} versions[] = { { 0x000a00, 1 }, { 0x000b00, 7 }, { 0x000c00, 8 } };

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (version < versions[i].before)
			return versions[i].most;
	}
	return LEVEL_UNKNOWN;
}

int tpm_profile_is_read_by(uint32_t version, const uint8_t *data, size_t len, struct error *err)
{
	uint32_t level = level_of_state(data, len), most = level_read_by(version);
	char text[16];

	if (level <= most)
		return 0;
	tpm_version_text(version, text);
	if (level == LEVEL_UNKNOWN)
		return error_say(err, ENOTSUP,
				 "a later libtpms made this state, which libtpms %s does not read",
				 text);
	return error_say(err, ENOTSUP,
			 "a later libtpms made this state: its format level is %u, and libtpms %s "
			 "reads up to %u",
			 level, text, most);
}
