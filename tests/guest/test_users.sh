#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Whom servers run as: a user of its own for each, to whom its state is given, and who reaches nothing else.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program setpriv unshare

getrandom=80010000000c0000017b0008
first=1879048192 last=1879052287

ids_of() { sed -n 's/^[UG]id:\t//p' "/proc/$(vtpm_pid "$1")/status" | tr '\t\n' '  '; }

# serves_as NAME UID: its process, its state and all of the TPM's in there are that user's.
serves_as() {
	local id=$2
	assert_eq "$(ids_of "$1")" "$id $id $id $id $id $id $id $id " "users of $1"
	assert_eq "$(stat -c '%u:%g %a' "$1" "$1/.lock" "$1/tpm.permanent" "$1/tpm.identity" | sort -u | tr '\n' ' ')" \
		"$id:$id 600 $id:$id 700 " "owners of $1"
	assert_match "$(raw "/dev/$1" $getrandom)" '^80010000001400000000'
}
of_range() { [ "$1" -ge $first ] && [ "$1" -le $last ]; }

step "each has a user of its own, that no two share and nobody knows"
start_vtpm tpm0 --plain
start_vtpm tpm1 --plain
one=$(ids_of tpm0) two=$(ids_of tpm1)
one=${one%% *} two=${two%% *}
for id in "$one" "$two"; do of_range "$id" || die "users $one and $two"; done
[ "$one" != "$two" ] || die "both have user $one"
serves_as tpm0 "$one"
serves_as tpm1 "$two"
if getent passwd "$one"; then die "user $one has a name"; fi
assert_eq "$(stat -c '%u %a' /run/vtpm-cuse/tpm0.d/ctl)" "0 600" "the control socket"
assert_eq "$(stat -c '%u %a' /run/vtpm-cuse/tpm0.d)" "$one 711" "its directory"

step "it reaches neither the other's state nor the other's socket"
as_one() { setpriv --reuid "$one" --regid "$one" --clear-groups "$@"; }
expect_fail 'Permission denied' as_one ls tpm1
expect_fail 'connect to vTPM tpm1: Permission denied' as_one vtpm-ctl stop tpm1
expect_fail 'connect to vTPM tpm0: Permission denied' as_one vtpm-ctl stop tpm0
# What it can do in its directory: put something else there, which is no way to the other.
as_one mv /run/vtpm-cuse/tpm0.d/ctl /run/vtpm-cuse/tpm0.d/own
as_one ln -s ../tpm1.d/ctl /run/vtpm-cuse/tpm0.d/ctl
expect_fail --status 8 'no vTPM tpm0 is running' vtpm-ctl status tpm0
expect_fail --status 1 'vTPM tpm0 runs and does not answer' vtpm-ctl stop tpm0
as_one mv /run/vtpm-cuse/tpm0.d/own /run/vtpm-cuse/tpm0.d/ctl
chmod 666 /run/vtpm-cuse/tpm1.d/ctl
expect_fail 'vTPM tpm1: ' as_one vtpm-ctl stop tpm1
raw /dev/tpm1 $getrandom >/dev/null

step "a kept state goes to the next user, in the middle of it, too"
stop_vtpm tpm0
start_vtpm tpm0 --plain
three=$(ids_of tpm0)
three=${three%% *}
case " $one $two " in *" $three "*) die "user $three is another's, or comes back at once" ;; esac
serves_as tpm0 "$three"
kill_vtpm tpm0
# As one leaves it that was killed between two files: the directory is root's then.
chown 0:0 tpm0
chown "$one:$one" tpm0/tpm.identity
start_vtpm tpm0 --plain
four=$(ids_of tpm0)
serves_as tpm0 "${four%% *}"
stop_vtpm tpm0

step "what root has served, as earlier releases did, is taken over and can be given back"
start_vtpm old --plain --run-as root
serves_as old 0
stop_vtpm old
start_vtpm old --plain
five=$(ids_of old)
serves_as old "${five%% *}"
assert_match "$(cat old.log)" "old: $TMPDIR/old was root's and is user ${five%% *}'s now; vtpm-setup chown gives it back"
expect_fail --status 3 'is in use by process [0-9]+' vtpm-setup chown old root
stop_vtpm old
vtpm-setup chown old root
assert_eq "$(stat -c '%u:%g %a' old old/.lock old/tpm.permanent old/tpm.identity | sort -u | tr '\n' ' ')" "0:0 600 0:0 700 "
start_vtpm old --plain --run-as root
serves_as old 0
stop_vtpm old

step "a state that is somebody else's is refused, and not touched"
vtpm-setup chown old 1234:1234
before=$(digest old)
expect_error 1 "vtpm-cuse: old: old belongs to user 1234, whose states are not taken over: see vtpm-setup chown" \
	vtpm-cuse --name old --state old --plain
assert_eq "$(digest old)" "$before" "the state"
vtpm-setup chown old root
chown 1234 old/tpm.identity
before=$(digest old)
expect_error 1 \
	"vtpm-cuse: old: old/tpm.identity belongs to user 1234, whose states are not taken over: see vtpm-setup chown" \
	vtpm-cuse --name old --state old --plain
assert_eq "$(digest old)" "$before" "the state"
vtpm-setup chown old root

step "a link to a file of root's in the directory is not given away"
mkdir -m 700 secrets
echo secret >secrets/file
chmod 600 secrets/file
ln secrets/file old/tpm.volatile
before=$(digest old)
expect_error 1 "vtpm-cuse: old: old/tpm.volatile has another name, too: it may be anybody's" \
	vtpm-cuse --name old --state old --plain
assert_eq "$(digest old)" "$before" "the state"
assert_eq "$(stat -c %u secrets/file)" 0 "owner of the file"
rm old/tpm.volatile
ln -s ../secrets/file old/tpm.other
start_vtpm old --plain
stop_vtpm old
assert_eq "$(stat -c %u secrets/file)" 0 "owner of the file"

step "nor is a directory of other things"
mkdir -m 755 others others/more
echo text >others/file
expect_fail --status 1 "others has more in it, which is no part of a TPM: it is not given to user [0-9]+" \
	vtpm-cuse --name tpm0 --state others --plain
assert_eq "$(stat -c %u:%a others) $(cat others/file)" "0:755 text"

step "a range of one, and it is taken"
start_vtpm tpm0 --plain --uid-range 3000000000-3000000000
serves_as tpm0 3000000000
expect_error 1 "vtpm-cuse: tpm2: each user from 3000000000 to 3000000000 serves a vTPM" \
	vtpm-cuse --name tpm2 --state tpm2 --plain --uid-range 3000000000-3000000000
[ ! -e tpm2 ] || die "the start that failed has left a state"
kill_vtpm tpm0
start_vtpm tpm2 --plain --uid-range 3000000000-3000000000
stop_vtpm tpm2

step "an appliance has no users at all"
mkdir none
# shellcheck disable=SC2016 # expanded there
unshare --mount bash -euc '
	mount --bind none /etc
	. "$SRCDIR/tests/guest/lib.sh"
	start_vtpm tpm4 --plain
	raw /dev/tpm4 '$getrandom' | grep ^80010000001400000000 >/dev/null
	stop_vtpm tpm4
	start_vtpm tpm4 --plain --run-as root
	stop_vtpm tpm4
'

step "where such users are not there, it is the user of that name, or nobody"
# in_namespace COMMAND...: as root of a user namespace with 65536 users.
in_namespace() {
	rm -f waits mapped
	# shellcheck disable=SC2016 # expanded there
	unshare --user sh -c 'touch waits; until [ -e mapped ]; do sleep 0.1; done; exec "$@"' sh "$@" &
	wait_for 60 test -e waits
	echo 0 0 65536 >/proc/$!/uid_map
	echo 0 0 65536 >/proc/$!/gid_map
	touch mapped
	wait $!
}
chmod 777 .
expect_error 1 "vtpm-cuse: tpm5: users $first to $last are not in this user namespace, and there is no user vtpm-cuse: \
--run-as=root serves as root" in_namespace vtpm-cuse --name tpm5 --state tpm5 --plain
[ ! -e tpm5 ] || die "a state was made"
echo 'vtpm-cuse:x:997:996::/:/usr/sbin/nologin' >>/etc/passwd
in_namespace vtpm-cuse --name tpm5 --state tpm5 --plain --daemon --pid-file "$TMPDIR/tpm5.pid"
assert_eq "$(ids_of tpm5)" "997 997 997 997 996 996 996 996 "
assert_eq "$(stat -c %u:%g tpm5/tpm.permanent)" 997:996
stop_vtpm tpm5
# Others take it over.
start_vtpm tpm5 --plain
stop_vtpm tpm5

step "without the capabilities to become another user it refuses"
expect_error 1 "vtpm-cuse: tpm5: we cannot become a user of our own without CAP_CHOWN, CAP_SETGID and CAP_SETUID: \
--run-as=root serves as root" setpriv --bounding-set -setuid vtpm-cuse --name tpm5 --state tpm5 --plain
stop_vtpm tpm1
