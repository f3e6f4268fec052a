/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tpm/state/dir.h"
#include "tpm/state/file.h"
#include "tpm/state/file_bytes.h"
#include "util/cleanup.h"
#include "util/detached_mount.h"
#include "util/error.h"

/* Some state files with the largest slots; what is not written takes no memory. */
#define SIZE "8m"

bool state_memory_is_meant(const char *path)
{
	return strcmp(path, STATE_DIR_MEMORY) == 0;
}

static int make(uid_t uid, gid_t gid, int *ret)
{
	static const struct mount_option options[] = { { "mode", "0700" }, { "size", SIZE } };
	cleanup_close int mount = detached_tmpfs(options, 2, false), root = -1;

	if (mount < 0)
		return mount;
	/* That one is for paths only. */
	root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (uid != (uid_t)-1 && fchown(root, uid, gid) < 0))
		return -errno;
	*ret = take_fd(root);
	return 0;
}

int state_memory_make(uid_t uid, gid_t gid, int *ret, struct error *err)
{
	int r = make(uid, gid, ret);

	if (r == -EPERM)
		return error_say(err, EPERM, "a state in memory needs root (CAP_SYS_ADMIN)");
	if (r == -ENOSYS)
		return error_say(err, ENOSYS, "a state in memory needs Linux 5.2");
	return r < 0 ? error_set(err, -r, "make a state in memory") : 0;
}

int state_memory_fill(int root, uid_t uid, gid_t gid, const uint8_t *bytes, size_t len,
		      size_t *used, struct error *err)
{
	const struct state_dir dir = {
		.fd = root, .path = (char[]){ STATE_DIR_MEMORY }, .uid = uid, .gid = gid
	};
	struct state_header header;
	int r;

	*used = 0;
	r = file_bytes_parse(bytes, len, &header, used, err);
	if (r < 0)
		return r;
	if (header.blob != BLOB_PERMANENT) {
		*used = 0;
		return 0;
	}
	return state_dir_write(&dir, state_file_name(BLOB_PERMANENT), bytes, *used, err);
}
