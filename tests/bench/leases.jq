# SPDX-License-Identifier: BSD-3-Clause
# $n leases of containers c0, c1, ... with a vTPM and its twin each, whose first process is $init and whose servers are
# $server: of each its file's name and its text, a line each.
range($n) as $i | {
	id: "c\($i)", hash: "abcdef", bundle: "/none/bundle/\($i)", rootfs: "/none/bundle/\($i)/rootfs", stateDir: "/none/root/c\($i)",
	freezer: "", deviceGroup: "", deviceMount: "", worker: {pid: 0, start: 0}, init: $init,
	vtpms: [{
		name: "tpm-abcdef-c\($i)-0", twin: "tpmrm-abcdef-c\($i)-0", path: "/dev/tpm0", twinPath: "/dev/tpmrm0",
		statePath: "/none/state/\($i)", cgroup: "", created: false, managed: true,
		major: 120, minor: (10000 + 2 * $i), twinMinor: (10001 + 2 * $i), server: $server
	}]
} | "abcdef-\(.id)", tojson
