#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Measures speed and memory of the programs in the build directory, on a real kernel, and prints a table.

set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
builddir=${BUILDDIR:-$PWD}
boots=3 quick='' note=''

usage() {
	cat <<'EOF'
usage: tests/bench/run.sh [--boots N] [--quick] [--note TEXT]

Boots the guest of tests/guest/run N times (default 3); each boot measures
everything once. Prints medians over the boots and keeps all of it in
$BUILDDIR/bench.json. "make bench" builds what is needed and calls this;
BENCH_FLAGS are its options.
EOF
}

while [ $# -gt 0 ]; do
	case $1 in
	--boots) boots=$2; shift ;;
	--quick) quick=quick ;;
	--note) note=$2; shift ;;
	--help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done
command -v jq >/dev/null || { echo "bench: needs jq" >&2; exit 1; }

scratch=$(mktemp -d /var/tmp/vtpm-bench.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
disk=() device=''
# Where the flush of the state is real: a file system in a file of this machine.
if command -v mkfs.ext4 >/dev/null && command -v linux.uml >/dev/null && [ "${VTPM_GUEST_KERNEL:-uml}" != host ]; then
	disk=(--kernel uml --append "ubd0=$scratch/disk") device=/dev/ubda
fi
peer=$(command -v swtpm_cuse) || echo "bench: no swtpm_cuse on PATH: its rows are missing" >&2

for ((i = 1; i <= boots; i++)); do
	echo "bench: boot $i of $boots" >&2
	rm -rf "$scratch/out" "$scratch/disk"
	if [ -n "$device" ]; then
		truncate -s 64M "$scratch/disk"
		mkfs.ext4 -q -F "$scratch/disk"
	fi
	"$here/../guest/run" --builddir "$builddir" --timeout 900 --out "$scratch/out" "${disk[@]}" \
		"$here/guest.sh" "$quick" "$device" "${peer%/*}" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
	jq -c --argjson boot "$i" '. + { boot: $boot }' "$scratch/out/results" >>"$scratch/results"
	[ ! -e "$scratch/out/smaps" ] || cp "$scratch/out/smaps" "$builddir/bench.smaps"
done

cpu=$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)
jq -s --arg note "$note" --arg date "$(date -u +%FT%TZ)" --arg cpu "$cpu" --argjson boots "$boots" \
	'{ note: $note, date: $date, cpu: $cpu, boots: $boots, results: . }' \
	"$scratch/results" >"$builddir/bench.json"
jq -r -f "$here/report.jq" "$builddir/bench.json"
