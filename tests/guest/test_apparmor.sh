#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 200 --kernel uml --append lsm=yama,apparmor
#
# The AppArmor profiles of dist/: enforced, they are in nobody's way, and what they do not know they refuse.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

need_program apparmor_parser runc crun jq
profiles=/sys/kernel/security/apparmor/profiles
[ -e "$profiles" ] || skip "a kernel without AppArmor"

ok="rc 00000000"

# The kernel leaves none out.
echo 0 >/proc/sys/kernel/printk_ratelimit
denials() { dmesg | grep -F 'apparmor="DENIED"' || :; }

# shellcheck disable=SC2317 # called by trap
end() {
	local status=$?
	[ "$status" = 0 ] || denials >&2
	(exit "$status")
	lib_cleanup
}
trap end EXIT

# The programs are where they were built, states where a test has them.
step "the profiles load"
sbindir=$(sed -n 's,^profile vtpm-cuse \(.*\)/vtpm-cuse .*,\1,p' "$BUILDDIR/dist/apparmor/vtpm-cuse")
mkdir -p /etc/apparmor.d/local
for name in vtpm-cuse vtpm-hook; do
	sed "s,$sbindir,$BUILDDIR,g" "$BUILDDIR/dist/apparmor/$name" >"/etc/apparmor.d/$name"
	printf '%s/{,**} rwkl,\n' "$TMPDIR" >"/etc/apparmor.d/local/$name"
done
apparmor_parser -r -K /etc/apparmor.d/vtpm-cuse /etc/apparmor.d/vtpm-hook
for name in vtpm-cuse vtpm-hook; do
	grep -qx "$name (enforce)" "$profiles" || die "$name: $(cat "$profiles")"
done

step "a server under its profile, with a user, a twin, certificates"
start_vtpm tpm0 --resource-manager --run-as 1234 --create-certs
assert_eq "$(cat "/proc/$(vtpm_pid tpm0)/attr/current")" "vtpm-cuse (enforce)" "profile"
assert_eq "$(tpm_client random /dev/tpm0)" "$ok" "answer"
assert_eq "$(tpm_client random /dev/tpmrm0)" "$ok" "answer of the twin"
vtpm-ctl status tpm0 >/dev/null
stop_vtpm tpm0
start_vtpm tpm0 --resource-manager --run-as 1234
kill_vtpm tpm0

step "one with a state in memory"
start_vtpm tpm1 --state memory:
assert_eq "$(tpm_client random /dev/tpm1)" "$ok" "answer"
stop_vtpm tpm1

for runtime in runc crun; do
	step "$runtime: a container with a vTPM, by a hook under its profile"
	use_runtime "$runtime"
	make_bundle one "[$(full "$TMPDIR/state-$runtime" 0 '"createCerts": true')]"
	start one
	assert_eq "$(cat "/proc/$(cat "$container_run_dir/$(host_name one 0).pid")/attr/current")" "vtpm-cuse (enforce)" "profile"
	assert_eq "$(inside one /bin/tpm_client random /dev/tpm0)" "$ok" "answer"
	delete one
	nothing_left
done

step "nothing of that was denied"
assert_eq "$(denials)" "" "denials"

step "a state elsewhere is"
mkdir /srv/elsewhere
expect_fail 'Permission denied' vtpm-cuse --name tpm2 --state /srv/elsewhere --plain
[ -n "$(denials)" ] || die "nothing was logged"
