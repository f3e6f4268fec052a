#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 900 --cgroup v1
#
# What goes wrong, and certificates, with cgroup v1.

. "$SRCDIR/tests/guest/test_container_errors.sh"
. "$SRCDIR/tests/guest/test_container_crash.sh"
. "$SRCDIR/tests/guest/test_container_certs.sh"
