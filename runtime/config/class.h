/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A class: vTPMs that the administrator offers to users of containers. It holds all that an entry
 * of linux.resources.vtpms holds, except names and numbers, and limits who may have how many.
 */
#ifndef VTPM_RUNTIME_CONFIG_CLASS_H
#define VTPM_RUNTIME_CONFIG_CLASS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/config/request.h"
#include "util/sha256.h"

struct error;

/* How long a state is kept. */
enum class_life {
	LIFE_RUN,       /* a new TPM at each start */
	LIFE_CONTAINER, /* kept over stop and start, until the container is removed */
	LIFE_NAMED,     /* kept until a command removes it */
};

/* Strings are borrowed from the JSON. */
struct vtpm_class {
	char name[CLASS_NAME_LEN + 1];
	enum class_life life;
	const char *state_root;      /* "memory:"; NULL: the class is of a running vTPM */
	int64_t max, max_states;     /* 0: no bound */
	bool annotations;            /* annotations may choose the class */
	bool names;                  /* users may name a state */
	bool per_namespace;          /* both bounds apply per owner */
	json_t *name_spaces, *roots; /* arrays of patterns; NULL: everybody */
	uint8_t digest[SHA256_SIZE]; /* of the file */
	json_t *entry;               /* the members of an entry */
	json_t *json;
};

/* The longest owner: "root." and a hash, or a Kubernetes namespace. */
#define OWNER_LEN 63

/* How the book of leases counts a vTPM of a class. Strings are borrowed. */
struct class_claim {
	const char *class, *device, *owner;
	const uint8_t *digest;   /* of the class's file, SHA256_SIZE bytes */
	int64_t max, max_states; /* 0: no bound */
	bool per_namespace;      /* both bounds apply per owner */
	bool kept;               /* the state outlives the container's run ... */
	const char *anchor;      /* ... while this path exists; NULL: until a command removes it */
};

/* What is known of a container whose user asks for a class. */
struct class_asker {
	const char *name_space; /* NULL: not known */
	const char *root;       /* the runtime's */
	const char *state_name; /* NULL: none is chosen */
	bool by_annotation;
};

/* Parses the file of class NAME. The caller calls class_done(). Pure. */
int class_parse(const char *name, const char *text, size_t len, struct vtpm_class *ret,
		struct error *err);
void class_done(struct vtpm_class *class);

/* "run", "container" or "named". */
const char *class_life_name(enum class_life life);

/* Whether the file has a password in it: then only root and its owner may read it. */
bool class_has_password(const struct vtpm_class *class);

/* Whether the class hands in a vTPM that already runs. */
bool class_is_running_vtpm(const struct vtpm_class *class);

/* Whether its states are in memory. */
bool class_is_in_memory(const struct vtpm_class *class);

/* -EACCES, and a sentence that names the class and the rule, when ASKER may not have it. Pure. */
int class_admits(const struct vtpm_class *class, const struct class_asker *asker,
		 struct error *err);

/*
 * Makes the entry for a device of this class, as vtpm_entry_parse() reads it. STATE_PATH is NULL
 * for a running vTPM. UID and GID own the node unless the class sets others. NULL: no memory. Pure.
 */
json_t *class_entry(const struct vtpm_class *class, const char *device, const char *state_path,
		    uint32_t uid, uint32_t gid);

#endif
