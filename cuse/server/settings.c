/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/settings_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/error.h"

#define FIELD(field) offsetof(struct settings, field)

static const struct option_spec specs[] = {
	OPTION_GROUP("The TPM and its state"),
	{ "state", 's', "DIR", "keep the TPM's state in DIR", option_string, FIELD(state) },
	{ "tpm-version", 0, "VERSION", "2.0 (default) or 1.2", option_string, FIELD(tpm_version) },
	{ "key", 0, "SPEC", "encrypt the state with this key", option_string, FIELD(key) },
	{ "password", 0, "SPEC", "encrypt the state with this password", option_string,
	  FIELD(password) },
	{ "host-key", 0, "[=FILE]", "... with this host's key (default), in FILE", option_string,
	  FIELD(host_key) },
	{ "plain", 0, NULL, "do not encrypt the state", option_flag, FIELD(plain) },
	{ "new-identity", 0, NULL, "make a new TPM where one has been lost, or take another",
	  option_flag, FIELD(new_identity) },
	{ "expect-identity", 0, "ID", "serve this TPM and no other", option_string,
	  FIELD(expect_identity) },
	{ "resume", 0, "FILE", "go on where vtpm-ctl save left off", option_string, FIELD(resume) },
	{ "sync", 0, "WHEN", "flush the state to disk: always (default) or off", option_string,
	  FIELD(sync) },
	{ "store-rate", 0, "KIB", "store at most this much a second, after the first 32 MiB",
	  option_u32, FIELD(store_rate) },
	{ "on-store-failure", 0, "WHAT", "then go on once it is stored: carry (default), or fail",
	  option_string, FIELD(on_store_failure) },
	{ "keep-platform", 0, NULL, "leave the platform hierarchy to who uses the device",
	  option_flag, FIELD(keep_platform) },
	{ "no-startup", 0, NULL, "leave TPM2_Startup and what follows to who uses the device",
	  option_flag, FIELD(no_startup) },
	{ "buffer-size", 0, "N", "take and give no more bytes at once (default 4096)", option_u32,
	  FIELD(buffer_size) },
	OPTION_GROUP("The device"),
	{ "name", 'n', "NAME", "the device is /dev/NAME", option_string, FIELD(name) },
	{ "major", 0, "N", "the device's major number", option_u32, FIELD(major) },
	{ "minor", 0, "N", "the device's minor number", option_u32, FIELD(minor) },
	{ "owner", 0, "UID:GID", "who owns the device (default: udev chooses)", option_string,
	  FIELD(users.owner) },
	{ "mode", 0, "MODE", "the device's mode (default: udev chooses)", option_mode,
	  FIELD(mode) },
	{ "resource-manager", 0, "[=NAME]", "serve many users as well, at /dev/NAME", option_string,
	  FIELD(twin) },
	{ "resource-manager-minor", 0, "N", "that device's minor number (default: minor + 1)",
	  option_u32, FIELD(twin_minor) },
	OPTION_GROUP("A new TPM"),
	{ "create-certs", 0, "[=LIST]", "manufacture a new TPM: ek,platform (default) or none",
	  option_string, FIELD(factory.certs) },
	{ "ek", 0, "TYPES", "... with these keys (default rsa2048,ecc_nist_p384)", option_string,
	  FIELD(factory.ek) },
	{ "pcr-banks", 0, "LIST", "... with these PCR banks (default sha256)", option_string,
	  FIELD(factory.pcr_banks) },
	{ "profile", 0, "PROFILE", "... with this profile (default null)", option_string,
	  FIELD(factory.given.profile) },
	{ "lock-nvram", 0, NULL, "... with certificates that are read-only", option_flag,
	  FIELD(factory.given.lock_nvram) },
	{ "vmid", 0, "NAME", "... with this subject (default: --name)", option_string,
	  FIELD(factory.given.subject) },
	MANUFACTURE_CA_OPTIONS(struct settings, factory),
	OPTION_GROUP("The server"),
	{ "run-as", 0, "USER", "serve as this user (default: one of its own)", option_string,
	  FIELD(users.run_as) },
	{ "uid-range", 0, "FIRST-LAST", "... of these (default 1879048192-1879052287)",
	  option_string, FIELD(users.uid_range) },
	{ "control-user", 0, "USER", "who may use vtpm-ctl, besides root", option_string,
	  FIELD(users.control_user) },
	{ "namespaces", 0, "LIST", "of its own: all, none, or some of mount,ipc,uts (default),net",
	  option_string, FIELD(namespaces_text) },
	{ "seccomp", 0, "WHAT", "do with other system calls: kill (default), log or off",
	  option_string, FIELD(seccomp_text) },
	{ "daemon", 'd', NULL, "return when the device is usable", option_flag, FIELD(daemon) },
	{ "ready-fd", 0, "N", "write a newline to this descriptor then", option_u32,
	  FIELD(ready_fd) },
	{ "measure", 0, "WHAT", "measure fd=N, a launch's events; or attached, relaunch=N",
	  option_string, FIELD(measure) },
	{ "pid-file", 0, "FILE", "write the process ID to FILE", option_string, FIELD(pid_file) },
	{ "log-file", 0, "FILE", "append log lines to FILE", option_string, FIELD(log_file) },
	{ "lock-fd", 0, "N", "keep this descriptor open, which holds a lock", option_u32,
	  FIELD(lock_fd) },
	{ "verbose", 'v', NULL, "log more", option_flag, FIELD(verbose) },
	{ "help", 'h', NULL, "print this and exit", option_flag, FIELD(help) },
	{ "version", 'V', NULL, "print the version and exit", option_flag, FIELD(version) },
	OPTION_GROUP("A container's vTPM, by vtpm-hook"),
	{ "follow-cgroup", 0, "DIR", "pause while this control group is frozen", option_string,
	  FIELD(follow_cgroup) },
	{ "follow-pid", 0, "FD", "end some time after the process of this pidfd", option_u32,
	  FIELD(follow_pid) },
	{ "follow-state", 0, "DIR", "... but not before this directory is gone", option_string,
	  FIELD(follow_state) },
	{ "follow-bundle", 0, "DIR", "... or this one", option_string, FIELD(follow_bundle) },
	{ "follow-rootfs", 0, "DIR", "... or this one", option_string, FIELD(follow_rootfs) },
	{ "follow-runtime", 0, "FD", "... and at once where this one still runs then", option_u32,
	  FIELD(follow_runtime) },
	{ 0 },
};

void settings_help(FILE *out)
{
	(void)fputs("usage: vtpm-cuse --state DIR --name NAME [OPTION...]\n"
		    "Serves a TPM as the character device /dev/NAME.\n",
		    out);
	options_help(specs, out);
	(void)fputs("\nSPEC is file=PATH, fd=N or credential=NAME. Without --key, --password and\n"
		    "--plain the state is encrypted with this host's key,\n" HOST_KEY_PATH ".\n"
		    "See vtpm-cuse(8).\n",
		    out);
}

void settings_done(struct settings *settings)
{
	for (size_t i = 0; i < SETTINGS_PATHS; i++)
		free(settings->made_absolute[i]);
}

int settings_parse(int argc, char **argv, struct settings *settings, struct error *err)
{
	int operands, r;

	*settings = (struct settings){ .mode = NO_MODE,
				       .major = NO_NUMBER,
				       .minor = NO_NUMBER,
				       .twin_minor = NO_NUMBER,
				       .buffer_size = NO_NUMBER,
				       .lock_fd = SETTINGS_NO_FD,
				       .ready_fd = SETTINGS_NO_FD,
				       .follow_pid = SETTINGS_NO_FD,
				       .follow_runtime = SETTINGS_NO_FD };
	r = options_parse(specs, argc, argv, settings, &operands, err);
	if (r < 0 || settings->help || settings->version)
		return r;
	if (operands < argc)
		return error_say(err, EINVAL, "'%.64s' is not an option", argv[operands]);
	return settings_check(settings, err);
}

int settings_key(const struct settings *settings, struct state_key **ret, struct error *err)
{
	const char *path = settings->host_key;
	const char *option = settings->key != NULL ? "--key" : "--password";
	int r;

	if (settings->plain)
		return state_key_plain(ret, err);
	if (settings->key != NULL)
		r = state_key_from_spec(KEY_RAW, settings->key, ret, err);
	else if (settings->password != NULL)
		r = state_key_from_spec(KEY_PASSWORD, settings->password, ret, err);
	else
		return state_key_from_host(path != NULL && *path != '\0' ? path : NULL, ret, err);
	return r < 0 ? error_prefix(err, r, "%s", option) : 0;
}
