/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/firmware.h"

#include <errno.h>
#include <string.h>

#include <openssl/rand.h>

#include "tpm/exchange.h"
#include "certs/x509/openssl.h"
#include "certs/factory/commands_12.h"
#include "tpm/tcg.h"

static int set_random_platform_auth(const struct tpm_executor *executor, struct error *err)
{
	struct tpm_command command;
	uint8_t password[32];
	int r;

	if (RAND_priv_bytes(password, sizeof(password)) != 1)
		return openssl_error(err, EIO, "give up the platform hierarchy");
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_HierarchyChangeAuth);
	tpm_put_u32(&command, TPM2_RH_PLATFORM);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, password, sizeof(password));
	r = tpm_exchange(executor, &command, "TPM2_HierarchyChangeAuth", NULL, err);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(&command, sizeof(command));
	return r;
}

int firmware_give_up_platform(const struct tpm_executor *executor, enum tpm_version version,
			      struct error *err)
{
	if (version == TPM_VERSION_2)
		return set_random_platform_auth(executor, err);
	return tpm12_end_presence(executor, err);
}

int firmware_leave_platform(const struct tpm_executor *executor, enum tpm_version version,
			    struct error *err)
{
	return version == TPM_VERSION_2 ? 0 : tpm12_allow_presence(executor, err);
}

int firmware_prepare(const struct tpm_executor *executor, enum tpm_version version, bool *restart,
		     struct error *err)
{
	struct tpm12_status status;
	int r;

	*restart = false;
	if (version == TPM_VERSION_2)
		return 0;
	r = tpm12_get_status(executor, &status, err);
	if (r < 0 || status.owned)
		return r;
	if (!status.active) {
		r = tpm12_activate(executor, err);
		*restart = r == 0;
		return r;
	}
	return status.has_ek ? 0 : tpm12_make_ek(executor, NULL, err);
}
