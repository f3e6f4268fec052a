/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long manufacturing takes: vtpm-setup, the TPM commands and signatures alone in one process
 * ("bare"), and swtpm_setup where it is installed. One after the other within a round, so that what
 * else the machine does hits all of them.
 *
 * swtpm_setup waits for processes that are not its children to disappear: how long that takes is up
 * to whoever adopts them. Here it is us, and they are reaped at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <jansson.h>
#include <openssl/pem.h>

#include "certs/factory/nv.h"
#include "certs/factory/object.h"
#include "certs/factory/pcr_banks.h"
#include "tests/bench/timing.h"
#include "tests/unit/memory_storage.h"
#include "tpm/exchange.h"
#include "util/error.h"

#define ROUNDS_MAX 1000
#define ARGS_MAX 24

/* ---- the bare commands, in a process of their own ------------------------------------------- */

static EVP_PKEY *ca_key;

/* One signature as on a certificate of 700 bytes, and the certificate into NV. */
static int bare_certificate(const struct tpm_executor *executor, uint32_t index, struct error *err)
{
	static const uint8_t certificate[700] = { 1 };
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t signature[256];
	size_t len = sizeof(signature);

	if (EVP_DigestSignInit(context, NULL, EVP_sha384(), NULL, ca_key) != 1 ||
	    EVP_DigestSign(context, signature, &len, certificate, sizeof(certificate)) != 1)
		return openssl_error(err, EIO, "sign");
	EVP_MD_CTX_free(context);
	return nv_make(executor, index, certificate, sizeof(certificate), true, err);
}

static int bare_ek(const struct tpm_executor *executor, enum key_type type, struct error *err)
{
	const struct key_template template = { .role = ROLE_EK, .type = type };
	const struct key_type_info *info = key_type_info(type);
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r = object_make(executor, &template, info->ek_handle, &key, err);

	return r == 0 ? bare_certificate(executor, info->ek_certificate, err) : r;
}

static int bare_commands(bool rsa, struct tpm *tpm, struct error *err)
{
	const struct tpm_executor executor = tpm_executor_local(tpm);
	struct pcr_banks banks;
	int r;

	r = pcr_banks_parse("sha256", &banks, err);
	if (r == 0)
		r = pcr_banks_set(&executor, &banks, err);
	if (r == 0 && rsa)
		r = bare_ek(&executor, KEY_RSA_2048, err);
	if (r == 0)
		r = bare_ek(&executor, KEY_P384, err);
	if (r == 0)
		r = bare_certificate(&executor, NV_PLATFORM_CERTIFICATE, err);
	if (r == 0)
		r = tpm_shutdown(tpm, err);
	return r;
}

/* By the function that reads a local CA's: it is neither a command nor a signature. */
static int load_ca_key(const char *path, struct error *err)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new_file(path, "r");

	ca_key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	return ca_key != NULL ? 0 : openssl_error(err, EINVAL, "read %s", path);
}

static int bare(bool rsa, const char *key_file, struct error *err)
{
	struct memory_storage memory = { .stores = 0 };
	struct tpm_storage storage = memory_storage(&memory);
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	int r;

	r = load_ca_key(key_file, err);
	if (r == 0)
		r = tpm_start(TPM_VERSION_2, &storage, &tpm, err);
	if (r == 0)
		r = tpm_startup(tpm, err);
	if (r == 0)
		r = bare_commands(rsa, tpm, err);
	return r;
}

/* ---- the contestants ------------------------------------------------------------------------ */

struct contestant {
	const char *name;
	const char *against; /* whose time the ratio is to */
	const char *argv[ARGS_MAX];
	bool skipped;
	double samples[ROUNDS_MAX];
	struct timing timing;
	double mean;
	double cpu; /* of it and its children; what else the machine does shows less here */
};

static char dir[64], self[256], setup[256];
static char state[96], ca[96], ca_key_file[128], swtpm_config[128];

#define SETUP_OPTIONS "--plain", "--lock-nvram", "--quiet", "--state", state, "--ca-dir", ca
#define SWTPM_OPTIONS                                                                              \
	"--tpm2", "--tpmstate", state, "--createek", "--create-ek-cert", "--create-platform-cert", \
		"--lock-nvram", "--pcr-banks", "sha256", "--config", swtpm_config, "--runas",      \
		"root"

static struct contestant contestants[] = {
	{ .name = "bare, P-384", .argv = { self, "--bare", "ecc", ca_key_file } },
	{ .name = "vtpm-setup, P-384",
	  .against = "bare, P-384",
	  .argv = { setup, "manufacture", "--ek", "ecc_nist_p384", SETUP_OPTIONS } },
	{ .name = "bare, RSA 2048 + P-384", .argv = { self, "--bare", "rsa", ca_key_file } },
	{ .name = "vtpm-setup, RSA 2048 + P-384",
	  .against = "bare, RSA 2048 + P-384",
	  .argv = { setup, "manufacture", SETUP_OPTIONS } },
	{ .name = "swtpm_setup, RSA 2048 + P-384", .argv = { "swtpm_setup", SWTPM_OPTIONS } },
	{ .name = "vtpm-setup, the same again",
	  .against = "swtpm_setup, RSA 2048 + P-384",
	  .argv = { setup, "manufacture", SETUP_OPTIONS } },
};

#define CONTESTANTS (sizeof(contestants) / sizeof(contestants[0]))

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void remove_all(const char *path)
{
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Runs it to its end, reaping at once whatever is left to us; returns its exit status. */
static int run(const char *const *argv)
{
	int status = -1, other;
	pid_t pid = fork(), reaped;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while ((reaped = waitpid(-1, &other, 0)) != pid && (reaped > 0 || errno == EINTR))
		;
	if (reaped == pid)
		status = WIFEXITED(other) ? WEXITSTATUS(other) : 128;
	return status;
}

static double microseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

/* Of all that we have reaped. */
static double cpu_used(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	return microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
}

/* In microseconds, or negative. */
static double measure(const struct contestant *contestant, double *cpu)
{
	double began, cpu_before = cpu_used(), took;

	remove_all(state);
	(void)mkdir(state, 0700);
	began = timing_now();
	if (run(contestant->argv) != 0)
		return -1;
	took = timing_now() - began;
	*cpu = cpu_used() - cpu_before;
	return took;
}

static int write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return -errno;
	(void)fputs(text, file);
	return fclose(file) == 0 ? 0 : -EIO;
}

static int prepare_swtpm(void)
{
	char text[768], path[128], ca_config[128], options[128];
	int r;

	(void)snprintf(path, sizeof(path), "%s/swtpm-ca", dir);
	(void)mkdir(path, 0700);
	(void)snprintf(ca_config, sizeof(ca_config), "%s/localca.conf", dir);
	(void)snprintf(options, sizeof(options), "%s/localca.options", dir);
	(void)snprintf(text, sizeof(text),
		       "statedir = %s\nsigningkey = %s/signkey.pem\n"
		       "issuercert = %s/issuercert.pem\ncertserial = %s/certserial\n",
		       path, path, path, path);
	r = write_text(ca_config, text);
	if (r == 0)
		r = write_text(options, "--platform-manufacturer a\n--platform-version 1\n"
					"--platform-model b\n");
	(void)snprintf(text, sizeof(text),
		       "create_certs_tool = swtpm_localca\ncreate_certs_tool_config = %s\n"
		       "create_certs_tool_options = %s\n",
		       ca_config, options);
	return r == 0 ? write_text(swtpm_config, text) : r;
}

static int prepare(void)
{
	const char *build = getenv("BUILDDIR");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return -errno;
	self[n] = '\0';
	(void)snprintf(setup, sizeof(setup), "%s/vtpm-setup", build != NULL ? build : ".");
	(void)strcpy(dir, "/tmp/vtpm-bench.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -errno;
	(void)snprintf(state, sizeof(state), "%s/state", dir);
	(void)snprintf(ca, sizeof(ca), "%s/ca", dir);
	(void)snprintf(ca_key_file, sizeof(ca_key_file), "%s/ca/issuing-key.pem", dir);
	(void)snprintf(swtpm_config, sizeof(swtpm_config), "%s/setup.conf", dir);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return -errno;
	return prepare_swtpm();
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct contestant *find(const char *name)
{
	for (size_t i = 0; name != NULL && i < CONTESTANTS; i++) {
		if (strcmp(contestants[i].name, name) == 0)
			return &contestants[i];
	}
	return NULL;
}

/* Of means: making an RSA key takes as long as luck wants, and a mean is fair to luck. */
static double ratio(const struct contestant *contestant, bool cpu)
{
	const struct contestant *against = find(contestant->against);

	if (against == NULL || against->skipped || against->mean <= 0)
		return 0;
	return cpu ? contestant->cpu / against->cpu : contestant->mean / against->mean;
}

static void sum_up(uint32_t rounds)
{
	for (size_t i = 0; i < CONTESTANTS; i++) {
		struct contestant *contestant = &contestants[i];
		double sum = 0;

		if (contestant->skipped)
			continue;
		for (uint32_t n = 0; n < rounds; n++)
			sum += contestant->samples[n];
		contestant->mean = sum / rounds;
		contestant->cpu /= rounds;
		contestant->timing = timing_of(contestant->samples, rounds);
	}
}

static void print_table(void)
{
	(void)printf("%-30s %8s %8s %8s %8s %8s %7s %7s\n", "ms", "mean", "median", "p10", "p90",
		     "CPU", "ratio", "of CPU");
	for (size_t i = 0; i < CONTESTANTS; i++) {
		const struct contestant *contestant = &contestants[i];

		if (contestant->skipped) {
			(void)printf("%-30s   not run\n", contestant->name);
			continue;
		}
		(void)printf("%-30s %8.2f %8.2f %8.2f %8.2f %8.2f", contestant->name,
			     contestant->mean / 1000, contestant->timing.median / 1000,
			     contestant->timing.p10 / 1000, contestant->timing.p90 / 1000,
			     contestant->cpu / 1000);
		if (ratio(contestant, false) > 0)
			(void)printf(" %7.3f %7.3f to %s", ratio(contestant, false),
				     ratio(contestant, true), contestant->against);
		(void)putchar('\n');
	}
}

static int write_json(const char *path, uint32_t rounds)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < CONTESTANTS; i++) {
		const struct contestant *contestant = &contestants[i];

		if (!contestant->skipped)
			(void)json_array_append_new(
				list,
				json_pack("{s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:s?, s:f, s:f}",
					  "name", contestant->name, "rounds", (int)rounds,
					  "mean_us", contestant->mean, "median_us",
					  contestant->timing.median, "p10_us",
					  contestant->timing.p10, "p90_us", contestant->timing.p90,
					  "cpu_us", contestant->cpu, "against", contestant->against,
					  "ratio", ratio(contestant, false), "cpu_ratio",
					  ratio(contestant, true)));
	}
	if (json_dump_file(list, path, JSON_INDENT(2)) < 0)
		r = -EIO;
	json_decref(list);
	return r;
}

/* The first round makes the CAs and warms the caches; it is not counted. */
static void run_rounds(uint32_t rounds)
{
	static const size_t makes_ca = 1;

	double cpu;

	(void)measure(&contestants[makes_ca], &cpu);
	for (uint32_t round = 0; round <= rounds; round++) {
		for (size_t i = 0; i < CONTESTANTS; i++) {
			struct contestant *contestant = &contestants[i];
			double took = contestant->skipped ? -1 : measure(contestant, &cpu);

			contestant->skipped = took < 0;
			if (took < 0 || round == 0)
				continue;
			contestant->samples[round - 1] = took;
			contestant->cpu += cpu;
		}
	}
}

int main(int argc, char **argv)
{
	struct error err = { "" };
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 20;
	const char *json = argc > 2 ? argv[2] : "bench-manufacture.json";
	int r;

	if (argc == 4 && strcmp(argv[1], "--bare") == 0) {
		r = bare(strcmp(argv[2], "rsa") == 0, argv[3], &err);
		if (r < 0)
			(void)fprintf(stderr, "%s\n", err.text);
		return r < 0;
	}
	if (rounds < 1 || rounds > ROUNDS_MAX) {
		(void)fprintf(stderr, "usage: bench-manufacture [ROUNDS (1 to %d) [JSON-FILE]]\n",
			      ROUNDS_MAX);
		return 2;
	}
	r = prepare();
	if (r == 0) {
		run_rounds((uint32_t)rounds);
		sum_up((uint32_t)rounds);
		print_table();
		r = write_json(json, (uint32_t)rounds);
	}
	remove_all(dir);
	return r < 0;
}
