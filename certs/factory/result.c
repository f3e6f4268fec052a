/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"

void manufacture_result_done(struct manufacture_result *result)
{
	for (size_t i = 0; i < result->certificates_count; i++) {
		X509_free(result->certificates[i].certificate);
		free(result->certificates[i].path);
	}
	*result = (struct manufacture_result){ 0 };
}

/* "ek-rsa2048.crt", "ek-secp384r1.crt", "platform.crt". */
static void file_name(const struct made_certificate *made, char *text, size_t size)
{
	const struct key_type_info *info = key_type_info(made->type);
	const char *kind = certificate_kind_name(made->kind);

	if (made->kind == CERTIFICATE_PLATFORM)
		(void)snprintf(text, size, "%s.crt", kind);
	else
		(void)snprintf(text, size, "%s-%s.crt", kind,
			       info->curve != 0 ? info->alias : info->name);
}

static int write_file(int dir_fd, const char *dir, struct made_certificate *made, struct error *err)
{
	cleanup_with(openssl_freep) uint8_t *der = NULL;
	char name[64];
	size_t len;
	int r;

	file_name(made, name, sizeof(name));
	if (asprintf(&made->path, "%s/%s", dir, name) < 0) {
		made->path = NULL;
		return error_set(err, ENOMEM, "write %s", name);
	}
	r = x509_to_der(made->certificate, &der, &len, err);
	if (r < 0)
		return r;
	r = replace_file(dir_fd, name, der, len, 0644);
	return r < 0 ? error_set(err, -r, "write %s", made->path) : 0;
}

int manufacture_result_write(struct manufacture_result *result, const char *dir, struct error *err)
{
	cleanup_close int dir_fd = -1;
	int r = open_dir(dir, 0755, &dir_fd, err);

	for (size_t i = 0; r == 0 && i < result->certificates_count; i++)
		r = write_file(dir_fd, dir, &result->certificates[i], err);
	return r;
}

/* Numbers of the TCG are known in hex; JSON has none. 0 is "none". */
static json_t *hex_or_null(uint32_t value)
{
	return value != 0 ? json_sprintf("0x%08x", value) : json_null();
}

static json_t *key_json(const struct made_key *key)
{
	static const char *const roles[] = {
		[ROLE_EK] = "ek", [ROLE_SRK] = "srk", [ROLE_IAK] = "iak", [ROLE_IDEVID] = "idevid"
	};

	return json_pack("{s:s, s:s, s:o, s:o}", "role", roles[key->role], "type",
			 key_type_info(key->type)->name, "handle", hex_or_null(key->handle),
			 "templateIndex", hex_or_null(key->template_index));
}

static json_t *certificate_json(const struct made_certificate *made)
{
	char fingerprint[65], serial[65];

	if (x509_fingerprint(made->certificate, fingerprint, NULL) < 0)
		return NULL;
	asn1_hex(X509_get0_serialNumber(made->certificate), serial);
	return json_pack("{s:s, s:s, s:o, s:i, s:s, s:s, s:s?}", "kind",
			 certificate_kind_name(made->kind), "keyType",
			 key_type_info(made->type)->name, "nvIndex", hex_or_null(made->index),
			 "size", i2d_X509(made->certificate, NULL), "serial", serial, "sha256",
			 fingerprint, "path", made->path);
}

static json_t *keys_json(const struct manufacture_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->keys_count; i++)
		(void)json_array_append_new(list, key_json(&result->keys[i]));
	return list;
}

static json_t *certificates_json(const struct manufacture_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->certificates_count; i++)
		(void)json_array_append_new(list, certificate_json(&result->certificates[i]));
	return list;
}

static json_t *banks_json(const struct manufacture_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->banks.count; i++)
		(void)json_array_append_new(
			list, json_string(pcr_bank_name(result->banks.algorithms[i])));
	return list;
}

static json_t *result_json(const struct manufacture_result *result)
{
	const struct tpm_attributes *tpm = &result->tpm;

	if (result->kept)
		return json_pack("{s:i, s:b}", "version", 1, "manufactured", 0);
	return json_pack("{s:i, s:b, s:{s:s, s:s, s:s, s:I, s:I}, s:o, s:o, s:o, s:b}", "version",
			 1, "manufactured", 1, "tpm", "family", tpm->family, "manufacturer",
			 tpm->manufacturer, "firmware", tpm->firmware, "level",
			 (json_int_t)tpm->level, "revision", (json_int_t)tpm->revision, "keys",
			 keys_json(result), "certificates", certificates_json(result), "pcrBanks",
			 banks_json(result), "nvramLocked", result->nvram_locked);
}

int manufacture_result_json(const struct manufacture_result *result, char **ret, struct error *err)
{
	cleanup_with(json_decrefp) json_t *root = result_json(result);
	char *text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;

	if (text == NULL)
		return error_set(err, ENOMEM, "write the result as JSON");
	*ret = text;
	return 0;
}
