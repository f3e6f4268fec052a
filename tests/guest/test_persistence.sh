#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a TPM 2.0 keeps over its starts, and what it must not keep.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program tpm2_nvwrite tpm2_evictcontrol

zeros=0000000000000000000000000000000000000000000000000000000000000000

assert_pcr_is_zero() {
	assert_match "$(tpm2_pcrread sha256:7)" "0x$zeros"
}

# The dictionary attack lockout's counter, which an unexpected end of the TPM makes climb.
lockout_counter() {
	tpm2_getcap properties-variable | sed -n 's/^TPM2_PT_LOCKOUT_COUNTER: //p'
}

start_vtpm tpm0
use_vtpm tpm0

step "make what is to be kept"
tpm2_nvdefine -Q -C o -s 8 -a 'ownerread|ownerwrite' 0x1500001
echo 'first..' | tpm2_nvwrite -Q -C o -i - 0x1500001
tpm2_createprimary -Q -C o -G ecc -c key.ctx
tpm2_evictcontrol -Q -C o -c key.ctx 0x81000001
tpm2_readpublic -Q -c 0x81000001 -f pem -o key.pem
# A key with an authorization, so that its use counts for the lockout.
tpm2_nvdefine -Q -C o -s 8 -p password -a 'authread|authwrite' 0x1500002
echo 'guarded' | tpm2_nvwrite -Q -P password -i - 0x1500002
tpm2_pcrextend "7:sha256=$zeros"

assert_kept() {
	assert_eq "$(tpm2_nvread -C o -s 8 0x1500001)" "$1" "the NV index"
	tpm2_readpublic -Q -c 0x81000001 -f pem -o again.pem
	cmp key.pem again.pem || die "the persistent key is another one"
	assert_pcr_is_zero
}

step "an orderly restart"
stop_vtpm tpm0
start_vtpm tpm0
assert_kept 'first..'

for n in 1 2; do
	step "SIGKILL right after the command returned, $n"
	tpm2_pcrextend "7:sha256=$zeros"
	echo "kill $n." | tpm2_nvwrite -Q -C o -i - 0x1500001
	kill_vtpm tpm0
	start_vtpm tpm0
	assert_kept "kill $n."
done

step "orderly restarts do not count as attacks"
# Whatever the kills above have left.
tpm2_dictionarylockout -Q -c
assert_eq "$(lockout_counter)" 0x0 "lockout counter"
for n in 1 2; do
	assert_eq "$(tpm2_nvread -P password -s 8 0x1500002)" guarded "an index with an authorization"
	stop_vtpm tpm0
	start_vtpm tpm0
	assert_eq "$(lockout_counter)" 0x0 "lockout counter after restart $n"
done

step "a crash does count, as it should"
assert_eq "$(tpm2_nvread -P password -s 8 0x1500002)" guarded "an index with an authorization"
kill_vtpm tpm0
start_vtpm tpm0
assert_eq "$(lockout_counter)" 0x1 "lockout counter after a crash"
stop_vtpm tpm0

step "without flushing"
start_vtpm tpm0 --sync off
echo 'no sync' | tpm2_nvwrite -Q -C o -i - 0x1500001
kill_vtpm tpm0
start_vtpm tpm0
assert_kept 'no sync'
stop_vtpm tpm0

step "a TPM in memory: what it keeps ends with it"
umask 077
head -c 32 /dev/urandom >key
start_vtpm tpm0 --state memory: --key "file=$TMPDIR/key" --run-as nobody
tpm2_nvdefine -Q -C o -s 8 -a 'ownerread|ownerwrite' 0x1500001
printf fleeting | tpm2_nvwrite -Q -C o -i - 0x1500001
tpm2_pcrextend "7:sha256=$zeros"
registers=$(tpm2_pcrread sha256:7 | tail -n 1)
assert_eq "$(vtpm-ctl status tpm0 --json | jq -r .state)" memory:
[ ! -e memory: ] || die "there is a directory"
expect_fail 'vtpm-setup: .*in memory.*' vtpm-setup verify --state memory: --plain

step "unless it is saved"
vtpm-ctl save tpm0 --out saved --stop
start_vtpm tpm0 --state memory: --key "file=$TMPDIR/key" --resume saved
assert_eq "$(tpm2_nvread -C o -s 8 0x1500001)" fleeting
assert_eq "$(tpm2_pcrread sha256:7 | tail -n 1)" "$registers" "register 7"
kill_vtpm tpm0
start_vtpm tpm0 --state memory: --key "file=$TMPDIR/key" --create-certs=none
if tpm2_nvread -C o -s 8 0x1500001 2>/dev/null; then die "it is still there"; fi
vtpm-ctl stop tpm0
