/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/command_line.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/lease/lease.h"
#include "runtime/server/start.h"

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

static void add_common(struct command_line *line, const struct server *server)
{
	add_option(line, "--state", server->vtpm->state_path);
	add_option(line, "--tpm-version", vtpm_entry_is_tpm12(server->entry) ? "1.2" : "2.0");
	if (server->key_fd >= 0) {
		add(line, "--password");
		add(line, "fd=%d", server->key_fd);
	} else {
		add_option(line, "--password", server->entry->password);
	}
}

void command_line_setup(struct command_line *line, const struct server *server,
			const struct server_programs *programs)
{
	line->count = line->used = 0;
	add(line, "%s", programs->setup);
	add(line, "manufacture");
	add_common(line, server);
	add(line, "--not-overwrite");
	add_option(line, "--owner", server->entry->run_as);
	add_option(line, "--vmid", server->vtpm->name);
	if (server->entry->create_certs) {
		add(line, "--lock-nvram");
		add_option(line, "--ca-dir", server->entry->ca_dir);
	} else {
		if (!vtpm_entry_is_tpm12(server->entry)) /* which cannot be without */
			add_option(line, "--ek", "none");
		add_option(line, "--certs", "none");
	}
	add_option(line, "--pcr-banks", server->entry->pcr_banks);
}

void command_line_serve(struct command_line *line, const struct server *server,
			const struct server_programs *programs)
{
	const struct server_owner *owner = server->owner;
	const struct lease_vtpm *vtpm = server->vtpm;

	line->count = line->used = 0;
	add(line, "%s", programs->server);
	add_common(line, server);
	add_option(line, "--run-as", server->entry->run_as);
	add_number(line, "--ready-fd", (uint32_t)server->ready_end);
	add_option(line, "--name", vtpm->name);
	add_number(line, "--major", vtpm->major);
	add_number(line, "--minor", vtpm->minor);
	if (vtpm->twin[0] != '\0') {
		add(line, "--resource-manager=%s", vtpm->twin);
		add_number(line, "--resource-manager-minor", vtpm->twin_minor);
	}
	add(line, "--pid-file");
	add(line, "%s/%s.pid", programs->run_dir, vtpm->name);
	add(line, "--log-file");
	add(line, "%s/%s.log", programs->run_dir, vtpm->name);
	add_number(line, "--lock-fd", (uint32_t)server->lock_fd);
	add_option(line, "--follow-cgroup", owner->lease->freezer);
	add_option(line, "--follow-state", owner->lease->state_dir);
	if (owner->init_fd >= 0)
		add_number(line, "--follow-pid", (uint32_t)owner->init_fd);
	if (owner->runtime_fd >= 0)
		add_number(line, "--follow-runtime", (uint32_t)owner->runtime_fd);
}
