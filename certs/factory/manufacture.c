/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/manufacture.h"

#include <errno.h>
#include <string.h>

#include "certs/factory/commands_12.h"
#include "certs/factory/job.h"
#include "tpm/blobs.h"
#include "util/error.h"
#include "util/wiped.h"

static int identify(struct job *job, struct error *err)
{
	const struct manufacture_options *options = job->options;
	struct tpm_attributes *attributes = &job->result->tpm;
	int r = tpm_attributes_get(&job->executor, options->version, attributes, err);

	if (r == 0 && options->tpm_manufacturer != NULL)
		strcpy(attributes->manufacturer, options->tpm_manufacturer); /* 11 characters */
	return r;
}

/* Started up; a TPM 1.2 becomes active with the start that follows its activation. */
static int start(struct job *job, const struct tpm_storage *storage, struct tpm **tpm,
		 struct error *err)
{
	const struct manufacture_options *options = job->options;
	int r = tpm_start_with_profile(options->version, options->profile, storage, tpm, err);

	if (r == 0)
		r = tpm_startup(*tpm, err);
	if (r == 0)
		job->executor = tpm_executor_local(*tpm);
	return r;
}

static int run_2(struct job *job, const struct tpm_storage *storage, struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	int r;

	job_step(job, "making a new TPM 2.0");
	r = start(job, storage, &tpm, err);
	if (r == 0)
		r = make_2_check(job, err);
	if (r == 0)
		r = identify(job, err);
	if (r == 0)
		r = make_2(job, err);
	if (r == 0)
		r = tpm_shutdown(tpm, err);
	return r;
}

static int run_12(struct job *job, const struct tpm_storage *storage, struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	int r;

	job_step(job, "making a new TPM 1.2, enabled and activated");
	r = start(job, storage, &tpm, err);
	if (r == 0)
		r = tpm12_activate(&job->executor, err);
	tpm_stop(take_ptr(tpm));
	if (r == 0)
		r = start(job, storage, &tpm, err);
	if (r == 0)
		r = identify(job, err);
	if (r == 0)
		r = make_12(job, err);
	return r;
}

static int make(struct job *job, const struct tpm_storage *target, struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	const struct tpm_storage storage = tpm_blobs_storage(&blobs);
	int r;

	if (job->options->version == TPM_VERSION_2)
		r = run_2(job, &storage, err);
	else
		r = run_12(job, &storage, err);
	if (r < 0)
		return r;
	job_step(job, "storing the state");
	r = target->replace(target->context, blobs.of[BLOB_PERMANENT].data,
			    blobs.of[BLOB_PERMANENT].len);
	job->result->made = r == 0;
	return r < 0 ? error_set(err, -r, "store the new TPM's state") : 0;
}

static int write_copies(struct job *job, const char *dir, struct error *err)
{
	int r;

	job_step(job, "writing certificates to %s", dir);
	r = manufacture_result_write(job->result, dir, err);
	return r < 0 ? error_prefix(err, r,
				    "the TPM was made, but not the copies of its certificates")
		     : 0;
}

/* Opens the CA first if certificates are wanted, so that its errors show at once. */
static int make_with_ca(struct job *job, const struct tpm_storage *storage, struct error *err)
{
	const struct manufacture_options *options = job->options;
	cleanup_with(ca_closep) struct ca *ca = NULL;
	int r = 0;

	if (manufacture_wants_certificates(options)) {
		job_step(job, "opening the CA");
		r = ca_open(&options->ca, &ca, err);
		job->ca = ca;
	}
	if (r == 0)
		r = make(job, storage, err);
	if (r == 0 && options->certificate_dir != NULL)
		r = write_copies(job, options->certificate_dir, err);
	return r;
}

/* 0: there is none; 1: there is one, and it is kept. */
static int look_for_existing(const struct manufacture_options *options,
			     const struct tpm_storage *storage, struct error *err)
{
	cleanup_wiped struct wiped data = { 0 };
	int r = storage->load(storage->context, BLOB_PERMANENT, &data.data, &data.len);

	if (r == -ENOENT || (r == 0 && options->existing == EXISTING_REPLACE))
		return 0;
	if (r < 0)
		return error_set(err, -r, "look for an existing TPM");
	if (options->existing == EXISTING_KEEP)
		return 1;
	return error_say(err, EEXIST,
			 "there is a TPM already: --overwrite makes another one in its place, "
			 "--not-overwrite leaves it");
}

int manufacture(const struct manufacture_options *options, const struct tpm_storage *storage,
		struct manufacture_result *result, struct error *err)
{
	struct job job = { .options = options, .result = result };
	int r = manufacture_options_check(options, err);

	if (r == 0)
		r = look_for_existing(options, storage, err);
	if (r < 0)
		return r;
	result->kept = r == 1;
	return result->kept ? 0 : make_with_ca(&job, storage, err);
}
