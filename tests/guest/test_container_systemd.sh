#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --systemd
#
# Containers whose groups systemd makes: its daemon-reload takes nothing from them, whether a hook makes the rules, or
# vtpm-runtime enters them before the runtime asks systemd for the group.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"

# Global options come before the runtime's command.
rt() { "$runtime" --systemd-cgroup --root "$runtime_root" "$@"; }

scope_bundle() { make_bundle "$1" "$2" '.linux.cgroupsPath = "system.slice:vtpm:'"$1"'"'; }

classes=$TMPDIR/classes.d
mkdir -p "$classes"
chmod 755 "$TMPDIR" "$classes"
echo '{"stateRoot": "memory:", "max": 9}' >"$classes/run.json"
install_programs
ln -s "$BUILDDIR/vtpm-runtime" "$TMPDIR/vtpm-runc"
ln -s "$BUILDDIR/vtpm-runtime" "$TMPDIR/vtpm-crun"
# front WORD...: as rt, by vtpm-runtime
front() {
	"$TMPDIR/vtpm-$runtime" --vtpm-class-dir="$classes" --vtpm-config="$TMPDIR/vtpm-cuse.conf" --vtpm-class=run \
		--systemd-cgroup --root "$runtime_root" "$@"
}

opens() {
	assert_eq "$(inside "$1" tpm_client random /dev/tpm0)" "$ok" "answer $2"
	[ -z "$twins" ] || assert_eq "$(inside "$1" tpm_client random /dev/tpmrm0)" "$ok" "answer of the twin $2"
}

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

	step "$runtime: a vTPM that is attached, and a daemon-reload"
	hook --root="$runtime_root" --class-dir="$classes" --class=run attach one >/dev/null
	assert_eq "$(inside one tpm_client random /dev/tpm1)" "$ok" "answer"
	systemctl daemon-reload
	assert_eq "$(inside one tpm_client random /dev/tpm1)" "$ok" "answer after a daemon-reload"
	hook --root="$runtime_root" --class-dir="$classes" --class=run detach one

	step "$runtime: its server is not in the scope, and the scope can be stopped"
	pid=$(cat "$container_run_dir/$(host_name one 0).pid")
	if grep vtpm-one.scope "/proc/$pid/cgroup"; then die "the server is in the container's scope"; fi
	delete one
	nothing_left

	step "$runtime: vtpm-runtime, a daemon-reload, an update, another daemon-reload"
	scope_bundle two '[]'
	jq 'del(.hooks) | del(.linux.resources.vtpms)' "$TMPDIR/two/config.json" >"$TMPDIR/new.json"
	mv "$TMPDIR/new.json" "$TMPDIR/two/config.json"
	front create --bundle "$TMPDIR/two" two </dev/null >"$TMPDIR/two.out" 2>"$TMPDIR/two.err" ||
		die "create two: $(cat "$TMPDIR/two.err")"
	front start two || die "start two"
	opens two "at the start"
	systemctl daemon-reload
	opens two "after a daemon-reload"
	front update --memory 33554432 two || die "update of the memory"
	opens two "after an update"
	front update --resources - two <<<'{"devices": [{"allow": false, "access": "rwm"}], "memory": {"limit": 67108864}}' ||
		die "update with a list of devices"
	opens two "after an update with a list of devices"
	systemctl daemon-reload
	opens two "after another daemon-reload"
	delete two
	nothing_left
done
