/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "certs/ca/ca.h"
#include "certs/ca/key_store.h"
#include "tests/unit/factory_fixture.h"
#include "tests/unit/go_rules.h"
#include "util/file.h"
#include "util/secret.h"

#define USERS 20

static const struct tpm_attributes identity = {
	TPM_VERSION_2, "id:49424D00", "id:20191023", "2.0", 0, 164
};

static int issue_one(const struct ca_options *options, X509 **ret, struct error *err)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	cleanup_with(ca_closep) struct ca *ca = NULL;
	struct certificate_request request = { .kind = CERTIFICATE_EK,
					       .decrypts = true,
					       .subject = "x",
					       .tpm = &identity,
					       .tpm_model = "swtpm" };
	int r = key_store_generate(KEY_P256, &key, err);

	if (r == 0)
		r = ca_open(options, &ca, err);
	if (r < 0)
		return r;
	request.key = key;
	return ca_issue(ca, &request, ret, err);
}

static void expect_text(const struct fixture *fixture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void expect_text(const struct fixture *fixture, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert_string_equal(fixture->err.text, text);
}

static mode_t mode_of(const struct fixture *fixture, const char *name)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void a_ca_is_made_on_first_use_for_its_owner_alone(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *ca = NULL;
	X509 *issuing, *root;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	assert_int_equal(mode_of(fixture, "."), 0700);
	assert_int_equal(mode_of(fixture, "root-key.pem"), 0600);
	assert_int_equal(mode_of(fixture, "issuing-key.pem"), 0600);
	assert_int_equal(sk_X509_num(ca_chain(ca)), 2);
	issuing = sk_X509_value(ca_chain(ca), 0);
	root = sk_X509_value(ca_chain(ca), 1);
	assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(issuing)), 384);
	assert_int_equal(X509_get_pathlen(root), 1);
	assert_int_equal(X509_get_pathlen(issuing), 0);
	assert_int_equal(X509_get_key_usage(root), X509v3_KU_KEY_CERT_SIGN | X509v3_KU_CRL_SIGN);
	assert_int_equal(X509_self_signed(root, 1), 1);
	assert_int_equal(X509_verify(issuing, X509_get0_pubkey(root)), 1);
	assert_null(go_rules_broken(ca_chain(ca)));
}

static void a_name_and_a_kind_of_key_can_be_asked_for(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *ca = NULL;
	char name[80];

	fixture->options.ca.name = "Example";
	fixture->options.ca.key_type = KEY_RSA_3072;
	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(sk_X509_value(ca_chain(ca), 0))), 3072);
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(sk_X509_value(ca_chain(ca), 1)),
					NID_commonName, name, sizeof(name));
	assert_int_equal(strncmp(name, "Example Root CA ", 16), 0);
}

static void nothing_is_made_when_only_looked_for(void **state)
{
	struct fixture *fixture = *state;
	struct ca *ca = NULL;

	assert_int_equal(ca_open_existing(&fixture->options.ca, &ca, &fixture->err), -ENOENT);
	assert_int_equal(mkdir(fixture->ca_dir, 0700), 0);
	assert_int_equal(ca_open_existing(&fixture->options.ca, &ca, &fixture->err), -ENOENT);
	assert_non_null(strstr(fixture->err.text, "/ca: there is no CA"));
}

/* All files of the CA's directory, one after the other. */
static void read_all(struct fixture *fixture, char *all, size_t size)
{
	static const char *const names[] = { "root-key.pem", "root-cert.pem", "issuing-key.pem",
					     "issuing-cert.pem" };
	cleanup_close int dir_fd = open(fixture->ca_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	all[0] = '\0';
	for (size_t i = 0; i < 4; i++) {
		char *text = NULL;

		assert_int_equal(read_file(dir_fd, names[i], 8192, &text, NULL), 0);
		(void)strncat(all, text, size - strlen(all) - 1);
		free(text);
	}
}

static void a_ca_is_never_overwritten(void **state)
{
	static char before[16384], after[16384];
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *first = NULL, *second = NULL;

	assert_int_equal(ca_open(&fixture->options.ca, &first, NULL), 0);
	read_all(fixture, before, sizeof(before));
	fixture->options.ca.key_type = KEY_RSA_2048;
	assert_int_equal(ca_open(&fixture->options.ca, &second, NULL), 0);
	read_all(fixture, after, sizeof(after));
	assert_string_equal(before, after);
}

static void remove_file(struct fixture *fixture, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, name);
	assert_int_equal(unlink(path), 0);
}

/* What a kill between two files leaves; the files come in this order. */
static void an_interrupted_ca_is_completed_with_what_is_there(void **state)
{
	static const char *const names[] = { "issuing-cert.pem", "issuing-key.pem", "root-cert.pem",
					     "root-key.pem" };
	static char before[16384], after[16384];
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 4; i++) {
		cleanup_with(ca_closep) struct ca *ca = NULL, *again = NULL;
		const char *kept;

		assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
		read_all(fixture, before, sizeof(before));
		for (size_t j = 0; j <= i; j++)
			remove_file(fixture, names[j]);
		assert_int_equal(ca_open(&fixture->options.ca, &again, NULL), 0);
		assert_null(go_rules_broken(ca_chain(again)));
		read_all(fixture, after, sizeof(after));
		/* The first file, the root's key, survives all but its own removal. */
		kept = strstr(before, "-----END");
		assert_int_equal(strncmp(before, after, (size_t)(kept - before)) == 0, i < 3);
	}
}

static void a_roots_key_may_be_taken_away(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *first = NULL, *second = NULL;

	assert_int_equal(issue_one(&fixture->options.ca, &first, NULL), 0);
	remove_file(fixture, "root-key.pem");
	assert_int_equal(issue_one(&fixture->options.ca, &second, NULL), 0);
	/* But then a lost issuing CA cannot be made again under the same root. */
	remove_file(fixture, "issuing-cert.pem");
	X509_free(take_ptr(second));
	assert_int_equal(issue_one(&fixture->options.ca, &second, &fixture->err), -ENOENT);
	assert_non_null(strstr(fixture->err.text, "read root-key.pem: No such file or directory"));
}

static void keys_and_certificates_must_be_pairs(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	cleanup_with(BIO_free_allp) BIO *pem = NULL;
	char path[128], *text;
	long len;

	assert_int_equal(issue_one(&fixture->options.ca, &certificate, NULL), 0);
	assert_int_equal(key_store_generate(KEY_P384, &key, NULL), 0);
	assert_int_equal(key_store_to_pem(key, &pem, NULL), 0);
	len = BIO_get_mem_data(pem, &text);
	assert_true(len > 0);
	text = strndup(text, (size_t)len);
	fixture_write(fixture, "ca/issuing-key.pem", text, 0600, path);
	free(text);
	X509_free(take_ptr(certificate));
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -EINVAL);
	expect_text(fixture, "CA %s: the CA's key and its certificate are not a pair",
		    fixture->ca_dir);
	fixture_write(fixture, "ca/issuing-key.pem", "rubbish", 0600, path);
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -EINVAL);
	assert_non_null(strstr(fixture->err.text, "/ca: read issuing-key.pem: "));
	assert_int_equal(ERR_peek_error(), 0);
}

static void ca_is_refused(struct fixture *fixture, const char *text)
{
	cleanup_with(ca_closep) struct ca *ca = NULL;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, &fixture->err), -EPERM);
	if (strstr(fixture->err.text, text) == NULL)
		fail_msg("'%s' lacks '%s'", fixture->err.text, text);
}

static void refused_with_mode(struct fixture *fixture, const char *name, mode_t mode,
			      const char *text)
{
	mode_t before = mode_of(fixture, name);
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, name);
	assert_int_equal(chmod(path, mode), 0);
	ca_is_refused(fixture, text);
	assert_int_equal(chmod(path, before), 0);
}

static void what_others_can_read_or_write_is_refused(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *ca = NULL, *again = NULL;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	refused_with_mode(fixture, ".", 0720,
			  "/ca: the directory can be written by others than its owner (mode 0720)");
	refused_with_mode(fixture, ".", 0702, "(mode 0702)");
	refused_with_mode(
		fixture, "issuing-key.pem", 0640,
		"/ca: issuing-key.pem can be read or written by others than its owner (mode 0640)");
	refused_with_mode(fixture, "issuing-key.pem", 0602, "(mode 0602)");
	refused_with_mode(fixture, "root-key.pem", 0604, "root-key.pem can be read");
	/* Its certificates are for everybody. */
	(void)chmod(fixture->ca_dir, 0755);
	assert_int_equal(ca_open(&fixture->options.ca, &again, NULL), 0);
}

static void what_is_somebody_elses_is_refused(void **state)
{
	static const char *const names[] = { ".", "root-key.pem", "issuing-key.pem" };
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *ca = NULL;

	if (geteuid() != 0)
		skip();
	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	for (size_t i = 0; i < 3; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, names[i]);
		assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
		ca_is_refused(fixture, i == 0 ? "/ca: the directory belongs to user 12345"
					      : "-key.pem belongs to user 12345");
		assert_int_equal(chown(path, 0, (gid_t)-1), 0);
	}
}

static void must_be_a_file(struct fixture *fixture, const char *name)
{
	char path[128], moved[128], text[128];

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, name);
	(void)snprintf(moved, sizeof(moved), "%s/moved", fixture->dir);
	(void)snprintf(text, sizeof(text), "%s is not a regular file", name);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink(moved, path), 0);
	ca_is_refused(fixture, text);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	ca_is_refused(fixture, text);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	ca_is_refused(fixture, text);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rename(moved, path), 0);
}

static void symbolic_links_are_not_followed(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *ca = NULL, *linked = NULL;
	char path[128];

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	must_be_a_file(fixture, "issuing-key.pem");
	must_be_a_file(fixture, "issuing-cert.pem");
	(void)snprintf(path, sizeof(path), "%s/link", fixture->dir);
	assert_int_equal(symlink("ca", path), 0);
	fixture->options.ca.dir = path;
	assert_int_equal(ca_open(&fixture->options.ca, &linked, &fixture->err), -ENOTDIR);
}

static void read_certificate(struct fixture *fixture, const char *name, X509 **ret)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, name);
	file = fopen(path, "re");
	assert_non_null(file);
	*ret = PEM_read_X509(file, NULL, NULL, NULL);
	(void)fclose(file);
	assert_non_null(*ret);
}

/* What is written in the place of a CA's certificate, and signed with the root's key, or KEY. */
static void write_signed(struct fixture *fixture, const char *name, X509 *certificate,
			 EVP_PKEY *key)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *root_key = NULL;
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/root-key.pem", fixture->ca_dir);
	assert_int_equal(key_store_load(path, NULL, &root_key, NULL), 0);
	assert_true(X509_sign(certificate, key != NULL ? key : root_key, EVP_sha384()) > 0);
	(void)snprintf(path, sizeof(path), "%s/%s", fixture->ca_dir, name);
	file = fopen(path, "we");
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	(void)fclose(file);
}

static void chain_is_refused(struct fixture *fixture, int r, const char *text)
{
	cleanup_with(ca_closep) struct ca *ca = NULL, *shown = NULL;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, &fixture->err), r);
	if (strstr(fixture->err.text, text) == NULL)
		fail_msg("'%s' lacks '%s'", fixture->err.text, text);
	assert_int_equal(ERR_peek_error(), 0);
	if (fixture->options.ca.key_uri == NULL)
		assert_int_equal(ca_open_existing(&fixture->options.ca, &shown, NULL), 0);
}

static void a_verifier_whose_clock_is_behind_accepts_what_was_just_made(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *certificate = NULL, *issuing = NULL;
	time_t verifiers = time(NULL) - 10 * 60;

	assert_int_equal(issue_one(&fixture->options.ca, &certificate, NULL), 0);
	read_certificate(fixture, "issuing-cert.pem", &issuing);
	assert_int_equal(X509_cmp_time(X509_get0_notBefore(certificate), &verifiers), -1);
	assert_int_equal(X509_cmp_time(X509_get0_notBefore(issuing), &verifiers), -1);
}

static void a_fifo_or_a_directory_is_no_key_elsewhere(void **state)
{
	static const char *const forms[] = { "", "file:", "file://", "file://localhost" };
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char fifo[128], chain[128], uri[160];

	assert_int_equal(issue_one(&fixture->options.ca, &certificate, NULL), 0);
	X509_free(take_ptr(certificate));
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", fixture->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	(void)alarm(60); /* an open that waits ends the test */
	fixture->options.ca.key_uri = uri;
	fixture->options.ca.chain_file = fifo;
	(void)snprintf(uri, sizeof(uri), "%s/issuing-key.pem", fixture->ca_dir);
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -ENOTREG);
	expect_text(fixture, "load certificates from %s: Not a regular file", fifo);
	(void)snprintf(chain, sizeof(chain), "%s/issuing-cert.pem", fixture->ca_dir);
	fixture->options.ca.chain_file = chain;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		(void)snprintf(uri, sizeof(uri), "%s%s", forms[i], fifo);
		assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err),
				 -ENOTREG);
	}
	expect_text(fixture, "load the key file://localhost%s: Not a regular file", fifo);
	fixture->options.ca.key_uri = fixture->ca_dir;
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -EISDIR);
	(void)alarm(0);
}

static void a_ca_that_no_verifier_accepts_is_refused(void **state)
{
	static const char *const names[] = { "issuing-cert.pem", "root-cert.pem" };
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *made = NULL, *good = NULL;

	assert_int_equal(ca_open(&fixture->options.ca, &made, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		cleanup_with(X509_freep) X509 *right = NULL, *wrong = NULL;
		char text[64];

		read_certificate(fixture, names[i], &right);
		read_certificate(fixture, names[i], &wrong);
		(void)X509_gmtime_adj(X509_getm_notBefore(wrong), 3600);
		write_signed(fixture, names[i], wrong, NULL);
		(void)snprintf(text, sizeof(text), "/ca/%s is valid from 20", names[i]);
		chain_is_refused(fixture, -EKEYEXPIRED, ": set the clock, or take another CA");
		chain_is_refused(fixture, -EKEYEXPIRED, text);
		(void)X509_gmtime_adj(X509_getm_notBefore(wrong), -7200);
		(void)X509_gmtime_adj(X509_getm_notAfter(wrong), -3600);
		write_signed(fixture, names[i], wrong, NULL);
		(void)snprintf(text, sizeof(text), "/ca/%s expired on 20", names[i]);
		chain_is_refused(fixture, -EKEYEXPIRED, text);
		chain_is_refused(fixture, -EKEYEXPIRED, "Z, and the clock says 20");
		X509_free(take_ptr(wrong));

		read_certificate(fixture, names[i], &wrong);
		X509_EXTENSION_free(X509_delete_ext(
			wrong, X509_get_ext_by_NID(wrong, NID_basic_constraints, -1)));
		write_signed(fixture, names[i], wrong, NULL);
		X509_free(take_ptr(wrong));
		(void)snprintf(text, sizeof(text), "/ca/%s is not a CA's", names[i]);
		chain_is_refused(fixture, -EINVAL, text);
		write_signed(fixture, names[i], right, NULL);
	}
	assert_int_equal(ca_open(&fixture->options.ca, &good, NULL), 0);
}

/* Another CA's certificate by mistake: names tell. A signature is only verified of what was
 * brought. */
static void each_certificate_is_signed_by_the_next(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(ca_closep) struct ca *made = NULL, *good = NULL;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *other = NULL;
	cleanup_with(X509_freep) X509 *issuing = NULL, *root = NULL;
	char uri[128], chain[128], text[512];

	assert_int_equal(ca_open(&fixture->options.ca, &made, NULL), 0);
	assert_int_equal(key_store_generate(KEY_P384, &other, NULL), 0);
	read_certificate(fixture, "issuing-cert.pem", &issuing);
	read_certificate(fixture, "root-cert.pem", &root);
	write_signed(fixture, "root-cert.pem", issuing, NULL);
	(void)snprintf(text, sizeof(text), "%s/issuing-cert.pem was not signed by %s/root-cert.pem",
		       fixture->ca_dir, fixture->ca_dir);
	chain_is_refused(fixture, -EINVAL, text);
	write_signed(fixture, "root-cert.pem", root, NULL);
	assert_int_equal(ca_open(&fixture->options.ca, &good, NULL), 0);

	/* A key elsewhere, with a chain of two in one file. */
	write_signed(fixture, "issuing-cert.pem", issuing, other);
	(void)snprintf(uri, sizeof(uri), "file:%s/issuing-key.pem", fixture->ca_dir);
	(void)snprintf(chain, sizeof(chain), "%s/chain.pem", fixture->dir);
	(void)snprintf(text, sizeof(text), "cat %s/issuing-cert.pem %s/root-cert.pem >%s",
		       fixture->ca_dir, fixture->ca_dir, chain);
	assert_int_equal(system(text), 0);
	fixture->options.ca.key_uri = uri;
	fixture->options.ca.chain_file = chain;
	(void)snprintf(text, sizeof(text),
		       "certificate 1 of %s was not signed by certificate 2 of %s", chain, chain);
	chain_is_refused(fixture, -EINVAL, text);
}

struct user {
	struct fixture *fixture;
	pthread_t thread;
	X509 *certificate;
	int r;
};

static void *use_ca(void *arg)
{
	struct user *user = arg;

	user->r = issue_one(&user->fixture->options.ca, &user->certificate, NULL);
	return NULL;
}

/* Threads and processes lock alike; these are threads, so that what they get can be compared. */
static void twenty_users_at_once_get_one_ca_and_no_serial_twice(void **state)
{
	struct fixture *fixture = *state;
	struct user users[USERS] = { 0 };

	for (int i = 0; i < USERS; i++) {
		users[i].fixture = fixture;
		assert_int_equal(pthread_create(&users[i].thread, NULL, use_ca, &users[i]), 0);
	}
	for (int i = 0; i < USERS; i++)
		assert_int_equal(pthread_join(users[i].thread, NULL), 0);
	for (int i = 0; i < USERS; i++) {
		assert_int_equal(users[i].r, 0);
		assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(users[0].certificate),
					       X509_get_issuer_name(users[i].certificate)),
				 0);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(
				ASN1_INTEGER_cmp(X509_get0_serialNumber(users[i].certificate),
						 X509_get0_serialNumber(users[j].certificate)),
				0);
	}
	for (int i = 0; i < USERS; i++)
		X509_free(users[i].certificate);
}

static void twenty_processes_at_once_make_one_ca(void **state)
{
	struct fixture *fixture = *state;
	pid_t pids[USERS];
	cleanup_with(ca_closep) struct ca *ca = NULL;

	for (int i = 0; i < USERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			X509 *certificate = NULL;

			_exit(issue_one(&fixture->options.ca, &certificate, NULL) == 0 ? 0 : 1);
		}
	}
	for (int i = 0; i < USERS; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(ca_open_existing(&fixture->options.ca, &ca, NULL), 0);
	assert_null(go_rules_broken(ca_chain(ca)));
}

/* Whenever the maker is killed, the next one has a CA that works. */
static void a_kill_while_the_ca_is_made_harms_nobody(void **state)
{
	struct fixture *fixture = *state;

	for (useconds_t after = 0; after < 6000; after += 300) {
		char dir[96];
		struct ca_options options = fixture->options.ca;
		cleanup_with(X509_freep) X509 *certificate = NULL;
		pid_t pid;

		(void)snprintf(dir, sizeof(dir), "%s/kill-%u", fixture->dir, after);
		options.dir = dir;
		pid = fork();
		if (pid == 0) {
			struct ca *ca = NULL;

			_exit(ca_open(&options, &ca, NULL) == 0 ? 0 : 1);
		}
		(void)usleep(after);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(issue_one(&options, &certificate, NULL), 0);
	}
}

/* The local CA's files, as if they were somebody else's. */
static void set_elsewhere(struct fixture *fixture, char uri[static 128], char chain[static 128])
{
	cleanup_with(ca_closep) struct ca *ca = NULL;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	(void)snprintf(uri, 128, "file:%s/issuing-key.pem", fixture->ca_dir);
	(void)snprintf(chain, 128, "%s/issuing-cert.pem", fixture->ca_dir);
	fixture->options.ca.key_uri = uri;
	fixture->options.ca.chain_file = chain;
	fixture->options.ca.dir = "/nonexistent";
}

static void a_key_elsewhere_is_named_by_a_uri(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char uri[128], chain[128];

	set_elsewhere(fixture, uri, chain);
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, NULL), 0);
	fixture->options.ca.key_uri = uri + strlen("file:");
	X509_free(take_ptr(certificate));
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, NULL), 0);
	assert_int_equal(ERR_peek_error(), 0);
}

static void what_is_wrong_with_a_key_elsewhere_is_said(void **state)
{
	struct fixture *fixture = *state;
	char uri[128], chain[128], path[128];
	X509 *certificate = NULL;

	set_elsewhere(fixture, uri, chain);
	fixture->options.ca.chain_file = NULL;
	assert_true(issue_one(&fixture->options.ca, &certificate, &fixture->err) < 0);
	assert_string_equal(fixture->err.text, "a CA key needs the CA's certificate as well");
	fixture->options.ca.chain_file = "/nonexistent";
	assert_true(issue_one(&fixture->options.ca, &certificate, &fixture->err) < 0);
	assert_non_null(strstr(fixture->err.text, "load certificates from /nonexistent: "));
	fixture_write(fixture, "rubbish", "rubbish", 0600, path);
	fixture->options.ca.chain_file = path;
	assert_true(issue_one(&fixture->options.ca, &certificate, &fixture->err) < 0);
	fixture->options.ca.chain_file = chain;
	fixture->options.ca.key_uri = path;
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -EIO);
	expect_text(fixture, "load the key %s: there is no private key", path);
	fixture->options.ca.key_uri = chain; /* a certificate is no key */
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -EIO);
	expect_text(fixture, "load the key %s: there is no private key", chain);
	fixture->options.ca.key_uri = "/nonexistent";
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -ENOENT);
	expect_text(fixture, "load the key %s: No such file or directory", "/nonexistent");
	fixture->options.ca.key_uri = "unknown:object=x";
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -ENOENT);
	expect_text(fixture, "load the key %s: no provider of OpenSSL knows such a key",
		    "unknown:object=x");
	assert_int_equal(ERR_peek_error(), 0);
}

static void a_long_uri_leaves_room_for_the_cause(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char uri[128], chain[128], name[300] = "unknown:";

	set_elsewhere(fixture, uri, chain);
	memset(name + 8, 'x', sizeof(name) - 9);
	name[sizeof(name) - 1] = '\0';
	fixture->options.ca.key_uri = name;
	assert_true(issue_one(&fixture->options.ca, &certificate, &fixture->err) < 0);
	name[120] = '\0';
	expect_text(fixture, "load the key %s: no provider of OpenSSL knows such a key", name);
}

static void a_key_elsewhere_must_be_its_certificates(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char uri[128], chain[128], root[128];

	set_elsewhere(fixture, uri, chain);
	(void)snprintf(root, sizeof(root), "%s/root-cert.pem", fixture->ca_dir);
	fixture->options.ca.chain_file = root;
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -EINVAL);
	expect_text(fixture, "%s: the CA's key and its certificate are not a pair", uri);
}

static void a_pin_in_a_uri_is_noticed(void **state)
{
	(void)state;
	assert_true(key_store_uri_has_pin("pkcs11:token=x?pin-value=1234"));
	assert_true(key_store_uri_has_pin("pkcs11:token=x?module-name=y&pin-value=1234"));
	assert_true(key_store_uri_has_pin("PKCS11:pin-value="));
	assert_true(key_store_uri_has_pin("pkcs11:token=x;Pin-Value=1234"));
	assert_false(key_store_uri_has_pin("pkcs11:token=x?pin-source=file:/run/pin"));
	assert_false(key_store_uri_has_pin("pkcs11:"));
	assert_false(key_store_uri_has_pin(""));
	assert_false(key_store_uri_has_pin("/keys/pin-value=1234.pem"));
}

static void an_encrypted_key_wants_its_password_and_asks_nobody(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	cleanup_with(secret_freep) struct secret *right = NULL, *wrong = NULL;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char uri[128], chain[128], path[128];
	FILE *file;

	set_elsewhere(fixture, uri, chain);
	assert_int_equal(key_store_load(uri, NULL, &key, NULL), 0);
	fixture_write(fixture, "encrypted.pem", "", 0600, path);
	file = fopen(path, "we");
	assert_int_equal(
		PEM_write_PKCS8PrivateKey(file, key, EVP_aes_256_cbc(), "pass", 4, NULL, NULL), 1);
	(void)fclose(file);
	fixture->options.ca.key_uri = path;

	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err), -ENOKEY);
	expect_text(fixture, "load the key %s: it wants a password and none is given", path);
	assert_int_equal(secret_new(5, &wrong), 0);
	memcpy(wrong->bytes, "wrong", 5);
	fixture->options.ca.password = wrong;
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, &fixture->err),
			 -EKEYREJECTED);
	expect_text(fixture, "load the key %s: wrong password", path);
	assert_int_equal(secret_new(4, &right), 0);
	memcpy(right->bytes, "pass", 4);
	fixture->options.ca.password = right;
	assert_int_equal(issue_one(&fixture->options.ca, &certificate, NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_ca_is_made_on_first_use_for_its_owner_alone),
		TEST(a_name_and_a_kind_of_key_can_be_asked_for),
		TEST(nothing_is_made_when_only_looked_for),
		TEST(a_ca_is_never_overwritten),
		TEST(an_interrupted_ca_is_completed_with_what_is_there),
		TEST(a_roots_key_may_be_taken_away),
		TEST(keys_and_certificates_must_be_pairs),
		TEST(what_others_can_read_or_write_is_refused),
		TEST(what_is_somebody_elses_is_refused),
		TEST(symbolic_links_are_not_followed),
		TEST(a_verifier_whose_clock_is_behind_accepts_what_was_just_made),
		TEST(a_fifo_or_a_directory_is_no_key_elsewhere),
		TEST(a_ca_that_no_verifier_accepts_is_refused),
		TEST(each_certificate_is_signed_by_the_next),
		TEST(twenty_users_at_once_get_one_ca_and_no_serial_twice),
		TEST(twenty_processes_at_once_make_one_ca),
		TEST(a_kill_while_the_ca_is_made_harms_nobody),
		TEST(a_key_elsewhere_is_named_by_a_uri),
		TEST(what_is_wrong_with_a_key_elsewhere_is_said),
		TEST(a_long_uri_leaves_room_for_the_cause),
		TEST(a_key_elsewhere_must_be_its_certificates),
		TEST(a_pin_in_a_uri_is_noticed),
		TEST(an_encrypted_key_wants_its_password_and_asks_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
