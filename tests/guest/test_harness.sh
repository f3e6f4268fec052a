#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --kernel none
#
# tests/guest/run itself: what it says about a test is true, whatever happens to the guest.

set -eu

run=$SRCDIR/tests/guest/run
# Guests leave their traces here. It is a place that their own /dev hides, which is one more thing to get right.
dir=$(mktemp -d -p /dev/shm 2>/dev/null) || dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export VTPM_GUEST_TMPDIR=$dir
failures=0

fail() {
	printf 'FAILED: %s\n' "$*"
	failures=$((failures + 1))
}

# guest NAME SCRIPT [OPTION...]: runs SCRIPT; sets $status, leaves NAME.out and NAME.err.
in_front=()
guest() {
	local name=$1
	printf '#!/bin/bash\n%s\n' "$2" >"$dir/$name"
	chmod +x "$dir/$name"
	shift 2
	status=0
	"${in_front[@]}" "$run" --kernel uml --mem 512M --timeout 120 "$@" "$dir/$name" >"$dir/$name.out" 2>"$dir/$name.err" || status=$?
	printf -- '-- %s: exit status %s\n' "$name" "$status"
}

expect() { # NAME STATUS
	[ "$status" = "$2" ] || {
		fail "$1: exit status $status instead of $2"
		cat "$dir/$1.out" "$dir/$1.err"
	}
}

expect_stderr() { # NAME REGEX
	grep -Eq "$2" "$dir/$1.err" || {
		fail "$1: stderr lacks '$2'"
		cat "$dir/$1.err"
	}
}

if ! command -v linux.uml >/dev/null; then
	echo "SKIPPED: needs user-mode-linux"
	exit 77
fi

# Two at once, each time: nothing may be shared between guests.
(guest pass 'echo out; echo err >&2; exit 0'; echo "$status" >"$dir/pass.status") &
guest fail 'exit 1'
expect fail 1
wait
status=$(cat "$dir/pass.status")
expect pass 0
[ "$(cat "$dir/pass.out")" = "out"$'\n'"err" ] || fail "pass: output is '$(cat "$dir/pass.out")'"
[ ! -s "$dir/pass.err" ] || fail "pass: stderr is '$(cat "$dir/pass.err")'"

(guest skip 'exit 77'; echo "$status" >"$dir/skip.status") &
guest other 'exit 42'
expect other 42
wait
status=$(cat "$dir/skip.status")
expect skip 77

# Binary, and the end without a newline. A server that was left running must not keep the guest alive.
head -c 1048576 /dev/urandom >"$dir/data"
(guest bytes "cat '$dir/data'; sleep 1000 & exit 0"; echo "$status" >"$dir/bytes.status") &
guest spoof 'echo "exit 0"; echo "exit 0" >/dev/console; exit 3'
expect spoof 3
[ "$(cat "$dir/spoof.out")" = "exit 0" ] || fail "spoof: output is '$(cat "$dir/spoof.out")'"
wait
status=$(cat "$dir/bytes.status")
expect bytes 0
cmp "$dir/data" "$dir/bytes.out" || fail "bytes: the output is not what was written"

(guest hang 'echo begin; sleep 1000' --timeout 25; echo "$status" >"$dir/hang.status") &
guest panic 'echo before; sync; echo c >/proc/sysrq-trigger; sleep 5'
expect panic 125
expect_stderr panic 'kernel crashed'
expect_stderr panic 'Kernel panic'
wait
status=$(cat "$dir/hang.status")
expect hang 124
expect_stderr hang 'took longer than 25 s'
grep -q '^begin$' "$dir/hang.out" || fail "hang: output before the hang is lost"
grep -q 'sleep 1000' "$dir/hang.out" || fail "hang: the processes that hang are not named"

(guest end 'kill -KILL $$'; echo "$status" >"$dir/end.status") &
# shellcheck disable=SC2016 # expanded in the guest
guest arguments 'printf "%s|" "$@" "$VTPM_TEST" "$GUEST_KERNEL"; echo "from the test" >"$GUEST_OUT/file"; echo lost 2>/dev/null >"$SRCDIR/guest-test-file"' \
	--out "$dir/results"
wait
status=$(cat "$dir/end.status")
expect end 137

export VTPM_TEST="a 'value'  with \$signs"
status=0
"$run" --kernel uml --mem 512M --out "$dir/results" "$dir/arguments" "one 1" '' "three" >"$dir/arguments.out" 2>&1 || status=$?
[ "$(cat "$dir/arguments.out")" = "one 1||three|$VTPM_TEST|uml|" ] || fail "arguments: $(cat "$dir/arguments.out")"
[ "$(cat "$dir/results/file")" = "from the test" ] || fail "no result in the directory for results"
[ ! -e "$SRCDIR/guest-test-file" ] || fail "a test wrote to the machine"

# A machine on which the product is in use, closed to who runs the tests; the guest's own one is no exception.
in_use() {
	mount -t tmpfs machine /var/lib || return 1
	mkdir -p /var/lib/vtpm-cuse/tpm0
	chmod 0 /var/lib/vtpm-cuse
	exec "$@"
}
export -f in_use
private=(unshare --mount)
[ "$(id -u)" = 0 ] || private=(unshare --map-root-user --mount)
if "${private[@]}" mount -t tmpfs machine /var/lib 2>/dev/null; then
	in_front=("${private[@]}" bash -c 'in_use "$@"' in_use)
	guest in_use '[ ! -e /var/lib/vtpm-cuse ] && mkdir /var/lib/vtpm-cuse && mkdir /var/lib/vtpm-cuse/tpm0'
	expect in_use 0
	in_front=()
fi
guest host_in_use "mkdir -p /var/lib/vtpm-cuse/tpm0 /etc/vtpm-cuse; printf '#!/bin/sh\n[ ! -e /var/lib/vtpm-cuse ] && [ ! -e /etc/vtpm-cuse ] && mkdir -p /var/lib/vtpm-cuse/tpm1\n' >look; chmod +x look
PATH=/usr/sbin:/usr/bin:/sbin:/bin '$run' --kernel host ./look && [ -d /var/lib/vtpm-cuse/tpm0 ] && [ ! -e /var/lib/vtpm-cuse/tpm1 ]"
expect host_in_use 0

# The same tests, with the kernel of a machine that has CUSE: the guest is one.
guest host "PATH=/usr/sbin:/usr/bin:/sbin:/bin exec '$run' --kernel host --cgroup v2 '$SRCDIR/tests/guest/test_boot.sh'"
expect host 0
guest host_hang "printf '#!/bin/sh\nsleep 100\n' >hang; chmod +x hang; '$run' --kernel host --timeout 2 ./hang" 
expect host_hang 124

status=0
PATH=/usr/bin:/bin VTPM_GUEST_TMPDIR=/proc "$run" --kernel uml "$dir/none" 2>"$dir/none.err" || status=$?
expect none 125
mkdir "$dir/bin"
for name in bash dirname basename sed id cat; do ln -s "$(command -v "$name")" "$dir/bin/$name"; done
status=0
PATH=$dir/bin "$run" --kernel uml "$dir/pass" 2>"$dir/missing.err" >"$dir/missing.out" || status=$?
expect missing 125
expect_stderr missing 'install the Debian package user-mode-linux'

# Stopped from outside, as by a user or a driver of tests.
printf '#!/bin/sh\nsleep 1000\n' >"$dir/stopped"
chmod +x "$dir/stopped"
"$run" --kernel uml --mem 512M "$dir/stopped" &
sleep 2
kill "$!"
status=0
wait "$!" || status=$?
[ "$status" = 143 ] || fail "stopped: exit status $status instead of 143"

# Killed: no process of the guest may remain, it would be one of this machine then.
printf '#!/bin/sh\nwhile :; do :; done\n' >"$dir/killed"
chmod +x "$dir/killed"
killed() { # COMMAND...: that starts a guest
	"$@" --kernel uml --mem 512M "$dir/killed" &
	sleep 4
	pgrep -f "vtpm_guest=$VTPM_GUEST_TMPDIR" >/dev/null || fail "killed: did not start"
	kill -KILL "$!"
	wait "$!" || :
	sleep 0.2
	leftover=$(pgrep -f "vtpm_guest=$VTPM_GUEST_TMPDIR" || :)
	[ -z "$leftover" ] || fail "killed: processes left: $leftover"
	rm -rf "$VTPM_GUEST_TMPDIR"/vtpm-guest.*
}
killed "$run"

# A guest needs no privileges.
if [ "$(id -u)" = 0 ]; then
	unprivileged=$(mktemp -d -p "$(dirname "$dir")")
	chown 65534 "$unprivileged"
	chmod 755 "$dir"
	drop="setpriv --reuid 65534 --regid 65534 --clear-groups"
	export VTPM_GUEST_TMPDIR=$unprivileged
	status=0
	$drop "$run" --mem 512M "$SRCDIR/tests/guest/test_boot.sh" >"$dir/user.out" 2>"$dir/user.err" || status=$?
	expect user 0
	# shellcheck disable=SC2086 # words are a command
	killed $drop "$run"
	rm -rf "$unprivileged"
fi

sleep 0.2
leftover=$(pgrep -f "vtpm_guest=$dir" || :)
[ -z "$leftover" ] || fail "processes left: $leftover"
leftover=$(find "$dir" -name 'vtpm-guest.*')
[ -z "$leftover" ] || fail "directories left: $leftover"
[ "$failures" = 0 ] || {
	echo "$failures failures"
	exit 1
}
