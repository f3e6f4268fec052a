#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --cgroup v1
#
# Docker where cgroup v1 has the devices: a class, an update, pause, a crash.

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
configure_docker run
start_docker
import_image
runtime=runc

step "two containers of one class that do not meet"
run one run-runc
own=$(node_of "$id")
run two run-runc
both_answer one
both_answer two
do_not_meet "$own" "$(node_of "$id")" docker exec one
remove two

step "an update leaves the container its devices"
docker update --memory 67108864 --memory-swap 67108864 one >/dev/null
both_answer one

step "paused and resumed"
docker pause one >/dev/null
expect_status 124 timeout 2 tpm_client random "$own"
docker unpause one >/dev/null
both_answer one

step "stopped and started, it has a new one"
keep_handle
docker restart --time 0 one >/dev/null
both_answer one
new_tpm

step "its shim killed and the container removed, nothing is left after a prune"
init=$(pid_of one)
kill_shim "$init"
wait_for 60 is one State.Running false
kill -KILL "$init" 2>/dev/null || :
remove one
wait_for 60 pruned
