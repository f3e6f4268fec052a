/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The life of one vTPM: its parts put together, served, and taken apart.
 */
#ifndef VTPM_CUSE_SERVER_LIFE_H
#define VTPM_CUSE_SERVER_LIFE_H

#include "cuse/server/settings.h"
#include "util/cleanup.h"

struct error;
struct vtpm;

/*
 * Opens all parts, including everything that needs root. When this returns 0, the device is usable.
 * Borrows SETTINGS.
 */
int vtpm_open(const struct settings *settings, struct vtpm **ret, struct error *err);

/* Serves until SIGTERM, SIGINT or vtpm-ctl stop. */
int vtpm_serve(struct vtpm *vtpm, struct error *err);

/* Ends the vTPM in order: no acknowledged change is lost, and every request is answered. */
void vtpm_close(struct vtpm *vtpm);
DEFINE_CLEANUP(struct vtpm, vtpm_close);

#endif
