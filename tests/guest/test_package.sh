#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --systemd
#
# The package for Debian: installed, upgraded while vTPMs run, removed, purged.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

need_program dpkg-deb runc jq busybox tpm2_pcrread
new=$(echo "$BUILDDIR"/package/vtpm-cuse_*.deb)
version=$(dpkg-deb --field "$new" Version 2>/dev/null || :)
[ -e "$new" ] || skip "there is no package: scripts/package $BUILDDIR/package builds it"

# What is installed, not what was built beside it.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export TPM2TOOLS_TCTI=device:/dev/tpm0 DEBIAN_FRONTEND=noninteractive
runtime_root=$TMPDIR/root runtime=runc
hook() { vtpm-hook "$@"; }

# repack VERSION: the same package as an earlier version would have been, in $TMPDIR/VERSION.deb.
repack() {
	dpkg-deb --raw-extract "$new" "$TMPDIR/$1"
	sed -i "s/^Version: .*/Version: $1/" "$TMPDIR/$1/DEBIAN/control"
	# Texts of one length.
	LC_ALL=C sed -i "s/$version/$1/" "$TMPDIR/$1/usr/sbin/vtpm-cuse"
	dpkg-deb -Znone --build "$TMPDIR/$1" "$TMPDIR/$1.deb" >/dev/null
}

# install PACKAGE
install() { dpkg --install "$1" >dpkg.log 2>&1 || { cat dpkg.log; die "install $1"; }; }

pcr() { tpm2_pcrread sha256:16 | tail -n 1; }
pid() { systemctl show --property=MainPID --value vtpm-cuse@tpm0; }

# Images of containers forbid packages to start anything. This is none; and it is gone after the test.
rm -f /usr/sbin/policy-rc.d

step "the package of before is installed: the timer runs, no vTPM does, states have a private directory"
[ ! -e /usr/sbin/vtpm-cuse ] || skip "vtpm-cuse is installed on this machine"
repack 0.0.1
install "$TMPDIR/0.0.1.deb"
assert_eq "$(systemctl is-active vtpm-hook-prune.timer)" active "timer"
assert_eq "$(systemctl list-units --no-legend 'vtpm-cuse@*' | wc -l)" 0 "vTPMs"
assert_eq "$(stat -c '%a %u' /var/lib/vtpm-cuse)" "700 0" "directory of the states"
[ -d /run/vtpm-cuse/leases ] || die "tmpfiles.d was not looked at"
for name in vtpm-cuse vtpm-ctl vtpm-hook vtpm-runtime vtpm-setup vtpm-runc; do
	[ -e "$(man -w 8 $name 2>/dev/null || echo /usr/share/man/man8/$name.8.gz)" ] || die "no page of $name"
done

step "a vTPM of a unit and one of a container"
systemctl start vtpm-cuse@tpm0 || { journalctl -u vtpm-cuse@tpm0 --no-pager; die "start"; }
tpm2_pcrextend "16:sha256=$(printf %064d 1)"
before=$(pcr) server=$(pid)
make_bundle c1 "[$(full /var/lib/vtpm-cuse/c1 0)]"
start c1
assert_eq "$(rt exec c1 tpm_client random /dev/tpm0)" "rc 00000000" "answer"

step "an upgrade restarts nothing, and the new programs work with what the ones before began"
install "$new"
assert_eq "$(pid)" "$server" "process of the server"
assert_eq "$(pcr)" "$before" "PCR 16"
assert_eq "$(rt exec c1 tpm_client random /dev/tpm0)" "rc 00000000" "answer"
assert_eq "$(vtpm-ctl list --json | jq -r '.[].condition' | tr '\n' ' ')" "older older " "conditions"
assert_eq "$(vtpm-ctl status tpm0 --json | jq -r .name)" tpm0 "status"
vtpm-hook prune
assert_eq "$(rt exec c1 tpm_client random /dev/tpm0)" "rc 00000000" "answer after prune"

step "it is not removed while a container has a vTPM, and says which"
expect_status 1 dpkg --remove vtpm-cuse >dpkg.log 2>&1
grep -q c1 dpkg.log || { cat dpkg.log; die "the container is not named"; }
assert_eq "$(systemctl is-active vtpm-hook-prune.timer)" active "timer"
assert_eq "$(rt exec c1 tpm_client random /dev/tpm0)" "rc 00000000" "answer"

step "the container goes, with the hook of the new version"
rt delete --force c1
wait_for 60 assert_no_node_quietly /var/lib/vtpm-cuse/c1
assert_eq "$(vtpm-ctl list | wc -l)" 2 "lines of vtpm-ctl list"

step "removed: units stop, offers to engines go, states stay"
vtpm-ctl cdi tpm0
dpkg --remove vtpm-cuse >dpkg.log 2>&1 || { cat dpkg.log; die "remove"; }
[ ! -e "/proc/$server" ] || die "the server runs on"
assert_no_node /dev/tpm0
expect_status 3 systemctl is-active --quiet vtpm-hook-prune.timer
assert_eq "$(find /run/cdi /etc/cdi -type f 2>/dev/null | wc -l)" 0 "offers"
[ ! -e /usr/share/containers/oci/hooks.d/vtpm-cuse.json ] || die "the hook is left"
[ -d /var/lib/vtpm-cuse/tpm0 ] || die "the state is gone"

step "purged: states, key and CA stay, and it says where"
dpkg --purge vtpm-cuse >dpkg.log 2>&1 || { cat dpkg.log; die "purge"; }
grep -q "kept in /var/lib/vtpm-cuse" dpkg.log || { cat dpkg.log; die "not said"; }
[ -f /var/lib/vtpm-cuse/host.key ] || die "the key is gone"
[ ! -e /etc/vtpm-cuse/classes.d/default.json ] || die "a class is left"
