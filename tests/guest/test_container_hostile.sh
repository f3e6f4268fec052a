#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 300
#
# Images, volumes and neighbours that want to lead the hook to what is not the container's.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

states_that_the_container_reaches() {
	local volume='.mounts += [{"type": "bind", "source": "'$TMPDIR'/vol", "destination": "/vol", "options": ["rbind"]}]'
	step "$runtime: a state where the container could read and move it"
	mkdir -p "$TMPDIR/vol/sub" "$TMPDIR/same"
	make_bundle one "[$(full "$TMPDIR/vol/sub/state" 0)]" "$volume"
	refused one "/dev/tpm0: statePath: '.*/vol/sub/state' is inside '.*/vol', which the container has bound"
	ln -sfn vol "$TMPDIR/link"
	make_bundle one "[$(full "$TMPDIR/link/state" 0)]" "$volume"
	refused one "is inside '.*/vol', which the container has bound"
	make_bundle one '[]'
	mount --bind "$TMPDIR/one/rootfs" "$TMPDIR/same"
	make_bundle one "[$(full "$TMPDIR/same/state" 0)]"
	refused one "is inside the container's rootfs"
	umount "$TMPDIR/same"
	[ -z "$(ls "$TMPDIR/vol/sub")" ] || die "something was made in the volume"
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	states_that_the_container_reaches
done
