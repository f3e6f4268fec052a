#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# containerd with vtpm-runc and vtpm-crun as its runtimes: by its own client ctr, and as Kubernetes' kubelet uses
# it, through the Container Runtime Interface. Annotations choose a class; of pods, the containers get its vTPMs, and
# the namespace says who may have them.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"

need_program containerd ctr python3
python3 -c 'import grpc' 2>/dev/null || skip "needs grpc for Python"

address=$TMPDIR/containerd.sock
image=docker.io/library/image:latest
class_key=vtpm-cuse.org/class
# Its log is shown when the test fails.
lib_servers+=(containerd)

# --- the daemon ---------------------------------------------------------------------------------------

configure() {
	local name
	class open '{"stateRoot": "memory:", "max": 2, "annotations": true}'
	class run '{"stateRoot": "memory:"}'
	class pods '{"stateRoot": "memory:", "namespaces": ["prod-*"], "annotations": true, "max": 9}'
	class named "{\"stateRoot\": \"$TMPDIR/states\", \"life\": \"named\", \"namespaces\": [\"prod-*\"]}"
	vtpm-hook cdi
	# Containers of a handler have the hooks of its base: a class without any choice, and the plain runtime.
	mkdir "$TMPDIR/base"
	ctr oci spec >"$TMPDIR/base/config.json"
	vtpm-hook --bundle="$TMPDIR/base" --class=named inject
	cat >"$TMPDIR/config.toml" <<-END
		version = 2
		root = "$TMPDIR/root"
		state = "$TMPDIR/state"
		[grpc]
		  address = "$address"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "$image"
		  enable_cdi = true
		[plugins."io.containerd.grpc.v1.cri".containerd]
		  default_runtime_name = "vtpm-runc"
	END
	for name in runc crun; do
		handler "vtpm-$name" "$sbindir/vtpm-$name"
		handler "plain-$name" "$name"
		handler "base-$name" "$name" "base_runtime_spec = \"$TMPDIR/base/config.json\""
	done
}

# handler NAME PROGRAM [MORE]
handler() {
	cat >>"$TMPDIR/config.toml" <<-END
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$1]
		  runtime_type = "io.containerd.runc.v2"
		  pod_annotations = ["vtpm-cuse.org/*", "container.vtpm-cuse.org/*"]
		  ${3:-}
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$1.options]
		  BinaryName = "$2"
	END
}

# Go's preemption by signals makes user-mode Linux crawl.
start_containerd() {
	GODEBUG=asyncpreemptoff=1 containerd --config "$TMPDIR/config.toml" >>"$TMPDIR/containerd.log" 2>&1 &
	containerd_pid=$!
	disown
	wait_for 120 ctr --address "$address" version
}

kill_containerd() {
	kill -KILL "$containerd_pid"
	wait_for 60 process_gone "$containerd_pid"
}

# One layer in an archive as "docker save" makes it, once for each user of containerd.
import_image() {
	local sum
	mkdir "$TMPDIR/archive"
	make_rootfs "$TMPDIR/rootfs"
	tar -C "$TMPDIR/rootfs" -cf "$TMPDIR/archive/layer.tar" .
	sum=$(sha256sum <"$TMPDIR/archive/layer.tar")
	printf '{"architecture": "%s", "os": "linux", "config": {"Cmd": ["/bin/sleep", "100000"]},
		"rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}' \
		"$(dpkg --print-architecture)" "${sum%% *}" >"$TMPDIR/archive/config.json"
	printf '[{"Config": "config.json", "RepoTags": ["%s"], "Layers": ["layer.tar"]}]' "$image" \
		>"$TMPDIR/archive/manifest.json"
	tar -C "$TMPDIR/archive" -cf "$TMPDIR/archive.tar" manifest.json config.json layer.tar
	for space in default k8s.io; do
		ctr --address "$address" --namespace "$space" images import "$TMPDIR/archive.tar" >/dev/null
	done
}

# --- by ctr -------------------------------------------------------------------------------------------

c() { command ctr --address "$address" "$@"; }

# run NAME OPTION...
run() { c run --detach --runc-binary "$sbindir/vtpm-$runtime" "${@:2}" "$image" "$1" /bin/sleep 1000; }

# not_run REGEX OPTION...
not_run() {
	local text
	if text=$(run none "${@:2}" 2>&1); then die "it was started, should have failed with '$1'"; fi
	assert_match "$text" "$1"
	c containers rm none 2>/dev/null || :
}

execs=0
# in_container NAME COMMAND...: each with a name of its own
in_container() {
	execs=$((execs + 1))
	c tasks exec --exec-id "exec-$BASHPID-$execs" "$@"
}
answers() { assert_eq "$(in_container "$1" /bin/tpm_client random "$2")" "$ok" "answer of $2"; }

end() {
	local name
	for name in "$@"; do c tasks rm --force "$name" 2>/dev/null; done
}
remove() {
	end "$@"
	c containers rm "$@"
}
removed() { c tasks rm --force "$1"; c containers rm "$1"; }

by_ctr() {
	local first second
	step "$runtime, ctr: two containers of one class that do not meet, and a third is one too many"
	run one --annotation "$class_key=open"
	first=$(node_of one)
	run two --annotation "$class_key=open"
	second=$(node_of two)
	for node in /dev/tpm0 /dev/tpmrm0; do
		answers one "$node"
		answers two "$node"
	done
	do_not_meet "$first" "$second" in_container one
	not_run "class open: its max of 2 vTPMs are running" --annotation "$class_key=open"
	remove two
	not_run "class run: annotations may not choose it" --annotation "$class_key=run"

	step "$runtime, ctr: privileged, it has the host's devices, and beside them its own"
	run three --privileged --annotation "$class_key=open"
	answers three /dev/tpm0
	answers three /dev/tpmrm0
	in_container three /bin/test -c "$first" || die "it has no $first"
	assert_eq "$(in_container three /bin/sh -c 'echo /run/vtpm*')" '/run/vtpm*' "sockets of servers"
	remove three

	step "$runtime, ctr: paused and resumed"
	c tasks pause one
	expect_status 124 timeout 2 tpm_client random "$(node_of)"
	c tasks resume one
	answers one /dev/tpm0

	step "$runtime, ctr: ended, it has none; started again, it has a new one"
	keep_handle
	end one
	nothing_left
	c tasks start --detach one
	answers one /dev/tpm0
	new_tpm

	step "$runtime, ctr: containerd killed and started again, the vTPM goes on"
	keep_handle
	kill_containerd
	assert_eq "$(tpm_client random "$(node_of)")" "$ok" "answer without containerd"
	start_containerd
	answers one /dev/tpm0
	vtpm-hook prune
	same_tpm
	remove one
	nothing_left
}

pid_of() { c "${@:2}" tasks ls | awk -v id="$1" '$1 == id && $3 == "RUNNING" { print $2 }'; }
not_running() { [ -z "$(pid_of "$1")" ]; }

killed_shim() {
	local init
	step "$runtime, ctr: its shim killed, nothing is left after a prune"
	run four --annotation "$class_key=open"
	init=$(pid_of four)
	kill_shim "$init"
	wait_for 60 not_running four
	# containerd asks the runtime to end it and gives that five seconds, once.
	kill -KILL "$init" 2>/dev/null || :
	wait_for 60 removed four
	wait_for 60 pruned
}

# --- by the Container Runtime Interface ---------------------------------------------------------------

cri() { GRPC_VERBOSITY=NONE "$SRCDIR/tests/guest/cri_client.py" "$address" "$@"; }

# pod NAMESPACE NAME ANNOTATION..., whose handler is vtpm-runc or vtpm-crun, and one that has the hooks of the base
pod() { cri pod "$1" "$runtime-$2" "vtpm-$runtime" "${@:3}"; }
pod_of_base() { cri pod "$1" "$runtime-$2" "base-$runtime"; }

# asking_in_pod POD NAME [USER [DEVICE...]]: its id
asking_in_pod() { cri container "$1" "$2" "$image" "${@:3}"; }

pod_answers() { assert_eq "$(cri exec "$1" /bin/tpm_client random "$2")" "$ok" "answer of $2"; }

pods_of_a_namespace() {
	local pod other container text
	step "$runtime, CRI: a container of a pod, not root's, has a vTPM and the sandbox has none"
	pod=$(pod prod-1 first "$class_key=pods")
	nothing_left
	container=$(asking_in_pod "$pod" main 1000)
	pod_answers "$container" /dev/tpm0
	pod_answers "$container" /dev/tpmrm0
	assert_eq "$(cri exec "$container" /bin/sh -c 'echo /dev/tpm*')" "/dev/tpm0 /dev/tpmrm0" "devices"

	step "$runtime, CRI: an update leaves the container its devices"
	cri update "$container" 512
	pod_answers "$container" /dev/tpm0
	pod_answers "$container" /dev/tpmrm0

	step "$runtime, CRI: a restart is a new container with a new TPM"
	keep_handle
	kill -KILL "$(pid_of "$container" --namespace k8s.io)"
	wait_for 60 pruned
	cri remove "$container"
	container=$(asking_in_pod "$pod" main 1000)
	new_tpm
	cri stop "$container"
	nothing_left
	cri remove-pod "$pod"

	step "$runtime, CRI: who is not of the namespace is told so"
	other=$(pod test-1 second "$class_key=pods")
	if text=$(asking_in_pod "$other" main 2>&1); then die "a pod of another namespace has a vTPM"; fi
	assert_match "$text" "class pods: namespaces has not test-1"
	cri remove-pod "$other"
	nothing_left
}

one_container_of_two() {
	local pod container
	step "$runtime, CRI: one container of a pod has a vTPM, as the pod's annotation says"
	pod=$(pod prod-1 third "container.vtpm-cuse.org/main=pods:5")
	container=$(asking_in_pod "$pod" side)
	nothing_left
	container=$(asking_in_pod "$pod" main)
	pod_answers "$container" /dev/tpm5
	cri remove-pod "$pod"
	nothing_left
}

states_of_a_namespace() {
	local pod container state
	step "$runtime, CRI: by the handler's hooks, a TPM that the next pod of the namespace finds again"
	pod=$(pod_of_base prod-1 fourth)
	nothing_left
	container=$(asking_in_pod "$pod" main)
	pod_answers "$container" /dev/tpm0
	keep_handle
	cri remove-pod "$pod"
	nothing_left
	pod=$(pod_of_base prod-1 fifth)
	asking_in_pod "$pod" main >/dev/null
	same_tpm
	cri remove-pod "$pod"
	nothing_left
	pod=$(pod_of_base prod-2 sixth)
	asking_in_pod "$pod" main >/dev/null
	new_tpm
	cri remove-pod "$pod"
	nothing_left
	for state in "$TMPDIR"/states/*/*; do vtpm-hook state remove "$state"; done
}

# containerd 1.7 and later give devices of the Container Device Interface, of which the runtime knows nothing.
has_devices() { dpkg --compare-versions "$(containerd --version | awk '{ print $3 }')" ge 1.7; }
plain_pod() { cri pod "$1" "$runtime-$2" "plain-$runtime"; }

by_device() {
	local pod container text
	step "$runtime, CRI, device: a container, not root's, has a vTPM, also after an update"
	pod=$(plain_pod prod-1 seventh)
	container=$(asking_in_pod "$pod" main 1000 vtpm-cuse.org/vtpm=pods)
	pod_answers "$container" /dev/tpm0
	pod_answers "$container" /dev/tpmrm0
	cri update "$container" 512
	# By crun it loses it for a moment.
	wait_for 60 pod_answers "$container" /dev/tpm0

	step "$runtime, CRI, device: a restart is a new container with a new TPM"
	keep_handle
	cri stop "$container"
	nothing_left
	cri remove "$container"
	container=$(asking_in_pod "$pod" main 1000 vtpm-cuse.org/vtpm=pods)
	new_tpm
	cri remove-pod "$pod"
	nothing_left

	step "$runtime, CRI, device: who is not of the namespace is told so"
	pod=$(plain_pod test-1 eighth)
	if text=$(asking_in_pod "$pod" main 0 vtpm-cuse.org/vtpm=pods 2>&1); then
		die "a pod of another namespace has a vTPM"
	fi
	assert_match "$text" "$(said_by_hook "class pods: namespaces has not test-1")"
	cri remove-pod "$pod"
	nothing_left
}

# ------------------------------------------------------------------------------------------------------

install_product
configure
start_containerd
import_image
for runtime in runc crun; do
	by_ctr
	killed_shim
	pods_of_a_namespace
	one_container_of_two
	states_of_a_namespace
	! has_devices || by_device
done

step "what docs/containerd.md says"
c images tag "$image" docker.io/library/busybox:latest >/dev/null
ctr() { c "$@"; }
run_page containerd
nothing_left
