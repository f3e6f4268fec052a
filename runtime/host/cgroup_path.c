/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/cgroup_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FIELD_LEN PATH_MAX

/* Whether WORD is among the LEN bytes of LIST, words with commas between. */
static bool has_word(const char *list, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	for (const char *end = list + len; list < end;) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		size_t n = (size_t)((comma != NULL ? comma : end) - list);

		if (n == word_len && memcmp(list, word, n) == 0)
			return true;
		list += n + 1;
	}
	return false;
}

/* Three octal digits behind a backslash, as the kernel writes blanks, tabs, newlines and
 * backslashes. */
static bool is_escape(const char *text, size_t len)
{
	return len >= 4 && text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
	       text[2] <= '7' && text[3] >= '0' && text[3] <= '7';
}

static int unescape(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = from[i];

		if (is_escape(from + i, len - i)) {
			c = (char)((from[i + 1] - '0') << 6 | (from[i + 2] - '0') << 3 |
				   (from[i + 3] - '0'));
			i += 3;
		}
		if (n + 1 >= size || c == '\0')
			return -ENAMETOOLONG;
		to[n++] = c;
	}
	to[n] = '\0';
	return 0;
}

/* Field N, from 0, of a line's blank-separated ones. */
static const char *field(const char *line, size_t line_len, int n, size_t *len)
{
	const char *end = line + line_len;

	for (;; n--) {
		const char *blank = memchr(line, ' ', (size_t)(end - line));

		*len = (size_t)((blank != NULL ? blank : end) - line);
		if (n == 0)
			return line;
		if (blank == NULL)
			return NULL;
		line = blank + 1;
	}
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return text != NULL && len == strlen(word) && memcmp(text, word, len) == 0;
}

/* Whether a line of mountinfo is a mount of the hierarchy of CONTROLLER. */
static bool is_hierarchy(const char *line, size_t line_len, const char *controller)
{
	static const char separator[] = " - ";
	const char *tail = memmem(line, line_len, separator, strlen(separator));
	const char *type, *options;
	size_t tail_len, len;

	if (tail == NULL)
		return false;
	tail += strlen(separator);
	tail_len = line_len - (size_t)(tail - line);
	type = field(tail, tail_len, 0, &len);
	if (controller[0] == '\0')
		return is_word(type, len, "cgroup2");
	if (!is_word(type, len, "cgroup"))
		return false;
	options = field(tail, tail_len, 2, &len);
	return options != NULL && has_word(options, len, controller);
}

static int find_mount(const char *mountinfo, const char *controller, char *root, char *mount)
{
	while (*mountinfo != '\0') {
		size_t line_len = strcspn(mountinfo, "\n"), len;

		if (is_hierarchy(mountinfo, line_len, controller)) {
			const char *text = field(mountinfo, line_len, 3, &len);

			if (text == NULL || unescape(text, len, root, FIELD_LEN) < 0)
				return -EINVAL;
			text = field(mountinfo, line_len, 4, &len);
			if (text == NULL || unescape(text, len, mount, FIELD_LEN) < 0)
				return -EINVAL;
			return 0;
		}
		mountinfo += line_len + (mountinfo[line_len] == '\n');
	}
	return -ENOENT;
}

/* A line of /proc/PID/cgroup is NUMBER:CONTROLLERS:PATH. */
static int find_group(const char *groups, const char *controller, char *path)
{
	for (; *groups != '\0'; groups += (*groups == '\n')) {
		size_t line_len = strcspn(groups, "\n");
		const char *line = groups, *end = groups + line_len;
		const char *list = memchr(line, ':', line_len), *colon;

		groups = end;
		if (list == NULL)
			continue;
		list++;
		colon = memchr(list, ':', (size_t)(end - list));
		if (colon == NULL)
			continue;
		if (controller[0] == '\0' ? colon != list
					  : !has_word(list, (size_t)(colon - list), controller))
			continue;
		if ((size_t)(end - colon) > FIELD_LEN)
			return -ENAMETOOLONG;
		memcpy(path, colon + 1, (size_t)(end - colon - 1));
		path[end - colon - 1] = '\0';
		return path[0] == '/' ? 0 : -EINVAL;
	}
	return -ENOENT;
}

/* The part of PATH beneath ROOT; NULL when it is not beneath it. */
static const char *beneath(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (strncmp(path, "/..", 3) == 0 || strncmp(root, "/..", 3) == 0)
		return NULL;
	if (strcmp(root, "/") == 0)
		return path;
	if (strncmp(path, root, len) != 0 || (path[len] != '/' && path[len] != '\0'))
		return NULL;
	return path + len;
}

int cgroup_path_find(const char *mountinfo, const char *groups, const char *controller,
		     struct cgroup_path *ret)
{
	char root[FIELD_LEN], group[FIELD_LEN];
	const char *rest;
	int r;

	r = find_mount(mountinfo, controller, root, ret->mount);
	if (r == 0)
		r = find_group(groups, controller, group);
	if (r < 0)
		return r;
	rest = beneath(group, root);
	if (rest == NULL)
		return -EXDEV;
	if (strcmp(rest, "/") == 0)
		rest = "";
	if (snprintf(ret->path, sizeof(ret->path), "%s%s", ret->mount, rest) >=
	    (int)sizeof(ret->path))
		return -ENAMETOOLONG;
	return 0;
}

int cgroup_path_scope(const char *path, char unit[static NAME_MAX + 1])
{
	static const char suffix[] = ".scope";
	const size_t suffix_len = strlen(suffix);
	int r = -ENOENT;

	for (size_t len; path[0] != '\0'; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len <= suffix_len || len > NAME_MAX ||
		    memcmp(path + len - suffix_len, suffix, suffix_len) != 0)
			continue;
		/* systemd puts '_' before names that the kernel could mistake for its files. */
		(void)snprintf(unit, NAME_MAX + 1, "%.*s", (int)len - (path[0] == '_'),
			       path + (path[0] == '_'));
		r = 0;
	}
	return r;
}
