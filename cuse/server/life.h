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
 * Opens all of it; the device is usable when this returns 0. SETTINGS is borrowed. What needs root
 * happens in here.
 */
int vtpm_open(const struct settings *settings, struct vtpm **ret, struct error *err);

/* Serves until SIGTERM, SIGINT or vtpm-ctl stop. */
int vtpm_serve(struct vtpm *vtpm, struct error *err);

/* Ends it in order: nothing acknowledged is lost, every request is answered. */
void vtpm_close(struct vtpm *vtpm);
DEFINE_CLEANUP(struct vtpm, vtpm_close);

#endif
