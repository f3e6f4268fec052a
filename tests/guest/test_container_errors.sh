#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# What a container asks for wrongly is refused with one line, and nothing is left of the attempt.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

ok="rc 00000000"

# wrong VTPMS REGEX
wrong() {
	make_bundle bad "$1"
	refused bad "$2"
}

wrong_parameters() {
	step "$runtime: wrong parameters"
	wrong '[{"statePath": "/x"}]' 'vtpms\[0\]: vtpmName is missing'
	wrong "[$(full "$TMPDIR/s" 0 '"vtpmVersion": "3"')]" "vtpmVersion '3' is neither 1.2 nor 2"
	wrong "[$(full "$TMPDIR/s" 0 '"runAs": "nobody-of-that-name"')]" "runAs: no user 'nobody-of-that-name'"
	wrong "[$(full "$TMPDIR/s" 0), $(full "$TMPDIR/s" 1)]" "vtpms\[1\]: statePath .* is there twice"
	mkdir -p "$TMPDIR/real" && ln -sfn real "$TMPDIR/link"
	wrong "[$(full "$TMPDIR/real/s" 0), $(full "$TMPDIR/link/s" 1)]" "statePath .* is there twice"
	wrong "[$(full "$TMPDIR/bad/rootfs/s" 0)]" "inside the container's rootfs"
	wrong "[$(full "$TMPDIR/s" 0 '"vtpmMajor": 1, "vtpmMinor": 3')]" "device number 1:3 is in use on this host"
	wrong '[{"hostPath": "/etc/passwd", "containerPath": "/dev/tpm0"}]' "/etc/passwd is not a character device"
	wrong '[{"hostPath": "/dev/null", "containerPath": "/dev/tpm0", "vtpmMajor": 1, "vtpmMinor": 5}]' \
		"/dev/null is device 1:3, not 1:5"
	wrong '[{"hostPath": "/dev/mem", "containerPath": "/dev/tpm0"}]' "device 1:1 is mem, which is no TPM"
	wrong '[{"vtpmMajor": 1, "vtpmMinor": 1, "containerPath": "/dev/tpm0"}]' "device 1:1 is mem, which is no TPM"
	wrong '[{"vtpmMajor": 100, "vtpmMinor": 1, "containerPath": "/dev/tpm0"}]' "there is no device 100:1"
	wrong "[$(full "$TMPDIR/s" 0 '"containerPath": "/dev/zero"')]" "/dev/zero is there already"
	# The second one fails when the first one has started.
	: >"$TMPDIR/file"
	wrong "[$(full "$TMPDIR/s" 0), $(full "$TMPDIR/file" 1)]" "/dev/tpm1: "
	[ ! -e "$TMPDIR/s" ] || die "the state of the first one is left"
}

taken_by_others() {
	step "$runtime: what another container has"
	make_bundle holder "[$(full "$TMPDIR/held" 0 '"vtpmMajor": 100, "vtpmMinor": 7')]"
	start holder
	make_bundle bad "[$(full "$TMPDIR/held" 0)]"
	if create bad; then die "two containers have one state"; fi
	assert_match "$(cat "$TMPDIR/bad.err")" "statePath .* is in use by container holder"
	make_bundle bad "[$(full "$TMPDIR/s" 0 '"vtpmMajor": 100, "vtpmMinor": 7')]"
	if create bad; then die "two containers have one number"; fi
	assert_match "$(cat "$TMPDIR/bad.err")" "device number 100:7 is taken by container holder"
	admin_config '{"maxVTPMs": 1}'
	make_bundle bad "[$(full "$TMPDIR/s" 0)]"
	if create bad; then die "more vTPMs than allowed"; fi
	assert_match "$(cat "$TMPDIR/bad.err")" "/dev/tpm0: 1 vTPMs exist and this host may have 1"
	admin_config '{}'
	rt delete --force bad >/dev/null 2>&1 || :
	assert_eq "$(inside holder tpm_client random /dev/tpm0)" "$ok" "answer of the holder"
	delete holder
	nothing_left
}

ignored_errors() {
	step "$runtime: errors that the administrator lets pass"
	admin_config '{"ignoreVTPMErrors": true}'
	: >"$TMPDIR/file"
	make_bundle good "[{\"vtpmName\": \"\"}, $(full "$TMPDIR/file" 1), $(full "$TMPDIR/s" 2)]"
	start good
	assert_eq "$(inside good sh -c 'echo /dev/tpm*')" "/dev/tpm2${twins:+ /dev/tpmrm2}" "nodes"
	assert_eq "$(inside good tpm_client random /dev/tpm2)" "$ok" "answer"
	delete good
	nothing_left

	# Of the node and of the twin: the vTPM is left out, and the others are there.
	make_bundle good "[$(full "$TMPDIR/a" a '"containerPath": "/dev/zero"'), $(full "$TMPDIR/s" 2)]"
	start good
	assert_eq "$(inside good sh -c 'echo /dev/tpm* /dev/zerorm')" "/dev/tpm2${twins:+ /dev/tpmrm2} /dev/zerorm" "nodes"
	assert_eq "$(inside good ls /dev/zerorm 2>/dev/null)" "" "twin of what was left out"
	assert_eq "$(inside good tpm_client random /dev/tpm2)" "$ok" "answer"
	[ ! -e "$TMPDIR/a" ] || die "the state of what was left out is there"
	assert_no_node "/dev/$(host_name good a)"
	delete good
	nothing_left

	admin_config '{"ignoreVTPMErrors": true, "maxVTPMs": 1}'
	make_bundle good "[$(full "$TMPDIR/a" 1), $(full "$TMPDIR/s" 2)]"
	start good
	assert_eq "$(inside good sh -c 'echo /dev/tpm*')" "/dev/tpm1${twins:+ /dev/tpmrm1}" "nodes"
	delete good
	nothing_left
	admin_config '{}'
}

stale_lease() {
	local file
	step "$runtime: errors are let pass, but a state is not left out for a container that is no more"
	admin_config '{"ignoreVTPMErrors": true}'
	make_bundle one "[$(full "$TMPDIR/s" 0)]"
	start one
	# Without its hooks it is deleted in silence.
	for file in "$runtime_root"/one/{state.json,config.json}; do
		[ ! -e "$file" ] || { jq 'del(.hooks, .config.Hooks)' "$file" >"$TMPDIR/x" && cp "$TMPDIR/x" "$file"; }
	done
	jq 'del(.hooks)' "$TMPDIR/one/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/one/config.json"
	delete one
	make_bundle two "[$(full "$TMPDIR/s" 0)]"
	start two
	assert_eq "$(inside two tpm_client random /dev/tpm0)" "$ok" "answer"
	delete two
	nothing_left
	admin_config '{}'
}

# run_once CONTAINER: created, used, deleted.
run_once() {
	start "$1"
	assert_eq "$(inside "$1" tpm_client random /dev/tpm0)" "$ok" "answer"
	delete "$1"
	nothing_left
}

states() {
	step "$runtime: whose state is deleted"
	make_bundle one "[$(full "$TMPDIR/managed" 0 '"statePathIsManaged": true')]"
	run_once one
	[ -d "$TMPDIR/managed" ] || die "a managed state is gone"
	make_bundle one "[$(full "$TMPDIR/managed" 0)]"
	run_once one
	[ -d "$TMPDIR/managed" ] || die "a state that was there before is gone"
	make_bundle one "[$(full "$TMPDIR/fresh/deep" 0)]"
	run_once one
	[ ! -e "$TMPDIR/fresh/deep" ] || die "a state of our own making is left"
}

passwords() {
	step "$runtime: passwords"
	make_bundle one "[$(full "$TMPDIR/secret" 0 '"statePathIsManaged": true, "encryptionPassword": "pass=12345"')]"
	run_once one
	make_bundle one "[$(full "$TMPDIR/secret" 0 '"statePathIsManaged": true, "encryptionPassword": "12346"')]"
	refused one "/dev/tpm0: .*(password|key)"
	make_bundle one "[$(full "$TMPDIR/secret" 0 '"statePathIsManaged": true')]"
	refused one "/dev/tpm0: "
	make_bundle one "[$(full "$TMPDIR/secret" 0 '"statePathIsManaged": true, "encryptionPassword": "12345"')]"
	start one
	if grep -r 12345 "$runtime_root"; then die "the runtime keeps the password"; fi
	if grep -la 12345 /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; then die "a password can be seen"; fi
	delete one
	echo -n 12345 >"$TMPDIR/password"
	make_bundle one "[$(full "$TMPDIR/secret" 0 "\"statePathIsManaged\": true,
		\"encryptionPassword\": \"file=$TMPDIR/password\"")]"
	run_once one
}

# create_with_descriptor: what another process has given the runtime as descriptor 7
create_with_descriptor() {
	rt create --bundle "$TMPDIR/one" one </dev/null >"$TMPDIR/one.out" 2>"$TMPDIR/one.err" 7< <(printf %s "$1")
}

passwords_of_the_caller() {
	local entry="\"statePathIsManaged\": true, \"encryptionPassword\":"
	step "$runtime: passwords in a descriptor of the runtime and in a credential"
	make_bundle one "[$(full "$TMPDIR/secret" 0 "$entry \"fd=7\"")]"
	create_with_descriptor 12345 || die "fd=7: $(cat "$TMPDIR/one.err")"
	rt start one
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	delete one
	nothing_left
	if create_with_descriptor 12346; then die "a wrong password in a descriptor was taken"; fi
	assert_match "$(cat "$TMPDIR/one.err")" "/dev/tpm0: .*(password|key)"
	rt delete --force one >/dev/null 2>&1 || :
	refused one "encryptionPassword: descriptor 7 of the runtime: Bad file descriptor"

	make_bundle one "[$(full "$TMPDIR/secret" 0 "$entry \"credential=tpm\"")]"
	refused one "/dev/tpm0: .*CREDENTIALS_DIRECTORY"
	mkdir -p "$TMPDIR/credentials"
	printf 12345 >"$TMPDIR/credentials/tpm"
	CREDENTIALS_DIRECTORY=$TMPDIR/credentials run_once one
	printf 12346 >"$TMPDIR/credentials/tpm"
	CREDENTIALS_DIRECTORY=$TMPDIR/credentials refused one "/dev/tpm0: .*(password|key)"
	rm -rf "$TMPDIR/secret"
}

users() {
	step "$runtime: a server with another user"
	chmod 755 "$TMPDIR"
	make_bundle one "[$(full "$TMPDIR/users" 0 '"runAs": "tss"')]"
	id tss >/dev/null 2>&1 || make_bundle one "[$(full "$TMPDIR/users" 0 '"runAs": "1234"')]"
	start one
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	[ "$(stat -c %u "/proc/$(cat "$container_run_dir/$(host_name one 0).pid")")" != 0 ] || die "the server is root"
	[ "$(stat -c %U "$TMPDIR/users")" != root ] || die "the state is root's"
	delete one
	nothing_left
}

strange_files() {
	step "$runtime: a configuration that is none"
	make_bundle bad "[]"
	jq -c '.linux.resources.vtpms = {}' "$TMPDIR/bad/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/bad/config.json"
	refused bad "vtpms is not an array"
	make_bundle bad "[$(full "$TMPDIR/s" 0)]"
	sed -i 's/"vtpmName"/"vtpmName": "1", "vtpmName"/' "$TMPDIR/bad/config.json"
	refused bad "duplicate object key"
}

broken_configuration() {
	step "$runtime: the administrator's configuration is broken: only new vTPMs suffer"
	make_bundle one "[$(full "$TMPDIR/s" 0)]"
	make_bundle two "[$(full "$TMPDIR/s2" 0)]"
	make_bundle none "[]"
	start one
	echo '{"bad": 1}' >"$TMPDIR/vtpm-cuse.conf"
	start none
	if create two; then die "a vTPM was made with a broken configuration"; fi
	assert_match "$(cat "$TMPDIR/two.err")" "vtpm-cuse.conf: .*bad"
	rt delete --force two >/dev/null 2>&1 || :
	hook prune
	assert_eq "$(inside one tpm_client random /dev/tpm0)" "$ok" "answer"
	delete one none
	nothing_left
	admin_config '{}'
}

unlimited='"rlimits": [{"type": "RLIMIT_MEMLOCK", "hard": 18446744073709551615, "soft": 18446744073709551615}]'

big_numbers() {
	step "$runtime: numbers of 64 bits, as runtimes write \"unlimited\""
	make_bundle plain "[]"
	make_bundle one "[$(full "$TMPDIR/s" 0 '"vtpmMajor": 100, "fileMode": 432')]"
	for name in plain one; do
		sed -i "s/\"rlimits\": \[\]/$unlimited/" "$TMPDIR/$name/config.json"
		hook --root="$runtime_root" --bundle="$TMPDIR/$name" inject
		grep -qF "$unlimited" "$TMPDIR/$name/config.json" || die "inject has changed a number"
		start "$name"
	done
	assert_eq "$(inside one stat -c '%t %a' /dev/tpm0)" "64 660" "node"
	delete plain one
	nothing_left
}

relative_options() {
	step "$runtime: inject with paths that are relative"
	make_bundle one "[]"
	(cd "$TMPDIR" && vtpm-hook --root root --run-dir run --log-file log --bundle one inject)
	assert_eq "$(jq -r '.hooks.poststop[0].args | join(" ")' "$TMPDIR/one/config.json")" \
		"vtpm-hook --root=$TMPDIR/root --run-dir=$TMPDIR/run --log-file=$TMPDIR/log poststop"
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	wrong_parameters
	taken_by_others
	ignored_errors
	stale_lease
	states
	passwords
	passwords_of_the_caller
	users
	strange_files
	broken_configuration
	big_numbers
	relative_options
done
