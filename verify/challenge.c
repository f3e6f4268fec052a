/* SPDX-License-Identifier: BSD-3-Clause */
/* The first step of a verifier: vtpm_verify_challenge(). */
#include <errno.h>
#include <string.h>

#include <openssl/rand.h>

#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"
#include "verify/identity.h"
#include "verify/kept_challenge.h"
#include "verify/quote/credential.h"
#include "verify/vtpm_verify.h"

_Static_assert(CREDENTIAL_FILE_MOST <= sizeof(((struct vtpm_verify_challenge *)0)->credential),
	       "there is room for a credential");
_Static_assert(KEPT_MOST == sizeof(((struct vtpm_verify_challenge *)0)->kept),
	       "there is room for what is kept");
_Static_assert(VTPM_VERIFY_TEXT == sizeof(((struct error *)0)->text), "there is room for a reason");

static int make(const struct identity *identity, int64_t now, struct vtpm_verify_challenge *ret,
		struct error *err)
{
	const struct bank *sha256 = bank_find(TPM2_ALG_SHA256);
	uint8_t secret[CREDENTIAL_SECRET];
	struct credential credential;
	struct kept_challenge kept = { .made = now };
	int r;

	if (RAND_bytes(secret, sizeof(secret)) != 1 ||
	    RAND_bytes(kept.nonce, sizeof(kept.nonce)) != 1)
		return openssl_error(err, EIO, "draw a random number");
	memcpy(kept.ek, identity->fingerprint, sizeof(kept.ek));
	memcpy(kept.ak, identity->ak_name, sizeof(kept.ak));
	r = bank_hash(sha256, secret, sizeof(secret), kept.secret, err);
	if (r == 0)
		r = credential_make(X509_get0_pubkey(identity->certificate), identity->ak.name,
				    identity->ak.name_len, secret, &credential, err);
	explicit_bzero(secret, sizeof(secret));
	if (r < 0)
		return r;
	ret->credential_len = credential_write(&credential, ret->credential);
	hex_encode(kept.nonce, sizeof(kept.nonce), ret->nonce);
	kept_challenge_write(&kept, ret->kept);
	return 0;
}

static enum vtpm_verify_kind run(const struct vtpm_verify_challenge_input *input,
				 struct identity *identity, struct vtpm_verify_challenge *ret,
				 struct error *err)
{
	int r = identity_read_trust(&input->roots, &input->intermediates, identity, err);

	if (r < 0)
		return r == -ENOMEM ? VTPM_VERIFY_FAILURE : VTPM_VERIFY_USAGE;
	r = identity_read_ek(&input->ek, input->now, identity, err);
	if (r < 0)
		return r == -ENOMEM ? VTPM_VERIFY_FAILURE : VTPM_VERIFY_CERTIFICATE;
	r = identity_read_ak(&input->ak, identity, err);
	if (r < 0)
		return r == -ENOMEM ? VTPM_VERIFY_FAILURE : VTPM_VERIFY_KEY;
	r = make(identity, input->now, ret, err);
	if (r < 0)
		return r == -ENOTSUP ? VTPM_VERIFY_CERTIFICATE : VTPM_VERIFY_FAILURE;
	return VTPM_VERIFY_YES;
}

enum vtpm_verify_kind vtpm_verify_challenge(const struct vtpm_verify_challenge_input *input,
					    struct vtpm_verify_challenge *ret)
{
	cleanup_with(identity_done) struct identity identity = { .certificate = NULL };
	struct error err = { "" };
	enum vtpm_verify_kind kind;

	memset(ret, 0, sizeof(*ret));
	kind = run(input, &identity, ret, &err);
	memcpy(ret->reason, err.text, sizeof(ret->reason));
	return kind;
}
