#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a container may do to its device: every answer is an errno or a TPM's error, and the TPM lives on.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

# Commands with an empty password, for the TPM to read to their ends.
getrandom=80010000000c0000017b0008
pcr_read=8001000000140000017e00000001000b03800000
get_capability=8001000000160000017a000000060000010000000010
auth=00000009400000090000000000
extend=8002000000410000018200000007${auth}00000001000b$(printf '01%.0s' {1..32})
nv_define=80020000002d0000012a40000001${auth}0000000e01500001000b0004000400000008
nv_write=800200000025000001370150000101500001${auth}0002aabb0000
create_primary=8002000000430000013140000007${auth}000400000000001a0023000b0003007200000006008000430010000300100000
create_primary+=0000000000000000
commands=("$getrandom" "$pcr_read" "$get_capability" "$extend" "$nv_define" "$nv_write" "$create_primary")

zeros() { # BYTES
	printf '%0*d' $((2 * $1)) 0
}

# tpm_command LENGTH CODE: a header and as many zeros as it takes.
tpm_command() {
	printf '8001%08x%08x' "$1" "$2"
	[ "$1" = 10 ] || zeros $(($1 - 10))
}

answers() { # RESPONSE-REGEX STEP...: the last line of it matches, and the TPM still answers afterwards.
	local regex=$1 text
	shift
	text=$(raw /dev/tpm0 "$@" $getrandom)
	assert_match "$text" $'\n80010000001400000000[0-9a-f]+$'
	text=${text%$'\n'*}
	assert_match "${text##*$'\n'}" "$regex"
}

start_vtpm tpm0 --plain
step "good commands, to begin with"
assert_eq "$(raw /dev/tpm0 "${commands[@]}" | cut -c 13-20 | tr '\n' ' ')" \
	"00000000 00000000 00000000 00000000 00000000 00000000 00000000 " "response codes"
error='^80010000000a00000[0-9a-f]{3}$'

step "too long"
answers '^E2BIG$' "write:$(zeros 4097)"
answers '^E2BIG$' "write:$(tpm_command 4097 $((0x17b)))"
answers '^E2BIG$' "write:$(zeros 65000)"
answers "$error" "$(tpm_command 4096 $((0x17b)))"

step "too short"
for n in 1 2 5; do answers '^EINVAL$' "write:$(zeros $n)"; done
answers '^EINVAL$' write:80010000
# As the kernel's driver has it: six bytes are a command, and what the TPM says to it is a response.
answers '.' 800100000006
answers '.' 800100000009aabbcc

step "a length that lies"
answers '^EINVAL$' write:80010000000d0000017b0008
answers '^EINVAL$' write:8001ffffffff0000017b0008
answers '^EINVAL$' write:80017fffffff0000017b0008
answers '^EINVAL$' write:8001000010010000017b0008
# More than the length says is left out, none at all is refused.
answers '^80010000001400000000' 80010000000c0000017b0008ffffffff
answers '^ENODATA$' write:8001000000000000017b0008
answers "$error" 80010000000b0000017b0008
answers "$error" 80010000000a0000017b0008

step "tags and codes that are none"
answers "$error" 00000000000c0000017b0008
answers "$error" ffff0000000c0000017b0008
answers "$error" 80010000000affffffff
answers "$error" 80010000000a00000000
answers "$error" 80020000000c0000017b0008

step "a command before the response was read, and a read before any command"
answers '^80010000001400000000' write:$getrandom write:$getrandom read
text=$(raw /dev/tpm0 write:$getrandom write:$getrandom read:4 write:$getrandom read | tr '\n' ' ')
assert_match "$text" '^12 EBUSY 80010000 12 80010000001400000000[0-9a-f]+ $'
text=$(raw /dev/tpm0 read write:$getrandom read:4 read read)
assert_eq "${text%%$'\n'*}" - "a read with nothing pending"
assert_eq "${text##*$'\n'}" - "a read after all was read"
assert_match "$text" $'\n12\n80010000\n001400000000'

step "no ioctl does anything"
# Of swtpm's own interface, of terminals, of TPM drivers, in each direction and with sizes.
for number in 0 1 0x5401 0x5000 0x40045001 0x80045000 0xc0085004 0xc0105006 0x80085000 0x20005002 0xa900 \
	0x4004a900 0xffffffff 0xc0ff50ff; do
	answers '^ENOTTY$' "ioctl:$number"
done
answers '^80010000001400000000' $getrandom

step "other calls"
assert_eq "$(head -c 0 /dev/tpm0)" "" "reading nothing"
if dd if=/dev/tpm0 of=/dev/null bs=4096 count=1 status=none skip=1 2>/dev/null; then :; fi
answers '^80010000001400000000' $getrandom

step "10,000 random commands"
raw --random 10000 --seed 1 /dev/tpm0 "${commands[@]}" | tail -n 1
answers '^80010000001400000000' $getrandom
vtpm-ctl status tpm0 --json >status.json
# A command that says to be empty never reaches the TPM.
grep -q '"failures": 1,' status.json || die "$(cat status.json)"
stores=$(sed -n 's/.*"stores": \([0-9]*\).*/\1/p' status.json)
[ "$stores" -gt 20 ] || die "only $stores of the random commands were good enough to change the state"

step "a client that is killed at any time leaves the device as it was"
for n in 1 2 3 4 5; do
	"$raw_client" --random 1000000 --seed "$n" /dev/tpm0 $getrandom "$extend" >/dev/null 2>&1 &
	read -r -t "0.0$n" _ </dev/zero || :
	kill -KILL $!
	wait $! 2>/dev/null || :
	# The command in flight still has the device, for a moment.
	wait_for 60 raw /dev/tpm0
	answers '^80010000001400000000' $getrandom
done

step "what was done is kept, the server ends in order"
stop_vtpm tpm0
start_vtpm tpm0 --plain
answers '^80010000001400000000' $getrandom
stop_vtpm tpm0
