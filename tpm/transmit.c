/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/transmit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "tpm/tcg.h"
#include "util/bytes.h"

#define FIRST_DELAY_MS 20
#define LAST_DELAY_MS 1280

struct transmit {
	struct transmit_options options;
	uint8_t command[TPM_COMMAND_MAX]; /* as the TPM gets it */
};

int transmit_new(const struct transmit_options *options, struct transmit **ret)
{
	struct transmit *transmit = calloc(1, sizeof(*transmit));

	if (transmit == NULL)
		return -ENOMEM;
	transmit->options = *options;
	*ret = transmit;
	return 0;
}

void transmit_free(struct transmit *transmit)
{
	if (transmit == NULL)
		return;
	explicit_bzero(transmit, sizeof(*transmit));
	free(transmit);
}

static void sleep_ms(unsigned int ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000),
				 .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

/* Codes that mean "send it again". */
static bool wants_resending(enum tpm_version version, uint32_t command, uint32_t code)
{
	if (version != TPM_VERSION_2)
		return false;
	if (code == TPM2_RC_TESTING)
		return command != TPM2_CC_SelfTest;
	return code == TPM2_RC_RETRY || code == TPM2_RC_YIELDED;
}

void transmit_answer_failure(enum tpm_version version, const uint8_t **response, size_t *len)
{
	static const uint8_t failure_2[TPM_HEADER_SIZE] = { 0x80, 0x01, 0, 0,    0,
							    10,   0,    0, 0x01, 0x01 };
	static const uint8_t failure_12[TPM_HEADER_SIZE] = {
		0x00, 0xc4, 0, 0, 0, 10, 0, 0, 0, 0x09
	};

	*response = version == TPM_VERSION_2 ? failure_2 : failure_12;
	*len = TPM_HEADER_SIZE;
}

/* libtpms decrypts parameters in place: each try gets the command as it was. */
static void try_once(struct transmit *transmit, const uint8_t *command, size_t len,
		     const uint8_t **response, size_t *response_len)
{
	const struct tpm_executor *tpm = &transmit->options.tpm;

	memcpy(transmit->command, command, len);
	if (tpm->execute(tpm->context, transmit->command, len, response, response_len) < 0)
		transmit_answer_failure(transmit->options.version, response, response_len);
}

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	struct transmit *transmit = context;
	const struct transmit_options *options = &transmit->options;
	uint32_t code = len >= TPM_HEADER_SIZE ? get_be32(command + 6) : 0;

	if (len == 0)
		return -ENODATA;
	if (tpm_command_is_long(options->version, code))
		options->relieve(options->context);

	for (unsigned int delay = FIRST_DELAY_MS;; delay *= 2) {
		try_once(transmit, command, len, response, response_len);
		if (delay > LAST_DELAY_MS ||
		    !wants_resending(options->version, code, get_be32(*response + 6)))
			return 0;
		options->relieve(options->context);
		sleep_ms(delay);
	}
}

struct tpm_executor transmit_executor(struct transmit *transmit)
{
	return (struct tpm_executor){ .execute = execute, .context = transmit };
}
