#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tpm2-abrmd: the resource manager of the TSS, which wants the exclusive node; tpm2-tools talk to it over D-Bus.
set -euo pipefail
need tpm2-abrmd dbus-run-session tpm2_createprimary
[[ $NODE != *rm* ]] || exit 78

cat >session <<'END'
set -eu
tpm2-abrmd --session --allow-root --tcti="device:$NODE" >abrmd.log 2>&1 &
abrmd=$!
trap 'kill $abrmd; wait; cat abrmd.log' EXIT
export TPM2TOOLS_TCTI=tabrmd:bus_type=session
until tpm2_getrandom --hex 8; do
	kill -0 $abrmd
	sleep 0.2
done
for i in 1 2 3 4 5; do tpm2_createprimary -Q -C o -G ecc -c primary.ctx; done
tpm2_create -Q -C primary.ctx -G ecc -u key.pub -r key.priv
tpm2_load -Q -C primary.ctx -u key.pub -r key.priv -c key.ctx
END
dbus-run-session -- bash session
