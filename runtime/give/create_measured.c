/* SPDX-License-Identifier: BSD-3-Clause */
/* Collects the events of a measured launch: the host's part and the container's. */
#include "runtime/give/create_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/config/entry.h"
#include "runtime/config/measure.h"
#include "runtime/config/oci_state.h"
#include "runtime/lease/lease.h"
#include "runtime/life/hook.h"
#include "runtime/server/launch.h"
#include "util/error.h"
#include "util/file.h"
#include "util/sha256.h"
#include "verify/log/event.h"

#define MACHINE_ID "/etc/machine-id"
#define MACHINE_SALT "vtpm-cuse host 1:"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define ID_MOST 64
#define CALL_MOST (1 << 20)

static int add(struct cel_list *list, uint8_t type, const void *data, size_t len, struct error *err)
{
	const struct cel_event event = { CEL_PCR_HOST, CEL_VTPM, type, data, len };
	int r = cel_list_add(list, &event);

	return r < 0 ? error_set(err, -r, "measure the launch") : 0;
}

/* Adds nothing for NULL. */
static int add_text(struct cel_list *list, uint8_t type, const char *text, struct error *err)
{
	return text == NULL ? 0 : add(list, type, text, strlen(text), err);
}

/* Reads a file of one line, without the newline. */
static int read_id(const char *path, char ret[static ID_MOST + 1], struct error *err)
{
	cleanup_free char *text = NULL;
	int r = read_path(path, ID_MOST, &text, NULL);

	if (r < 0)
		return error_set(err, -r, "read %s", path);
	(void)snprintf(ret, ID_MOST + 1, "%.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

/* A host without an id of its own gets no such event. */
static int add_host(struct cel_list *list, struct error *err)
{
	char id[ID_MOST + 1], salted[sizeof(MACHINE_SALT) + ID_MOST];
	uint8_t digest[SHA256_SIZE];

	if (read_id(MACHINE_ID, id, NULL) < 0 || id[0] == '\0')
		return 0;
	(void)snprintf(salted, sizeof(salted), MACHINE_SALT "%s", id);
	sha256_of(salted, strlen(salted), digest);
	return add(list, CEL_HOST, digest, sizeof(digest), err);
}

static int add_boot(struct cel_list *list, struct error *err)
{
	char id[ID_MOST + 1];
	int r = read_id(BOOT_ID, id, err);

	return r < 0 ? r : add_text(list, CEL_BOOT, id, err);
}

/*
 * Uses the name by which the runtime was called: the path of its program tells nothing when it runs
 * a copy of itself.
 */
static int add_runtime(const struct process *runtime, struct cel_list *list, struct error *err)
{
	cleanup_free char *words = NULL;
	struct runtime_call call;
	char path[32];
	size_t len;
	int r;

	if (runtime->pid == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", runtime->pid);
	r = read_path(path, CALL_MOST, &words, &len);
	if (r == 0)
		r = runtime_call_parse(words, len, &call);
	if (r < 0)
		return error_set(err, -r, "read %s", path);
	return add_text(list, CEL_RUNTIME, call.program, err);
}

static const char *origin_of(const struct launch *launch)
{
	return launch->vtpm->created || vtpm_entry_in_memory(launch->entry) ? "new" : "kept";
}

static int add_class(const struct class_claim *claim, struct cel_list *list, struct error *err)
{
	int r;

	if (claim == NULL)
		return 0;
	r = add_text(list, CEL_CLASS, claim->class, err);
	return r < 0 ? r : add(list, CEL_CLASS_FILE, claim->digest, SHA256_SIZE, err);
}

static int add_host_part(const struct creation *creation, const struct launch *launch,
			 struct cel_list *list, struct error *err)
{
	const struct runtime_root *root = &creation->hook->root;
	int r = add_text(list, CEL_ORIGIN, origin_of(launch), err);

	if (r == 0)
		r = add_host(list, err);
	if (r == 0)
		r = add_boot(list, err);
	if (r == 0)
		r = add_class(launch->entry->claim, list, err);
	if (r == 0)
		r = add_runtime(&root->runtime, list, err);
	if (r == 0)
		r = add_text(list, CEL_ENGINE,
			     cri_engine_name(admin_config_engine(&creation->admin, root->path)),
			     err);
	return r;
}

static int add_image(const struct creation *creation, struct cel_list *list, struct error *err)
{
	const char *root = creation->hook->root.path;
	struct image_names names;
	int r = annotations_image(creation->state->annotations,
				  admin_config_engine(&creation->admin, root), &names, err);

	return r < 0 ? r : measure_image(&names, list, err);
}

static int add_config(const struct creation *creation, const struct vtpm_entry *entry,
		      struct cel_list *list, struct error *err)
{
	const struct measure_request request = { .config = creation->container.json,
						 .id = creation->state->id,
						 .variables = entry->measure.variables,
						 .entries = creation->entries,
						 .count = creation->count };

	return measure_config(&request, list, err);
}

static int add_all(const struct creation *creation, const struct launch *launch,
		   struct cel_list *list, struct error *err)
{
	const struct entry_measure *measure = &launch->entry->measure;
	int r = add_host_part(creation, launch, list, err);

	if (r == 0 && measure->image)
		r = add_image(creation, list, err);
	if (r == 0 && measure->config)
		r = add_config(creation, launch->entry, list, err);
	return r < 0 ? r : creation_add_files(creation, measure, list, err);
}

/* Puts the events into a file in memory, which the server reads to its end. */
static int keep_events(const struct cel_list *list, int *ret, struct error *err)
{
	*ret = memory_file("vtpm-launch", MFD_CLOEXEC, list->bytes, list->len);
	return *ret < 0 ? error_set(err, -*ret, "keep the events of the launch") : 0;
}

void creation_measure(const struct creation *creation, struct launch *launch)
{
	__attribute__((cleanup(cel_list_done))) struct cel_list list = { 0 };
	int r = 0;

	if (!vtpm_entry_is_measured(launch->entry) || launch->result < 0)
		return;
	launch->vtpm->launches = 1;
	if (creation->running != NULL) {
		(void)strcpy(launch->measure, "attached");
		return;
	}
	r = add_all(creation, launch, &list, &launch->err);
	if (r == 0)
		r = keep_events(&list, &launch->events_fd, &launch->err);
	launch->result = r;
}
