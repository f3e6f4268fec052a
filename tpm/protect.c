/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/protect.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libtpms/tpm_library.h>

static bool is_in(const struct dl_phdr_info *object, const ElfW(Phdr) * segment, uintptr_t address)
{
	const uintptr_t start = object->dlpi_addr + segment->p_vaddr;

	return segment->p_type == PT_LOAD && address >= start && address - start < segment->p_memsz;
}

/* A library, or with static libraries our program. */
static bool is_libtpms(const struct dl_phdr_info *object)
{
	const uintptr_t address = (uintptr_t)TPMLIB_MainInit;

	for (int i = 0; i < object->dlpi_phnum; i++) {
		if (is_in(object, &object->dlpi_phdr[i], address))
			return true;
	}
	return false;
}

/* Pages are locked as they come into use: what a TPM leaves untouched costs nothing. */
static int protect(uintptr_t start, uintptr_t end)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	start -= start % page;
	(void)madvise((void *)start, end - start, MADV_DONTDUMP);
	return mlock2((void *)start, end - start, MLOCK_ONFAULT) < 0 ? -errno : 0;
}

static int protect_object(struct dl_phdr_info *object, size_t size, void *result)
{
	int *r = result;

	(void)size;
	if (!is_libtpms(object))
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		const uintptr_t start = object->dlpi_addr + segment->p_vaddr;

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) != 0 && *r == 0)
			*r = protect(start, start + segment->p_memsz);
	}
	return 1;
}

int tpm_protect_memory(void)
{
	int r = 0;

	return dl_iterate_phdr(protect_object, &r) == 1 ? r : -ENOENT;
}
