/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/attestation_key.h"

#include <errno.h>
#include <inttypes.h>

#include "certs/x509/public.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"
#include "verify/quote/signature.h"

/* What each attribute must be; those that are not here may be either. */
static const struct {
	uint32_t bit;
	bool wanted;
	const char *name;
} rules[] = {
	{ TPM2_OBJECT_FIXEDTPM, true, "fixedTPM" },
	{ TPM2_OBJECT_FIXEDPARENT, true, "fixedParent" },
	{ TPM2_OBJECT_SENSITIVEDATAORIGIN, true, "sensitiveDataOrigin" },
	{ TPM2_OBJECT_RESTRICTED, true, "restricted" },
	{ TPM2_OBJECT_SIGN, true, "sign" },
	{ TPM2_OBJECT_DECRYPT, false, "decrypt" },
	{ TPM2_OBJECT_ENCRYPTEDDUPLICATION, false, "encryptedDuplication" },
	{ TPM2_OBJECT_X509SIGN, false, "x509sign" },
};

static int check_attributes(uint32_t attributes, struct error *err)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		bool is = (attributes & rules[i].bit) != 0;

		if (is != rules[i].wanted)
			return error_say(err, EKEYREJECTED, "the attestation key is %s%s",
					 is ? "" : "not ", rules[i].name);
	}
	return 0;
}

static bool scheme_fits(const struct tpm_public *public)
{
	if (public->algorithm == TPM2_ALG_ECC)
		return public->scheme == TPM2_ALG_ECDSA;
	return public->scheme == TPM2_ALG_RSASSA || public->scheme == TPM2_ALG_RSAPSS;
}

static int check_algorithms(const struct tpm_public *public, struct error *err)
{
	int r = check_attributes(public->attributes, err);

	if (r < 0)
		return r;
	if (!scheme_fits(public))
		return error_say(
			err, EKEYREJECTED,
			"the attestation key's scheme is neither RSASSA, RSAPSS nor ECDSA");
	if (signature_hash(public->scheme_hash) == NULL ||
	    signature_hash(public->name_algorithm) == NULL)
		return error_say(err, EKEYREJECTED,
				 "the attestation key's hash is neither SHA-256, SHA-384 nor "
				 "SHA-512");
	if (public->algorithm == TPM2_ALG_RSA && public->bits < 2048)
		return error_say(err, EKEYREJECTED, "the attestation key has %u bits only",
				 public->bits);
	return 0;
}

int tpm_name(const struct tpm_public *public, const uint8_t *data, size_t len,
	     uint8_t ret[static TPM_NAME_MOST], size_t *ret_len, struct error *err)
{
	const struct bank *hash = signature_hash(public->name_algorithm);

	if (hash == NULL)
		return error_say(err, EBADMSG, "a key's name is by no hash that is known: 0x%x",
				 public->name_algorithm);
	put_be16(ret, public->name_algorithm);
	*ret_len = 2U + hash->size;
	return bank_hash(hash, data, len, ret + 2, err);
}

/* Without the size in front, if that is there: no key has a size that is the number of its type. */
static void skip_size(const uint8_t **data, size_t *len)
{
	if (*len > 2 && get_be16(*data) == *len - 2) {
		*data += 2;
		*len -= 2;
	}
}

int attestation_key_read(const uint8_t *data, size_t len, struct attestation_key *ret,
			 struct error *err)
{
	struct attestation_key key = { .key = NULL };
	struct tpm_public public;
	int r;

	skip_size(&data, &len);
	if (tpm_public_parse(data, len, &public) < 0)
		return error_say(err, EBADMSG,
				 "the attestation key is no public area of RSA or ECC");
	r = check_algorithms(&public, err);
	if (r < 0)
		return r;
	key.scheme = public.scheme;
	key.hash = signature_hash(public.scheme_hash);
	r = tpm_name(&public, data, len, key.name, &key.name_len, err);
	if (r == 0)
		r = tpm_public_to_pkey(&public, &key.key, err);
	if (r == 0)
		*ret = key;
	return r;
}

int attestation_key_has_signed(const struct attestation_key *ak, const uint8_t *signature,
			       size_t signature_len, const uint8_t *data, size_t len,
			       struct error *err)
{
	struct tpm_signature parsed;
	int r = tpm_signature_parse(signature, signature_len, &parsed, err);

	if (r < 0)
		return r;
	if (parsed.scheme != ak->scheme || parsed.hash != ak->hash)
		return error_say(err, EKEYREJECTED,
				 "the signature is of another scheme than the attestation key's");
	return tpm_signature_verify(&parsed, ak->key, data, len, err);
}

void attestation_key_done(struct attestation_key *key)
{
	EVP_PKEY_free(take_ptr(key->key));
}
