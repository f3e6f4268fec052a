/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/command_line.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/lease/lease.h"
#include "runtime/server/launch.h"

__attribute__((format(printf, 2, 3))) static void add(struct command_line *line, const char *format,
						      ...)
{
	size_t left = sizeof(line->text) - line->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line->text + line->used, left, format, args);
	va_end(args);
	/* All words are bounded, and the sum of the bounds is less than what there is. */
	assert(n >= 0 && (size_t)n < left && line->count < COMMAND_LINE_WORDS);
	line->argv[line->count++] = line->text + line->used;
	line->argv[line->count] = NULL;
	line->used += (size_t)n + 1;
}

static void add_option(struct command_line *line, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	add(line, "%s", name);
	add(line, "%s", value);
}

static void add_number(struct command_line *line, const char *name, uint32_t value)
{
	add(line, "%s", name);
	add(line, "%u", value);
}

static void add_common(struct command_line *line, const struct launch *launch)
{
	add_option(line, "--state",
		   vtpm_entry_in_memory(launch->entry) ? "memory:" : launch->vtpm->state_path);
	add_option(line, "--tpm-version", vtpm_entry_is_tpm12(launch->entry) ? "1.2" : "2.0");
	if (launch->key_fd >= 0) {
		add(line, "--password");
		add(line, "fd=%d", launch->key_fd);
	} else {
		add_option(line, "--password", launch->entry->password);
	}
}

/* How a new TPM is made; CERTS is the program's option for its certificates. */
static void add_manufacture(struct command_line *line, const struct launch *launch,
			    const char *certs)
{
	const struct vtpm_entry *entry = launch->entry;

	add(line, "%s=%s", certs, entry->create_certs ? "ek,platform" : "none");
	if (entry->create_certs) {
		add_option(line, "--vmid", launch->vtpm->nodes[0].name);
		add(line, "--lock-nvram");
		add_option(line, "--ca-dir", entry->ca_dir);
	} else if (!vtpm_entry_is_tpm12(entry)) { /* which cannot be without */
		add_option(line, "--ek", "none");
	}
	add_option(line, "--pcr-banks", entry->pcr_banks);
}

bool command_line_manufactures(const struct vtpm_entry *entry)
{
	return entry->create_certs || entry->pcr_banks != NULL;
}

void command_line_setup(struct command_line *line, const struct launch *launch)
{
	line->count = line->used = 0;
	add(line, "%s", launch->programs->setup);
	add(line, "manufacture");
	add_common(line, launch);
	add(line, "--not-overwrite");
	add_option(line, "--owner", launch->entry->run_as);
	add_manufacture(line, launch, "--certs");
}

/* An attached vTPM ends with the first process, whatever is left of the container. */
static void add_follow(struct command_line *line, const struct lease *lease)
{
	add_option(line, "--follow-cgroup", lease->freezer);
	if (lease->attached)
		return;
	add_option(line, "--follow-state", lease->state_dir);
	add_option(line, "--follow-bundle", lease->bundle);
	add_option(line, "--follow-rootfs", lease->rootfs);
}

void command_line_serve(struct command_line *line, const struct launch *launch)
{
	const struct server_owner *owner = launch->owner;
	const struct lease_vtpm *vtpm = launch->vtpm;

	line->count = line->used = 0;
	add(line, "%s", launch->programs->server);
	add_common(line, launch);
	add_option(line, "--run-as", launch->entry->run_as);
	add_option(line, "--expect-identity", vtpm_entry_identity(launch->entry));
	add_option(line, "--uid-range", launch->entry->uid_range);
	if (launch->entry->store_rate > 0)
		add_number(line, "--store-rate", (uint32_t)launch->entry->store_rate);
	add_number(line, "--ready-fd", (uint32_t)launch->ready_end);
	add_option(line, "--name", vtpm->nodes[0].name);
	add_number(line, "--major", vtpm->major);
	add_number(line, "--minor", vtpm->nodes[0].minor);
	if (vtpm->node_count > 1) {
		add(line, "--resource-manager=%s", vtpm->nodes[1].name);
		add_number(line, "--resource-manager-minor", vtpm->nodes[1].minor);
	}
	add(line, "--log-file");
	add(line, "%s/%s.log", launch->programs->run_dir, vtpm->nodes[0].name);
	if (launch->events_fd >= 0) {
		add(line, "--measure");
		if (launch->vouch_end >= 0)
			add(line, "fd=%d,host=%d", launch->events_fd, launch->vouch_end);
		else
			add(line, "fd=%d", launch->events_fd);
	} else {
		add_option(line, "--measure", launch->measure);
	}
	if (launch->lock_fd >= 0)
		add_number(line, "--lock-fd", (uint32_t)launch->lock_fd);
	/* Only the server can make a TPM in its own memory. */
	if (vtpm_entry_in_memory(launch->entry) && command_line_manufactures(launch->entry))
		add_manufacture(line, launch, "--create-certs");
	add_follow(line, owner->lease);
	if (owner->init_fd >= 0)
		add_number(line, "--follow-pid", (uint32_t)owner->init_fd);
	if (owner->runtime_fd >= 0)
		add_number(line, "--follow-runtime", (uint32_t)owner->runtime_fd);
}
