/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's state directory: locked before anything is read, one sealed file per kind of state.
 * The format is vtpm-state(5).
 */
#ifndef VTPM_TPM_STATE_STATE_H
#define VTPM_TPM_STATE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tpm/state/key.h"
#include "tpm/state/format.h"
#include "tpm/state/file_bytes.h"
#include "tpm/state/info.h"
#include "tpm/tpm.h"
#include "util/cleanup.h"

struct error;
struct state;
struct uid_range;

/* A TPM that is put back into a directory: it keeps its identity, and its generations go on. */
struct state_origin {
	uint8_t id[STATE_ID_SIZE];
	uint64_t created;
	uint64_t generation;
};

struct state_options {
	/* Made with 0700 when it is missing, its parent must exist; or STATE_DIR_MEMORY. */
	const char *dir;
	int memory_fd;               /* what state_memory_make() made for it; borrowed */
	enum tpm_version version;    /* 0: that of the TPM that is there, and -ENOENT without one */
	const struct state_key *key; /* borrowed until state_open() returns */
	bool sync;                   /* a store is on disk when it returns */
	bool new_identity;           /* make a new TPM where one has been lost, or take another */
	bool read_only;              /* change nothing, not even a lock's file */
	bool old_format;             /* leave a state of an earlier format as it is */
	const uint8_t *expect_id;    /* NULL: any TPM; -ESTALE: it is another one, or none */
	const struct state_origin *origin; /* NULL: a new TPM is new; -EEXIST when there is one */
	uid_t uid;                         /* who owns what is made; (uid_t)-1: whoever we are */
	gid_t gid;
	/*
	 * The directory is to be given to UID and GID, see state_give(): it is root's,
	 * STATE_USER's, UID's or of one of these; -EPERM: of another. NULL: it stays whose it is.
	 */
	const struct uid_range *take_from;
	uint32_t store_rate; /* bytes per second, see rate.h; a store waits for its share */
	/*
	 * Called on the storing thread before it waits for a disk that may be slow (see pace.h), or
	 * for its share; at times more than once in a store. NULL: nobody wants to know.
	 */
	void (*before_wait)(void *context);
	void *context;
};

/*
 * Opens and locks DIR, and unlocks the permanent state with the key. Nothing in DIR but .lock is
 * changed when it fails, nor before the first store, unless the state was of an earlier format.
 * -EBUSY: another process has it; -EKEYREJECTED: wrong key, or a kind of key the state was not made
 * with; -EBADMSG: corrupt; -EMEDIUMTYPE: a state of the other TPM version; -EEXIST, -ESTALE: see
 * new_identity.
 */
int state_open(const struct state_options *options, struct state **ret, struct error *err);
/*
 * As root, and before there are other threads: gives the directory and the TPM's files in it to UID
 * and GID of the options, when it is to be given. *TAKEN_FROM gets whose it was.
 */
int state_give(struct state *state, uid_t *taken_from, struct error *err);

/*
 * From here on it serves the device NAME, which it borrows and tells whoever finds the directory in
 * use, and the directory is where it stays: when it is moved, or one above it, that is what
 * state_check() and stores find. Call it once this process sees the mounts that it will see.
 */
int state_settle(struct state *state, const char *name);

void state_close(struct state *state);
DEFINE_CLEANUP(struct state, state_close);

/* The storage that tpm_start() wants; it borrows STATE. */
struct tpm_storage state_storage(struct state *state);

/* Why the last load or store failed; an empty text when it did not. For the storing thread. */
const char *state_last_error(const struct state *state);

/* The directory, for as long as STATE is open. */
int state_dir(const struct state *state);

/* From any thread. */
void state_get_info(const struct state *state, struct state_info *ret);

/*
 * Whether directory and permanent state are still ours and as we left them; the result is in the
 * information, too. -EBADMSG: the next store makes the file anew; -ESTALE: they are not ours any
 * more, and no store succeeds. For the storing thread.
 */
int state_check(struct state *state, struct error *err);

/*
 * The bytes of a file with the volatile state DATA, good for this generation of the permanent
 * state. Where that is in memory, and gone with the server, it comes first.
 */
int state_save_volatile(struct state *state, const uint8_t *data, size_t len, struct wiped *ret,
			struct error *err);

/*
 * The next load of volatile state gives what these BYTES hold. -ESTALE: the permanent state was
 * stored since; -EKEYREJECTED, -EBADMSG: they are not this state's. After a successful start
 * a store sees to it that they are not used twice.
 */
int state_resume(struct state *state, const uint8_t *bytes, size_t len, struct error *err);

#endif
