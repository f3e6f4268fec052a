/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/template.h"

#include <string.h>

#include "tpm/tcg.h"
#include "util/bytes.h"

#define FIXED (TPM2_OBJECT_FIXEDTPM | TPM2_OBJECT_FIXEDPARENT | TPM2_OBJECT_SENSITIVEDATAORIGIN)

/*
 * Policies by name algorithm. EK low range: PolicyA, PolicySecret(TPM_RH_ENDORSEMENT). EK high
 * range: PolicyB, PolicyOR of PolicyA and of PolicyAuthorizeNV (PolicyC).
 */
static const struct {
	enum key_role role;
	uint16_t name_algorithm;
	const char *policy;
} policies[] = {
	{ ROLE_EK, TPM2_ALG_SHA256,
	  "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa" },
	{ ROLE_EK, TPM2_ALG_SHA384,
	  "b26e7d28d11a50bc53d882bcf5fd3a1a074148bb35d3b4e4cb1c0ad9bde419ca"
	  "cb47ba09699646150f9fc000f3f80e12" },
	{ ROLE_EK, TPM2_ALG_SHA512,
	  "b8221ca69e8550a4914de3faa6a18c072cc01208073a928d5d66d59ef79e49a4"
	  "29c41a6b269571d57edb25fbdb1838425608b413cd616a5f6db5b6071af99bea" },
	{ ROLE_IAK, TPM2_ALG_SHA256,
	  "5437182326e414fca797d5f174615a1641f61255797c3a2b22c21d120b2d1e07" },
	{ ROLE_IAK, TPM2_ALG_SHA384,
	  "129d94ebf84556652c6eef43bbb757512ac87e52be7b349ca6ce4d826f749fcf"
	  "672f51716c5cbb605f313bf345aab312" },
	{ ROLE_IAK, TPM2_ALG_SHA512,
	  "8060d1fb31716a29e48a6e5fece088bcfc1b278fc162255e81c3eca3544cd44a"
	  "f94410c3715d561cccd9e39a6cb2646d43535bb54ea88710deb5f7836bd9b586" },
	{ ROLE_IDEVID, TPM2_ALG_SHA256,
	  "ad6b3a2284fd698a0710bf5cc1b9bdf15e2532e3f601fa4b93a6a8fa8de579ea" },
	{ ROLE_IDEVID, TPM2_ALG_SHA384,
	  "4db1aa836d0b5615df6ee53a40ef70c61c217f4303d44695925972bc927006cf"
	  "a5cbdf6dc18c4dbe329b2f1542c3dd33" },
	{ ROLE_IDEVID, TPM2_ALG_SHA512,
	  "7dd7500fd6c1b94f97a6af910da147301ef28f662fee06f225a4ccadda3b4e6b"
	  "38e66b2f3ad5dee1a0503cd2daedb1e68cfe4f84b03a8cd22bb6a976f071a72f" },
};

static uint32_t ek_attributes(const struct key_template *template)
{
	uint32_t attributes = FIXED | TPM2_OBJECT_ADMINWITHPOLICY;

	if (!key_type_info(template->type)->low_range)
		attributes |= TPM2_OBJECT_USERWITHAUTH;
	if (!template->may_sign)
		return attributes | TPM2_OBJECT_RESTRICTED | TPM2_OBJECT_DECRYPT;
	attributes |= TPM2_OBJECT_SIGN;
	return template->may_decrypt ? attributes | TPM2_OBJECT_DECRYPT : attributes;
}

static uint32_t attributes_of(const struct key_template *template)
{
	const uint32_t identity =
		FIXED | TPM2_OBJECT_USERWITHAUTH | TPM2_OBJECT_ADMINWITHPOLICY | TPM2_OBJECT_SIGN;

	switch (template->role) {
	case ROLE_EK:
		return ek_attributes(template);
	case ROLE_SRK:
		return FIXED | TPM2_OBJECT_USERWITHAUTH | TPM2_OBJECT_NODA |
		       TPM2_OBJECT_RESTRICTED | TPM2_OBJECT_DECRYPT;
	case ROLE_IAK:
		return identity | TPM2_OBJECT_RESTRICTED;
	case ROLE_IDEVID:
		break;
	}
	return identity;
}

static void put_policy(const struct key_template *template, struct tpm_command *out)
{
	const struct key_type_info *info = key_type_info(template->type);
	uint8_t digest[64];

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		const char *hex = policies[i].policy;
		size_t len = strlen(hex) / 2;

		if (policies[i].role != template->role ||
		    policies[i].name_algorithm != info->name_algorithm)
			continue;
		(void)hex_decode(hex, strlen(hex), digest, len);
		tpm_put_sized(out, digest, len);
		return;
	}
	tpm_put_u16(out, 0); /* an SRK has no policy */
}

static bool protects_children(const struct key_template *template)
{
	return template->role == ROLE_SRK || (template->role == ROLE_EK && !template->may_sign);
}

static void put_scheme(const struct key_template *template, struct tpm_command *out)
{
	const struct key_type_info *info = key_type_info(template->type);
	bool ecc = info->algorithm == TPM2_ALG_ECC;

	if (template->role == ROLE_IAK || (template->role == ROLE_IDEVID && ecc)) {
		tpm_put_u16(out, ecc ? TPM2_ALG_ECDSA : TPM2_ALG_RSAPSS);
		tpm_put_u16(out, info->name_algorithm);
	} else {
		tpm_put_u16(out, TPM2_ALG_NULL);
	}
}

/* TPMU_PUBLIC_PARMS. */
static void put_parameters(const struct key_template *template, struct tpm_command *out)
{
	const struct key_type_info *info = key_type_info(template->type);

	if (protects_children(template)) {
		tpm_put_u16(out, TPM2_ALG_AES);
		tpm_put_u16(out, info->symmetric_bits);
		tpm_put_u16(out, TPM2_ALG_CFB);
	} else {
		tpm_put_u16(out, TPM2_ALG_NULL);
	}
	put_scheme(template, out);
	if (info->algorithm == TPM2_ALG_RSA) {
		tpm_put_u16(out, info->bits);
		tpm_put_u32(out, 0); /* the default exponent, 65537 */
	} else {
		tpm_put_u16(out, info->curve);
		tpm_put_u16(out, TPM2_ALG_NULL); /* key derivation */
	}
}

/* Text for identity keys; nothing for EKs of the high range; zeros as long as the key otherwise. */
static void put_unique(const struct key_template *template, struct tpm_command *out)
{
	static const uint8_t zeros[512];
	const struct key_type_info *info = key_type_info(template->type);
	bool ecc = info->algorithm == TPM2_ALG_ECC;
	size_t len = info->low_range || template->role == ROLE_SRK ? (info->bits + 7u) / 8 : 0;
	const void *unique = zeros;
	size_t y_len = len;

	if (template->role == ROLE_IAK || template->role == ROLE_IDEVID) {
		unique = template->role == ROLE_IAK ? "IAK" : "IDEVID";
		len = strlen(unique);
		y_len = 0;
	}
	tpm_put_sized(out, unique, len);
	if (ecc)
		tpm_put_sized(out, zeros, y_len);
}

size_t key_template_write(const struct key_template *template, uint8_t bytes[TEMPLATE_MAX])
{
	const struct key_type_info *info = key_type_info(template->type);
	struct tpm_command out = { .len = 0 };

	tpm_put_u16(&out, info->algorithm);
	tpm_put_u16(&out, info->name_algorithm);
	tpm_put_u32(&out, attributes_of(template));
	put_policy(template, &out);
	put_parameters(template, &out);
	put_unique(template, &out);
	memcpy(bytes, out.bytes, out.len);
	return out.len;
}

void key_template_put_parms(const struct key_template *template, struct tpm_command *command)
{
	tpm_put_u16(command, key_type_info(template->type)->algorithm);
	put_parameters(template, command);
}

bool key_template_is_special(const struct key_template *template)
{
	return template->role == ROLE_EK && template->may_sign;
}
