#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 900
#
# What 0, 100, 300 and 1000 leases cost: the createRuntime and the poststop hook of one more container while all others
# live, and prune while all are of containers that are gone. usage: tests/guest/run tests/bench/scale.sh [ROUNDS]

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

rounds=${1:-5}
elapsed=$BUILDDIR/tests/bench/bench-elapsed
leases=$container_run_dir/leases

# timed HOOK: of the bundle "one"
timed() {
	jq --arg hook "$1" --arg elapsed "$elapsed" --arg file "$TMPDIR/$1.times" --arg program "$BUILDDIR/vtpm-hook" '
		.hooks[$hook][0] |= {path: $elapsed, args: (["elapsed", $file, $program] + .args[1:])}' \
		"$TMPDIR/one/config.json" >"$TMPDIR/x"
	cp "$TMPDIR/x" "$TMPDIR/one/config.json"
}

# make_leases N [JQ]: after that of the container "all", each with names, numbers and a state of its own
make_leases() {
	local name text
	jq -cr --argjson n "$1" '. as $lease | range($n) | . as $i | $lease
		| .id = "c\($i)" | .vtpms |= [.[] | .state = "/none/\($i)" | .nodes |= [to_entries[]
			| .value.name = "tpm-\($i)-\(.key)" | .value.minor = 10000 + 2 * $i + .key | .value]]
		| '"${2:-.}"' | "\(.hash)-\(.id)", tojson' "$TMPDIR/all.json" |
		while read -r name && read -r text; do
			printf '%s\n' "$text" >"$leases/$name.json"
		done
}
remove_leases() { find "$leases" -name '*-c[0-9]*.json' -delete; }

# median FILE COLUMN
median() { sort -n -k "$2" "$1" | awk -v column="$2" '{ v[NR] = $column } END { printf "%.0f", v[int((NR + 1) / 2)] }'; }
row() {
	jq -cn --arg what "$1" --argjson leases "$2" --argjson cpu "$(median "$3" 2)" --argjson elapsed "$(median "$3" 1)" \
		'{$what, $leases, cpu_us: $cpu, elapsed_us: $elapsed}'
	rm "$3"
}

use_runtime runc
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
for n in 0 100 300 1000; do
	make_leases "$n" '(.init, .vtpms[].server) |= {pid: 4000000, start: 1}
		| .state_dir = "/none/state" | .freezer = "" | .vtpms[].cgroup = ""'
	"$elapsed" "$TMPDIR/prune.times" "$BUILDDIR/vtpm-hook" "${hook_options[@]}" prune >/dev/null
	row prune "$n" prune.times
	[ "$(find "$leases" -name '*-c[0-9]*.json' | wc -l)" = 0 ] || die "prune has left leases"
done
delete all
