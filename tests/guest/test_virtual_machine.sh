#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 900
#
# A virtual machine's firmware finds the TPM that QEMU passes through, starts it up and measures: what
# docs/virtual-machine.md says. QEMU emulates the processor, within this guest.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
need_program qemu-system-x86_64 tpm2_pcrread

zeros=0x0000000000000000000000000000000000000000000000000000000000000000

# machine INTERFACE OPTION...: in the background, its process is $machine; what its firmware prints is in serial.
machine() {
	rm -f serial bios
	qemu-system-x86_64 -accel tcg -display none -vga none -nodefaults -no-user-config -serial file:serial -no-reboot \
		-tpmdev passthrough,id=tpm0,path=/dev/tpm0,cancel-path=/dev/null -device "$1,tpmdev=tpm0" "${@:2}" \
		>qemu.log 2>&1 &
	machine=$!
}

# One that has no disk to boot from resets after a millisecond, and then ends.
run_seabios() {
	machine "$1" -machine pc -m 32 -boot reboot-timeout=1 -chardev file,id=log,path=bios \
		-device isa-debugcon,iobase=0x402,chardev=log
	wait_for 400 process_gone "$machine"
	wait "$machine" || die "qemu: $(cat qemu.log)"
	grep -q 'No bootable device' bios || die "SeaBIOS did not come to its end: $(tail -20 bios)"
}

pcr() { sed -nE "s/^ *$1 *: //p" pcrs; }

# The boot began nothing without a separator in each PCR of the firmware's; those of the system are as they were.
assert_measured() {
	local n value
	use_vtpm tpm0
	tpm2_pcrread sha256 >pcrs
	for n in 0 1 2 3 4 5 6 7; do
		value=$(pcr "$n")
		assert_match "$value" '^0x[0-9A-F]{64}$'
		[ "$value" != "$zeros" ] || die "PCR $n was not extended"
	done
	assert_eq "$(pcr 10)" "$zeros" "PCR 10"
}

step "SeaBIOS, tpm-tis"
start_vtpm tpm0 --no-startup
run_seabios tpm-tis
assert_measured
stop_vtpm tpm0

# QEMU asks for the size before firmware has started the TPM up, and takes no answer for the most there is.
step "tpm-crb wants a smaller buffer, of a TPM that is started up"
refused() { # OPTION...
	start_vtpm tpm0 "$@"
	machine tpm-crb -machine pc -m 32
	wait_for 200 process_gone "$machine"
	if wait "$machine"; then die "qemu takes it"; fi
	grep -q 'size of 3968 is smaller' qemu.log || die "qemu: $(cat qemu.log)"
	stop_vtpm tpm0
}
refused --keep-platform
refused --no-startup --buffer-size 3968

[ -n "${VTPM_TEST_ALL:-}" ] || exit 0
firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
[ -e "$firmware" ] || { echo "no OVMF here: not tried"; exit 0; }

# It comes to its shell, which is the last thing that it finds to boot.
boot_ovmf() { # INTERFACE OPTION...
	step "OVMF, $1"
	start_vtpm tpm0 "${@:2}"
	machine "$1" -machine q35 -m 128 -drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware"
	wait_for 400 grep -qa 'EFI Internal Shell' serial
	kill "$machine"
	wait "$machine" || :
	assert_measured
	stop_vtpm tpm0
}
boot_ovmf tpm-crb --keep-platform --buffer-size 3968
boot_ovmf tpm-tis --no-startup
