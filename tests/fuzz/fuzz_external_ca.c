/* SPDX-License-Identifier: BSD-3-Clause */
/* What an external CA answers. */
#include <stdlib.h>
#include <string.h>

#include "certs/ca/external.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A certificate that was taken is taken again as DER, and is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	X509 *certificate = NULL, *again = NULL;
	uint8_t *der = NULL;
	size_t len;

	if (external_ca_parse(data, size, &certificate, NULL) < 0)
		return 0;
	if (x509_to_der(certificate, &der, &len, NULL) == 0 && len <= EXTERNAL_CA_ANSWER_MAX &&
	    memmem(der, len, "-----BEGIN", 10) == NULL &&
	    (external_ca_parse(der, len, &again, NULL) < 0 || X509_cmp(certificate, again) != 0))
		abort();
	X509_free(certificate);
	X509_free(again);
	free(der);
	return 0;
}
