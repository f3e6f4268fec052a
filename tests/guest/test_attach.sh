#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# vTPMs for containers that run: given and taken without a restart, gone with the container, whether it has our hooks
# or not, and not led astray by what the container makes of its /dev.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

need_program strace nsenter

ok="rc 00000000"
classes=$TMPDIR/classes.d
mkdir -p "$classes"
chmod 755 "$TMPDIR" "$classes"
echo '{"stateRoot": "memory:"}' >"$classes/run.json"
echo '{"stateRoot": "memory:"}' >"$classes/other.json"
echo '{"stateRoot": "memory:", "namespaces": ["prod"]}' >"$classes/pods.json"

attach() { hook --root="$runtime_root" --class-dir="$classes" "$@"; }

# plain CONTAINER [JQ]: it runs, and no hook of ours is ever called for it.
plain() {
	make_bundle "$1" '[]' "${2:-.}"
	jq 'del(.hooks)' "$TMPDIR/$1/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/$1/config.json"
	[ -z "${3:-}" ] || chown -R "$3" "$TMPDIR/$1/rootfs"
	start "$1"
}

init_of() { rt state "$1" | jq .pid; }
within() { nsenter --mount --target "$(init_of "$1")" /bin/busybox "${@:2}"; }
user=0:0 # Without one the runtimes do not agree on who runs what is executed.
answer_of() { rt exec --user "$user" "$1" tpm_client random "$2"; }
answers() { assert_eq "$(answer_of "$1" "$2")" "$ok" "answer of $2"; }
tpms() { inside "$1" sh -c 'cd /dev; echo tpm*'; }
gone() {
	vtpm-hook "${hook_options[@]}" prune
	(nothing_left)
}

given_and_taken() {
	local text user=1000:2000
	step "$runtime: a container without our hooks gets a vTPM, and a second one"
	plain one '.process.user = {"uid": 1000, "gid": 2000} | .process.capabilities = {}'
	text=$(attach --class=run attach one)
	assert_match "$text" '^one: /dev/tpm0( and /dev/tpmrm0)?, class run'
	assert_match "$text" 'until it stops; started again, it does not have it$'
	answers one /dev/tpm0
	[ -z "$twins" ] || answers one /dev/tpmrm0
	attach --class=run:x attach one >/dev/null
	answers one /dev/tpmx
	echo '{"memory": {"limit": 268435456}, "devices": [{"allow": false, "access": "rwm"}]}' >"$TMPDIR/update"
	rt update --resources "$TMPDIR/update" one
	answers_again() { [ "$(answer_of one /dev/tpmx)" = "$ok" ]; }
	wait_for 60 answers_again

	step "$runtime: what it has it does not get again, nor what it may not have"
	expect_fail "container one has a vTPM of that class and device already" attach --class=run attach one
	expect_fail "class pods: " attach --class=pods attach one
	expect_fail "there is no class 'nothing'" attach --class=nothing attach one
	expect_fail "there is no container two in .*root-$runtime" attach --class=run attach two
	expect_fail "there is no container two where runtimes note theirs" \
		hook --class-dir="$classes" --class=run attach two
	expect_fail "the container's id '../one' cannot name a device" attach --class=run attach ../one
	expect_fail "--class and a container are needed" attach attach one

	step "$runtime: taken back, it is gone; what has its numbers is not theirs"
	attach --class=run:0 detach one
	expect_fail "container one has no vTPM of class run, device 0" attach --class=run:0 detach one
	assert_eq "$(tpms one)" "${twins:+tpmrmx }tpmx" "devices"
	assert_eq "$(vtpm-hook "${hook_options[@]}" list --json | jq -r '.[] | "\(.device) \(.condition)"')" \
		"/dev/tpmx serves" "list"
	answers one /dev/tpmx
	attach --class=run attach one >/dev/null
	answers one /dev/tpm0
	attach --class=run --class=run:x detach one
	assert_eq "$(tpms one)" "tpm*" "devices"

	step "$runtime: a stop ends it, and a start does not bring it back"
	attach --class=run attach one >/dev/null
	server=$(cat "$container_run_dir/$(host_name one 0).pid")
	rt kill one KILL
	wait_for 60 stopped one
	rt delete one
	start one
	assert_eq "$(tpms one)" "tpm*" "devices"
	wait_for 60 process_gone "$server"
	wait_for 60 gone
	delete one
}

# As in a session of root, for which crun has another root than the usual one.
in_a_session() {
	local name
	step "$runtime: its root is that of a session, and nobody says so"
	export XDG_RUNTIME_DIR=/run/user/0
	mkdir -p /run/user/0
	make_bundle one '[]' 'del(.hooks)'
	hook --class-dir="$classes" --bundle="$TMPDIR/one" --class=run inject
	name=tpm-$(echo /run/user/0/crun | sha256sum | cut -c1-6)-one
	crun run --detach --bundle "$TMPDIR/one" one </dev/null >"$TMPDIR/one.out" 2>&1 || die "$(cat "$TMPDIR/one.out")"
	assert_eq "$(tpm_client random "/dev/$name-0")" "$ok" "answer"
	unset XDG_RUNTIME_DIR
	hook --class-dir="$classes" --class=other attach one >/dev/null
	assert_eq "$(tpm_client random "/dev/$name-1")" "$ok" "answer of what was attached"
	XDG_RUNTIME_DIR=/run/user/0 crun delete --force one || die "delete"
	wait_for 60 gone
}

with_hooks() {
	step "$runtime: beside what the hooks gave; the last hook takes all"
	make_bundle one '[]'
	hook --root="$runtime_root" --class-dir="$classes" --bundle="$TMPDIR/one" --class=run inject
	create one || die "create one: $(cat "$TMPDIR/one.err")"
	expect_fail "container one: it is created and not started" attach --class=other attach one
	rt start one
	attach --class=other attach one >/dev/null
	answers one /dev/tpm1
	expect_fail "has come with it, and goes with it" attach --class=run detach one
	expect_fail "has a vTPM of that class and device already" attach --class=run attach one
	delete one
	nothing_left
}

in_user_namespace() {
	step "$runtime: in a user namespace"
	plain one '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]' 100000:200000
	attach --class=run attach one >/dev/null
	answers one /dev/tpm0
	answers one "/dev/$(host_name one 0)"
	expect_fail "tpm0 is there already in the container|is taken by container" attach --class=other:0 attach one
	answers one /dev/tpm0
	attach --class=run detach one
	assert_eq "$(tpms one)" "tpm*" "devices"
	assert_eq "$(inside one cat /proc/mounts | grep -c tpm)" 0 "mounts"
	delete one
	wait_for 60 gone
}

names_that_are_there() {
	step "$runtime: a name that is there is refused, and stays"
	plain one
	inside one sh -c 'echo mine >/dev/tpm0; echo mine >/dev/tpmrm1'
	expect_fail "/dev/tpm0 is there already in the container" attach --class=run attach one
	[ -z "$twins" ] ||
		expect_fail "/dev/tpmrm1 is there already in the container" attach --class=run:1 attach one
	assert_eq "$(tpms one)" "tpm0 tpmrm1" "devices"
	assert_eq "$(inside one cat /dev/tpm0)" mine "file"
	nothing_left

	step "$runtime: a /dev that is no file system in memory, or none of its own, or the host's"
	within one mount -t proc none /dev
	expect_fail "/dev is neither a tmpfs nor a devtmpfs" attach --class=run:7 attach one
	within one umount /dev
	within one umount -l /dev
	expect_fail "/dev is (no mount of its own|neither a tmpfs)" attach --class=run:7 attach one
	assert_eq "$(ls "$TMPDIR/one/rootfs/dev")" "" "the image's /dev"
	nothing_left
	delete one
}

# stopped_at_node CONTAINER CLASS: an attach in the background, whose worker has made its first node and stopped.
stopped_at_node() {
	strace -f -o /dev/null -e trace=mknodat -e inject=mknodat:signal=SIGSTOP:when=1 \
		"$BUILDDIR/vtpm-hook" "${hook_options[@]}" --root="$runtime_root" --class-dir="$classes" \
		--class="$2" attach "$1" >"$TMPDIR/attach.out" 2>&1 &
	attach=$!
	wait_for 60 has_node "$1"
	worker=$(pgrep -P "$(pgrep -P $attach)" vtpm-hook)
}
has_node() { [ -e "/proc/$init/root/dev/tpm0" ]; }

# goes_on REGEX: it fails, with such a line.
goes_on() {
	kill -CONT "$worker"
	if wait "$attach"; then die "attach succeeded: $(cat "$TMPDIR/attach.out")"; fi
	assert_match "$(cat "$TMPDIR/attach.out")" "$1"
}

moved_meanwhile() {
	step "$runtime: another /dev meanwhile"
	plain one
	init=$(init_of one)
	mkdir -p "$TMPDIR/one/rootfs/old"
	stopped_at_node one run
	within one mount --move /dev /old
	within one mount -t tmpfs none /dev
	goes_on "the container's /dev(: no answer within|.* is another one now)"
	assert_eq "$(within one sh -c 'echo /dev/tpm* /old/tpm*')" '/dev/tpm* /old/tpm*' "nodes"
	nothing_left
	within one umount /dev
	within one mount --move /old /dev
	attach --class=run attach one >/dev/null
	answers one /dev/tpm0
	delete one
	wait_for 60 gone
}

deleted_meanwhile() {
	step "$runtime: a delete beside an attach, without our hooks and with them"
	plain one
	init=$(init_of one)
	stopped_at_node one run
	delete one
	goes_on "has ended|no answer within"
	nothing_left
	make_bundle one '[]'
	hook --root="$runtime_root" --class-dir="$classes" --bundle="$TMPDIR/one" --class=other:9 inject
	start one
	init=$(init_of one)
	stopped_at_node one run
	rt delete --force one &
	delete=$!
	wait_for 60 process_gone "$init"
	goes_on "has ended|no answer within"
	wait "$delete" || die "delete"
	nothing_left
}

at_once() {
	local first
	step "$runtime: two at once get two names"
	plain one
	attach --class=run attach one >"$TMPDIR/first" &
	first=$!
	attach --class=other attach one >"$TMPDIR/second"
	wait "$first" || die "the first: $(cat "$TMPDIR/first")"
	answers one /dev/tpm0
	answers one /dev/tpm1
	delete one
	wait_for 60 gone
}

# The worker cannot be ended while it waits; nothing else may wait for it.
deaf() {
	step "$runtime: a FUSE file system on /dev that does not answer"
	plain one
	"$BUILDDIR/tests/guest/deaf_fuse" "$(init_of one)" >"$TMPDIR/deaf" &
	deaf=$!
	wait_for 60 grep -q mounted "$TMPDIR/deaf"
	(attach --class=run attach one || :) >/dev/null 2>"$TMPDIR/deaf.err" &
	attaching=$!
	# The child that waits there has what its work takes: chown, DAC override, fowner, setgid, setuid, mknod, sys_admin.
	confined() { grep -qs '^CapEff:.00000000082000cb$' /proc/$(pgrep -n -x vtpm-hook)/status; }
	wait_for 60 confined
	wait $attaching || :
	grep -q "the container's /dev: no answer within" "$TMPDIR/deaf.err" || die "$(cat "$TMPDIR/deaf.err")"
	nothing_left
	kill "$deaf"
	within one umount -l /dev
	attach --class=run attach one >/dev/null
	answers one /dev/tpm0
	delete one
	wait_for 60 gone
}

for runtime in $(container_runtimes); do
	use_runtime "$runtime"
	given_and_taken
	with_hooks
	in_user_namespace
	names_that_are_there
	moved_meanwhile
	deleted_meanwhile
	at_once
	[ "$runtime" != runc ] || deaf
	[ "$runtime" != crun ] || in_a_session
done
