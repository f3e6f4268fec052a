#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# A server that its client has taken over: what it tries, and what holds it. SECURITY.md has the table.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program losetup mkfs.ext4

eperm=1 enoent=2 eacces=13 enosys=38 user=4000000001

# order TEXT: the command that has the server do it. What a TPM says to it is its code for an unknown command.
order() {
	local LC_ALL=C text=$1 hex='' i
	for ((i = 0; i < ${#text}; i++)); do printf -v hex '%s%02x' "$hex" "'${text:i:1}"; done
	printf '8001%08x20a77ac4%s' "$((10 + ${#text}))" "$hex"
}

# refused ERRNO TEXT: the server tries, is refused, and serves on.
refused() {
	assert_eq "$(raw /dev/tpm0 "$(order "$2")")" "80010000000a$(printf %08x "$1")" "$2"
}

# killed TEXT: the first try ends the server, by SIGSYS.
killed() {
	local status=0 server
	vtpm-cuse --state taken --name victim --plain --run-as $user --ready-fd 9 2>log 9>ready &
	server=$!
	read -r -t 30 _ <ready || die "it does not serve: $(cat log)"
	raw /dev/victim "$(order "$1")" >/dev/null 2>&1 || :
	wait $server || status=$?
	assert_eq "$status" $((128 + 31)) "end of the server that tries: $1"
	wait_for 60 assert_no_node_quietly /dev/victim
}
mkfifo ready

step "the server that is installed cannot be told to"
start_vtpm tpm0 --plain
assert_eq "$(raw /dev/tpm0 "$(order 'setuid 0')")" 80010000000a00000143
pid=$(vtpm_pid tpm0)
for task in "/proc/$pid/task"/*; do
	assert_match "$(cat "$task/status")" 'NoNewPrivs:.1.*Seccomp:.2'
	assert_match "$(cat "$task/status")" 'CapPrm:.0000000000000000.*CapEff:.0000000000000000.*CapBnd:.0000000000000000'
done
stop_vtpm tpm0
grep -qaF __wrap_tpm_executor_local "$BUILDDIR/tests/guest/takeover"
! grep -qaF __wrap_tpm_executor_local "$BUILDDIR/vtpm-cuse" || die "vtpm-cuse has the hook of this test"

# From here on it is another server that is started by this name.
mkdir bin
ln -s "$BUILDDIR/tests/guest/takeover" bin/vtpm-cuse
PATH=$TMPDIR/bin:$PATH

step "no file system of the host is in reach"
start_vtpm other
neighbour=$(vtpm_pid other)
mkdir -m 755 roots disk
touch roots/file
modprobe -a loop
truncate -s 16M image
mkfs.ext4 -q image
loop=$(losetup -f --show image)
mount -t ext4 "$loop" disk
start_vtpm tpm0 --plain --state "$TMPDIR/held"
assert_eq "$(wc -l <"/proc/$(vtpm_pid tpm0)/mountinfo")" 1 "mounts of the server"
refused $enoent "read $TMPDIR/held/tpm.permanent"
refused $enoent "read /etc/shadow"
refused $enoent "write /dev/other"
refused $enoent "remove $TMPDIR/roots/file"
refused $enoent "read /proc/self/status"
umount disk
losetup -d "$loop"
assert_eq "$(losetup -n -O NAME -j image)" '' "a disk that was mounted when the server began, and is no more"
mount -t tmpfs later disk
assert_eq "$(wc -l <"/proc/$(vtpm_pid tpm0)/mountinfo")" 1 "mounts of the server, later"
umount disk
stop_vtpm tpm0
start_vtpm tpm0 --plain --state "$TMPDIR/held" --namespaces=all --seccomp=off
# Where Landlock holds, it does not even let it look.
grep -qs landlock /sys/kernel/security/lsm || refused 0 "list /"
refused 30 "make /new" # EROFS
refused 0 interfaces
stop_vtpm tpm0

step "were they, as far as its user goes, which owns nothing but its state"
start_vtpm tpm0 --plain --state "$TMPDIR/held" --namespaces=none
refused 0 "read $TMPDIR/held/tpm.permanent"
refused $eacces "read /var/lib/vtpm-cuse/host.key"
refused $eacces "read /etc/shadow"
refused $eacces "read $TMPDIR/other/tpm.permanent"
refused $eacces "write $TMPDIR/roots/file"
refused $eacces "make $TMPDIR/roots/new"
refused $eacces "remove $TMPDIR/roots/file"
refused $eacces "remove /run/vtpm-cuse/other.d/ctl"
refused $eacces "write /dev/other"
refused $eacces "read /proc/$neighbour/mem"
refused $eacces "read /proc/$neighbour/environ"
refused $eacces "write /proc/sysrq-trigger"
refused $eacces "write /proc/self/oom_score_adj"
refused $enosys "newer 1000"
stop_vtpm tpm0

step "system calls that serving does not take end it"
for try in "kill $neighbour" "tgkill $neighbour" "ptrace $neighbour" "exec /bin/true" fork socket "mknod $TMPDIR/node" \
	"mount $TMPDIR" unshare module "setuid 0" code; do
	killed "$try"
done
if process_gone "$neighbour"; then die "the neighbour is gone"; fi

step "were they left to it, its user would hold it"
start_vtpm tpm0 --plain --run-as $user --seccomp=off --namespaces=none --state "$TMPDIR/held"
assert_match "$(cat "/proc/$(vtpm_pid tpm0)/status")" 'Seccomp:.0'
for try in "kill $neighbour" "tgkill $neighbour" "ptrace $neighbour" "mount $TMPDIR" unshare module "setuid 0" "mknod $TMPDIR/node"; do
	refused $eperm "$try"
done
stop_vtpm tpm0

step "a server of root's that sees files: Landlock, where the kernel has it"
start_vtpm tpm0 --state "$TMPDIR/own" --run-as root --namespaces=none
if grep -qs landlock /sys/kernel/security/lsm; then
	refused $eacces "read /var/lib/vtpm-cuse/host.key"
	refused $eacces "write $TMPDIR/roots/file"
	refused $eacces "read $TMPDIR/other/tpm.permanent"
else
	echo "   this kernel has none: files are not held"
	refused 0 "read /var/lib/vtpm-cuse/host.key"
fi
stop_vtpm tpm0
stop_vtpm other
