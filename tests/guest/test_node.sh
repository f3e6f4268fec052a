#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The node in /dev, whose it is, and what is left of it when its server has ended or was killed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

getrandom=80010000000c0000017b0008
nobody=65534

usable() {
	assert_match "$(raw "$1" $getrandom)" '^80010000001400000000'
}

# owned PATH UID:GID MODE
owned() {
	assert_eq "$(stat -c '%u:%g %a' "$1")" "$2 $3" "owner and mode of $1"
}

# The line of a server that must not have kept anything of root's.
assert_unprivileged() {
	local name value
	while IFS=$':\t' read -r name value; do
		case $name in
		Uid | Gid) assert_eq "$value" "$nobody	$nobody	$nobody	$nobody" "$name" ;;
		Groups) assert_eq "${value// /}" "" "$name" ;;
		CapInh | CapPrm | CapEff | CapBnd | CapAmb) assert_eq "$value" 0000000000000000 "$name" ;;
		NoNewPrivs) assert_eq "$value" 1 "$name" ;;
		esac
	done <"/proc/$1/status"
}

step "numbers, owner and mode"
start_vtpm tpm0 --plain --major 120 --minor 7 --owner 1000:1001 --mode 0640
assert_chardev /dev/tpm0 120:7
owned /dev/tpm0 1000:1001 640
assert_match "$(vtpm-ctl status tpm0)" 'device +120:7'
usable /dev/tpm0
stop_vtpm tpm0
start_vtpm tpm0 --plain --owner $nobody
owned /dev/tpm0 $nobody:$nobody 600
stop_vtpm tpm0
start_vtpm tpm0 --plain
owned /dev/tpm0 0:0 600
stop_vtpm tpm0

step "a name of 200 characters, and its neighbour"
printf -v long 'x%.0s' {1..199}
start_vtpm "${long}1" --plain
start_vtpm "${long}2" --plain
usable "/dev/${long}1"
usable "/dev/${long}2"
vtpm-ctl list >list.out
assert_eq "$(grep -c "^${long}[12] " list.out)" 2 "number of vTPMs listed"
assert_match "$(vtpm-ctl status "${long}1")" "name +${long}1"
stop_vtpm "${long}1"
usable "/dev/${long}2"
stop_vtpm "${long}2"

step "--run-as: the state is the user's, nothing of root's is kept"
start_vtpm user --plain --run-as nobody --owner 1000:1000
pid=$(vtpm_pid user)
assert_unprivileged "$pid"
owned user $nobody:$nobody 700
for file in user/.lock user/tpm.permanent user/tpm.identity; do owned "$file" $nobody:$nobody 600; done
owned /run/vtpm-cuse/user.d $nobody:$nobody 711
owned /run/vtpm-cuse/user.d/ctl 0:0 600
owned /dev/user 1000:1000 600
usable /dev/user
# Its user may not read its memory.
if setpriv --reuid $nobody --regid $nobody --clear-groups head -c 1 "/proc/$pid/environ" 2>/dev/null; then
	die "the user can look into the server"
fi

step "root alone may ask a server, and whom it was told of"
expect_error 1 "vtpm-ctl: connect to vTPM user: Permission denied" \
	setpriv --reuid $nobody --regid $nobody --clear-groups vtpm-ctl status user
stop_vtpm user
start_vtpm user --plain --run-as nobody --control-user 1000
owned /run/vtpm-cuse/user.d/ctl 1000:1000 600
setpriv --reuid 1000 --regid 1000 --clear-groups vtpm-ctl status user >status.out
assert_match "$(cat status.out)" 'name +user'
expect_error 1 "vtpm-ctl: connect to vTPM user: Permission denied" \
	setpriv --reuid $nobody --regid $nobody --clear-groups vtpm-ctl status user

step "--run-as: what only root can remove is removed when its server has ended"
kill -TERM "$(vtpm_pid user)"
wait_for 60 assert_no_node_quietly /dev/user
wait_for 60 test ! -e user.pid
[ ! -e /run/vtpm-cuse/user.d/ctl ] || die "the socket is left"
start_vtpm user --plain --run-as nobody
stop_vtpm user
[ ! -e /run/vtpm-cuse/user.d ] || die "the socket's directory is left"
[ ! -e user.pid ] || die "the pid file is left"
owned user/tpm.permanent $nobody:$nobody 600

step "--run-as: after SIGKILL, too, but that there was a server is seen"
start_vtpm user --plain --run-as nobody
pid=$(vtpm_pid user)
kill -KILL "$pid"
wait_for 60 test ! -e user.pid
assert_no_node /dev/user
line=$(tail -n 1 user.log)
assert_eq "${line##*]: }" "user: process $pid, which served it, was killed or has crashed" "the last line of the log"
if pgrep -x vtpm-leftovers; then wait_for 60 eval "! pgrep -x vtpm-leftovers"; fi
[ -S /run/vtpm-cuse/user.d/ctl ] || die "the test is wrong: no stale socket"
chown 1000 /run/vtpm-cuse/user.d
start_vtpm user --plain --run-as nobody
owned /run/vtpm-cuse/user.d $nobody:$nobody 711
vtpm-ctl status user >/dev/null
kill_vtpm user

step "where nothing is left that it cannot remove, no other process is there"
vtpm-cuse --state "$TMPDIR/alone" --name alone --plain &
alone=$!
wait_for 60 vtpm-ctl status alone
usable /dev/alone
assert_eq "$(pgrep -x vtpm-leftovers | wc -l)" 0 "number of guards"
vtpm-ctl stop alone
wait $alone
[ ! -e /run/vtpm-cuse/alone.d ] || die "the socket's directory is left"

step "a daemon without a log file tells the system log, and keeps nothing of its caller's"
perl -MSocket -e '
	socket(my $s, PF_UNIX, SOCK_DGRAM, 0); bind($s, pack_sockaddr_un("/dev/log")) or die "bind: $!";
	$| = 1; while (defined(recv($s, my $line, 4096, 0))) { print $line }' >system.log &
listener=$!
wait_for 60 test -S /dev/log
vtpm-cuse --state "$TMPDIR/bare" --name bare --plain --daemon --pid-file bare.pid 2>&1 | cat >bare.out
assert_match "$(cat bare.out)" 'bare: serving'
kill -KILL "$(cat bare.pid)"
wait_for 60 grep -q "<27>vtpm-cuse\[[0-9]*\]: bare: process .*killed" system.log
kill $listener
rm /dev/log
expect_error 8 "vtpm-ctl: vTPM bare was dead, and is listed no more" vtpm-ctl stop bare

step "what a killed server has left is no obstacle"
start_vtpm tpm0 --plain --run-as root
kill_vtpm tpm0
cp -a /run/vtpm-cuse/tpm0.d/ctl /run/vtpm-cuse/tpm0.ctl # as one of an earlier release leaves it
[ -S /run/vtpm-cuse/tpm0.d/ctl ] || die "the test is wrong: no stale socket"
expect_error 8 "vtpm-ctl: no vTPM tpm0 is running" vtpm-ctl status tpm0
assert_match "$(vtpm-ctl list)" $'\n'"tpm0 +dead +- +- +- +-"
assert_match "$(vtpm-ctl list --json)" '"name": "user",[[:space:]]*"condition": "dead"'
expect_error 8 "vtpm-ctl: vTPM user was dead, and is listed no more" vtpm-ctl stop user
expect_error 8 "vtpm-ctl: no vTPM user is running" vtpm-ctl stop user
assert_eq "$(vtpm-ctl list | wc -l)" 2 "number of lines with a dead vTPM"
start_vtpm tpm0 --plain
usable /dev/tpm0
[ ! -e /run/vtpm-cuse/tpm0.ctl ] || die "a stale socket is left"
stop_vtpm tpm0

step "where /dev is a tmpfs, the node is ours to make and to remove"
# shellcheck disable=SC2016 # expanded there
plain_dev() { # SCRIPT: runs in a mount namespace of its own
	unshare --mount bash -euc '
		mknod "$TMPDIR/cuse" c 10 203
		mknod "$TMPDIR/null" c 1 3
		mount -t tmpfs -o mode=755 dev /dev
		mv "$TMPDIR/cuse" "$TMPDIR/null" /dev
		. "$SRCDIR/tests/guest/lib.sh"
		'"$1"
}
export -f usable owned
export getrandom
# shellcheck disable=SC2016 # expanded there
plain_dev '
	start_vtpm tpm0 --plain --owner 1000:1001 --mode 0620
	usable /dev/tpm0
	owned /dev/tpm0 1000:1001 620
	stop_vtpm tpm0
	start_vtpm tpm0 --plain --run-as root
	owned /dev/tpm0 0:0 600
	kill -KILL "$(vtpm_pid tpm0)"
	wait_for 60 process_gone "$(vtpm_pid tpm0)"
	rm tpm0.pid
	# Nobody was there to remove it.
	assert_chardev /dev/tpm0
	start_vtpm tpm0 --plain
	usable /dev/tpm0
	stop_vtpm tpm0
	# With an unprivileged server there is somebody.
	start_vtpm own --plain
	kill -KILL "$(vtpm_pid own)"
	wait_for 60 test ! -e /dev/own
	# A node of another device is not ours.
	mknod /dev/tpm0 c 1 3
	expect_error 6 "vtpm-cuse: tpm0: name tpm0 is taken: /dev/tpm0 is device 1:3: choose another --name" \
		vtpm-cuse --name tpm0 --state tpm0 --plain
	assert_chardev /dev/tpm0 1:3
'

number_of() { # NODE: MAJOR:MINOR
	local hex
	assert_chardev "$1"
	hex=$(stat -c %t:%T "$1")
	echo "$((16#${hex%:*})):$((16#${hex#*:}))"
}

step "with the counter of the hooks numbers go round"
mkdir -p /run/vtpm-cuse/leases
chmod 700 /run/vtpm-cuse/leases
echo 1048574 >/run/vtpm-cuse/leases/next
start_vtpm tpm7 --plain --resource-manager
major=$(number_of /dev/tpm7)
major=${major%:*}
assert_eq "$(number_of /dev/tpm7) $(number_of /dev/tpmrm7)" "$major:1048574 $major:1048575"
start_vtpm tpm8 --plain
assert_eq "$(number_of /dev/tpm8)" "$major:0" "number after the last"
# What an earlier client has kept leads to nobody.
mknod kept c "$major" 1048574
stop_vtpm tpm7
start_vtpm tpm7 --plain
assert_eq "$(number_of /dev/tpm7)" "$major:1"
if (exec 3<>kept) 2>/dev/null; then die "a number that was given back is in use again"; fi
stop_vtpm tpm7
stop_vtpm tpm8
# Numbers of the command line are taken as they are.
start_vtpm tpm7 --plain --major "$major" --minor 5
assert_eq "$(number_of /dev/tpm7)" "$major:5"
stop_vtpm tpm7
assert_eq "$(cat /run/vtpm-cuse/leases/next)" 2 "counter"
rm -r /run/vtpm-cuse/leases
