/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/space/gate.h"

#include <errno.h>

#include "tpm/space/resmgr.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

struct gate {
	struct transmit_options options;
	struct transmit *transmit;
	struct resmgr *resmgr; /* NULL: there is none */
	bool failed;           /* the TPM is in failure mode */
};

int gate_new(const struct transmit_options *options, struct gate **ret)
{
	cleanup_with(gate_freep) struct gate *gate = calloc(1, sizeof(*gate));
	int r;

	if (gate == NULL)
		return -ENOMEM;
	gate->options = *options;
	r = transmit_new(options, &gate->transmit);
	if (r < 0)
		return r;
	*ret = take_ptr(gate);
	return 0;
}

void gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	resmgr_free(gate->resmgr);
	transmit_free(gate->transmit);
	free(gate);
}

int gate_manage(struct gate *gate, struct error *err)
{
	struct tpm_executor executor = transmit_executor(gate->transmit);

	return resmgr_new(&executor, &gate->resmgr, err);
}

static int execute_in_space(struct gate *gate, struct space **space, const uint8_t *command,
			    size_t len, const uint8_t **response, size_t *response_len)
{
	int r = 0;

	if (space != NULL && *space == NULL)
		r = resmgr_open(gate->resmgr, space);
	if (r < 0)
		return r;
	r = resmgr_execute(gate->resmgr, space != NULL ? *space : NULL, command, len, response,
			   response_len);
	if (r == 0 && get_be32(*response + 6) == TPM2_RC_FAILURE)
		gate->failed = true;
	return r;
}

/* A TPM in failure mode gives nobody's objects away, and answers by itself. */
static int execute(struct gate *gate, struct space **space, const uint8_t *command, size_t len,
		   const uint8_t **response, size_t *response_len)
{
	struct tpm_executor straight = transmit_executor(gate->transmit);

	if (gate->resmgr != NULL && !gate->failed)
		return execute_in_space(gate, space, command, len, response, response_len);
	return straight.execute(straight.context, command, len, response, response_len);
}

static bool is_stalled(const struct gate *gate)
{
	const struct transmit_options *options = &gate->options;

	return options->is_stalled != NULL && options->is_stalled(options->context);
}

/* The spaces see what the TPM answered: they go on from there, as it does. */
int gate_execute(struct gate *gate, struct space **space, const uint8_t *command, size_t len,
		 const uint8_t **response, size_t *response_len)
{
	int r = 0;

	if (!is_stalled(gate))
		r = execute(gate, space, command, len, response, response_len);
	if (!is_stalled(gate))
		return r;
	transmit_answer_failure(gate->options.version, response, response_len);
	return 0;
}

void gate_leave(struct gate *gate, struct space *space)
{
	if (space != NULL)
		resmgr_close(gate->resmgr, space);
}

int gate_evict_all(struct gate *gate)
{
	return gate->resmgr != NULL ? resmgr_evict_all(gate->resmgr) : 0;
}
