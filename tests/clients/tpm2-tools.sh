#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tpm2-tools: a key that signs, an index, a quote.
set -euo pipefail
need tpm2_createprimary tpm2_quote
export TPM2TOOLS_TCTI=device:$NODE
# Without a resource manager what a tool loads stays.
flush() { [[ $NODE == *rm* ]] || tpm2_flushcontext -t; }

tpm2_createprimary -Q -C o -G ecc -c primary.ctx
tpm2_create -Q -C primary.ctx -G ecc:ecdsa-sha256 -u key.pub -r key.priv
flush
tpm2_load -Q -C primary.ctx -u key.pub -r key.priv -c key.ctx
flush
tpm2_readpublic -Q -c key.ctx -f pem -o key.pem
flush
echo text >text
tpm2_sign -Q -c key.ctx -g sha256 -f plain -o text.sig text
flush
openssl dgst -sha256 -verify key.pem -signature text.sig text
tpm2_quote -Q -c key.ctx -l sha256:0,7 -q c0ffee -m msg -s sig -o pcrs -g sha256
flush
tpm2_checkquote -Q -u key.pem -m msg -s sig -f pcrs -g sha256 -q c0ffee
tpm2_nvdefine -Q -C o -s 5 0x1500010
tpm2_nvwrite -Q -C o -i text 0x1500010
[ "$(tpm2_nvread -C o -s 5 0x1500010)" = text ]
tpm2_nvundefine -Q -C o 0x1500010
tpm2_getcap handles-transient
