#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --cgroup v1
#
# The same with cgroup v1, where devices.allow and freezer.state do the work.

. "$SRCDIR/tests/guest/test_container.sh"
. "$SRCDIR/tests/guest/test_container_pause.sh"
. "$SRCDIR/tests/guest/test_container_userns.sh"
. "$SRCDIR/tests/guest/test_attach.sh"

step "v1: a server looks by itself whether anybody is left in the groups of its container"
group=/sys/fs/cgroup/freezer/followed
mkdir -p $group/child "$TMPDIR/runtime"
sleep 600 &
inside=$!
echo $inside >$group/child/cgroup.procs
sleep 600 &
followed=$!
vtpm_following $followed --state "$TMPDIR/followed" --name followed --plain --follow-cgroup $group \
	--follow-state "$TMPDIR/runtime" --log-file "$TMPDIR/followed.log" &
follower=$!
wait_for 60 test -S /run/vtpm-cuse/followed.d/ctl
kill -KILL $followed
rmdir "$TMPDIR/runtime"
sleep 2
if process_gone $follower; then die "it ended while there was a process: $(cat "$TMPDIR/followed.log")"; fi
kill -KILL $inside
wait_for 60 process_gone $follower
grep -q 'followed: stopping, the container is gone$' "$TMPDIR/followed.log" || die "$(cat "$TMPDIR/followed.log")"
