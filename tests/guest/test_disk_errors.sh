#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --kernel uml --timeout 600
# A disk that fails under a running TPM: it is full, its writes end in an error, its file system becomes read-only.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program dmsetup losetup mkfs.ext4

status_of() {
	vtpm-ctl status tpm0 --json | jq -r "$1"
}

is_degraded() { [ "$(status_of .degraded)" != null ]; }
is_well() { [ "$(status_of .degraded)" = null ]; }

# disk TARGET: what the device is from now on, without a word to the file system.
disk() {
	dmsetup --noudevsync load disk --table "0 32768 $*"
	dmsetup --noudevsync suspend --noflush --nolockfs disk
	dmsetup --noudevsync resume disk
}

write_index() {
	printf '%-8s' "$1" >content
	tpm2_nvwrite -Q 0x1500000 -C o -i content
}

expect_index() {
	assert_eq "$(tpm2_nvread -C o 0x1500000 | tr -d ' ')" "$1" "content of the NV index"
}

step "a state on a disk that can be made to fail"
modprobe -a loop dm-mod dm-flakey || skip "needs dm-flakey"
truncate -s 16M disk.img
loop=$(losetup -f --show disk.img)
good="linear $loop 0"
bad="flakey $loop 0 0 3600 1 error_writes"
dmsetup --noudevsync --noudevrules create disk --table "0 32768 $good"
dmsetup --noudevsync mknodes disk
mkfs.ext4 -q /dev/mapper/disk
mkdir mounted
# The journal is not to notice before we want it to.
mount -t ext4 -o commit=300 /dev/mapper/disk mounted
head -c 32 /dev/urandom >key
start_vtpm tpm0 --state "$TMPDIR/mounted/state" --key "file=$TMPDIR/key"
use_vtpm tpm0
tpm2_nvdefine -Q 0x1500000 -s 8 -a 'ownerread|ownerwrite'
write_index before
sync

step "what is measured, here as the user of the disk sees it"
measured=$(printf measured | sha256sum | cut -d' ' -f1)
tpm2_pcrextend "10:sha256=$measured"
registers() { tpm2_pcrread sha256:10 | tail -n 1; }
before=$(registers)
assert_registers() { assert_eq "$(registers)" "$before" "register 10"; }

step "a full disk does no harm: there is room for all that a TPM can hold"
dd if=/dev/zero of=mounted/ballast bs=64k 2>/dev/null || true
dd if=/dev/zero of=mounted/rest bs=1 count=8192 2>/dev/null || true
if echo x 2>/dev/null >mounted/more; then die "the disk is not full"; fi
for ((i = 1; i <= 20; i++)); do
	tpm2_nvdefine -Q "$((0x1500100 + i))" -s 2000 -a 'ownerread|ownerwrite'
done
is_well || die "degraded: $(status_of .degraded)"
assert_registers
rm mounted/ballast mounted/rest
sync

step "a write that fails fails the command, and is told"
# shellcheck disable=SC2086 # a table's words
disk $bad
if write_index lost >/dev/null 2>&1; then die "acknowledged"; fi
is_degraded || die "not degraded"
assert_match "$(status_of .degraded)" 'Input/output error'
if tpm2_getrandom --hex 8 >/dev/null 2>&1; then die "answered"; fi

step "killed now, it starts again with what was acknowledged"
kill_vtpm tpm0
# shellcheck disable=SC2086
disk $good
start_vtpm tpm0 --state "$TMPDIR/mounted/state" --key "file=$TMPDIR/key"
expect_index before

step "it goes on by itself when the disk does: nothing that was measured is lost"
tpm2_pcrextend "10:sha256=$measured"
assert_registers
# shellcheck disable=SC2086
disk $bad
if write_index late >/dev/null 2>&1; then die "acknowledged"; fi
is_degraded || die "not degraded"
# shellcheck disable=SC2086
disk $good
wait_for 60 is_well
assert_registers
expect_index late
write_index after
kill_vtpm tpm0
umount mounted
mount -t ext4 /dev/mapper/disk mounted
start_vtpm tpm0 --state "$TMPDIR/mounted/state" --key "file=$TMPDIR/key"
expect_index after

step "a file system that has become read-only loses nothing"
# shellcheck disable=SC2086
disk $bad
echo 1 >mounted/file
sync 2>/dev/null || true
if echo 2 2>/dev/null >mounted/other; then die "the file system still writes"; fi
if write_index lost >/dev/null 2>&1; then die "acknowledged"; fi
is_degraded || die "not degraded"
# shellcheck disable=SC2086
disk $good
kill_vtpm tpm0
umount mounted
mount -t ext4 /dev/mapper/disk mounted
start_vtpm tpm0 --state "$TMPDIR/mounted/state" --key "file=$TMPDIR/key"
expect_index after
stop_vtpm tpm0
umount mounted
dmsetup --noudevsync remove disk
