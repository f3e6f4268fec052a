/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's state directory: locked before anything is read, one sealed file per kind of state.
 * The format is vtpm-state(5).
 */
#ifndef VTPM_TPM_STATE_H
#define VTPM_TPM_STATE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "tpm/tpm.h"
#include "util/cleanup.h"

struct error;
struct state;
struct state_key;

struct state_options {
	const char *dir; /* made with 0700 when it is missing; its parent must exist */
	enum tpm_version version;
	const struct state_key *key; /* borrowed until state_open() returns */
	bool sync;                   /* a store is on disk when it returns */
	uid_t uid;                   /* who owns what is made; (uid_t)-1: whoever we are */
	gid_t gid;
	/* Called on the storing thread before it waits for the disk; NULL: nobody wants to know. */
	void (*before_wait)(void *context);
	void *context;
};

/*
 * Opens and locks DIR, and unlocks the permanent state with the key. Nothing in DIR is changed when
 * it fails, nor before the first store. -EBUSY: another process has it; -EKEYREJECTED: wrong key,
 * or a kind of key the state was not made with; -EBADMSG: corrupt; -EMEDIUMTYPE: a state of the
 * other TPM version.
 */
int state_open(const struct state_options *options, struct state **ret, struct error *err);
void state_close(struct state *state);
DEFINE_CLEANUP(struct state, state_close);

/* The storage that tpm_start() wants; it borrows STATE. */
struct tpm_storage state_storage(struct state *state);

/* Why the last load or store failed; an empty text when it did not. */
const char *state_last_error(const struct state *state);

struct state_info {
	const char *dir;
	const char *encryption;     /* "password", "key", "host-key", "plain" */
	uint64_t generation;        /* of the permanent state; 0: nothing is stored yet */
	struct timespec last_store; /* wall clock; zero: none since the start */
	uint64_t stores;
};
void state_get_info(const struct state *state, struct state_info *ret);

#endif
