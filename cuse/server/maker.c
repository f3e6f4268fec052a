/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/maker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "certs/factory/manufacture.h"
#include "certs/factory/settings.h"
#include "cuse/user/privileges.h"
#include "cuse/server/settings.h"
#include "tpm/state/file.h"
#include "tpm/state/state.h"
#include "util/bytes.h"
#include "util/capabilities.h"
#include "util/error.h"
#include "util/log.h"
#include "util/secret_source.h"

/* A key in hex digits, or a password and a newline. */
#define SECRET_MOST (PASSWORD_MAX + 1)

/* How long the maker may take to end a command that it runs. */
#define END_MS 5000

struct maker {
	const struct settings *settings;
	pid_t pid;
	int fd; /* a socket for messages: the server's two secrets, then the maker's report */
};

struct report {
	int r;
	struct error err;
};

static void log_step(void *context, const char *step)
{
	const struct settings *settings = context;

	log_debug("%s: %s", settings->name, step);
}

static void log_result(const struct settings *settings, const struct manufacture_result *result)
{
	for (size_t i = 0; i < result->certificates_count; i++) {
		char fingerprint[65] = "";

		(void)x509_fingerprint(result->certificates[i].certificate, fingerprint, NULL);
		log_info("%s: new %s certificate in NV index 0x%08x, SHA-256 %s", settings->name,
			 certificate_kind_name(result->certificates[i].kind),
			 result->certificates[i].index, fingerprint);
	}
}

static int make(const struct settings *settings, const struct state_options *state_options,
		const struct manufacture_options *options, struct error *err)
{
	cleanup_with(manufacture_result_done) struct manufacture_result result = { 0 };
	cleanup_with(state_closep) struct state *state = NULL;
	struct tpm_storage storage;
	int r;

	r = state_open(state_options, &state, err);
	if (r < 0)
		return r;
	storage = state_storage(state);
	r = manufacture(options, &storage, &result, err);
	if (r == 0)
		log_result(settings, &result);
	return r;
}

/*
 * A message is one byte, followed by the secret if there is one. -ECANCELED: the server has closed
 * the socket to give up.
 */
static int receive_secret(int fd, struct secret **ret)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	struct iovec parts[2];
	char first;
	ssize_t n;
	int r = secret_new(SECRET_MOST, &secret);

	if (r < 0)
		return r;
	parts[0] = (struct iovec){ &first, 1 };
	parts[1] = (struct iovec){ secret->bytes, SECRET_MOST };
	do {
		n = readv(fd, parts, 2);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ECANCELED;
	if (n == 1)
		return 0;
	secret->len = (size_t)n - 1;
	*ret = take_ptr(secret);
	return 0;
}

static int receive_key(const struct settings *settings, int fd, struct state_key **ret,
		       struct error *err)
{
	cleanup_with(secret_freep) struct secret *text = NULL;
	int r = receive_secret(fd, &text);

	if (r < 0)
		return error_set(err, -r, "manufacture a TPM");
	if (text == NULL)
		return settings_key(settings, ret, err);
	return state_key_from_bytes(settings->key != NULL ? KEY_RAW : KEY_PASSWORD, text->bytes,
				    text->len, "the key", ret, err);
}

static int make_with_secrets(const struct settings *settings,
			     const struct state_options *state_options, int fd, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(secret_freep) struct secret *password = NULL;
	struct state_options with_key = *state_options;
	struct manufacture_options options;
	int r;

	r = receive_key(settings, fd, &key, err);
	if (r < 0)
		return r;
	with_key.key = key;
	r = receive_secret(fd, &password);
	if (r < 0)
		return error_set(err, -r, "manufacture a TPM");
	r = manufacture_settings_read(&settings->factory, settings->tpm, &options, NULL, err);
	if (r < 0)
		return r;
	options.ca.password = password;
	options.progress = log_step;
	options.progress_context = (void *)(uintptr_t)settings;
	if (options.subject == NULL)
		options.subject = settings->name;
	return make(settings, &with_key, &options, err);
}

/*
 * Keeps the capabilities to make files for another user and to lock secrets in memory. A command
 * that fetches a certificate runs as root with root's own capabilities.
 */
static int limit_privileges(const struct settings *settings, struct error *err)
{
	static const uint64_t needed =
		1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_IPC_LOCK;

	return capabilities_limit(needed, settings->factory.given.ca.command == NULL, err);
}

static _Noreturn void be_the_maker(const struct settings *settings,
				   const struct state_options *options, pid_t parent, int fd)
{
	struct report report = { 0 };

	report.r = limit_privileges(settings, &report.err);
	/*
	 * End with the server: otherwise the maker would hold the state's lock after a kill of the
	 * server.
	 */
	if (report.r == 0 && prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		report.r = error_set(&report.err, errno, "manufacture a TPM");
	if (getppid() != parent)
		_exit(1);
	if (report.r == 0)
		report.r = make_with_secrets(settings, options, fd, &report.err);
	(void)send(fd, &report, sizeof(report), MSG_NOSIGNAL);
	_exit(0);
}

int maker_start(const struct settings *settings, const struct state_options *options,
		struct maker **ret, struct error *err)
{
	cleanup_with(maker_endp) struct maker *maker = NULL;
	pid_t parent = getpid();
	int ends[2];

	*ret = NULL;
	if (settings->factory.certs == NULL)
		return 0;
	if (state_file_exists(options->dir, BLOB_PERMANENT)) {
		secret_source_discard(settings->factory.ca_password);
		return 0;
	}
	maker = calloc(1, sizeof(*maker));
	if (maker == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, maker == NULL ? ENOMEM : errno, "manufacture a TPM");
	maker->settings = settings;
	maker->fd = ends[0];
	maker->pid = fork();
	if (maker->pid == 0) {
		(void)close(ends[0]);
		be_the_maker(settings, options, parent, ends[1]);
	}
	(void)close(ends[1]);
	if (maker->pid < 0)
		return error_set(err, errno, "manufacture a TPM");
	*ret = take_ptr(maker);
	return 0;
}

/* Returns the key in the form of a key file. */
static int key_as_text(const struct state_key *key, struct secret **ret, struct error *err)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	const enum key_kind kind = state_key_kind(key);
	int r;

	if (kind != KEY_RAW && kind != KEY_PASSWORD)
		return 0;
	r = state_key_get(key, false, &secret, err);
	if (r < 0)
		return r;
	r = secret_new(kind == KEY_RAW ? 2 * secret->len + 1 : secret->len + 1, ret);
	if (r < 0)
		return error_set(err, -r, "manufacture a TPM");
	if (kind == KEY_RAW) {
		hex_encode(secret->bytes, secret->len, (char *)(*ret)->bytes);
		(*ret)->bytes[2 * secret->len] = '\n';
	} else {
		memcpy((*ret)->bytes, secret->bytes, secret->len);
		(*ret)->bytes[secret->len] = '\n';
	}
	return 0;
}

static int send_secret(const struct maker *maker, struct secret *secret, struct error *err)
{
	char first = 0;
	struct iovec parts[2] = { { &first, 1 } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 1 };

	if (secret != NULL) {
		parts[1] = (struct iovec){ secret->bytes, secret->len };
		message.msg_iovlen = 2;
	}
	if (sendmsg(maker->fd, &message, MSG_NOSIGNAL) < 0)
		return error_set(err, errno, "manufacture a TPM");
	return 0;
}

static int send_secrets(const struct maker *maker, const struct state_key *key, struct error *err)
{
	cleanup_with(secret_freep) struct secret *text = NULL, *password = NULL;
	const struct settings *settings = maker->settings;
	struct manufacture_options options;
	int r;

	r = manufacture_settings_read(&settings->factory, settings->tpm, &options, &password, err);
	if (r == 0)
		r = key_as_text(key, &text, err);
	if (r == 0)
		r = send_secret(maker, text, err);
	return r == 0 ? send_secret(maker, password, err) : r;
}

static int take_report(const struct maker *maker, struct error *err)
{
	struct report report;
	ssize_t n = recv(maker->fd, &report, sizeof(report), 0);

	if (n != sizeof(report))
		return error_say(err, EIO, "manufacturing a TPM has ended early");
	if (report.r < 0 && err != NULL)
		*err = report.err;
	return report.r;
}

int maker_run(struct maker *maker, const struct state_key *key, int signals_fd, struct error *err)
{
	struct pollfd fds[2] = { { .fd = signals_fd, .events = POLLIN }, { .events = POLLIN } };
	int r;

	if (maker == NULL)
		return 0;
	r = send_secrets(maker, key, err);
	if (r < 0)
		return r;
	fds[1].fd = maker->fd;
	while (fds[0].revents == 0 && fds[1].revents == 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return error_set(err, errno, "manufacture a TPM");
	}
	if (fds[1].revents != 0)
		return take_report(maker, err);
	return error_say(err, ECANCELED, "a signal has ended it before there was a TPM");
}

void maker_end(struct maker *maker)
{
	struct pollfd gone = { .events = POLLIN };

	if (maker == NULL)
		return;
	if (maker->pid > 0) {
		/*
		 * A maker that is done has sent its report or closed the socket; poll() shows
		 * either.
		 */
		(void)shutdown(maker->fd, SHUT_WR);
		(void)kill(maker->pid, SIGTERM);
		gone.fd = maker->fd;
		if (poll(&gone, 1, END_MS) == 0)
			(void)kill(maker->pid, SIGKILL);
		while (waitpid(maker->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	closep(&maker->fd);
	free(maker);
}
