#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --kernel uml --timeout 600
#
# A state on ext4, every write and flush to its disk recorded; then the power is cut at every point of the
# record, and between two flushes in every way that a disk may reorder and tear what it had not flushed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program dmsetup losetup mkfs.ext4
power_loss=$BUILDDIR/tests/guest/power_loss

step "a disk that records"
modprobe -a loop dm-mod dm-log-writes || skip "needs dm-log-writes"
truncate -s 16M disk.img
truncate -s 192M log.img
truncate -s 16M cut.img
disk=$(losetup -f --show disk.img)
log=$(losetup -f --show log.img)
dmsetup --noudevsync --noudevrules create recorded --table "0 32768 log-writes $disk $log"
dmsetup --noudevsync mknodes recorded
mkfs.ext4 -q /dev/mapper/recorded
mkdir mounted
mount -t ext4 /dev/mapper/recorded mounted

step "stores"
"$power_loss" write mounted/tpm "dmsetup message recorded 0 mark"
umount mounted
dmsetup --noudevsync remove recorded
sync

step "power cuts"
cut=$(losetup -f --show cut.img)
"$power_loss" check log.img "$cut" mounted
