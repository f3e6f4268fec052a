#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 300
#
# Containers of unmodified runtimes get their vTPMs through the hook, and lose them with their life.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

echo '{"resourceManager": false}' >"$TMPDIR/vtpm-cuse.conf"

one_device() {
	step "$runtime: one TPM 2.0, its twin and nobody else's"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "rc 00000000" "answer"
	assert_chardev "/dev/$(host_name one 0)"
	assert_eq "$(inside one stat -c '%F %a %u %g' /dev/tpm0)" "character special file 600 0 0" "node"
	assert_eq "$(inside one tpm_client ioctl /dev/tpm0)" "ENOTTY" "ioctl"
	assert_eq "$(inside one ls /sys/class/cuse)" "" "names in sysfs"

	step "$runtime: kill leaves the vTPM serving"
	rt kill one KILL
	wait_for 10 stopped one
	assert_eq "$("$BUILDDIR/tests/guest/tpm_client" random "/dev/$(host_name one 0)")" "rc 00000000" "answer"

	step "$runtime: delete ends it, and its state with it"
	rt delete one
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
}

stopped() { [ "$(rt state "$1" | jq -r .status)" = stopped ]; }

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	one_device
done
