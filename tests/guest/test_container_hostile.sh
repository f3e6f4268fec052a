#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Images, volumes and neighbours that want to lead the hook to what is not the container's.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"

need_program strace

states_that_the_container_reaches() {
	local volume='.mounts += [{"type": "bind", "source": "'$TMPDIR'/vol", "destination": "/vol", "options": ["rbind"]}]'
	step "$runtime: a state where the container could read and move it"
	mkdir -p "$TMPDIR/vol/sub" "$TMPDIR/same"
	make_bundle one "[$(full "$TMPDIR/vol/sub/state" 0)]" "$volume"
	refused one "/dev/tpm0: statePath: '.*/vol/sub/state' is inside '.*/vol', which the container has bound"
	ln -sfn vol "$TMPDIR/link"
	make_bundle one "[$(full "$TMPDIR/link/state" 0)]" "$volume"
	refused one "is inside '.*/vol', which the container has bound"
	make_bundle one '[]'
	mount --bind "$TMPDIR/one/rootfs" "$TMPDIR/same"
	make_bundle one "[$(full "$TMPDIR/same/state" 0)]"
	refused one "is inside the container's rootfs"
	umount "$TMPDIR/same"
	[ -z "$(ls "$TMPDIR/vol/sub")" ] || die "something was made in the volume"
}

# slow_hook CONTAINER: its hook waits before it makes a directory.
slow_hook() {
	cat >"$TMPDIR/slow" <<-END
		#!/bin/sh
		exec strace -f -b execve -o /dev/null -e trace=mkdirat -e inject=mkdirat:delay_enter=1000000 \
			"$BUILDDIR/vtpm-hook" ${hook_options[*]} --root=$runtime_root createRuntime
	END
	chmod +x "$TMPDIR/slow"
	jq --arg path "$TMPDIR/slow" '.hooks.createRuntime = [{"path": $path}]' "$TMPDIR/$1/config.json" >"$TMPDIR/x"
	cp "$TMPDIR/x" "$TMPDIR/$1/config.json"
}

leased() { [ -e "$container_run_dir/leases/$runtime_hash-$1.json" ]; }

neighbours_that_are_faster() {
	local neighbour
	step "$runtime: a link that is put where the state is about to be made"
	mkdir -p "$TMPDIR/shared" "$TMPDIR/victim"
	chmod 1777 "$TMPDIR/shared"
	make_bundle one "[$(full "$TMPDIR/shared/state" 0 '"runAs": "1234"')]"
	slow_hook one
	{ wait_for 60 leased one && ln -s "$TMPDIR/victim" "$TMPDIR/shared/state"; } &
	neighbour=$!
	# The program between crun and the hook keeps the reason from it.
	refused one "open state directory .*/shared/state: Too many levels of symbolic links|exit code"
	wait "$neighbour" || die "the link came too late"
	assert_eq "$(stat -c %u "$TMPDIR/victim") $(ls -A "$TMPDIR/victim")" "0 " "the directory that the link leads to"
	[ -L "$TMPDIR/shared/state" ] || die "the link is gone"
	rm "$TMPDIR/shared/state"

	step "$runtime: a directory that somebody else made first is theirs"
	make_bundle one "[$(full "$TMPDIR/shared/state" 0)]"
	slow_hook one
	{ wait_for 60 leased one && mkdir "$TMPDIR/shared/state" && : >"$TMPDIR/shared/state/notes"; } &
	neighbour=$!
	start one
	wait "$neighbour" || die "the directory came too late"
	delete one
	nothing_left
	[ -e "$TMPDIR/shared/state/notes" ] || die "somebody else's directory is gone"
	rm -rf "$TMPDIR/shared"
}

another_directory_in_its_place() {
	step "$runtime: a directory that took the place of the state stays"
	make_bundle one "[$(full "$TMPDIR/up/sub/state" 0)]"
	start one
	mkdir -p "$TMPDIR/precious/state"
	: >"$TMPDIR/precious/state/file"
	mv "$TMPDIR/up/sub" "$TMPDIR/up/moved"
	ln -s ../precious "$TMPDIR/up/sub"
	delete one
	nothing_left
	[ -e "$TMPDIR/precious/state/file" ] || die "what a link leads to was removed"
	rm -rf "$TMPDIR/up"

	make_bundle one "[$(full "$TMPDIR/up/sub/state" 0)]"
	start one
	mv "$TMPDIR/up/sub" "$TMPDIR/up/moved"
	cp -r "$TMPDIR/precious" "$TMPDIR/up/sub"
	delete one
	nothing_left
	[ -e "$TMPDIR/up/sub/state/file" ] || die "a directory that is not the state was removed"
	rm -rf "$TMPDIR/up"
}

# Without mounts on /dev or beneath it: the image's own directory is used.
own_dev='.mounts |= map(select(.destination | startswith("/dev") | not))'

images_that_lead_elsewhere() {
	local kind before dev=$TMPDIR/one/rootfs/dev
	step "$runtime: an image whose /dev is a link to a directory of the host"
	rm -rf "$TMPDIR/one"
	mkdir -p "$TMPDIR/hosts"
	make_bundle one "[$(full "$TMPDIR/s" 0)]" "$own_dev"
	rmdir "$dev"
	ln -s "../../hosts" "$dev"
	refused one "."
	[ -z "$(find "$TMPDIR/hosts" -name '*tpm*')" ] || die "something was made on the host"
	rm -rf "$TMPDIR/one"

	step "$runtime: an image that has something else where the node goes"
	: >"$TMPDIR/hosts/file"
	for kind in file link dir fifo node; do
		make_bundle one "[$(full "$TMPDIR/s" 0)]" "$own_dev"
		case $kind in
		file) : >"$dev/tpm0" ;;
		link) ln -s "$TMPDIR/hosts/file" "$dev/tpm0" ;;
		dir) mkdir "$dev/tpm0" ;;
		fifo) mkfifo "$dev/tpm0" ;;
		node) mknod "$dev/tpm0" c 1 3 ;;
		esac
		before=$(stat -c '%i %f %u %g' "$dev/tpm0" "$TMPDIR/hosts/file")
		refused one "/dev/tpm0 is there already in the container"
		assert_eq "$(stat -c '%i %f %u %g' "$dev/tpm0" "$TMPDIR/hosts/file")" "$before" "what was there: $kind"
		rm -rf "$TMPDIR/one"
	done
}

nodes_that_are_there() {
	local device='{"path": "/dev/tpm0", "type": "c", "major": 120, "minor": 77, "fileMode": 438, "uid": 7, "gid": 7}'
	step "$runtime: a node that the runtime has made gets the mode and owner of the entry"
	make_bundle one "[$(full "$TMPDIR/s" 0 '"vtpmMajor": 120, "vtpmMinor": 77, "uid": 103, "gid": 104')]" \
		".linux.devices = [$device]"
	start one
	assert_eq "$(inside one stat -c '%a %u %g' /dev/tpm0)" "600 103 104" "node"
	delete one
	nothing_left
}

descriptors_of_the_caller() {
	step "$runtime: what the caller of the hook has open does not reach the server"
	make_bundle one "[$(full "$TMPDIR/s" 0 '"encryptionPassword": "fd=8"')]"
	printf 12345 >"$TMPDIR/password"
	cat >"$TMPDIR/leaky" <<-END
		#!/bin/sh
		exec "$BUILDDIR/vtpm-hook" ${hook_options[*]} --root=$runtime_root createRuntime 9>"$TMPDIR/leaked"
	END
	chmod +x "$TMPDIR/leaky"
	jq --arg path "$TMPDIR/leaky" '.hooks.createRuntime = [{"path": $path}]' "$TMPDIR/one/config.json" >"$TMPDIR/x"
	cp "$TMPDIR/x" "$TMPDIR/one/config.json"
	start one 8<"$TMPDIR/password"
	find "/proc/$(cat "$container_run_dir/$(host_name one 0).pid")/fd" -printf '%l\n' >"$TMPDIR/open"
	if grep -E 'leaked|password$' "$TMPDIR/open"; then die "a descriptor of the caller is open in the server"; fi
	delete one
	nothing_left
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	states_that_the_container_reaches
	neighbours_that_are_faster
	another_directory_in_its_place
	images_that_lead_elsewhere
	nodes_that_are_there
	descriptors_of_the_caller
done
