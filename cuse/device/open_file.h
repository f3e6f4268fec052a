/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One open of a node, with the rules of Linux's drivers/char/tpm/tpm-dev-common.c. Pure state: no
 * lock, no TPM, no FUSE; the caller guards it.
 *
 *   state    write(command)             read(size)                   poll  done        120 s
 *   -------  -------------------------  ---------------------------  ----  ----------  -----
 *   IDLE     -> BUSY                    0                            OUT   -           -
 *   BUSY     EBUSY                      waits for done               none  -> READY    -
 *   READY    EBUSY                      bytes; rest -> PARTIAL,      IN    -           -> IDLE
 *                                       all or size 0 -> IDLE
 *   PARTIAL  rest dropped, -> BUSY      as READY                     IN    -           -> IDLE
 *
 * Every state checks a write in this order: E2BIG for more than 4096 bytes, EBUSY, EINVAL for less
 * than 6 bytes or less than the header's length. A command that fails without a response makes the
 * state READY with its errno: one read returns the errno, and the state is IDLE. A blocking write
 * returns that errno itself, and the state is IDLE at once.
 */
#ifndef VTPM_CUSE_DEVICE_OPEN_FILE_H
#define VTPM_CUSE_DEVICE_OPEN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tpm/command.h"

/* How long a response waits for its reader, in ticks of one second. */
#define OPEN_FILE_TICKS 120

enum open_state {
	OPEN_IDLE,
	OPEN_BUSY,
	OPEN_READY,
	OPEN_PARTIAL,
};

struct open_file {
	enum open_state state;
	size_t command_len;              /* BUSY: the length in the header, not that of the write */
	int error;                       /* READY: a negative errno instead of a response */
	size_t offset;                   /* READY, PARTIAL: where the rest of the response begins */
	size_t left;                     /* READY, PARTIAL: how many bytes are left */
	unsigned int age;                /* READY, PARTIAL: ticks since the response came */
	uint8_t buffer[TPM_COMMAND_MAX]; /* the command, then its response */
};

/* Takes a command: 0, and the state is BUSY; or -E2BIG, -EBUSY, -EINVAL without a change. */
int open_file_write(struct open_file *file, const uint8_t *data, size_t len);

/*
 * Reads up to LEN bytes of the response to DATA. Returns their number (0: no response) or the errno
 * of a failed command. -EINPROGRESS: the state is BUSY, and the reader has to wait.
 */
ssize_t open_file_read(struct open_file *file, uint8_t *data, size_t len);

/* EPOLLIN and companions, EPOLLOUT and companions, or 0. */
uint32_t open_file_poll(const struct open_file *file);

/* Ends the command and copies its response; LEN is at most TPM_COMMAND_MAX. */
void open_file_done(struct open_file *file, const uint8_t *response, size_t len);

/* Ends a command without a response. REPORTED: its writer got ERROR, so no reader will. */
void open_file_failed(struct open_file *file, int error, bool reported);

/* Counts one second; true: nobody read the response in time, and it was dropped. */
bool open_file_tick(struct open_file *file);

/* Whether open_file_tick() has anything to count. */
bool open_file_has_response(const struct open_file *file);

#endif
