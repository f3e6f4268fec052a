#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# vtpm-ctl and the control sockets.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program perl

getrandom=80010000000c0000017b0008
failing=80010000000a00000fff

# ask NAME TEXT: sends TEXT as it is to NAME's socket, prints what comes back.
ask() {
	perl -MSocket -e '
		socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un("/run/vtpm-cuse/$ARGV[0].d/ctl")) or die "connect: $!";
		$SIG{PIPE} = "IGNORE";
		syswrite($s, $ARGV[1]);
		shutdown($s, 1);
		print while <$s>;' "$1" "$2"
}

step "the command line"
expect_error 2 "vtpm-ctl: no command given; see --help" vtpm-ctl
expect_error 2 "vtpm-ctl: no such command: dance; see --help" vtpm-ctl dance
expect_error 2 "vtpm-ctl: one NAME is needed for status; see --help" vtpm-ctl status
expect_error 2 "vtpm-ctl: one NAME is needed for stop; see --help" vtpm-ctl stop a b
expect_error 2 "vtpm-ctl: no NAME for list; see --help" vtpm-ctl list a
expect_error 2 "vtpm-ctl: --nonsense: no such option, or not a unique one; see --help" vtpm-ctl --nonsense
assert_match "$(vtpm-ctl --help)" '^usage: vtpm-ctl '
assert_match "$(vtpm-ctl --version)" '^vtpm-ctl [0-9.]+$'

step "output that nobody gets is no success"
for command in "vtpm-ctl list" "vtpm-hook list" "vtpm-hook class list --class-dir $TMPDIR"; do
	expect_fail --status 1 '.*write to standard output.*' sh -c "exec $command >/dev/full"
done
expect_error 1 "vtpm-hook: open /nowhere: No such file or directory" vtpm-hook --class-dir /nowhere class check

step "nothing runs"
expect_error 8 "vtpm-ctl: no vTPM tpm0 is running" vtpm-ctl status tpm0
expect_error 8 "vtpm-ctl: no vTPM tpm0 is running" vtpm-ctl stop tpm0
expect_error 8 "vtpm-ctl: no vTPM tpm0 is running" vtpm-ctl eventlog tpm0
assert_eq "$(vtpm-ctl list --json)" "[]" "list"

start_vtpm tpm0 --plain
start_vtpm tpm1 --tpm-version 1.2
pid=$(vtpm_pid tpm0)
IFS=: read -r major minor < <(stat -c %t:%T /dev/tpm0)
device=$((16#$major)):$((16#$minor))

step "list"
vtpm-ctl list >list.out
assert_match "$(cat list.out)" '^NAME +CONDITION +PID +DEVICE +TPM +STATE'
grep -Eq "^tpm0 +serves +$pid +$device +2\\.0 +$TMPDIR/tpm0$" list.out || die "$(cat list.out)"
grep -Eq "^tpm1 +serves +$(vtpm_pid tpm1) +[0-9:]+ +1\\.2 +$TMPDIR/tpm1$" list.out || die "$(cat list.out)"
vtpm-ctl list --json >list.out
assert_eq "$(grep -c '"name": "tpm[01]"' list.out)" 2 "number of vTPMs"

step "a file that cannot be written is not a vTPM that does not run"
expect_error 1 "vtpm-ctl: write /nowhere/saved: No such file or directory" vtpm-ctl save tpm0 --out /nowhere/saved

step "status counts"
raw /dev/tpm0 $getrandom $getrandom $failing >/dev/null
vtpm-ctl status tpm0 --json >status.json
for pair in '"name": "tpm0"' "\"pid\": $pid" "\"device\": \"$device\"" '"tpm_version": "2.0"' \
	"\"state\": \"$TMPDIR/tpm0\"" '"encryption": "plain"' '"commands": 3' '"errors": 1' \
	'"failures": 0' '"opens": 0' '"busy": false' '"last_store": "20'; do
	grep -qF "$pair" status.json || die "no $pair in $(cat status.json)"
done
vtpm-ctl status tpm0 >status.out
for line in "name +tpm0" "pid +$pid" "device +$device" "tpm_version +2\\.0" "encryption +plain" "commands +3" "busy +no"; do
	grep -Eq "^$line$" status.out || die "no '$line' in $(cat status.out)"
done

step "an open device is counted, and held for nobody else"
assert_match "$(raw /dev/tpm0 open)" '^EBUSY$'
exec 3<>/dev/tpm0
assert_match "$(vtpm-ctl status tpm0 --json)" '"opens": 1'
exec 3>&-
wait_for 60 eval 'vtpm-ctl status tpm0 --json | grep "\"opens\": 0" >/dev/null'

step "bad requests"
assert_match "$(ask tpm0 $'dance\n')" '^\{"error":"not JSON: .*"\}$'
assert_eq "$(ask tpm0 $'{}\n')" '{"error":"not an object with a command"}'
assert_eq "$(ask tpm0 $'{"command": "dance"}\n')" "{\"error\":\"no command 'dance'\"}"
assert_eq "$(ask tpm0 $'{"command": "status", "command": "stop"}\n' | cut -c 1-20)" '{"error":"not JSON: ' "answer"
assert_eq "$(ask tpm0 '{"command": "stop"}')" "" "answer to half a line"
printf -v much 'x%.0s' {1..5000}
assert_eq "$(ask tpm0 "$much")" "" "answer to an endless line"
assert_eq "$(ask tpm0 $'{"command": "a"}\n{"command": "b"}\n' | wc -l)" 2 "answers to two requests"
assert_eq "$(ask tpm0 $'{"command": "save"}\n{"command": "save"}\n{"command": "b"}\n' | cut -c 1-8)" \
	$'{"file":\n{"file":\n{"error"' "answers in their order, when they are made by another thread"
head -c 100000 /dev/urandom >noise
ask tpm0 "$(tr -d '\0' <noise)" >/dev/null 2>&1 || :
vtpm-ctl status tpm0 >/dev/null || die "the server is gone"

# flood NAME [UID]: 40 connections that say nothing, held open by $flood.
flood() {
	# shellcheck disable=SC2016 # perl's variables
	perl -MSocket -e '
		$> = $< = $ARGV[1];
		for (1 .. 40) {
			socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
			connect($s, pack_sockaddr_un("/run/vtpm-cuse/$ARGV[0].d/ctl")) or die "connect: $!";
			push @all, $s;
		}
		print "open\n"; close(STDOUT); sleep 60;' "$1" "${2:-0}" >flood &
	flood=$!
	wait_for 60 grep -q open flood
}
unflood() {
	kill $flood
	wait $flood || :
	rm flood
}

step "more connections than there is room for: the silent ones make way"
flood tpm0
assert_match "$(raw /dev/tpm0 $getrandom)" '^80010000001400000000'
vtpm-ctl status tpm0 >/dev/null
unflood
vtpm-ctl status tpm0 >/dev/null
[ "$(find "/proc/$pid/fd" -type l -printf '%l\n' | grep -c socket)" -le 20 ] || die "connections are left"

step "the user of --control-user keeps neither root nor himself out, and root's stay"
start_vtpm other --plain --control-user 65534
perl -MSocket -e '
	socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	connect($s, pack_sockaddr_un("/run/vtpm-cuse/other.d/ctl")) or die "connect: $!";
	$| = 1;
	print "open\n";
	sleep 1 until -e "flooded";
	syswrite($s, "{\"command\": \"status\"}\n");
	print scalar <$s>;' >roots &
roots=$!
wait_for 60 grep -q open roots
flood other 65534
vtpm-ctl status other >/dev/null
setpriv --reuid 65534 --clear-groups "$(command -v vtpm-ctl)" status other >/dev/null
touch flooded
wait $roots
grep -q '"name":"other"' roots || die "root's connection was ended: $(cat roots)"
unflood

step "who may not ask is told that there are others"
expect_fail --status 1 'vtpm-ctl: 3 vTPMs of others run, which only root and their --control-user may ask' \
	setpriv --reuid 1234 --clear-groups "$(command -v vtpm-ctl)" list --json
start_vtpm mine --plain --control-user 1234
assert_match "$(setpriv --reuid 1234 --clear-groups "$(command -v vtpm-ctl)" list 2>/dev/null)" 'mine +serves +[0-9]'
stop_vtpm mine

step "a path of any bytes"
odd=$TMPDIR/$(printf 'a\nb\377')
start_vtpm odd --plain --state "$odd"
vtpm-ctl list >list.out
assert_eq "$(grep -c . list.out)" 5 "lines of the table"
grep -qF "$TMPDIR/a\x0ab\xff" list.out || die "$(cat list.out)"
vtpm-ctl status odd --json >odd.json
python3 -c 'import json, sys; json.load(open("odd.json"))' || die "no JSON: $(cat odd.json)"
assert_eq "$(vtpm-ctl status /dev/odd | grep -c '^state ')" 1
stop_vtpm odd

step "a server of an earlier release has its socket elsewhere"
mv /run/vtpm-cuse/other.d/ctl /run/vtpm-cuse/other.ctl
assert_match "$(vtpm-ctl status other)" 'name +other'
assert_eq "$(vtpm-ctl list | grep -c '^other ')" 1 "number of lines"
mv /run/vtpm-cuse/other.ctl /run/vtpm-cuse/other.d/ctl

step "a socket that somebody has opened to all answers root and its user only"
chmod 666 /run/vtpm-cuse/other.d/ctl
expect_fail 'vTPM other: ' setpriv --reuid 1234 --clear-groups "$(command -v vtpm-ctl)" stop other
expect_fail 'vTPM other: ' setpriv --reuid 1234 --clear-groups "$(command -v vtpm-ctl)" status other
vtpm-ctl status other >/dev/null
stop_vtpm other

step "stop returns when all is gone"
vtpm-ctl stop tpm0
process_gone "$pid" || die "the process is still there"
assert_no_node /dev/tpm0
expect_error 8 "vtpm-ctl: no vTPM tpm0 is running" vtpm-ctl status tpm0
vtpm-ctl status tpm1 >/dev/null
start_vtpm tpm0 --plain
stop_vtpm tpm0
stop_vtpm tpm1
