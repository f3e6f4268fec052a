/* SPDX-License-Identifier: BSD-3-Clause */
/* What the resource manager answers in the TPM's place. */
#include "tpm/space/job.h"

#include <string.h>

#include "tpm/tcg.h"
#include "util/bytes.h"

void resmgr_answer_code(struct resmgr *resmgr, uint32_t code, const uint8_t **response, size_t *len)
{
	put_be16(resmgr->response, TPM2_ST_NO_SESSIONS);
	put_be32(resmgr->response + 2, TPM_HEADER_SIZE);
	put_be32(resmgr->response + 6, code);
	*response = resmgr->response;
	*len = TPM_HEADER_SIZE;
}

/* A list of handles as TPM2_GetCapability answers it (Part 3, 30.2). */
static int answer_list(struct resmgr *resmgr, const uint32_t *handles, size_t count, size_t most,
		       const uint8_t **response, size_t *len)
{
	struct tpm_command *answer = &resmgr->command;
	size_t listed = count < most ? count : most;

	tpm_command_begin(answer, TPM2_ST_NO_SESSIONS, TPM2_RC_SUCCESS);
	tpm_put_u8(answer, listed < count); /* moreData */
	tpm_put_u32(answer, TPM2_CAP_HANDLES);
	tpm_put_u32(answer, (uint32_t)listed);
	for (size_t i = 0; i < listed; i++)
		tpm_put_u32(answer, handles[i]);
	*response = answer->bytes;
	*len = answer->len;
	return tpm_command_end(answer);
}

/* Saved sessions that no space owns: whoever has their context may want to know, or to clear up. */
static int list_saved(struct resmgr *resmgr, uint32_t first, uint32_t *handles, size_t *count)
{
	uint32_t all[ORPHANS_MAX];
	size_t n, kept = 0;
	int r = context_read_handles(&resmgr->executor, first, all, ORPHANS_MAX, &n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (slots_session_owner(resmgr, all[i]) == NULL)
			handles[kept++] = all[i];
	}
	*count = kept;
	return r;
}

/* Part 2, 7.2: the types of loaded and of saved sessions have the numbers of these two. */
static bool is_listed(uint8_t type)
{
	return type == TPM2_HT_TRANSIENT || type == TPM2_HT_HMAC_SESSION ||
	       type == TPM2_HT_POLICY_SESSION;
}

/* Whether a space asks for handles that are not the TPM's to tell: from FIRST on, MOST of them. */
static bool asks_for_handles(const struct job *job, uint32_t *first, size_t *most)
{
	struct tpm_reader reader = { job->original, job->len, false };

	if (job->space == NULL || job->layout.code != TPM2_CC_GetCapability ||
	    job->layout.parameters == 0)
		return false;
	(void)tpm_get_bytes(&reader, job->layout.parameters);
	if (tpm_get_u32(&reader) != TPM2_CAP_HANDLES)
		return false;
	*first = tpm_get_u32(&reader);
	*most = tpm_get_u32(&reader);
	return !reader.truncated && reader.left == 0 && is_listed(handle_type(*first));
}

static int list(struct job *job, uint32_t first, uint32_t *handles, size_t *count)
{
	if (handle_type(first) == TPM2_HT_POLICY_SESSION)
		return list_saved(job->resmgr, first, handles, count);
	*count = space_list(job->space, first, handles, SPACE_OBJECTS_MAX);
	return 0;
}

bool resmgr_answer_handles(struct job *job, const uint8_t **response, size_t *len, int *r)
{
	uint32_t handles[SPACE_OBJECTS_MAX + ORPHANS_MAX], first;
	size_t count, most;

	if (job->layout.session_count > 0 || !asks_for_handles(job, &first, &most))
		return false;
	*r = list(job, first, handles, &count);
	if (*r == 0)
		*r = answer_list(job->resmgr, handles, count, most, response, len);
	return true;
}

/* All of the kind of FIRST, if they fit. Saved sessions are what they are. */
static int show(struct job *job, uint32_t first)
{
	struct resmgr *resmgr = job->resmgr;
	bool session = handle_is_session(first);
	size_t count = space_list(job->space, (uint32_t)handle_type(first) << 24, NULL, 0);

	if (handle_type(first) == TPM2_HT_POLICY_SESSION ||
	    count > (session ? resmgr->session_slots : resmgr->object_slots))
		return 0;
	return slots_show(resmgr, job->space, session);
}

int resmgr_prepare_listing(struct job *job)
{
	uint32_t handles[SPACE_OBJECTS_MAX + ORPHANS_MAX], told[SPACE_OBJECTS_MAX + ORPHANS_MAX];
	uint32_t first;
	size_t count, told_count = 0, most;
	int r;

	if (job->layout.session_count == 0 || !asks_for_handles(job, &first, &most))
		return 0;
	r = list(job, first, handles, &count);
	if (r == 0)
		r = show(job, first);
	if (r == 0)
		r = context_read_handles(&job->resmgr->executor, first, told,
					 SPACE_OBJECTS_MAX + ORPHANS_MAX, &told_count);
	if (r == 0 &&
	    (told_count != count || memcmp(told, handles, count * sizeof(handles[0])) != 0))
		job->code = TPM2_RC_AUTH_CONTEXT | RESMGR_LAYER;
	return r;
}

bool resmgr_answer_flush(struct job *job, const uint8_t **response, size_t *len)
{
	uint32_t handle, code = TPM2_RC_HANDLE_P1;
	struct space_entry *entry = NULL;

	if (job->layout.code != TPM2_CC_FlushContext)
		return false;
	handle = get_be32(job->original + TPM_HEADER_SIZE);
	if (job->space != NULL)
		entry = space_find(job->space, handle);
	if (entry != NULL && entry->handle == 0 && !handle_is_session(handle)) {
		space_entry_clear(entry);
		code = TPM2_RC_SUCCESS;
	} else if (entry != NULL || !handle_is_session(handle) ||
		   slots_session_owner(job->resmgr, handle) == NULL) {
		return false;
	}
	resmgr_answer_code(job->resmgr, code, response, len);
	return true;
}
