#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tpm2-openssl: OpenSSL makes a certificate whose key is in the TPM.
set -euo pipefail
need openssl
[ -e /usr/lib/"$(uname -m)"-linux-gnu/ossl-modules/tpm2.so ] || exit 77
export TPM2OPENSSL_TCTI=device:$NODE

openssl genpkey -provider tpm2 -algorithm EC -pkeyopt group:P-256 -out key.pem
openssl req -provider tpm2 -provider default -propquery '?provider=tpm2' \
	-x509 -new -subj /CN=client -key key.pem -out cert.pem
openssl verify -CAfile cert.pem cert.pem
openssl rand -provider tpm2 -hex 10
