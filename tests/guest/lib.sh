# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What guest tests share. A test begins with
#	. "$SRCDIR/tests/guest/lib.sh"
# and then calls these; the first thing that goes wrong ends it with a line that says what and where.

set -euo pipefail

: "${TMPDIR:?run this with tests/guest/run}" "${BUILDDIR:?}" "${SRCDIR:?}"

lib_servers=()
lib_step="start"

# step TEXT: what is tried next.
step() {
	lib_step=$*
	printf -- '-- %s\n' "$*"
}

# die TEXT: ends the test, also from within a subshell whose status is looked at.
die() {
	printf 'FAILED in "%s" (%s:%s): %s\n' "$lib_step" "$(basename "${BASH_SOURCE[-1]}")" \
		"${BASH_LINENO[-2]}" "$*" >&2
	exit 1
}

# skip TEXT: the test cannot be run here.
skip() {
	printf 'SKIPPED: %s\n' "$*"
	exit 77
}

need_program() {
	local name
	for name in "$@"; do
		command -v "$name" >/dev/null || skip "needs $name"
	done
}

# assert_eq ACTUAL EXPECTED [TEXT]
assert_eq() {
	[ "$1" = "$2" ] || die "${3:-value}: '$1' instead of '$2'"
}

# assert_match TEXT REGEX
assert_match() {
	[[ $1 =~ $2 ]] || die "'$1' does not match '$2'"
}

# expect_status STATUS COMMAND...
expect_status() {
	local expected=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$expected" ] || die "exit status $status instead of $expected: $*"
}

# expect_fail [--status N] REGEX COMMAND...: COMMAND fails, with one line on stderr that matches.
expect_fail() {
	local expected='' status=0 text regex
	if [ "$1" = --status ]; then
		expected=$2
		shift 2
	fi
	regex=$1
	shift
	# Its stdout must not be mistaken for the message.
	{ text=$("$@" 2>&1 >&3 3>&-) || status=$?; } 3>&1
	[ "$status" != 0 ] || die "succeeded, should have failed with '$regex': $*"
	[ "$status" -lt 128 ] || die "ended by signal $((status - 128)): $*: $text"
	[ -z "$expected" ] || [ "$status" = "$expected" ] ||
		die "exit status $status instead of $expected: $*: $text"
	[ -n "$text" ] || die "failed without a message: $*"
	case $text in *$'\n'*) die "more than one line of message: $*: $text" ;; esac
	[[ $text =~ $regex ]] || die "message '$text' does not match '$regex': $*"
}

# expect_error STATUS LINE COMMAND...: COMMAND fails with just this line on stderr.
expect_error() {
	local expected=$1 line=$2 status=0 text
	shift 2
	{ text=$("$@" 2>&1 >&3 3>&-) || status=$?; } 3>&1
	[ "$text" = "$line" ] || die "message '$text' instead of '$line': $*"
	[ "$status" = "$expected" ] || die "exit status $status instead of $expected: $*"
}

# digest DIR: names, owners, modes, times and bytes of all in it.
digest() {
	tar -C "$1" --sort=name -cf - . | cksum
}

# vtpm_following PID OPTION...: becomes a vtpm-cuse that follows this process. For the background.
# shellcheck disable=SC2016 # perl's variables; 434 is pidfd_open, F_SETFD 0 lets the descriptor be inherited
vtpm_following() {
	exec perl -MFcntl -e '
		my $fd = syscall(434, int(shift), 0);
		open(my $pidfd, "<&=", $fd) or die "pidfd: $!";
		fcntl($pidfd, F_SETFD, 0);
		exec @ARGV, "--follow-pid", $fd;' "$1" vtpm-cuse "${@:2}"
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds; its output of the last try is shown when it does not.
wait_for() {
	local seconds=$1 deadline text
	shift
	deadline=$((SECONDS + seconds))
	until text=$("$@" 2>&1); do
		[ "$SECONDS" -le "$deadline" ] || die "not within $seconds s: $* ${text:+($text)}"
		sleep 0.05
	done
}

# assert_chardev NODE [MAJOR:MINOR]. Needed before every "exec 3<>/dev/X": the shell makes a regular file where
# there is no node.
assert_chardev() {
	local hex
	[ -e "$1" ] || die "$1 does not exist"
	[ -c "$1" ] || die "$1 is no character device but a $(stat -c %F "$1")"
	[ $# -lt 2 ] || {
		hex=$(stat -c '%t:%T' "$1")
		assert_eq "$((16#${hex%:*})):$((16#${hex#*:}))" "$2" "device number of $1"
	}
}

assert_no_node() {
	[ ! -e "$1" ] || die "$1 is still there"
}

# process_gone PID. Its status is read once: between two looks a parent may take a zombie away.
process_gone() {
	local status
	status=$(cat "/proc/$1/status" 2>/dev/null) || return 0
	# A zombie has ended, too.
	[[ $status =~ State:[[:space:]]*[XZ] ]]
}

# --- servers -----------------------------------------------------------------------------------

vtpm_pid() { cat "$TMPDIR/$1.pid"; }

# start_vtpm NAME [OPTION...]: serves $TMPDIR/NAME as /dev/NAME; returns when that is usable.
start_vtpm() {
	local name=$1
	shift
	case " ${lib_servers[*]} " in *" $name "*) ;; *) lib_servers+=("$name") ;; esac
	vtpm-cuse --state "$TMPDIR/$name" --name "$name" --daemon --pid-file "$TMPDIR/$name.pid" \
		--log-file "$TMPDIR/$name.log" "$@" || {
		sed 's/^/log: /' "$TMPDIR/$name.log" >&2 || :
		die "vtpm-cuse --name $name failed"
	}
	assert_chardev "/dev/$name"
	if process_gone "$(vtpm_pid "$name")"; then die "vtpm-cuse --name $name has ended"; fi
}

# stop_vtpm NAME: in an orderly way; process and node are gone afterwards.
stop_vtpm() {
	local pid
	pid=$(vtpm_pid "$1")
	vtpm-ctl stop "$1" || die "vtpm-ctl stop $1 failed"
	wait_for 60 process_gone "$pid"
	assert_no_node "/dev/$1"
}

# kill_vtpm NAME [SIGNAL]: like a crash.
kill_vtpm() {
	local pid
	pid=$(vtpm_pid "$1")
	kill -"${2:-KILL}" "$pid"
	wait_for 60 process_gone "$pid"
	wait_for 60 assert_no_node_quietly "/dev/$1"
	rm -f "$TMPDIR/$1.pid"
}

assert_no_node_quietly() { [ ! -e "$1" ]; }

# raw [OPTION...] DEVICE STEP...: see its --help. The device is known to be one. In the background run the
# program itself: "$raw_client" is what a signal is to reach, not a shell that waits for it.
raw_client=$BUILDDIR/tests/guest/raw_client
raw() { "$raw_client" "$@"; }

# use_vtpm NAME: tpm2-tools talk to /dev/NAME from here on.
use_vtpm() {
	assert_chardev "/dev/$1"
	export TPM2TOOLS_TCTI="device:/dev/$1"
}

lib_cleanup() {
	local status=$? name pid
	trap - EXIT
	for name in "${lib_servers[@]}"; do
		pid=$(cat "$TMPDIR/$name.pid" 2>/dev/null) || continue
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = vtpm-cuse ] || continue
		kill -KILL "$pid" 2>/dev/null || :
	done
	if [ "$status" != 0 ] && [ "$status" != 77 ]; then
		printf 'failed with %s in "%s"\n' "$status" "$lib_step" >&2
		for name in "${lib_servers[@]}"; do
			[ ! -s "$TMPDIR/$name.log" ] || tail -n 20 "$TMPDIR/$name.log" | sed "s/^/$name: /" >&2
		done
	fi
	exit "$status"
}
trap lib_cleanup EXIT
