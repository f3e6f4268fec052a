#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
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

step "where room is dear, what needs room that is not there is refused, and no byte is lost"
head -c 64 /dev/urandom >precious
tpm2_nvdefine -Q 0x1500000 -s 64 -a 'ownerread|ownerwrite'
tpm2_nvwrite -Q 0x1500000 -C o -i precious
tpm2_pcrextend "10:sha256=$(printf measured | sha256sum | cut -d' ' -f1)"
tpm2_pcrread sha256:10 >registers
dd if=/dev/zero of=disk/ballast bs=1k 2>/dev/null || true
for ((i = 1; i <= 30; i++)); do
	tpm2_nvdefine -Q "$((0x1500000 + i))" -s 2000 -a 'ownerread|ownerwrite' 2>refusal || break
	head -c 2000 /dev/urandom >"written.$i"
	tpm2_nvwrite -Q "$((0x1500000 + i))" -C o -i "written.$i"
	acknowledged=$i
done
[ "$i" -le 30 ] || die "the disk is not full"
grep -qi '0x0*14b' refusal || die "not TPM_RC_NV_SPACE: $(cat refusal)"
is_well || die "degraded: $(status_of .degraded)"

check_all() {
	local n
	tpm2_nvread -C o -o back 0x1500000
	cmp back precious
	for ((n = 1; n <= acknowledged; n++)); do
		tpm2_nvread -C o -o back "$((0x1500000 + n))"
		cmp back "written.$n"
	done
	tpm2_pcrread sha256:10 | cmp - registers || die "the registers are others"
}
check_all

step "with room again, so does what needs it"
rm disk/ballast
head -c 2000 /dev/urandom >"written.$i"
tpm2_nvdefine -Q "$((0x1500000 + i))" -s 2000 -a 'ownerread|ownerwrite'
tpm2_nvwrite -Q "$((0x1500000 + i))" -C o -i "written.$i"
acknowledged=$i
check_all

step "a state file that is changed in place is noticed and made anew, between two stores, too"
: >disk/state/tpm.permanent
wait_for 60 grep -q 'tpm0: .*tpm.permanent is cut off after 0 bytes' tpm0.log
is_whole() { vtpm-setup show --state "$TMPDIR/copy" --plain --json >/dev/null 2>&1; }
copy_is_whole() {
	rm -rf copy
	cp -r disk/state copy
	is_whole
}
wait_for 60 copy_is_whole
: >disk/state/tpm.permanent
head -c 64 /dev/urandom >precious
tpm2_nvwrite -Q 0x1500000 -C o -i precious
copy_is_whole || die "the store did not make the file anew"
check_all

step "a removed lock lets no second server in"
rm disk/state/.lock
expect_fail 'tpm1: .*disk/state is in use by process [0-9]+.*' \
	vtpm-cuse --state "$TMPDIR/disk/state" --name tpm1 --plain
wait_for 60 test -e disk/state/.lock

step "the file of another TPM is neither written over nor taken for its own"
vtpm-setup manufacture --state "$TMPDIR/disk/other" --plain --certs none
mv disk/state/tpm.permanent own
cp disk/other/tpm.permanent disk/state/tpm.permanent
chown --reference=own disk/state/tpm.permanent
wait_for 60 is_degraded
assert_match "$(status_of .degraded)" "another TPM's"
if tpm2_getrandom --hex 8 >/dev/null 2>&1; then die "answered"; fi
cmp disk/other/tpm.permanent disk/state/tpm.permanent || die "written over"
mv own disk/state/tpm.permanent
wait_for 60 is_well
check_all
vtpm-ctl stop tpm0
cp disk/other/tpm.permanent disk/state/tpm.permanent
expect_fail 'tpm0: .*is of another TPM than the directory.s.*' \
	vtpm-cuse --state "$TMPDIR/disk/state" --name tpm0 --plain
start_vtpm tpm0 --state "$TMPDIR/disk/state" --plain --new-identity
id=$(vtpm-setup show --state "$TMPDIR/disk/other" --plain --json | jq -r .id)
vtpm-ctl stop tpm0
start_vtpm tpm0 --state "$TMPDIR/disk/state" --plain --expect-identity "$id"

step "a state directory that is moved away is noticed, and no TPM is made in its place"
pid=$(vtpm_pid tpm0)
mv disk/state disk/moved
wait_for 60 is_degraded
assert_match "$(status_of .degraded)" 'was moved away under the running TPM'
wait_for 60 grep -q 'cannot save the state, .*was moved away' tpm0.log
if tpm2_getrandom --hex 8 >/dev/null 2>&1; then die "answered"; fi
expect_error 3 "vtpm-cuse: tpm1: the TPM of disk/../disk/state is served, from where somebody has moved it to, by process \
$pid: vtpm-ctl stop tpm0 ends it" vtpm-cuse --state disk/../disk/state --name tpm1 --plain
[ ! -e disk/state ] || die "made in its place"
mv disk/moved disk/state
wait_for 60 is_well
tpm2_getrandom --hex 8 >/dev/null

step "a removed state directory is noticed; every command fails, and nothing is made in its place"
rm -r disk/state
wait_for 60 is_degraded
assert_match "$(status_of .degraded)" 'was removed under the running TPM'
if tpm2_getrandom --hex 8 >/dev/null 2>&1; then die "answered"; fi
expect_fail 'vTPM tpm0: .*disk/state.*' vtpm-ctl recover tpm0
[ ! -e disk/state ] || die "made again"
vtpm-ctl stop tpm0

step "a TPM that is to stay failed does so"
start_vtpm tpm0 --state "$TMPDIR/disk/state" --plain --on-store-failure fail
mv disk/state/tpm.permanent own
cp disk/other/tpm.permanent disk/state/tpm.permanent
if tpm2_nvdefine -Q 0x1500000 -s 64 2>/dev/null; then die "acknowledged"; fi
mv own disk/state/tpm.permanent
expect_fail 'vTPM tpm0: .*until its next start' vtpm-ctl recover tpm0
if tpm2_getrandom --hex 8 >/dev/null 2>&1; then die "answered"; fi
vtpm-ctl stop tpm0
start_vtpm tpm0 --state "$TMPDIR/disk/state" --plain
tpm2_getrandom --hex 8 >/dev/null
vtpm-ctl stop tpm0

step "a snapshot that cannot be written is shown, verified and backed up"
mount -o remount,ro "$TMPDIR/disk"
vtpm-setup show --state "$TMPDIR/disk/other" --plain --json | jq -e .generation >/dev/null
vtpm-setup verify --state "$TMPDIR/disk/other" --plain
vtpm-setup backup --state "$TMPDIR/disk/other" --plain --out backup --backup-plain
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

step "save and resume: registers, sessions and objects are as they were, and so is the event log"
start_vtpm tpm0 --measure=attached
log=/run/vtpm-cuse/tpm0.cel
cp "$log" log.before
printf hello | tpm2_pcrextend "0:sha256=$(printf hello | sha256sum | cut -d' ' -f1)"
tpm2_pcrread sha256:0,12,13 >pcr.before
tpm2_createprimary -Q -C o -G ecc -c primary.ctx
tpm2_startauthsession -S session.ctx --policy-session
expect_fail '.*--out is missing' vtpm-ctl save tpm0
vtpm-ctl save tpm0 --out early
vtpm-ctl save tpm0 --out saved --stop
[ ! -e /dev/tpm0 ] || die "it still serves"
assert_eq "$(stat -c %a saved)" 600
[ ! -e "$log" ] || die "there still is a log"
expect_error 2 "vtpm-cuse: --measure and --resume exclude one another" \
	vtpm-cuse --state tpm0 --name tpm0 --resume saved --measure=attached
start_vtpm tpm0 --resume saved
tpm2_pcrread sha256:0,12,13 >pcr.after
cmp pcr.before pcr.after
cmp log.before "$log"
tpm2_readpublic -Q -c primary.ctx
tpm2_policypcr -Q -S session.ctx -l sha256:0
tpm2_flushcontext session.ctx
vtpm-ctl stop tpm0

step "a file of another generation is refused"
expect_fail 'tpm0: early: .*' vtpm-cuse --state tpm0 --name tpm0 --resume early
expect_fail 'tpm0: saved: .*' vtpm-cuse --state tpm0 --name tpm0 --resume saved
start_vtpm tpm0
vtpm-ctl stop tpm0
