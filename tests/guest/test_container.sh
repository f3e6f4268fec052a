#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Containers of unmodified runtimes get their vTPMs through the hook, and lose them with their life.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"

one_device() {
	step "$runtime: one TPM 2.0 and its twin, and nobody else's"
	local limits=.
	[ "$GUEST_CGROUP" = v1 ] || limits='.linux.resources.cpu = {quota: 90000, period: 100000}'
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]" "$limits"
	start one
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	assert_chardev "/dev/$(host_name one 0)"
	assert_eq "$(inside one stat -c '%F %a %u %g' /dev/tpm0)" "character special file 600 0 0" "node"
	assert_eq "$(inside one sh -c 'echo /dev/tpm*')" "/dev/tpm0${twins:+ /dev/tpmrm0}" "nodes"
	if [ -n "$twins" ]; then
		assert_eq "$(inside one tpm_client random /dev/tpmrm0)" "$ok" "answer of the twin"
	fi

	step "$runtime: the container's root can send commands and nothing else"
	assert_eq "$(inside one tpm_client ioctl /dev/tpm0)" "ENOTTY" "ioctl"
	assert_eq "$(inside one ls /sys/class/cuse)" "" "names in sysfs"
	assert_eq "$(inside one ls /sys/devices/virtual/cuse)" "" "names in sysfs"

	step "$runtime: the server is in a control group of its own"
	pid=$(cat "$container_run_dir/$(host_name one 0).pid")
	assert_match "$(cat "/proc/$pid/cgroup")" "/vtpm-cuse/$(host_name one 0)"

	if [ "$GUEST_CGROUP" != v1 ]; then
		step "$runtime: which has the container's limit of processor time, and limits of its own"
		group=/sys/fs/cgroup/vtpm-cuse/$(host_name one 0)
		assert_eq "$(cat "$group/cpu.max" "$group/memory.max" "$group/pids.max" | tr '\n' ' ')" \
			"90000 100000 67108864 16 " "limits"

		step "$runtime: an update of the container's limits holds for the server, too"
		rt update --cpu-quota 40000 one || die "update"
		wait_for 60 grep -x '40000 100000' "$group/cpu.max"
		wait_for 60 one_watcher
	fi

	step "$runtime: kill leaves the vTPM serving"
	rt kill one KILL
	wait_for 60 stopped one
	assert_eq "$(tpm_client random "/dev/$(host_name one 0)")" "$ok" "answer"

	step "$runtime: delete ends it, and its state with it"
	rt delete one
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
}

others_are_out_of_reach() {
	local numbers
	step "$runtime: neither with nor without a vTPM does a container reach another's"
	make_bundle two "[$(full "$TMPDIR/state-two" 0)]"
	start two
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	make_bundle none "[]"
	start one
	start none
	assert_eq "$(inside none sh -c 'echo /dev/tpm*')" "/dev/tpm*" "nodes"
	numbers=$(stat -c '%t %T' "/dev/$(host_name one 0)")
	assert_eq "$(inside none tpm_client mknod /dev/x $((16#${numbers% *})) $((16#${numbers#* })))" \
		"open: EPERM" "access to another's device"
	assert_eq "$(inside two tpm_client mknod /dev/x $((16#${numbers% *})) $((16#${numbers#* })))" \
		"open: EPERM" "access to another's device beside its own"
	assert_eq "$(inside two tpm_client random /dev/tpm0)" "$ok" "answer of its own"
	delete one two none
	nothing_left
}

watchers() { grep -lz '^watch$' /proc/[0-9]*/cmdline 2>/dev/null | tr -dc '0-9\n'; }
# With CAP_NET_ADMIN alone.
one_watcher() { grep -q 'CapPrm:	0000000000001000' "/proc/$(watchers)/status"; }
no_watcher() { [ -z "$(watchers)" ]; }

own_limits() {
	local group
	[ "$GUEST_CGROUP" != v1 ] || return 0
	step "$runtime: what an entry and the configuration say of a server's limits holds instead of the container's"
	make_bundle one "[$(full "$TMPDIR/state-one" 0 '"resources": {"cpu": {"quota": 50000, "shares": 2048},
		"pids": {"limit": 20}}')]" '.linux.cgroupsPath = "/above/one"
		| .linux.resources.cpu = {quota: 90000, period: 100000, shares: 512}'
	echo '{"resources": {"memory": {"limit": 33554432}, "pids": {"limit": 30}}}' >"$TMPDIR/vtpm-cuse.conf"
	start one
	group=/sys/fs/cgroup/vtpm-cuse/$(host_name one 0)
	limits() { cat "$group/cpu.max" "$group/cpu.weight" "$group/memory.max" "$group/pids.max" | tr '\n' ' '; }
	assert_eq "$(limits)" "50000 100000 79 33554432 20 " "limits"
	hook prune
	assert_eq "$(limits)" "50000 100000 79 33554432 20 " "limits of the lease"
	delete one
	rm "$TMPDIR/vtpm-cuse.conf"

	step "$runtime: a group above the container's is followed"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]" '.linux.cgroupsPath = "/above/one"'
	start one
	wait_for 60 one_watcher
	assert_match "$(cat "$group/cpu.max")" "^max "
	echo "30000 100000" >/sys/fs/cgroup/above/cpu.max
	wait_for 60 grep -x '30000 100000' "$group/cpu.max"
	echo "max 100000" >/sys/fs/cgroup/above/cpu.max
	wait_for 60 grep -x 'max 100000' "$group/cpu.max"
	delete one
	wait_for 60 no_watcher
	nothing_left
}

several_devices() {
	step "$runtime: a TPM 1.2 beside a TPM 2.0, with owners and modes"
	make_bundle two "[$(full "$TMPDIR/state-a" 0 '"vtpmVersion": "1.2", "fileMode": 432, "uid": 103, "gid": 104'),
		$(full "$TMPDIR/state-b" b '"containerPath": "/dev/tpm7", "vtpmMajor": 100, "vtpmMinor": 1')]"
	start two
	assert_eq "$(inside two stat -c '%a %u %g' /dev/tpm0)" "660 103 104" "node"
	assert_eq "$(inside two tpm_client random12 /dev/tpm0)" "$ok" "answer of the TPM 1.2"
	assert_eq "$(inside two tpm_client random /dev/tpm7)" "$ok" "answer of the TPM 2.0"
	assert_eq "$(inside two stat -c '%t:%T' /dev/tpm7)" "64:1" "device number"
	assert_eq "$(rt exec --user 103:104 two tpm_client random12 /dev/tpm0)" "$ok" "answer to the owner"
	assert_eq "$(rt exec --user 105:106 two tpm_client random12 /dev/tpm0)" "open: EACCES" "answer to others"
	delete two
	nothing_left
}

same_names() {
	step "$runtime: two containers with one vtpmName do not meet"
	make_bundle a "[$(full "$TMPDIR/state-a" 0)]"
	make_bundle b "[$(full "$TMPDIR/state-b" 0)]"
	start a
	start b
	assert_eq "$(inside a tpm_client random /dev/tpm0)" "$ok" "answer"
	assert_eq "$(inside b tpm_client random /dev/tpm0)" "$ok" "answer"
	delete a
	assert_eq "$(inside b tpm_client random /dev/tpm0)" "$ok" "answer of the one that stays"
	delete b
	nothing_left
}

names_of_other_parts() {
	step "$runtime: a-b with c does not meet a with b-c, whose device would have its name"
	make_bundle a-b "[$(full "$TMPDIR/state-a" c)]"
	make_bundle a "[$(full "$TMPDIR/state-b" b-c)]"
	start a-b
	if create a; then die "two devices have one name"; fi
	assert_match "$(cat "$TMPDIR/a.err")" "name tpm-$runtime_hash-a-b-c is taken by container a-b"
	rt delete --force a >/dev/null 2>&1 || :
	assert_eq "$(inside a-b tpm_client random /dev/tpmc)" "$ok" "answer of the one that was there"

	step "$runtime: a device that no lease knows is not ended by who wants its name"
	mv "$container_run_dir/leases/$runtime_hash-a-b.json" "$TMPDIR/lease"
	if create a; then die "two devices have one name"; fi
	assert_match "$(cat "$TMPDIR/a.err")" "device tpm-$runtime_hash-a-b-c that no lease knows is in use"
	rt delete --force a >/dev/null 2>&1 || :
	assert_eq "$(inside a-b tpm_client random /dev/tpmc)" "$ok" "answer of the one that was there"
	mv "$TMPDIR/lease" "$container_run_dir/leases/$runtime_hash-a-b.json"
	delete a-b
	nothing_left
}

# other_root NAME COMMAND...: the runtime under another name, with a root of its own.
other_root() { "$TMPDIR/docker-$runtime" --root "$TMPDIR/other-$1" "${@:2}"; }

# without_root CONTAINER: its hooks have to find the root themselves.
without_root() {
	jq --arg root "--root=$runtime_root" '(.hooks[][].args) |= map(select(. != $root))' \
		"$TMPDIR/$1/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/$1/config.json"
}

one_id_in_two_roots() {
	local name
	step "$runtime: a runtime of another name: one id in two roots"
	cp "$(command -v "$runtime")" "$TMPDIR/docker-$runtime"
	for name in a b; do
		make_bundle "$name" "[$(full "$TMPDIR/state-$name" 0)]"
		without_root "$name"
		other_root "$name" create --bundle "$TMPDIR/$name" same </dev/null >"$TMPDIR/out" 2>&1 ||
			die "create in root $name: $(cat "$TMPDIR/out")"
		other_root "$name" start same
	done
	for name in a b; do
		assert_eq "$(other_root "$name" exec same tpm_client random /dev/tpm0)" "$ok" "answer in root $name"
	done
	other_root a delete --force same
	assert_eq "$(other_root b exec same tpm_client random /dev/tpm0)" "$ok" "answer of the one that stays"
	other_root b delete --force same
	nothing_left

	step "$runtime: nobody takes the vTPM of a container that lives, also when told a wrong root"
	make_bundle a "[$(full "$TMPDIR/state-a" 0)]"
	make_bundle b "[$(full "$TMPDIR/state-b" 0)]"
	start a
	if other_root b create --bundle "$TMPDIR/b" a </dev/null >"$TMPDIR/out" 2>&1; then die "b took a's vTPM"; fi
	assert_match "$(cat "$TMPDIR/out")" "another container a lives, process [0-9]+ of bundle $TMPDIR/a"
	other_root b delete --force a >/dev/null 2>&1 || :
	assert_eq "$(inside a tpm_client random /dev/tpm0)" "$ok" "answer of the one that was there"
	delete a
	nothing_left
}

one_root_of_many_names() {
	local root
	step "$runtime: one root by several names"
	# crun takes a relative one from the bundle.
	[ "$runtime" != crun ] || ln -sfn "$runtime_root" "$TMPDIR/one/root-crun"
	ln -sfn "$runtime_root" "$TMPDIR/root-link"
	for root in "./root-$runtime" "$TMPDIR/none/../root-$runtime" "$TMPDIR/./root-$runtime" "$TMPDIR/root-link"; do
		make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
		without_root one
		(cd "$TMPDIR" && "$runtime" --root "$root" create --bundle one one </dev/null >"$TMPDIR/out" 2>&1) ||
			die "create with --root $root: $(cat "$TMPDIR/out")"
		assert_chardev "/dev/$(host_name one 0)"
		delete one
		nothing_left
	done
}

kill_server() { # CONTAINER VTPM
	local pid
	pid=$(cat "$container_run_dir/$(host_name "$1" "$2").pid")
	kill -KILL "$pid"
	wait_for 60 process_gone "$pid"
	wait_for 60 assert_no_node_quietly "/dev/$(host_name "$1" "$2")"
}

# conditions: of the vTPMs of all containers, as NAME=CONDITION.
conditions() { hook --json list | jq -r '[.[] | .container + .device + "=" + .condition] | sort | join(" ")'; }

# tool CONTAINER VTPM COMMAND...: tpm2-tools on the host.
tool() { TPM2TOOLS_TCTI="device:/dev/$(host_name "$1" "$2")" "${@:3}"; }
pcr_10() { tool "$1" 0 tpm2_pcrread -Q -o "$TMPDIR/pcr" sha256:10 && od -An -tx1 "$TMPDIR/pcr" | tr -d ' \n'; }
reset_count() { tool "$1" 0 tpm2_readclock | sed -n 's/^ *reset_count: *//p'; }

killed_server() {
	local number before zeros
	step "$runtime: a server that was killed gives errors, and is reported"
	make_bundle one "[$(full "$TMPDIR/state-one" 0 '"encryptionPassword": "a literal one"'), $(full "$TMPDIR/state-two" 1)]"
	start one
	zeros=$(pcr_10 one)
	tool one 0 tpm2_pcrextend "10:sha256=$(printf '%064d' 1)"
	[ "$(pcr_10 one)" != "$zeros" ] || die "PCR 10 was not extended"
	before=$(reset_count one)
	number=$(stat -c %t:%T "/dev/$(host_name one 0)")
	assert_eq "$(conditions)" "one/dev/tpm0=serves one/dev/tpm1=serves" "conditions"
	kill_server one 0
	assert_match "$(timeout 20 "$runtime" --root "$runtime_root" exec one tpm_client random /dev/tpm0)" "^open: EN"
	assert_eq "$(conditions)" "one/dev/tpm0=dead one/dev/tpm1=serves" "conditions"
	assert_match "$(hook prune 2>&1)" "container one: /dev/tpm0 is dead, .*vtpm-hook restart one"
	expect_error 1 "vtpm-hook: no container two has vTPMs; see vtpm-hook list" hook restart two

	step "$runtime: it is started again by command, at the same node, as after a power cut"
	hook --root="$runtime_root" restart one
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	assert_eq "$(inside one tpm_client random /dev/tpm1)" "$ok" "answer of the one that lived"
	assert_eq "$(stat -c %t:%T "/dev/$(host_name one 0)")" "$number" "device number"
	assert_eq "$(pcr_10 one)" "$zeros" "PCR 10"
	[ "$(reset_count one)" -gt "$before" ] || die "the reset count is not more than $before"
	assert_eq "$(conditions)" "one/dev/tpm0=serves one/dev/tpm1=serves" "conditions"
	assert_eq "$(hook prune 2>&1)" "" "what prune says"

	step "$runtime: without its state it is not, and the container can be deleted"
	kill_server one 0
	mv "$TMPDIR/state-one" "$TMPDIR/state-away"
	expect_error 1 "vtpm-hook: container one: vTPM /dev/tpm0: there is no state in $TMPDIR/state-one" hook restart one
	mv "$TMPDIR/state-away" "$TMPDIR/state-one"
	delete one
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
}

answers() { [ "$(inside one tpm_client random /dev/tpm0)" = "$ok" ]; }

# crun forgets the rules when it is given a list of devices, as by Kubernetes.
update_with_devices() {
	[ "$runtime $GUEST_CGROUP" = "crun v2" ] || return 0
	step "$runtime: an update with a list of devices, and the rule comes back"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	make_bundle two "[$(full "$TMPDIR/state-two" 0)]"
	start one
	start two
	wait_for 60 one_watcher
	echo '{"devices": [{"allow": false, "access": "rwm"}], "memory": {"limit": 67108864}}' >"$TMPDIR/resources"
	for _ in 1 2; do
		rt update --resources "$TMPDIR/resources" one
		wait_for 60 answers
	done
	delete one
	one_watcher || die "the other container's watcher is gone"
	delete two
	wait_for 60 no_watcher
	nothing_left
}

short_form() {
	step "$runtime: a vTPM that exists is handed in, and left alone at the end"
	start_vtpm tpm-host0
	make_bundle one '[{"hostPath": "/dev/tpm-host0", "containerPath": "/dev/tpm3"}]'
	start one
	assert_eq "$(inside one tpm_client random /dev/tpm3)" "$ok" "answer"
	delete one
	assert_eq "$(tpm_client random /dev/tpm-host0)" "$ok" "answer after the container"
	stop_vtpm tpm-host0
	nothing_left
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	one_device
	others_are_out_of_reach
	own_limits
	several_devices
	same_names
	names_of_other_parts
	one_id_in_two_roots
	one_root_of_many_names
	killed_server
	update_with_devices
	short_form
done
