#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Starts that must fail: each with its line and its exit status, and without a trace in the state.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

usage=2 failure=1 locked=3 wrong_key=4 corrupt=5 taken=6 no_cuse=7

declare -A digests
remember() {
	local dir
	for dir in "$@"; do digests[$dir]=$(digest "$dir"); done
}

# refused STATUS DIR LINE OPTION...: DIR is as it was, or still missing.
refused() {
	local status=$1 dir=$2 line=$3
	shift 3
	expect_error "$status" "vtpm-cuse: tpm0: $line" vtpm-cuse --name tpm0 --state "$dir" "$@"
	if [ -n "${digests[$dir]:-}" ]; then
		assert_eq "$(digest "$dir")" "${digests[$dir]}" "content of $dir after '$line'"
	elif [ -e "$dir" ] || [ -L "$dir" ]; then
		die "$dir was made"
	fi
	[ ! -e /dev/tpm0 ] || die "there is a /dev/tpm0"
}

# misused LINE OPTION...: found before anything is done.
misused() {
	local line=$1
	shift
	expect_error $usage "vtpm-cuse: $line" vtpm-cuse --state none "$@"
	[ ! -e none ] || die "a directory was made"
}

step "the command line"
misused "--state and --name are needed; see --help"
misused "--state and --name are needed; see --help" --plain
misused "--nonsense: no such option, or not a unique one; see --help" --nonsense
misused "'tpm0' is not an option" --name tpm0 tpm0
misused "--key, --password, --host-key and --plain exclude one another" --name tpm0 --plain --key fd=0
misused "--tpm-version: '3.0' is not 1.2 or 2.0" --name tpm0 --tpm-version 3.0
misused "--sync: 'often' is not always or off" --name tpm0 --sync often
misused "--major: 512 is not from 1 to 511" --name tpm0 --major 512
misused "--minor: 1048576 is not less than 1048576" --name tpm0 --major 511 --minor 1048576
misused "--minor needs --major" --name tpm0 --minor 1
misused "--mode: '0888' is not an octal mode from 0 to 0777" --name tpm0 --mode 0888
misused "--run-as: no user 'nosuchuser'" --name tpm0 --run-as nosuchuser
misused "--owner: no user 'nosuchuser'" --name tpm0 --owner nosuchuser:0
misused "--owner: no group 'nosuchgroup'" --name tpm0 --owner 0:nosuchgroup

step "names"
printf -v x201 'x%.0s' {1..201}
for name in '' .tpm -tpm a/b 'a b' $'a\nb' "$x201"; do
	misused "name '${name:0:64}' is not 1 to 200 of [A-Za-z0-9._-] not starting with . or -" "--name=$name"
done

step "make states of each kind"
printf '%064d' 1 >key
printf '%064d' 2 >key2
echo password >password
echo another >password2
start_vtpm keyed --key file=key
start_vtpm guarded --password file=password
start_vtpm hosted
start_vtpm plain --plain
for name in guarded hosted plain; do stop_vtpm "$name"; done

step "a directory in use"
# Its server writes to it at any time, but not now.
remember keyed
in_use="keyed is in use by process $(vtpm_pid keyed), which serves /dev/keyed: vtpm-ctl stop keyed ends it"
refused $locked keyed "$in_use" --key file=key
refused $locked keyed "$in_use" --key file=key2
stop_vtpm keyed
remember keyed guarded hosted plain

step "wrong keys, and keys of another kind"
refused $wrong_key keyed "keyed/tpm.permanent: wrong key" --key file=key2
refused $wrong_key guarded "guarded/tpm.permanent: wrong password" --password file=password2
line="the state in keyed is encrypted with a key: give --key"
refused $wrong_key keyed "$line" --password file=password
refused $wrong_key keyed "$line" --plain
refused $wrong_key keyed "$line"
line="the state in guarded is encrypted with a password: give --password"
refused $wrong_key guarded "$line" --key file=key
refused $wrong_key guarded "$line" --plain
refused $wrong_key guarded "$line"
line="the state in hosted is encrypted with the host key: leave out --key, --password and --plain"
refused $wrong_key hosted "$line" --key file=key
refused $wrong_key hosted "$line" --plain
line="the state in plain is plain: it opens with --plain only"
refused $wrong_key plain "$line" --key file=key
refused $wrong_key plain "$line" --password file=password
refused $wrong_key plain "$line"

step "the host key"
host_key=/var/lib/vtpm-cuse/host.key
mv $host_key host.key
refused $wrong_key hosted "the state in hosted: the host key $host_key is gone: put it back"
[ ! -e $host_key ] || die "a new host key was made in the place of one that is needed"
(umask 077 && head -c 32 /dev/urandom >$host_key)
refused $wrong_key hosted "hosted/tpm.permanent: wrong host key"
(umask 077 && echo short >$host_key)
refused $failure hosted "the state in hosted: $host_key is not a key of 32 bytes or 64 hex digits"
mv host.key $host_key
chmod 640 $host_key
refused $failure hosted "the state in hosted: the host key $host_key is open to others than its owner"
chmod 600 $host_key

step "keys that cannot be read"
refused $failure none "--key: open missing: No such file or directory" --key file=missing
refused $failure none "--key: give it as file=PATH, fd=N or credential=NAME" --key 0123456789
refused $failure none "--key: file descriptor 77: Bad file descriptor" --key fd=77
refused $failure none "--key: 'x' is not a file descriptor" --key fd=x
refused $failure none "--key: file=password is not a key of 32 bytes or 64 hex digits" --key file=password
refused $failure none "--password: open /dev/null: Not a regular file" --password file=/dev/null
refused $failure none "--key: there is no \$CREDENTIALS_DIRECTORY for tpm" --key credential=tpm
export CREDENTIALS_DIRECTORY=$TMPDIR
refused $failure none "--key: '../key' is not the name of a credential" --key credential=../key

step "damaged files"
cp -a keyed broken
damage() { # OFFSET BYTES: all of them wrong, or nearly
	cp -a keyed/tpm.permanent broken/
	head -c "$2" /dev/zero | tr '\0' '\377' | dd of=broken/tpm.permanent bs=4096 seek="$1" oflag=seek_bytes conv=notrunc status=none
	remember broken
}
cut() { # LENGTH
	cp -a keyed/tpm.permanent broken/
	truncate -s "$1" broken/tpm.permanent
	remember broken
}
size=$(stat -c %s keyed/tpm.permanent)
damage 20 1
refused $corrupt broken "broken/tpm.permanent: the header is corrupt" --key file=key
damage 4096 $((size - 4096))
refused $corrupt broken "broken/tpm.permanent is corrupt: neither of its slots verifies" --key file=key
cut 0
refused $corrupt broken "broken/tpm.permanent is cut off after 0 bytes" --key file=key
cut 4095
refused $corrupt broken "broken/tpm.permanent is cut off after 4095 bytes" --key file=key
cut $((size - 1))
refused $corrupt broken "broken/tpm.permanent has $((size - 1)) bytes where its header says $size" --key file=key
rm broken/tpm.permanent
remember broken
refused $failure broken \
	"broken has tpm.identity but no tpm.permanent: put it back, or make a new TPM with --new-identity" --key file=key
ln -s ../keyed/tpm.permanent broken/
remember broken
refused $failure broken "broken/tpm.permanent is a symbolic link" --key file=key

step "one damaged slot is told, and served"
rm broken/tpm.permanent
damage 4096 100
start_vtpm broken --key file=key
grep -q 'broken: .*/tpm.permanent: slot 0 is damaged, or a store of it was cut short; generation [0-9]* in slot 1 is used$' broken.log || die "$(cat broken.log)"
stop_vtpm broken

step "directories that are none, or not to be trusted"
mkdir -m 777 open
remember open
refused $failure open "open can be written by everybody" --plain
ln -s keyed link
expect_error $failure "vtpm-cuse: tpm0: link is not a directory, or a symbolic link to one" \
	vtpm-cuse --name tpm0 --state link --key file=key
expect_error $failure "vtpm-cuse: tpm0: key is not a directory, or a symbolic link to one" \
	vtpm-cuse --name tpm0 --state key --key file=key
refused $failure missing/dir "the state in missing/dir: there is no directory missing" --plain

step "EACCES"
unprivileged=(setpriv "--bounding-set=-dac_override,-dac_read_search")
vtpm-setup chown keyed root
chmod 0 keyed/tpm.permanent
remember keyed
# A capability that root's programs do not get is as good as another user.
expect_error $failure "vtpm-cuse: tpm0: open keyed/tpm.permanent: Permission denied" \
	"${unprivileged[@]}" vtpm-cuse --name tpm0 --state keyed --key file=key
assert_eq "$(digest keyed)" "${digests[keyed]}" "content of keyed"
chmod 600 keyed/tpm.permanent
remember keyed
chmod 0 keyed
expect_error $failure "vtpm-cuse: tpm0: open keyed: Permission denied" \
	"${unprivileged[@]}" vtpm-cuse --name tpm0 --state keyed --key file=key
chmod 700 keyed
assert_eq "$(digest keyed)" "${digests[keyed]}" "content of keyed"

step "a FIFO that nobody reads is waited for, as long as no signal comes"
mkfifo pid.fifo
vtpm-cuse --name tpm0 --state none --plain --pid-file pid.fifo &
server=$!
waits_for_reader() { grep -q S "/proc/$server/stat" && ! [ -e /run/vtpm-cuse/tpm0.d/ctl ]; }
wait_for 60 waits_for_reader
kill -TERM $server
status=0
wait $server || status=$?
[ $status != 0 ] || die "it has served"
[ ! -e none ] || die "a directory was made"

step "names and numbers that are taken"
start_vtpm holder --plain --major 100 --minor 1
expect_fail --status $taken \
	"vtpm-cuse: holder: name holder is taken by process [0-9]+: vtpm-ctl stop holder ends it" \
	vtpm-cuse --name holder --state none
refused $taken none "dev_t 100:1 is taken by holder: vtpm-ctl stop holder ends it" --major 100 --minor 1
refused $taken none "dev_t 1:3 is taken by null: leave out --major, or choose other numbers" --major 1 --minor 3
expect_error $taken "vtpm-cuse: null: name null is taken: /dev/null is device 1:3: choose another --name" \
	vtpm-cuse --name null --state none
touch /dev/file
expect_error $taken "vtpm-cuse: file: name file is taken: /dev/file is no character device: choose another --name" \
	vtpm-cuse --name file --state none
[ ! -e none ] || die "a directory was made"
stop_vtpm holder

step "a name and numbers of another program's device of CUSE"
"$BUILDDIR/tests/bench/bench-null-cuse" foreign >/dev/null 2>&1 &
foreign=$!
wait_for 60 assert_chardev /dev/foreign
expect_error $taken "vtpm-cuse: foreign: name foreign is taken by a device of CUSE that another program serves: end that, or choose another --name" \
	vtpm-cuse --name foreign --state none
IFS=: read -r major minor </sys/class/cuse/foreign/dev
refused $taken none "dev_t $major:$minor is taken by foreign: leave out --major, or choose other numbers" \
	--major "$major" --minor "$minor"
kill $foreign
wait $foreign || :

step "the kernel's own no, which comes after the answer to its first request"
# A major that a driver without sysfs nodes has reserved: nobody but the kernel knows.
reserved=$(awk '$2 == "pts" { print $1 }' /proc/devices)
kernels="dev_t $reserved:77 is taken by a driver of the kernel: leave out --major, or choose other numbers"
expect_error $taken "vtpm-cuse: tpm0: $kernels" \
	vtpm-cuse --name tpm0 --state keyed --key file=key --major "$reserved" --minor 77

# A TPM that was made for it goes again; what else is in the directory stays.
refused $taken none "$kernels" --plain --major "$reserved" --minor 77
refused $taken none "$kernels" --create-certs=none --plain --major "$reserved" --minor 77
mkdir -m 700 none
touch none/mine
expect_error $taken "vtpm-cuse: tpm0: $kernels" \
	vtpm-cuse --name tpm0 --state none --plain --run-as root --major "$reserved" --minor 77
[ -e none/mine ] || die "a file of others is gone"
rm -r none

step "a control socket that somebody else answers"
perl -MSocket -e '
	socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
	bind($s, pack_sockaddr_un("/run/vtpm-cuse/tpm0.ctl")) or die "bind: $!";
	listen($s, 5);
	sleep 60;' &
listener=$!
wait_for 60 test -S /run/vtpm-cuse/tpm0.ctl
refused $taken none "name tpm0 is taken: its control socket in /run/vtpm-cuse answers" --plain
kill $listener
wait $listener || :
[ ! -e /run/vtpm-cuse/tpm0.d ] || die "a directory is left"
rm /run/vtpm-cuse/tpm0.ctl

step "no CUSE"
mount --bind /dev/null /dev/cuse
refused $no_cuse none "/dev/cuse is not the device of CUSE" --plain
umount /dev/cuse
mv /dev/cuse /dev/hidden
refused $no_cuse none "no /dev/cuse: modprobe cuse" --plain
mv /dev/hidden /dev/cuse

step "log and pid files that cannot be written"
expect_error $failure "vtpm-cuse: tpm0: open log file /missing/log: No such file or directory" \
	vtpm-cuse --name tpm0 --state none --log-file /missing/log
[ ! -e none ] || die "a directory was made"
# What fails with a log file that can be written is told in both places.
for word in --log-file=log --daemon; do
	expect_error $taken "vtpm-cuse: null: name null is taken: /dev/null is device 1:3: choose another --name" \
		vtpm-cuse --name null --state none --log-file=log $word
done
assert_eq "$(grep -c ': null: name null is taken: /dev/null is device 1:3: choose another --name$' log)" 2 "lines in the log"
mkdir directory
for path in /missing/pid "$TMPDIR/directory" "$TMPDIR/directory/"; do
	expect_fail --status $failure "^vtpm-cuse: tpm0: write pid file $path: " \
		vtpm-cuse --name tpm0 --state none --plain --pid-file "$path"
	[ ! -e none ] || die "a directory was made"
	assert_no_node /dev/tpm0
done
