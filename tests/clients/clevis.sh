#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# clevis: a secret that the TPM opens, bound to a PCR.
set -euo pipefail
need clevis jose
export TPM2TOOLS_TCTI=device:$NODE

echo secret | clevis encrypt tpm2 '{"pcr_bank":"sha256","pcr_ids":"16"}' >sealed
[ "$(clevis decrypt <sealed)" = secret ]
tpm2_pcrextend 16:sha256=0000000000000000000000000000000000000000000000000000000000000001
if clevis decrypt <sealed; then exit 1; fi
tpm2_pcrreset 16
[ "$(clevis decrypt <sealed)" = secret ]
