/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/tcg_extensions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/conf.h>

#include "certs/x509/tpm_attributes.h"
#include "certs/x509/certificate.h"
#include "util/bytes.h"
#include "util/error.h"

DEFINE_CLEANUP(CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free);
DEFINE_CLEANUP(CONF, NCONF_free);
DEFINE_CLEANUP(EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free);
DEFINE_CLEANUP(GENERAL_NAME, GENERAL_NAME_free);
DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free);
DEFINE_CLEANUP(OTHERNAME, OTHERNAME_free);
DEFINE_CLEANUP(POLICYINFO, POLICYINFO_free);

/* Takes over NAME. */
static int add_alternative_name(X509 *certificate, GENERAL_NAME *taken, struct error *err)
{
	cleanup_with(GENERAL_NAME_freep) GENERAL_NAME *name = taken;
	cleanup_with(GENERAL_NAMES_freep) GENERAL_NAMES *names = GENERAL_NAMES_new();

	if (names == NULL || sk_GENERAL_NAME_push(names, name) == 0)
		return openssl_error(err, ENOMEM, "add an alternative name");
	name = NULL; /* the stack has it */
	if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) != 1)
		return openssl_error(err, EIO, "add an alternative name");
	return 0;
}

int tcg_add_directory_name(X509 *certificate, const struct tcg_name_attribute *attributes,
			   size_t count, struct error *err)
{
	cleanup_with(X509_NAME_freep) X509_NAME *directory = X509_NAME_new();
	cleanup_with(GENERAL_NAME_freep) GENERAL_NAME *name = GENERAL_NAME_new();
	int r = 0;

	if (directory == NULL || name == NULL)
		return openssl_error(err, ENOMEM, "add an alternative name");
	for (size_t i = 0; r == 0 && i < count; i++)
		r = x509_name_add(directory, attributes[i].oid, V_ASN1_UTF8STRING,
				  attributes[i].value, err);
	if (r < 0)
		return r;
	GENERAL_NAME_set0_value(name, GEN_DIRNAME, take_ptr(directory));
	return add_alternative_name(certificate, take_ptr(name), err);
}

/* DER of what SECTIONS, in the language of ASN1_generate_nconf(3), calls [value]. */
static ASN1_TYPE *generate(const char *sections)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new_mem_buf(sections, -1);
	cleanup_with(NCONF_freep) CONF *conf = NCONF_new(NULL);

	if (bio == NULL || conf == NULL || NCONF_load_bio(conf, bio, NULL) != 1)
		return NULL;
	return ASN1_generate_nconf("SEQUENCE:value", conf);
}

static void hex_of(const ASN1_STRING *string, char *text, size_t size)
{
	size_t len = string != NULL ? (size_t)ASN1_STRING_length(string) : 0;

	if (len > (size - 1) / 2)
		len = (size - 1) / 2;
	hex_encode(len > 0 ? ASN1_STRING_get0_data(string) : NULL, len, text);
}

static ASN1_TYPE *make_hardware_name(const char *manufacturer, X509 *ek_certificate)
{
	char authority[65], serial[65], sections[320];

	hex_of(X509_get0_authority_key_id(ek_certificate), authority, sizeof(authority));
	hex_of(X509_get0_serialNumber(ek_certificate), serial, sizeof(serial));
	(void)snprintf(sections, sizeof(sections),
		       "[value]\n"
		       "type = OID:" TCG_HW_TYPE_TPM2 "\n"
		       "serial = FORMAT:ASCII,OCTETSTRING:%s:%s:%s\n",
		       manufacturer + strlen("id:"), authority, serial);
	return generate(sections);
}

int tcg_add_hardware_name(X509 *certificate, const char *manufacturer, X509 *ek_certificate,
			  struct error *err)
{
	cleanup_with(ASN1_TYPE_freep) ASN1_TYPE *value =
		make_hardware_name(manufacturer, ek_certificate);
	cleanup_with(OTHERNAME_freep) OTHERNAME *other = OTHERNAME_new();
	cleanup_with(GENERAL_NAME_freep) GENERAL_NAME *name = GENERAL_NAME_new();

	if (value == NULL || other == NULL || name == NULL)
		return openssl_error(err, EIO, "make a hardware module name");
	ASN1_OBJECT_free(other->type_id);
	other->type_id = OBJ_txt2obj("1.3.6.1.5.5.7.8.4", 1);
	ASN1_TYPE_free(other->value);
	other->value = take_ptr(value);
	GENERAL_NAME_set0_value(name, GEN_OTHERNAME, take_ptr(other));
	return add_alternative_name(certificate, take_ptr(name), err);
}

static ASN1_TYPE *make_specification(const struct tpm_identity *tpm)
{
	char sections[320];

	(void)snprintf(sections, sizeof(sections),
		       "[value]\n"
		       "attribute = SEQUENCE:attribute\n"
		       "[attribute]\n"
		       "type = OID:" TCG_AT_TPM_SPECIFICATION "\n"
		       "values = SET:values\n"
		       "[values]\n"
		       "specification = SEQUENCE:specification\n"
		       "[specification]\n"
		       "family = FORMAT:UTF8,UTF8String:%s\n"
		       "level = INTEGER:%u\n"
		       "revision = INTEGER:%u\n",
		       tpm->family, tpm->level, tpm->revision);
	return generate(sections);
}

int tcg_add_specification(X509 *certificate, const struct tpm_identity *tpm, struct error *err)
{
	cleanup_with(ASN1_TYPE_freep) ASN1_TYPE *value = make_specification(tpm);
	cleanup_with(X509_EXTENSION_freep) X509_EXTENSION *extension = NULL;

	/* A generated SEQUENCE is its whole encoding, which is what the extension holds. */
	if (value != NULL)
		extension = X509_EXTENSION_create_by_NID(NULL, NID_subject_directory_attributes, 0,
							 value->value.sequence);
	if (extension == NULL || X509_add_ext(certificate, extension, -1) != 1)
		return openssl_error(err, EIO, "add the TPM's specification to a certificate");
	return 0;
}

int tcg_add_purposes(X509 *certificate, const char *const *oids, struct error *err)
{
	cleanup_with(EXTENDED_KEY_USAGE_freep) EXTENDED_KEY_USAGE *purposes =
		EXTENDED_KEY_USAGE_new();

	for (; purposes != NULL && *oids != NULL; oids++) {
		cleanup_with(ASN1_OBJECT_freep) ASN1_OBJECT *object = OBJ_txt2obj(*oids, 1);

		if (object == NULL || sk_ASN1_OBJECT_push(purposes, object) == 0)
			return openssl_error(err, ENOMEM, "add a key's purpose");
		object = NULL; /* the stack has it */
	}
	if (purposes == NULL ||
	    X509_add1_ext_i2d(certificate, NID_ext_key_usage, purposes, 0, X509V3_ADD_DEFAULT) != 1)
		return openssl_error(err, EIO, "add a key's purpose");
	return 0;
}

int tcg_add_policies(X509 *certificate, const char *const *oids, struct error *err)
{
	cleanup_with(CERTIFICATEPOLICIES_freep) CERTIFICATEPOLICIES *policies =
		CERTIFICATEPOLICIES_new();

	for (; policies != NULL && *oids != NULL; oids++) {
		cleanup_with(POLICYINFO_freep) POLICYINFO *policy = POLICYINFO_new();

		if (policy == NULL)
			return openssl_error(err, ENOMEM, "add a policy");
		ASN1_OBJECT_free(policy->policyid);
		policy->policyid = OBJ_txt2obj(*oids, 1);
		if (policy->policyid == NULL || sk_POLICYINFO_push(policies, policy) == 0)
			return openssl_error(err, ENOMEM, "add a policy");
		policy = NULL; /* the stack has it */
	}
	if (policies == NULL || X509_add1_ext_i2d(certificate, NID_certificate_policies, policies,
						  0, X509V3_ADD_DEFAULT) != 1)
		return openssl_error(err, EIO, "add a policy");
	return 0;
}
