/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a fuzz target over its corpus, $SRCDIR/tests/fuzz/corpus/NAME for the program fuzz_NAME, or
 * over the files that are given: what libFuzzer does, without it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(int dir_fd, const char *name)
{
	cleanup_free char *data = NULL;
	size_t len;
	int r = read_file(dir_fd, name, 16U << 20, &data, &len);

	if (r < 0) {
		(void)fprintf(stderr, "%s: %s\n", name, strerror(-r));
		return 1;
	}
	return LLVMFuzzerTestOneInput((const uint8_t *)data, len);
}

static int replay_corpus(const char *program)
{
	const char *top = getenv("SRCDIR"), *name = strstr(program, "fuzz_");
	struct dirent *entry;
	char path[4096];
	int result = 0, count = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".",
		       name != NULL ? name + strlen("fuzz_") : program);
	dir = opendir(path);
	if (dir == NULL) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		result |= replay(dirfd(dir), entry->d_name);
		count++;
	}
	(void)closedir(dir);
	(void)printf("%s: %d files\n", path, count);
	return result != 0 || count == 0;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	int result = 0;

	if (argc == 1)
		return replay_corpus(slash != NULL ? slash + 1 : argv[0]);
	for (int i = 1; i < argc; i++)
		result |= replay(AT_FDCWD, argv[i]);
	return result;
}
