#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# An appliance's one program beside the programs of the build: how long a server takes from exec to its first answer,
# and what one of ten needs of memory. In turns. usage: tests/guest/run tests/bench/appliance.sh [BLOCKS]

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

blocks=${1:-10} servers=10
bench=$BUILDDIR/tests/bench
[ -x "$BUILDDIR/vtpm" ] || skip "there is no $BUILDDIR/vtpm"
head -c 32 /dev/urandom >key
mkdir links
ln -s "$BUILDDIR/vtpm" links/vtpm-cuse

# start TARGET DIR: existing states.
start() {
	"$bench/bench-startup" --rounds 4 --target "$1" --command start --node start -- "$2/vtpm-cuse" --name start \
		--state "$TMPDIR/state-$1" --key "file=$TMPDIR/key" 2>>"$TMPDIR/log"
}

# memory TARGET DIR: kB of one, shared pages by their share.
memory() {
	local n sum=0 name
	for ((n = 0; n < servers; n++)); do
		name=$1$n
		PATH=$2:$PATH start_vtpm "$name" --key "file=$TMPDIR/key"
		"$bench/bench-client" --rounds 20 "/dev/$name" nv-write >/dev/null
	done
	for ((n = 0; n < servers; n++)); do
		sum=$((sum + $(awk '/^Pss:/ { print $2 }' "/proc/$(vtpm_pid "$1$n")/smaps_rollup")))
	done
	for ((n = 0; n < servers; n++)); do stop_vtpm "$1$n"; done
	echo $((sum / servers))
}

start default "$BUILDDIR" >/dev/null # makes the state
start appliance "$TMPDIR/links" >/dev/null
for ((block = 0; block < blocks; block++)); do
	start default "$BUILDDIR"
	start appliance "$TMPDIR/links"
done >starts
# New states have 0.2 MB more.
for _ in new existing; do
	default=$(memory default "$BUILDDIR" | tail -n 1)
	appliance=$(memory appliance "$TMPDIR/links" | tail -n 1)
done
jq -cs --argjson default "$default" --argjson appliance "$appliance" '
	def median: sort | .[length / 2 | floor];
	def of($target): map(select(.target == $target) | .median) | median;
	(of("appliance") / of("default")) as $start |
	{start: {default: of("default"), appliance: of("appliance"), ratio: ($start * 100 | round / 100)},
	 "kB each of '"$servers"'": {default: $default, appliance: $appliance,
		ratio: ($appliance / $default * 100 | round / 100)}}' starts
