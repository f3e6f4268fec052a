#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 900
#
# What 0, 100, 300 and 1000 leases of containers that live cost the createRuntime and the poststop hook of one more, in one
# guest, on whose one processor all takes several times as long as elsewhere.
# usage: tests/guest/run tests/bench/scale.sh [ROUNDS]

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

rounds=${1:-10}
elapsed=$BUILDDIR/tests/bench/bench-elapsed
leases=$container_run_dir/leases

# timed HOOK: of the bundle "one"
timed() {
	jq --arg hook "$1" --arg elapsed "$elapsed" --arg file "$TMPDIR/$1.times" --arg program "$BUILDDIR/vtpm-hook" '
		.hooks[$hook][0] |= {path: $elapsed, args: (["elapsed", $file, $program] + .args[1:])}' \
		"$TMPDIR/one/config.json" >"$TMPDIR/x"
	cp "$TMPDIR/x" "$TMPDIR/one/config.json"
}

# make_leases N: whose processes live
make_leases() {
	local name text
	jq -rn --argjson n "$1" --argjson init "$(jq -c .init all.json)" --argjson server "$(jq -c '.vtpms[0].server' all.json)" \
		-f "$SRCDIR/tests/bench/leases.jq" |
		while read -r name && read -r text; do
			printf '%s\n' "$text" >"$leases/$name.json"
		done
}
remove_leases() { rm -f "$leases"/abcdef-*.json; }

# mean FILE COLUMN: a guest counts the processor's time in steps of 10 ms
mean() { awk -v column="$2" '{ sum += $column } END { printf "%.0f", sum / NR }' "$1"; }
row() {
	jq -cn --arg what "$1" --argjson leases "$2" --argjson cpu "$(mean "$3" 2)" --argjson elapsed "$(mean "$3" 1)" \
		'{$what, $leases, cpu_us: $cpu, elapsed_us: $elapsed}'
	rm "$3"
}

use_runtime runc
admin_config '{"maxVTPMs": 4000}'
make_bundle all "[$(full "$TMPDIR/state-all" 0 '"statePathIsManaged": true')]"
make_bundle one "[$(full "$TMPDIR/state-one" 0 '"statePathIsManaged": true')]"
timed createRuntime
timed poststop
start all
cp "$leases"/*-all.json all.json

for n in 0 100 300 1000; do
	make_leases "$n"
	for ((i = 0; i <= rounds; i++)); do
		create one
		delete one
		[ "$i" != 0 ] || rm ./*.times # the index is made anew
	done
	row createRuntime "$n" createRuntime.times
	row poststop "$n" poststop.times
	remove_leases
done
delete all
