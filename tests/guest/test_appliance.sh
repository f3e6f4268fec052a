#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --kernel none
#
# An appliance: a kernel and an image of busybox, vtpm and nothing else, as dist/appliance and docs/appliance.md have
# it; the TPM's state on a data partition. Each boot is that of a machine; its power is cut by killing it.

set -euo pipefail

dir=$(mktemp -d -p /dev/shm 2>/dev/null) || dir=$(mktemp -d)
export TMPDIR=$dir
machine='' disk='' boots=0 now=start
trap 'status=$?; cut_power; [ "$status" = 0 ] || [ "$status" = 77 ] || show; rm -rf "$dir"' EXIT

step() { now=$* && printf -- '-- %s s: %s\n' "$SECONDS" "$*"; }
die() { printf 'FAILED in "%s": %s\n' "$now" "$*" && exit 1; }
skip() { printf 'SKIPPED: %s\n' "$*" && exit 77; }
show() { [ ! -e "$dir/console" ] || sed 's/\r$//; s/^/console: /' "$dir/console"; }

# Not "grep -q", here and below: it may end what writes to it.
wants_loader() { readelf -lW "$1" | grep INTERP >/dev/null; }

for name in linux.uml busybox mkfs.ext4 debugfs openssl readelf strip; do
	command -v "$name" >/dev/null || skip "needs $name"
done
[ -x "$BUILDDIR/vtpm" ] || skip "needs archives of all libraries"
! wants_loader "$(command -v busybox)" || skip "needs a static busybox"
release=$(linux.uml --version)
modules=/usr/lib/uml/modules/$release/kernel/fs/fuse
[ -e "$modules/cuse.ko" ] || skip "needs $modules/cuse.ko"

# --- the image ---------------------------------------------------------------------------------------

# The part that says what this machine does once it is up: $app is an argument of the kernel.
write_application() {
	cat <<'EOF'
#!/bin/sh
# tpm HEX: the answer, in hex. A command is one write.
tpm() {
	printf "$(echo "$1" | sed 's/../\\x&/g')" >&3
	dd bs=4096 count=1 <&3 2>/dev/null | od -An -tx1 | tr -d ' \n'
}
password=00000009400000090000000000
template=0023000b00030072000000060080004300100003001000000000
define() { tpm "80020000002d0000012a40000001${password}0000000e01500001000b0202000200000008"; }
write() { tpm "80020000002b000001374000000101500001${password}0008$(printf %016x "$1")0000"; }
# Its owner keeps others from clearing it.
lock() { tpm "80020000001e000001294000000a${password}000178"; }
read_nv() { tpm "8002000000230000014e4000000101500001${password}00080000"; }

# public HIERARCHY: of the primary key that its seed gives for a template of ECC.
public() {
	answer=$(tpm "80020000004300000131$1${password}000400000000001a${template}000000000000")
	tpm 80010000000e0000016580000000 >/dev/null
	echo "${answer:36:184}"
}

# Each number is told when it was answered.
count() {
	n=$1
	while answer=$(write "$n"); [ "${answer:12:8}" = 00000000 ]; do
		echo "wrote $n"
		n=$((n + 1))
	done
	echo "no answer: $answer"
}

show() {
	echo "date $(date +%s)"
	echo "identity $(vtpm-ctl status -j "$1" | sed -n 's/.*"identity": *"\([0-9a-f]*\)".*/\1/p')"
	echo "files $(cd /data/vtpm && echo *)"
	echo "keys $(echo /data/vtpm/ca/*key*)"
	echo "nv $(read_nv)"
	echo "owner $(public 40000001)"
	echo "endorsement $(public 4000000b)"
}

[ -c /dev/tpm0 ] && [ -c /dev/tpmrm0 ] || { echo "failed: no device"; cat /run/*.log; exit; }
exec 3<>/dev/tpm0
(: >/x) 2>/dev/null && echo "the root can be written to"
show tpm0
case $app in
first)
	define >/dev/null
	lock >/dev/null
	count 1
	;;
count) count 1000 ;;
reset)
	exec 3>&-
	/etc/init.d/S20vtpm factory-reset
	echo "reset $?"
	exec 3<>/dev/tpm0
	show tpm0
	define >/dev/null && write 7 >/dev/null
	exec 3>&-
	echo "again"
	/etc/init.d/S20vtpm factory-reset
	;;
esac
echo "done"
EOF
}

write_rcs() {
	cat <<'EOF'
#!/bin/sh
mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t tmpfs run /run
mount -t devtmpfs dev /dev 2>/dev/null
mount -t ext4 /dev/ubda /data || echo "no data partition"
mount -o remount,ro /
[ -z "$date" ] || date -s "@$date" >/dev/null && echo "clock $(date +%s)"
[ ! -e /data/vtpm/conf ] || export VTPM_CONF=/data/vtpm/conf
for script in /etc/init.d/S??*; do "$script" start || echo "failed: $script: $?"; done
EOF
}

# make_image FILE VTPM: an archive of cpio, which the kernel unpacks.
make_image() {
	local root=$dir/root name
	rm -rf "$root"
	mkdir -p "$root"/{bin,sbin,etc/init.d,dev,proc,sys,run,data,"lib/modules/$release"}
	cp "$(command -v busybox)" "$root/bin/busybox"
	for name in $(busybox --list); do [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"; done
	ln -sf bin/busybox "$root/init"
	cp "$2" "$root/sbin/vtpm"
	for name in $("$2" --list); do ln -s vtpm "$root/sbin/$name"; done
	cp "$modules"/{fuse,cuse}.ko "$root/lib/modules/$release/"
	printf 'fuse.ko:\ncuse.ko: fuse.ko\n' >"$root/lib/modules/$release/modules.dep"
	cp "$SRCDIR/dist/appliance/vtpm-appliance" "$root/etc/init.d/S20vtpm"
	cp "$SRCDIR/dist/appliance/inittab" "$root/etc/inittab"
	echo '::once:/app' >>"$root/etc/inittab"
	echo 'MANUFACTURE="--ca-dir=/data/vtpm/ca --write-certs=/data/vtpm/certs --vmid=box-1"' >"$root/etc/vtpm.conf"
	write_rcs >"$root/etc/init.d/rcS"
	write_application >"$root/app"
	chmod +x "$root/app" "$root/etc/init.d/rcS" "$root/etc/init.d/S20vtpm"
	(cd "$root" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) >"$1"
}

# make_data FILE: a data partition as the factory makes it of $dir/data, all of it root's.
make_data() {
	local as_root=()
	[ "$(id -u)" = 0 ] || as_root=(unshare --map-root-user)
	truncate -s 32M "$1"
	"${as_root[@]}" mkfs.ext4 -q -E root_owner=0:0 -d "$dir/data" "$1"
	disk=$1
}

# A CA of ours, whose keys are to be used once.
put_ca() {
	mkdir -p "$dir/data/vtpm"
	"$BUILDDIR/vtpm" setup ca init --ca-dir="$dir/data/vtpm/ca"
}

# A CA elsewhere, which is asked over a serial line.
put_ca_command() {
	rm -rf "$dir/data"
	mkdir -p "$dir/data/vtpm"
	cat >"$dir/data/vtpm/ca-command" <<'EOF'
#!/bin/sh
stty -F /dev/ttyS0 raw -echo
exec 3<>/dev/ttyS0
{ tr -d '\n'; echo; } >&3
while read -r line <&3; do
	echo "$line"
	[ "$line" != "-----END CERTIFICATE-----" ] || exit 0
done
exit 1
EOF
	chmod +x "$dir/data/vtpm/ca-command"
	printf '%s\n' KEEP_FACTORY= 'MANUFACTURE="--ca-command=/data/vtpm/ca-command --write-certs=/data/vtpm/certs"' \
		>"$dir/data/vtpm/conf"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=elsewhere -days 9 \
		-keyout "$dir/elsewhere.key" -out "$dir/elsewhere.pem" 2>/dev/null
}

# answer REQUEST
answer() {
	printf '%b' "$(sed -n 's/.*"publicKey": *"\([^"]*\)".*/\1/p' <<<"$1")" >"$dir/public.pem"
	openssl x509 -new -force_pubkey "$dir/public.pem" -subj /CN=box-2 -days 9 -CA "$dir/elsewhere.pem" \
		-CAkey "$dir/elsewhere.key"
}

# --- the machine -------------------------------------------------------------------------------------

# boot IMAGE [ARGUMENT...]: returns at once.
boot() {
	boots=$((boots + 1))
	: >"$dir/console"
	setsid linux.uml umid="box$boots" "uml_dir=$dir" mem=128M "initrd=$1" "ubd0=$disk" con=null con0=null,fd:1 \
		ssl=null quiet security=none noreboot "${@:2}" >"$dir/console" 2>&1 </dev/null \
		8<>"$dir/to" 9<>"$dir/from" &
	machine=$!
}

cut_power() {
	[ -n "$machine" ] || return 0
	kill -KILL -- "-$machine" 2>/dev/null || :
	wait "$machine" 2>/dev/null || :
	machine=''
}

said() { sed 's/\r$//' "$dir/console" | grep "$@"; }

# wait_for REGEX: until the machine has said a line like that.
wait_for() {
	local deadline=$((SECONDS + 100))
	until said -E "^($1)$" >/dev/null; do
		! said '^failed: ' >/dev/null || die "$(told failed:)"
		kill -0 "$machine" 2>/dev/null || die "the machine has ended before it said '$1'"
		[ "$SECONDS" -le "$deadline" ] || die "the machine has not said '$1'"
		sleep 0.05
	done
}

# told NAME: what was said last of it.
told() { said "^$1 " | tail -n 1 | cut -d' ' -f2-; }

assert_told() { # NAME VALUE
	[ "$(told "$1")" = "$2" ] || die "$1 is '$(told "$1")' instead of '$2'"
}

# How an answer to NV_Read begins that has the number.
assert_number_at_least() {
	local answer hex
	answer=$(told nv)
	[ "${answer:12:8}" = 00000000 ] || die "the NV index cannot be read: $answer"
	hex=${answer:32:16}
	[ $((16#$hex)) -ge "$1" ] || die "the NV index has $((16#$hex)), and $1 was answered"
	[ $((16#$hex)) -le $(($1 + 1)) ] || die "the NV index has $((16#$hex)) after $1"
}

assert_no_number() {
	case $(told nv) in 80010000000a0000028b) ;; *) die "the NV index is still there: $(told nv)" ;; esac
}

# Nothing that was made before is there, or can be opened again; whose TPM it is can still be proved.
assert_reset() {
	assert_no_number
	assert_told files 'ca certs host.key tpm0 tpm0.factory'
	[ "$(told owner)" != "$owner" ] || die "the owner's seed is the old one"
	assert_told endorsement "$endorsement"
	owner=$(told owner)
}

# assert_signed CAS: the EK's certificate on the disk.
assert_signed() {
	debugfs -R "dump /vtpm/certs/ek-rsa2048.crt $dir/ek" "$disk" >/dev/null 2>&1
	openssl x509 -inform DER -in "$dir/ek" -out "$dir/ek.pem" || die "there is no certificate on the disk"
	openssl verify -ignore_critical -CAfile "$1" "$dir/ek.pem" >/dev/null || die "the certificate is not that of $1"
}

# ----------------------------------------------------------------------------------------------------

mkfifo "$dir/to" "$dir/from" # a serial line's other end

step "the program"
! wants_loader "$BUILDDIR/vtpm" || die "it wants a loader"
! readelf -dW "$BUILDDIR/vtpm" | grep NEEDED || die "it wants libraries"
strip -o "$dir/vtpm" "$BUILDDIR/vtpm"
for name in cuse vtpm-ctl hook; do
	"$dir/vtpm" "$name" --help >"$dir/help" || die "$name --help: $?"
	grep -qi "^usage: vtpm-${name#vtpm-}" "$dir/help" || die "$name --help says: $(head -n 1 "$dir/help")"
done
ln -s vtpm "$dir/vtpm-runc"
"$dir/vtpm-runc" --vtpm-help | grep '^usage: vtpm-runtime' >/dev/null || die "a link's name is not taken"
status=0
"$dir/vtpm" nonsense 2>"$dir/help" || status=$?
[ "$status $(cat "$dir/help")" = "2 vtpm: nonsense: no such program; see --help" ] || die "nonsense: $status"

step "the image"
make_image "$dir/image" "$dir/vtpm"
gzip -c "$dir/image" >"$dir/image.gz"
printf 'sizes in bytes: vtpm %s, busybox %s, image %s, compressed %s\n' "$(stat -c %s "$dir/vtpm")" \
	"$(stat -c %s "$dir/root/bin/busybox")" "$(stat -c %s "$dir/image")" "$(stat -c %s "$dir/image.gz")"

step "the first boot, in 1970"
put_ca
make_data "$dir/disk"
boot "$dir/image" app=first date=100
wait_for 'wrote 5'
! said -x 'the root can be written to' || die "/ is not read-only"
identity=$(told identity)
[ ${#identity} = 32 ] || die "identity '$identity'"
assert_told keys '/data/vtpm/ca/*key*'
assert_told files 'ca certs host.key tpm0 tpm0.factory'
assert_no_number
owner=$(told owner) endorsement=$(told endorsement)
[[ $owner =~ ^005a.*[1-9] && $endorsement =~ ^005a.*[1-9] ]] || die "there are no primary keys: '$owner', '$endorsement'"
[ "$(told clock)" -lt 1000 ] || die "the clock began with $(told clock)"
[ "$(told date)" -ge "$(stat -c %Y "$dir/vtpm")" ] || die "the clock is $(told date)"

step "power is cut while it writes, and another build of the program comes"
sleep "0.$RANDOM"
cut_power
last=$(told wrote)
make_image "$dir/image2" "$BUILDDIR/vtpm"
boot "$dir/image2" app=count
wait_for 'wrote 1002'
assert_told identity "$identity"
assert_told files 'ca certs host.key tpm0 tpm0.factory'
assert_number_at_least "$last"
assert_told owner "$owner"
assert_told endorsement "$endorsement"

step "power is cut again; then a factory reset"
sleep "0.$RANDOM"
cut_power
last=$(told wrote)
boot "$dir/image" app=reset
wait_for 'reset 0'
wait_for 'again'
assert_reset

step "power is cut during another reset, which the next boot goes on with"
sleep "0.$RANDOM"
cut_power
boot "$dir/image" app=none
wait_for 'done'
assert_reset
cut_power

step "its certificates are those of the factory's CA"
cat "$dir"/data/vtpm/ca/*-cert.pem >"$dir/cas"
assert_signed "$dir/cas"

step "a CA elsewhere, and power is cut while that is asked"
put_ca_command
make_data "$dir/disk2"
exec 6<>"$dir/to" 7<>"$dir/from"
boot "$dir/image" app=none ssl0=fd:8,fd:9
read -r -t 100 request <&7 || die "no request"
cut_power
boot "$dir/image" app=none ssl0=fd:8,fd:9
for _ in 1 2 3; do
	read -r -t 100 request <&7 || die "no request"
	answer "$request" >&6
done
wait_for 'done'
assert_told files 'ca-command certs conf host.key tpm0'
cut_power
assert_signed "$dir/elsewhere.pem"
printf '%s boots, %s s\n' "$boots" "$SECONDS"
