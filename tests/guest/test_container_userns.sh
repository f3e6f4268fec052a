#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Containers with a user namespace, new or joined, get their own vTPM and nothing that looks like one.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"
maps='.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'

# A node of the host that merely has the same path.
decoy() { mknod "/dev/$1" c 1 3; }

check_inside() {
	local name
	for name in /dev/tpm0 "/dev/$(host_name "$1" 0)"; do
		assert_eq "$(inside "$1" tpm_client random "$name")" "$ok" "answer of $name"
		assert_eq "$(inside "$1" stat -c '%F %a %u %g' "$name")" \
			"character special file 640 103 104" "node $name"
	done
	assert_eq "$(inside "$1" stat -c %t:%T /dev/tpm0)" "$(stat -c %t:%T "/dev/$(host_name "$1" 0)")" "device"
	assert_match "$(inside "$1" cat /proc/mounts)" '/dev/tpm0 tmpfs rw,nosuid,noexec'
	assert_eq "$(inside "$1" ls /sys/class/cuse)" "" "names in sysfs"
	assert_eq "$(stat -c '%a %u %g' "/dev/$(host_name "$1" 0)")" "600 0 0" "node of the host"
}

new_namespace() {
	step "$runtime: a new user namespace"
	make_bundle u "[$(full "$TMPDIR/state-u" 0 '"fileMode": 416, "uid": 103, "gid": 104')]" \
		'.linux.namespaces += [{"type": "user"}] | '"$maps"
	chown -R 100000:200000 "$TMPDIR/u/rootfs"
	start u
	check_inside u
	delete u
	nothing_left
}

joined_namespace() {
	local keeper
	step "$runtime: a user namespace that is joined"
	unshare --user sleep 1000 &
	keeper=$!
	wait_for 60 in_user_namespace "$keeper"
	echo "0 100000 65536" >"/proc/$keeper/uid_map"
	echo "0 200000 65536" >"/proc/$keeper/gid_map"
	make_bundle u "[$(full "$TMPDIR/state-u" 0 '"fileMode": 416, "uid": 103, "gid": 104')]" \
		'.linux.namespaces += [{"type": "user", "path": "/proc/'"$keeper"'/ns/user"}]'"${1:+ | $maps}"
	chown -R 100000:200000 "$TMPDIR/u/rootfs"
	start u
	check_inside u
	delete u
	kill "$keeper"
	nothing_left
}

in_user_namespace() { [ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]; }

unmapped_owner() {
	step "$runtime: an owner that the user namespace does not have"
	make_bundle u "[$(full "$TMPDIR/state-u" 0 '"uid": 70000')]" \
		'.linux.namespaces += [{"type": "user"}] | '"$maps"
	chown -R 100000:200000 "$TMPDIR/u/rootfs"
	refused u "70000 is not in the container's uid_map"
}

# Where /dev is a directory of the image itself what is made in it would stay.
dev_of_the_image() {
	local turn
	step "$runtime: nothing is left in the image's own /dev, so that the container can be made again"
	rm -rf "$TMPDIR/u"
	make_bundle u "[$(full "$TMPDIR/state-u" 0)]" '.linux.namespaces += [{"type": "user"}] | '"$maps"'
		| .mounts |= map(select(.destination | startswith("/dev") | not))'
	chown -R 100000:200000 "$TMPDIR/u/rootfs"
	for turn in 1 2; do
		start u
		assert_eq "$(inside u tpm_client random /dev/tpm0)" "$ok" "answer $turn"
		delete u
		nothing_left
		assert_eq "$(find "$TMPDIR/u/rootfs/dev" -name "tpm*" -printf "%f ")" "" "left in the image"
	done

	step "$runtime: a file of the image is no place for a node, and stays"
	: >"$TMPDIR/u/rootfs/dev/tpmrm0"
	refused u "/dev/tpmrm0 is there already in the container"
	assert_eq "$(find "$TMPDIR/u/rootfs/dev" -name "tpm*" -printf "%f ")" "tpmrm0 " "left in the image"
	rm -rf "$TMPDIR/u"
}

decoy tpm0
for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	new_namespace
	# runc 1.1 wants to know the mappings of a namespace that is joined, too.
	joined_namespace "$([ "$runtime" != runc ] || echo "and its mappings")"
	unmapped_owner
	dev_of_the_image
done
