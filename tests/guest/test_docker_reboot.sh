#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --kernel none
#
# A machine that loses its power while docker's containers run, and its next boot: docker starts again those that it
# is to, each with the TPM that its class says, and what was made for the others goes.

set -eu

# Two guests that have one disk.
if [ $# = 0 ]; then
	PATH=$PATH:/usr/sbin:/sbin
	for program in linux.uml mkfs.ext4; do
		command -v $program >/dev/null || { echo "SKIPPED: needs $program"; exit 77; }
	done
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	truncate -s 1G "$dir/disk"
	mkfs.ext4 -q "$dir/disk"
	for boot in first second; do
		"$SRCDIR/tests/guest/run" --kernel uml --timeout 300 --append "ubd0=$dir/disk" "$0" $boot
	done
	exit
fi

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"
# shellcheck source=tests/guest/docker.sh
. "$SRCDIR/tests/guest/docker.sh"

disk=$TMPDIR/disk
docker_data=$disk/docker kept_root=$disk/kept

# What a package and an administrator have put on the machine.
set_up() {
	mkdir -p "$disk" /var/lib/vtpm-cuse
	mount -t ext4 /dev/ubda "$disk"
	mkdir -p "$disk/lib"
	mount --bind "$disk/lib" /var/lib/vtpm-cuse
	install_product
	class run "{\"stateRoot\": \"$disk/new\"}"
	class kept "{\"stateRoot\": \"$kept_root\", \"life\": \"container\"}"
	configure_docker run kept
	start_docker
}

# Who could do something about it does not see its end.
lose_power() {
	pkill -STOP '^(dockerd|containerd|vtpm-cuse)'
	sync
}

states() { find "$disk/$1" -mindepth 2 -maxdepth 2; }
starts_again() {
	wait_for 60 is "$1" State.Running true
	wait_for 60 docker exec "$1" /bin/tpm_client random /dev/tpm0
	both_answer "$1"
}

first() {
	local runtime
	import_image
	for runtime in runc crun; do
		step "$runtime: containers that are to start again, one of them with a TPM that is kept, and one that is not"
		run "new-$runtime" "run-$runtime" --restart always
		tpm_of=$id keep_handle
		run "kept-$runtime" "kept-$runtime" --restart always
		tpm_of=$id keep_handle
		run "once-$runtime" "run-$runtime"
	done
	assert_eq "$(states new | wc -l)" 4 "states that are made anew"
	lose_power
}

second() {
	local runtime
	for runtime in runc crun; do
		step "$runtime: docker has started them again: one with a new TPM, the other with the same"
		starts_again "new-$runtime"
		tpm_of=$(docker inspect --format '{{.Id}}' "new-$runtime") new_tpm
		starts_again "kept-$runtime"
		tpm_of=$(docker inspect --format '{{.Id}}' "kept-$runtime") same_tpm
		is "once-$runtime" State.Running false || die "once-$runtime runs"
	done

	step "what was made for those that did not start again goes with a prune"
	vtpm-hook prune
	assert_eq "$(states new | wc -l)" 2 "states that are made anew"

	step "removed, nothing is left"
	for runtime in runc crun; do remove "new-$runtime" "kept-$runtime" "once-$runtime"; done
	nothing_left
	assert_eq "$(states new)" "" "states that are made anew"
	kept_state_goes
}

set_up
"$1"
