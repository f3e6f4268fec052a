#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The kernel's own suite for its driver, tools/testing/selftests/tpm2, if $VTPM_KERNEL_SELFTESTS says where it is: of
# Debian's packages only that of the kernel's source has it. "scripts/check --all" takes it out of there.
set -euo pipefail
[ -n "${VTPM_KERNEL_SELFTESTS:-}" ] || exit 78
need /usr/bin/python3

case $NODE in
/dev/tpm0) suites=(tpm2_tests.SmokeTest tpm2_tests.AsyncTest) ;;
*) suites=(tpm2_tests.SpaceTest) ;;
esac
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$VTPM_KERNEL_SELFTESTS /usr/bin/python3 -m unittest -v "${suites[@]}"
