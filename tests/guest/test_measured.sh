#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# A launch that is measured: what the log says leads to the registers that the container's TPM shows, the same
# container leads to the same ones, another one does not, and a server that was started again says so.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

# shellcheck source=tests/guest/verified.sh
. "$SRCDIR/tests/guest/verified.sh"

need_program tpm2_pcrread python3

cel=$SRCDIR/tests/golden/eventlog/cel.py
state=$TMPDIR/state
measure='"measure": ["config", "image"], "measureEnv": ["TERM"]'

# registers CONTAINER: "BANK REGISTER VALUE", of the TPM itself.
registers() {
	tpm2_pcrread -T "device:/dev/$(host_name "$1" 0)" "${2:-sha256}:12,13" |
		awk '$2 == ":" || /^  [a-z0-9]*:$/ { sub(/:$/, "", $1); bank = $1 }
		     /0x/ { sub(/0x/, "", $NF); sub(/:$/, "", $1); print bank, $1, tolower($NF) }'
}

log_of() { echo "$container_run_dir/$(host_name "$1" 0).cel"; }

# leads_to_registers CONTAINER: as another reader of the format has it, in every bank of the log.
leads_to_registers() {
	local bank
	python3 "$cel" replay "$(log_of "$1")" >"$TMPDIR/replayed" || die "the log of $1 is not read"
	for bank in sha256 ${banks:-}; do
		assert_eq "$(registers "$1" "$bank")" "$(grep "^$bank " "$TMPDIR/replayed")" "$bank of $1"
	done
}

events() { vtpm-ctl eventlog "$(host_name "$1" 0)" --json; }
register_13() { registers "$1" | grep '^sha256 13 '; }

# launch CONTAINER [JQ]: a new TPM each time.
launch() {
	make_bundle "$1" "[$(full memory: 0 "$measure")]" "${2:-.}"
	start "$1"
}

measured() {
	local first other
	step "$runtime: the log leads to the registers, and the container has a copy of it"
	launch one
	leads_to_registers one
	first=$(register_13 one)
	inside one cat /dev/vtpm/tpm0.cel | cmp - "$(log_of one)"
	assert_eq "$(inside one stat -c %a /dev/vtpm/tpm0.cel)" 444 "mode of the copy"
	assert_eq "$(events one | jq -r 'map(select(.event == "argument").text) | join(" ")')" "/bin/sleep 1000" "arguments"
	assert_eq "$(events one | jq -r '.[] | select(.event == "origin").text')" new "origin"
	assert_eq "$(events one | jq -r '.[] | select(.event == "environment").text')" TERM=xterm "variable"
	assert_eq "$(events one | jq -r '.[] | select(.event == "runtime").text')" "$runtime" "runtime"
	assert_eq "$(events one | jq -c '[.[] | select(.event == "separator") | .pcr]')" '[12,13]' "separators"
	assert_eq "$(events one | jq -c 'map(.event)[-2:]')" '["separator","separator"]' "end of the log"
	delete one
	nothing_left

	step "$runtime: the same container leads to the same register, another one does not"
	launch one
	assert_eq "$(register_13 one)" "$first" "register 13 of the same container"
	delete one
	for other in '.process.args += ["x"]' '.mounts[0].options += ["noexec"]' '.root.readonly = true' \
		'.process.env += ["A=b"]' '.process.env |= map(sub("xterm"; "vt100"))' '.process.user.gid = 5'; do
		launch one "$other"
		[ "$(register_13 one)" != "$first" ] || die "$other does not change register 13"
		leads_to_registers one
		delete one
	done

	step "$runtime: a server that is started again says so, and how often"
	make_bundle one "[$(full "$state-$runtime" 0 "$measure")]"
	start one
	for count in 1 2; do
		kill -KILL "$(vtpm-hook "${hook_options[@]}" list --json | jq '.[0].pid')"
		dead() { vtpm-hook "${hook_options[@]}" list --json | jq -e '.[0].condition == "dead"' >/dev/null; }
		wait_for 60 dead
		hook --root="$runtime_root" restart one
		leads_to_registers one
		assert_eq "$(events one | jq -c 'map(.event)')" '["relaunch","relaunch","separator","separator"]' "log"
		assert_eq "$(events one | jq -c '.[0].value')" "{\"count\":$count,\"reason\":\"restart\"}" "relaunch"
		[ "$(register_13 one)" != "$first" ] || die "a server that was started again has the registers of a launch"
	done
	delete one
	nothing_left

	step "$runtime: what is attached has had no launch"
	mkdir -p "$TMPDIR/classes.d"
	chmod 755 "$TMPDIR" "$TMPDIR/classes.d"
	echo '{"stateRoot": "memory:", "measure": ["config"]}' >"$TMPDIR/classes.d/run.json"
	make_bundle one '[]'
	start one
	hook --root="$runtime_root" --class-dir="$TMPDIR/classes.d" --class=run attach one >/dev/null
	leads_to_registers one
	assert_eq "$(events one | jq -c 'map(.event)')" '["attached","attached","separator","separator"]' "log"
	delete one
	vtpm-hook "${hook_options[@]}" prune
	nothing_left
}

# told EVENT: what the log of container one has.
told() { events one | jq -r ".[] | select(.event == \"$1\") | .sha256 // .text"; }

root_measured() {
	local first root=$TMPDIR/one/rootfs
	measure='"measure": ["rootfs"], "measureFiles": ["/bin/sh", "/etc/out", "/none/at/all"], "eventLog": false'

	step "$runtime: the whole root file system, and named files"
	make_rootfs "$root"
	mkdir -p "$root/mnt"
	rm -f "$root/fifo"
	mkfifo "$root/fifo"
	echo one >"$root/etc/file"
	ln -sf "/../../../..$BUILDDIR/config.h" "$root/etc/out"
	launch one
	leads_to_registers one
	first=$(register_13 one)
	assert_eq "$(told rootfs)" "$(python3 "${cel%cel.py}tree.py" "$root")" "digest of the root file system"
	assert_eq "$(told file)" "$(sha256sum <"$root/bin/busybox" | cut -d' ' -f1)" "digest of /bin/sh"
	assert_eq "$(told file-absent | tr '\n' ' ')" "/etc/out /none/at/all " "files that are not there"
	assert_eq "$(inside one ls /dev/vtpm 2>&1 | grep -c cel)" 0 "copies of the log"
	delete one
	touch "$root/etc/file"
	launch one
	assert_eq "$(register_13 one)" "$first" "register 13 of the same files"
	delete one
	echo two >"$root/etc/file"
	launch one
	[ "$(register_13 one)" != "$first" ] || die "another file does not change register 13"
	delete one

	step "$runtime: what is mounted beneath it is not of it, and what cannot be measured does not start"
	echo one >"$root/etc/file"
	mount -t tmpfs none "$root/mnt"
	launch one
	first=$(told rootfs)
	[ "$first" != "$(python3 "${cel%cel.py}tree.py" "$root")" ] || die "the mount is measured"
	delete one
	echo two >"$root/mnt/file"
	launch one
	assert_eq "$(told rootfs)" "$first" "digest with another file in what is mounted"
	delete one
	for refusal in "/mnt/file: something is mounted above it" "/fifo: not a file that can be measured" \
		"/etc: not a file that can be measured"; do
		measure="\"measureFiles\": [\"${refusal%%:*}\"]"
		make_bundle one "[$(full memory: 0 "$measure")]"
		refused one "measureFiles: $refusal"
	done
	umount "$root/mnt"
	measure='"measure": ["config", "image"], "measureEnv": ["TERM"]'
}

for name in $(container_runtimes); do
	use_runtime "$name"
	measured
	root_measured
done

step "a TPM that was restored from a backup says so at its next launch, and only there"
measure='"measure": ["config"], "statePathIsManaged": true'
for origin in new restored kept; do
	make_bundle one "[$(full "$TMPDIR/restored" 0 "$measure")]"
	start one
	assert_eq "$(told origin)" "$origin" "origin"
	leads_to_registers one
	delete one
	if [ "$origin" = new ]; then
		vtpm-setup backup --state "$TMPDIR/restored" --out "$TMPDIR/backup" --backup-plain
		rm -r "$TMPDIR/restored"
		vtpm-setup restore --state "$TMPDIR/restored" --in "$TMPDIR/backup" --backup-plain
	fi
done

step "in every bank that the TPM has"
measure='"measure": ["config"], "pcrBanks": "sha1,sha256,sha384"'
banks="sha1 sha384"
launch one
leads_to_registers one
delete one

step "in a user namespace the container can read the copy, too"
banks=''
measure='"measure": ["config"]'
launch one '.linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = .linux.uidMappings | del(.linux.devices)'
chown -R 100000:100000 "$TMPDIR/one/rootfs"
leads_to_registers one
inside one cat /dev/vtpm/tpm0.cel | cmp - "$(log_of one)"
delete one

step "a launch that cannot be measured does not start"
make_bundle one "[$(full memory: 0 "$measure")]" '.process.user.share = 0.5'
refused one "the configuration has a number with a fraction"

step "the host's TPM vouches for a launch, and a verifier knows the host by its key"
start_vtpm tpmhost
measure='"measure": ["config"], "createCerts": true, "caDir": "'$TMPDIR/ca'", "hostQuote": {"device": "/dev/tpmhost",
	"registers": "sha256:0,7+sha1:1"}'
launch one
leads_to_registers one
trust "$TMPDIR/ca"
attested "/dev/$(host_name one 0)"
assert_eq "$(verdict "$(log_of one)")" yes "verdict"
use_vtpm tpmhost
tpm2_createprimary -Q -C e -G ecc256:ecdsa-sha256:null -g sha256 -c host.ctx \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|sign'
tpm2_readpublic -Q -c host.ctx -n host.name -o host.pub
tpm2_flushcontext -t
name=$(xxd -p -c 100 host.name)
zeros=$(printf '%064d' 0)
assert_eq "$(verdict "$(log_of one)" "{\"host-ak\": [\"$name\"], \"host-pcrs\": {\"sha256\": {\"7\": \"$zeros\"}}}")" yes
expect_error 18 "vtpm-verify: no: the policy does not allow this host-ak: $name" \
	verdict "$(log_of one)" '{"host-ak": ["000b"]}'
expect_error 18 "vtpm-verify: no: the host's register 7 of sha256 is not what the policy wants" \
	verdict "$(log_of one)" "{\"host-ak\": [\"$name\"], \"host-pcrs\": {\"sha256\": {\"7\": \"${zeros/0/1}\"}}}"
delete one

step "its key may be one that the administrator has made"
tpm2_evictcontrol -Q -C o -c host.ctx 0x81000077
tpm2_pcrextend "7:sha256=${zeros/0/5}"
measure=${measure/'"registers"'/'"key": "0x81000077", "registers"'}
launch one
attested "/dev/$(host_name one 0)"
verdict "$(log_of one)" "{\"host-ak\": [\"$name\"]}" --json >report
assert_eq "$(jq -r '.verdict, .host.ak.name' report | tr '\n' ' ')" "yes $name " "report"
assert_eq "$(jq -r '.host.pcrs.sha256["7"]' report)" "$(tpm2_pcrread sha256:7 | awk '/0x/ { print tolower(substr($NF, 3)) }')"
delete one

step "a launch for which the host's TPM cannot vouch does not start"
make_bundle one "[$(full memory: 0 "${measure/'"createCerts": true, '/}")]"
refused one "the host's TPM cannot vouch for a TPM without an endorsement key"
make_bundle one "[$(full memory: 0 "${measure/77/78}")]"
refused one "hostQuote: the host's TPM: TPM2_ReadPublic of the host's key: the TPM answers"
make_bundle one "[$(full memory: 0 "${measure/tpmhost/tpmnone}")]"
refused one "hostQuote: the host's TPM: open /dev/tpmnone: No such file or directory"
vtpm-ctl freeze tpmhost
make_bundle one "[$(full memory: 0 "$measure")]"
refused one "hostQuote: the host's TPM: no answer within 15 s"
vtpm-ctl thaw tpmhost
stop_vtpm tpmhost
