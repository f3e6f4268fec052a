/* SPDX-License-Identifier: BSD-3-Clause */
/* A policy that was accepted is applied to a launch; none at all allows it, so that each no has a
 * member to blame. */
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "verify/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char launch_text[] =
	"{\"class\": \"default\", \"image-digest\": \"sha256:aa\", \"argument\": [\"/bin/sh\"]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(policy_freep) struct policy *policy = NULL;
	cleanup_with(json_decrefp) json_t *launch = json_loads(launch_text, 0, NULL);
	struct pcr_values pcrs = { .count = 0 };
	const struct policy_facts facts = { .launch = launch, .pcrs = &pcrs, .age = 1 };
	struct error err = { "" };

	if (policy_parse((const char *)data, size, &policy, NULL) < 0)
		return 0;
	if (policy_apply(policy, &facts, &err) < 0 && err.text[0] == '\0')
		abort();
	return 0;
}
