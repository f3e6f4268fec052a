/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands of vtpm-ctl. Each gets the options and, if it takes one, the vTPM's name. */
#ifndef VTPM_CUSE_CTL_CTL_H
#define VTPM_CUSE_CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

struct ctl_options {
	const char *out, *as, *output, *listen, *pcap;
	uint32_t interval;
	bool json, stop, remove, once, secrets, help, version;
};

typedef int ctl_command(const struct ctl_options *options, const char *name, struct error *err);

/* In status.c. */
ctl_command ctl_list;
ctl_command ctl_status;

/* Prints JSON, indented; FLAGS are further flags of json_dumpf(). */
void ctl_print_json(const json_t *json, size_t flags);

/* In metrics.c, top.c and trace.c. */
ctl_command ctl_metrics;
ctl_command ctl_top;
ctl_command ctl_trace;

/* In cdi.c. */
ctl_command ctl_cdi;

/* In event_log.c. */
ctl_command ctl_event_log;

/* In commands.c. */
ctl_command ctl_cancel;
ctl_command ctl_freeze;
ctl_command ctl_recover;
ctl_command ctl_save;
ctl_command ctl_stop;
ctl_command ctl_thaw;

#endif
