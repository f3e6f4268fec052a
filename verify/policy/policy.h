/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A verifier's policy for a TPM that has proved what it is and what was measured: an object of
 * JSON; see vtpm-verify(1). Pure.
 */
#ifndef VTPM_VERIFY_POLICY_POLICY_H
#define VTPM_VERIFY_POLICY_POLICY_H

#include <jansson.h>
#include <stddef.h>

#include "util/cleanup.h"
#include "verify/quote/pcr_values.h"

struct error;
struct policy;

#define POLICY_TEXT_MOST (1 << 20)

/* -EINVAL: it is no policy; a member that is unknown is a mistake, too. TEXT NULL: an empty one. */
int policy_parse(const char *text, size_t len, struct policy **ret, struct error *err);
void policy_free(struct policy *policy);
DEFINE_CLEANUP(struct policy, policy_free);

/* Whether the TPM may have been reset since an earlier report. */
bool policy_allows_reset(const struct policy *policy);

/* What was proved. All pointers are borrowed. */
struct policy_facts {
	const json_t *launch; /* as launch_read() makes it; NULL: there is no event log */
	const struct pcr_values *pcrs;
	const char *host_ak; /* the name of the key by which the host's TPM vouches; NULL: none */
	const struct pcr_values *host_pcrs; /* with HOST_AK, the host's registers */
	int64_t age; /* in seconds since the challenge; negative: there was none */
};

/* -EPERM: the policy does not allow it; the sentence says what. */
int policy_apply(const struct policy *policy, const struct policy_facts *facts, struct error *err);

#endif
