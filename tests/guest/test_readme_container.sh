#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
#
# What README.md and docs/runc.md say about containers works when it is typed.

# shellcheck source=tests/guest/lib.sh
. "$SRCDIR/tests/guest/lib.sh"
# shellcheck source=tests/guest/container.sh
. "$SRCDIR/tests/guest/container.sh"
# shellcheck source=tests/guest/engines.sh
. "$SRCDIR/tests/guest/engines.sh"

need_program runc crun jq busybox tpm2_getrandom

install_product

step "README's first commands"
sed -n '/^## First use/,/^## /p' "$SRCDIR/README.md" | sed -n '/^```sh$/,/^```$/{/^```/d;p}' >commands
[ -s commands ] || die "README.md has no commands"
text=$(bash -euo pipefail commands 2>&1 </dev/null) || die "the commands failed: $text"
assert_match "$text" '[0-9a-f]{32}'
assert_match "$text" 'tpm-first +serves '
assert_no_node /dev/tpm-first
rm -r /var/lib/vtpm-cuse/tpm-first

for runtime in runc crun; do
	step "docs/runc.md: config.json for $runtime"
	rm -rf demo
	sed -n '/^## config.json/,$p' "$SRCDIR/docs/runc.md" | sed -n '/^```sh$/,/^```$/{/^```/d;s/^cd .. && //;p}' |
		sed "s/^rm -r /rm -rf /; s/\\<runc\\>/$runtime/" >"$runtime-commands"
	text=$(bash -euo pipefail "$runtime-commands" </dev/null) || die "the commands failed: $text"
	assert_match "$text" 'crw-------.*/dev/tpm0'
	assert_match "$text" 'crw-------.*/dev/tpmrm0'
	[ ! -e /var/lib/vtpm-cuse/demo ] || die "the state is left"
done

step "runc's page"
rm -rf demo
run_page runc
nothing_left
