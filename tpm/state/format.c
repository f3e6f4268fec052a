/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/format.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <openssl/evp.h>

#include "util/bytes.h"
#include "util/error.h"

/* Offsets in the header. */
enum {
	H_MAGIC = 0,
	H_FORMAT = 8,
	H_SIZE = 10,
	H_BLOB = 12,
	H_TPM = 13,
	H_KEY = 14,
	H_KDF = 15,
	H_SEAL = 16,
	H_SLOT_SIZE = 20,
	H_CREATED = 24,
	H_SALT = 32,
	H_CHECK = 64,
	H_ID = 96,
	H_KDF_N = 112,
	H_KDF_R = 116,
	H_KDF_P = 120,
	H_CHECKSUM = 224,
};

/* Offsets in a slot's header. */
enum {
	S_GENERATION = 0,
	S_LEN = 8,
	S_BLOB = 12,
	S_STORED = 16,
	S_NONCE = 32,
	S_TAG = 48,
};

enum { KDF_NONE, KDF_SCRYPT };
enum { SEAL_CHECKSUM, SEAL_AES_256_GCM };

static const char magic[8] = { 'v', 'T', 'P', 'M', 's', 't', 'a', 't' };

static bool all_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != 0)
			return false;
	}
	return true;
}

static int sha256(const uint8_t *data, size_t len, uint8_t digest[static 32])
{
	return EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

bool state_kdf_is_sane(const struct state_kdf *kdf)
{
	uint64_t memory = 128ULL * kdf->r * kdf->n;

	return kdf->n >= 2 && (kdf->n & (kdf->n - 1)) == 0 && kdf->n <= 1U << 20 && kdf->r >= 1 &&
	       kdf->r <= 64 && kdf->p >= 1 && kdf->p <= 64 && memory < 20ULL << 20;
}

int state_header_build(const struct state_header *header, uint8_t block[static STATE_BLOCK])
{
	memset(block, 0, STATE_BLOCK);
	memcpy(block + H_MAGIC, magic, sizeof(magic));
	put_be16(block + H_FORMAT, header->format);
	put_be16(block + H_SIZE, STATE_HEADER_SIZE);
	block[H_BLOB] = (uint8_t)header->blob;
	block[H_TPM] = (uint8_t)header->version;
	block[H_KEY] = (uint8_t)header->key;
	block[H_KDF] = header->key == KEY_PASSWORD ? KDF_SCRYPT : KDF_NONE;
	block[H_SEAL] = header->key == KEY_PLAIN ? SEAL_CHECKSUM : SEAL_AES_256_GCM;
	put_be32(block + H_SLOT_SIZE, header->slot_size);
	put_be64(block + H_CREATED, header->created);
	memcpy(block + H_SALT, header->salt, STATE_SALT_SIZE);
	memcpy(block + H_CHECK, header->check, STATE_CHECK_SIZE);
	memcpy(block + H_ID, header->id, STATE_ID_SIZE);
	put_be32(block + H_KDF_N, header->kdf.n);
	put_be32(block + H_KDF_R, header->kdf.r);
	put_be32(block + H_KDF_P, header->kdf.p);
	return sha256(block, H_CHECKSUM, block + H_CHECKSUM);
}

static bool is_slot_size(uint32_t size)
{
	return size >= STATE_SLOT_MIN && size <= STATE_SLOT_MAX && size % STATE_BLOCK == 0;
}

/* Whether the fields can be together in a file that we wrote; the checksum was right. */
static bool makes_sense(const uint8_t *block, const struct state_header *header)
{
	bool password = header->key == KEY_PASSWORD;
	bool plain = header->key == KEY_PLAIN;

	return get_be16(block + H_SIZE) == STATE_HEADER_SIZE && header->blob < BLOBS &&
	       (header->version == TPM_VERSION_1_2 || header->version == TPM_VERSION_2) &&
	       header->key < KEY_KINDS && block[H_KDF] == (password ? KDF_SCRYPT : KDF_NONE) &&
	       block[H_SEAL] == (plain ? SEAL_CHECKSUM : SEAL_AES_256_GCM) &&
	       (!plain || all_zero(header->check, STATE_CHECK_SIZE)) &&
	       is_slot_size(header->slot_size) &&
	       (password ? state_kdf_is_sane(&header->kdf) : all_zero(block + H_KDF_N, 12)) &&
	       all_zero(block + H_SEAL + 1, H_SLOT_SIZE - H_SEAL - 1) &&
	       all_zero(block + H_KDF_P + 4, H_CHECKSUM - H_KDF_P - 4) &&
	       all_zero(block + STATE_HEADER_SIZE, STATE_BLOCK - STATE_HEADER_SIZE);
}

static void read_fields(const uint8_t *block, struct state_header *header)
{
	header->format = get_be16(block + H_FORMAT);
	header->blob = block[H_BLOB];
	header->version = block[H_TPM];
	header->key = block[H_KEY];
	header->slot_size = get_be32(block + H_SLOT_SIZE);
	header->created = get_be64(block + H_CREATED);
	header->kdf.n = get_be32(block + H_KDF_N);
	header->kdf.r = get_be32(block + H_KDF_R);
	header->kdf.p = get_be32(block + H_KDF_P);
	memcpy(header->salt, block + H_SALT, STATE_SALT_SIZE);
	memcpy(header->check, block + H_CHECK, STATE_CHECK_SIZE);
	memcpy(header->id, block + H_ID, STATE_ID_SIZE);
}

int state_header_parse(const uint8_t block[static STATE_BLOCK], struct state_header *ret,
		       struct error *err)
{
	struct state_header header;
	uint8_t checksum[32];

	if (memcmp(block + H_MAGIC, magic, sizeof(magic)) != 0)
		return error_say(err, EBADMSG, "not a state file, or its header is corrupt");
	if (sha256(block, H_CHECKSUM, checksum) < 0)
		return error_set(err, EIO, "SHA-256");
	if (memcmp(block + H_CHECKSUM, checksum, sizeof(checksum)) != 0)
		return error_say(err, EBADMSG, "the header is corrupt");
	if (get_be16(block + H_FORMAT) < STATE_FORMAT_OLDEST ||
	    get_be16(block + H_FORMAT) > STATE_FORMAT_VERSION)
		return error_say(err, EPROTONOSUPPORT, "its format is %u, this program knows %d",
				 get_be16(block + H_FORMAT), STATE_FORMAT_VERSION);

	read_fields(block, &header);
	if (!makes_sense(block, &header))
		return error_say(err, EBADMSG, "the header makes no sense");
	*ret = header;
	return 0;
}

void state_slot_build(const struct state_slot *slot, uint8_t bytes[static STATE_SLOT_HEADER_SIZE])
{
	memset(bytes, 0, STATE_SLOT_HEADER_SIZE);
	put_be64(bytes + S_GENERATION, slot->generation);
	put_be32(bytes + S_LEN, slot->len);
	bytes[S_BLOB] = (uint8_t)slot->blob;
	put_be64(bytes + S_STORED, slot->stored);
	memcpy(bytes + S_NONCE, slot->nonce, STATE_NONCE_SIZE);
	memcpy(bytes + S_TAG, slot->tag, STATE_TAG_SIZE);
}

int state_slot_parse(const uint8_t bytes[static STATE_SLOT_HEADER_SIZE], enum tpm_blob blob,
		     uint32_t slot_size, struct state_slot *ret)
{
	struct state_slot slot = {
		.generation = get_be64(bytes + S_GENERATION),
		.len = get_be32(bytes + S_LEN),
		.blob = bytes[S_BLOB],
		.stored = get_be64(bytes + S_STORED),
	};

	if (all_zero(bytes, STATE_SLOT_HEADER_SIZE))
		return -ENODATA;
	if (slot.generation == 0 || slot.blob != blob || slot.len == 0 ||
	    slot.len > slot_size - STATE_SLOT_HEADER_SIZE ||
	    !all_zero(bytes + S_BLOB + 1, S_STORED - S_BLOB - 1) ||
	    !all_zero(bytes + S_STORED + 8, S_NONCE - S_STORED - 8) ||
	    !all_zero(bytes + S_NONCE + STATE_NONCE_SIZE, S_TAG - S_NONCE - STATE_NONCE_SIZE))
		return -EBADMSG;

	memcpy(slot.nonce, bytes + S_NONCE, STATE_NONCE_SIZE);
	memcpy(slot.tag, bytes + S_TAG, STATE_TAG_SIZE);
	*ret = slot;
	return 0;
}

uint64_t state_slot_offset(uint32_t slot_size, unsigned int number)
{
	return STATE_BLOCK + (uint64_t)slot_size * number;
}

uint32_t state_slot_size_for(size_t len)
{
	uint32_t size = STATE_SLOT_MIN;

	while (size < STATE_SLOT_MAX && len > size / 2)
		size *= 2;
	return len <= size - STATE_SLOT_HEADER_SIZE ? size : 0;
}
