/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/firmware.h"

#include <errno.h>
#include <string.h>

#include <openssl/rand.h>

#include "certs/exchange.h"
#include "certs/openssl.h"
#include "tpm/tcg.h"

/* TPM 1.2 Part 2, 4.5. */
#define PHYSICAL_PRESENCE_CMD_ENABLE 0x0020
#define PHYSICAL_PRESENCE_NOTPRESENT_LOCK 0x0014

static int set_random_platform_auth(const struct tpm_channel *channel, struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer;
	uint8_t password[32];
	int r;

	if (RAND_priv_bytes(password, sizeof(password)) != 1)
		return openssl_error(err, EIO, "give up the platform hierarchy");
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_HierarchyChangeAuth);
	tpm_put_u32(&command, TPM2_RH_PLATFORM);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, password, sizeof(password));
	r = tpm_exchange(channel, &command, "TPM2_HierarchyChangeAuth", &answer, err);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(&command, sizeof(command));
	return r;
}

static int physical_presence(const struct tpm_channel *channel, uint16_t what, struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer;

	tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_TSC_PhysicalPresence);
	tpm_put_u16(&command, what);
	return tpm_exchange(channel, &command, "TSC_PhysicalPresence", &answer, err);
}

int firmware_give_up_platform(const struct tpm_channel *channel, enum tpm_version version,
			      struct error *err)
{
	int r;

	if (version == TPM_VERSION_2)
		return set_random_platform_auth(channel, err);
	r = physical_presence(channel, PHYSICAL_PRESENCE_CMD_ENABLE, err);
	if (r == 0)
		r = physical_presence(channel, PHYSICAL_PRESENCE_NOTPRESENT_LOCK, err);
	return r;
}
