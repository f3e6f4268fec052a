/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/key_type.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "tpm/tcg.h"
#include "util/error.h"

/*
 * In the low range each kind has three indices (certificate, nonce, template); in the high range
 * there is no nonce and the template follows the certificate.
 */
static const struct key_type_info key_types[KEY_TYPES] = {
	[KEY_RSA_2048] = { "rsa2048", "rsa", TPM2_ALG_RSA, 2048, 0, NULL, TPM2_ALG_SHA256, 128,
			   true, 0x81010001, 0x01c00002, 0x01c00003, 0x01c00004 },
	[KEY_RSA_3072] = { "rsa3072", NULL, TPM2_ALG_RSA, 3072, 0, NULL, TPM2_ALG_SHA384, 256,
			   false, 0x8101001c, 0x01c0001c, 0, 0x01c0001d },
	[KEY_RSA_4096] = { "rsa4096", NULL, TPM2_ALG_RSA, 4096, 0, NULL, TPM2_ALG_SHA384, 256,
			   false, 0x8101001e, 0x01c0001e, 0, 0x01c0001f },
	[KEY_P256] = { "ecc_nist_p256", "secp256r1", TPM2_ALG_ECC, 256, TPM2_ECC_NIST_P256, "P-256",
		       TPM2_ALG_SHA256, 128, true, 0x8101000a, 0x01c0000a, 0x01c0000b, 0x01c0000c },
	[KEY_P384] = { "ecc_nist_p384", "secp384r1", TPM2_ALG_ECC, 384, TPM2_ECC_NIST_P384, "P-384",
		       TPM2_ALG_SHA384, 256, false, 0x81010016, 0x01c00016, 0, 0x01c00017 },
	[KEY_P521] = { "ecc_nist_p521", "secp521r1", TPM2_ALG_ECC, 521, TPM2_ECC_NIST_P521, "P-521",
		       TPM2_ALG_SHA512, 256, false, 0x81010018, 0x01c00018, 0, 0x01c00019 },
};

const struct key_type_info *key_type_info(enum key_type type)
{
	return &key_types[type];
}

int key_type_parse(const char *option, const char *name, enum key_type *ret, struct error *err)
{
	for (int i = KEY_NONE + 1; i < KEY_TYPES; i++) {
		const char *alias = key_types[i].alias;

		if (strcmp(name, key_types[i].name) == 0 ||
		    (alias != NULL && strcmp(name, alias) == 0)) {
			*ret = (enum key_type)i;
			return 0;
		}
	}
	return error_say(err, EINVAL,
			 "%s: '%s' is not one of rsa2048, rsa3072, rsa4096, ecc_nist_p256, "
			 "ecc_nist_p384, ecc_nist_p521",
			 option, name);
}
