/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is measured at a launch: events, and a list of them as bytes. Pure; vtpm-eventlog(5) is the
 * format.
 *
 * An event is the content of a record of TCG's Canonical Event Log, one TLV in another: the outer
 * type says whose event it is, the inner one which. What a bank is extended with is the hash of
 * both. A TLV is a byte, a length of 32 bits, big-endian, and so many bytes.
 */
#ifndef VTPM_VERIFY_LOG_EVENT_H
#define VTPM_VERIFY_LOG_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

#define CEL_TLV_HEADER 5

/* The registers: what the host says of itself, and what it says of the container. */
#define CEL_PCR_HOST 12
#define CEL_PCR_CONTAINER 13

/* The most that an event has (an argument has at most 128 KiB, as Linux has it), and a log. */
#define CEL_EVENT_MOST (192 * 1024)
#define CEL_LOG_MOST (4 * 1024 * 1024)

/* Outer types. */
enum cel_content {
	CEL_CONTAINER = 80, /* as go-tpm-tools' package cel has them; all in register 13 but the
			       separator */
	CEL_VTPM = 86,      /* ours */
};

/* Inner types of CEL_CONTAINER; what has no name here is in none of our logs. All are text. */
enum cel_container_event {
	CEL_IMAGE_REFERENCE = 0,
	CEL_IMAGE_DIGEST = 1, /* "sha256:" and hex digits */
	CEL_IMAGE_ID = 3,
	CEL_ARGUMENT = 4,    /* one each, in order */
	CEL_ENVIRONMENT = 5, /* "NAME=VALUE", of variables that the class lists */
	CEL_SEPARATOR = 8,   /* empty; ends what the host says, in both registers */
};

/* Inner types of CEL_VTPM. */
enum cel_vtpm_event {
	/* Register 12. */
	CEL_PRODUCT = 0,    /* text, "vtpm-cuse 1.0" */
	CEL_LIBRARY = 1,    /* text, "libtpms 0.9.2" */
	CEL_HOST = 2,       /* a SHA-256, salted, of the machine's id */
	CEL_BOOT = 3,       /* text, the kernel's id of this boot */
	CEL_CLASS = 4,      /* text, the class's name */
	CEL_CLASS_FILE = 5, /* the SHA-256 of the class's file */
	CEL_RUNTIME = 6,    /* text, what the runtime was called by */
	CEL_ENGINE = 7,     /* text, the engine's name, where it is known */
	CEL_ORIGIN = 8, /* text, how the TPM came to be: "new", "kept", "restored" or "recovered" */
	CEL_HOST_QUOTE = 9, /* what the host's own TPM says of the host */

	/* Register 13. */
	CEL_ENVIRONMENT_NAME = 16, /* text, a variable whose value is not told */
	CEL_MOUNT = 17,            /* canonical JSON, one each, in order */
	CEL_CONFIG = 18,           /* the SHA-256 of canonical JSON */
	CEL_ROOTFS = 19,           /* the SHA-256 of the root file system */
	CEL_FILE = 20,             /* a SHA-256, and the file's path */
	CEL_FILE_ABSENT = 21,      /* the path of a file that is not there */

	/* Both, and then nothing but the separator: registers that were zero again without a
	   launch. */
	CEL_RELAUNCH = 32, /* canonical JSON, {"count":N,"reason":"..."} */
	CEL_ATTACHED = 33, /* empty: a TPM that a running container was given */
};

struct cel_event {
	uint8_t pcr;
	uint8_t content;     /* enum cel_content */
	uint8_t type;        /* enum cel_container_event or cel_vtpm_event */
	const uint8_t *data; /* borrowed */
	size_t len;
};

/* The form of an event's data. */
enum cel_form {
	CEL_NO_FORM, /* there is no such event */
	CEL_EMPTY,
	CEL_TEXT,
	CEL_JSON,
	CEL_SHA256,
	CEL_SHA256_PATH,
	CEL_BYTES,
};

/* "argument", "relaunch" and so on; NULL for an event that we do not know. */
const char *cel_event_name(uint8_t content, uint8_t type);
enum cel_form cel_event_form(uint8_t content, uint8_t type);

/*
 * Whether EVENT describes a launch, in the register where that belongs; false for a separator, and
 * for an event that stands in a launch's place.
 */
bool cel_event_is_of_launch(const struct cel_event *event);

/* How many bytes both TLVs of EVENT have, and these bytes. */
size_t cel_content_size(const struct cel_event *event);
void cel_content_write(const struct cel_event *event, uint8_t *bytes);

/*
 * Reads both TLVs that BYTES begin with; RET borrows them, and its register is left alone. Returns
 * their size; -EINVAL: one is cut short or too long, the inner one does not fill the outer one, or
 * the outer type is unknown. Inner types are not checked.
 */
int cel_content_parse(const uint8_t *bytes, size_t len, struct cel_event *ret);

/* A list of events that are still to be logged: a byte for the register, and the content, each. */
struct cel_list {
	uint8_t *bytes;
	size_t len;
	size_t room;
};

/* -E2BIG: the event, or all of the list, would be too large; -ENOMEM. The list stays as it was. */
int cel_list_add(struct cel_list *list, const struct cel_event *event);
void cel_list_done(struct cel_list *list);

/*
 * Reads the event at *AT and moves on; RET borrows. 1; 0 at the end; -EINVAL, as
 * cel_content_parse(), and for another register than 12 and 13.
 */
int cel_list_next(const uint8_t *bytes, size_t len, size_t *at, struct cel_event *ret);

#endif
