/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "tests/unit/verify_fixture.h"

#include <string.h>
#include <time.h>

#include <openssl/pem.h>

#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/cleanup.h"

#define SHA256 0x000b

static char *to_pem(const STACK_OF(X509) * chain, int from)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new(BIO_s_mem());
	char *text, *copy;
	long len;

	for (int i = from; i < sk_X509_num(chain); i++)
		assert_int_equal(PEM_write_bio_X509(bio, sk_X509_value(chain, i)), 1);
	len = BIO_get_mem_data(bio, &text);
	copy = strndup(text, (size_t)len);
	assert_non_null(copy);
	return copy;
}

static void read_chain(struct verified *verified)
{
	cleanup_with(ca_closep) struct ca *ca = NULL;

	assert_int_equal(ca_open(&verified->factory->options.ca, &ca, NULL), 0);
	verified->intermediates = to_pem(ca_chain(ca), 0);
	verified->roots = to_pem(ca_chain(ca), sk_X509_num(ca_chain(ca)) - 1);
}

static void read_certificate(struct verified *verified)
{
	const struct manufacture_result *result = &verified->factory->result;

	for (size_t i = 0; i < result->certificates_count; i++) {
		if (result->certificates[i].kind != CERTIFICATE_EK)
			continue;
		assert_int_equal(x509_to_der(result->certificates[i].certificate,
					     &verified->certificate, &verified->certificate_len,
					     NULL),
				 0);
	}
	assert_non_null(verified->certificate);
}

static void do_nothing(void *context)
{
	(void)context;
}

static void plug_in(struct verified *verified)
{
	struct transmit_options options = {
		.tpm = verified->factory->executor,
		.version = TPM_VERSION_2,
		.relieve = do_nothing,
	};

	transmit_free(verified->transmit);
	assert_int_equal(transmit_new(&options, &verified->transmit), 0);
	verified->tpm = transmit_executor(verified->transmit);
}

void verified_reset(struct verified *verified)
{
	fixture_stop(verified->factory);
	fixture_start(verified->factory, TPM_VERSION_2);
	plug_in(verified);
}

void verified_begin(struct verified *ret, struct fixture *factory, enum key_type type)
{
	memset(ret, 0, sizeof(*ret));
	ret->factory = factory;
	ret->ek = key_type_info(type)->ek_handle;
	factory->options.eks[0] = type;
	factory->options.eks[1] = KEY_NONE;
	factory->options.srk = KEY_NONE;
	factory->options.ek_certificates = true;
	fixture_manufacture(factory);
	plug_in(ret);
	read_certificate(ret);
	read_chain(ret);
}

void verified_done(struct verified *verified)
{
	transmit_free(verified->transmit);
	openssl_freep(&verified->certificate);
	free(verified->roots);
	free(verified->intermediates);
}

static void put_template(struct tpm_command *out, uint16_t scheme, uint32_t attributes)
{
	const bool is_ecc = scheme == TPM2_ALG_ECDSA;

	tpm_command_begin(out, 0, 0);
	out->len = 0;
	tpm_put_u16(out, is_ecc ? TPM2_ALG_ECC : TPM2_ALG_RSA);
	tpm_put_u16(out, SHA256);
	tpm_put_u32(out, attributes);
	tpm_put_u16(out, 0);
	tpm_put_u16(out, TPM2_ALG_NULL);
	tpm_put_u16(out, scheme);
	tpm_put_u16(out, SHA256);
	if (is_ecc) {
		tpm_put_u16(out, TPM2_ECC_NIST_P256);
		tpm_put_u16(out, TPM2_ALG_NULL);
	} else {
		tpm_put_u16(out, 2048);
		tpm_put_u32(out, 0);
	}
	tpm_put_u32(out, 0); /* unique: a modulus, or two coordinates, of which one has no bytes */
	out->len -= is_ecc ? 0 : 2;
}

void verified_make_ak(struct verified *verified, uint16_t scheme, uint32_t attributes)
{
	struct tpm_command command, template;
	struct tpm_answer answer;
	const uint8_t *area;

	put_template(&template, scheme, attributes);
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, TPM2_RH_ENDORSEMENT);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "\0\0\0\0", 4);
	tpm_put_sized(&command, template.bytes, template.len);
	tpm_put_u16(&command, 0);
	tpm_put_u32(&command, 0);
	assert_int_equal(tpm_exchange(&verified->tpm, &command, "test", &answer, NULL), 0);
	verified->ak = tpm_get_u32(&answer.body);
	(void)tpm_get_u32(&answer.body);
	area = tpm_get_sized(&answer.body, &verified->ak_public_len);
	assert_non_null(area);
	assert_true(verified->ak_public_len <= sizeof(verified->ak_public));
	memcpy(verified->ak_public, area, verified->ak_public_len);
}

static void append(struct verified *verified, struct cel_record *record)
{
	const struct bank *const banks[] = { bank_find(SHA256) };

	record->number = verified->records++;
	assert_int_equal(cel_record_hash(record, banks, 1, NULL), 0);
	assert_true(verified->log_len + cel_record_size(record) <= sizeof(verified->log));
	cel_record_write(record, verified->log + verified->log_len);
	verified->log_len += cel_record_size(record);
}

static struct cel_record record_of(uint8_t pcr, uint8_t content, uint8_t type, const char *text)
{
	return (struct cel_record){
		.event = { pcr, content, type, (const uint8_t *)text, strlen(text) },
	};
}

static void measure(struct verified *verified, struct cel_record *record)
{
	struct tpm_command command;
	struct tpm_answer answer;

	append(verified, record);
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_PCR_Extend);
	tpm_put_u32(&command, record->event.pcr);
	tpm_put_empty_auth(&command);
	tpm_put_u32(&command, 1);
	tpm_put_u16(&command, SHA256);
	tpm_put_bytes(&command, record->digests[0].bytes, 32);
	assert_int_equal(tpm_exchange(&verified->tpm, &command, "test", &answer, NULL), 0);
}

void verified_measure_event(struct verified *verified, const struct cel_event *event)
{
	struct cel_record record = { .event = *event };

	measure(verified, &record);
}

void verified_log(struct verified *verified, uint8_t pcr, uint8_t content, uint8_t type,
		  const char *text)
{
	struct cel_record record = record_of(pcr, content, type, text);

	append(verified, &record);
}

void verified_measure(struct verified *verified, uint8_t pcr, uint8_t content, uint8_t type,
		      const char *text)
{
	struct cel_record record = record_of(pcr, content, type, text);

	measure(verified, &record);
}

void verified_launch(struct verified *verified)
{
	verified_measure(verified, 12, CEL_VTPM, CEL_CLASS, "default");
	verified_measure(verified, 12, CEL_VTPM, CEL_ORIGIN, "new");
	verified_measure(verified, 13, CEL_CONTAINER, CEL_IMAGE_DIGEST, "sha256:aa");
	verified_measure(verified, 13, CEL_CONTAINER, CEL_ARGUMENT, "/bin/sh");
	verified_measure(verified, 13, CEL_CONTAINER, CEL_ARGUMENT, "-c");
	verified_measure(verified, 13, CEL_CONTAINER, CEL_ARGUMENT, "true");
	verified_measure(verified, 12, CEL_CONTAINER, CEL_SEPARATOR, "");
	verified_measure(verified, 13, CEL_CONTAINER, CEL_SEPARATOR, "");
}

static void challenge(struct verified *verified)
{
	struct vtpm_verify_input all = verified_input(verified);
	struct vtpm_verify_challenge_input input = {
		.roots = all.roots,
		.intermediates = all.intermediates,
		.ek = all.ek,
		.ak = all.ak,
		.now = all.now,
	};
	enum vtpm_verify_kind kind = vtpm_verify_challenge(&input, &verified->challenge);

	if (kind != VTPM_VERIFY_YES)
		fail_msg("%d: %s", kind, verified->challenge.reason);
}

static void read_pcrs(struct verified *verified)
{
	struct pcr_values values;
	struct attest attest;

	assert_int_equal(
		attest_parse(verified->quote.quote, verified->quote.quote_len, &attest, NULL), 0);
	pcr_values_begin(attest.selections, attest.selection_count, &values);
	assert_int_equal(client_read_pcrs(&verified->tpm, &values, NULL), 0);
	verified->pcrs_len = 0;
	for (size_t i = 0; i < values.count; i++) {
		memcpy(verified->pcrs + verified->pcrs_len, values.values[i].bytes, 32);
		verified->pcrs_len += 32;
	}
}

void verified_answer(struct verified *verified)
{
	verified_answer_of(verified, 1u << 12 | 1u << 13);
}

void verified_answer_of(struct verified *verified, uint32_t pcrs)
{
	const struct pcr_selection selection = { bank_find(SHA256), pcrs };
	const struct tpm_executor *tpm = &verified->tpm;
	struct credential credential;
	struct error err;
	uint8_t nonce[32];

	challenge(verified);
	assert_int_equal(hex_decode(verified->challenge.nonce, 64, nonce, 32), 0);
	assert_int_equal(credential_parse(verified->challenge.credential,
					  verified->challenge.credential_len, &credential, NULL),
			 0);
	if (client_activate(tpm, verified->ek, verified->ak, &credential, verified->secret, &err) <
	    0)
		fail_msg("%s", err.text);
	if (client_quote(tpm, verified->ak, nonce, 32, &selection, 1, &verified->quote, &err) < 0)
		fail_msg("%s", err.text);
	read_pcrs(verified);
}

static struct vtpm_verify_bytes text_of(const char *text)
{
	return (struct vtpm_verify_bytes){ text, strlen(text) };
}

struct vtpm_verify_input verified_input(const struct verified *verified)
{
	return (struct vtpm_verify_input){
		.roots = text_of(verified->roots),
		.intermediates = text_of(verified->intermediates),
		.ek = { verified->certificate, verified->certificate_len },
		.ak = { verified->ak_public, verified->ak_public_len },
		.kept = text_of(verified->challenge.kept),
		.opened = { verified->secret, sizeof(verified->secret) },
		.quote = { verified->quote.quote, verified->quote.quote_len },
		.signature = { verified->quote.signature, verified->quote.signature_len },
		.pcrs = { verified->pcrs, verified->pcrs_len },
		.log = { verified->log, verified->log_len },
		.now = time(NULL),
	};
}

void verified_expect(const struct vtpm_verify_input *input, enum vtpm_verify_kind kind,
		     const char *reason)
{
	cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict verdict;

	(void)vtpm_verify_quote(input, &verdict);
	if (verdict.kind != kind)
		fail_msg("%d instead of %d: %s", verdict.kind, kind, verdict.reason);
	if (reason != NULL)
		assert_string_equal(verdict.reason, reason);
	assert_non_null(verdict.report);
}
