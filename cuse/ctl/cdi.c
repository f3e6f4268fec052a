/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl cdi: describes a vTPM of the host as a device that engines can give to containers. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cuse/ctl/ask.h"
#include "util/cdi_host.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"

/* Takes owner and mode from the host's node, where the administrator has set them. */
static int add_node(json_t *nodes, const char *node, const char *inside, struct error *err)
{
	char path[NAME_MAX + 8];
	struct stat st;
	json_t *json;

	(void)snprintf(path, sizeof(path), "/dev/%s", node);
	if (stat(path, &st) < 0)
		return error_set(err, errno, "look at %s", path);
	json = json_pack("{s:o, s:s, s:s, s:s, s:i, s:I, s:I}", "path",
			 json_sprintf("/dev/%s", inside), "hostPath", path, "type", "c",
			 "permissions", "rw", "fileMode", (int)(st.st_mode & 07777), "uid",
			 (json_int_t)st.st_uid, "gid", (json_int_t)st.st_gid);
	return json_array_append_new(nodes, json) < 0 ? error_set(err, ENOMEM, "describe %s", path)
						      : 0;
}

/* Names the second device as vtpm-cuse itself would. */
static int add_twin(json_t *nodes, const char *twin, const char *as, struct error *err)
{
	char inside[NAME_MAX + 1];

	if (as == NULL)
		return add_node(nodes, twin, twin, err);
	if (strncmp(as, "tpm", 3) != 0)
		return error_say(err, EINVAL,
				 "--as: '%.64s' does not begin with tpm, and %s needs a name", as,
				 twin);
	if (snprintf(inside, sizeof(inside), "tpmrm%s", as + 3) >= (int)sizeof(inside))
		return error_set(err, ENAMETOOLONG, "--as");
	return add_node(nodes, twin, inside, err);
}

static int describe(const char *name, const char *twin, const char *as, json_t **ret,
		    struct error *err)
{
	json_auto_t *nodes = json_array();
	int r = add_node(nodes, name, as != NULL ? as : name, err);

	if (r == 0 && twin != NULL)
		r = add_twin(nodes, twin, as, err);
	if (r < 0)
		return r;
	*ret = json_pack("{s:s, s:s, s:[{s:s, s:{s:O}}]}", "cdiVersion", CDI_VERSION, "kind",
			 CDI_HOST_KIND, "devices", "name", name, "containerEdits", "deviceNodes",
			 nodes);
	return *ret != NULL ? 0 : error_set(err, ENOMEM, "describe %s", name);
}

static int write_file(const char *name, const json_t *json, struct error *err)
{
	cleanup_free char *text = json_dumps(json, JSON_INDENT(4));
	cleanup_close int dir = -1;
	char file[NAME_MAX + 1];
	int r = text != NULL ? cdi_host_file(name, file) : -ENOMEM;

	if (r < 0)
		return error_set(err, -r, "describe %.64s", name);
	r = open_dir_all(CDI_RUN_DIR, 0755, &dir, err);
	if (r < 0)
		return r;
	r = replace_file(dir, file, text, strlen(text), 0644);
	return r < 0 ? error_set(err, -r, "write %s/%s", CDI_RUN_DIR, file) : 0;
}

static int remove_file(const char *name, struct error *err)
{
	int r = cdi_host_remove(name);

	return r < 0 && r != -ENOENT
		       ? error_set(err, -r, "remove the file of %.64s in %s", name, CDI_RUN_DIR)
		       : 0;
}

static int check_name(const char *name, struct error *err)
{
	return cdi_name_is_valid(name)
		       ? 0
		       : error_say(err, EINVAL,
				   "'%.64s' does not begin and end with a letter or digit, as the "
				   "name of a device of CDI does",
				   name);
}

int ctl_cdi(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *status = NULL, *file = NULL;
	int r;

	if (options->remove)
		return remove_file(name, err);
	r = check_name(name, err);
	if (r == 0 && options->as != NULL)
		r = check_name(options->as, err);
	if (r == 0)
		r = ctl_ask(name, "status", &status, err);
	if (r == 0)
		r = describe(name, json_string_value(json_object_get(status, "resource_manager")),
			     options->as, &file, err);
	return r < 0 ? r : write_file(name, file, err);
}
