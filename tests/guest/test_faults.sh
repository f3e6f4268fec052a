#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 300
# A state that cannot be saved for a while; a state that is lost; a TPM that goes on elsewhere.

. "$SRCDIR/tests/guest/lib.sh"

status_of() {
	vtpm-ctl status tpm0 --json | jq -r "$1"
}

is_degraded() { [ "$(status_of .degraded)" != null ]; }
is_well() { [ "$(status_of .degraded)" = null ]; }

mkdir disk
mount -t tmpfs -o size=1m disk disk
mkdir disk/state
start_vtpm tpm0 --state "$TMPDIR/disk/state" --plain
use_vtpm tpm0

step "a full disk fails the command that needs room, and no byte is lost"
head -c 64 /dev/urandom >precious
tpm2_nvdefine -Q 0x1500000 -s 64 -a 'ownerread|ownerwrite'
tpm2_nvwrite -Q 0x1500000 -C o -i precious
dd if=/dev/zero of=disk/ballast bs=1k 2>/dev/null || true
pid=$(status_of .pid)
device=$(stat -c %t:%T:%i /dev/tpm0)
for ((i = 1; i <= 30; i++)); do
	tpm2_nvdefine -Q "$((0x1500000 + i))" -s 2000 -a 'ownerread|ownerwrite' 2>/dev/null || break
	head -c 2000 /dev/urandom >"written.$i"
	tpm2_nvwrite -Q "$((0x1500000 + i))" -C o -i "written.$i" 2>/dev/null || break
	acknowledged=$i
done
[ "$i" -le 30 ] || die "the disk is not full"

step "it goes on with all that was acknowledged"
wait_for 10 is_well
assert_eq "$(status_of .pid)" "$pid" "process"
assert_eq "$(stat -c %t:%T:%i /dev/tpm0)" "$device" "node"
grep -q 'No space left on device' tpm0.log
check_all() {
	local n
	tpm2_nvread -C o -o back 0x1500000
	cmp back precious
	for ((n = 1; n <= acknowledged; n++)); do
		tpm2_nvread -C o -o back "$((0x1500000 + n))"
		cmp back "written.$n"
	done
}
check_all

step "with room again, so does what needs it"
rm disk/ballast
head -c 2000 /dev/urandom >"written.$i"
tpm2_nvwrite -Q "$((0x1500000 + i))" -C o -i "written.$i" 2>/dev/null ||
	tpm2_nvdefine -Q "$((0x1500000 + i))" -s 2000 -a 'ownerread|ownerwrite'
tpm2_nvwrite -Q "$((0x1500000 + i))" -C o -i "written.$i"
acknowledged=$i
check_all

step "a removed state file is written again by itself, or when the server is told to"
rm disk/state/tpm.permanent
head -c 64 /dev/urandom >other
if tpm2_nvwrite -Q 0x1500000 -C o -i other >/dev/null 2>&1; then die "acknowledged"; fi
wait_for 10 is_well
check_all
rm disk/state/tpm.permanent
tpm2_nvwrite -Q 0x1500000 -C o -i other >/dev/null 2>&1 || true
vtpm-ctl recover tpm0
is_well || die "still degraded: $(status_of .degraded)"
check_all
kill_vtpm tpm0
start_vtpm tpm0 --state "$TMPDIR/disk/state" --plain
check_all

step "a removed state directory is noticed; every command fails, and nothing is made in its place"
rm -r disk/state
if tpm2_nvwrite -Q 0x1500000 -C o -i other >/dev/null 2>&1; then die "acknowledged"; fi
is_degraded || die "not degraded"
if tpm2_getrandom --hex 8 >/dev/null 2>&1; then die "answered"; fi
expect_fail 'vTPM tpm0: .*disk/state was removed' vtpm-ctl recover tpm0
[ ! -e disk/state ] || die "made again"
vtpm-ctl stop tpm0
umount disk

step "a TPM whose state file is gone is not made anew without a word"
start_vtpm tpm0
vtpm-ctl stop tpm0
mv tpm0/tpm.permanent lost
expect_fail 'tpm0: .*' vtpm-cuse --state tpm0 --name tpm0
mv lost tpm0/tpm.permanent
start_vtpm tpm0
vtpm-ctl stop tpm0
rm tpm0/tpm.permanent
start_vtpm tpm0 --new-identity
vtpm-ctl stop tpm0

step "save and resume: registers, sessions and objects are as they were"
start_vtpm tpm0
printf hello | tpm2_pcrextend "0:sha256=$(printf hello | sha256sum | cut -d' ' -f1)"
tpm2_pcrread sha256:0 >pcr.before
tpm2_createprimary -Q -C o -G ecc -c primary.ctx
tpm2_startauthsession -S session.ctx --policy-session
expect_fail '.*--out is missing' vtpm-ctl save tpm0
vtpm-ctl save tpm0 --out early
vtpm-ctl save tpm0 --out saved --stop
[ ! -e /dev/tpm0 ] || die "it still serves"
assert_eq "$(stat -c %a saved)" 600
start_vtpm tpm0 --resume saved
tpm2_pcrread sha256:0 >pcr.after
cmp pcr.before pcr.after
tpm2_readpublic -Q -c primary.ctx
tpm2_policypcr -Q -S session.ctx -l sha256:0
tpm2_flushcontext session.ctx
vtpm-ctl stop tpm0

step "a file of another generation is refused"
expect_fail 'tpm0: early: .*' vtpm-cuse --state tpm0 --name tpm0 --resume early
expect_fail 'tpm0: saved: .*' vtpm-cuse --state tpm0 --name tpm0 --resume saved
start_vtpm tpm0
vtpm-ctl stop tpm0
