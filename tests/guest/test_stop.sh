#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ending a server while its clients wait: each of them gets an answer, none cannot be killed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

auth=00000009400000090000000000
getrandom=80010000000c0000017b0008
# CreatePrimary of an RSA key: a search for primes, which takes long. Each in its hierarchy's own seed: NULL has a
# new one at each start, so that nothing is known beforehand.
rsa=80020000004300000131
rsa+=40000007${auth}000400000000001a0001000b00030072000000060080004300100800000000000000
rsa+=000000000000
# FlushContext of it: three are all that fit.
flush=80010000000e0000016580000000

ended() { # PID...: also what waits for an answer from us
	local pid
	for pid in "$@"; do process_gone "$pid" || return 1; done
}

terminate() { # NAME
	local pid
	pid=$(vtpm_pid "$1")
	kill -TERM "$pid"
	wait_for 60 process_gone "$pid"
}

# assert_all_end SECONDS PID...
assert_all_end() {
	local seconds=$1 pid
	shift
	wait_for "$seconds" ended "$@"
	for pid in "$@"; do wait "$pid" || :; done
}

step "a long command, to begin with"
start_vtpm tpm0 --plain
assert_match "$(raw /dev/tpm0 $rsa $flush)" '^80020000[0-9a-f]{4}00000000'

for round in 1 2; do
	step "SIGTERM with a key in the making, round $round"
	"$raw_client" --repeat 100 /dev/tpm0 $rsa $flush >"client.$round" 2>&1 &
	client=$!
	wait_for 60 eval 'vtpm-ctl status tpm0 --json | grep "\"busy\": true" >/dev/null'
	started=$SECONDS
	terminate tpm0
	assert_no_node /dev/tpm0
	assert_all_end 10 $client
	# The command that ran is done and answered, what came after it is not.
	last=$(tail -n 1 "client.$round")
	assert_match "$last" '^(E[A-Z]+|raw_client: .*)$'
	printf 'ended after %s s, client: %s\n' $((SECONDS - started)) "$last"
	start_vtpm tpm0 --plain
	assert_match "$(raw /dev/tpm0 $getrandom)" '^80010000001400000000'
done

step "a client in poll() and one that has not read its response"
"$raw_client" /dev/tpm0 write:$getrandom poll:1000 sleep:60000 >poll.out 2>&1 &
holder=$!
wait_for 60 grep -q in poll.out
stop_vtpm tpm0
# It holds a file of a device that is gone; closing it must not hang.
kill -KILL $holder
assert_all_end 10 $holder
start_vtpm tpm0 --plain

step "vtpm-ctl stop returns although a client has the device open, and the client is told"
"$raw_client" --nonblock /dev/tpm0 poll:1000 sleep:3000 $getrandom poll:1000 >told.out 2>&1 &
client=$!
wait_for 60 grep -q out told.out
stop_vtpm tpm0
assert_all_end 15 $client
cat told.out
assert_match "$(sed -n 2p told.out)" '^(ECONNABORTED|ENODEV|ENOTCONN)$'

step "a client that waits in poll() is woken"
start_vtpm tpm0 --plain
"$raw_client" --nonblock --repeat 100 /dev/tpm0 write:$rsa poll:30000 read write:$flush poll:30000 read >woken.out 2>&1 &
client=$!
wait_for 60 eval 'vtpm-ctl status tpm0 --json | grep "\"busy\": true" >/dev/null'
terminate tpm0
assert_all_end 10 $client
assert_match "$(tail -n 1 woken.out)" '^E[A-Z]+$'

step "SIGKILL of the server with a command in flight: clients end"
start_vtpm tpm0 --plain
"$raw_client" --repeat 100 /dev/tpm0 $rsa $flush >killed.out 2>&1 &
client=$!
wait_for 60 eval 'vtpm-ctl status tpm0 --json | grep "\"busy\": true" >/dev/null'
kill_vtpm tpm0
assert_all_end 10 $client
assert_match "$(tail -n 1 killed.out)" '^E[A-Z]+$'

step "a client that is killed with its command in flight"
start_vtpm tpm0 --plain
for _ in 1 2 3; do
	wait_for 60 raw /dev/tpm0
	"$raw_client" --repeat 100 /dev/tpm0 $rsa $flush >/dev/null 2>&1 &
	client=$!
	wait_for 60 eval 'vtpm-ctl status tpm0 --json | grep "\"busy\": true" >/dev/null'
	kill -KILL $client
	assert_all_end 5 $client
done
wait_for 60 raw /dev/tpm0
assert_match "$(raw /dev/tpm0 $getrandom)" '^80010000001400000000'

step "many signals at once"
"$raw_client" --repeat 100 /dev/tpm0 $rsa $flush >/dev/null 2>&1 &
client=$!
pid=$(vtpm_pid tpm0)
kill -TERM "$pid"
kill -INT "$pid"
kill -TERM "$pid" 2>/dev/null || :
vtpm-ctl stop tpm0 2>/dev/null || :
wait_for 60 process_gone "$pid"
assert_all_end 10 $client

step "the state is whole"
start_vtpm tpm0 --plain
if grep -v -e serving -e stopping -e "was killed or" tpm0.log; then die "something was worth a line"; fi
stop_vtpm tpm0
