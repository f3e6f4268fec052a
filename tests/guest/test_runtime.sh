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

# The hook is entered, and the server started, by the paths that they are installed at.
sbindir=$(dirname "$(jq -r .hook.path "$BUILDDIR/dist/vtpm-cuse.json")")
mkdir -p "$sbindir"
for name in vtpm-cuse vtpm-hook vtpm-setup; do ln -sf "$BUILDDIR/$name" "$sbindir/$name"; done
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
said() { assert_match "$(jq -rs '.[-1].msg' "$TMPDIR/log.json")" "$1"; }

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
		assert_eq "$(stat -c %a "$TMPDIR/one/config.json")" 640 "mode"
		delete one
		nothing_left
	done
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
		rt kill one KILL && wait_for 30 stopped one && rt delete one
	) || die "kill and delete from a directory that is gone"
	nothing_left
	rt delete --force one || die "delete --force of what is gone"
	admin_config '{}'
	own=()
done
