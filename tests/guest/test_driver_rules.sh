#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
# The device against the rules of the kernel's driver.

. "$SRCDIR/tests/guest/lib.sh"

step "a response that nobody reads lives for 120 seconds"
start_vtpm tpmold
(
	exec 3<>/dev/tpmold
	printf '\200\001\000\000\000\014\000\000\001\173\000\010' >&3
	sleep 117
	timeout 10 "$BUILDDIR/tests/guest/expiry" 3
) &
expiry=$!

step "each rule, once"
start_vtpm tpm0 --resource-manager
"$BUILDDIR/tests/guest/rules" tpm0 tpmrm0

step "TPM_RC_RETRY is resent inside"
use_vtpm tpm0
tpm2_nvdefine -Q 0x1500001 -s 8 -p secret -a 'authread|authwrite'
printf 12345678 | tpm2_nvwrite -Q 0x1500001 -P secret -i -
vtpm-ctl stop tpm0
start_vtpm tpm0 --resource-manager
assert_eq "$(tpm2_nvread 0x1500001 -P secret)" 12345678
assert_eq "$(vtpm-ctl status tpm0 --json | jq .errors)" 0 "errors seen by clients"

step "vtpm-ctl cancel"
rc=0
"$BUILDDIR/tests/guest/cancel_client" /dev/tpm0 || rc=$?
assert_eq "$rc" 0 "cancel"
expect_fail 'vTPM tpm0: no command is running' vtpm-ctl cancel tpm0

step "freeze and thaw"
vtpm-ctl freeze tpm0
"$BUILDDIR/tests/guest/tpm_client" random /dev/tpm0 >answer &
client=$!
sleep 1
[ ! -s answer ] || die "answered while frozen"
assert_eq "$(vtpm-ctl status tpm0 --json | jq .frozen)" true
vtpm-ctl thaw tpm0
wait "$client"
assert_eq "$(cat answer)" "rc 00000000"

step "the response of the first step is gone, and its poller was told"
wait "$expiry" || die "it is there after 120 seconds"
