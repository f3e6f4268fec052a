#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A TPM 2.0 as tpm2-tools see it.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program tpm2_getrandom tpm2_quote tpm2_unseal

# fails COMMAND...: as it should; what the tools say about that is not ours to check.
fails() {
	if "$@" >fails.log 2>&1; then die "succeeded: $*"; fi
}

# Without a resource manager what the tools load stays, and three objects are all that fit.
flush() { tpm2_flushcontext -t; }

start_vtpm tpm0
use_vtpm tpm0

step "getrandom"
first=$(tpm2_getrandom --hex 32)
assert_match "$first" '^[0-9a-f]{64}$'
[ "$first" != "$(tpm2_getrandom --hex 32)" ] || die "the same random numbers twice"

step "getcap"
tpm2_getcap properties-fixed >fixed
grep -A 2 '^TPM2_PT_FAMILY_INDICATOR' fixed | grep '"2.0"' >/dev/null || die "$(head -3 fixed)"
assert_match "$(tpm2_getcap algorithms)" '^rsa:'
assert_match "$(tpm2_getcap pcrs)" 'sha256:'

step "pcrextend, pcrread"
zeros=0000000000000000000000000000000000000000000000000000000000000000
assert_match "$(tpm2_pcrread sha256:7)" "0x$zeros"
tpm2_pcrextend "7:sha256=$zeros"
expected=$(head -c 64 /dev/zero | sha256sum | cut -d ' ' -f 1)
assert_match "$(tpm2_pcrread sha256:7)" "0x${expected^^}"

step "createprimary ECC, quote, checkquote"
tpm2_createprimary -Q -C o -G ecc -c ecc.ctx
tpm2_create -Q -C ecc.ctx -G ecc:ecdsa-sha256 -u ak.pub -r ak.priv
flush
tpm2_load -Q -C ecc.ctx -u ak.pub -r ak.priv -c ak.ctx
flush
tpm2_readpublic -Q -c ak.ctx -f pem -o ak.pem
flush
tpm2_quote -Q -c ak.ctx -l sha256:0,7 -q c0ffee -m quote.msg -s quote.sig -o quote.pcrs -g sha256
tpm2_checkquote -Q -u ak.pem -m quote.msg -s quote.sig -f quote.pcrs -g sha256 -q c0ffee
fails tpm2_checkquote -Q -u ak.pem -m quote.msg -s quote.sig -f quote.pcrs -g sha256 -q c0ffef

step "createprimary RSA"
flush
tpm2_createprimary -Q -C o -G rsa2048 -c rsa.ctx
tpm2_readpublic -Q -c rsa.ctx -f pem -o rsa.pem
assert_match "$(openssl pkey -pubin -in rsa.pem -noout -text)" '2048 bit'

step "seal, unseal"
flush
echo "a secret" >secret
tpm2_create -Q -C ecc.ctx -i secret -p password -u sealed.pub -r sealed.priv
flush
tpm2_load -Q -C ecc.ctx -u sealed.pub -r sealed.priv -c sealed.ctx
flush
assert_eq "$(tpm2_unseal -c sealed.ctx -p password)" "a secret" "what was sealed"
fails tpm2_unseal -c sealed.ctx -p wrong

step "nvdefine, nvwrite, nvread"
tpm2_nvdefine -Q -C o -s 9 -a 'ownerread|ownerwrite|authread' 0x1500001
tpm2_nvwrite -Q -C o -i secret 0x1500001
assert_eq "$(tpm2_nvread -C o -s 9 0x1500001)" "a secret" "the NV index"
tpm2_nvundefine -Q -C o 0x1500001
fails tpm2_nvread -C o 0x1500001

step "the server has counted"
vtpm-ctl status tpm0 --json >status.json
grep -q '"errors": [1-9]' status.json || die "no errors were counted: $(cat status.json)"
grep -q '"failures": 0' status.json || die "$(cat status.json)"
stop_vtpm tpm0

step "--buffer-size"
expect_error 1 "vtpm-cuse: tpm0: --buffer-size: 4097 is not from 2808 to 4096" \
	vtpm-cuse --state "$TMPDIR/tpm0" --name tpm0 --buffer-size 4097
start_vtpm tpm0 --buffer-size 3968
tpm2_getcap properties-fixed >fixed
grep -A 1 '^TPM2_PT_MAX_RESPONSE_SIZE' fixed | grep 0xF80 >/dev/null || die "$(grep -A 1 MAX_RESPONSE fixed)"
stop_vtpm tpm0

step "--no-startup"
start_vtpm tpm0 --no-startup
get_random=80010000000c0000017b0008
assert_eq "$(raw /dev/tpm0 $get_random)" 80010000000a00000100 "TPM_RC_INITIALIZE"
stop_vtpm tpm0 # which is no shutdown
start_vtpm tpm0 --no-startup
tpm2_startup -c
tpm2_getrandom -Q 8
tpm2_changeauth -c platform firmware # whose the platform hierarchy is
stop_vtpm tpm0
if grep -q 'failed try' tpm0.log; then die "$(tail -n 3 tpm0.log)"; fi
