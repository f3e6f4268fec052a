#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# A vTPM pauses and resumes with its container, and ends when nobody else has ended it.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"

pause_and_resume() {
	local node
	node=/dev/$(host_name one 0)
	step "$runtime: pause and resume"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	rt pause one
	sleep 0.3
	expect_status 124 timeout 2 tpm_client random "$node"
	rt resume one
	assert_eq "$(timeout 20 tpm_client random "$node")" "$ok" "answer after resume"
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer inside"
}

answers() { grep -c "^$ok\$" "$TMPDIR/answers"; }

# make_keys NUMBER: in the background; the TPM is busy with the first when this returns.
make_keys() {
	: >"$TMPDIR/answers"
	"$runtime" --root "$runtime_root" exec one tpm_client keygen "/dev/tpm${twins:+rm}0" "$1" \
		>"$TMPDIR/answers" 2>&1 &
	client=$!
	wait_for 60 vtpm_is_busy
}

vtpm_is_busy() { [ "$(vtpm-ctl --json status "$(host_name one 0)" | jq .busy)" = true ]; }

pause_during_a_long_command() {
	local began
	step "$runtime: pause while a key is made"
	make_keys 20
	began=$SECONDS
	rt pause one
	[ $((SECONDS - began)) -lt 10 ] || die "pausing took $((SECONDS - began)) s"
	[ "$(answers)" -lt 20 ] || die "all keys were made before the pause"
	rt resume one
	wait "$client" || die "$(cat "$TMPDIR/answers")"
	assert_eq "$(answers)" 20 "keys"
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer inside"
}

kill_during_a_long_command() {
	step "$runtime: the server is killed while a key is made"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	make_keys 20
	kill -KILL "$(cat "$container_run_dir/$(host_name one 0).pid")"
	wait_for 60 process_gone "$client"
	wait "$client" || :
	assert_match "$(cat "$TMPDIR/answers")" "^(${ok}[[:space:]])*(read|write): E[A-Z]+"
	assert_match "$(inside one tpm_client random /dev/tpm0)" "^open: E"
	delete one
	nothing_left
}

delete_while_paused() {
	step "$runtime: kill and delete of a paused container"
	rt pause one
	delete one
	nothing_left
}

server_gone() { process_gone "$server"; }

gone_without_a_word() {
	step "$runtime: a container that went without its hook"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	server=$(cat "$container_run_dir/$(host_name one 0).pid")
	# As a runtime does that was killed: everything goes, nobody calls poststop.
	jq 'del(.hooks)' "$TMPDIR/one/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/one/config.json"
	for file in "$runtime_root"/one/{state.json,config.json}; do
		[ ! -e "$file" ] || { jq 'del(.hooks, .config.Hooks)' "$file" >"$TMPDIR/x" && cp "$TMPDIR/x" "$file"; }
	done
	delete one
	wait_for 60 server_gone
	assert_no_node "/dev/$(host_name one 0)"
	hook prune
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	pause_and_resume
	pause_during_a_long_command
	delete_while_paused
	kill_during_a_long_command
	gone_without_a_word
done
