/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/openssl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>

#include "util/bytes.h"
#include "util/error.h"

int openssl_error(struct error *err, int errnum, const char *format, ...)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);
	char text[160];
	va_list args;

	ERR_clear_error();
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (code == 0)
		return error_set(err, errnum, "%s", text);
	if (reason != NULL)
		return error_say(err, errnum, "%s: %s", text, reason);
	return error_say(err, errnum, "%s: OpenSSL error 0x%lx", text, code);
}

int x509_to_der(X509 *certificate, uint8_t **ret, size_t *len, struct error *err)
{
	uint8_t *der = NULL;
	int n = i2d_X509(certificate, &der);

	if (n <= 0)
		return openssl_error(err, EIO, "encode a certificate");
	*len = (size_t)n;
	*ret = der;
	return 0;
}

void asn1_hex(const ASN1_STRING *string, char text[static 65])
{
	size_t len = string != NULL ? (size_t)ASN1_STRING_length(string) : 0;

	hex_encode(len > 0 ? ASN1_STRING_get0_data(string) : NULL, len < 32 ? len : 32, text);
}

int x509_fingerprint(X509 *certificate, char text[static 65], struct error *err)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1)
		return openssl_error(err, EIO, "digest a certificate");
	hex_encode(digest, len, text);
	return 0;
}

bool x509_has_key(X509 *certificate, const EVP_PKEY *pkey)
{
	const EVP_PKEY *own = X509_get0_pubkey(certificate);
	bool same = own != NULL && EVP_PKEY_eq(own, pkey) == 1;

	ERR_clear_error();
	return same;
}
