#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# The software of others, as Debian packages it, at both nodes of a TPM 2.0, and at a TPM 1.2: a script each. An
# argument limits it to the clients whose names begin so. docs/clients.md has the table.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

failed='' tried=0

# need PROGRAM...: for the clients, which end with 77 where something is not there.
need() {
	local name
	for name in "$@"; do command -v "$name" >/dev/null || exit 77; done
}
export -f need

# client NAME NODE: a directory of its own; says what became of it. 77: a program is missing, which CI has to have.
# 78: not for this node, or not asked for.
client() {
	local name=$1 node=$2 dir=$1-${2##*/} rc=0
	mkdir "$dir"
	(cd "$dir" && NODE=$node timeout 240 bash "$SRCDIR/tests/clients/$name.sh" >log 2>&1 </dev/null) || rc=$?
	case $rc in
	0) result=passed tried=$((tried + 1)) ;;
	77)
		result="cannot run here"
		[ "${CI:-}" != true ] || failed="$failed $dir"
		;;
	78) result=- ;;
	*)
		result=FAILED failed="$failed $dir"
		sed "s/^/$dir: /" "$dir/log" >&2
		;;
	esac
	printf '%-16s %-14s %s\n' "$name" "$node" "$result"
}

step "TPM 2.0"
start_vtpm tpm0 --resource-manager
for script in "$SRCDIR"/tests/clients/*.sh; do
	name=$(basename "$script" .sh)
	case $name in test_* | trousers) continue ;; "${1:-}"*) ;; *) continue ;; esac
	client "$name" /dev/tpmrm0
	client "$name" /dev/tpm0
	# What a client leaves loaded through tpm0 is in nobody's way.
	for kind in -t -l -s; do TPM2TOOLS_TCTI=device:/dev/tpm0 tpm2_flushcontext $kind; done
done
stop_vtpm tpm0

step "TPM 1.2"
if [[ trousers == "${1:-}"* ]]; then
	rm -r "$TMPDIR/tpm0"
	start_vtpm tpm0 --tpm-version 1.2
	client trousers /dev/tpm0
	stop_vtpm tpm0
fi

[ -z "$failed" ] || die "failed:$failed"
[ "$tried" != 0 ] || skip "none of the clients is installed"
