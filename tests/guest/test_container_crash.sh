#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Hooks that are killed at every step, and many containers at once: nothing is left in the end.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

need_program strace

nothing_left_quietly() { (nothing_left); }

# The hook is killed at its Nth system call of a kind that changes something.
killed_hooks() {
	local n call killed
	step "$runtime: the hook is killed at every step, then prune"
	for call in renameat mkdir mkdirat clone3 clone mknodat bpf; do
		killed=0
		for n in 1 2; do
			make_bundle one "[$(full "$TMPDIR/state-one" 0), $(full "$TMPDIR/state-two" 1)]"
			cat >"$TMPDIR/killer" <<-END
				#!/bin/sh
				exec strace -f -b execve -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$n \
					"$BUILDDIR/vtpm-hook" ${hook_options[*]} --root=$runtime_root createRuntime
			END
			chmod +x "$TMPDIR/killer"
			jq --arg path "$TMPDIR/killer" '.hooks.createRuntime = [{"path": $path}]' \
				"$TMPDIR/one/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/one/config.json"
			create one || killed=$((killed + 1))
			rt delete --force one >/dev/null 2>&1 || :
			hook prune
			wait_for 5 nothing_left_quietly
			[ ! -e "$TMPDIR/state-one" ] || die "killed at $call $n: a state is left"
		done
		printf '   %s: %s of 2 were killed in time\n' "$call" "$killed"
	done
	nothing_left
}

many_at_once() {
	local i
	step "$runtime: twenty containers at once"
	for i in {1..20}; do
		make_bundle "many$i" "[$(full "$TMPDIR/many-$i" 0)]"
	done
	for i in {1..20}; do
		create "many$i" &
	done
	wait
	for i in {1..20}; do
		rt start "many$i" || die "many$i: $(cat "$TMPDIR/many$i.err")"
		assert_eq "$(tpm_client random "/dev/$(host_name "many$i" 0)")" "rc 00000000" "answer of $i"
	done
	assert_eq "$(stat -c %t:%T /dev/tpm-* | sort -u | wc -l)" 20 "different device numbers"
	assert_eq "$(stat -c %t /dev/tpm-* | sort -u | wc -l)" 1 "major numbers"
	for i in {1..20}; do
		rt delete --force "many$i" &
	done
	wait
	nothing_left
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	many_at_once
	killed_hooks
done
