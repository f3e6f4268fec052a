/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/vtpm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "certs/factory/existing.h"
#include "certs/factory/settings.h"
#include "cuse/server/maker.h"
#include "cuse/server/numbers.h"
#include "cuse/device/session.h"
#include "cuse/server/recovery.h"
#include "cuse/server/udev.h"
#include "util/clock.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/program.h"

/* Where README has states, and systemd those of units. */
#define STATES_DIR LOCALSTATEDIR "/lib/vtpm-cuse"

/* A saved volatile state is some 10 to 100 KiB. */
#define RESUME_MOST (1U << 20)

static void relieve(void *context)
{
	const struct vtpm *vtpm = context;

	threads_relieve(vtpm->threads);
}

/* How often the state is looked at when nothing else wants the clock. */
#define CHECK_SECONDS 3

/* One shot: the handler asks for the next. */
static void set_clock(const struct vtpm *vtpm, time_t seconds)
{
	const struct itimerspec once = { .it_value = { .tv_sec = seconds } };

	(void)timerfd_settime(vtpm->ticks.fd, 0, &once, NULL);
}

void vtpm_start_ticks(struct vtpm *vtpm)
{
	set_clock(vtpm, 1);
}

static void start_ticks(void *context)
{
	vtpm_start_ticks(context);
}

static void run_waiting(void *context)
{
	const struct vtpm *vtpm = context;

	turns_run_waiting(vtpm->turns);
}

static void post_run_waiting(void *context)
{
	struct vtpm *vtpm = context;

	threads_post(vtpm->threads, &vtpm->run_waiting);
}

static bool is_stopping(void *context)
{
	const struct vtpm *vtpm = context;

	return threads_is_stopping(vtpm->threads);
}

static int cancel(void *context)
{
	const struct vtpm *vtpm = context;

	return tpm_cancel(vtpm->tpm);
}

/* With the TPM. */
static void look_after_state(void *context)
{
	recovery_check(context);
	(void)recovery_try(context, NULL);
}

static bool tick(void *context)
{
	struct vtpm *vtpm = context;
	uint64_t count;
	bool more;

	if (read(vtpm->ticks.fd, &count, sizeof(count)) <= 0)
		return true;
	more = device_tick(vtpm->device);
	(void)turns_ask(vtpm->turns, &vtpm->look_after_state);
	set_clock(vtpm, recovery_is_wanted(vtpm) || more ? 1 : CHECK_SECONDS);
	return true;
}

static bool on_signal(void *context)
{
	struct vtpm *vtpm = context;
	struct signalfd_siginfo info;

	if (read(vtpm->signals.fd, &info, sizeof(info)) != sizeof(info))
		return true;
	log_info("%s: stopping on signal %u", vtpm->settings->name, info.ssi_signo);
	threads_stop(vtpm->threads);
	return false;
}

static int watch_signals(struct vtpm *vtpm, struct error *err)
{
	sigset_t signals;

	program_ending_signals(&signals);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	vtpm->signals.ready = on_signal;
	vtpm->signals.context = vtpm;
	vtpm->signals.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	vtpm->ticks.ready = tick;
	vtpm->ticks.context = vtpm;
	vtpm->ticks.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (vtpm->signals.fd < 0 || vtpm->ticks.fd < 0 ||
	    watches_add(vtpm->watches, &vtpm->signals) < 0 ||
	    watches_add(vtpm->watches, &vtpm->ticks) < 0)
		return error_set(err, errno, "watch signals");
	return 0;
}

static void before_wait(void *context)
{
	relieve(context);
}

/* The state will be served, but not as it was left; the first store makes up for it. */
static void log_warning(const struct vtpm *vtpm)
{
	struct state_info info;

	state_get_info(vtpm->state, &info);
	if (info.warning.text[0] != '\0')
		log_warn("%s: %s", vtpm->settings->name, info.warning.text);
}

/*
 * A TPM is the same whatever openssl.cnf says, and a server does without 60 KiB of texts. Who makes
 * certificates does not: a CA's key may be where only the configuration leads to.
 */
static void start_crypto(void)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
				  NULL);
}

static int open_state(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(maker_endp) struct maker *maker = NULL;
	struct state_options options = {
		.dir = settings->state,
		.version = settings->tpm,
		.sync = settings->flush,
		.new_identity = settings->new_identity,
		.old_format = settings->resume != NULL, /* which is of the same one */
		.uid = settings->user.uid,
		.gid = settings->user.gid,
		.before_wait = before_wait,
		.context = vtpm,
	};
	int r;

	r = maker_start(settings, &options, &maker, err);
	if (r == 0)
		r = settings_key(settings, &key, err);
	/* Up to here a signal ends us, in whatever we wait: nothing is made yet. */
	if (r == 0)
		r = watch_signals(vtpm, err);
	if (r == 0)
		r = maker_run(maker, key, vtpm->signals.fd, err);
	if (r < 0)
		return r;
	options.key = key;
	if (settings->expect_identity != NULL)
		options.expect_id = settings->identity;
	start_crypto();
	r = state_open(&options, &vtpm->state, err);
	if (r == 0)
		log_warning(vtpm);
	return r;
}

/* libtpms tells that it failed; the state tells why. */
static int explain(const struct vtpm *vtpm, int r, struct error *err)
{
	const char *why = state_last_error(vtpm->state);

	return why[0] != '\0' ? error_say(err, -r, "%s", why) : r;
}

/* The TPM goes on where the saved one was: it is not started up, and the file is used up. */
static int resume(struct vtpm *vtpm, struct error *err)
{
	struct tpm_storage storage = recovery_storage(vtpm);
	cleanup_free char *bytes = NULL;
	size_t len;
	int r;

	r = read_path(vtpm->settings->resume, RESUME_MOST, &bytes, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", vtpm->settings->resume);
	r = state_resume(vtpm->state, (const uint8_t *)bytes, len, err);
	if (r < 0)
		return error_prefix(err, r, "%s", vtpm->settings->resume);
	r = tpm_start(vtpm->settings->tpm, &storage, &vtpm->tpm, err);
	if (r == 0)
		r = tpm_store_again(vtpm->tpm, err);
	return r < 0 ? explain(vtpm, r, err) : 0;
}

/* Who asked for certificates, and has a TPM that was made without, learns it from us. */
static void warn_of_existing(const struct vtpm *vtpm)
{
	const struct settings *settings = vtpm->settings;
	const struct tpm_executor executor = tpm_executor_local(vtpm->tpm);
	struct manufacture_options options;
	const char *lacks = NULL;

	if (settings->factory.certs != NULL &&
	    manufacture_settings_read(&settings->factory, settings->tpm, &options, NULL, NULL) == 0)
		lacks = existing_lacks(&options, &executor);
	if (lacks != NULL)
		log_warn("%s: --create-certs: the TPM that is there was made without %s and is "
			 "left as it is; vtpm-setup manufacture --overwrite makes another one",
			 settings->name, lacks);
}

static int open_tpm(struct vtpm *vtpm, struct error *err)
{
	struct tpm_storage storage = recovery_storage(vtpm);
	int r;

	if (vtpm->settings->resume != NULL)
		return resume(vtpm, err);
	r = tpm_start(vtpm->settings->tpm, &storage, &vtpm->tpm, err);
	if (r == 0)
		r = recovery_power_on(vtpm, err);
	if (r == 0)
		warn_of_existing(vtpm);
	return r < 0 ? explain(vtpm, r, err) : 0;
}

static int open_node(struct vtpm *vtpm, const struct node_options *options, enum device_node kind,
		     struct node **node, struct error *err)
{
	char path[NODE_NAME_MAX + 8];
	int64_t before = monotonic_ms();
	int r = udev_announce(options, vtpm->leftovers, err);

	if (r == 0)
		r = node_open(options, kind, vtpm->device, node, err);
	if (r < 0)
		return r;
	threads_add(vtpm->threads, (*node)->session);
	if (!(*node)->made_it)
		return udev_wait(options, (*node)->dev, before, err);
	(void)snprintf(path, sizeof(path), "/dev/%s", options->name);
	return leftovers_add(vtpm->leftovers, path, err);
}

static int open_nodes(struct vtpm *vtpm, struct error *err)
{
	static const enum device_node kinds[2] = { NODE_EXCLUSIVE, NODE_MANAGED };
	const struct settings *settings = vtpm->settings;
	struct node_options nodes[2] = { settings->nodes[0], settings->nodes[1] };
	int r = 0;

	if (settings->major == 0)
		r = numbers_take(nodes, settings->node_count, err);
	for (size_t i = 0; i < settings->node_count && r == 0; i++)
		r = open_node(vtpm, &nodes[i], kinds[i], &vtpm->nodes[i], err);
	return r;
}

static bool is_stalled(void *context)
{
	const struct vtpm *vtpm = context;

	return tpm_is_stalled(vtpm->tpm);
}

static int open_gate(struct vtpm *vtpm, struct error *err)
{
	const struct transmit_options options = {
		.tpm = tpm_executor_local(vtpm->tpm),
		.version = tpm_get_version(vtpm->tpm),
		.relieve = relieve,
		.is_stalled = is_stalled,
		.context = vtpm,
	};
	int r = gate_new(&options, &vtpm->gate);

	if (r < 0)
		return error_set(err, -r, "make the device");
	return vtpm->settings->node_count > 1 ? gate_manage(vtpm->gate, err) : 0;
}

static int make_device(struct vtpm *vtpm)
{
	const struct turns_host host = {
		.relieve = relieve,
		.run_waiting = post_run_waiting,
		.cancel = cancel,
		.is_stopping = is_stopping,
		.context = vtpm,
	};
	struct device_options options = {
		.gate = vtpm->gate,
		.answers = &session_answers,
		.start_ticks = start_ticks,
		.context = vtpm,
	};
	int r = turns_new(&host, &vtpm->turns);

	options.turns = vtpm->turns;
	return r < 0 ? r : device_new(&options, &vtpm->device);
}

static int open_device(struct vtpm *vtpm, struct error *err)
{
	int r = open_gate(vtpm, err);

	if (r < 0)
		return r;
	r = make_device(vtpm);
	if (r < 0)
		return error_set(err, -r, "make the device");
	return open_nodes(vtpm, err);
}

static int open_control(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	struct sockaddr_un address;
	int r;

	r = control_address(settings->name, &address, err);
	if (r == 0)
		r = control_open(settings->name, settings->user.uid, settings->user.gid,
				 vtpm_commands, vtpm, vtpm->watches, &vtpm->control, err);
	return r < 0 ? r : leftovers_add(vtpm->leftovers, address.sun_path, err);
}

/* A fresh machine has no directory for states yet; any other is the administrator's to make. */
static int check_parent(const char *state, struct error *err)
{
	char parent[PATH_MAX];
	const char *name;
	struct stat st;

	if (split_path(state, parent, &name) < 0 || stat(parent, &st) == 0 || errno != ENOENT)
		return 0; /* whatever else is wrong is said when it is opened */
	if (strcmp(parent, STATES_DIR) == 0 && make_dir(AT_FDCWD, STATES_DIR, 0700) == 0)
		return 0;
	return error_say(err, ENOENT, "the state in %s: there is no directory %s", state, parent);
}

static int check_nodes(const struct settings *settings, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < settings->node_count && r == 0; i++)
		r = node_check(&settings->nodes[i], err);
	return r;
}

static int open_follow(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	struct follow_options options = {
		.name = settings->name,
		.cgroup = settings->follow_cgroup,
		.state = settings->follow_state,
		.bundle = settings->follow_bundle,
		.rootfs = settings->follow_rootfs,
		.pid_fd = settings_fd(settings->follow_pid),
		.runtime_fd = settings_fd(settings->follow_runtime),
		.turns = vtpm->turns,
		.threads = vtpm->threads,
		.watches = vtpm->watches,
	};

	return follow_open(&options, &vtpm->follow, err);
}

static int open_threads(struct vtpm *vtpm, struct error *err)
{
	int r = watches_new(&vtpm->watches);

	if (r < 0)
		return error_set(err, -r, "start serving");
	vtpm->run_waiting.run = run_waiting;
	vtpm->run_waiting.context = vtpm;
	vtpm->look_after_state = (struct turn){ .run = look_after_state, .context = vtpm };
	return threads_new(vtpm->watches, &vtpm->threads, err);
}

int vtpm_open(const struct settings *settings, struct vtpm **ret, struct error *err)
{
	cleanup_with(vtpm_closep) struct vtpm *vtpm = calloc(1, sizeof(*vtpm));
	int r;

	if (vtpm == NULL)
		return error_set(err, ENOMEM, "start");
	vtpm->settings = settings;
	vtpm->signals.fd = -1;
	vtpm->ticks.fd = -1;
	vtpm->started = time(NULL);

	r = check_nodes(settings, err);
	if (r == 0)
		r = check_parent(settings->state, err);
	if (r == 0) /* who is not root any more may not remove root's files */
		r = leftovers_new(settings->user.uid != geteuid(), &vtpm->leftovers, err);
	if (r == 0)
		r = open_threads(vtpm, err);
	if (r == 0)
		r = open_state(vtpm, err);
	if (r == 0)
		r = open_tpm(vtpm, err);
	if (r == 0)
		r = open_device(vtpm, err);
	if (r == 0)
		r = open_control(vtpm, err);
	if (r == 0)
		r = open_follow(vtpm, err);
	if (r < 0)
		return r;
	set_clock(vtpm, CHECK_SECONDS);
	*ret = take_ptr(vtpm);
	return 0;
}

int vtpm_serve(struct vtpm *vtpm, struct error *err)
{
	return threads_run(vtpm->threads, err);
}

/* Without it the next start counts against the dictionary attack lockout (Part 1, 19.8). */
static void shut_down(const struct vtpm *vtpm)
{
	struct error err;

	if (tpm_shutdown(vtpm->tpm, &err) < 0)
		log_warn("%s: %s; the next start may count as a failed try", vtpm->settings->name,
			 err.text);
}

void vtpm_close(struct vtpm *vtpm)
{
	if (vtpm == NULL)
		return;
	follow_close(vtpm->follow);
	control_close(vtpm->control);
	device_free(take_ptr(vtpm->device));
	turns_free(vtpm->turns);
	gate_free(vtpm->gate);
	if (vtpm->tpm != NULL && !atomic_load(&vtpm->saved) && !recovery_is_wanted(vtpm))
		shut_down(vtpm);
	tpm_stop(vtpm->tpm);
	state_close(vtpm->state);
	node_close(vtpm->nodes[1]);
	node_close(vtpm->nodes[0]);
	threads_free(vtpm->threads);
	watches_free(vtpm->watches);
	closep(&vtpm->signals.fd);
	closep(&vtpm->ticks.fd);
	leftovers_remove(vtpm->leftovers);
	free(vtpm);
}
