# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Containers for guest tests. Source it behind lib.sh.

# The runtimes that can be tried here; crun takes no mixture of cgroup versions.
container_runtimes() {
	case $GUEST_CGROUP in
	v1) echo "runc" ;;
	*) echo "runc crun" ;;
	esac
}

container_list=()
container_run_dir=/run/vtpm-cuse

hook_options=(--server="$BUILDDIR/vtpm-cuse" --setup="$BUILDDIR/vtpm-setup" --run-dir="$container_run_dir"
	--lib-dir="$TMPDIR/lib" 	--config="$TMPDIR/vtpm-cuse.conf")
hook() { vtpm-hook "${hook_options[@]}" "$@"; }

# install_programs: where hooks that are entered, and servers that they start, are looked for.
install_programs() {
	local name sbindir
	sbindir=$(dirname "$(jq -r .hook.path "$BUILDDIR/dist/vtpm-cuse.json")")
	mkdir -p "$sbindir"
	for name in vtpm-cuse vtpm-hook vtpm-setup; do ln -sf "$BUILDDIR/$name" "$sbindir/$name"; done
}

# use_runtime NAME: runc or crun from here on, with a root directory of its own.
use_runtime() {
	runtime=$1
	runtime_root=$TMPDIR/root-$1
	runtime_hash=$(echo "$runtime_root" | sha256sum | cut -c1-6)
}

rt() { "$runtime" --root "$runtime_root" "$@"; }

# host_name CONTAINER VTPM: its device on the host.
host_name() { echo "tpm-$runtime_hash-$1-$2"; }

make_rootfs() {
	local name
	mkdir -p "$1"/{bin,dev,etc,proc,sys,tmp,run}
	chmod 755 "$1"
	cp /bin/busybox "$1/bin/busybox"
	for name in sh sleep cat ls stat test mount id env; do
		ln -sf busybox "$1/bin/$name"
	done
	cp "$BUILDDIR/tests/guest/tpm_client" "$1/bin/tpm_client"
}

# make_bundle CONTAINER VTPMS [JQ]: $TMPDIR/CONTAINER with VTPMS, a JSON array, and hooks; JQ changes the rest.
make_bundle() {
	local bundle=$TMPDIR/$1
	mkdir -p "$bundle"
	chmod 755 "$TMPDIR" "$bundle"
	make_rootfs "$bundle/rootfs"
	rm -f "$bundle/config.json"
	(cd "$bundle" && runc spec)
	jq --argjson vtpms "$2" --arg name "$1" '
		.process.terminal = false | .process.args = ["/bin/sleep", "1000"] | .root.readonly = false
		| .hostname = "guest" | .linux.cgroupsPath = "/test-" + $name
		| .linux.resources.vtpms = $vtpms
		| .linux.seccomp = null | .process.rlimits = []
		| .process.capabilities[] += ["CAP_MKNOD", "CAP_DAC_OVERRIDE", "CAP_SETUID", "CAP_SETGID"]
		| '"${3:-.}" "$bundle/config.json" >"$bundle/config.new"
	mv "$bundle/config.new" "$bundle/config.json"
	hook --root="$runtime_root" --bundle="$bundle" inject
	container_list+=("$1")
}

# full STATE NAME [MORE]: an entry of the full form.
full() { printf '{"statePath": "%s", "vtpmName": "%s"%s}' "$1" "$2" "${3:+, $3}"; }

create() { rt create --bundle "$TMPDIR/$1" "$1" </dev/null >"$TMPDIR/$1.out" 2>"$TMPDIR/$1.err"; }

# start CONTAINER: creates and starts it, or shows why not.
start() {
	create "$1" || die "create $1: $(cat "$TMPDIR/$1.err")"
	rt start "$1" || die "start $1"
}

# inside CONTAINER COMMAND...
inside() {
	local name=$1
	shift
	rt exec "$name" "$@"
}

# refused CONTAINER REGEX: it cannot be created, its runtime's user is told why, and nothing is left.
refused() {
	if create "$1"; then die "$1 was created, should have failed with '$2'"; fi
	[[ $(cat "$TMPDIR/$1.err") =~ $2 ]] || die "message '$(cat "$TMPDIR/$1.err")' does not match '$2'"
	rt delete --force "$1" >/dev/null 2>&1 || :
	nothing_left
}

# nothing_left: no lease, no server, no node, no group. Servers of the host leave what they may: an empty directory, or
# the mark of one that was killed.
nothing_left() {
	local left
	left=$(find "$container_run_dir/leases" -name '*.json' 2>/dev/null || :)
	[ -z "$left" ] || die "leases are left: $left"
	left=$(find /dev -maxdepth 1 -name 'tpm*-*' 2>/dev/null)
	[ -z "$left" ] || die "nodes are left: $left"
	left=$(find /sys/fs/cgroup -path '*/vtpm-cuse/*' -type d 2>/dev/null)
	[ -z "$left" ] || die "control groups are left: $left"
	left=$(find "$container_run_dir" -name 'tpm*-??????-*' 2>/dev/null || :)
	[ -z "$left" ] || die "files are left: $left"
}

delete() {
	local name
	for name in "$@"; do
		rt delete --force "$name" || die "delete $name"
	done
}

# eleven_minutes_pass LIB-DIR: as if the last prune had been that long ago
eleven_minutes_pass() {
	local file
	for file in "$1"/kept/*; do
		jq 'if .missingSince > 0 then .missingSince -= 660 else . end' "$file" >"$TMPDIR/record"
		cat "$TMPDIR/record" >"$file"
	done
}

stopped() { [ "$(rt state "$1" | jq -r .status)" = stopped ]; }

PATH=$BUILDDIR/tests/guest:$PATH
# Servers that can have a twin are asked for it.
twins=''
if vtpm-cuse --help | grep resource-manager-minor >/dev/null; then
	twins=true
fi

# admin_config JSON: the administrator's configuration, and no twins where there are none.
admin_config() {
	jq --argjson twins "${twins:-false}" '.resourceManager = $twins' <<<"$1" >"$TMPDIR/vtpm-cuse.conf"
}
admin_config '{}'
