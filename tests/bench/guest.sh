#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# All measurements of one boot; tests/bench/run.sh calls it. Each result is a line of JSON in $GUEST_OUT/results.
#
# usage: guest.sh QUICK DISK PEER: "quick" or nothing; a disk or nothing; where swtpm_cuse is or nothing

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

bench=$BUILDDIR/tests/bench
results=$GUEST_OUT/results
rounds=2000 passes=3 starts=20
if [ "${1:-}" = quick ]; then
	rounds=500 passes=2 starts=5
fi
disk=${2:-}
[ -z "${3:-}" ] || PATH=$PATH:$3

head -c 32 /dev/urandom >key
printf 'a password' >password
printf '%s\n' 00112233445566778899aabbccddeeff >key128

have_swtpm() { command -v swtpm_cuse >/dev/null; }

# start_swtpm NAME: with encrypted state, which it has not by itself.
start_swtpm() {
	mkdir -p "$TMPDIR/$1"
	swtpm_cuse --tpm2 --name "$1" --tpmstate "dir=$TMPDIR/$1" --key "file=$TMPDIR/key128,mode=aes-128-cbc" \
		--flags not-need-init,startup-clear --pid "file=$TMPDIR/$1.pid" --log "file=$TMPDIR/$1.log"
	wait_for 10 test -c "/dev/$1" -a -s "$TMPDIR/$1.pid"
}

stop_by_pid() {
	local pid
	pid=$(cat "$TMPDIR/$1.pid")
	kill "$pid"
	wait_for 10 process_gone "$pid"
}

client() { "$bench/bench-client" --rounds "$1" --target "$2" "${@:3}" >>"$results"; }
inprocess() { "$bench/bench-inprocess" --rounds "$1" --target "$2" "${@:3}" >>"$results"; }

# Signing takes longer than all the others together.
rounds_of() {
	case $1 in
	ecdsa-sign) echo $((rounds / 10)) ;;
	*) echo "$rounds" ;;
	esac
}

# One after the other within a pass, so that what disturbs this machine meets all of them.
latency_pass() {
	local command n
	for command in getrandom pcr-extend nv-write ecdsa-sign; do
		n=$(rounds_of "$command")
		[ "$command" != getrandom ] || client "$n" null --null /dev/null_cuse getrandom
		inprocess "$n" in-process "$command"
		inprocess "$n" in-process+state --state "$TMPDIR/inprocess" --key "file=$TMPDIR/key" "$command"
		client "$n" vtpm-cuse /dev/vtpm "$command"
		! have_swtpm || client "$n" swtpm_cuse /dev/swtpm "$command"
	done
	[ ! -c /dev/twin ] || twin_pass
	[ -z "$disk" ] || disk_pass
}

# The node of a server that serves many users, beside its node for one.
twin_pass() {
	local command
	for command in getrandom read-public policy-get-digest; do
		client "$rounds" exclusive /dev/exclusive "$command"
		client "$rounds" managed /dev/twin "$command"
	done
}

# Where the time of a store goes: the TPM, the file, encryption, the flush.
disk_pass() {
	local n=$((rounds / 5)) key="file=$TMPDIR/key"
	inprocess "$n" disk-plain-unflushed --state "$TMPDIR/disk/plain" --no-sync nv-write
	inprocess "$n" disk-key-unflushed --state "$TMPDIR/disk/key" --key "$key" --no-sync nv-write
	inprocess "$n" disk-key --state "$TMPDIR/disk/key" --key "$key" nv-write
	client "$n" vtpm-cuse+disk /dev/vtpmdisk nv-write
}

latency() {
	local i
	"$bench/bench-null-cuse" null_cuse &
	wait_for 10 test -c /dev/null_cuse
	start_vtpm vtpm --key "file=$TMPDIR/key"
	start_vtpm exclusive --plain --resource-manager=twin
	! have_swtpm || start_swtpm swtpm
	if [ -n "$disk" ]; then
		mkdir disk
		mount -t ext4 "$disk" disk
		start_vtpm vtpmdisk --state "$TMPDIR/disk/vtpm" --key "file=$TMPDIR/key"
	fi
	for ((i = 0; i < passes; i++)); do
		latency_pass
	done
	stop_vtpm vtpm
	stop_vtpm exclusive
	[ -z "$disk" ] || stop_vtpm vtpmdisk
	! have_swtpm || stop_by_pid swtpm
	kill %1
	wait %1 || :
}

# start CASE ARG...: of our server
start() {
	"$bench/bench-startup" --rounds "$starts" --target vtpm-cuse --command "$1" --node start -- \
		vtpm-cuse --name start "${@:2}" >>"$results" 2>"$TMPDIR/start.log" || {
		cat "$TMPDIR/start.log" >&2
		die "start, $1"
	}
}

start_swtpm_case() {
	"$bench/bench-startup" --rounds "$starts" --target swtpm_cuse --command "$1" --node start \
		--pid-file "$TMPDIR/start.pid" -- \
		swtpm_cuse --tpm2 --name start --tpmstate "dir=$2" --key "file=$TMPDIR/key128,mode=aes-128-cbc" \
		--flags not-need-init,startup-clear --pid "file=$TMPDIR/start.pid" --log "file=$TMPDIR/start.log" \
		>>"$results"
}

startup() {
	"$bench/bench-startup" --rounds "$starts" --target null --command start-new --node start -- \
		"$bench/bench-null-cuse" start >>"$results"
	start start-new --state "$TMPDIR/new@" --key "file=$TMPDIR/key"
	start start-raw-key --state "$TMPDIR/new0" --key "file=$TMPDIR/key"
	start start-plain --state "$TMPDIR/plain" --plain
	start start-host-key --state "$TMPDIR/host"
	start start-password --state "$TMPDIR/password-state" --password "file=$TMPDIR/password"
	if have_swtpm; then
		start_swtpm_case start-new "$TMPDIR/swtpm-new@"
		start_swtpm_case start-raw-key "$TMPDIR/swtpm-new0"
	fi
}

# memory TARGET CASE PID...: what one of them needs, shared pages by their share
memory() {
	local target=$1 case=$2 pid sum=0 anon=0 pss number
	shift 2
	number=$#
	for pid in "$@"; do
		pss=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")
		sum=$((sum + pss))
		anon=$((anon + $(awk '/^Pss_Anon:/ { print $2 }' "/proc/$pid/smaps_rollup")))
	done
	printf '{"target":"%s","command":"%s","rounds":%d,"median":%d,"anonymous":%d}\n' \
		"$target" "$case" "$number" $((sum / number)) $((anon / number)) >>"$results"
}

# server_memory CASE: new states, or those that are there by now
server_memory() {
	local i pids=()
	for ((i = 0; i < 20; i++)); do
		start_vtpm "m$i" --key "file=$TMPDIR/key"
		pids+=("$(vtpm_pid "m$i")")
		use "m$i"
		[ "$i" != 0 ] || memory vtpm-cuse "pss-1-$1" "${pids[@]}"
	done
	memory vtpm-cuse "pss-20-$1" "${pids[@]}"
	[ -z "${VTPM_BENCH_SMAPS:-}" ] || cat "/proc/${pids[0]}/smaps" >"$GUEST_OUT/smaps"
	end_all "${pids[@]}"
}

swtpm_memory() {
	local i pids=()
	for ((i = 0; i < 20; i++)); do
		start_swtpm "s$i"
		pids+=("$(cat "s$i.pid")")
		use "s$i"
		[ "$i" != 0 ] || memory swtpm_cuse "pss-1-$1" "${pids[@]}"
	done
	memory swtpm_cuse "pss-20-$1" "${pids[@]}"
	end_all "${pids[@]}"
}

# Some commands, so that their code and memory are in use.
use() {
	"$bench/bench-client" --rounds 20 "/dev/$1" getrandom >/dev/null
	"$bench/bench-client" --rounds 20 "/dev/$1" nv-write >/dev/null
}

end_all() {
	local pid
	kill "$@"
	for pid in "$@"; do
		wait_for 10 process_gone "$pid"
	done
}

step "latency"
latency
step "startup"
startup
for case in new existing; do
	step "memory, $case states"
	server_memory "$case"
	! have_swtpm || swtpm_memory "$case"
done
