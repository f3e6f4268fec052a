#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --systemd
#
# Containers whose groups systemd makes: its daemon-reload takes nothing from them.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"

# Global options come before the runtime's command.
rt() { "$runtime" --systemd-cgroup --root "$runtime_root" "$@"; }

scope_bundle() { make_bundle "$1" "$2" '.linux.cgroupsPath = "system.slice:vtpm:'"$1"'"'; }

allowed() { systemctl show --property=DeviceAllow --value "vtpm-$1.scope"; }

for runtime in $(container_runtimes); do
	need_program "$runtime"
	use_runtime "$runtime"

	step "$runtime: a container in a scope"
	scope_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	assert_match "$(cat "/proc/$(rt state one | jq .pid)/cgroup")" '/system.slice/vtpm-one.scope'
	policy=$(systemctl show --property=DevicePolicy --value vtpm-one.scope)

	step "$runtime: a daemon-reload (the scope's DevicePolicy is $policy)"
	[ "$policy" = auto ] || assert_match "$(allowed one)" \
		"$(stat -c '/dev/char/%Hr:%Lr rw' "/dev/$(host_name one 0)")"
	systemctl daemon-reload
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	[ -z "$twins" ] || assert_eq "$(inside one tpm_client random /dev/tpmrm0)" "$ok" "answer of the twin"

	step "$runtime: its server is not in the scope, and the scope can be stopped"
	pid=$(cat "$container_run_dir/$(host_name one 0).pid")
	if grep vtpm-one.scope "/proc/$pid/cgroup"; then die "the server is in the container's scope"; fi
	delete one
	nothing_left
done
