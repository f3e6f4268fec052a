#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --systemd
#
# Docker that has systemd make the control groups: its containers keep their vTPMs whatever systemd writes anew, and end
# with Docker where that has no live-restore.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"
# shellcheck source=tests/guest/docker.sh
. "$SRCDIR/tests/guest/docker.sh"

install_product
class run '{"stateRoot": "memory:"}'
docker_live_restore=false
configure_docker run
docker_options=(--exec-opt native.cgroupdriver=systemd)
start_docker
import_image

for runtime in $(container_runtimes); do
	step "$runtime: a container in a scope of systemd's"
	run one "run-$runtime"
	both_answer one
	scope=docker-$id.scope
	assert_match "$(cat "/proc/$(pid_of one)/cgroup")" "/$scope"

	step "$runtime: a daemon-reload (the scope's DevicePolicy is $(systemctl show --property=DevicePolicy --value "$scope"))"
	systemctl daemon-reload
	both_answer one

	if [ "$runtime" = runc ] || docker_is 23; then
		step "$runtime: an update, and another daemon-reload"
		docker update --cpu-shares 512 one >/dev/null
		both_answer one
		systemctl daemon-reload
		both_answer one
	fi

	step "$runtime: stopped and started, it has a new one; removed, nothing is left"
	keep_handle
	docker restart --time 0 one >/dev/null
	both_answer one
	new_tpm
	systemctl daemon-reload
	both_answer one
	remove one
	vtpm-hook prune
	nothing_left
done

step "docker stopped, its containers have ended; started again, the one that is to come back has a new TPM"
run two run-runc --restart always --stop-timeout 1
keep_handle
stop_docker
nothing_left
start_docker
wait_for 60 docker exec two /bin/tpm_client random /dev/tpm0
both_answer two
new_tpm
remove two
nothing_left
