/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/identity.h"

#include <errno.h>

#include "util/bytes.h"
#include "util/error.h"

int input_check(const struct vtpm_verify_bytes *input, size_t most, const char *what,
		struct error *err)
{
	if (input->data == NULL || input->len == 0)
		return error_say(err, ENODATA, "%s: there is none", what);
	if (input->len > most)
		return error_say(err, E2BIG, "%s: there are more than %zu bytes", what, most);
	return 0;
}

static int read_certificates(const struct vtpm_verify_bytes *input, const char *what,
			     STACK_OF(X509) * *ret, struct error *err)
{
	int r = input_check(input, CERTIFICATES_BYTES_MOST, what, err);

	return r < 0 ? r : certificates_read(input->data, input->len, what, ret, err);
}

int identity_read_trust(const struct vtpm_verify_bytes *roots,
			const struct vtpm_verify_bytes *intermediates, struct identity *ret,
			struct error *err)
{
	int r = read_certificates(roots, "the trusted certificates", &ret->roots, err);

	if (r < 0 || intermediates->data == NULL)
		return r;
	return read_certificates(intermediates, "the intermediate certificates",
				 &ret->intermediates, err);
}

int identity_read_ek(const struct vtpm_verify_bytes *ek, int64_t now, struct identity *ret,
		     struct error *err)
{
	cleanup_with(x509_stack_freep) STACK_OF(X509) *all = NULL;
	int r = read_certificates(ek, "the EK certificate", &all, err);

	if (r < 0)
		return r;
	ret->certificate = sk_X509_shift(all); /* what follows it is not looked at */
	r = ek_certificate_verify_chain(ret->certificate, ret->roots, ret->intermediates,
					(time_t)now, err);
	if (r == 0)
		r = ek_certificate_check(ret->certificate, &ret->subject, err);
	if (r == 0)
		r = x509_fingerprint(ret->certificate, ret->fingerprint, err);
	return r;
}

int identity_read_ak(const struct vtpm_verify_bytes *ak, struct identity *ret, struct error *err)
{
	int r = input_check(ak, STRUCTURE_BYTES_MOST, "the attestation key", err);

	if (r == 0)
		r = attestation_key_read(ak->data, ak->len, &ret->ak, err);
	if (r == 0)
		hex_encode(ret->ak.name, ret->ak.name_len, ret->ak_name);
	return r;
}

void identity_done(struct identity *identity)
{
	x509_stack_freep(&identity->roots);
	x509_stack_freep(&identity->intermediates);
	X509_free(identity->certificate);
	attestation_key_done(&identity->ak);
}
