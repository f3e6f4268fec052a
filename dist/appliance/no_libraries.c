/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the C library would load shared libraries for, in a program that has none: libcrypto's and
 * libfuse's modules, and names of hosts. It is refused, instead of being tried with whatever
 * libraries the machine may have.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>

void *dlopen(const char *name, int mode)
{
	(void)name;
	(void)mode;
	return NULL;
}

int getaddrinfo(const char *restrict name, const char *restrict service,
		const struct addrinfo *restrict wanted, struct addrinfo **restrict ret)
{
	(void)name;
	(void)service;
	(void)wanted;
	*ret = NULL;
	return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

int getnameinfo(const struct sockaddr *restrict address, socklen_t size, char *restrict name,
		socklen_t name_size, char *restrict service, socklen_t service_size, int flags)
{
	(void)address;
	(void)size;
	(void)name;
	(void)name_size;
	(void)service;
	(void)service_size;
	(void)flags;
	return EAI_FAIL;
}

struct hostent *gethostbyname(const char *name)
{
	(void)name;
	return NULL;
}
