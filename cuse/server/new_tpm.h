/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A new TPM is manufactured before it is served, when the command line asks for it.
 */
#ifndef VTPM_CUSE_SERVER_NEW_TPM_H
#define VTPM_CUSE_SERVER_NEW_TPM_H

struct error;
struct settings;
struct state_options;

/*
 * Manufactures the TPM of a state that OPTIONS would open, unless there is one already. In a
 * process of its own: what the certificates take in memory is not the server's for life. Before
 * there are threads.
 */
int factory_run(const struct settings *settings, const struct state_options *options,
		struct error *err);

#endif
