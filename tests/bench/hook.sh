#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# How long the createRuntime hook takes with 1 and 4 vTPMs of existing state, beside the start of one bare
# server in the same run. usage: tests/guest/run tests/bench/hook.sh [ROUNDS]

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

rounds=${1:-20}
elapsed=$BUILDDIR/tests/bench/bench-elapsed

timed_bundle() {
	make_bundle "$1" "$2"
	jq --arg elapsed "$elapsed" --arg file "$TMPDIR/$1.times" --arg hook "$BUILDDIR/vtpm-hook" '
		.hooks.createRuntime[0] |= {path: $elapsed, args: (["elapsed", $file, $hook] + .args[1:])}' \
		"$TMPDIR/$1/config.json" >"$TMPDIR/x"
	cp "$TMPDIR/x" "$TMPDIR/$1/config.json"
}

entry() { full "$TMPDIR/state-$1" "$1" '"statePathIsManaged": true'; }

bare() {
	"$elapsed" "$TMPDIR/bare.times" "$BUILDDIR/vtpm-cuse" --state "$TMPDIR/state-bare" --name bare --major 99 \
		--minor 1 --daemon --pid-file "$TMPDIR/bare.pid" --log-file "$TMPDIR/bare.log" \
		${twins:+--resource-manager=barerm}
	stop_vtpm bare
}

once() {
	start "$1"
	delete "$1"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.0f", v[int((NR + 1) / 2)] }'; }

use_runtime runc
timed_bundle one "[$(entry 0)]"
timed_bundle four "[$(entry a), $(entry b), $(entry c), $(entry d)]"
timed_bundle none "[]"
# The states are made in the first round, which does not count.
for round in $(seq 0 "$rounds"); do
	bare
	once none
	once one
	once four
	[ "$round" != 0 ] || rm -f "$TMPDIR"/*.times
done
jq -cn --argjson bare "$(median "$TMPDIR/bare.times")" --argjson none "$(median "$TMPDIR/none.times")" \
	--argjson one "$(median "$TMPDIR/one.times")" --argjson four "$(median "$TMPDIR/four.times")" '
	{rounds: '"$rounds"', unit: "us", bare: $bare, hook: {"0": $none, "1": $one, "4": $four},
	 ratio: {"1/bare": ($one / $bare * 100 | round / 100), "4/1": ($four / $one * 100 | round / 100)}}'
