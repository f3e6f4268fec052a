#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# What every other test takes for granted: CUSE, cgroups, loopback, and a machine that cannot be written to.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

step "CUSE"
assert_chardev /dev/cuse 10:203
exec 3<>/dev/cuse 3>&-

step "kernel and environment"
assert_eq "$(id -u)" 0 "user"
assert_eq "${PATH%%:*}" "$BUILDDIR" "first of PATH"
assert_eq "$PWD" "$TMPDIR" "working directory"
assert_eq "$(stat -f -c %T "$TMPDIR")" tmpfs "file system of TMPDIR"
assert_eq "$(ls -A "$TMPDIR")" "" "content of TMPDIR"
for name in "$@"; do
	case $name in
	VTPM_*) [ -n "${!name:-}" ] || die "$name was not passed on" ;;
	esac
done

step "cgroup $GUEST_CGROUP"
case $GUEST_CGROUP in
v2) assert_eq "$(stat -f -c %T /sys/fs/cgroup)" cgroup2fs "file system of /sys/fs/cgroup" ;;
v1)
	for name in devices freezer pids memory; do
		[ -e "/sys/fs/cgroup/$name/tasks" ] || die "no controller $name"
	done
	;;
none) [ ! -e /sys/fs/cgroup/cgroup.procs ] || die "there are cgroups" ;;
esac

step "TMPDIR takes sockets and device nodes"
mknod "$TMPDIR/null" c 1 3
assert_chardev "$TMPDIR/null" 1:3
echo >"$TMPDIR/null"

if [ "$GUEST_KERNEL" = uml ]; then
	step "loopback"
	assert_match "$(ip -o address show dev lo)" '127\.0\.0\.1/8'
	assert_match "$(ip -o link show dev lo)" '[<,]UP[,>]'

	step "the machine's own files are out of reach"
	assert_eq "$(stat -f -c %T /)" overlayfs "file system of /"
	mkdir -p /var/lib/vtpm-cuse
	echo test >/var/lib/vtpm-cuse/test
	echo test >/etc/vtpm-guest-test

	step "modules can be loaded by name"
	modprobe veth
fi

if [ -n "${GUEST_OUT:-}" ]; then
	step "results"
	echo "from the test" >"$GUEST_OUT/result"
fi
