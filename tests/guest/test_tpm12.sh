#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A TPM 1.2: TPM 1.2 Part 3 has the commands.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

# TPM_GetCapability(TPM_CAP_VERSION), TPM_PcrRead and TPM_Extend of PCR 7 with twenty times 01.
get_version=00c10000001200000065000000060000 get_version+=0000
pcr_read=00c10000000e0000001500000007
extend=00c1000000220000001400000007 extend+=0101010101010101010101010101010101010101
zeros=0000000000000000000000000000000000000000

start_vtpm tpm0 --tpm-version 1.2
assert_chardev /dev/tpm0

step "TPM_GetCapability"
assert_eq "$(raw /dev/tpm0 $get_version)" 00c4000000120000000000000004"01010000" "TPM_GetCapability"

step "it has an endorsement key, and nobody is physically present"
read_pubek=00c10000001e0000007c$zeros
present=00c10000000c4000000a0008
assert_match "$(raw /dev/tpm0 "$read_pubek")" '^00c400000[0-9a-f]{3}00000000'
assert_eq "$(raw /dev/tpm0 $present)" 00c40000000a00000003 "TSC_PhysicalPresence"

step "TPM_PcrRead, TPM_Extend"
assert_eq "$(raw /dev/tpm0 $pcr_read)" 00c40000001e00000000$zeros "TPM_PcrRead"
value=$({ printf '\0%.0s' {1..20} && printf '\1%.0s' {1..20}; } | sha1sum | cut -d ' ' -f 1)
assert_eq "$(raw /dev/tpm0 $extend)" "00c40000001e00000000$value" "TPM_Extend"
assert_eq "$(raw /dev/tpm0 $pcr_read)" "00c40000001e00000000$value" "TPM_PcrRead"

step "an unknown ordinal is a TPM error"
assert_eq "$(raw /dev/tpm0 00c10000000a0000ffff)" 00c40000000a0000000a "TPM_BAD_ORDINAL"

step "--keep-platform: the user says who is present"
stop_vtpm tpm0
start_vtpm tpm0 --tpm-version 1.2 --keep-platform
assert_eq "$(raw /dev/tpm0 $present)" 00c40000000a00000000 "TSC_PhysicalPresence"

step "PCRs are zero after a start"
stop_vtpm tpm0
start_vtpm tpm0 --tpm-version 1.2
assert_eq "$(raw /dev/tpm0 $pcr_read)" 00c40000001e00000000$zeros "TPM_PcrRead"
assert_match "$(vtpm-ctl status tpm0)" 'tpm_version +1\.2'

step "random commands"
raw --random 5000 --seed 12 /dev/tpm0 $get_version $pcr_read $extend | tail -n 1
assert_eq "$(raw /dev/tpm0 $get_version)" 00c4000000120000000000000004"01010000" "TPM_GetCapability"
stop_vtpm tpm0

step "the TPM's version is that of its state"
expect_error 1 "vtpm-cuse: tpm0: $TMPDIR/tpm0 holds a TPM 1.2, not a TPM 2.0" \
	vtpm-cuse --state "$TMPDIR/tpm0" --name tpm0
