#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# Podman with the hooks.d files of dist/ and programs in their places, as a package would have them: its containers
# get the vTPMs that their config.json asks for, keep their state while they are stopped, and lose them when they
# are removed. Its users get those of classes by --device and, where a class allows it, by annotation. A vTPM of the
# host is handed in by --device, as a node or by the name that vtpm-ctl cdi gives it, to podman without root as well.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"

need_program podman

configure() {
	class run '{"stateRoot": "memory:", "max": 2}'
	class open '{"stateRoot": "memory:", "max": 4, "annotations": true}'
	class kept "{\"stateRoot\": \"$TMPDIR/kept\", \"life\": \"container\"}"
	class pods '{"stateRoot": "memory:", "namespaces": ["prod-*"]}'
	vtpm-hook cdi
}

# Podman writes config.json anew for each start and knows no vTPMs: a runtime that puts them there.
write_runtime() {
	{
		printf '#!/bin/bash\nruntime=%q requests=%q\n' "$(command -v "$1")" "$TMPDIR"
		cat <<-'END'
			arguments=("$@") bundle='' file=''
			for word; do
				[ "$bundle" != next ] || file=$word/config.json
				[ "$word" = --bundle ] && bundle=next || bundle=
			done
			[ -z "$file" ] || {
				name=$(jq -r '.annotations["vtpm-cuse.org/test"] // "none"' "$file")
				jq --slurpfile vtpms "$requests/$name.vtpms" '.linux.resources.vtpms = $vtpms[0]' \
					"$file" >"$file.new" && mv "$file.new" "$file"
			}
			exec "$runtime" "${arguments[@]}"
		END
	} >"$TMPDIR/$1-with-vtpms"
	chmod +x "$TMPDIR/$1-with-vtpms"
}

pod() {
	command podman --cgroup-manager=cgroupfs --events-backend=file --storage-driver=vfs \
		--runtime="$TMPDIR/$runtime-with-vtpms" "$@"
}

# asks NAME VTPMS: what a container with the annotation NAME has in its config.json
asks() { printf '%s\n' "$2" >"$TMPDIR/$1.vtpms"; }

pod_run() { # NAME OPTION...
	pod run --detach --name "$1" --network=none "${@:2}" --rootfs "$TMPDIR/rootfs" /bin/sleep 1000 >/dev/null ||
		die "podman run $1"
}

id_of() { pod inspect --format '{{.Id}}' "$1"; }
answer_in() { pod exec "$1" /bin/tpm_client random "${2:-/dev/tpm0}"; }
answers() { assert_eq "$(answer_in "$1" "$2")" "$ok" "answer of $2"; }

# not_run REGEX OPTION...: podman's user is told why
not_run() {
	local text
	if text=$(pod run --rm --network=none "${@:2}" --rootfs "$TMPDIR/rootfs" /bin/sleep 1 2>&1); then
		die "it was started, should have failed with '$1'"
	fi
	assert_match "$text" "$1"
}

is() { [ "$(pod inspect --format "{{.$2}}" "$1")" = "$3" ]; }

asks none '[]'
asks managed "[$(full "$TMPDIR/state" 0 '"statePathIsManaged": true')]"
asks ours "[$(full "$TMPDIR/state" 0)]"
asks wrong "[$(full "$TMPDIR/state" 0 '"vtpmVersion": "3"')]"
install_product
configure
make_rootfs "$TMPDIR/rootfs"
mkdir "$TMPDIR/empty"
for runtime in runc crun; do
	write_runtime "$runtime"

	step "$runtime: no annotation, no hook"
	pod_run plain
	assert_eq "$(pod exec plain /bin/sh -c 'echo /dev/tpm*')" '/dev/tpm*' "nodes"
	pod rm --force --time 0 plain >/dev/null
	[ ! -e /run/vtpm-cuse/leases ] || die "the hook was called"

	step "$runtime: a container with a vTPM"
	pod_run one --annotation vtpm-cuse.org/test=managed
	assert_eq "$(answer_in one)" "$ok" "answer"
	keep_handle
	same_tpm

	step "$runtime: stopped, it has none; started again, it has the same"
	pod stop --time 0 one >/dev/null
	nothing_left
	pod start one >/dev/null
	assert_eq "$(answer_in one)" "$ok" "answer"
	same_tpm

	step "$runtime: paused and resumed"
	pod pause one >/dev/null
	expect_status 124 timeout 2 tpm_client random "$(node_of)"
	pod unpause one >/dev/null
	assert_eq "$(answer_in one)" "$ok" "answer"

	step "$runtime: removed by force, nothing is left but the state that is not ours"
	pod rm --force --time 0 one >/dev/null
	nothing_left
	[ -e "$TMPDIR/state" ] || die "a managed state is gone"
	rm -rf "$TMPDIR/state"

	step "$runtime: what is wrong is said to the user of podman, and nothing is left"
	not_run "linux.resources.vtpms\[0\]: vtpmVersion '3' is neither 1.2 nor 2" --annotation vtpm-cuse.org/test=wrong
	nothing_left
	rm -rf /run/vtpm-cuse/leases

	step "$runtime: a user namespace of podman's"
	pod_run two --uidmap 0:100000:65536 --gidmap 0:200000:65536 \
		--annotation vtpm-cuse.org/test=ours
	assert_eq "$(answer_in two)" "$ok" "answer"
	pod rm --force --time 0 two >/dev/null
	nothing_left
	[ ! -e "$TMPDIR/state" ] || die "the state is left"
	rm -rf /run/vtpm-cuse/leases

	step "$runtime: a class by --device, new at each start"
	pod_run three --cap-add mknod --device vtpm-cuse.org/vtpm=run
	assert_eq "$(answer_in three)" "$ok" "answer"
	keep_handle
	pod stop --time 0 three >/dev/null
	nothing_left
	pod start three >/dev/null
	assert_eq "$(answer_in three)" "$ok" "answer"
	new_tpm

	step "$runtime: an update leaves the container its devices"
	pod update --cpu-shares 512 three >/dev/null
	answers three /dev/tpm0
	answers three /dev/tpmrm0

	step "$runtime: two containers of one class that do not meet, and a third is one too many"
	pod_run other --device vtpm-cuse.org/vtpm=run
	answers other /dev/tpmrm0
	do_not_meet "$(node_of "$(id_of three)")" "$(node_of "$(id_of other)")" pod exec three
	not_run "class run: its max of 2 vTPMs are running" --device vtpm-cuse.org/vtpm=run
	not_run "class pods: it is for some namespaces, and the container's is not known" --device vtpm-cuse.org/vtpm=pods
	pod rm --force --time 0 three other >/dev/null
	nothing_left

	step "$runtime: privileged, it has the host's devices, and beside them its own"
	pod_run three --device vtpm-cuse.org/vtpm=run
	pod_run other --privileged --device vtpm-cuse.org/vtpm=run
	answers other /dev/tpm0
	answers other /dev/tpmrm0
	pod exec other /bin/test -c "$(node_of "$(id_of three)")" || die "it has not the host's devices"
	assert_eq "$(pod exec other /bin/sh -c 'echo /run/vtpm*')" '/run/vtpm*' "sockets of servers"
	pod rm --force --time 0 three other >/dev/null
	nothing_left
	start_vtpm tpm0 --plain
	not_run "/dev/tpm0 is there already in the container" --privileged --device vtpm-cuse.org/vtpm=run
	stop_vtpm tpm0
	nothing_left
	rm -rf /run/vtpm-cuse/leases

	step "$runtime: conmon killed and the container removed, nothing is left after a prune"
	pod_run six --device vtpm-cuse.org/vtpm=run
	kill -KILL "$(pod inspect --format '{{.State.ConmonPid}}' six)"
	# podman 5 does not believe at once that it can be removed.
	wait_for 60 pod rm --force --time 0 six
	wait_for 60 pruned

	step "$runtime: an annotation chooses a class that allows it, and no other"
	pod_run four --annotation vtpm-cuse.org/class=open:5
	assert_eq "$(answer_in four /dev/tpm5)" "$ok" "answer"
	pod rm --force --time 0 four >/dev/null
	nothing_left
	not_run "class run: annotations may not choose it" --annotation vtpm-cuse.org/class=run
	nothing_left
	rm -rf /run/vtpm-cuse/leases

	step "$runtime: a state that is kept over stop, start and a restart by policy, and goes some time after it"
	pod_run five --restart always --device vtpm-cuse.org/vtpm=kept
	keep_handle
	pod stop --time 0 five >/dev/null
	nothing_left
	vtpm-hook prune
	# Something else in the place of podman's storage, as when a disk is not mounted
	mount --bind "$TMPDIR/empty" /var/lib/containers
	kept_state_stays
	umount /var/lib/containers
	pod start five >/dev/null
	same_tpm
	kill -KILL "$(pod inspect --format '{{.State.Pid}}' five)"
	wait_for 60 is five RestartCount 1
	wait_for 60 pod exec five /bin/tpm_client random /dev/tpm0
	same_tpm
	pod rm --force --time 0 five >/dev/null
	nothing_left
	kept_state_goes
	rm -rf /run/vtpm-cuse/leases
done

step "what docs/podman.md says"
tar -C "$TMPDIR/rootfs" -cf - . | pod import --change 'CMD=["/bin/sleep","1000"]' - busybox >/dev/null
podman() {
	[ "$1" != run ] || set -- run --network=none "${@:2}"
	pod "$@"
}
run_page podman
nothing_left
unset -f podman

# podman_is AT-LEAST: its version
podman_is() { dpkg --compare-versions "$(command podman --version | awk '{ print $3 }')" ge "$1"; }

# podman 4.3 builds without devices, and its pods do not start where its groups are made in this way.
if podman_is 5; then
	step "a class in a build"
	mkdir "$TMPDIR/build"
	printf 'FROM localhost/busybox\nRUN /bin/tpm_client random /dev/tpm0\n' >"$TMPDIR/build/Dockerfile"
	assert_match "$(pod build --network=none --device vtpm-cuse.org/vtpm=run "$TMPDIR/build" 2>&1)" "$ok"
	nothing_left

	step "a pod whose annotation chooses a class: its container has a vTPM, and what holds it together has none"
	printf '[engine]\ninfra_image = "localhost/busybox:latest"\n' >"$TMPDIR/infra.conf"
	cat >"$TMPDIR/pod.yaml" <<-'END'
		apiVersion: v1
		kind: Pod
		metadata:
		  name: web
		  annotations:
		    vtpm-cuse.org/class: open
		spec:
		  hostNetwork: true
		  containers:
		    - name: main
		      image: localhost/busybox:latest
		      command: ["/bin/sleep", "1000"]
	END
	CONTAINERS_CONF=$TMPDIR/infra.conf pod kube play "$TMPDIR/pod.yaml" >/dev/null
	answers web-main /dev/tpm0
	assert_eq "$(vtpm-hook --json list | jq length)" 1 "vTPMs"
	pod pod rm --force --time 0 web >/dev/null
	nothing_left
fi

quadlet=/usr/libexec/podman/quadlet
if [ -x $quadlet ]; then
	step "what docs/podman.md says of Quadlet is such a call"
	mkdir "$TMPDIR/units"
	sed -n '/^    \[Container\]/,/^$/s/^    //p' "$SRCDIR/docs/podman.md" >"$TMPDIR/units/web.container"
	assert_match "$(QUADLET_UNIT_DIRS=$TMPDIR/units $quadlet --dryrun 2>&1)" \
		'ExecStart=.*podman run .*--device vtpm-cuse.org/vtpm=default .*busybox sleep 1000'
fi

step "a vTPM of the host by the name that vtpm-ctl cdi gives it"
export XDG_RUNTIME_DIR=$TMPDIR/xdg # The user's podman cannot write to the working directory.
mkdir -m 700 "$XDG_RUNTIME_DIR"
chown 1234:1234 "$XDG_RUNTIME_DIR"
start_vtpm tpm7 --plain --resource-manager --owner 1234:1234 --mode 0600
vtpm-ctl cdi tpm7 --as tpm0
assert_eq "$(stat -c %a /run/cdi/vtpm-cuse.org-host-tpm7.json)" 644 "mode"
runtime=runc
pod_run six --device vtpm-cuse.org/host=tpm7
assert_eq "$(answer_in six)" "$ok" "answer"
assert_eq "$(answer_in six /dev/tpmrm0)" "$ok" "answer of the twin"
assert_eq "$(pod exec six /bin/stat -c '%a %u %g' /dev/tpm0)" "600 1234 1234" "node"
pod rm --force --time 0 six >/dev/null

# The guest's root file system is read-only for others, and the user has no home.
user_pod() {
	setpriv --reuid 1234 --regid 1234 --clear-groups env HOME="$XDG_RUNTIME_DIR" podman --root "$XDG_RUNTIME_DIR/root" \
		--runroot "$XDG_RUNTIME_DIR/run" --tmpdir "$XDG_RUNTIME_DIR/tmp" --cgroup-manager=cgroupfs \
		--events-backend=none --storage-driver=vfs --runtime=crun "$@"
}
user_run() { # OPTION...: what tpm_client says inside
	user_pod run --rm --network=none --cgroups=disabled "$@" --rootfs "$TMPDIR/rootfs" \
		/bin/tpm_client random "${device:-/dev/tpm0}"
}

vtpm-ctl cdi tpm7

step "podman without root: a vTPM that its user may open, as a node and by name"
assert_eq "$(user_run --device /dev/tpm7:/dev/tpm0)" "$ok" "answer"
assert_eq "$(device=/dev/tpmrm7 user_run --device vtpm-cuse.org/host=tpm7)" "$ok" "answer of the twin"

step "podman without root: a class is refused in one line that says what to do"
# From a runtime that it knows to write JSON podman takes no other line.
printf '[engine]\nruntime_supports_json = []\n' >"$XDG_RUNTIME_DIR/containers.conf"
export CONTAINERS_CONF=$XDG_RUNTIME_DIR/containers.conf
if text=$(user_run --device vtpm-cuse.org/vtpm=run 2>&1); then die "a user got a vTPM of a class"; fi
assert_match "$text" "only root of the host can make a vTPM for a container; one that runs can be handed in with --device"

step "a vTPM that was stopped is offered no more"
stop_vtpm tpm7
[ ! -e /run/cdi/vtpm-cuse.org-host-tpm7.json ] || die "the file is left"

step "class check sees whether engines' files are whole"
unset CONTAINERS_CONF
cdi=/etc/cdi/vtpm-cuse.org-vtpm.json
assert_match "$(vtpm-hook class check)" "good +$cdi"
sed -i 's,vtpm-hook",vtpm-hook-old",' $cdi
assert_match "$(vtpm-hook class check 2>&1)" "broken +$cdi: the program that it names is not there"
vtpm-hook cdi

step "not taken away while a container has a vTPM"
pod_run seven --device vtpm-cuse.org/vtpm=run
mkdir -p /etc/docker
echo '{"runtimes": {"vtpm": {"path": "/usr/sbin/vtpm-runc"}}}' >/etc/docker/daemon.json
expect_fail "vtpm-hook: containers with vTPMs run: stop them first, or say --force" vtpm-hook uninstall
[ -e $cdi ] || die "$cdi is gone"
pod rm --force --time 0 seven >/dev/null

step "taken away, the files of engines that name it are told, and podman starts what asks for nothing or by annotation"
assert_eq "$(vtpm-hook uninstall)" "/etc/docker/daemon.json still names vtpm-runc" "told"
[ ! -e $cdi ] || die "$cdi is left"
rm "$sbindir"/vtpm-* /usr/share/containers/oci/hooks.d/vtpm-cuse*.json
pod_run eight
pod_run nine --annotation vtpm-cuse.org/class=open
assert_eq "$(pod exec nine /bin/sh -c 'echo /dev/tpm*')" '/dev/tpm*' "nodes"
pod rm --force --time 0 eight nine >/dev/null
