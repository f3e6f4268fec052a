/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-verify answer: opens a challenge and quotes, where the TPM is. */
#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"
#include "verify/answer/client.h"
#include "verify/answer/device.h"
#include "verify/answer/registers.h"
#include "verify/program/program.h"
#include "verify/quote/attest.h"

#define DEVICE "/dev/tpmrm0"
#define EK_HANDLE "0x81010001"
#define SELECTION "sha256:12,13"

struct config {
	struct verify_options common;
	const char *device, *ek_handle, *ak, *credential, *opened;
	const char *nonce, *select, *quote, *signature, *pcrs;
};

static const struct option_spec specs[] = {
	OPTION_STRING("device", 0, "FILE", "the TPM (default " DEVICE ")", struct config, device),
	OPTION_STRING("ek-handle", 0, "HANDLE", "the endorsement key (default " EK_HANDLE ")",
		      struct config, ek_handle),
	OPTION_STRING("ak", 0, "FILE", "the attestation key: a file of tpm2-tools, or a handle",
		      struct config, ak),
	OPTION_STRING("credential", 0, "FILE", "the challenge", struct config, credential),
	OPTION_STRING("opened", 0, "FILE", "write the challenge's secret", struct config, opened),
	OPTION_STRING("nonce", 0, "HEX", "quote with this nonce", struct config, nonce),
	OPTION_STRING("select", 0, "BANK:N,...", "the registers (default " SELECTION ")",
		      struct config, select),
	OPTION_STRING("quote", 0, "FILE", "write the quote", struct config, quote),
	OPTION_STRING("signature", 0, "FILE", "write its signature", struct config, signature),
	OPTION_STRING("pcrs", 0, "FILE", "write the registers' values", struct config, pcrs),
	OPTION_FLAG("help", 'h', "print this and exit", struct config, common.help),
	{ 0 },
};

/* The attestation key: where it is in the TPM, and whether it was loaded for us. */
struct loaded_key {
	uint32_t handle;
	bool is_ours;
};

static bool parse_handle(const char *text, uint32_t *ret)
{
	unsigned long handle;

	if (strncmp(text, "0x", 2) != 0 || number_parse(text + 2, 16, UINT32_MAX, &handle) < 0)
		return false;
	*ret = (uint32_t)handle;
	return true;
}

static int load_key(const struct tpm_executor *tpm, const char *name, struct loaded_key *ret,
		    struct error *err)
{
	cleanup_with(input_file_done) struct input_file file = { 0 };
	struct vtpm_verify_bytes bytes;
	struct saved_key saved;
	int r;

	ret->is_ours = false;
	if (name != NULL && parse_handle(name, &ret->handle))
		return 0;
	r = verify_read("ak", name, &file, &bytes, err);
	if (r == 0)
		r = saved_key_parse(bytes.data, bytes.len, &saved, err);
	if (r == 0)
		r = client_load(tpm, &saved, &ret->handle, err);
	ret->is_ours = r == 0;
	return r;
}

static int open_challenge(const struct config *config, const struct tpm_executor *tpm, uint32_t ak,
			  struct error *err)
{
	cleanup_with(input_file_done) struct input_file file = { 0 };
	const char *name = config->ek_handle != NULL ? config->ek_handle : EK_HANDLE;
	uint8_t secret[CREDENTIAL_SECRET];
	struct vtpm_verify_bytes bytes;
	struct credential credential;
	uint32_t ek;
	int r;

	if (!parse_handle(name, &ek))
		return error_say(err, EINVAL, "--ek-handle: '%s' is no handle such as " EK_HANDLE,
				 name);
	r = verify_read("credential", config->credential, &file, &bytes, err);
	if (r == 0)
		r = credential_parse(bytes.data, bytes.len, &credential, err);
	if (r == 0)
		r = client_activate(tpm, ek, ak, &credential, secret, err);
	if (r == 0)
		r = verify_write("opened", config->opened, secret, sizeof(secret), err);
	return r;
}

static int write_pcrs(const char *path, const struct pcr_values *values, struct error *err)
{
	uint8_t bytes[PCR_VALUES_MOST * BANK_DIGEST_MOST];
	size_t len = pcr_values_join(values, bytes);

	return verify_write("pcrs", path, bytes, len, err);
}

/* The registers of the quote in its order, which is the TPM's own. */
static int read_pcrs(const struct config *config, const struct tpm_executor *tpm,
		     const struct client_quote *quote, struct error *err)
{
	struct pcr_values values;
	struct attest attest;
	int r = attest_parse(quote->quote, quote->quote_len, &attest, err);

	if (r < 0)
		return r;
	pcr_values_begin(attest.selections, attest.selection_count, &values);
	r = client_read_pcrs(tpm, &values, err);
	return r == 0 ? write_pcrs(config->pcrs, &values, err) : r;
}

static int quote(const struct config *config, const struct tpm_executor *tpm, uint32_t ak,
		 struct error *err)
{
	const char *select = config->select != NULL ? config->select : SELECTION;
	struct pcr_selection selections[BANKS_MOST];
	struct vtpm_verify_bytes nonce = { NULL, 0 };
	uint8_t bytes[VERIFY_NONCE_MOST];
	struct client_quote ret;
	size_t count;
	int r;

	r = verify_read_nonce(config->nonce, bytes, &nonce, err);
	if (r == 0)
		r = pcr_selection_parse(select, selections, &count, err);
	if (r == 0)
		r = client_quote(tpm, ak, nonce.data, nonce.len, selections, count, &ret, err);
	if (r == 0)
		r = verify_write("quote", config->quote, ret.quote, ret.quote_len, err);
	if (r == 0)
		r = verify_write("signature", config->signature, ret.signature, ret.signature_len,
				 err);
	if (r == 0 && config->pcrs != NULL)
		r = read_pcrs(config, tpm, &ret, err);
	return r;
}

static int answer(const struct config *config, const struct tpm_executor *tpm, uint32_t ak,
		  struct error *err)
{
	int r = 0;

	if (config->credential != NULL)
		r = open_challenge(config, tpm, ak, err);
	if (r == 0 && config->nonce != NULL)
		r = quote(config, tpm, ak, err);
	return r;
}

static int run(const void *context, struct error *err)
{
	const struct config *config = context;
	const char *path = config->device != NULL ? config->device : DEVICE;
	cleanup_with(tpm_device_close) struct tpm_device device = { .fd = -1 };
	struct tpm_executor tpm = tpm_device_executor(&device);
	struct loaded_key ak;
	int r;

	if (config->credential == NULL && config->nonce == NULL)
		return error_say(err, EINVAL,
				 "there is nothing to do: neither --credential nor "
				 "--nonce is given");
	r = tpm_device_open(path, &device, err);
	if (r == 0)
		r = load_key(&tpm, config->ak, &ak, err);
	if (r < 0)
		return r;
	r = answer(config, &tpm, ak.handle, err);
	if (ak.is_ours) {
		int flushed = tpm_flush(&tpm, ak.handle, r == 0 ? err : NULL);

		r = r == 0 ? flushed : r;
	}
	return r;
}

const struct verify_command verify_answer = {
	.name = "answer",
	.about = "Opens a challenge and quotes, where the TPM is.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = run,
};
