/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/lease_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/container.h"
#include "runtime/config/oci_state.h"
#include "runtime/host/runtime_root.h"
#include "runtime/lease/reserve.h"

struct lease *lease_fixture(const char *id, uint32_t minor)
{
	struct lease *lease;

	assert_int_equal(lease_new(1, &lease), 0);
	(void)strcpy(lease->id, id);
	(void)strcpy(lease->hash, "abcdef");
	(void)strcpy(lease->bundle, "/b");
	lease->init = (struct process){ .pid = 7, .start = 99 };
	(void)sprintf(lease->vtpms[0].nodes[0].name, "tpm-abcdef-%s-0", id);
	(void)sprintf(lease->vtpms[0].nodes[1].name, "tpmrm-abcdef-%s-0", id);
	(void)strcpy(lease->vtpms[0].nodes[0].path, "/dev/tpm0");
	(void)strcpy(lease->vtpms[0].nodes[1].path, "/dev/tpmrm0");
	lease->vtpms[0].node_count = 2;
	(void)sprintf(lease->vtpms[0].state_path, "/state/%s", id);
	lease->vtpms[0].state_id = (struct file_id){ .dev = 2049, .ino = UINT64_MAX };
	lease->vtpms[0].nodes[1].point = (struct file_id){ .dev = 1, .ino = 2 };
	lease->vtpms[0].created = true;
	lease->vtpms[0].major = 120;
	lease->vtpms[0].nodes[0].minor = minor;
	lease->vtpms[0].nodes[1].minor = minor + 1;
	return lease;
}

struct vtpm_entry entry_fixture(const char *name, const char *state_path)
{
	struct vtpm_entry entry = { .name = name,
				    .state_path = state_path,
				    .resource_manager = true,
				    .major = -1,
				    .minor = -1 };

	(void)snprintf(entry.paths[0], VTPM_PATH_LEN, "/dev/tpm%s", name);
	(void)snprintf(entry.paths[1], VTPM_PATH_LEN, "/dev/tpmrm%s", name);
	entry.node_count = 2;
	return entry;
}

int lease_fixture_reserve(const struct admin_config *admin, const char *id, const char *nonce,
			  struct vtpm_entry *entries, size_t *count, struct lease **ret,
			  struct error *err)
{
	static const struct runtime_root root = { .path = "/run/runc",
						  .hash = "abcdef",
						  .known = true };
	const struct oci_state state = { .id = id, .bundle = "/bundle", .pid = getpid() };
	const struct container container = { .rootfs = "/usr" };
	const struct reserve_request request = { .run_dir = ".",
						 .admin = admin,
						 .root = &root,
						 .state = &state,
						 .container = &container,
						 .nonce = nonce };

	return reserve(&request, entries, count, admin->ignore_errors, ret, err);
}
