/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/user/users.h"

#include <errno.h>
#include <unistd.h>

#include "cuse/control/client.h"
#include "cuse/user/privileges.h"
#include "cuse/user/uid_lease.h"
#include "tpm/state/dir.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/id_map.h"

#define LEASES_DIR CONTROL_DIR "/uids"
#define ID_MAP_MOST 65536

static int read_one(const char *text, const char *option,
		    int (*read)(const char *text, struct user *ret, struct error *err),
		    struct user *ret, struct error *err)
{
	int r = text == NULL ? 0 : read(text, ret, err);

	return r < 0 ? error_prefix(err, r, "%s", option) : 0;
}

int users_read(struct users *users, struct error *err)
{
	int r;

	users->named = users->control = (struct user){ geteuid(), getegid() };
	users->device = (struct user){ 0, 0 };
	users->range = uid_range_default;
	r = read_one(users->run_as, "--run-as", user_find, &users->named, err);
	if (r == 0)
		r = read_one(users->control_user, "--control-user", user_find, &users->control,
			     err);
	if (r == 0)
		r = read_one(users->owner, "--owner", user_parse_owner, &users->device, err);
	if (r == 0 && users->uid_range != NULL) {
		r = uid_range_parse(users->uid_range, &users->range, err);
		r = r < 0 ? error_prefix(err, r, "--uid-range") : 0;
	}
	return r;
}

/* If the map cannot be read, says yes: the attempt itself will show. */
static bool are_mapped(const char *map, uint32_t first, uint32_t last)
{
	cleanup_free char *text = NULL;
	uint32_t outside;

	return read_path(map, ID_MAP_MOST, &text, NULL) < 0 ||
	       (id_map_find(text, first, &outside) == 0 && id_map_find(text, last, &outside) == 0);
}

static bool is_there(const struct user *user)
{
	return are_mapped("/proc/self/uid_map", user->uid, user->uid) &&
	       are_mapped("/proc/self/gid_map", user->gid, user->gid);
}

static bool range_is_there(const struct uid_range *range)
{
	return are_mapped("/proc/self/uid_map", range->first, range->last) &&
	       are_mapped("/proc/self/gid_map", range->first, range->last);
}

static int lease(const struct users *users, struct own_user *ret, struct error *err)
{
	cleanup_close int dir_fd = -1;
	uid_t uid;
	int r = open_dir_all(LEASES_DIR, 0700, &dir_fd, err);

	if (r == 0)
		r = uid_lease_take(dir_fd, &users->range, &uid, err);
	if (r < 0)
		return r;
	*ret = (struct own_user){ { uid, uid }, r };
	return 0;
}

static int choose(const struct users *users, struct own_user *ret, struct error *err)
{
	const struct uid_range *range = &users->range;

	if (!privileges_include_users())
		return error_say(err, EPERM,
				 "we cannot become a user of our own without CAP_CHOWN, CAP_SETGID "
				 "and CAP_SETUID: --run-as=root serves as root");
	if (range_is_there(range))
		return lease(users, ret, err);
	if (user_find(STATE_USER, &ret->user, NULL) == 0 && is_there(&ret->user))
		return 0;
	return error_say(
		err, EPERM,
		"users %u to %u are not in this user namespace, and there is no user " STATE_USER
		": --run-as=root serves as root",
		(unsigned int)range->first, (unsigned int)range->last);
}

int own_user_take(const struct users *users, struct own_user *ret, struct error *err)
{
	ret->lease_fd = -1;
	ret->user = users->named;
	return users->run_as != NULL || geteuid() != 0 ? 0 : choose(users, ret, err);
}
