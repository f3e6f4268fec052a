#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tpm2-pytss: Python's ESAPI.
set -euo pipefail
need /usr/bin/python3
/usr/bin/python3 -c 'import tpm2_pytss' 2>/dev/null || exit 77

/usr/bin/python3 - "device:$NODE" <<'END'
import sys
from tpm2_pytss import ESAPI, TPM2B_PUBLIC, TPM2B_SENSITIVE_CREATE

with ESAPI(sys.argv[1]) as esys:
    assert len(bytes(esys.get_random(16))) == 16
    primary, *_ = esys.create_primary(TPM2B_SENSITIVE_CREATE(), "ecc")
    template = TPM2B_PUBLIC.parse(
        "ecc:ecdsa", "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign"
    )
    private, public, *_ = esys.create(primary, TPM2B_SENSITIVE_CREATE(), template)
    key = esys.load(primary, private, public)
    name = esys.read_public(key)[1]
    assert len(bytes(name)) == 34
    context = esys.context_save(key)
    esys.flush_context(key)
    key = esys.context_load(context)
    assert bytes(esys.read_public(key)[1]) == bytes(name)
    esys.flush_context(key)
    esys.flush_context(primary)
END
