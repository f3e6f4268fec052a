#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Docker 20.10, whose users choose a runtime and nothing else: each of these is vtpm-runc or vtpm-crun with a class
# in its runtimeArgs. Containers have their vTPMs as long as the class says, whatever becomes of docker's processes,
# and docker runs plain containers when the product has been removed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"

need_program dockerd docker

export DOCKER_HOST=unix://$TMPDIR/docker.sock
# The client that the daemon came with, and no network, which the daemon has none of.
docker() {
	[ "$1" != run ] || set -- run --network none "${@:2}"
	command -p docker "$@"
}

# Its log is shown when the test fails.
lib_servers+=(dockerd)

# --- the daemon ---------------------------------------------------------------------------------------

# runtime_entry CLASS: its two runtimes in the daemon's configuration
runtime_entry() {
	local name
	for name in runc crun; do
		printf '"%s-%s": {"path": "%s/vtpm-%s", "runtimeArgs": ["--vtpm-class=%s"]},' "$1" "$name" "$sbindir" "$name" "$1"
	done
}

configure() {
	class run '{"stateRoot": "memory:", "max": 2}'
	class kept "{\"stateRoot\": \"$TMPDIR/kept\", \"life\": \"container\"}"
	class pods '{"stateRoot": "memory:", "namespaces": ["prod-*"]}'
	printf '{"live-restore": true, "runtimes": {%s%s%s "plain-crun": {"path": "crun"}}}\n' \
		"$(runtime_entry run)" "$(runtime_entry kept)" "$(runtime_entry pods)" >/etc/docker/daemon.json
}

# start_docker [OPTION...]. Go's preemption by signals makes user-mode Linux crawl.
start_docker() {
	GODEBUG=asyncpreemptoff=1 dockerd --config-file /etc/docker/daemon.json --data-root "$TMPDIR/data" \
		--exec-root "$TMPDIR/exec" --host "$DOCKER_HOST" --pidfile "$TMPDIR/docker.pid" --storage-driver overlay2 \
		--bridge=none --iptables=false --ip6tables=false "$@" >>"$TMPDIR/dockerd.log" 2>&1 &
	disown
	wait_for 120 docker version
}

# kill_docker: the daemon and its containerd, which ends with it.
kill_docker() {
	local daemon containerd
	daemon=$(cat "$TMPDIR/docker.pid") containerd=$(cat "$TMPDIR/exec/containerd/containerd.pid")
	kill -KILL "$daemon"
	wait_for 20 process_gone "$daemon"
	kill -KILL "$containerd" 2>/dev/null || :
	wait_for 20 process_gone "$containerd"
	# It could be another process's number by now, and dockerd would not start.
	rm -f "$TMPDIR/docker.pid"
}

# --- containers ---------------------------------------------------------------------------------------

import_image() {
	make_rootfs "$TMPDIR/rootfs"
	tar -C "$TMPDIR/rootfs" -cf - . | docker import - image >/dev/null
}

# run NAME RUNTIME OPTION...: its id is in $id.
run() {
	id=$(docker run --detach --name "$1" --runtime "$2" "${@:3}" image /bin/sleep 1000) ||
		die "docker run $1 by $2: $(tail -n 5 "$TMPDIR/dockerd.log")"
}

# not_run REGEX RUNTIME: a container that is refused, and docker's user is told why.
not_run() {
	local text
	if text=$(docker run --rm --runtime "$2" image /bin/sleep 1 2>&1); then die "$2 started one"; fi
	assert_match "$text" "$1"
}

remove() { docker rm --force "$@" >/dev/null || die "docker rm $*"; }
answers() { assert_eq "$(docker exec "$1" /bin/tpm_client random "$2")" "$ok" "answer of $2"; }
pid_of() { docker inspect --format '{{.State.Pid}}' "$1"; }
is() { [ "$(docker inspect --format "{{.$2}}" "$1")" = "$3" ]; }

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

users_of_their_own() {
	step "$runtime: containers with users of their own"
	run six "run-$runtime"
	answers six /dev/tpm0
	answers six /dev/tpmrm0
	assert_eq "$(docker exec six /bin/stat -c '%u %g' /dev/tpm0)" "0 0" "owner inside"
	remove six
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

mkdir -p /etc/docker
install_product
configure
start_docker
import_image
for runtime in runc crun; do
	two_containers
	live_changes
	stop_and_start
	kept_over_starts
	killed_shim
done
live_restore

if all_cases; then
	echo "nobody:100000:65536" >/etc/subuid
	echo "nobody:100000:65536" >/etc/subgid
	kill_docker
	start_docker --userns-remap=nobody:nogroup
	import_image
	for runtime in runc crun; do users_of_their_own; done
	kill_docker
	start_docker
fi

step "what docs/docker.md says"
docker tag image busybox
run_page docker
nothing_left
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
