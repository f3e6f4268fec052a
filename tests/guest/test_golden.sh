#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What earlier releases wrote and only vtpm-cuse and vtpm-hook read: saved registers, and leases. The rest of it
# needs no kernel: tests/golden/open.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/golden/lib
. "$SRCDIR/tests/golden/lib"
need_program jq tar xz

# ask FILE: the commands in it have the answers in it.
ask() {
	local hex answer
	[ -s "$1" ] || die "no $1"
	while read -r hex answer; do
		assert_eq "$(raw /dev/tpm0 "$hex")" "$answer" "answer to $hex"
	done <"$1"
}

# resume ARCHIVE
resume() {
	local options version
	golden_unpack "$1" "$TMPDIR/unpacked"
	rm -rf "$TMPDIR/tpm0"
	mv state "$TMPDIR/tpm0"
	version=$(vtpm-setup show --json --state "$TMPDIR/tpm0" | jq -r .tpm_version)
	options=("${sealed_options[@]}" --tpm-version "$version")
	start_vtpm tpm0 "${options[@]}" --resume saved
	ask questions-resumed
	stop_vtpm tpm0
	start_vtpm tpm0 "${options[@]}"
	ask questions
	stop_vtpm tpm0
	cd "$TMPDIR"
	rm -r unpacked
}

count=0
for archive in "$SRCDIR"/tests/golden/[0-9]*/*.tar.xz; do
	# Not by "grep -q", behind which tar may be killed.
	[ "$(tar -tJf "$archive" | grep -c '/saved$')" != 0 ] || continue
	step "${archive#"$SRCDIR"/tests/golden/}"
	resume "$archive"
	count=$((count + 1))
done
[ "$count" -ge 2 ] || die "too few"

leases=/run/vtpm-cuse/leases
mkdir -p $leases
for lease in "$SRCDIR"/tests/golden/[0-9]*/lease*.json; do
	step "${lease#"$SRCDIR"/tests/golden/}"
	cp "$lease" "$leases/$(jq -r '.hash + "-" + .id' "$lease").json"
	vtpm-hook --server="$BUILDDIR/vtpm-cuse" --config="$TMPDIR/none" prune
	assert_eq "$(ls $leases/*.json* 2>/dev/null)" "" "what is left of a container that is no more"
done
