/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/entry.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/admin.h"
#include "runtime/config/members.h"
#include "util/error.h"
#include "util/secret_source.h"

/* A text that is passed on must fit into a command line. */
#define TEXT_MOST (PATH_MAX - 1)
#define USER_MOST 255
#define BANKS_TEXT_MOST 64

#define MAJOR_MOST 511
#define MINOR_MOST ((1 << 20) - 1)

#define FIELD(name) offsetof(struct vtpm_entry, name)

static int member_mode(const struct member_spec *spec, json_t *value, void *field,
		       struct error *err)
{
	if (member_int(spec, value, field, NULL) < 0)
		return error_say(err, EINVAL,
				 "%s is not a decimal number from 0 to 511, such as 384 for 0600",
				 spec->name);
	return 0;
}

static const struct member_spec members[] = {
	{ "vtpmName", member_string, FIELD(name), 0, 0 },
	{ "statePath", member_string, FIELD(state_path), 0, TEXT_MOST },
	{ "statePathIsManaged", member_bool, FIELD(state_is_managed), 0, 0 },
	{ "vtpmVersion", member_string, FIELD(version), 0, 0 },
	{ "createCerts", member_bool, FIELD(create_certs), 0, 0 },
	{ "runAs", member_string, FIELD(run_as), 0, USER_MOST },
	{ "pcrBanks", member_string, FIELD(pcr_banks), 0, BANKS_TEXT_MOST },
	{ "encryptionPassword", member_string, FIELD(password), 0, TEXT_MOST },
	{ "caDir", member_string, FIELD(ca_dir), 0, TEXT_MOST },
	{ "identity", member_string, FIELD(identity), 0, 0 },
	{ "measure", member_measure, FIELD(measure), 0, 0 },
	{ "measureFiles", member_files, FIELD(measure.files), 0, 0 },
	{ "measureEnv", member_variables, FIELD(measure.variables), 0, 0 },
	{ "eventLog", member_bool, FIELD(event_log), 0, 0 },
	{ "hostQuote", member_vouching, FIELD(vouching), 0, 0 },
	{ "resourceManager", member_bool, FIELD(resource_manager), 0, 0 },
	{ "vtpmMajor", member_int, FIELD(major), 0, MAJOR_MOST },
	{ "vtpmMinor", member_int, FIELD(minor), 0, MINOR_MOST },
	{ "containerPath", member_string, FIELD(asked_path), 0, 0 },
	{ "hostPath", member_string, FIELD(host_path), 0, TEXT_MOST },
	{ "fileMode", member_mode, FIELD(file_mode), 0, 0777 },
	{ "uid", member_int, FIELD(uid), 0, UINT32_MAX - 1 },
	{ "gid", member_int, FIELD(gid), 0, UINT32_MAX - 1 },
	{ "resources", member_resources, FIELD(resources), 0, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

bool vtpm_entry_is_tpm12(const struct vtpm_entry *entry)
{
	return entry->version != NULL && strcmp(entry->version, "1.2") == 0;
}

const char *vtpm_entry_identity(const struct vtpm_entry *entry)
{
	if (entry->identity != NULL)
		return entry->identity;
	return entry->noted[0] != '\0' ? entry->noted : NULL;
}

bool vtpm_entry_in_memory(const struct vtpm_entry *entry)
{
	return entry->state_path != NULL && strcmp(entry->state_path, "memory:") == 0;
}

static int check_name(const struct vtpm_entry *entry, struct error *err)
{
	if (entry->name == NULL)
		return entry->state_path == NULL ? 0
						 : error_say(err, EINVAL, "vtpmName is missing");
	if (entry->name[0] == '\0')
		return error_say(err, EINVAL, "vtpmName is empty");
	if (strlen(entry->name) > VTPM_NAME_LEN)
		return error_say(err, EINVAL, "vtpmName is longer than %d characters",
				 VTPM_NAME_LEN);
	if (!device_name_is_plain(entry->name))
		return error_say(err, EINVAL,
				 "vtpmName '%s' has other characters than letters, digits, '.', "
				 "'_' and '-', or begins with '.'",
				 entry->name);
	return 0;
}

static int check_absolute(const char *member, const char *path, struct error *err)
{
	if (path != NULL && path[0] != '/')
		return error_say(err, EINVAL, "%s '%s' is not an absolute path", member, path);
	return 0;
}

static int check_version(const struct vtpm_entry *entry, struct error *err)
{
	if (entry->version == NULL || strcmp(entry->version, "2") == 0 ||
	    strcmp(entry->version, "2.0") == 0 || vtpm_entry_is_tpm12(entry))
		return 0;
	return error_say(err, EINVAL, "vtpmVersion '%s' is neither 1.2 nor 2", entry->version);
}

static bool is_bank(const char *bank, size_t len)
{
	char name[16];

	return len < sizeof(name) && snprintf(name, sizeof(name), "%.*s", (int)len, bank) > 0 &&
	       bank_by_name(name) != NULL;
}

static int check_banks(const struct vtpm_entry *entry, struct error *err)
{
	const char *bank = entry->pcr_banks;

	if (bank == NULL || bank[0] == '\0')
		return 0;
	if (vtpm_entry_is_tpm12(entry))
		return error_say(err, EINVAL, "pcrBanks: a TPM 1.2 has no PCR banks to choose");
	for (;;) {
		size_t len = strcspn(bank, ",");

		if (!is_bank(bank, len))
			return error_say(err, EINVAL,
					 "pcrBanks: '%.*s' is not sha1, sha256, sha384 or sha512",
					 (int)len, bank);
		if (bank[len] == '\0')
			return 0;
		bank += len + 1;
	}
}

/* The message never has the password in it. */
static int check_password(const struct vtpm_entry *entry, struct error *err)
{
	enum secret_source source;
	const char *value;

	if (entry->password == NULL)
		return 0;
	if (entry->password[0] == '\0')
		return error_say(err, EINVAL, "encryptionPassword is empty");
	source = secret_source(entry->password, &value);
	if (value[0] == '\0') /* so that the text is the form alone */
		return error_say(err, EINVAL, "encryptionPassword has nothing after '%s'",
				 entry->password);
	if (source == SECRET_FILE && value[0] != '/')
		return error_say(err, EINVAL, "encryptionPassword: file= is not an absolute path");
	return 0;
}

static int check_identity(const struct vtpm_entry *entry, struct error *err)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *identity = entry->identity;

	if (identity == NULL || (strlen(identity) == ENTRY_IDENTITY_LEN &&
				 strspn(identity, digits) == ENTRY_IDENTITY_LEN))
		return 0;
	return error_say(err, EINVAL, "identity '%.64s' is not %d hex digits", identity,
			 ENTRY_IDENTITY_LEN);
}

static int check_memory(const struct vtpm_entry *entry, struct error *err)
{
	if (vtpm_entry_in_memory(entry) &&
	    (entry->state_is_managed || entry->password != NULL || entry->identity != NULL))
		return error_say(err, EINVAL,
				 "statePath memory: keeps nothing: statePathIsManaged, "
				 "encryptionPassword and identity have no use");
	return 0;
}

bool vtpm_entry_is_measured(const struct vtpm_entry *entry)
{
	return entry_measure_any(&entry->measure);
}

static int check_measure(const struct vtpm_entry *entry, struct error *err)
{
	const bool measured = vtpm_entry_is_measured(entry);

	if (measured && vtpm_entry_is_tpm12(entry))
		return error_say(err, EINVAL, "measure needs a TPM 2.0");
	if (measured && entry->state_path == NULL)
		return error_say(err, EINVAL,
				 "measure has no use for a vTPM that runs: its registers are not "
				 "zero");
	if (entry->measure.variables != NULL && !entry->measure.config)
		return error_say(err, EINVAL,
				 "measureEnv has no use without \"config\" in measure");
	if (entry->vouching.wanted && !measured)
		return error_say(err, EINVAL, "hostQuote has no use without measure");
	return 0;
}

static int check_numbers(const struct vtpm_entry *entry, struct error *err)
{
	if (entry->minor >= 0 && entry->major <= 0)
		return error_say(err, EINVAL, "vtpmMinor is given without vtpmMajor");
	return 0;
}

/* An entry has exactly one form: a member of the other form is refused, not ignored. */
static int check_form(const struct vtpm_entry *entry, struct error *err)
{
	if (entry->state_path != NULL && entry->host_path != NULL)
		return error_say(err, EINVAL,
				 "statePath asks for a new vTPM, hostPath for one that exists: "
				 "give one of them");
	if (entry->state_path != NULL || entry->host_path != NULL)
		return 0;
	if (entry->major > 0 && entry->minor >= 0 && entry->asked_path != NULL)
		return 0;
	return error_say(err, EINVAL, "statePath is missing");
}

static int check_short_form(const struct vtpm_entry *entry, struct error *err)
{
	if (entry->state_path != NULL)
		return 0;
	if (entry->asked_path == NULL && entry->name == NULL)
		return error_say(err, EINVAL, "containerPath is missing");
	if (entry->create_certs || entry->pcr_banks != NULL || entry->password != NULL ||
	    entry->run_as != NULL || entry->version != NULL || entry->identity != NULL ||
	    resources_are_any(&entry->resources))
		return error_say(
			err, EINVAL,
			"without statePath the vTPM exists already: createCerts, pcrBanks, "
			"encryptionPassword, identity, runAs, vtpmVersion and resources have no "
			"use");
	return 0;
}

/* The path must be directly in /dev, where the hook can make a node without touching the image. */
static int check_container_path(const struct vtpm_entry *entry, struct error *err)
{
	const char *path = entry->asked_path;

	if (path == NULL)
		return 0;
	if (strncmp(path, "/dev/", 5) != 0 || !device_name_is_plain(path + 5))
		return error_say(err, EINVAL, "containerPath '%s' is not a name in /dev", path);
	if (strlen(path) > VTPM_PATH_MOST)
		return error_say(err, EINVAL, "containerPath is longer than %d characters",
				 VTPM_PATH_MOST);
	return 0;
}

static int check(const struct vtpm_entry *entry, struct error *err)
{
	static int (*const checks[])(const struct vtpm_entry *, struct error *) = {
		check_form,     check_name,     check_version,    check_banks,
		check_password, check_numbers,  check_short_form, check_container_path,
		check_memory,   check_identity, check_measure,
	};
	const struct {
		const char *name, *path;
	} paths[] = {
		{ "statePath", vtpm_entry_in_memory(entry) ? NULL : entry->state_path },
		{ "hostPath", entry->host_path },
		{ "caDir", entry->ca_dir },
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int r = checks[i](entry, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int r = check_absolute(paths[i].name, paths[i].path, err);

		if (r < 0)
			return r;
	}
	return 0;
}

void device_path(const char *name, char ret[static VTPM_PATH_LEN])
{
	(void)snprintf(ret, VTPM_PATH_LEN, "/dev/tpm%s", name);
}

bool vtpm_entries_have_path(const struct vtpm_entry *entries, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(entries[i].paths[0], path) == 0)
			return true;
	}
	return false;
}

/* The twin of /dev/tpmX is /dev/tpmrmX; to any other name "rm" is appended. */
static void set_twin_path(const char *path, char twin[static VTPM_PATH_LEN])
{
	static const char prefix[] = "/dev/tpm";

	if (strncmp(path, prefix, strlen(prefix)) == 0)
		(void)snprintf(twin, VTPM_PATH_LEN, "%srm%.*s", prefix,
			       VTPM_PATH_MOST - (int)strlen(prefix), path + strlen(prefix));
	else
		(void)snprintf(twin, VTPM_PATH_LEN, "%.*srm", VTPM_PATH_MOST, path);
}

static void set_paths(struct vtpm_entry *entry)
{
	if (entry->asked_path != NULL)
		(void)snprintf(entry->paths[0], VTPM_PATH_LEN, "%s", entry->asked_path);
	else
		device_path(entry->name, entry->paths[0]);
	entry->node_count = 1;
	if (entry->resource_manager)
		set_twin_path(entry->paths[0], entry->paths[entry->node_count++]);
}

int vtpm_entry_parse(json_t *json, const struct admin_config *admin, struct vtpm_entry *ret,
		     struct error *err)
{
	struct vtpm_entry entry = { .major = -1,
				    .minor = -1,
				    .file_mode = -1,
				    .uid = -1,
				    .gid = -1,
				    .event_log = true,
				    .resource_manager = admin->resource_manager };
	int r;

	r = members_read(json, members, &entry, err);
	if (r == 0)
		r = check(&entry, err);
	if (r < 0)
		return r;

	if (vtpm_entry_is_tpm12(&entry) || entry.state_path == NULL)
		entry.resource_manager = false;
	if (entry.state_path != NULL && entry.run_as == NULL)
		entry.run_as = admin->run_as;
	entry.uid_range = admin->uid_range;
	entry.store_rate = admin->store_rate;
	resources_default(&entry.resources, &admin->resources);
	if (entry.ca_dir == NULL)
		entry.ca_dir = admin->ca_dir;
	set_paths(&entry);
	*ret = entry;
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static int check_paths_differ(const struct vtpm_entry *entry, const struct vtpm_entry *other,
			      struct error *err)
{
	for (size_t i = 0; i < entry->node_count; i++) {
		for (size_t j = 0; j < other->node_count; j++) {
			if (same(entry->paths[i], other->paths[j]))
				return error_say(err, EINVAL, "%s is there twice in the container",
						 entry->paths[i]);
		}
	}
	return 0;
}

int vtpm_entry_differs(const struct vtpm_entry *entry, const struct vtpm_entry *other,
		       struct error *err)
{
	if (same(entry->name, other->name))
		return error_say(err, EINVAL, "vtpmName '%s' is there twice", entry->name);
	if (same(entry->state_path, other->state_path) && !vtpm_entry_in_memory(entry))
		return error_say(err, EINVAL, "statePath '%s' is there twice", entry->state_path);
	if (entry->minor >= 0 && entry->minor == other->minor && entry->major == other->major)
		return error_say(err, EINVAL, "device number %d:%d is there twice",
				 (int)entry->major, (int)entry->minor);
	return check_paths_differ(entry, other, err);
}
