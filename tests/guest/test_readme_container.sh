#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# What README.md says about containers works when it is typed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"

need_program runc crun jq busybox

sbindir=$(vtpm-hook --help | sed -n 's/.*the server (default: \(.*\)\/vtpm-cuse)/\1/p')
mkdir -p "$sbindir"
for name in vtpm-cuse vtpm-setup; do
	ln -sfn "$BUILDDIR/$name" "$sbindir/$name"
done

sed -n '/^## A container with a TPM/,/^## /p' "$SRCDIR/README.md" | sed -n '/^```sh$/,/^```$/{/^```/d;p}' >commands
[ -s commands ] || die "README.md has no commands"
for runtime in runc crun; do
	step "$runtime"
	rm -rf demo
	sed "s/\\<runc\\>/$runtime/" commands >"$runtime-commands"
	text=$(bash -euo pipefail "$runtime-commands" </dev/null) || die "the commands failed: $text"
	assert_match "$text" 'crw-------.*/dev/tpm0'
	assert_match "$text" 'crw-------.*/dev/tpmrm0'
	[ ! -e /var/lib/vtpm-cuse/demo ] || die "the state is left"
done
