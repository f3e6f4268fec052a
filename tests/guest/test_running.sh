#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The server as a process: going to the background, telling a manager, logging.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program perl

getrandom=80010000000c0000017b0008

# usable NODE: a TPM answers there.
usable() {
	assert_chardev "$1"
	assert_match "$(raw "$1" $getrandom)" '^80010000001400000000'
}

# Begins here, as it takes some time: the process that is followed has ended, the runtime's directory is there.
mkdir runtime
sleep 600 &
followed=$!
vtpm_following $followed --state followed --name followed --plain --follow-state "$TMPDIR/runtime" --log-file followed.log &
follower=$!
wait_for 60 test -S /run/vtpm-cuse/followed.d/ctl
kill -KILL $followed
wait $followed 2>/dev/null || :
# shellcheck disable=SC2034 # read by eval
orphaned=$SECONDS

step "--daemon returns when the device is usable, and keeps nothing of the caller's open"
# The substitution ends when nobody has the pipe open any more.
output=$(vtpm-cuse --state tpm0 --name tpm0 --plain --daemon --pid-file tpm0.pid 2>&1)
usable /dev/tpm0
assert_eq "$output" "vtpm-cuse: tpm0: serving a TPM 2.0 from $TMPDIR/tpm0" "output"
lib_servers+=(tpm0)
pid=$(vtpm_pid tpm0)
assert_eq "$(cat "/proc/$pid/comm")" vtpm-cuse "process in the pid file"
assert_eq "$(readlink "/proc/$pid/cwd")" / "working directory"
assert_eq "$(readlink /proc/"$pid"/fd/{0,1,2} | sort -u)" /dev/null "standard files"
assert_match "$(vtpm-ctl status tpm0 --json)" "\"state\": \"$TMPDIR/tpm0\""
assert_eq "$(stat -c %a tpm0.pid)" 644 "mode of the pid file"
read -r _ _ _ _ _ session _ <"/proc/$pid/stat"
assert_eq "$session" "$pid" "session"

step "stopping removes the pid file and the socket, also for a relative path"
[ -S /run/vtpm-cuse/tpm0.d/ctl ] || die "no control socket"
stop_vtpm tpm0
[ ! -e tpm0.pid ] || die "the pid file is still there"
[ ! -e /run/vtpm-cuse/tpm0.d/ctl ] || die "the socket is still there"

step "--daemon fails with the line and the status of what failed"
printf '%064d' 1 >key
expect_error 4 "vtpm-cuse: tpm0: the state in $TMPDIR/tpm0 is plain: it opens with --plain only" \
	vtpm-cuse --state tpm0 --name tpm0 --key file=key --daemon --pid-file tpm0.pid
expect_error 6 "vtpm-cuse: null: name null is taken: /dev/null is device 1:3: choose another --name" \
	vtpm-cuse --state tpm0 --name null --plain --daemon --pid-file tpm0.pid
[ ! -e tpm0.pid ] || die "a pid file of a server that failed"

step "somebody else's pid file is not removed"
start_vtpm tpm0 --plain
echo 1 >other
mv other tpm0.pid
vtpm-ctl stop tpm0
assert_eq "$(cat tpm0.pid)" 1 "pid file of another server"
rm tpm0.pid

step "a FIFO is written to, and stays"
mkfifo tpm0.pid
cat tpm0.pid >told &
vtpm-cuse --state tpm0 --name tpm0 --plain --daemon --pid-file tpm0.pid
wait $!
vtpm-ctl stop tpm0
wait_for 60 process_gone "$(cat told)"
[ -p tpm0.pid ] || die "the FIFO is gone"
rm tpm0.pid

step "in the foreground: SIGTERM and SIGINT end it with status 0"
for signal in TERM INT; do
	# A shell's background processes ignore SIGINT.
	perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
		vtpm-cuse --state tpm0 --name tpm0 --plain 2>foreground.log &
	wait_for 60 test -S /run/vtpm-cuse/tpm0.d/ctl
	usable /dev/tpm0
	kill -$signal $!
	status=0
	wait $! || status=$?
	assert_eq "$status" 0 "exit status after SIG$signal"
	assert_no_node /dev/tpm0
	number=15
	[ $signal = TERM ] || number=2
	assert_eq "$(cat foreground.log)" "vtpm-cuse: tpm0: serving a TPM 2.0 from tpm0
vtpm-cuse: tpm0: stopping on signal $number" "log"
done

step "standard files that are closed: it serves all the same, and sleeps when there is nothing to do"
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	eval "vtpm-cuse --state tpm0 --name tpm0 --plain --daemon --pid-file tpm0.pid $closed"
	usable /dev/tpm0
	pid=$(vtpm_pid tpm0)
	read -r -a before <"/proc/$pid/stat"
	sleep 0.5
	read -r -a after <"/proc/$pid/stat"
	# Ticks of 10 ms, in user and kernel mode.
	used=$((after[13] + after[14] - before[13] - before[14]))
	[ "$used" -le 10 ] || die "$used ticks of CPU time in half a second after '$closed'"
	stop_vtpm tpm0
done
eval "expect_error 2 'vtpm-cuse: --ready-fd: 1 is not an open descriptor' sh -c 'vtpm-cuse --state tpm0 --name tpm0 --ready-fd=1 >&-'"
for program in vtpm-ctl vtpm-setup vtpm-hook; do
	for closed in '<&-' '>&-' '2>&-'; do
		eval "timeout 20 $program --help >help.out $closed" || [ "$closed" = '>&-' ] || die "$program $closed: status $?"
	done
done

step "whoever reads its log goes away: it serves, and ends in order"
: >lines
vtpm-cuse --state tpm0 --name tpm0 --plain 2> >(head -n 1 >lines) &
wait_for 60 grep -q serving lines
usable /dev/tpm0
vtpm-ctl stop tpm0
wait $! || die "it ended with status $?"

step "a limit to the size of files is met by an error, not by a signal"
expect_fail --status 1 'File too large' sh -c 'ulimit -f 0; exec vtpm-cuse --state small --name tpm0 --plain'
rm -rf small

step "what would end a process ends it in order"
for signal in HUP QUIT USR1 XCPU ALRM; do
	# A shell's background processes ignore SIGQUIT.
	perl -e '$SIG{QUIT} = "DEFAULT"; exec @ARGV' vtpm-cuse --state tpm0 --name tpm0 --plain 2>foreground.log &
	wait_for 60 test -S /run/vtpm-cuse/tpm0.d/ctl
	wait_for 60 grep -q serving foreground.log
	kill -$signal $!
	wait $! || die "ended with status $? on SIG$signal"
	assert_match "$(cat foreground.log)" 'tpm0: stopping on signal [0-9]+$'
done
# Who ignores a hang-up means it, and blocked signals are not missed.
perl -MPOSIX -e '$SIG{HUP} = "IGNORE"; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM, SIGURG)); exec @ARGV' \
	vtpm-cuse --state tpm0 --name tpm0 --plain 2>foreground.log &
wait_for 60 grep -q serving foreground.log
kill -HUP $!
usable /dev/tpm0
kill -TERM $!
wait $! || die "ended with status $?"
assert_match "$(cat foreground.log)" 'tpm0: stopping on signal 15$'

step "READY=1 when it is usable, STOPPING=1 when it ends"
cat >listen.pl <<'EOT'
use Socket;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, pack_sockaddr_un($ARGV[0])) or die "bind: $!";
$| = 1;
while (defined recv($s, my $message, 4096, 0)) {
	print "$message ", (-c "/dev/tpm0" ? "node" : "no node"), "\n";
	exit if $message =~ /STOPPING/;
}
EOT
perl listen.pl "$TMPDIR/notify" >notified &
listener=$!
wait_for 60 test -S notify
NOTIFY_SOCKET=$TMPDIR/notify start_vtpm tpm0 --plain
wait_for 60 grep -q READY notified
assert_eq "$(cat notified)" "READY=1 node" "messages"
stop_vtpm tpm0
wait $listener
assert_eq "$(cat notified)" "READY=1 node
STOPPING=1 node" "messages"

step "a manager that cannot be told is no reason to fail"
NOTIFY_SOCKET=$TMPDIR/nobody start_vtpm tpm0 --plain
grep -q 'tpm0: cannot tell the service manager that we are ready$' tpm0.log || die "$(cat tpm0.log)"
stop_vtpm tpm0

step "--log-file"
rm tpm0.log
(umask 022 && start_vtpm tpm0 --plain)
assert_eq "$(stat -c %a tpm0.log)" 600 "mode of the log file"
vtpm-ctl stop tpm0
line='^[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9:]{8}Z vtpm-cuse\[[0-9]+\]: tpm0: '
assert_match "$(sed -n 1p tpm0.log)" "${line}serving a TPM 2\\.0 from $TMPDIR/tpm0\$"
assert_match "$(sed -n 2p tpm0.log)" "${line}stopping as the control socket asks\$"
ln -s tpm0.log link.log
expect_error 1 "vtpm-cuse: tpm0: open log file link.log: Too many levels of symbolic links" \
	vtpm-cuse --state tpm0 --name tpm0 --plain --log-file link.log

step "for journald, lines have its prefixes"
touch journal
stream=$(stat -c %d:%i journal)
JOURNAL_STREAM=$stream vtpm-cuse --state tpm0 --name tpm0 --plain 2>>journal &
wait_for 60 test -S /run/vtpm-cuse/tpm0.d/ctl
vtpm-ctl stop tpm0
wait $!
assert_eq "$(cat journal)" "<6>tpm0: serving a TPM 2.0 from tpm0
<6>tpm0: stopping as the control socket asks" "log"
(JOURNAL_STREAM=$stream vtpm-cuse --name tpm0 2>>journal) || :
assert_eq "$(tail -n 1 journal)" "<3>--state and --name are needed; see --help" "log"
# Somebody else's stream: plain lines.
JOURNAL_STREAM=1:1 expect_error 2 "vtpm-cuse: --state and --name are needed; see --help" vtpm-cuse

step "a key from a descriptor or a credential"
start_vtpm keyed --key fd=5 5<key
stop_vtpm keyed
mkdir credentials
cp key credentials/vtpm
CREDENTIALS_DIRECTORY=$TMPDIR/credentials start_vtpm keyed --key credential=vtpm
stop_vtpm keyed

step "no secret in what others can see"
echo 'a very secret password' >password
start_vtpm guarded --password file=password
pid=$(vtpm_pid guarded)
if grep -q 'very secret' "/proc/$pid/cmdline" "/proc/$pid/environ" guarded.log; then die "the password shows"; fi
assert_match "$(grep 'Max core file size' "/proc/$pid/limits")" ' 0 +0 '
vtpm-ctl status guarded --json >status.json
if grep -q 'very secret' status.json; then die "the password shows"; fi
assert_match "$(cat status.json)" '"encryption": "password"'
stop_vtpm guarded

step "--help and --version"
assert_match "$(vtpm-cuse --help)" '^usage: vtpm-cuse '
assert_match "$(vtpm-cuse --version)" '^vtpm-cuse [0-9.]+$'

step "a fresh machine: the directory of states is made"
mv /var/lib/vtpm-cuse "$TMPDIR/saved" 2>/dev/null || :
vtpm-cuse --state /var/lib/vtpm-cuse/tpm0 --name tpm0 --daemon
usable /dev/tpm0
assert_eq "$(stat -c %a /var/lib/vtpm-cuse)" 700 "mode"
vtpm-ctl stop /dev/tpm0
rm -r /var/lib/vtpm-cuse

step "--follow-state: it serves for as long as the runtime's directory is there, and ends after that"
wait_for 60 eval '[ "$SECONDS" -gt $((orphaned + 14)) ]'
if process_gone $follower; then die "it has ended: $(cat followed.log)"; fi
usable /dev/followed
rmdir runtime
wait_for 60 process_gone $follower
grep -q 'followed: stopping, the container is gone$' followed.log || die "$(cat followed.log)"
