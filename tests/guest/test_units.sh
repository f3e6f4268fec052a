#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --systemd
#
# The files of dist/ at work: a vTPM as a unit, the timer that prunes, udev's rule, tmpfiles, modules-load.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"

# As "make install" does, without its writing to the machine. Copies: a unit sees nothing of /home and /tmp,
# where the build may be.
install_all() {
	local name
	sbindir=$(sed -n 's,^ExecStart=\(.*\)/vtpm-hook .*,\1,p' "$BUILDDIR/dist/vtpm-hook-prune.service")
	mkdir -p "$sbindir" /run/udev/rules.d /run/tmpfiles.d
	for name in vtpm-cuse vtpm-ctl vtpm-hook vtpm-setup; do
		cp "$BUILDDIR/$name" "$sbindir/$name"
	done
	cp "$BUILDDIR"/dist/*.service "$SRCDIR"/dist/*.timer /run/systemd/system/
	cp "$BUILDDIR"/dist/*.rules /run/udev/rules.d/
	cp "$SRCDIR"/dist/tmpfiles.d/*.conf /run/tmpfiles.d/
	systemctl daemon-reload
	udevadm control --reload
}

show() { systemctl show --property="$1" --value "$2"; }

install_all

step "systemd understands the units"
for unit in vtpm-cuse@tpm0.service vtpm-hook-prune.service vtpm-hook-prune.timer; do
	text=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F vtpm-) || :
	[ -z "$text" ] || die "$unit: $text"
done

step "a vTPM as a unit: usable when it has started, with its state where systemd says"
systemctl start vtpm-cuse@tpm0 || { journalctl -u vtpm-cuse@tpm0 --no-pager; die "start"; }
assert_eq "$(show ActiveState vtpm-cuse@tpm0)" active "state"
assert_eq "$(show StatusText vtpm-cuse@tpm0 | wc -l)" 1 "status text"
assert_chardev /dev/tpm0
assert_eq "$(tpm_client random /dev/tpm0)" "$ok" "answer"
assert_eq "$(stat -c '%a %u' /var/lib/vtpm-cuse/tpm0)" "700 $(stat -c %u "/proc/$(show MainPID vtpm-cuse@tpm0)")" "state directory"
assert_eq "$(stat -c '%a %u' /var/lib/vtpm-cuse)" "700 0" "directory of the states"
vtpm-ctl list | grep '^tpm0 ' >/dev/null || die "vtpm-ctl does not see it"

# In User-Mode-Linux the directory that LoadCredential= makes stays empty; we say where there is another.
step "its options come from its environment file, its key from a credential"
mkdir -p /etc/vtpm-cuse /run/systemd/system/vtpm-cuse@tpm1.service.d /run/keys
head -c 32 /dev/urandom >/run/keys/key
echo 'OPTIONS=--resource-manager=tpmrm1 --run-as 1234 --key credential=key' >/etc/vtpm-cuse/tpm1.env
printf '[Service]\nEnvironment=CREDENTIALS_DIRECTORY=/run/keys\n' \
	>/run/systemd/system/vtpm-cuse@tpm1.service.d/key.conf
systemctl daemon-reload
systemctl start vtpm-cuse@tpm1 || { journalctl -u vtpm-cuse@tpm1 --no-pager; die "start"; }
assert_eq "$(tpm_client random /dev/tpm1)" "$ok" "answer"
assert_eq "$(tpm_client random /dev/tpmrm1)" "$ok" "answer of the twin"
assert_eq "$(stat -c %u "/proc/$(show MainPID vtpm-cuse@tpm1)")" 1234 "user"

step "engines are offered it until it is stopped, also when that is all"
offer=/run/cdi/vtpm-cuse.org-host-tpm1.json
vtpm-ctl cdi tpm1
assert_eq "$(jq -r '.devices[0].containerEdits.deviceNodes[].path' $offer | tr '\n' ' ')" "/dev/tpm1 /dev/tpmrm1 " "nodes"
systemctl stop vtpm-cuse@tpm1
[ ! -e $offer ] || die "$offer is left"
systemctl start vtpm-cuse@tpm1 || die "start again"
assert_eq "$(tpm_client random /dev/tpm1)" "$ok" "answer"
systemctl stop vtpm-cuse@tpm1
assert_no_node /dev/tpm1

step "what docs/service.md says"
sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$SRCDIR/docs/service.md" >page
# shellcheck disable=SC1091 # written above
text=$(. ./page 2>&1) || die "$text"
assert_match "$text" active
assert_match "$text" 'crw------- 1 nobody nogroup [^/]*/dev/tpm-web'
assert_match "$text" 'crw------- 1 nobody nogroup .*/dev/tpmrm-web$'
[ -s tpm-web.backup ] || die "no backup"
assert_eq "$(tpm_client random /dev/tpm-web)" "$ok" "answer"
systemctl disable --now vtpm-cuse@tpm-web 2>/dev/null

step "what needs more than the unit leaves has a drop-in: a state in memory"
mkdir -p /run/systemd/system/vtpm-cuse@tpm2.service.d
echo 'OPTIONS=--state memory:' >/etc/vtpm-cuse/tpm2.env
expect_status 1 systemctl start vtpm-cuse@tpm2
printf '[Service]\nCapabilityBoundingSet=CAP_SYS_ADMIN\nSystemCallFilter=@mount\n' \
	>/run/systemd/system/vtpm-cuse@tpm2.service.d/memory.conf
systemctl daemon-reload
systemctl start vtpm-cuse@tpm2 || { journalctl -u vtpm-cuse@tpm2 --no-pager; die "start"; }
assert_eq "$(tpm_client random /dev/tpm2)" "$ok" "answer"
systemctl stop vtpm-cuse@tpm2

step "killed it stays so, and the unit says that it has failed"
kill -KILL "$(show MainPID vtpm-cuse@tpm0)"
wait_for 60 systemctl is-failed vtpm-cuse@tpm0
assert_eq "$(show Result vtpm-cuse@tpm0)" signal "result"
assert_no_node /dev/tpm0

step "killed it comes back where a drop-in says so, stopped it does not"
mkdir -p /run/systemd/system/vtpm-cuse@tpm0.service.d
printf '[Service]\nRestart=on-abnormal\n' >/run/systemd/system/vtpm-cuse@tpm0.service.d/restart.conf
systemctl daemon-reload
systemctl start vtpm-cuse@tpm0 || die "start"
kill -KILL "$(show MainPID vtpm-cuse@tpm0)"
answers_again() { [ "$(tpm_client random /dev/tpm0)" = "$ok" ]; }
wait_for 60 answers_again
systemctl stop vtpm-cuse@tpm0
assert_eq "$(show Result vtpm-cuse@tpm0)" success "result"
assert_no_node /dev/tpm0

step "udev leaves devices of containers to root, whatever else it has rules for"
cat >/run/udev/rules.d/61-other.rules <<-'END'
	KERNEL=="tpm[0-9]*", MODE="0666"
END
udevadm control --reload
start_vtpm tpm-abc123-one-0 --plain
udevadm settle
assert_eq "$(stat -c '%a %u %g' /dev/tpm-abc123-one-0)" "600 0 0" "node"
stop_vtpm tpm-abc123-one-0

step "--owner and --mode hold, whatever rules there are and whenever they are triggered"
cat >/run/udev/rules.d/99-last.rules <<-'END'
	SUBSYSTEM=="cuse", OWNER="root", GROUP="tty", MODE="0666"
END
udevadm control --reload
owned() { # NODE MODE UID GID
	assert_eq "$(stat -c '%a %u %g' "$1")" "$2 $3 $4" "$1"
}
for name in tpm-app tpm7; do
	start_vtpm $name --plain --resource-manager --run-as 1234 --owner 1234:4321 --mode 0600
	owned /dev/$name 600 1234 4321
	owned "/dev/tpmrm${name#tpm}" 600 1234 4321
	udevadm settle
	owned /dev/$name 600 1234 4321
	[ ! -e "/run/vtpm-cuse/$name.udev" ] || die "the file for udev is left"
	udevadm trigger --action=add --settle /dev/$name "/dev/tpmrm${name#tpm}"
	udevadm trigger --action=change --settle /dev/$name "/dev/tpmrm${name#tpm}"
	owned /dev/$name 600 1234 4321
	owned "/dev/tpmrm${name#tpm}" 600 1234 4321
	stop_vtpm $name
done
# What is not said is udev's business, and a file that a killed server left is no word of this one's.
echo VTPM_CUSE_OWNER=99 >/run/vtpm-cuse/tpm7.udev
start_vtpm tpm7 --plain --run-as 1234 --mode 0600
udevadm settle
owned /dev/tpm7 600 0 "$(getent group tty | cut -d: -f3)"
stop_vtpm tpm7

step "the same without our rule, until somebody triggers the others"
mv /run/udev/rules.d/60-vtpm-cuse.rules "$TMPDIR"
udevadm control --reload
for _ in 1 2 3; do
	start_vtpm tpm7 --plain --run-as 1234 --owner 1234:4321 --mode 0640
	udevadm settle
	owned /dev/tpm7 640 1234 4321
	stop_vtpm tpm7
done
mv "$TMPDIR/60-vtpm-cuse.rules" /run/udev/rules.d/
rm /run/udev/rules.d/99-last.rules
udevadm control --reload

step "tmpfiles makes the directories of the hook, and that of CDI"
rm -rf /run/cdi
systemd-tmpfiles --create "$SRCDIR/dist/tmpfiles.d/vtpm-cuse.conf"
assert_eq "$(stat -c %a /run/cdi)" 755 "/run/cdi"
assert_eq "$(stat -c %a /run/vtpm-cuse /run/vtpm-cuse/leases | tr '\n' ' ')" "755 700 " "modes"

step "the timer's service removes what a container left"
echo '{}' >"$TMPDIR/vtpm-cuse.conf"
use_runtime runc
make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
start one
kill -KILL "$(rt state one | jq .pid)"
wait_for 60 stopped one
jq 'del(.config.Hooks)' "$runtime_root/one/state.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$runtime_root/one/state.json"
kill -KILL "$(cat "$container_run_dir/$(host_name one 0).pid")"
rt delete one
touch $offer # of a server that was killed
systemctl start vtpm-hook-prune.timer
assert_eq "$(show ActiveState vtpm-hook-prune.timer)" active "timer"
systemctl start vtpm-hook-prune.service || { journalctl -u vtpm-hook-prune --no-pager; die "prune"; }
nothing_left
[ ! -e $offer ] || die "$offer is left"
