/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks the options of vtpm-cuse, one by one and together, and derives settings from them. */
#include "cuse/server/settings_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cuse/sandbox/namespaces.h"
#include "tpm/state/memory.h"
#include "util/bytes.h"
#include "util/error.h"
#include "util/path.h"
#include "util/program.h"

/* KiB per second. */
#define STORE_RATE_LEAST 64
#define STORE_RATE_MOST (1 << 20)

/* The kernel's highest major number for character devices. */
#define MAJOR_MOST 511

/* Sanitizers and coverage make system calls at the end of a process that are not in the list. */
#ifdef WITH_INSTRUMENTATION
#define DEFAULT_SECCOMP SECCOMP_OFF
#else
#define DEFAULT_SECCOMP SECCOMP_KILL
#endif

static int check_version(struct settings *settings, struct error *err)
{
	const char *text = settings->tpm_version;

	if (tpm_version_parse(text, &settings->tpm) == 0)
		return 0;
	return error_say(err, EINVAL, "--tpm-version: '%.32s' is not 1.2 or 2.0", text);
}

static int check_sync(struct settings *settings, struct error *err)
{
	const char *text = settings->sync;

	settings->flush = text == NULL || strcmp(text, "always") == 0;
	if (settings->flush || strcmp(text, "off") == 0)
		return 0;
	return error_say(err, EINVAL, "--sync: '%.32s' is not always or off", text);
}

/* A slower rate would make a single store wait for seconds. */
static int check_store_rate(const struct settings *settings, struct error *err)
{
	const uint32_t rate = settings->store_rate;

	if (rate == 0 || (rate >= STORE_RATE_LEAST && rate <= STORE_RATE_MOST))
		return 0;
	return error_say(err, EINVAL, "--store-rate: %u is not 0, or from %d to %d", rate,
			 STORE_RATE_LEAST, STORE_RATE_MOST);
}

static int check_seccomp(struct settings *settings, struct error *err)
{
	static const char *const texts[] = {
		[SECCOMP_OFF] = "off",
		[SECCOMP_LOG] = "log",
		[SECCOMP_KILL] = "kill",
	};

	settings->seccomp = DEFAULT_SECCOMP;
	if (settings->seccomp_text == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		settings->seccomp = (enum seccomp_mode)i;
		if (strcmp(settings->seccomp_text, texts[i]) == 0)
			return 0;
	}
	return error_say(err, EINVAL, "--seccomp: '%.32s' is not kill, log or off",
			 settings->seccomp_text);
}

static int check_namespaces(struct settings *settings, struct error *err)
{
	const char *text = settings->namespaces_text;
	int r = namespaces_parse(text != NULL ? text : NAMESPACES_DEFAULT, &settings->namespaces,
				 err);

	return r < 0 ? error_prefix(err, r, "--namespaces") : 0;
}

static int check_store_failure(struct settings *settings, struct error *err)
{
	const char *text = settings->on_store_failure;

	settings->stay_failed = text != NULL && strcmp(text, "fail") == 0;
	if (settings->stay_failed || text == NULL || strcmp(text, "carry") == 0)
		return 0;
	return error_say(err, EINVAL, "--on-store-failure: '%.32s' is not carry or fail", text);
}

static int check_measure(struct settings *settings, struct error *err)
{
	int r;

	if (settings->measure == NULL)
		return 0;
	r = measured_parse(settings->measure, &settings->measured, err);
	if (r < 0)
		return error_prefix(err, r, "--measure");
	if (settings->tpm != TPM_VERSION_2)
		return error_say(err, EINVAL, "--measure needs a TPM 2.0");
	if (settings->resume != NULL) /* its registers are not zero */
		return error_say(err, EINVAL, "--measure and --resume exclude one another");
	return 0;
}

static int check_identity(struct settings *settings, struct error *err)
{
	const char *text = settings->expect_identity;

	if (text == NULL || hex_decode(text, strlen(text), settings->identity, STATE_ID_SIZE) == 0)
		return 0;
	return error_say(err, EINVAL, "--expect-identity: '%.64s' is not %d hex digits", text,
			 2 * STATE_ID_SIZE);
}

/* Checks the inherited descriptors, and keeps them from programs that the server starts. */
static int check_fds(const struct settings *settings, struct error *err)
{
	const bool launch = settings->measured.kind == MEASURED_LAUNCH;
	const struct {
		const char *option;
		uint32_t fd;
	} fds[] = { { "measure", launch ? (uint32_t)settings->measured.fd : SETTINGS_NO_FD },
		    { "measure", launch ? (uint32_t)settings->measured.host_fd : SETTINGS_NO_FD },
		    { "lock-fd", settings->lock_fd },
		    { "follow-pid", settings->follow_pid },
		    { "follow-runtime", settings->follow_runtime },
		    { "ready-fd", settings->ready_fd } };

	if (settings->daemon && settings->ready_fd != SETTINGS_NO_FD)
		return error_say(err, EINVAL, "give one of --daemon and --ready-fd");
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i].fd == SETTINGS_NO_FD)
			continue;
		if (fds[i].fd > INT_MAX || !program_has_fd((int)fds[i].fd) ||
		    fcntl((int)fds[i].fd, F_SETFD, FD_CLOEXEC) < 0)
			return error_say(err, EINVAL, "--%s: %u is not an open descriptor",
					 fds[i].option, fds[i].fd);
	}
	return 0;
}

static uint32_t given_or_0(uint32_t number)
{
	return number != NO_NUMBER ? number : 0;
}

/* Without a major, the server chooses both numbers. */
static int check_numbers(const struct settings *settings, struct error *err)
{
	const bool has_major = settings->major != NO_NUMBER;

	if (has_major && (settings->major == 0 || settings->major > MAJOR_MOST))
		return error_say(err, EINVAL, "--major: %u is not from 1 to %d", settings->major,
				 MAJOR_MOST);
	if (settings->minor != NO_NUMBER && settings->minor >= 1 << 20)
		return error_say(err, EINVAL, "--minor: %u is not less than 1048576",
				 settings->minor);
	if (settings->minor != NO_NUMBER && !has_major)
		return error_say(err, EINVAL, "--minor needs --major");
	if (settings->twin_minor == NO_NUMBER)
		return 0;
	if (settings->twin_minor >= 1 << 20 || settings->twin_minor == given_or_0(settings->minor))
		return error_say(err, EINVAL,
				 "--resource-manager-minor: %u is not a free minor number",
				 settings->twin_minor);
	if (!has_major || settings->twin == NULL)
		return error_say(err, EINVAL,
				 "--resource-manager-minor needs --major and --resource-manager");
	return 0;
}

/* Names the twin as the kernel does: tpmrm0 for tpm0. */
static int name_twin(struct settings *settings, struct error *err)
{
	const char *tpm = strstr(settings->name, "tpm");
	size_t before;

	if (settings->twin[0] != '\0') {
		(void)snprintf(settings->twin_name, sizeof(settings->twin_name), "%s",
			       settings->twin);
	} else if (tpm != NULL) {
		before = (size_t)(tpm - settings->name);
		(void)snprintf(settings->twin_name, sizeof(settings->twin_name), "%.*stpmrm%s",
			       (int)before, settings->name, tpm + 3);
	} else {
		return error_say(err, EINVAL,
				 "--resource-manager needs a NAME, as there is no 'tpm' in %s",
				 settings->name);
	}
	if (strcmp(settings->twin_name, settings->name) == 0)
		return error_say(err, EINVAL, "--resource-manager: %s is the device's own name",
				 settings->name);
	return node_check_name(settings->twin_name, err);
}

static int check_twin(struct settings *settings, struct error *err)
{
	struct node_options *twin = &settings->nodes[1];

	settings->node_count = 1;
	if (settings->twin == NULL)
		return 0;
	if (settings->tpm != TPM_VERSION_2)
		return error_say(err, EINVAL, "--resource-manager needs a TPM 2.0");
	*twin = settings->nodes[0];
	twin->name = settings->twin_name;
	twin->minor = settings->twin_minor;
	if (settings->twin_minor == NO_NUMBER)
		twin->minor = twin->major != 0 ? settings->nodes[0].minor + 1 : 0;
	settings->node_count = 2;
	return name_twin(settings, err);
}

/* A TPM without startup is for a single user, the firmware of a virtual machine. */
static int check_startup(const struct settings *settings, struct error *err)
{
	const struct {
		const char *option;
		bool given;
	} others[] = { { "--resource-manager", settings->twin != NULL },
		       { "--measure", settings->measure != NULL },
		       { "--follow-cgroup", settings->follow_cgroup != NULL },
		       { "--follow-pid", settings->follow_pid != SETTINGS_NO_FD } };

	for (size_t i = 0; settings->no_startup && i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].given)
			return error_say(err, EINVAL, "--no-startup and %s exclude one another",
					 others[i].option);
	}
	return 0;
}

static int check_users(struct settings *settings, struct error *err)
{
	const struct users *users = &settings->users;
	int r = users_read(&settings->users, err);

	settings->nodes[0].uid = users->device.uid;
	settings->nodes[0].gid = users->device.gid;
	settings->nodes[0].set_owner = users->owner != NULL;
	return r;
}

/* Reports problems of these options before anything is opened. */
static int check_factory(struct settings *settings, struct error *err)
{
	struct manufacture_settings *factory = &settings->factory;
	const char *const texts[] = { factory->ek,
				      factory->pcr_banks,
				      factory->given.profile,
				      factory->given.subject,
				      factory->given.ca.dir,
				      factory->given.ca.key_uri,
				      factory->given.ca.chain_file,
				      factory->ca_password,
				      factory->given.ca.command,
				      factory->ca_timeout,
				      factory->given.ca.urls.crl,
				      factory->given.ca.urls.issuer };
	struct manufacture_options options;
	bool any = factory->given.lock_nvram;

	factory->not_overwrite = true;
	if (factory->certs != NULL)
		return manufacture_settings_read(factory, settings->tpm, &options, NULL, err);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		any = any || texts[i] != NULL;
	if (any)
		return error_say(err, EINVAL,
				 "--ek, --pcr-banks, --profile, --lock-nvram, --vmid, --ca-..., "
				 "--crl-url and --issuer-url need --create-certs");
	return 0;
}

/* Makes the paths absolute that the server uses after it has left its directory. */
static int make_absolute(struct settings *settings, struct error *err)
{
	const char **const paths[SETTINGS_PATHS] = {
		state_memory_is_meant(settings->state) ? NULL : &settings->state,
		&settings->follow_rootfs,
	};
	const bool leaves = settings->daemon ||
			    (settings->ready_fd != SETTINGS_NO_FD && settings->log_file != NULL);

	return leaves ? paths_make_absolute(paths, settings->made_absolute, SETTINGS_PATHS, err)
		      : 0;
}

static int check_required(const struct settings *settings, struct error *err)
{
	int keys = settings->plain + (settings->key != NULL) + (settings->password != NULL) +
		   (settings->host_key != NULL);

	if (settings->state == NULL || settings->name == NULL)
		return error_say(err, EINVAL, "--state and --name are needed; see --help");
	if (keys > 1)
		return error_say(err, EINVAL,
				 "--key, --password, --host-key and --plain exclude one another");
	return node_check_name(settings->name, err);
}

int settings_check(struct settings *settings, struct error *err)
{
	int r;

	r = check_required(settings, err);
	if (r == 0)
		r = make_absolute(settings, err);
	if (r == 0)
		r = check_version(settings, err);
	if (r == 0)
		r = check_sync(settings, err);
	if (r == 0)
		r = check_store_rate(settings, err);
	if (r == 0)
		r = check_seccomp(settings, err);
	if (r == 0)
		r = check_namespaces(settings, err);
	if (r == 0)
		r = check_store_failure(settings, err);
	if (r == 0)
		r = check_identity(settings, err);
	if (r == 0)
		r = check_measure(settings, err);
	if (r == 0)
		r = check_numbers(settings, err);
	if (r == 0)
		r = check_fds(settings, err);
	if (r == 0)
		r = check_startup(settings, err);
	if (r == 0)
		r = check_users(settings, err);
	if (r == 0)
		r = check_factory(settings, err);

	settings->nodes[0].name = settings->name;
	settings->nodes[0].major = given_or_0(settings->major);
	settings->nodes[0].minor = given_or_0(settings->minor);
	settings->nodes[0].mode = settings->mode;
	settings->nodes[0].set_mode = settings->mode != NO_MODE;
	return r < 0 ? r : check_twin(settings, err);
}
