/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/name_hash.h"
#include "util/statx.h"

#define NAME_DIGITS 32
#define RECORD_MAX (16 << 10)

/* How long a container must have been away. */
#define MISSING_SECONDS 600

/* --- a record -------------------------------------------------------------------------------- */

static int read_text(json_t *json, const char *name, char *to, size_t size)
{
	const char *text = json_string_value(json_object_get(json, name));

	if (text == NULL || strlen(text) >= size)
		return -EINVAL;
	(void)strcpy(to, text);
	return 0;
}

static void read_birth(json_t *json, const char *name, struct birth *ret)
{
	json_t *birth = json_object_get(json, name);

	ret->ino = (uint64_t)json_integer_value(json_object_get(birth, "ino"));
	ret->seconds = json_integer_value(json_object_get(birth, "birth"));
}

int kept_parse(const char *text, size_t len, struct kept *ret, struct error *err)
{
	cleanup_json json_t *json = NULL;
	struct kept kept = { 0 };
	int r = object_parse(text, len, &json, err);

	if (r < 0)
		return r;
	if (read_text(json, "path", kept.path, sizeof(kept.path)) < 0 || kept.path[0] != '/' ||
	    read_text(json, "class", kept.class, sizeof(kept.class)) < 0 ||
	    read_text(json, "owner", kept.owner, sizeof(kept.owner)) < 0 ||
	    read_text(json, "container", kept.container, sizeof(kept.container)) < 0 ||
	    read_text(json, "anchor", kept.anchor, sizeof(kept.anchor)) < 0 ||
	    (kept.anchor[0] != '\0' && kept.anchor[0] != '/'))
		return error_say(err, EINVAL, "a record of a state is wrong");
	read_birth(json, "self", &kept.self);
	read_birth(json, "above", &kept.above);
	if (json_object_get(json, "identity") != NULL &&
	    read_text(json, "identity", kept.identity, sizeof(kept.identity)) < 0)
		return error_say(err, EINVAL, "a record of a state is wrong");
	kept.since = json_integer_value(json_object_get(json, "since"));
	kept.missing_since = json_integer_value(json_object_get(json, "missingSince"));
	kept.away = json_is_true(json_object_get(json, "away"));
	*ret = kept;
	return 0;
}

static json_t *format_birth(const struct birth *birth)
{
	return json_pack("{s:I, s:I}", "ino", (json_int_t)birth->ino, "birth",
			 (json_int_t)birth->seconds);
}

int kept_format(const struct kept *kept, char **ret)
{
	cleanup_json json_t *json =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:b, s:s}", "path",
			  kept->path, "class", kept->class, "owner", kept->owner, "container",
			  kept->container, "anchor", kept->anchor, "self",
			  format_birth(&kept->self), "above", format_birth(&kept->above), "since",
			  (json_int_t)kept->since, "missingSince", (json_int_t)kept->missing_since,
			  "away", (int)kept->away, "identity", kept->identity);

	*ret = json != NULL ? json_dumps(json, JSON_INDENT(4)) : NULL;
	return *ret != NULL ? 0 : -ENOMEM;
}

/* --- anchors --------------------------------------------------------------------------------- */

static int look(const char *path, struct birth *ret)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &st) < 0)
		return -errno;
	ret->ino = st.stx_ino;
	ret->seconds = (st.stx_mask & STATX_BTIME) != 0 ? st.stx_btime.tv_sec : 0;
	return 0;
}

static int look_above(const struct kept *kept, struct birth *ret)
{
	char above[PATH_MAX];

	(void)snprintf(above, sizeof(above), "%.*s",
		       (int)(strrchr(kept->anchor, '/') - kept->anchor), kept->anchor);
	return look(above[0] != '\0' ? above : "/", ret);
}

int kept_look(struct kept *kept)
{
	int r = look(kept->anchor, &kept->self);

	return r < 0 ? r : look_above(kept, &kept->above);
}

bool birth_is_same(const struct birth *a, const struct birth *b)
{
	return a->ino == b->ino && a->seconds == b->seconds;
}

static enum kept_verdict note(struct kept *kept, int64_t since)
{
	bool changed = kept->missing_since != since || kept->away;

	kept->missing_since = since;
	kept->away = false;
	return changed ? KEPT_CHANGED : KEPT_STAYS;
}

static enum kept_verdict note_away(struct kept *kept)
{
	bool changed = !kept->away;

	kept->away = true;
	return changed ? KEPT_CHANGED : KEPT_STAYS;
}

enum kept_verdict kept_judge(struct kept *kept, int64_t now)
{
	struct birth above, self;

	if (kept->anchor[0] == '\0')
		return KEPT_STAYS;
	if (look_above(kept, &above) < 0 || !birth_is_same(&above, &kept->above))
		return note_away(kept);
	/* Only its absence counts: any other failure to look at it proves nothing. */
	if (look(kept->anchor, &self) != -ENOENT)
		return note(kept, 0);
	if (kept->missing_since == 0 || kept->missing_since > now)
		return note(kept, now);
	return now - kept->missing_since >= MISSING_SECONDS ? KEPT_GONE : KEPT_STAYS;
}

/* --- files ----------------------------------------------------------------------------------- */

static int open_records(const char *lib_dir, bool make)
{
	cleanup_close int lib = -1, fd = -1;
	char dir[PATH_MAX];
	int r;

	if (snprintf(dir, sizeof(dir), "%s/kept", lib_dir) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	if (!make) {
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return fd < 0 ? -errno : take_fd(fd);
	}
	r = open_dir_all(lib_dir, 0700, &lib, NULL);
	if (r == 0)
		r = open_dir(dir, 0700, &fd, NULL);
	return r < 0 ? r : take_fd(fd);
}

int kept_write(const char *lib_dir, const struct kept *kept, struct error *err)
{
	cleanup_close int dir = open_records(lib_dir, true);
	char name[NAME_DIGITS + 1];
	cleanup_free char *text = NULL;
	int r = dir < 0 ? dir : kept_format(kept, &text);

	name_hash(kept->path, NAME_DIGITS, name);
	if (r == 0)
		r = replace_file(dir, name, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "note that %s is kept", kept->path) : 0;
}

static int read_record(int dir, const char *name, struct kept *ret)
{
	cleanup_free char *text = NULL;
	size_t len;
	int r = read_file(dir, name, RECORD_MAX, &text, &len);

	return r < 0 ? r : kept_parse(text, len, ret, NULL);
}

int kept_read(const char *lib_dir, const char *path, struct kept *ret)
{
	cleanup_close int dir = open_records(lib_dir, false);
	char name[NAME_DIGITS + 1];

	if (dir < 0)
		return dir;
	name_hash(path, NAME_DIGITS, name);
	return read_record(dir, name, ret);
}

void kept_remove(const char *lib_dir, const char *path)
{
	cleanup_close int dir = open_records(lib_dir, false);
	char name[NAME_DIGITS + 1];

	name_hash(path, NAME_DIGITS, name);
	if (dir >= 0)
		(void)unlinkat(dir, name, 0);
}

void kept_each(const char *lib_dir, kept_visit *visit, void *context)
{
	cleanup_close int dir = open_records(lib_dir, false);
	cleanup_with(closedirp) DIR *stream = dir >= 0 ? open_entries(dir) : NULL;

	for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
		char name[NAME_DIGITS + 1];
		struct kept kept;

		if (entry->d_name[0] == '.' || read_record(dir, entry->d_name, &kept) < 0)
			continue;
		name_hash(kept.path, NAME_DIGITS, name);
		if (strcmp(name, entry->d_name) == 0)
			visit(&kept, context);
	}
}
