#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What vtpm-runtime adds to the runtime that it calls, which is /bin/true here: for a command that is passed on, for a
# container that asks for nothing, and, as root of the host, for one that asks for a class. Minimum and median, in us.
# usage: BUILDDIR=. tests/bench/runtime.sh [ROUNDS]

set -eu
rounds=${1:-200}
elapsed=$BUILDDIR/tests/bench/bench-elapsed
dir=$(mktemp -d -p /dev/shm) # as /run: engines have bundles and leases in memory
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
mkdir -p "$dir/classes.d" "$dir/run" "$dir/plain" "$dir/class"
chmod 755 "$dir/classes.d"
ln -s "$(realpath "$BUILDDIR/vtpm-runtime")" "$dir/vtpm-runc"
echo '{"stateRoot": "memory:"}' >"$dir/classes.d/run.json"
jq -n '{ociVersion: "1.0.2", root: {path: "rootfs"}, process: {args: ["sh"], user: {uid: 0, gid: 0}},
	mounts: [range(30) | {destination: "/m\(.)", type: "bind", source: "/s\(.)", options: ["rbind", "ro"]}],
	linux: {resources: {devices: [{allow: false, access: "rwm"}]}, namespaces: [{type: "mount"}],
		seccomp: {defaultAction: "SCMP_ACT_ERRNO", syscalls: [range(300) | {names: ["call\(.)"], action: "SCMP_ACT_ALLOW"}]}}}' \
	>"$dir/plain/config.json"
cp "$dir/plain/config.json" "$dir/class/config.json"

front=("$dir/vtpm-runc" --vtpm-runtime=/bin/true --vtpm-config="$dir/none" --vtpm-class-dir="$dir/classes.d"
	--vtpm-run-dir="$dir/run")

once() { "$elapsed" "$dir/$1.times" "${@:2}"; }
numbers() {
	sort -n "$dir/$1.times" | awk '{ v[NR] = $1 } END { printf "[%.0f, %.0f]", v[1], v[int((NR + 1) / 2)] }'
}

kinds=(runtime passed-on plain)
[ "$(id -u)" != 0 ] || kinds+=(class)
for ((i = 0; i <= rounds; i++)); do
	once runtime /bin/true state c
	once passed-on "${front[@]}" state c
	once plain "${front[@]}" create --bundle "$dir/plain" c
	[ "$(id -u)" != 0 ] || once class "${front[@]}" --vtpm-class=run create --bundle "$dir/class" c
	[ "$i" != 0 ] || rm -f "$dir"/*.times
done
for kind in "${kinds[@]}"; do
	printf '{"%s": %s}\n' "$kind" "$(numbers "$kind")"
done | jq -cs "add | {rounds: $rounds, unit: \"us\"} + map_values({min: .[0], median: .[1]})"
