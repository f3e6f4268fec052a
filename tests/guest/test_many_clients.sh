#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600
# Many users of the resource-managed node at once.

. "$SRCDIR/tests/guest/lib.sh"

start_vtpm tpm0 --resource-manager

step "8 clients, 500 commands each, every result checked"
"$BUILDDIR/tests/guest/stress" /dev/tpmrm0 8 500

step "the same while others are killed at random"
"$BUILDDIR/tests/guest/stress" /dev/tpmrm0 8 250 40

step "control gets through while there is always somebody who waits"
# Its clients are in its group.
timeout 600 "$BUILDDIR/tests/guest/stress" /dev/tpmrm0 4 1000000 >/dev/null &
stress=$!
commands() { vtpm-ctl status tpm0 --json | jq .commands; }
more_commands() { [ "$(commands)" -gt "$before" ]; }
for i in 1 2 3 4 5; do
	timeout 60 vtpm-ctl freeze tpm0 || die "freeze"
	before=$(commands)
	assert_eq "$(commands)" "$before" "commands while it is frozen"
	timeout 60 vtpm-ctl thaw tpm0 || die "thaw"
	timeout 60 vtpm-ctl save tpm0 --out "saved$i" || die "save"
	before=$(commands)
	wait_for 60 more_commands
done
kill "$stress"
wait "$stress" || :

step "so does the clock, again and again"
self_test=80010000000b0000014301
clients=()
for i in 1 2 3 4; do
	timeout 600 "$BUILDDIR/tests/guest/raw_client" --repeat 1000000 /dev/tpmrm0 $self_test >/dev/null &
	clients+=($!)
done
for i in 1 2 3; do
	: >"$TMPDIR/tpm0/tpm.permanent"
	wait_for 60 test -s "$TMPDIR/tpm0/tpm.permanent"
done
timeout 60 vtpm-ctl recover tpm0 || die "recover"
kill "${clients[@]}"
wait "${clients[@]}" || :

step "nothing is left of them"
no_opens() { [ "$(vtpm-ctl status tpm0 --json | jq .opens)" = 0 ]; }
wait_for 60 no_opens
use_vtpm tpm0
assert_eq "$(tpm2_getcap handles-transient)" ""
assert_eq "$(tpm2_getcap handles-loaded-session)" ""
assert_eq "$(tpm2_getcap handles-saved-session)" ""

step "tpm2-tools with more objects than the TPM has slots"
export TPM2TOOLS_TCTI=device:/dev/tpmrm0
tpm2_createprimary -Q -C o -G ecc -c primary.ctx
for i in 1 2 3 4 5; do
	tpm2_create -Q -C primary.ctx -G ecc -u "$i.pub" -r "$i.priv"
	tpm2_load -Q -C primary.ctx -u "$i.pub" -r "$i.priv" -c "$i.ctx"
done
echo message >message
for i in 1 2 3 4 5; do
	tpm2_sign -Q -c "$i.ctx" -g sha256 -o "$i.sig" message
	tpm2_verifysignature -Q -c "$i.ctx" -g sha256 -m message -s "$i.sig"
done
