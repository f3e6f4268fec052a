#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# trousers and tpm-tools: an owner comes, reads, and goes. TPM 1.2. There is no tpm_setpresence here: tcsd denies it
# outside single user mode.
set -euo pipefail
need tcsd tpm_version tpm_takeownership tpm_clear tpm_setenable
[ "$NODE" = /dev/tpm0 ] || exit 78 # trousers knows no other

mkdir system
chown tss:tss system "$NODE"
{ echo "system_ps_file = $PWD/system/data"; echo "port = 30003"; } >tcsd.conf
chown root:tss tcsd.conf
chmod 640 tcsd.conf
chmod 755 .
tcsd -f -c "$PWD/tcsd.conf" >tcsd.log 2>&1 &
tcsd=$!
trap 'kill $tcsd; wait; cat tcsd.log' EXIT
until tpm_version; do
	kill -0 $tcsd
	sleep 0.2
done
tpm_getpubek </dev/null || tpm_getpubek -z
tpm_takeownership -y -z
tpm_setenable --status -z
tpm_clear -z
