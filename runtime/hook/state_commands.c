/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook state: states that outlive their containers. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>

#include "runtime/config/members.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/output.h"
#include "runtime/hook/settings.h"
#include "runtime/host/kept.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/life/hook.h"
#include "runtime/life/keep.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/dir.h"
#include "util/error.h"

struct listing {
	struct lease_book *book;
	json_t *states;
};

/* What the files take on their disk. */
static int64_t size_of(const char *path)
{
	cleanup_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_with(closedirp) DIR *stream = dir >= 0 ? open_entries(dir) : NULL;
	int64_t blocks = 0;
	struct stat st;

	for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
		if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			blocks += st.st_blocks;
	}
	return blocks * 512;
}

static json_t *date_of(int64_t since)
{
	char text[UTC_TEXT_SIZE];

	if (since == 0)
		return json_null();
	utc_text(since, text);
	return json_string(text);
}

static void add(const struct kept *kept, void *context)
{
	struct listing *listing = context;
	const char *user = lease_index_state_owner(lease_book_index(listing->book), kept->path);
	json_t *one =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:I}", "path", kept->path, "class",
			  kept->class, "life", kept->anchor[0] != '\0' ? "container" : "named",
			  "owner", kept->owner, "container", kept->container, "used", user != NULL,
			  "since", date_of(kept->since), "size", (json_int_t)size_of(kept->path));

	(void)json_array_append_new(listing->states, one);
}

static int print_state(json_t *state)
{
	const char *since = output_text(state, "since");
	json_int_t size = json_integer_value(json_object_get(state, "size"));

	return printf("%-16s %-9s %-16s %-12.12s %-4s %-20s %7" JSON_INTEGER_FORMAT " %s\n",
		      output_text(state, "class"), output_text(state, "life"),
		      output_text(state, "owner"), output_text(state, "container"),
		      json_is_true(json_object_get(state, "used")) ? "yes" : "no",
		      since != NULL ? since : "-", (size + 1023) / 1024,
		      output_text(state, "path"));
}

static int print_table(json_t *states)
{
	json_t *state;
	size_t i;

	(void)printf("%-16s %-9s %-16s %-12.12s %-4s %-20s %7s %s\n", "CLASS", "LIFE", "OWNER",
		     "CONTAINER", "USED", "SINCE", "KiB", "PATH");
	json_array_foreach(states, i, state)
	{
		if (print_state(state) < 0)
			return -EIO;
	}
	return 0;
}

static int print_states(const struct server_programs *programs, bool as_json, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_json json_t *states = json_array();
	struct listing listing = { .states = states };
	int r = lease_book_open(programs->run_dir, &book, err);

	if (r < 0)
		return r;
	listing.book = book;
	kept_each(programs->lib_dir, add, &listing);
	r = as_json ? output_print(states) : print_table(states);
	return r < 0 ? error_set(err, -r, "print the states") : 0;
}

int command_state_list(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	int r = hook_settings_apply(settings, &hook, err);

	return r < 0 ? r : print_states(&hook.programs, settings->json, err);
}

int command_state_remove(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	struct kept kept;
	int r;

	if (settings->operand == NULL)
		return error_say(err, EINVAL, "state remove needs a path; see state list");
	r = hook_settings_apply(settings, &hook, err);
	if (r < 0)
		return r;
	if (kept_read(hook.programs.lib_dir, settings->operand, &kept) < 0)
		return error_say(err, ENOENT, "no state that is kept is at %s", settings->operand);
	return kept_state_remove(&hook.programs, settings->operand, err);
}
