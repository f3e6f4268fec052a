/* SPDX-License-Identifier: BSD-3-Clause */
/* A directory tree as one digest: what changes it, what does not, and trees that mean harm. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fsverity.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/host/tree_digest.h"
#include "tests/unit/scratch.h"
#include "util/error.h"

/* What file systems do here: those of this machine need have no fs-verity and no mounts. */
static uint8_t verity;             /* of "file"; 0: it has none */
static const char *mounted;        /* a name that something is mounted on */
static const char *made_meanwhile; /* a file, once another one is read */

int __real_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	struct fsverity_digest *digest = argument;

	if (request != FS_IOC_MEASURE_VERITY)
		return __real_ioctl(fd, request, argument);
	if (verity == 0) {
		errno = ENODATA;
		return -1;
	}
	digest->digest_algorithm = 1;
	digest->digest_size = 32;
	memset(digest->digest, verity, 32);
	return 0;
}

int __real_open_in_root(int dir, const char *path, uint64_t flags, uint64_t resolve);
int __wrap_open_in_root(int dir, const char *path, uint64_t flags, uint64_t resolve);
int __wrap_open_in_root(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	if (mounted != NULL && strcmp(path, mounted) == 0)
		return -EXDEV;
	return __real_open_in_root(dir, path, flags, resolve);
}

ssize_t __real_pread(int fd, void *data, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset)
{
	if (made_meanwhile != NULL) {
		scratch_write(made_meanwhile, "new", 3);
		made_meanwhile = NULL;
	}
	return __real_pread(fd, data, len, offset);
}

static int digest_of(const char *path, int64_t seconds, uint8_t *digest, struct error *err)
{
	struct measuring measuring = { 0 };
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), r;

	assert_true(fd >= 0);
	measuring_begin(&measuring, seconds);
	r = tree_digest(fd, &measuring, digest, err);
	assert_int_equal(close(fd), 0);
	return r;
}

static void assert_refused(int errnum, const char *text)
{
	uint8_t digest[SHA256_SIZE];
	struct error err;

	assert_int_equal(digest_of("tree", 600, digest, &err), -errnum);
	assert_string_equal(err.text, text);
}

static void make_tree(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "tree/socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(mkdir("tree", 0755), 0);
	assert_int_equal(mkdir("tree/dir", 0700), 0);
	assert_int_equal(mkdir("tree/empty", 0755), 0);
	scratch_write("tree/dir/inner", "inner", 5);
	scratch_write("tree/file", "content", 7);
	assert_int_equal(symlink("/etc/passwd", "tree/link"), 0);
	assert_int_equal(symlink("..", "tree/up"), 0);
	assert_int_equal(symlink("loop", "tree/loop"), 0);
	assert_int_equal(mkfifo("tree/fifo", 0600), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(close(fd), 0);
}

static int set_up(void **state)
{
	(void)umask(022);
	verity = 0;
	mounted = made_meanwhile = NULL;
	if (scratch_set_up(state) != 0)
		return -1;
	make_tree();
	return 0;
}

/* Whether the tree is another one after CHANGE. */
static bool is_changed_by(void (*change)(void))
{
	uint8_t before[SHA256_SIZE], after[SHA256_SIZE];

	assert_int_equal(digest_of("tree", 600, before, NULL), 0);
	change();
	assert_int_equal(digest_of("tree", 600, after, NULL), 0);
	return memcmp(before, after, sizeof(before)) != 0;
}

/* --- what changes it -------------------------------------------------------------------------- */

static void change_byte(void)
{
	scratch_write("tree/file", "c0ntent", 7);
}

static void append(void)
{
	scratch_write("tree/dir/inner", "inner\n", 6);
}

static void change_mode(void)
{
	struct stat st;

	assert_int_equal(stat("tree/file", &st), 0);
	assert_int_equal(chmod("tree/file", (st.st_mode & 0777) | S_ISUID), 0);
}

static void change_mode_of_directory(void)
{
	assert_int_equal(chmod("tree/dir", 0701), 0);
}

static void change_mode_of_root(void)
{
	assert_int_equal(chmod("tree", 0777), 0);
}

static void rename_file(void)
{
	assert_int_equal(rename("tree/file", "tree/file2"), 0);
}

static void move_file(void)
{
	assert_int_equal(rename("tree/dir/inner", "tree/empty/inner"), 0);
}

static void make_empty_file(void)
{
	scratch_write("tree/empty/new", "", 0);
}

static void change_link(void)
{
	assert_int_equal(unlink("tree/link"), 0);
	assert_int_equal(symlink("/etc/passwe", "tree/link"), 0);
}

static void make_fifo_a_file(void)
{
	assert_int_equal(unlink("tree/fifo"), 0);
	scratch_write("tree/fifo", "", 0);
	assert_int_equal(chmod("tree/fifo", 0600), 0);
}

static void remove_directory(void)
{
	assert_int_equal(rmdir("tree/dir"), 0);
}

static void change_verity(void)
{
	verity++;
}

static void mount_on_it(void)
{
	mounted = "empty";
}

static void a_change_of_content_name_or_rights_changes_it(void **state)
{
	static void (*const changes[])(void) = {
		change_byte,      append,           change_mode,         change_mode_of_directory,
		rename_file,      move_file,        change_mode_of_root, make_empty_file,
		change_link,      change_verity,    change_verity,       mount_on_it,
		make_fifo_a_file, remove_directory,
	};

	(void)state;
	mounted = NULL;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (!is_changed_by(changes[i]))
			fail_msg("change %zu does not change it", i);
	}
}

static void give_away(void)
{
	assert_int_equal(chown("tree/dir", 7, (gid_t)-1), 0);
}

static void give_to_group(void)
{
	assert_int_equal(chown("tree/dir", (uid_t)-1, 8), 0);
}

static void give_link_away(void)
{
	assert_int_equal(lchown("tree/link", 7, 8), 0);
}

static void set_capability(void)
{
	static const uint8_t capability[20] = { 1, 0, 0, 2, 0, 4 };

	assert_int_equal(
		setxattr("tree/file", "security.capability", capability, sizeof(capability), 0), 0);
}

static void make_device(void)
{
	assert_int_equal(mknod("tree/null", S_IFCHR | 0666, makedev(1, 3)), 0);
}

static void make_other_device(void)
{
	assert_int_equal(unlink("tree/null"), 0);
	assert_int_equal(mknod("tree/null", S_IFCHR | 0666, makedev(1, 5)), 0);
}

static void a_change_that_root_alone_makes_changes_it(void **state)
{
	static void (*const changes[])(void) = { give_away, give_to_group, give_link_away,
						 set_capability };
	static void (*const devices[])(void) = { make_device, make_other_device };

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		assert_true(is_changed_by(changes[i]));
	if (mknod("probe", S_IFCHR | 0666, makedev(1, 3)) < 0)
		skip();
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		assert_true(is_changed_by(devices[i]));
}

/* --- what does not ---------------------------------------------------------------------------- */

static void touch(void)
{
	static const struct timeval times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	assert_int_equal(utimes("tree/file", times), 0);
	assert_int_equal(utimes("tree", times), 0);
}

static void make_again(void)
{
	scratch_write("tree/other", "", 0);
	assert_int_equal(unlink("tree/file"), 0);
	scratch_write("tree/file", "content", 7);
	assert_int_equal(unlink("tree/other"), 0);
}

static void change_where_the_link_leads(void)
{
	assert_int_equal(unlink("target"), 0);
	scratch_write("target", "2", 1);
}

static void times_and_order_change_nothing(void **state)
{
	(void)state;
	assert_false(is_changed_by(touch));
	assert_false(is_changed_by(make_again));
}

static void no_link_is_followed_out_of_it(void **state)
{
	(void)state;
	scratch_write("target", "1", 1);
	assert_int_equal(symlink("../target", "tree/out"), 0);
	assert_false(is_changed_by(change_where_the_link_leads));
}

static void a_file_with_verity_is_not_read(void **state)
{
	(void)state;
	verity = 1;
	assert_false(is_changed_by(change_byte));
}

/* --- trees that mean harm --------------------------------------------------------------------- */

static void make_deep(int count)
{
	char name[NAME_MAX + 1];
	int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	assert_int_equal(chdir("tree/empty"), 0);
	for (int i = 0; i < count; i++) {
		assert_int_equal(mkdir(name, 0755), 0);
		assert_int_equal(chdir(name), 0);
	}
	assert_int_equal(fchdir(back), 0);
	assert_int_equal(close(back), 0);
}

static void a_tree_may_be_so_deep_and_no_deeper(void **state)
{
	uint8_t digest[SHA256_SIZE];
	struct error err;

	(void)state;
	make_deep(TREE_DEPTH_MOST - 2);
	assert_int_equal(digest_of("tree", 600, digest, NULL), 0);
	assert_int_equal(rename("tree/empty", "tree/one"), 0);
	assert_int_equal(mkdir("tree/empty", 0755), 0);
	make_deep(TREE_DEPTH_MOST - 1);
	assert_int_equal(digest_of("tree", 600, digest, &err), -E2BIG);
	assert_non_null(strstr(err.text, "nnn: more than 128 directories in one another"));
}

static void a_file_that_changes_is_no_measurement(void **state)
{
	(void)state;
	made_meanwhile = "tree/dir/inner";
	assert_refused(EBUSY, "/dir/inner: changed while it was measured");
}

static void a_directory_that_changes_is_no_measurement(void **state)
{
	static const struct timeval long_ago[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	(void)state;
	assert_int_equal(utimes("tree/dir", long_ago), 0);
	made_meanwhile = "tree/dir/a\nb";
	assert_refused(EBUSY, "/dir: changed while it was measured");
}

static void a_name_in_an_error_is_one_line(void **state)
{
	(void)state;
	assert_int_equal(rename("tree/dir", "tree/a\nb"), 0);
	made_meanwhile = "tree/a\nb/inner";
	assert_refused(EBUSY, "/a\\x0ab/inner: changed while it was measured");
}

static void a_huge_file_takes_no_longer_than_it_may(void **state)
{
	uint8_t digest[SHA256_SIZE];
	struct error err;

	(void)state;
	assert_int_equal(truncate("tree/dir/inner", (off_t)1 << 40), 0);
	assert_int_equal(digest_of("tree", 1, digest, &err), -ETIME);
	assert_non_null(strstr(err.text, "/dir/inner: measuring takes too long: stopped after "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, scratch_tear_down)
		TEST(a_change_of_content_name_or_rights_changes_it),
		TEST(a_change_that_root_alone_makes_changes_it),
		TEST(times_and_order_change_nothing),
		TEST(no_link_is_followed_out_of_it),
		TEST(a_file_with_verity_is_not_read),
		TEST(a_tree_may_be_so_deep_and_no_deeper),
		TEST(a_file_that_changes_is_no_measurement),
		TEST(a_directory_that_changes_is_no_measurement),
		TEST(a_name_in_an_error_is_one_line),
		TEST(a_huge_file_takes_no_longer_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
