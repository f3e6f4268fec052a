/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/index.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/lease/lease.h"

struct lease_index {
	char *words;
	size_t len, size;
};

int lease_name(const char *hash, const char *id, const char *part,
	       char ret[static LEASE_NAME_LEN + 1])
{
	int n = snprintf(ret, LEASE_NAME_LEN + 1, "%s-%s%s%s", hash, id, part[0] != '\0' ? "@" : "",
			 part);

	return n > LEASE_NAME_LEN ? -ENAMETOOLONG : 0;
}

bool lease_name_is_of(const char *name, const char *hash, const char *id)
{
	const char *dash = strchr(name, '-');
	size_t len = strlen(id);

	if (hash != NULL &&
	    (strlen(hash) != (size_t)(dash - name) || strncmp(name, hash, strlen(hash)) != 0))
		return false;
	return strncmp(dash + 1, id, len) == 0 && (dash[1 + len] == '\0' || dash[1 + len] == '@');
}

void lease_index_free(struct lease_index *index)
{
	if (index == NULL)
		return;
	free(index->words);
	free(index);
}

static int make_room(struct lease_index *index, size_t len)
{
	size_t size = index->size > 0 ? index->size : 4096;
	char *words;

	while (size - index->len < len)
		size *= 2;
	if (size == index->size)
		return 0;
	words = realloc(index->words, size);
	if (words == NULL)
		return -ENOMEM;
	index->words = words;
	index->size = size;
	return 0;
}

/* Allocates even when empty, because an empty index has words, too: none. */
int lease_index_new(struct lease_index **ret)
{
	cleanup_with(lease_index_freep) struct lease_index *index = calloc(1, sizeof(*index));

	if (index == NULL || make_room(index, 1) < 0)
		return -ENOMEM;
	*ret = take_ptr(index);
	return 0;
}

static bool is_index(const char *words, size_t len)
{
	if (len == 0)
		return true;
	if (words[0] != 'l' || words[len - 1] != '\0')
		return false;
	for (const char *word = words; word < words + len; word += strlen(word) + 1) {
		if (word[0] == '\0' || strchr("lvndsmc", word[0]) == NULL ||
		    (word[0] == 'l' && strchr(word, '-') == NULL))
			return false;
	}
	return true;
}

int lease_index_parse(const char *words, size_t len, struct lease_index **ret)
{
	cleanup_with(lease_index_freep) struct lease_index *index = NULL;
	int r;

	if (!is_index(words, len))
		return -EINVAL;
	r = lease_index_new(&index);
	if (r == 0)
		r = make_room(index, len);
	if (r < 0)
		return r;
	memcpy(index->words, words, len);
	index->len = len;
	*ret = take_ptr(index);
	return 0;
}

const char *lease_index_words(const struct lease_index *index, size_t *len)
{
	*len = index->len;
	return index->words;
}

static const char *next_word(const struct lease_index *index, const char *word)
{
	word += strlen(word) + 1;
	return word < index->words + index->len ? word : NULL;
}

/* WORD or the first one behind it that is a lease's; NULL: there is none. */
static const char *lease_word(const struct lease_index *index, const char *word)
{
	while (word != NULL && word[0] != 'l')
		word = next_word(index, word);
	return word;
}

const char *lease_index_next(const struct lease_index *index, const char *previous)
{
	const char *word = index->len > 0 ? index->words : NULL;

	if (previous != NULL)
		word = lease_word(index, next_word(index, previous - 1));
	return word != NULL ? word + 1 : NULL;
}

/* The lease's words from START to END; false when it has none. */
static bool find(const struct lease_index *index, const char *name, size_t *start, size_t *end)
{
	const char *found = lease_index_next(index, NULL), *behind;

	while (found != NULL && strcmp(found, name) != 0)
		found = lease_index_next(index, found);
	if (found == NULL)
		return false;
	behind = lease_index_next(index, found);
	*start = (size_t)(found - 1 - index->words);
	*end = behind != NULL ? (size_t)(behind - 1 - index->words) : index->len;
	return true;
}

bool lease_index_has(const struct lease_index *index, const char *name)
{
	size_t start, end;

	return find(index, name, &start, &end);
}

__attribute__((format(printf, 2, 3))) static int add_word(struct lease_index *index,
							  const char *format, ...)
{
	char word[PATH_MAX + 2];
	va_list args;
	int n, r;

	va_start(args, format);
	n = vsnprintf(word, sizeof(word), format, args);
	va_end(args);
	if (n >= (int)sizeof(word))
		return -ENAMETOOLONG;
	r = make_room(index, (size_t)n + 1);
	if (r < 0)
		return r;
	memcpy(index->words + index->len, word, (size_t)n + 1);
	index->len += (size_t)n + 1;
	return 0;
}

static int add_vtpm(struct lease_index *index, const struct lease_vtpm *vtpm)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < vtpm->node_count; i++) {
		r = add_word(index, "d%u:%u", vtpm->major, vtpm->nodes[i].minor);
		if (r == 0 && vtpm->nodes[i].name[0] != '\0')
			r = add_word(index, "n%s", vtpm->nodes[i].name);
	}
	if (r == 0 && vtpm->state_path[0] != '\0')
		r = add_word(index, "s%s", vtpm->state_path);
	if (r == 0 && lease_vtpm_is_ours(vtpm))
		r = add_word(index, "m%u", vtpm->major);
	if (r == 0 && vtpm->claim.class[0] != '\0')
		r = add_word(index, "c%s/%s", vtpm->claim.class, vtpm->claim.owner);
	return r;
}

static int add_lease(struct lease_index *index, const struct lease *lease)
{
	char name[LEASE_NAME_LEN + 1];
	int r = lease_name(lease->hash, lease->id, lease->part, name);

	if (r == 0)
		r = add_word(index, "l%s", name);
	for (size_t i = 0; r == 0 && i < lease->count; i++) {
		if (strcmp(lease->part, LEASE_OPEN) != 0)
			r = add_word(index, "v");
		if (r == 0)
			r = add_vtpm(index, &lease->vtpms[i]);
	}
	return r;
}

static void cut(struct lease_index *index, size_t start, size_t end)
{
	memmove(index->words + start, index->words + end, index->len - end);
	index->len -= end - start;
}

int lease_index_put(struct lease_index *index, const struct lease *lease)
{
	cleanup_with(lease_index_freep) struct lease_index *one = NULL;
	size_t start, end;
	int r = lease_index_new(&one);

	if (r == 0)
		r = add_lease(one, lease);
	if (r == 0)
		r = make_room(index, one->len);
	if (r < 0)
		return r;
	if (find(index, one->words + 1, &start, &end))
		cut(index, start, end);
	memcpy(index->words + index->len, one->words, one->len);
	index->len += one->len;
	return 0;
}

void lease_index_remove(struct lease_index *index, const char *name)
{
	size_t start, end;

	if (find(index, name, &start, &end))
		cut(index, start, end);
}

/* The id of the first container that has the word, or NULL. */
__attribute__((format(printf, 2, 3))) static const char *owner(const struct lease_index *index,
							       const char *format, ...)
{
	const char *word = index->words, *end = word + index->len, *lease = NULL;
	char wanted[PATH_MAX + 2];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(wanted, sizeof(wanted), format, args);
	va_end(args);
	for (; n < (int)sizeof(wanted) && word < end; word += strlen(word) + 1) {
		if (word[0] == 'l')
			lease = word;
		else if (word[0] == wanted[0] && strcmp(word, wanted) == 0)
			return strchr(lease, '-') + 1;
	}
	return NULL;
}

const char *lease_index_number_owner(const struct lease_index *index, uint32_t major,
				     uint32_t minor)
{
	return owner(index, "d%u:%u", major, minor);
}

const char *lease_index_state_owner(const struct lease_index *index, const char *state_path)
{
	return owner(index, "s%s", state_path);
}

const char *lease_index_name_owner(const struct lease_index *index, const char *name)
{
	return owner(index, "n%s", name);
}

bool lease_index_has_major(const struct lease_index *index, uint32_t major)
{
	return owner(index, "m%u", major) != NULL;
}

size_t lease_index_count(const struct lease_index *index)
{
	size_t count = 0;

	for (const char *word = index->len > 0 ? index->words : NULL; word != NULL;
	     word = next_word(index, word))
		count += word[0] == 'v';
	return count;
}

static bool is_class(const char *word, const char *class, const char *owner)
{
	size_t len = strlen(class);

	return word[0] == 'c' && strncmp(word + 1, class, len) == 0 && word[1 + len] == '/' &&
	       (owner == NULL || strcmp(word + 1 + len + 1, owner) == 0);
}

size_t lease_index_class_count(const struct lease_index *index, const char *name, const char *class,
			       const char *owner)
{
	size_t count = 0, start = 0, end = index->len;

	if (name != NULL && !find(index, name, &start, &end))
		return 0;
	for (const char *word = index->words + start; word < index->words + end;
	     word += strlen(word) + 1)
		count += is_class(word, class, owner);
	return count;
}
