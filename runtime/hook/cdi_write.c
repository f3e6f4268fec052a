/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook cdi: the classes as devices in a CDI file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/cdi.h"
#include "runtime/config/class_dir.h"
#include "runtime/config/members.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"
#include "util/log.h"

#define FILE_MOST (1 << 20)

/*
 * Looks for another CDI file in DIR that has the device: 1 if there is one, and its name in FILE.
 */
static int find_clash(int dir, const char *class, char file[static NAME_MAX + 1])
{
	cleanup_with(closedirp) DIR *stream = open_entries(dir);

	if (stream == NULL)
		return -errno;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		cleanup_free char *text = NULL;
		size_t len;

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, CDI_FILE) == 0 ||
		    read_file(dir, entry->d_name, FILE_MOST, &text, &len) < 0 ||
		    !cdi_has_device(text, len, class))
			continue;
		(void)strcpy(file, entry->d_name);
		return 1;
	}
	return 0;
}

/* Whether the class can be a device here; otherwise prints why it is left out. */
static bool is_fit(const char *dir, int output, const char *name)
{
	char file[NAME_MAX + 1];
	struct vtpm_class class;
	struct error why;

	if (class_dir_read(dir, geteuid(), name, &class, &why) < 0) {
		log_warn("left out: class %s: %s", name, why.text);
		return false;
	}
	class_done(&class);
	if (!cdi_can_name(name)) {
		log_warn("left out: class %s: the name of a device ends with a letter or digit",
			 name);
		return false;
	}
	if (find_clash(output, name, file) == 1) {
		log_warn("left out: class %s: %s has a device of that name", name, file);
		return false;
	}
	return true;
}

static int write_file(int output, const char *const *classes, size_t count, const char *program,
		      json_t *args, struct error *err)
{
	cleanup_free char *text = NULL;
	int r;

	if (count == 0) {
		if (unlinkat(output, CDI_FILE, 0) < 0 && errno != ENOENT)
			return error_set(err, errno, "remove " CDI_FILE);
		return 0;
	}
	r = cdi_format(classes, count, program, args, &text, err);
	if (r < 0)
		return r;
	r = replace_file(output, CDI_FILE, text, strlen(text), 0644);
	return r < 0 ? error_set(err, -r, "write " CDI_FILE) : 0;
}

static int write_classes(const char *dir, const char *output, const char *program, json_t *args,
			 struct error *err)
{
	cleanup_free const char **fit = NULL;
	cleanup_close int fd = -1;
	size_t count = 0, fit_count = 0;
	char **names = NULL;
	int r;

	r = open_dir_all(output, 0755, &fd, err);
	if (r == 0)
		r = class_dir_names(dir, geteuid(), &names, &count, err);
	if (r < 0)
		return r;
	fit = calloc(count + 1, sizeof(*fit));
	for (size_t i = 0; fit != NULL && i < count; i++) {
		if (is_fit(dir, fd, names[i]))
			fit[fit_count++] = names[i];
	}
	r = fit == NULL ? error_set(err, ENOMEM, "write " CDI_FILE)
			: write_file(fd, fit, fit_count, program, args, err);
	class_dir_free_names(names, count);
	return r;
}

int command_cdi(const struct hook_settings *settings, struct error *err)
{
	cleanup_json json_t *args = json_array();
	char program[PATH_MAX];
	int r = hook_settings_words(settings, program, args, err);

	return r < 0 ? r : write_classes(settings->class_dir, settings->output, program, args, err);
}
