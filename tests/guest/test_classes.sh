#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Containers that ask for classes, as engines' hooks do: each runtime gives them what the administrator offers, for
# as long as the class says, to whom it says, and not more often than it says.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"
classes=$TMPDIR/classes.d
states=$TMPDIR/states
mkdir -p "$classes"
chmod 755 "$TMPDIR" "$classes"

# class NAME JSON
class() { printf '%s\n' "$2" >"$classes/$1.json"; }

# asking CONTAINER JQ OPTION...: a bundle whose hook is told OPTIONs
asking() {
	make_bundle "$1" '[]' "$2"
	hook --root="$runtime_root" --class-dir="$classes" --bundle="$TMPDIR/$1" "${@:3}" inject
}

# add_hook CONTAINER CLASS: one more createRuntime hook, as a second device of CDI brings it
add_hook() {
	jq --arg class "--class=$2" '.hooks.createRuntime += [.hooks.createRuntime[0]
		| .args = [.args[] | select(startswith("--class=") | not)]
		| .args = .args[:-1] + [$class, "createRuntime"]]' "$TMPDIR/$1/config.json" >"$TMPDIR/new.json"
	mv "$TMPDIR/new.json" "$TMPDIR/$1/config.json"
}

answers() { assert_eq "$(inside "$1" tpm_client random "$2")" "$ok" "answer of $2"; }

keep_handle() {
	local node
	node=$(host_name "$1" "$2")
	export TPM2TOOLS_TCTI="device:/dev/$node"
	tpm2_createprimary -Q -c "$TMPDIR/primary.ctx"
	tpm2_evictcontrol -Q -C o -c "$TMPDIR/primary.ctx" 0x81000007
}
handles() { TPM2TOOLS_TCTI="device:/dev/$(host_name "$1" "$2")" tpm2_getcap handles-persistent; }

class run '{"stateRoot": "memory:", "max": 2}'
class open '{"stateRoot": "memory:", "max": 2, "annotations": true}'
class named "{\"stateRoot\": \"$states\", \"life\": \"named\", \"names\": true}"
class kept "{\"stateRoot\": \"$states\", \"life\": \"container\"}"
class pods '{"stateRoot": "memory:", "namespaces": ["prod-*"]}'
class other '{"stateRoot": "memory:", "roots": ["/run/elsewhere"]}'

annotated() { printf '.annotations = {"%s": "%s"}' "$1" "$2"; }

run_lives() {
	step "$runtime: a vTPM of a class, new at each start, owned by the container's user"
	asking one '.process.user = {"uid": 1000, "gid": 2000} | .process.capabilities = {}' --class=run
	start one
	for node in /dev/tpm0 ${twins:+/dev/tpmrm0}; do
		assert_eq "$(rt exec --user 1000:2000 one tpm_client random "$node")" "$ok" "answer of $node"
	done
	assert_eq "$(inside one stat -c '%u %g %a' /dev/tpm0)" "1000 2000 600" "node"
	keep_handle one 0
	delete one
	nothing_left
	start one
	assert_eq "$(handles one 0)" "" "handles of a new TPM"
	delete one
	nothing_left
}

several() {
	step "$runtime: two classes by two hooks, one of them twice, and a name"
	asking one . --class=run --class=named:x --annotations
	add_hook one open
	add_hook one run
	start one
	answers one /dev/tpm0
	answers one /dev/tpmx
	answers one /dev/tpm1
	assert_eq "$(inside one ls /dev | grep -c '^tpm[^r]')" 3 "devices"
	[ -d "$states/root.$runtime_hash/named.x" ] || die "no named state: $(ls -R "$states")"
	delete one
	nothing_left
	[ -d "$states/root.$runtime_hash/named.x" ] || die "the named state is gone"
	rm -rf "$states"

	step "$runtime: the second of two hooks fails, and nothing is left"
	asking one . --class=run
	add_hook one absent
	refused one "there is no class 'absent'; there are: kept, named, open, other, pods, run"
}

named_states() {
	step "$runtime: a named state is the same for the next container, and one container's at a time"
	asking one "$(annotated vtpm-cuse.org/name db)" --class=named
	asking two "$(annotated vtpm-cuse.org/name db)" --class=named
	start one
	keep_handle one 0
	[ -d "$states/root.$runtime_hash/db" ] || die "no named state: $(ls -R "$states")"
	if create two; then die "two containers have one state"; fi
	assert_match "$(cat "$TMPDIR/two.err")" "is in use by container one"
	rt delete --force two >/dev/null 2>&1 || :
	delete one
	start two
	assert_match "$(handles two 0)" 0x81000007

	step "$runtime: a container that is dead is no user of its state: its server ends, and the next one has it"
	rt kill two KILL
	wait_for 60 stopped two
	start one
	assert_match "$(handles one 0)" 0x81000007
	[ ! -e "/dev/$(host_name two 0)" ] || die "the server of a dead container is still there"
	delete one two
	nothing_left

	step "$runtime: nothing else serves in its place"
	mv "$states/root.$runtime_hash/db" "$TMPDIR/db-away"
	refused one "the state that is kept in .*/db is not there"
	mv "$TMPDIR/db-away" "$states/root.$runtime_hash/db"
	start one
	assert_match "$(handles one 0)" 0x81000007
	delete one
	hook state remove "$states/root.$runtime_hash/db"
	rm -rf "$states"
}

kept_states() {
	local data=$TMPDIR/data disk=$TMPDIR/disk path=$states/root.$runtime_hash/_container-one-0 said
	step "$runtime: a state is kept as long as its container's storage, which may be away for a while"
	mkdir -p "$disk/overlay2/layer" "$data"
	mount --bind "$disk" "$data"
	asking one ".root.path = \"$data/overlay2/layer/merged\"" --class=kept
	rm -rf "$disk/overlay2/layer/merged"
	mv "$TMPDIR/one/rootfs" "$disk/overlay2/layer/merged"
	start one
	keep_handle one 0
	assert_eq "$(hook --json state list | jq -c '.[] | select(.life == "container") | [.path, .life, .container, .used]')" \
		"[\"$path\",\"container\",\"one\",true]" "state list"
	delete one
	nothing_left
	assert_eq "$(hook --json state list | jq '.[] | select(.life == "container") | .used == false and .size > 4096 and (.since | fromdate) > 1700000000')" \
		true "state list when the container is stopped"
	assert_match "$(hook state list)" "kept +container +root.$runtime_hash +one +no +20[0-9TZ:-]+ +[0-9]+ $path"
	umount "$data"
	said=$(hook prune 2>&1) || die "prune"
	assert_match "$said" "where it was, $data/overlay2/layer, is not there or another one; its state $path stays"
	eleven_minutes_pass "$TMPDIR/lib"
	assert_eq "$(hook prune 2>&1)" "" "what the second prune says"
	mount --bind "$disk" "$data"
	hook prune || die "prune"
	eleven_minutes_pass "$TMPDIR/lib"
	hook prune || die "prune"
	start one
	assert_match "$(handles one 0)" 0x81000007
	delete one
	rm -rf "$disk/overlay2/layer"
	hook prune || die "prune"
	[ -d "$path" ] || die "the state went with the first prune"
	eleven_minutes_pass "$TMPDIR/lib"
	hook prune || die "prune"
	[ ! -e "$path" ] || die "the state of a container that was removed is still there"
	assert_eq "$(hook --json state list | jq -c 'map(select(.life == "container"))')" "[]" "state list"
	umount "$data"
}

refusals() {
	step "$runtime: who may not have it is told which class and which rule"
	asking one . --class=pods
	refused one "class pods: it is for some namespaces, and the container's is not known"
	asking one "$(annotated io.kubernetes.cri.sandbox-namespace prod-1)" --class=pods
	refused one "class pods: it is for some namespaces, and the container's is not known"
	asking one . --class=other
	refused one "class other: roots has not the runtime's root $runtime_root"
	asking one . --class=kept
	refused one "class kept: life .*container.*: where this engine keeps its containers is not known"
	asking one "$(annotated vtpm-cuse.org/class run)" --annotations
	refused one "class run: annotations may not choose it"
	asking one "$(annotated vtpm-cuse.org/class 'open,../x')" --annotations
	refused one "annotation vtpm-cuse.org/class: '../x' is not a class's name"
	asking one "$(annotated vtpm-cuse.org/class open)"
	start one
	assert_eq "$(inside one ls /dev | grep -c '^tpm')" 0 "devices"
	delete one
	chmod 666 "$classes/run.json"
	asking one . --class=run
	refused one "class run: $classes: run.json can be written by others than root"
	chmod 644 "$classes/run.json"

	step "$runtime: an annotation chooses a class that allows it"
	asking one "$(annotated vtpm-cuse.org/class open:7)" --annotations
	start one
	answers one /dev/tpm7
	delete one
	nothing_left
}

bounds() {
	step "$runtime: max holds, and containers that are dead do not count"
	for name in one two three; do asking "$name" . --class=run; done
	start one
	start two
	if create three; then die "the third of two was created"; fi
	assert_match "$(cat "$TMPDIR/three.err")" "class run: its max of 2 vTPMs are running"
	rt delete --force three >/dev/null 2>&1 || :
	rt kill two KILL
	wait_for 60 stopped two
	start three
	answers three /dev/tpm0
	answers one /dev/tpm0
	delete one two three
	nothing_left
}

for runtime in $(container_runtimes); do
	use_runtime "$runtime"
	run_lives
	several
	named_states
	kept_states
	refusals
	bounds
done
