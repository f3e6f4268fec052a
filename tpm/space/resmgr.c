/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/space/resmgr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/space/job.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"

int resmgr_new(const struct tpm_executor *executor, struct resmgr **ret, struct error *err)
{
	cleanup_with(resmgr_freep) struct resmgr *resmgr = calloc(1, sizeof(*resmgr));
	int r;

	if (resmgr == NULL)
		return error_set(err, ENOMEM, "start the resource manager");
	resmgr->executor = *executor;
	r = context_read_commands(executor, &resmgr->commands);
	if (r == 0)
		r = context_read_property(executor, TPM2_PT_HR_TRANSIENT_MIN,
					  &resmgr->object_slots);
	if (r == 0)
		r = context_read_property(executor, TPM2_PT_HR_LOADED_MIN, &resmgr->session_slots);
	if (r < 0)
		return error_set(err, -r, "ask the TPM for its commands and slots");
	r = resmgr_open(resmgr, &resmgr->exclusive);
	if (r < 0)
		return error_set(err, -r, "start the resource manager");
	*ret = take_ptr(resmgr);
	return 0;
}

static void free_space(struct space *space)
{
	space_clear(space);
	free(space);
}

void resmgr_free(struct resmgr *resmgr)
{
	struct space *next;

	if (resmgr == NULL)
		return;
	for (struct space *space = resmgr->spaces; space != NULL; space = next) {
		next = space->next;
		free_space(space);
	}
	orphans_clear(&resmgr->orphans);
	explicit_bzero(resmgr, sizeof(*resmgr));
	free(resmgr);
}

int resmgr_evict_all(struct resmgr *resmgr)
{
	int r = slots_evict_others(resmgr, NULL);

	return r < 0 ? r : slots_restore_exclusive(resmgr);
}

int resmgr_open(struct resmgr *resmgr, struct space **ret)
{
	struct space *space = calloc(1, sizeof(*space));

	if (space == NULL)
		return -ENOMEM;
	space->next = resmgr->spaces;
	resmgr->spaces = space;
	*ret = space;
	return 0;
}

/* A session that was saved is flushed all the same; an object that is not in the TPM need not be.
 */
static void flush_entry(struct resmgr *resmgr, const struct space_entry *entry)
{
	uint32_t handle = entry->handle, code;

	if (handle_is_session(entry->virtual_handle))
		handle = entry->virtual_handle;
	if (handle != 0)
		(void)context_flush(&resmgr->executor, handle, &code);
}

void resmgr_close(struct resmgr *resmgr, struct space *space)
{
	struct space **link = &resmgr->spaces;

	if (space == NULL)
		return;
	for (size_t i = 0; i < SPACE_OBJECTS_MAX; i++)
		flush_entry(resmgr, &space->objects[i]);
	for (size_t i = 0; i < SPACE_SESSIONS_MAX; i++)
		flush_entry(resmgr, &space->sessions[i]);
	while (*link != space)
		link = &(*link)->next;
	*link = space->next;
	free_space(space);
}

static int load_entry(struct job *job, struct space_entry *entry, uint32_t missing)
{
	uint32_t code;
	int r;

	entry->pinned = true;
	entry->last_use = job->resmgr->uses;
	if (entry->handle != 0)
		return 0;
	r = slots_load(job->resmgr, entry, &code);
	if (r < 0 || code == TPM2_RC_SUCCESS)
		return r;
	if (slots_code_is_warning(code)) {
		job->code = code;
		return 0;
	}
	/* It was flushed behind our back, by TPM2_Clear for one. */
	space_entry_clear(entry);
	job->code = missing;
	return 0;
}

/* A session of another space must not be there when the TPM looks for it. */
static int prepare_session(struct job *job, uint32_t handle, uint32_t missing)
{
	struct space_entry *entry = NULL;
	struct space *owner;

	if (job->space != NULL)
		entry = space_find(job->space, handle);
	if (entry != NULL)
		return load_entry(job, entry, missing);
	owner = slots_session_owner(job->resmgr, handle);
	if (owner == NULL)
		return 0;
	entry = space_find(owner, handle);
	return entry->handle != 0 ? slots_evict(job->resmgr, entry) : 0;
}

static int prepare_object(struct job *job, uint32_t handle, uint8_t *place, uint32_t missing)
{
	struct space_entry *entry = space_find(job->space, handle);
	int r;

	if (entry == NULL)
		return -EINVAL;
	r = load_entry(job, entry, missing);
	if (r == 0 && job->code == TPM2_RC_SUCCESS)
		put_be32(place, entry->handle);
	return r;
}

static int prepare_handles(struct job *job)
{
	int r = 0;

	for (size_t i = 0; i < job->layout.handle_count && r == 0 && job->code == 0; i++) {
		uint8_t *place = job->resmgr->command.bytes + TPM_HEADER_SIZE + 4 * i;
		uint32_t handle = get_be32(place);
		uint32_t missing = TPM2_RC_REFERENCE_H0 + (uint32_t)i;

		if (handle_is_session(handle))
			r = prepare_session(job, handle, missing);
		else if (job->space != NULL && handle_type(handle) == TPM2_HT_TRANSIENT)
			r = prepare_object(job, handle, place, missing);
	}
	return r;
}

static int prepare_sessions(struct job *job)
{
	int r = 0;

	if (job->layout
		    .malformed) /* the TPM refuses it; should it not, nobody's session is there */
		return slots_evict_others(job->resmgr, job->space);
	for (size_t i = 0; i < job->layout.session_count && r == 0 && job->code == 0; i++) {
		uint32_t handle = job->layout.sessions[i].handle;

		if (handle_is_session(handle))
			r = prepare_session(job, handle, TPM2_RC_REFERENCE_S0 + (uint32_t)i);
	}
	return r;
}

/* The context of an orphan may have been renewed since it was given away. */
static int prepare_context(struct job *job)
{
	struct tpm_command *command = &job->resmgr->command;
	const struct orphan *orphan;

	if (job->layout.code != TPM2_CC_ContextLoad)
		return 0;
	orphan = orphans_find(&job->resmgr->orphans, job->original + TPM_HEADER_SIZE,
			      job->len - TPM_HEADER_SIZE);
	if (orphan == NULL)
		return 0;
	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(command, orphan->current.bytes, orphan->current.len);
	return tpm_command_end(command);
}

static void unpin(struct space *space)
{
	if (space == NULL)
		return;
	for (size_t i = 0; i < SPACE_OBJECTS_MAX; i++)
		space->objects[i].pinned = false;
	for (size_t i = 0; i < SPACE_SESSIONS_MAX; i++)
		space->sessions[i].pinned = false;
}

/* The exclusive user has all slots, and knows what is in them. */
static bool make_room(const struct job *job, uint32_t code)
{
	if (job->space == NULL && code != TPM2_RC_CONTEXT_GAP)
		return false;
	return slots_make_room(job->resmgr, code);
}

static int run(const struct job *job, const uint8_t **response, size_t *len, uint32_t *code)
{
	struct resmgr *resmgr = job->resmgr;
	int r;

	do {
		r = resmgr->executor.execute(resmgr->executor.context, resmgr->command.bytes,
					     resmgr->command.len, response, len);
		if (r == 0)
			*code = get_be32(*response + 6);
	} while (r == 0 && make_room(job, *code));
	return r;
}

static void forget_owned(struct job *job, uint32_t handle)
{
	struct space_entry *entry = job->space != NULL ? space_find(job->space, handle) : NULL;

	if (entry != NULL)
		space_entry_clear(entry);
}

/* Sessions that end with the command, and what it flushes or gives away. */
static void commit_endings(struct job *job, size_t len)
{
	struct resmgr *resmgr = job->resmgr;
	uint32_t handle = 0;

	if (job->layout.handle_count > 0)
		handle = get_be32(job->original + TPM_HEADER_SIZE);
	for (size_t i = 0; i < job->layout.session_count; i++) {
		if (!job->layout.sessions[i].continues)
			forget_owned(job, job->layout.sessions[i].handle);
	}
	if (job->layout.code == TPM2_CC_FlushContext) {
		forget_owned(job, handle);
		orphans_forget(&resmgr->orphans, handle);
	}
	if (job->layout.code == TPM2_CC_ContextSave && handle_is_session(handle)) {
		forget_owned(job, handle);
		/* Without a note of it the session cannot be renewed, which is what the kernel
		 * does. */
		(void)orphans_add(&resmgr->orphans, handle, resmgr->response + TPM_HEADER_SIZE,
				  len - TPM_HEADER_SIZE);
	}
}

/* Gives the space what the response's handle names. */
static int commit_new(struct job *job)
{
	struct resmgr *resmgr = job->resmgr;
	uint8_t *place = resmgr->response + TPM_HEADER_SIZE;
	uint32_t handle = get_be32(place), code;
	struct space_entry *entry;

	if (!handle_is_session(handle) && handle_type(handle) != TPM2_HT_TRANSIENT)
		return 0;
	slots_forget_handle(resmgr, handle);
	orphans_forget(&resmgr->orphans, handle);
	if (job->space == NULL)
		return 0;
	entry = space_add(job->space, handle);
	if (entry == NULL) {
		(void)context_flush(&resmgr->executor, handle, &code);
		return -ENOMEM;
	}
	entry->last_use = resmgr->uses;
	put_be32(place, entry->virtual_handle);
	return 0;
}

static int commit(struct job *job, size_t len)
{
	int r = 0;

	commit_endings(job, len);
	if (layout_may_flush(&job->layout))
		r = slots_resync(job->resmgr);
	if (r == 0 && layout_returns_handle(&job->layout) && len >= TPM_HEADER_SIZE + 4)
		r = commit_new(job);
	return r;
}

static int prepare(struct job *job)
{
	struct tpm_command *command = &job->resmgr->command;
	int r;

	memcpy(command->bytes, job->original, job->len);
	command->len = job->len;
	r = prepare_handles(job);
	if (r == 0 && job->code == 0)
		r = prepare_sessions(job);
	if (r == 0 && job->code == 0)
		r = resmgr_prepare_listing(job);
	return r < 0 || job->code != 0 ? r : prepare_context(job);
}

static int perform(struct job *job, const uint8_t **response, size_t *len)
{
	struct resmgr *resmgr = job->resmgr;
	uint32_t code = TPM2_RC_SUCCESS;
	int r = prepare(job);

	if (r == 0 && job->code != 0) {
		resmgr_answer_code(resmgr, job->code, response, len);
		return 0;
	}
	if (r == 0 && layout_returns_handle(&job->layout) && job->space != NULL)
		slots_reserve(resmgr, job->layout.code == TPM2_CC_StartAuthSession);
	if (r == 0)
		r = run(job, response, len, &code);
	if (r < 0 || code != TPM2_RC_SUCCESS)
		return r;

	memcpy(resmgr->response, *response, *len);
	*response = resmgr->response;
	return commit(job, *len);
}

/* The TPM itself says what it thinks of a command that it does not know. */
static int enter_exclusive(struct job *job, int parsed)
{
	if (parsed < 0)
		job->layout = (struct command_layout){ .malformed = true };
	return resmgr_evict_all(job->resmgr);
}

static int execute(struct job *job, const uint8_t **response, size_t *len)
{
	int r;

	if (resmgr_answer_handles(job, response, len, &r))
		return r;
	if (resmgr_answer_flush(job, response, len))
		return 0;
	r = perform(job, response, len);
	unpin(job->space);
	return r;
}

int resmgr_execute(struct resmgr *resmgr, struct space *space, const uint8_t *command, size_t len,
		   const uint8_t **response, size_t *response_len)
{
	struct job job = { .resmgr = resmgr, .space = space, .original = command, .len = len };
	int r;

	resmgr->uses++;
	r = command_layout_parse(&resmgr->commands, command, len, &job.layout);
	if (space == NULL)
		r = enter_exclusive(&job, r);
	if (r == -EOPNOTSUPP) {
		resmgr_answer_code(resmgr, TPM2_RC_COMMAND_CODE | RESMGR_LAYER, response,
				   response_len);
		return 0;
	}
	return r < 0 ? r : execute(&job, response, response_len);
}
