/* SPDX-License-Identifier: BSD-3-Clause */
/* Certificates from outside: what a certificate of a TPM says it is, is text. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "util/printable.h"
#include "verify/quote/ek_certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(x509_stack_freep) STACK_OF(X509) *all = NULL;

	if (certificates_read(data, size, "x", &all, NULL) < 0)
		return 0;
	if (sk_X509_num(all) < 1 || sk_X509_num(all) > CERTIFICATES_MOST)
		abort();
	for (int i = 0; i < sk_X509_num(all); i++) {
		struct ek_subject subject;

		if (ek_certificate_check(sk_X509_value(all, i), &subject, NULL) == 0 &&
		    text_printable_length(subject.model) != strlen(subject.model))
			abort();
	}
	if (ERR_peek_error() != 0)
		abort();
	return 0;
}
