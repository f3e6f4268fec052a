#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# vtpm-ctl metrics, top and trace: what vTPMs do and have done.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program perl python3

getrandom=80010000000c0000017b0008
failing=80010000000a00000fff

# fetch PATH LINE: what the socket at PATH answers to a request.
fetch() {
	# shellcheck disable=SC2016 # perl's variables
	perl -MSocket -e '
		socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un($ARGV[0])) or die "connect: $!";
		syswrite($s, "$ARGV[1]\r\n\r\n");
		print while <$s>;' "$1" "$2"
}

step "the command line"
expect_error 2 "vtpm-ctl: no NAME for metrics; see --help" vtpm-ctl metrics a
expect_error 1 "vtpm-ctl: metrics: --output or --listen, not both" vtpm-ctl metrics --output a --listen b
expect_error 1 "vtpm-ctl: write /nowhere/x.prom: No such file or directory" vtpm-ctl metrics --output /nowhere/x.prom

step "nothing runs"
assert_eq "$(vtpm-ctl metrics | grep -vc '^#')" 2 "numbers without a vTPM"
assert_eq "$(vtpm-ctl top --once --json)" "[]" "top"

start_vtpm tpm0 --plain
start_vtpm tpm10 --plain
start_vtpm tpm2 --tpm-version 1.2

step "metrics"
raw /dev/tpm0 $getrandom $getrandom $failing >/dev/null
vtpm-ctl metrics >all.prom
for line in 'vtpm_info{name="tpm2",tpm_version="1.2"} 1' 'vtpm_commands_total{name="tpm0"} 3' \
	'vtpm_command_errors_total{name="tpm0",kind="no_command"} 1' 'vtpm_commands_total{name="tpm2"} 0' \
	'vtpm_command_bytes_total{name="tpm0"} 34' 'vtpm_response_bytes_total{name="tpm0"} 50' \
	'vtpm_command_duration_seconds_count{name="tpm0"} 3' 'vtpm_servers_silent 0' 'vtpm_opens{name="tpm0"} 0'; do
	grep -qxF "$line" all.prom || die "no $line in $(cat all.prom)"
done
assert_match "$(grep '^vtpm_busy_seconds_total{name="tpm0"}' all.prom)" ' 0\.[0-9]*[1-9]'
assert_eq "$(grep '^vtpm_info' all.prom | cut -d '"' -f 2 | tr '\n' ' ')" "tpm0 tpm2 tpm10 " "order of names"

step "a store is counted"
stores_of() { vtpm-ctl metrics | sed -n "s/^vtpm_stores_total{name=\"$1\"} //p"; }
before=$(stores_of tpm0)
# TPM2_DictionaryAttackParameters: three tries.
raw /dev/tpm0 8002000000270000013a4000000a000000094000000900000000000000000300000e1000000e10 >/dev/null
[ "$(stores_of tpm0)" -gt "$before" ] || die "stores: $before, then $(stores_of tpm0)"

step "a file for a node exporter"
mkdir textfiles
vtpm-ctl metrics --output textfiles/vtpm.prom
vtpm-ctl metrics --output textfiles/vtpm.prom
assert_eq "$(ls -A textfiles)" vtpm.prom "files"
assert_eq "$(stat -c %a textfiles/vtpm.prom)" 644 "mode"
grep -q '^vtpm_commands_total{name="tpm0"}' textfiles/vtpm.prom || die "no numbers in the file"

step "a socket that answers by HTTP"
vtpm-ctl metrics --listen "$TMPDIR/metrics.sock" &
listener=$!
wait_for 60 test -S metrics.sock
assert_eq "$(stat -c %a metrics.sock)" 600 "mode"
expect_error 6 "vtpm-ctl: somebody listens at $TMPDIR/metrics.sock" vtpm-ctl metrics --listen "$TMPDIR/metrics.sock"
fetch metrics.sock "GET /metrics HTTP/1.1" >answer
assert_eq "$(head -n 1 answer | tr -d '\r')" "HTTP/1.0 200 OK"
grep -q '^vtpm_commands_total{name="tpm0"} [1-9]' answer || die "$(cat answer)"
assert_match "$(fetch metrics.sock "GET /else HTTP/1.1")" '^HTTP/1.0 404 '
assert_match "$(fetch metrics.sock "PUT /metrics HTTP/1.1")" '^HTTP/1.0 405 '
kill $listener
wait $listener || die "the listener ended with $?"
[ ! -e metrics.sock ] || die "the socket is left"
perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un("metrics.sock")) or die'
vtpm-ctl metrics --listen "$TMPDIR/metrics.sock" &
listener=$!
wait_for 60 eval 'fetch metrics.sock "GET / HTTP/1.0" 2>/dev/null | grep ^vtpm_ >/dev/null'
kill $listener
wait $listener || die "the listener ended with $?"
touch no-socket
expect_error 6 "vtpm-ctl: $TMPDIR/no-socket is no socket" vtpm-ctl metrics --listen "$TMPDIR/no-socket"

step "top: what happens between two looks"
vtpm-ctl top --once --json >top.json &
top=$!
while ! process_gone $top; do raw /dev/tpm10 $getrandom $failing >/dev/null; done
wait $top
python3 - <<'PYTHON' || die "$(cat top.json)"
import json
all = json.load(open("top.json"))
busiest = all[0]
assert sorted(each["name"] for each in all) == ["tpm0", "tpm10", "tpm2"]
assert busiest["name"] == "tpm10" and busiest["commands_per_second"] > 0
assert abs(busiest["errors_per_second"] * 2 - busiest["commands_per_second"]) <= 2
assert 0 < busiest["latency_p50_ns"] <= busiest["latency_p99_ns"] and 0 < busiest["busy_percent"] <= 100
assert all[1]["commands_per_second"] == 0
PYTHON
COLUMNS=60 vtpm-ctl top --once >top.out
assert_eq "$(wc -l <top.out)" 4 "lines of the table"
assert_match "$(head -n 1 top.out)" '^NAME +CMD/S BUSY%'
[ "$(wc -L <top.out)" -le 60 ] || die "too wide: $(cat top.out)"

step "top on a terminal"
export TERM=linux
python3 "$SRCDIR/tests/guest/top_client.py" 50 q vtpm-ctl top >screen
for line in '^in colors' '^3 vTPMs$' '^tpm2  '; do
	grep -q "$line" screen || die "no $line in $(cat screen)"
done
NO_COLOR=1 python3 "$SRCDIR/tests/guest/top_client.py" 100 ^C vtpm-ctl top --interval 60 >screen
! grep -q '^in colors' screen || die "colors in spite of NO_COLOR"

step "who may not ask is told that there are others, a server that does not answer holds nobody up"
expect_fail --status 1 'vtpm-ctl: 3 vTPMs of others run, which only root and their --control-user may ask' \
	setpriv --reuid 1234 --clear-groups "$(command -v vtpm-ctl)" metrics
pid=$(vtpm_pid tpm2)
kill -STOP "$pid"
expect_error 1 "vtpm-ctl: 1 vTPM does not answer" vtpm-ctl list
vtpm-ctl metrics >some.prom 2>/dev/null || :
kill -CONT "$pid"
grep -qxF 'vtpm_servers_silent 1' some.prom || die "$(cat some.prom)"
grep -q '^vtpm_info{name="tpm10"' some.prom || die "$(cat some.prom)"

# trace NAME OPTION...: in the background as $tracer, its lines in trace.out; returns when it has begun.
trace() {
	: >trace.out
	vtpm-ctl trace "$@" >trace.out 2>trace.err &
	tracer=$!
	traces=$((traces + 1))
	wait_for 60 eval "[ \"\$(grep -c 'traces its commands' $1.log)\" = $traces ]"
}
untrace() {
	kill -INT $tracer
	wait $tracer || die "the trace ended with $?: $(cat trace.err)"
}
traces=0
# TPM2_Clear with a password that is wrong, "opensesame".
clear=800200000025000001264000000a0000001340000009000001000a6f70656e736573616d65

step "a trace has a line for each command, and a capture, without secrets"
start_vtpm tpm7 --plain --resource-manager --control-user 1234
trace tpm7 --pcap tpm7.pcapng
raw /dev/tpm7 $getrandom $failing $clear >/dev/null
raw /dev/tpmrm7 $getrandom >/dev/null
wait_for 60 eval '[ "$(wc -l <trace.out)" -ge 4 ]'
untrace
time='^20[0-9-]+T[0-9:]+\.[0-9]{6}Z'
sed -n 1p trace.out | grep -E "$time tpm7 #1 TPM2_GetRandom 12 bytes: TPM_RC_SUCCESS 20 bytes, [0-9]+\.[0-9]{3} ms$" >/dev/null || die "$(cat trace.out)"
sed -n 2p trace.out | grep -E "$time tpm7 #1 command 0xfff 10 bytes: TPM_RC_COMMAND_CODE 10 bytes, " >/dev/null || die "$(cat trace.out)"
sed -n 3p trace.out | grep -E "$time tpm7 #1 TPM2_Clear\(4000000a\) 37 bytes: TPM_RC_(AUTH_FAIL|BAD_AUTH) session 1 10 bytes" >/dev/null || die "$(cat trace.out)"
sed -n 4p trace.out | grep -E "$time tpmrm7 #2 TPM2_GetRandom 12 bytes" >/dev/null || die "$(cat trace.out)"
assert_eq "$(stat -c %a tpm7.pcapng)" 600 "mode of the capture"
! grep -q opensesame tpm7.pcapng || die "a password is in the capture"
grep -q 'traces its commands, without their secrets$' tpm7.log || die "$(cat tpm7.log)"

step "secrets for those who say so, and to standard output"
trace tpm7 --secrets --pcap -
raw /dev/tpm7 $clear >/dev/null
wait_for 60 grep -q opensesame trace.out
untrace
grep -q 'traces its commands, with their secrets$' tpm7.log || die "$(cat tpm7.log)"

step "a trace is root's"
expect_error 1 "vtpm-ctl: vTPM tpm7: only root may ask for this" \
	setpriv --reuid 1234 --clear-groups "$(command -v vtpm-ctl)" trace tpm7

step "nobody waits for a tracer that does not read, and it is told what it missed"
trace tpm7
kill -STOP $tracer
raw /dev/tpm7 --repeat=3000 $getrandom >/dev/null
kill -CONT $tracer
wait_for 60 grep -q GetRandom trace.out
wait_for 60 eval 'raw /dev/tpm7 $getrandom >/dev/null; grep -Eq "^vtpm-ctl: [0-9]+ commands were left out$" trace.err'
# Connections that say nothing end the silent ones, but no trace.
perl -MSocket -e 'for (1 .. 40) { socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack_sockaddr_un($ARGV[0])); push @all, $s } sleep 1' \
	"$(find /run/vtpm-cuse/tpm7.d /run/vtpm-cuse/tpm7.ctl -type s -print -quit 2>/dev/null)"
lines=$(wc -l <trace.out)
raw /dev/tpm7 $getrandom >/dev/null
wait_for 60 eval '[ "$(wc -l <trace.out)" -gt '"$lines"' ]'

step "a trace ends with its server, and one that was killed leaves nothing"
kill -KILL $tracer
wait $tracer || :
wait_for 60 eval '[ "$(grep -c "a trace of its commands has ended" tpm7.log)" = '"$traces"' ]'
trace tpm7
stop_vtpm tpm7
wait $tracer || die "the trace ended with $?: $(cat trace.err)"
assert_eq "$(cat trace.err)" "vtpm-ctl: the vTPM has ended"

step "a server that was killed is counted"
kill_vtpm tpm10
vtpm-ctl metrics | grep -xF 'vtpm_servers_dead 1' >/dev/null || die "$(vtpm-ctl metrics)"

stop_vtpm tpm0
stop_vtpm tpm2
