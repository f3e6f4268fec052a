/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a vTPM's control socket can be asked; vtpm-control(7) has each request and its answer.
 */
#ifndef VTPM_CUSE_SERVER_REQUESTS_H
#define VTPM_CUSE_SERVER_REQUESTS_H

#include "cuse/control/control.h"

/* For control_open(); the context is the struct vtpm. */
extern const struct control_command requests_of_control[];

#endif
