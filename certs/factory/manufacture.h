/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A new TPM as it leaves the factory: keys, certificates, PCR banks; all of it or nothing.
 */
#ifndef VTPM_CERTS_FACTORY_MANUFACTURE_H
#define VTPM_CERTS_FACTORY_MANUFACTURE_H

#include "certs/factory/options.h"
#include "certs/factory/result.h"
#include "tpm/tpm.h"

/*
 * Manufactures the TPM in memory, in this process, which must have no other TPM running, and puts
 * it into STORAGE with one call of its replace(). When it fails, STORAGE is as it was, unless
 * result->made: then only the copies of the certificates are missing. -EINVAL, -ENOTSUP: OPTIONS
 * ask for what no TPM, or not this one, has. RESULT must be zeroed, and is for
 * manufacture_result_done() whatever is returned.
 */
int manufacture(const struct manufacture_options *options, const struct tpm_storage *storage,
		struct manufacture_result *result, struct error *err);

#endif
