#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# vtpm-runc and vtpm-crun in the place of the runtimes, as engines call them: containers get the classes that own
# options and annotations name, every other command reaches the real runtime, and what fails is where engines look.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"
classes=$TMPDIR/classes.d
mkdir -p "$classes" "$TMPDIR/bin"
chmod 755 "$TMPDIR" "$classes"
echo '{"stateRoot": "memory:", "max": 9}' >"$classes/run.json"
echo '{"stateRoot": "memory:", "max": 9, "annotations": true}' >"$classes/open.json"

install_programs
for name in vtpm-runc vtpm-crun; do ln -s "$BUILDDIR/vtpm-runtime" "$TMPDIR/bin/$name"; done

own=()
rt() {
	"$TMPDIR/bin/vtpm-$runtime" --vtpm-class-dir="$classes" --vtpm-config="$TMPDIR/vtpm-cuse.conf" "${own[@]}" \
		--root "$runtime_root" --log "$TMPDIR/log.json" --log-format json "$@"
}

# bundle CONTAINER JQ: without any hook of ours
bundle() {
	make_bundle "$1" '[]' "$2 | .linux.resources.devices += [{\"allow\": true, \"type\": \"c\", \"access\": \"rw\", \"major\": 1}]"
	jq 'del(.hooks) | del(.linux.resources.vtpms)' "$TMPDIR/$1/config.json" >"$TMPDIR/new.json"
	mv "$TMPDIR/new.json" "$TMPDIR/$1/config.json"
}

answers() { assert_eq "$(inside "$1" tpm_client random "$2")" "$ok" "answer of $2"; }
# number FILE: MAJOR:MINOR of a device
number() { stat -c '%Hr:%Lr' "$1"; }

# entered CONTAINER: the numbers of the rules for devices of ours in its config.json, and of the annotation
entered() {
	local major
	major=$(stat -c %Hr "/dev/$(host_name "$1" "$2")")
	jq -r --argjson major "$major" '[.linux.resources.devices[] | select(.major == $major)
		| "\(.major):\(.minor) \(.access)"] | join(",")' "$TMPDIR/$1/config.json"
	jq -r '.annotations."vtpm-cuse.org/lease" | split(" ")[1:] | join(",")' "$TMPDIR/$1/config.json"
}

# a_runtime NAME: a real runtime that is a script, on standard input, with the words of its call
a_runtime() {
	{ echo '#!/bin/bash'; cat; } >"$TMPDIR/bin/$1-$runtime"
	chmod 755 "$TMPDIR/bin/$1-$runtime"
	own+=(--vtpm-runtime="$TMPDIR/bin/$1-$runtime")
}

# crun may still have a line to write when it has ended.
said() { assert_match "$(jq -r .msg "$TMPDIR/log.json")" "$1"; }

for runtime in $(container_runtimes); do
	use_runtime "$runtime"

	step "$runtime: a class of an own option, twice from one bundle"
	own=(--vtpm-class=run)
	bundle one .
	chmod 640 "$TMPDIR/one/config.json"
	for turn in first second; do
		start one
		answers one /dev/tpm0
		assert_eq "$(jq '[.hooks.createRuntime, .hooks.poststop | length] | join(" ")' -r "$TMPDIR/one/config.json")" \
			"1 1" "hooks at the $turn start"
		numbers=$(number "/dev/$(host_name one 0)")
		rules="$numbers rw"
		if [ -n "$twins" ]; then
			twin=$(number "/dev/tpmrm-$runtime_hash-one-0")
			numbers+=,$twin rules+=",$twin rw"
		fi
		assert_eq "$(entered one 0)" "$rules
$numbers" "what was entered at the $turn start"
		assert_eq "$(stat -c %a "$TMPDIR/one/config.json")" 640 "mode"
		delete one
		nothing_left
	done

	step "$runtime: what was entered is of one start alone, and goes when nothing is asked for"
	if "$runtime" --root "$runtime_root" create --bundle "$TMPDIR/one" one </dev/null >"$TMPDIR/one.err" 2>&1; then
		die "the real runtime was given the numbers of an earlier start"
	fi
	assert_match "$(cat "$TMPDIR/one.err")" "what vtpm-runtime has made of it for another one, or for an earlier start"
	"$runtime" --root "$runtime_root" delete --force one >/dev/null 2>&1 || :
	nothing_left
	own=()
	start one
	assert_eq "$(inside one ls /dev | grep -c '^tpm')" 0 "devices"
	assert_eq "$(jq -c '[.annotations // {}, (.hooks | add)]' "$TMPDIR/one/config.json")" '[{},[]]' "what is left"
	delete one
	nothing_left

	step "$runtime: a runtime that fails before it calls hooks leaves a lease to the next one, or to prune"
	own=(--vtpm-class=run)
	bundle one .
	a_runtime fails <<<'exit 3'
	create one && die "a runtime that fails has made a container"
	[ -e "$container_run_dir/leases/$runtime_hash-one@open.json" ] || die "no lease: $(ls "$container_run_dir/leases")"
	own=(--vtpm-class=run)
	start one
	answers one /dev/tpm0
	delete one
	nothing_left
	a_runtime fails <<<'exit 3'
	create one && die "a runtime that fails has made a container"
	hook prune || die "prune"
	nothing_left
	own=(--vtpm-class=run)
	bundle one '.root.path = "absent"'
	create one && die "a container without files was made"
	hook prune || die "prune"
	nothing_left

	step "$runtime: two containers of one bundle at once, and a runtime that calls us, are refused"
	bundle one .
	a_runtime meddles <<-END
		for word; do
			[ "\$word" != create ] || "$TMPDIR/bin/vtpm-$runtime" --vtpm-class-dir="$classes" \
				--vtpm-config="$TMPDIR/vtpm-cuse.conf" --vtpm-class=run --root "$runtime_root" \
				create --bundle "$TMPDIR/one" other </dev/null >/dev/null || exit 1
		done
		exec $runtime "\$@"
	END
	if create one; then die "one has what was entered for other"; fi
	assert_match "$(cat "$TMPDIR/one.err")" "container one: its config.json is what vtpm-runtime has made of it for another one"
	rt delete --force one >/dev/null 2>&1 || :
	delete other
	hook prune || die "prune"
	nothing_left
	own=(--vtpm-class=run)
	a_runtime again <<-END
		exec "$TMPDIR/bin/vtpm-$runtime" --vtpm-class-dir="$classes" --vtpm-config="$TMPDIR/vtpm-cuse.conf" \
			--vtpm-class=run --vtpm-runtime="$TMPDIR/bin/again-$runtime" "\$@"
	END
	if create one; then die "it has called itself"; fi
	said "calls vtpm-runtime again: name the real one in the configuration"
	hook prune || die "prune"
	nothing_left

	step "$runtime: a config.json that cannot be written is said in one line, and nothing is leased"
	own=(--vtpm-class=run)
	bundle one .
	mount --bind "$TMPDIR/one" "$TMPDIR/one"
	mount -o remount,bind,ro "$TMPDIR/one"
	create one && die "a container without its hook"
	assert_eq "$(wc -l <"$TMPDIR/one.err")" 1 "lines of '$(cat "$TMPDIR/one.err")'"
	assert_match "$(cat "$TMPDIR/one.err")" "config.json: Read-only file system"
	nothing_left
	umount "$TMPDIR/one"
	own=()

	step "$runtime: an annotation, and a container that asks for nothing"
	bundle two '.annotations = {"vtpm-cuse.org/class": "open:3"}'
	bundle three .
	before=$(sha256sum <"$TMPDIR/three/config.json")
	start two
	start three
	answers two /dev/tpm3
	assert_eq "$(sha256sum <"$TMPDIR/three/config.json")" "$before" "a config.json that asks for nothing"

	step "$runtime: an update with a list of devices leaves the container its own"
	update='{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "access": "rw", "major": 1}]}'
	rt update --resources - two <<<"$update" || die "update"
	answers two /dev/tpm3
	echo "$update" >"$TMPDIR/update.json"
	rt update --resources="$TMPDIR/update.json" two || die "update of a file"
	answers two /dev/tpm3
	assert_eq "$(cat "$TMPDIR/update.json")" "$update" "the caller's file"

	if [ "$GUEST_CGROUP" != v1 ]; then
		step "$runtime: a limit that is changed holds for the server, too"
		limit=/sys/fs/cgroup/vtpm-cuse/$(host_name two 3)/cpu.max
		assert_match "$(cat "$limit")" '^max '
		rt update --cpu-period 100000 --cpu-quota 40000 two || die "update of a limit"
		wait_for 60 grep -qx '40000 100000' "$limit"
		answers two /dev/tpm3
	fi
	delete two three
	nothing_left

	step "$runtime: what fails is said in the log as well"
	bundle one '.annotations = {"vtpm-cuse.org/class": "run"}'
	refused one "class run: annotations may not choose it"
	said "class run: annotations may not choose it"
	own=(--vtpm-class=absent)
	refused one "there is no class 'absent'; there are: open, run"
	own=()
	if rt restore --bundle "$TMPDIR/one" one >/dev/null 2>&1; then die "it was restored"; fi
	said "a container with vTPMs cannot be restored"
	nothing_left

	step "$runtime: a bad configuration and a directory that is gone stop no kill and no delete"
	own=(--vtpm-class=run)
	bundle one .
	start one
	echo nonsense >"$TMPDIR/vtpm-cuse.conf"
	bundle_error=$(rt create --bundle "$TMPDIR/one" other 2>&1) && die "a bad configuration was taken"
	assert_match "$bundle_error" "vtpm-cuse.conf"
	said "vtpm-cuse.conf"
	mkdir "$TMPDIR/gone"
	(
		cd "$TMPDIR/gone" && rmdir "$TMPDIR/gone"
		rt kill one KILL && wait_for 60 stopped one && rt delete one
	) || die "kill and delete from a directory that is gone"
	nothing_left
	rt delete --force one || die "delete --force of what is gone"
	admin_config '{}'
	own=()
done
