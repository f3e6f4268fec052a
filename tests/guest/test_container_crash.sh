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

# What changes something that somebody has to undo.
changing=renameat,mkdir,mkdirat,openat,memfd_create,pipe2,clone,clone3,unshare,mount,setns,open_tree,mknodat,fchownat,move_mount,bpf

# The hook is killed at its Nth call of those, in a container that JQ describes further.
kill_hook() { # N [JQ]
	make_bundle one "[$(full "$TMPDIR/state-one" 0), $(full "$TMPDIR/state-two" 1)]" "${2:-.}"
	cat >"$TMPDIR/killer" <<-END
		#!/bin/sh
		exec strace -f -b execve -o /dev/null -e trace=$changing -e inject=$changing:signal=KILL:when=$1 \
			"$BUILDDIR/vtpm-hook" ${hook_options[*]} --root=$runtime_root createRuntime
	END
	chmod +x "$TMPDIR/killer"
	jq --arg path "$TMPDIR/killer" '.hooks.createRuntime = [{"path": $path}]' \
		"$TMPDIR/one/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/one/config.json"
	create one || killed=$((killed + 1))
	rt delete --force one >/dev/null 2>&1 || :
	hook prune
	wait_for 60 nothing_left_quietly
	[ ! -e "$TMPDIR/state-one" ] || die "killed at $1: a state is left"
}

killed_hooks() {
	local n killed=0
	step "$runtime: the hook is killed at many steps, then prune"
	for n in 2 7 12 17 22 27 32 37 42 47; do
		kill_hook "$n"
	done
	step "$runtime: the same with a user namespace"
	for n in 10 25 35 45; do
		kill_hook "$n" '.linux.namespaces += [{"type": "user"}]
			| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
			| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	done
	printf '   %s of 14 were killed in time\n' "$killed"
	[ "$killed" -ge 9 ] || die "hooks were not killed"
	nothing_left
}

server_gone() { process_gone "$server"; }

# engine_killed_in_create: by a hook that comes behind ours; then its container is deleted, and the server is $server.
engine_killed_in_create() {
	local engine
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	printf '#!/bin/sh\necho $$ >%s/reached\nexec sleep 60\n' "$TMPDIR" >"$TMPDIR/slow"
	chmod +x "$TMPDIR/slow"
	jq --arg path "$TMPDIR/slow" '.hooks.createRuntime += [{"path": $path}]' \
		"$TMPDIR/one/config.json" >"$TMPDIR/x" && cp "$TMPDIR/x" "$TMPDIR/one/config.json"
	rm -f "$TMPDIR/reached"
	"$runtime" --root "$runtime_root" create --bundle "$TMPDIR/one" one </dev/null >/dev/null 2>&1 &
	engine=$!
	wait_for 60 test -s "$TMPDIR/reached"
	server=$(cat "$container_run_dir/$(host_name one 0).pid")
	kill -KILL "$engine" "$(cat "$TMPDIR/reached")"
	wait "$engine" || :
	sleep 0.5
	rt delete --force one || die "delete one"
}

# What a killed engine leaves is not ours to remove, and in the way of the next.
remove_group() {
	find /sys/fs/cgroup -depth -name test-one -type d -exec rmdir {} +
}

killed_engines() {
	step "$runtime: killed in a hook behind ours, then prune"
	engine_killed_in_create
	hook prune
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
	remove_group

	step "$runtime: killed in a hook behind ours: the server ends by itself"
	engine_killed_in_create
	# At once, if the container's process was gone before the kernel told of the runtime's end; else in ten seconds.
	wait_for 60 server_gone
	hook prune
	nothing_left
	remove_group
}

# forget_hooks CONTAINER: it is deleted without a word.
forget_hooks() {
	local file
	for file in "$runtime_root/$1"/{state.json,config.json} "$TMPDIR/$1/config.json"; do
		[ ! -e "$file" ] || { jq 'del(.hooks, .config.Hooks)' "$file" >"$TMPDIR/x" && cp "$TMPDIR/x" "$file"; }
	done
}

# made_before PATH: a state that a hook made for a container before this host was started.
made_before() {
	mkdir -m 700 "$1"
	printf '%s-one\n01234567-89ab-cdef-0123-456789abcdef\n' "$runtime_hash" >"$1/.made-for"
	chmod 600 "$1/.made-for"
	printf %s "$1" >"$TMPDIR/lib/made/$(printf %s "$1" | sha256sum | cut -c1-32)"
}

one_of_three_cannot_be_removed() {
	local name group
	step "$runtime: prune goes on behind what it cannot remove"
	for name in one two three; do
		make_bundle "$name" "[$(full "$TMPDIR/state-$name" 0)]"
		start "$name"
		forget_hooks "$name"
		delete "$name"
	done
	group=$(jq -r '.vtpms[0].cgroup' "$container_run_dir/leases/$runtime_hash-two.json")
	mkdir "$group/sub"
	made_before "$TMPDIR/state-old"
	mkdir -p /run/cdi/vtpm-cuse.org-host-x.json
	touch /run/cdi/vtpm-cuse.org-host-y.json
	expect_status 1 hook prune
	[ ! -e "$TMPDIR/state-old" ] || die "a state of before is left"
	[ ! -e /run/cdi/vtpm-cuse.org-host-y.json ] || die "a file of CDI is left"
	assert_eq "$(cd "$container_run_dir/leases" && echo *.json)" "$runtime_hash-two.json" "leases"
	rmdir "$group/sub"
	expect_status 1 hook prune
	nothing_left
	rmdir /run/cdi/vtpm-cuse.org-host-x.json
	hook prune
}

# An engine that was killed does not delete its container.
dead_but_not_deleted() {
	step "$runtime: nothing runs, the bundle is gone, the runtime's directory is not: the server ends"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	server=$(cat "$container_run_dir/$(host_name one 0).pid")
	kill -KILL "$(rt state one | jq .pid)"
	wait_for 60 stopped one
	hook prune
	[ -e "$container_run_dir/leases/$runtime_hash-one.json" ] || die "a container that can be deleted has lost its vTPM"
	rm -rf "$TMPDIR/one"
	wait_for 60 server_gone
	[ -e "$runtime_root/one" ] || die "the runtime's directory is gone"
	hook prune
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
	rt delete --force one >/dev/null 2>&1 || :
	rm -rf "$runtime_root/one"
	remove_group
}

# power_cut: of container "one", as far as memory knew of it.
power_cut() {
	kill -KILL "$(cat "$container_run_dir/$(host_name one 0).pid")" "$(rt state one | jq .pid)"
	wait_for 60 stopped one
	rm -rf "${container_run_dir:?}"/* "$runtime_root/one"
	wait_for 60 rmdir "$(find /sys/fs/cgroup -path "*/vtpm-cuse/$(host_name one 0)" -type d)"
	remove_group
	touch "$TMPDIR/state-one/left"
}

states_of_an_earlier_boot() {
	step "$runtime: what a power cut left of a state is not the next container's"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	power_cut
	start one
	[ ! -e "$TMPDIR/state-one/left" ] || die "an earlier container's TPM serves"
	delete one
	nothing_left
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"

	step "$runtime: prune removes the states of an earlier boot, and those alone"
	make_bundle one "[$(full "$TMPDIR/state-one" 0)]"
	start one
	power_cut
	hook prune
	[ -e "$TMPDIR/state-one/left" ] || die "a state of this boot was removed"
	sed -i '2s/.*/01234567-89ab-cdef-0123-456789abcdef/' "$TMPDIR/state-one/.made-for"
	hook prune
	[ ! -e "$TMPDIR/state-one" ] || die "the state is left"
	assert_eq "$(ls "$TMPDIR/lib/made")" "" "list"
	nothing_left
}

many_at_once() {
	local i leases=$container_run_dir/leases
	step "$runtime: twenty containers at once, whatever lies among their leases"
	mkdir -p "$leases/directory.json"
	mkfifo "$leases/fifo.json"
	ln -s nowhere "$leases/dangling.json"
	echo '{"id": 7}' >"$leases/text.json"
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
	assert_eq "$(cd "$leases" && echo *.bad)" \
		"dangling.json.bad directory.json.bad fifo.json.bad text.json.bad" "set aside"
	rm -r "$leases"/*.bad
}

for name in $(container_runtimes); do
	need_program "$name"
	use_runtime "$name"
	many_at_once
	killed_engines
	one_of_three_cannot_be_removed
	dead_but_not_deleted
	states_of_an_earlier_boot
	killed_hooks
done
