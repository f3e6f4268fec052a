#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# guest-options: --timeout 600 --cgroup v1
#
# The same with cgroup v1, where devices.allow and freezer.state do the work.

. "$SRCDIR/tests/guest/test_container.sh"
. "$SRCDIR/tests/guest/test_container_pause.sh"
. "$SRCDIR/tests/guest/test_container_userns.sh"
. "$SRCDIR/tests/guest/test_attach.sh"
