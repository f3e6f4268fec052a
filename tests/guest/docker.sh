# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Docker for guest tests, whichever version there is. Source it behind engines.sh.

need_program dockerd docker

export DOCKER_HOST=unix://$TMPDIR/docker.sock
# The client that the daemon came with, and no network, which the daemon has none of.
docker() {
	[ "$1" != run ] || set -- run --network none "${@:2}"
	command -p docker "$@"
}

# Its log is shown when the test fails.
lib_servers+=(dockerd)

# What every call of the daemon has; a test may say more.
docker_data=$TMPDIR/data
docker_options=()
docker_live_restore=true

# --- the daemon ---------------------------------------------------------------------------------------

# runtime_entry CLASS: its two runtimes in the daemon's configuration
runtime_entry() {
	local name
	for name in runc crun; do
		printf '"%s-%s": {"path": "%s/vtpm-%s", "runtimeArgs": ["--vtpm-class=%s"]},' "$1" "$name" "$sbindir" "$name" "$1"
	done
}

# configure_docker CLASS...: classes, each with its two runtimes, and one that is nobody's
configure_docker() {
	local name
	mkdir -p /etc/docker
	{
		printf '{"live-restore": %s, "features": {"cdi": true}, "runtimes": {' "$docker_live_restore"
		for name; do runtime_entry "$name"; done
		printf '"plain-crun": {"path": "crun"}}}\n'
	} >/etc/docker/daemon.json
}

# Go's preemption by signals makes user-mode Linux crawl.
start_docker() {
	GODEBUG=asyncpreemptoff=1 dockerd --config-file /etc/docker/daemon.json --data-root "$docker_data" \
		--exec-root "$TMPDIR/exec" --host "$DOCKER_HOST" --pidfile "$TMPDIR/docker.pid" --storage-driver overlay2 \
		--bridge=none --iptables=false --ip6tables=false "${docker_options[@]}" >>"$TMPDIR/dockerd.log" 2>&1 &
	disown
	wait_for 120 docker version
}

# kill_docker: the daemon and its containerd, which ends with it.
kill_docker() {
	local daemon containerd
	daemon=$(cat "$TMPDIR/docker.pid") containerd=$(cat "$TMPDIR/exec/containerd/containerd.pid")
	kill -KILL "$daemon"
	wait_for 60 process_gone "$daemon"
	kill -KILL "$containerd" 2>/dev/null || :
	wait_for 60 process_gone "$containerd"
	# It could be another process's number by now, and dockerd would not start.
	rm -f "$TMPDIR/docker.pid"
}

# In an orderly way: without live-restore its containers end first.
stop_docker() {
	local daemon
	daemon=$(cat "$TMPDIR/docker.pid")
	kill -TERM "$daemon"
	wait_for 120 process_gone "$daemon"
}

# docker_is AT-LEAST: its major version
docker_is() { [ "$(docker version --format '{{.Server.Version}}' | cut -d. -f1)" -ge "$1" ]; }

# --- containers ---------------------------------------------------------------------------------------

import_image() {
	make_rootfs "$TMPDIR/rootfs"
	tar -C "$TMPDIR/rootfs" -cf - . | docker import - image >/dev/null
}

# start_container NAME OPTION...: its id is in $id.
start_container() {
	id=$(docker run --detach --name "$1" "${@:2}" image /bin/sleep 1000) ||
		die "docker run $*: $(tail -n 5 "$TMPDIR/dockerd.log")"
}

# run NAME RUNTIME OPTION...
run() { start_container "$1" --runtime "$2" "${@:3}"; }

# refuses REGEX OPTION...: a container that is not started, and docker's user is told why.
refuses() {
	local text
	if text=$(docker run --rm "${@:2}" image /bin/sleep 1 2>&1); then die "started with ${*:2}"; fi
	assert_match "$text" "$1"
}

# not_run REGEX RUNTIME
not_run() { refuses "$1" --runtime "$2"; }

remove() { docker rm --force "$@" >/dev/null || die "docker rm $*"; }
answers() { assert_eq "$(docker exec "$1" /bin/tpm_client random "$2")" "$ok" "answer of $2"; }
both_answer() {
	answers "$1" /dev/tpm0
	answers "$1" /dev/tpmrm0
}
pid_of() { docker inspect --format '{{.State.Pid}}' "$1"; }
is() { [ "$(docker inspect --format "{{.$2}}" "$1")" = "$3" ]; }
