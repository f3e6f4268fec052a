# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Container engines for guest tests: the product in its places, as a package has it, classes, and what to ask a
# container's vTPM. Source it behind container.sh.

ok="rc 00000000"
sbindir=$(dirname "$(jq -r .hook.path "$BUILDDIR/dist/vtpm-cuse.json")")
hooks_dir=/usr/share/containers/oci/hooks.d
class_dir=/etc/vtpm-cuse/classes.d

# VTPM_TEST_ALL=1 asks for the cases that take long, too.
all_cases() { [ -n "${VTPM_TEST_ALL:-}" ]; }

install_product() {
	local name
	mkdir -p "$hooks_dir" "$class_dir"
	install_programs
	ln -s "$BUILDDIR/vtpm-ctl" "$sbindir/vtpm-ctl"
	for name in vtpm-runc vtpm-crun; do ln -s "$BUILDDIR/vtpm-runtime" "$sbindir/$name"; done
	cp "$BUILDDIR"/dist/vtpm-cuse*.json "$hooks_dir"
	cp "$TMPDIR/vtpm-cuse.conf" /etc/vtpm-cuse/
	cp "$SRCDIR"/dist/classes.d/*.json "$class_dir"
	# Nobody but root may write above what the product reads, and others may look for their root file system.
	chmod 755 "$TMPDIR"
}

# As a package takes it away: configuration of engines is not a package's.
remove_product() {
	vtpm-hook uninstall
	rm -rf "$sbindir"/vtpm-* "$hooks_dir"/vtpm-cuse*.json /etc/vtpm-cuse
}

# run_page NAME: types what a page of docs/ says, where commands and functions of the test are found as a user would
# find commands. Its output is in $TMPDIR/page.out.
run_page() {
	sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$SRCDIR/docs/$1.md" | sed "s,/usr/sbin/,$sbindir/,g" >"$TMPDIR/page"
	[ -s "$TMPDIR/page" ] || die "docs/$1.md has no commands"
	# shellcheck disable=SC1091 # written above
	(. "$TMPDIR/page") </dev/null >"$TMPDIR/page.out"
	assert_match "$(cat "$TMPDIR/page.out")" 'crw-------.*/dev/tpm0.*crw-------.*/dev/tpmrm0'
}

# class NAME JSON
class() { printf '%s\n' "$2" >"$class_dir/$1.json"; }

# The one vTPM of this host, or the one of a container
node_of() { find /dev -maxdepth 1 -name "tpm-*${1:+-$1-*}"; }

# The persistent handles of the one, and a new handle; of a container's with tpm_of=CONTAINER in front
tpm_of=''
handles() { TPM2TOOLS_TCTI="device:$(node_of "$tpm_of")" tpm2_getcap handles-persistent; }
keep_handle() {
	TPM2TOOLS_TCTI="device:$(node_of "$tpm_of")" tpm2_createprimary -Q -c "$TMPDIR/primary.ctx"
	TPM2TOOLS_TCTI="device:$(node_of "$tpm_of")" tpm2_evictcontrol -Q -C o -c "$TMPDIR/primary.ctx" 0x81000007
}
same_tpm() { assert_match "$(handles)" 0x81000007; }
new_tpm() { assert_eq "$(handles)" "" "handles of a new TPM"; }

# numbers_of NODE: major and minor
numbers_of() {
	local hex
	hex=$(stat -c '%t %T' "$1")
	echo "$((16#${hex% *})) $((16#${hex#* }))"
}

# do_not_meet OWN OTHER COMMAND...: a container, in which COMMAND runs what follows, may open its device and not
# another container's, even when it makes the node itself.
do_not_meet() {
	local numbers
	read -ra numbers < <(numbers_of "$1")
	assert_eq "$("${@:3}" /bin/tpm_client mknod /own "${numbers[@]}")" opened "its own device"
	read -ra numbers < <(numbers_of "$2")
	assert_eq "$("${@:3}" /bin/tpm_client mknod /other "${numbers[@]}" || :)" "open: EPERM" "another's device"
}

# kill_shim INIT: what looks after a container for its engine
kill_shim() { kill -KILL "$(ps -o ppid= -p "$1")"; }

# said_by_hook LINE: what containerd's and docker's users see of it. crun keeps a hook's words from them.
said_by_hook() {
	case $runtime in
	crun) echo "error executing hook" ;;
	*) echo "$1" ;;
	esac
}

# What a crash left is gone after a prune.
pruned() { vtpm-hook prune && (nothing_left); }

# States that are kept for containers: gone when two calls with ten minutes between them saw these gone.
kept_root=$TMPDIR/kept
kept_states() { find "$kept_root" -name '_container-*' 2>/dev/null; }
kept_state_goes() {
	vtpm-hook prune
	[ -n "$(kept_states)" ] || die "the state is gone at once"
	eleven_minutes_pass /var/lib/vtpm-cuse
	vtpm-hook prune
	[ -z "$(kept_states)" ] || die "the state is left"
}

# Where the container was is not mounted: that is no answer, however often it is looked for.
kept_state_stays() {
	assert_match "$(vtpm-hook prune 2>&1)" "is not there or another one; its state .* stays"
	eleven_minutes_pass /var/lib/vtpm-cuse
	assert_eq "$(vtpm-hook prune 2>&1)" "" "what a second prune says"
	[ -n "$(kept_states)" ] || die "the state is gone"
}
