#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# IBM's TSS and its programs: random bytes, PCRs, an index; at the exclusive node a key and an audit session too.
set -euo pipefail
need tsscreateprimary tssstartauthsession
# Sessions go from program to program.
export TPM_ENCRYPT_SESSIONS=0
export TPM_INTERFACE_TYPE=dev TPM_DEVICE=$NODE TPM_DATA_DIR=$PWD

tssgetrandom -by 16
tsspcrread -ha 7 -halg sha256 -ns
# Each program opens the device: with a resource manager what it loads is gone when it ends.
if [[ $NODE != *rm* ]]; then
	tsscreateprimary -hi o -ecc nistp256 -pwdk secret -st -opu primary.pub
	tssreadpublic -ho 80000000
	tssstartauthsession -se h
	tssgetcapability -se0 02000000 81 -cap 1 -pr 80000000
	tssflushcontext -ha 80000000
	tssflushcontext -ha 02000000
fi
tssnvdefinespace -ha 01500020 -hi o -sz 8 -pwdn index
tssnvwrite -ha 01500020 -pwdn index -ic 12345678
tssnvread -ha 01500020 -pwdn index -sz 8 | grep '31 32 33 34' >/dev/null
tssnvundefinespace -ha 01500020 -hi o
