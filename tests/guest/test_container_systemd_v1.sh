#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --systemd --cgroup v1
#
# The same where systemd has cgroup v1 for the controllers and v2 beside them.

. "$SRCDIR/tests/guest/test_container_systemd.sh"
