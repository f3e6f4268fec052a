#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
# What a server is given to open its state with is nowhere to be found once it serves.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program tpm2_getrandom

# In no file and on no command line but the one that the server reads it from.
secret=$(head -c 24 /dev/urandom | base64 -w 0 | tr '/+' 'xy')
printf '%s\n' "$secret" >password
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >key

# memory_of PID: all of it that can be written, and read.
memory_of() {
	local range mode rest from to
	while read -r range mode rest; do
		case $mode:$rest in rw*:*'[v'*) continue ;; rw*) ;; *) continue ;; esac
		from=$((16#${range%-*} / 4096))
		to=$((16#${range#*-} / 4096))
		dd if="/proc/$1/mem" bs=4096 skip="$from" count=$((to - from)) status=none 2>/dev/null || true
	done <"/proc/$1/maps"
}

# absent WHAT FILE...
absent() {
	local what=$1
	shift
	if grep -qaF -e "$what" "$@"; then die "the secret is in one of: $*"; fi
}

check_server() { # SECRET
	local pid
	pid=$(vtpm_pid tpm0)
	use_vtpm tpm0
	tpm2_getrandom -Q --hex 8
	memory_of "$pid" >memory
	[ "$(stat -c %s memory)" -gt 1000000 ] || die "the server's memory cannot be read"
	grep -qaF tpm0 memory || die "not the server's memory"
	absent "$1" memory "/proc/$pid/cmdline" "/proc/$pid/environ" tpm0.log
	assert_match "$(grep -h 'Max core file size' "/proc/$pid/limits")" 'size +0 +0'
}

step "a password"
start_vtpm tpm0 --password "file=$TMPDIR/password" --verbose
check_server "$secret"
stop_vtpm tpm0

step "a password by descriptor, read once more at the next start"
exec 7<password
start_vtpm tpm0 --password fd=7 --verbose
exec 7<&-
check_server "$secret"
stop_vtpm tpm0
rm -r tpm0

step "a key's digits"
start_vtpm tpm0 --key "file=$TMPDIR/key" --verbose
check_server "$(cat key)"
stop_vtpm tpm0

step "the process that cleans up after a server has never known them"
rm -r tpm0
start_vtpm tpm0 --key "file=$TMPDIR/key" --run-as 65534
guard=$(pgrep -x vtpm-leftovers)
assert_match "$(cat "/proc/$guard/status")" 'NoNewPrivs:.1.*Seccomp:.2'
memory_of "$guard" >memory
grep -qaF vtpm-leftovers memory || grep -qaF tpm0 memory || die "not the guard's memory"
head -c 64 key | sed 's/../\\x&/g' >key.escaped
grep -qaP "$(cat key.escaped)" memory && die "the key is in the guard's memory"
absent "$(cat key)" memory
stop_vtpm tpm0
