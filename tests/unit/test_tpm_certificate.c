/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include <openssl/x509_vfy.h>

#include "certs/ca/ca.h"
#include "certs/ca/key_store.h"
#include "tests/unit/factory_fixture.h"
#include "tests/unit/go_rules.h"
#include "util/bytes.h"

DEFINE_CLEANUP(X509_STORE, X509_STORE_free);
DEFINE_CLEANUP(X509_STORE_CTX, X509_STORE_CTX_free);

static const struct tpm_attributes tpm_2 = {
	TPM_VERSION_2, "id:49424D00", "id:20191023", "2.0", 0, 164
};
static const struct tpm_attributes tpm_12 = {
	TPM_VERSION_1_2, "id:49424D00", "id:0012009E", "1.2", 2, 116
};

static struct certificate_request request_for(enum certificate_kind kind, const EVP_PKEY *key)
{
	return (struct certificate_request){
		.kind = kind,
		.key = key,
		.decrypts = true,
		.subject = "machine-1",
		.tpm = &tpm_2,
		.tpm_model = "swtpm",
		.platform_manufacturer = "maker",
		.platform_model = "model",
		.platform_version = "1.0",
	};
}

/* One element of DER: its first byte, its contents, the whole of it. */
struct element {
	uint8_t tag;
	const uint8_t *whole, *contents;
	size_t whole_len, len;
};

static struct element next(const uint8_t **p, const uint8_t *end)
{
	struct element element = { .tag = (*p)[0], .whole = *p };
	const uint8_t *q = *p + 1;

	assert_true(*p < end);
	element.len = *q++;
	if (element.len > 0x80) {
		size_t bytes = element.len & 0x7f;

		for (element.len = 0; bytes > 0; bytes--)
			element.len = element.len << 8 | *q++;
	}
	element.contents = q;
	assert_true(element.len <= (size_t)(end - q));
	*p = q + element.len;
	element.whole_len = (size_t)(*p - element.whole);
	return element;
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	char text[1024];

	assert_true(2 * len < sizeof(text));
	hex_encode(bytes, len, text);
	assert_string_equal(text, hex);
}

/* The elements of a TBSCertificate, in their order. */
enum {
	TBS_VERSION,
	TBS_SERIAL,
	TBS_ALGORITHM,
	TBS_ISSUER,
	TBS_VALIDITY,
	TBS_SUBJECT,
	TBS_SPKI,
	TBS_EXTENSIONS,
	TBS_FIELDS
};

struct tbs {
	uint8_t *der;
	struct element fields[TBS_FIELDS];
};

static void tbs_parse(X509 *certificate, struct tbs *tbs)
{
	struct element outer, inner;
	const uint8_t *p;
	size_t len;

	assert_int_equal(x509_to_der(certificate, &tbs->der, &len, NULL), 0);
	p = tbs->der;
	outer = next(&p, tbs->der + len);
	p = outer.contents;
	inner = next(&p, outer.contents + outer.len);
	p = inner.contents;
	for (int i = 0; i < TBS_FIELDS; i++)
		tbs->fields[i] = next(&p, inner.contents + inner.len);
	/* There are no unique identifiers: the extensions are the last. */
	assert_ptr_equal(p, inner.contents + inner.len);
}

struct extension {
	const char *oid; /* DER of the object identifier, in hex */
	bool critical;
	const char *value; /* NULL: looked at elsewhere */
};

#define OID_SAN "0603551d11"
#define OID_BC "0603551d13"
#define OID_SDA "0603551d09"
#define OID_AKI "0603551d23"
#define OID_KU "0603551d0f"
#define OID_EKU "0603551d25"
#define OID_SKI "0603551d0e"
#define OID_POLICIES "0603551d20"
#define OID_CRL "0603551d1f"
#define OID_AIA "06082b06010505070101"

/* 2.23.133.2.1 "id:49424D00", 2.23.133.2.2 "swtpm", 2.23.133.2.3, one set each. */
#define TPM_NAMES                    \
	"3116301406056781050201"     \
	"0c0b69643a3439343234443030" \
	"3110300e06056781050202"     \
	"0c05737774706d"
#define SAN_EK                                            \
	"3046a4443042" TPM_NAMES "3116301406056781050203" \
	"0c0b69643a3230313931303233"
#define SAN_PLATFORM               \
	"303ba4393037"             \
	"3111300f0606678105050101" \
	"0c056d616b6572"           \
	"3111300f0606678105050104" \
	"0c056d6f64656c"           \
	"310f300d0606678105050105" \
	"0c03312e30"
#define SDA_2 "3019301706056781050210310e300c0c03322e30020100020200a4"
#define SDA_12 "3018301606056781050210310d300b0c03312e32020102020174"
#define EKU_EK             \
	"3007060567810508" \
	"01"
#define EKU_PLATFORM         \
	"300e06056781050802" \
	"06056781050804"
/* verifiedTPMResidency, and verifiedTPMRestricted or verifiedTPMFixed. */
#define POLICIES_IAK           \
	"3014"                 \
	"300806066781050b0101" \
	"300806066781050b0103"
#define POLICIES_IDEVID        \
	"3014"                 \
	"300806066781050b0101" \
	"300806066781050b0102"
#define NO_CA "3000"
#define KU_ENCIPHERMENT "03020520"
#define KU_AGREEMENT "03020308"
#define KU_SIGNATURE "03020780"

static void check_extensions(const struct element *field, const struct extension *expected)
{
	const uint8_t *p = field->contents, *end;
	struct element list = next(&p, field->contents + field->len);

	assert_int_equal(field->tag, 0xa3);
	p = list.contents;
	end = list.contents + list.len;
	for (; expected->oid != NULL; expected++) {
		struct element extension = next(&p, end), part;
		const uint8_t *q = extension.contents, *q_end = q + extension.len;

		part = next(&q, q_end);
		assert_hex(part.whole, part.whole_len, expected->oid);
		part = next(&q, q_end);
		if (expected->critical) {
			assert_hex(part.whole, part.whole_len, "0101ff");
			part = next(&q, q_end);
		}
		assert_int_equal(part.tag, 0x04);
		if (expected->value != NULL)
			assert_hex(part.contents, part.len, expected->value);
		assert_ptr_equal(q, q_end);
	}
	assert_ptr_equal(p, end);
}

/* Issues by the fixture's CA; what a verifier gets of it. */
static X509 *issue(struct fixture *fixture, const struct certificate_request *request)
{
	cleanup_with(ca_closep) struct ca *ca = NULL;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	cleanup_free uint8_t *der = NULL;
	const uint8_t *p;
	X509 *parsed;
	size_t len;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	assert_int_equal(ca_issue(ca, request, &certificate, NULL), 0);
	assert_int_equal(x509_to_der(certificate, &der, &len, NULL), 0);
	p = der;
	parsed = d2i_X509(NULL, &p, (long)len);
	assert_non_null(parsed);
	return parsed;
}

static EVP_PKEY *key_of(enum key_type type)
{
	EVP_PKEY *key = NULL;

	assert_int_equal(key_store_generate(type, &key, NULL), 0);
	return key;
}

static void check_issued(struct fixture *fixture, const struct certificate_request *request,
			 const struct extension *expected)
{
	cleanup_with(X509_freep) X509 *certificate = issue(fixture, request);
	struct tbs tbs;

	tbs_parse(certificate, &tbs);
	check_extensions(&tbs.fields[TBS_EXTENSIONS], expected);
	free(tbs.der);
}

static void each_field_of_an_ek_certificate_is_as_the_profile_has_it(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P256);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);
	cleanup_with(X509_freep) X509 *certificate = issue(fixture, &request);
	cleanup_free uint8_t *spki = NULL;
	int spki_len = i2d_PUBKEY(key, &spki);
	const struct element *field;
	const uint8_t *p;
	struct tbs tbs;

	tbs_parse(certificate, &tbs);
	field = tbs.fields;
	assert_hex(field[TBS_VERSION].whole, field[TBS_VERSION].whole_len, "a003020102");
	assert_int_equal(field[TBS_SERIAL].tag, 0x02);
	assert_int_equal(field[TBS_SERIAL].len, 20);
	assert_in_range(field[TBS_SERIAL].contents[0], 0x40, 0x7f);
	/* ecdsa-with-SHA384, for the CA's key is on P-384. */
	assert_hex(field[TBS_ALGORITHM].whole, field[TBS_ALGORITHM].whole_len,
		   "300a06082a8648ce3d040303");
	/* commonName, UTF8String. */
	assert_hex(field[TBS_SUBJECT].whole, field[TBS_SUBJECT].whole_len,
		   "30143112301006035504030c096d616368696e652d31");
	assert_hex(field[TBS_ISSUER].contents, 13, "3121301f06035504030c187654");
	p = field[TBS_VALIDITY].contents;
	assert_int_equal(next(&p, p + 100).tag, V_ASN1_UTCTIME);
	assert_hex(p, 17, "180f39393939313233313233353935395a"); /* 99991231235959Z */
	assert_int_equal(field[TBS_SPKI].whole_len, spki_len);
	assert_memory_equal(field[TBS_SPKI].whole, spki, (size_t)spki_len);
	free(tbs.der);
}

static void ek_extensions_follow_the_kind_of_key_and_its_use(void **state)
{
	static const struct {
		enum key_type type;
		bool signs, decrypts;
		const char *usage;
	} cases[] = {
		{ KEY_RSA_2048, false, true, KU_ENCIPHERMENT },
		{ KEY_P384, false, true, KU_AGREEMENT },
		{ KEY_P256, true, false, KU_SIGNATURE },
		{ KEY_RSA_2048, true, true, "030205a0" },
		{ KEY_P256, true, true, "03020388" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct extension expected[] = {
			{ OID_SAN, false, SAN_EK },
			{ OID_BC, true, NO_CA },
			{ OID_SDA, false, SDA_2 },
			{ OID_AKI, false, NULL },
			{ OID_KU, true, cases[i].usage },
			{ OID_EKU, false, EKU_EK },
			{ 0 },
		};
		cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(cases[i].type);
		struct certificate_request request = request_for(CERTIFICATE_EK, key);

		request.signs = cases[i].signs;
		request.decrypts = cases[i].decrypts;
		check_issued(*state, &request, expected);
	}
}

static void platform_certificates_name_the_platform(void **state)
{
	static const struct extension expected[] = {
		{ OID_SAN, false, SAN_PLATFORM }, { OID_BC, true, NO_CA },
		{ OID_AKI, false, NULL },         { OID_KU, true, KU_AGREEMENT },
		{ OID_EKU, false, EKU_PLATFORM }, { 0 },
	};
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P384);
	struct certificate_request request = request_for(CERTIFICATE_PLATFORM, key);

	check_issued(*state, &request, expected);
}

/* Commas, signs of OpenSSL's configuration language, a line's end: a name is a value. */
static void whatever_is_in_a_name_stays_in_the_name(void **state)
{
	static const struct extension expected[] = {
		/* "a,b@c\nCA:TRUE ", "DNS:x,@y", "${z}\\", each with its length */
		{ OID_SAN, false,
		  "3049a4473045"
		  "311a3018060667810505"
		  "0101"
		  "0c0e612c6240630a43413a5452554520"
		  "31143012060667810505"
		  "0104"
		  "0c08444e533a782c4079"
		  "3111300f060667810505"
		  "0105"
		  "0c05247b7a7d5c" },
		{ OID_BC, true, NO_CA },
		{ OID_AKI, false, NULL },
		{ OID_KU, true, KU_AGREEMENT },
		{ OID_EKU, false, EKU_PLATFORM },
		{ 0 },
	};
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P256);
	struct certificate_request request = request_for(CERTIFICATE_PLATFORM, key);
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char name[65];

	request.subject = "a,b@c\nCN=d";
	request.platform_manufacturer = "a,b@c\nCA:TRUE ";
	request.platform_model = "DNS:x,@y";
	request.platform_version = "${z}\\";
	check_issued(fixture, &request, expected);
	certificate = issue(fixture, &request);
	assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(certificate)), 1);
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
					sizeof(name));
	assert_string_equal(name, request.subject);
}

static void certificates_of_a_tpm_1_2_name_both_together(void **state)
{
	static const struct extension ek[] = {
		{ OID_SAN, false,
		  "3046a4443042" TPM_NAMES "3116301406056781050203"
		  "0c0b69643a3030313230303945" },
		{ OID_BC, true, NO_CA },
		{ OID_SDA, false, SDA_12 },
		{ OID_AKI, false, NULL },
		{ OID_KU, true, KU_ENCIPHERMENT },
		{ OID_EKU, false, EKU_EK },
		{ 0 },
	};
	static const struct extension platform[] = {
		{ OID_SAN, false,
		  "307aa4783076" TPM_NAMES "3116301406056781050203"
		  "0c0b69643a3030313230303945"
		  "3110300e060567810502040c056d616b6572"
		  "3110300e060567810502050c056d6f64656c"
		  "310e300c060567810502060c03312e30" },
		{ OID_BC, true, NO_CA },
		{ OID_AKI, false, NULL },
		{ OID_KU, true, KU_ENCIPHERMENT },
		{ OID_EKU, false, EKU_PLATFORM },
		{ 0 },
	};
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_RSA_2048);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);

	request.tpm = &tpm_12;
	check_issued(*state, &request, ek);
	request.kind = CERTIFICATE_PLATFORM;
	check_issued(*state, &request, platform);
}

static void identity_certificates_name_the_module_and_its_ek(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P384);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);
	cleanup_with(X509_freep) X509 *ek = issue(fixture, &request), *certificate = NULL;
	const ASN1_INTEGER *serial = X509_get0_serialNumber(ek);
	const ASN1_OCTET_STRING *aki = X509_get0_authority_key_id(ek), *octets;
	char expected[128] = "49424D00:", found[128] = "", name[128];
	GENERAL_NAMES *names;
	const OTHERNAME *other;
	int critical;

	hex_encode(aki->data, (size_t)aki->length, expected + 9);
	(void)strcat(expected, ":");
	hex_encode(serial->data, (size_t)serial->length, expected + strlen(expected));
	request = request_for(CERTIFICATE_IAK, key);
	request.signs = true;
	request.decrypts = false;
	request.subject = "a_b";
	request.ek_certificate = ek;
	certificate = issue(fixture, &request);

	names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
	assert_int_equal(critical, 0);
	assert_int_equal(sk_GENERAL_NAME_num(names), 1);
	assert_int_equal(sk_GENERAL_NAME_value(names, 0)->type, GEN_OTHERNAME);
	other = sk_GENERAL_NAME_value(names, 0)->d.otherName;
	assert_true(OBJ_obj2txt(name, sizeof(name), other->type_id, 1) > 0);
	assert_string_equal(name, "1.3.6.1.5.5.7.8.4");
	/* SEQUENCE { 2.23.133.1.2, OCTET STRING }, behind 2 bytes of header and 7 of the OID. */
	octets = other->value->value.sequence;
	assert_hex(octets->data + 2, 7, "06056781050102");
	memcpy(found, octets->data + 11, (size_t)octets->length - 11);
	assert_string_equal(found, expected);
	GENERAL_NAMES_free(names);

	assert_int_equal(X509_get_key_usage(certificate), X509v3_KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1), -1);
	assert_non_null(X509_get0_subject_key_id(certificate));
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_serialNumber, name,
					sizeof(name));
	assert_string_equal(name, "a-b"); /* a PrintableString has no underscore */
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
					sizeof(name));
	assert_string_equal(name, "a_b");
}

static void identity_extensions_are_as_the_profile_has_them(void **state)
{
	static const struct {
		enum certificate_kind kind;
		struct extension extensions[7];
	} cases[] = {
		{ CERTIFICATE_IAK,
		  { { OID_POLICIES, false, POLICIES_IAK },
		    { OID_SAN, false, NULL },
		    { OID_BC, true, NO_CA },
		    { OID_AKI, false, NULL },
		    { OID_KU, true, KU_SIGNATURE },
		    { OID_SKI, false, NULL } } },
		{ CERTIFICATE_IDEVID,
		  { { OID_POLICIES, false, POLICIES_IDEVID },
		    { OID_SAN, false, NULL },
		    { OID_BC, true, NO_CA },
		    { OID_AKI, false, NULL },
		    { OID_KU, true, KU_SIGNATURE },
		    { OID_SKI, false, NULL } } },
	};
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P384);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);
	cleanup_with(X509_freep) X509 *ek = issue(fixture, &request);

	request.signs = true;
	request.decrypts = false;
	request.ek_certificate = ek;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		request.kind = cases[i].kind;
		check_issued(fixture, &request, cases[i].extensions);
	}
}

static void a_subject_that_is_too_long_is_shortened_and_stays_unique(void **state)
{
	static const char *const subjects[] = {
		"1234567890123456789012345678901234567890123456789012345678901234",
		"12345678901234567890123456789012345678901234567890123456789012345",
		"12345678901234567890123456789012345678901234567890123456789012346",
	};
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P256);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);
	char names[3][80];

	for (size_t i = 0; i < 3; i++) {
		cleanup_with(X509_freep) X509 *certificate = NULL;

		request.subject = subjects[i];
		certificate = issue(*state, &request);
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
						names[i], sizeof(names[i]));
		assert_int_equal(strlen(names[i]), 64);
	}
	assert_string_equal(names[0], subjects[0]);
	assert_memory_equal(names[1], subjects[1], 47);
	assert_memory_equal(names[1], names[2], 47);
	assert_string_not_equal(names[1], names[2]);
}

static void urls_are_where_a_verifier_looks_for_them(void **state)
{
	static const struct extension expected[] = {
		{ OID_SAN, false, SAN_EK },
		{ OID_BC, true, NO_CA },
		{ OID_SDA, false, SDA_2 },
		{ OID_AKI, false, NULL },
		/* caIssuers, "http://a/i" */
		{ OID_AIA, false, "3018301606082b06010505073002860a687474703a2f2f612f69" },
		/* a full name, "http://a/c" */
		{ OID_CRL, false, "30123010a00ea00c860a687474703a2f2f612f63" },
		{ OID_KU, true, KU_AGREEMENT },
		{ OID_EKU, false, EKU_EK },
		{ 0 },
	};
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P256);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);

	fixture->options.ca.urls = (struct certificate_urls){ "http://a/c", "http://a/i" };
	check_issued(fixture, &request, expected);
}

static int openssl_verifies(const STACK_OF(X509) * chain)
{
	cleanup_with(X509_STORE_freep) X509_STORE *store = X509_STORE_new();
	cleanup_with(X509_STORE_CTX_freep) X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *untrusted = sk_X509_new_null();
	int ok;

	(void)sk_X509_push(untrusted, sk_X509_value(chain, 1));
	(void)X509_STORE_add_cert(store, sk_X509_value(chain, 2));
	(void)X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), untrusted);
	(void)X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT);
	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
	ok = X509_verify_cert(context);
	sk_X509_free(untrusted);
	return ok;
}

static STACK_OF(X509) * chain_of(struct fixture *fixture, X509 *certificate)
{
	cleanup_with(ca_closep) struct ca *ca = NULL;
	STACK_OF(X509) * chain;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	chain = X509_chain_up_ref((STACK_OF(X509) *)(uintptr_t)ca_chain(ca));
	assert_non_null(chain);
	(void)X509_up_ref(certificate);
	(void)sk_X509_unshift(chain, certificate);
	return chain;
}

static void openssl_and_go_accept_every_chain(void **state)
{
	static const enum key_type ca_types[] = { KEY_NONE, KEY_RSA_2048, KEY_RSA_3072, KEY_P256,
						  KEY_P521 };
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_RSA_2048);

	for (size_t i = 0; i < sizeof(ca_types) / sizeof(ca_types[0]); i++) {
		cleanup_with(X509_freep) X509 *ek = NULL;
		char dir[80];

		(void)snprintf(dir, sizeof(dir), "%s/ca-%zu", fixture->dir, i);
		fixture->options.ca.dir = dir;
		fixture->options.ca.key_type = ca_types[i];
		for (int kind = 0; kind < CERTIFICATE_KINDS; kind++) {
			struct certificate_request request =
				request_for((enum certificate_kind)kind, key);
			cleanup_with(X509_freep) X509 *certificate = NULL;
			cleanup_with(x509_stack_freep) STACK_OF(X509) *chain = NULL;

			request.ek_certificate = ek;
			request.signs = kind == CERTIFICATE_IAK || kind == CERTIFICATE_IDEVID;
			request.decrypts = !request.signs;
			certificate = issue(fixture, &request);
			chain = chain_of(fixture, certificate);
			assert_int_equal(openssl_verifies(chain), 1);
			assert_null(go_rules_broken(chain));
			if (kind == CERTIFICATE_EK)
				ek = X509_dup(certificate);
		}
	}
}

static void the_written_down_rules_of_go_can_be_broken(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = key_of(KEY_P256);
	struct certificate_request request = request_for(CERTIFICATE_EK, key);
	cleanup_with(X509_freep) X509 *certificate = issue(fixture, &request), *other = NULL;
	cleanup_with(x509_stack_freep) STACK_OF(X509) *chain = chain_of(fixture, certificate);
	char dir[80];
	int at;

	/* Another CA's name and key. */
	(void)snprintf(dir, sizeof(dir), "%s/other", fixture->dir);
	fixture->options.ca.dir = dir;
	other = issue(fixture, &request);
	(void)sk_X509_set(chain, 0, other);
	assert_string_equal(go_rules_broken(chain),
			    "x509: issuer name does not match subject from issuing certificate");
	/* A critical directoryName. */
	at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
	(void)X509_EXTENSION_set_critical(X509_get_ext(certificate, at), 1);
	(void)sk_X509_set(chain, 0, certificate);
	assert_string_equal(go_rules_broken(chain), "x509: unhandled critical extension");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(each_field_of_an_ek_certificate_is_as_the_profile_has_it),
		TEST(ek_extensions_follow_the_kind_of_key_and_its_use),
		TEST(platform_certificates_name_the_platform),
		TEST(whatever_is_in_a_name_stays_in_the_name),
		TEST(certificates_of_a_tpm_1_2_name_both_together),
		TEST(identity_certificates_name_the_module_and_its_ek),
		TEST(identity_extensions_are_as_the_profile_has_them),
		TEST(a_subject_that_is_too_long_is_shortened_and_stays_unique),
		TEST(urls_are_where_a_verifier_looks_for_them),
		TEST(openssl_and_go_accept_every_chain),
		TEST(the_written_down_rules_of_go_can_be_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
