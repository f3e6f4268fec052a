/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What there is to tell of a state while it is in use.
 */
#ifndef VTPM_TPM_STATE_INFO_H
#define VTPM_TPM_STATE_INFO_H

#include <stdint.h>
#include <time.h>

#include "tpm/state/format.h"
#include "util/durations.h"
#include "util/error.h"

struct state_info {
	const char *dir;
	const char *encryption; /* "password", "key", "host-key", "plain" */
	enum tpm_version version;
	uint8_t id[STATE_ID_SIZE]; /* made with the TPM, kept for its life */
	time_t created;
	uint64_t generation; /* of the permanent state; 0: nothing is stored yet */
	time_t stored;       /* when that was, by whoever stored it */
	uint64_t stores;     /* since the start */
	uint64_t store_failures;
	struct durations store_times; /* of those that succeeded */
	struct error warning;         /* "": nothing the administrator should know */
	struct error degraded;        /* "": the last store of permanent state went well */
};

#endif
