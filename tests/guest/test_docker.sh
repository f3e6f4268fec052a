#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Docker, whose users choose a runtime: each of these is vtpm-runc or vtpm-crun with a class in its runtimeArgs. Since
# Docker 25 they can choose a device. Containers have their vTPMs as long as the class says, whatever becomes of docker's
# processes, and docker runs plain containers when the product has been removed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"
# shellcheck source=tests/guest/docker.sh
. "$SRCDIR/tests/guest/docker.sh"

configure() {
	class run '{"stateRoot": "memory:", "max": 2}'
	class kept "{\"stateRoot\": \"$TMPDIR/kept\", \"life\": \"container\"}"
	class pods '{"stateRoot": "memory:", "namespaces": ["prod-*"]}'
	configure_docker run kept pods
}

two_containers() {
	local first second
	step "$runtime: two containers of one class, one not root's, that do not meet"
	run one "run-$runtime"
	first=$id
	run two "run-$runtime" --user 1000:2000
	second=$id
	for node in /dev/tpm0 /dev/tpmrm0; do
		answers one "$node"
		answers two "$node"
	done
	assert_eq "$(docker exec one /bin/sh -c 'echo /dev/tpm*')" "/dev/tpm0 /dev/tpmrm0" "devices"
	do_not_meet "$(node_of "$first")" "$(node_of "$second")" docker exec one

	step "$runtime: a third is one too many, and docker's user is told so"
	not_run "class run: its max of 2 vTPMs are running" "run-$runtime"
	remove two
	not_run "class pods: it is for some namespaces, and the container's is not known" "pods-$runtime"
}

live_changes() {
	# crun updates nothing for this docker, which always mentions the kernel's memory.
	if [ "$runtime" = runc ]; then
		step "$runtime: an update leaves the container its devices"
		docker update --cpu-shares 512 one >/dev/null
		answers one /dev/tpm0
		answers one /dev/tpmrm0
	fi

	step "$runtime: paused and resumed"
	docker pause one >/dev/null
	expect_status 124 timeout 2 tpm_client random "$(node_of)"
	docker unpause one >/dev/null
	answers one /dev/tpm0
}

stop_and_start() {
	step "$runtime: stopped, it has none; started again, it has a new one"
	keep_handle
	docker stop --time 0 one >/dev/null
	nothing_left
	docker start one >/dev/null
	answers one /dev/tpm0
	new_tpm

	step "$runtime: removed by force, nothing is left"
	remove one
	nothing_left
}

kept_over_starts() {
	step "$runtime: a TPM that is kept over stop, start and a restart by policy"
	run three "kept-$runtime" --restart always
	keep_handle
	docker stop --time 0 three >/dev/null
	nothing_left
	vtpm-hook prune
	docker start three >/dev/null
	same_tpm
	kill -KILL "$(pid_of three)"
	wait_for 60 is three RestartCount 1
	wait_for 60 docker exec three /bin/tpm_client random /dev/tpm0
	same_tpm

	step "$runtime: and goes some time after its container"
	remove three
	nothing_left
	kept_state_goes
}

killed_shim() {
	local init
	step "$runtime: its shim killed, nothing is left after a prune"
	run four "run-$runtime"
	init=$(pid_of four)
	kill_shim "$init"
	wait_for 60 is four State.Running false
	# containerd asks the runtime to end it and gives that five seconds, once.
	kill -KILL "$init" 2>/dev/null || :
	remove four
	wait_for 60 pruned
}

live_restore() {
	step "$runtime: the daemon killed and started again, the vTPM goes on"
	run five "run-$runtime"
	keep_handle
	kill_docker
	assert_eq "$(tpm_client random "$(node_of)")" "$ok" "answer without a daemon"
	start_docker
	answers five /dev/tpm0
	vtpm-hook prune
	same_tpm
	remove five
	nothing_left
}

privileged() {
	local own
	step "$runtime: privileged, it has the host's devices, and beside them its own"
	run one "run-$runtime"
	own=$(node_of "$id")
	run two "run-$runtime" --privileged
	both_answer two
	docker exec two /bin/test -c "$own" || die "it has no $own"
	assert_eq "$(docker exec two /bin/sh -c 'echo /run/vtpm*')" '/run/vtpm*' "sockets of servers"
	remove one two
	nothing_left
	start_vtpm tpm0 --plain
	refuses "$(said_by_hook "/dev/tpm0 is there already in the container")" --privileged --runtime "run-$runtime"
	stop_vtpm tpm0
	nothing_left
}

# Containers that are stopped have nothing mounted there. What docker has open goes with it.
storage_away() {
	step "docker's storage unmounted, a TPM that is kept stays; the container removed, it goes"
	run three kept-runc
	keep_handle
	docker stop --time 0 three >/dev/null
	nothing_left
	kill_docker
	umount "$docker_data"
	kept_state_stays
	mount --bind "$TMPDIR/disk" "$docker_data"
	start_docker
	docker start three >/dev/null
	same_tpm
	remove three
	nothing_left
	kept_state_goes
}

# The same once more by devices of the Container Device Interface, of which the runtime knows nothing.
# by_device RUNTIME: as docker calls it
by_device() {
	local plain=$1 other
	step "$runtime, --device: a class, new at each start"
	start_container one --runtime "$plain" --device vtpm-cuse.org/vtpm=run
	other=$(node_of "$id")
	both_answer one
	keep_handle
	docker restart --time 0 one >/dev/null
	both_answer one
	new_tpm

	step "$runtime, --device: an update leaves the container its devices"
	docker update --cpu-shares 512 one >/dev/null
	both_answer one

	step "$runtime, --device: two containers that do not meet, one of them with two TPMs"
	start_container two --runtime "$plain" --device vtpm-cuse.org/vtpm=run --device vtpm-cuse.org/vtpm=kept
	assert_eq "$(docker exec two /bin/sh -c 'echo /dev/tpm[01]')" "/dev/tpm0 /dev/tpm1" "devices"
	do_not_meet "$(find /dev -name "tpm-*-$id-0")" "$other" docker exec two
	refuses "$(said_by_hook "class run: its max of 2 vTPMs are running")" \
		--runtime "$plain" --device vtpm-cuse.org/vtpm=run
	refuses "$(said_by_hook "class pods: it is for some namespaces, and the container's is not known")" \
		--runtime "$plain" --device vtpm-cuse.org/vtpm=pods
	remove one two
	nothing_left
	kept_state_goes

	step "$runtime, --device: a TPM that is kept over stop, start and a restart by policy, and goes with its container"
	start_container three --runtime "$plain" --device vtpm-cuse.org/vtpm=kept --restart always
	keep_handle
	docker stop --time 0 three >/dev/null
	nothing_left
	docker start three >/dev/null
	same_tpm
	kill -KILL "$(pid_of three)"
	wait_for 60 is three RestartCount 1
	wait_for 60 docker exec three /bin/tpm_client random /dev/tpm0
	same_tpm
	remove three
	nothing_left
	kept_state_goes
}

users_of_their_own() {
	step "$runtime: containers with users of their own"
	run six "run-$runtime"
	answers six /dev/tpm0
	answers six /dev/tpmrm0
	assert_eq "$(docker exec six /bin/stat -c '%u %g' /dev/tpm0)" "0 0" "owner inside"
	remove six
	nothing_left
}

# What the page says of docker 25 and later
device_of_page() {
	local line
	line=$(grep '^    docker run --device' "$SRCDIR/docs/docker.md")
	step "docs/docker.md:$line"
	assert_match "$(eval "$line")" 'crw-------.*/dev/tpm0'
	nothing_left
}

# reload_docker RUNTIME: which its configuration has now
reload_docker() {
	kill -HUP "$(cat "$TMPDIR/docker.pid")"
	wait_for 60 has_runtime "$1"
}

# What the page asks of a service's manager.
systemctl() {
	assert_eq "$*" "reload docker" "systemctl"
	reload_docker vtpm
}
has_runtime() { docker info --format '{{json .Runtimes}}' | grep "\"$1\"" >/dev/null; }

# ------------------------------------------------------------------------------------------------------

install_product
configure
# Where it has no directory for devices when it starts, docker looks for none.
vtpm-hook cdi
mkdir "$TMPDIR/disk" "$docker_data"
mount --bind "$TMPDIR/disk" "$docker_data"
start_docker
import_image
for runtime in runc crun; do
	two_containers
	live_changes
	stop_and_start
	kept_over_starts
	killed_shim
	privileged
done
live_restore
storage_away
if docker_is 25; then
	runtime=runc
	by_device runc
	runtime=crun
	by_device plain-crun
fi

if all_cases; then
	echo "nobody:100000:65536" >/etc/subuid
	echo "nobody:100000:65536" >/etc/subgid
	kill_docker
	docker_options=(--userns-remap=nobody:nogroup)
	start_docker
	import_image
	for runtime in runc crun; do users_of_their_own; done
	kill_docker
	docker_options=()
	start_docker
fi

step "what docs/docker.md says"
docker tag image busybox
run_page docker
nothing_left
! docker_is 25 || device_of_page
configure
reload_docker plain-crun

step "the product removed: plain containers run, also after a start of the daemon"
remove_product
run seven plain-crun
remove seven
kill_docker
start_docker
run seven runc
assert_eq "$(docker exec seven /bin/sh -c 'echo /dev/tpm*')" '/dev/tpm*' "devices"
not_run "vtpm-runc" run-runc
remove seven
