/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/swtpm/format.h"

#include <errno.h>
#include <string.h>

#include "tpm/command.h"
#include "tpm/swtpm/crypt.h"
#include "util/bytes.h"
#include "util/error.h"

#define HEADER_SIZE 10
#define TLV_SIZE 6
#define FILE_VERSION 2
#define FILE_MIN_VERSION 1

enum {
	FLAG_ENCRYPTED = 1,
	FLAG_KEY_256 = 8,
};

enum {
	TAG_DATA = 1,
	TAG_ENCRYPTED = 2,
	TAG_HMAC = 3,
	TAG_IV = 6,
};

const char *swtpm_file_name(enum tpm_version version, enum tpm_blob blob)
{
	static const char *const names_2[BLOBS] = {
		[BLOB_PERMANENT] = "tpm2-00.permall",
		[BLOB_VOLATILE] = "tpm2-00.volatilestate",
		[BLOB_SAVESTATE] = "tpm2-00.savestate",
	};
	static const char *const names_1_2[BLOBS] = {
		[BLOB_PERMANENT] = "tpm-00.permall",
		[BLOB_VOLATILE] = "tpm-00.volatilestate",
		[BLOB_SAVESTATE] = "tpm-00.savestate",
	};

	return version == TPM_VERSION_1_2 ? names_1_2[blob] : names_2[blob];
}

static int parse_header(struct tpm_reader *reader, struct swtpm_file *file, struct error *err)
{
	size_t total = reader->left;
	uint8_t version = tpm_get_u8(reader), min_version = tpm_get_u8(reader);
	uint16_t size = tpm_get_u16(reader), flags = tpm_get_u16(reader);
	uint32_t claimed = tpm_get_u32(reader);

	if (reader->truncated || size != HEADER_SIZE || claimed != total)
		return error_say(err, EBADMSG, "not a state file of swtpm, or cut off");
	if (version < FILE_VERSION || min_version > FILE_VERSION)
		return error_say(err, ENOTSUP, "version %u of swtpm's format is not read", version);
	if ((flags & ~(FLAG_ENCRYPTED | FLAG_KEY_256)) != 0)
		return error_say(err, ENOTSUP, "a migration file of swtpm (flags 0x%x)", flags);
	file->encrypted = (flags & FLAG_ENCRYPTED) != 0;
	file->key_size = (flags & FLAG_KEY_256) != 0 ? 32 : 16;
	return 0;
}

static int take_value(struct tpm_reader *reader, struct swtpm_file *file)
{
	uint16_t tag = tpm_get_u16(reader);
	size_t len = tpm_get_u32(reader);
	const uint8_t *value = tpm_get_bytes(reader, len);

	if (value == NULL || reader->truncated)
		return -EBADMSG;
	if (tag == (file->encrypted ? TAG_ENCRYPTED : TAG_DATA) && file->payload == NULL) {
		file->payload = value;
		file->len = len;
		return 0;
	}
	if (tag == TAG_HMAC && len == SWTPM_HMAC_SIZE && file->encrypted) {
		file->hmac = value;
		return 0;
	}
	if (tag == TAG_IV && len == file->key_size && file->encrypted) {
		file->iv = value;
		return 0;
	}
	return -EBADMSG;
}

int swtpm_parse(const uint8_t *bytes, size_t len, struct swtpm_file *ret, struct error *err)
{
	struct tpm_reader reader = { .p = bytes, .left = len };
	struct swtpm_file file = { 0 };
	int r;

	r = parse_header(&reader, &file, err);
	if (r < 0)
		return r;
	while (r == 0 && reader.left > 0)
		r = take_value(&reader, &file);
	if (r < 0 || file.payload == NULL || file.len == 0 ||
	    (file.encrypted && (file.hmac == NULL || file.iv == NULL)))
		return error_say(err, EBADMSG, "a state file of swtpm, but corrupt");
	*ret = file;
	return 0;
}

static int copy_payload(const struct swtpm_file *file, uint8_t **data, size_t *len,
			struct error *err)
{
	*data = malloc(file->len);
	if (*data == NULL)
		return error_set(err, ENOMEM, "read a state file of swtpm");
	memcpy(*data, file->payload, file->len);
	*len = file->len;
	return 0;
}

int swtpm_open(const struct swtpm_file *file, const struct secret *key, uint8_t **data, size_t *len,
	       struct error *err)
{
	if (!file->encrypted && key != NULL)
		return error_say(err, EKEYREJECTED, "not encrypted, but a key is given");
	if (!file->encrypted)
		return copy_payload(file, data, len, err);
	if (key == NULL)
		return error_say(err, EKEYREJECTED, "encrypted with aes-%zu-cbc: give its key",
				 8 * file->key_size);
	if (key->len != file->key_size)
		return error_say(err, EKEYREJECTED, "encrypted with aes-%zu-cbc, not aes-%zu-cbc",
				 8 * file->key_size, 8 * key->len);
	return swtpm_decrypt(file->payload, file->len, key, file->iv, file->hmac, data, len, err);
}

static uint8_t *put_value(uint8_t *p, uint16_t tag, const void *value, size_t len)
{
	put_be16(p, tag);
	put_be32(p + 2, (uint32_t)len);
	if (value != NULL)
		memcpy(p + TLV_SIZE, value, len);
	return p + TLV_SIZE + len;
}

static void put_header(uint8_t *p, uint16_t flags, size_t total)
{
	p[0] = FILE_VERSION;
	p[1] = FILE_MIN_VERSION;
	put_be16(p + 2, HEADER_SIZE);
	put_be16(p + 4, flags);
	put_be32(p + 6, (uint32_t)total);
}

static int make_plain(const uint8_t *data, size_t len, uint8_t **bytes, size_t *size)
{
	size_t total = HEADER_SIZE + TLV_SIZE + len;
	uint8_t *p = malloc(total);

	if (p == NULL)
		return -ENOMEM;
	put_header(p, 0, total);
	(void)put_value(p + HEADER_SIZE, TAG_DATA, data, len);
	*bytes = p;
	*size = total;
	return 0;
}

static int make_encrypted(const uint8_t *data, size_t len, const struct secret *key,
			  uint8_t **bytes, size_t *size)
{
	size_t padded = swtpm_padded(len, key->len);
	size_t total = HEADER_SIZE + 3 * TLV_SIZE + padded + SWTPM_HMAC_SIZE + key->len;
	cleanup_free uint8_t *p = malloc(total);
	uint8_t hmac[SWTPM_HMAC_SIZE], iv[SWTPM_KEY_MAX];
	uint8_t *end;
	int r;

	if (p == NULL)
		return -ENOMEM;
	put_header(p, key->len == 32 ? FLAG_ENCRYPTED | FLAG_KEY_256 : FLAG_ENCRYPTED, total);
	end = put_value(p + HEADER_SIZE, TAG_ENCRYPTED, NULL, padded);
	r = swtpm_encrypt(data, len, key, p + HEADER_SIZE + TLV_SIZE, iv, hmac);
	if (r < 0)
		return r;
	end = put_value(end, TAG_HMAC, hmac, sizeof(hmac));
	(void)put_value(end, TAG_IV, iv, key->len);
	*bytes = take_ptr(p);
	*size = total;
	return 0;
}

int swtpm_make(const uint8_t *data, size_t len, const struct secret *key, uint8_t **bytes,
	       size_t *size, struct error *err)
{
	int r;

	r = key == NULL ? make_plain(data, len, bytes, size)
			: make_encrypted(data, len, key, bytes, size);
	return r < 0 ? error_set(err, -r, "make a state file of swtpm") : 0;
}
