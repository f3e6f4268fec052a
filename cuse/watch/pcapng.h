/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands and responses as a capture for Wireshark: pcapng, in which each open of the device is a
 * TCP connection to port 2321 of 127.0.0.1, and each command and response a segment, as if a TPM
 * were served there the way swtpm does it. Wireshark's dissector "tpm" looks at that port.
 */
#ifndef VTPM_CUSE_CTL_PCAPNG_H
#define VTPM_CUSE_CTL_PCAPNG_H

#include <stdio.h>

#include "tpm/record.h"

/* Opens whose numbers differ by a multiple of this share a connection and its byte counters. */
#define PCAPNG_CONNECTIONS 4096

struct pcapng {
	FILE *out;                            /* borrowed */
	uint32_t sent[PCAPNG_CONNECTIONS][2]; /* bytes of commands, of responses */
};

/* NAME is the device's name. The caller checks for failed writes by ferror(). */
void pcapng_begin(struct pcapng *pcapng, FILE *out, const char *name);

/* NODE is the name of the node that the record came from. */
void pcapng_add(struct pcapng *pcapng, const struct record *record, const char *node);

#endif
