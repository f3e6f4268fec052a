/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/entry.h"
#include "runtime/config/members.h"
#include "runtime/give/asking.h"
#include "runtime/give/offer.h"
#include "runtime/host/anchor.h"
#include "runtime/host/host_root.h"
#include "runtime/lease/book.h"
#include "runtime/lease/holding.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"

static const struct admin_config admin = { .resource_manager = true, .most = 100 };

static const struct offer_asker docker = { .root = "/run/docker/runtime-runc/moby",
					   .hash = "abcdef",
					   .id = "c1",
					   .bundle = "/run/b/c1",
					   .rootfs = "/var/lib/docker/overlay2/1234/merged",
					   .uid = 7,
					   .gid = 8 };

static const struct offer_asker pod = { .root = "/run/containerd/runc/k8s.io",
					.hash = "abcdef",
					.id = "c1",
					.bundle = "/run/b/c1",
					.rootfs = "rootfs",
					.name_space = "prod",
					.state_name = "db" };

static void write_class(const char *name, const char *text)
{
	scratch_write(name, text, strlen(text));
}

static bool has_none(const char *device, const void *context)
{
	(void)device, (void)context;
	return false;
}

static bool has_0(const char *device, const void *context)
{
	(void)context;
	return strcmp(device, "0") == 0;
}

static int offers_of(const char *dir, const char *asked, const struct offer_asker *asker,
		     offer_name_taken *taken, struct offers **ret, struct error *err)
{
	struct class_requests requests = { 0 };

	assert_int_equal(class_requests_add(&requests, asked, false, NULL), 0);
	return offers_new(dir, &requests, asker, taken, NULL, ret, err);
}

static void devices_without_a_name_get_the_lowest_free_number(void **state)
{
	cleanup_with(offers_freep) struct offers *offers = NULL;
	cleanup_free struct vtpm_entry *entries = NULL;
	size_t count = 0;

	write_class("a.json", "{\"stateRoot\": \"memory:\", \"max\": 3, \"per\": \"namespace\"}");
	write_class("b.json", "{\"stateRoot\": \"/s\"}");
	assert_int_equal(offers_of(*state, "a,b:1,b,a:x", &docker, has_0, &offers, NULL), 0);
	assert_int_equal(offers_add_entries(offers, &admin, &entries, &count, NULL), 0);
	assert_int_equal(count, 4);
	assert_string_equal(entries[0].paths[0], "/dev/tpm2");
	assert_string_equal(entries[1].paths[0], "/dev/tpm1");
	assert_string_equal(entries[2].paths[0], "/dev/tpm3");
	assert_string_equal(entries[3].paths[0], "/dev/tpmx");
	assert_string_equal(entries[0].state_path, "memory:");
	assert_string_equal(entries[1].state_path, "/s/root.abcdef/_run-c1-1");
	assert_int_equal(entries[0].uid, 7);
	assert_int_equal(entries[0].gid, 8);
	assert_string_equal(entries[0].claim->class, "a");
	assert_string_equal(entries[0].claim->device, "");
	assert_string_equal(entries[3].claim->device, "x");
	assert_string_equal(entries[0].claim->owner, "root.abcdef");
	assert_int_equal(entries[0].claim->max, 3);
	assert_true(entries[0].claim->per_namespace);
}

static void a_state_lies_with_its_owner_by_its_life(void **state)
{
	cleanup_with(offers_freep) struct offers *named = NULL, *kept = NULL, *pods = NULL;
	cleanup_free struct vtpm_entry *entries = NULL;
	struct error err = { "" };
	struct offers *none;
	size_t count = 0;

	write_class(
		"n.json",
		"{\"stateRoot\": \"/s\", \"life\": \"named\", \"names\": true, \"maxStates\": 5}");
	write_class("k.json", "{\"stateRoot\": \"/s\", \"life\": \"container\"}");
	assert_int_equal(offers_of(*state, "n", &docker, has_none, &named, NULL), 0);
	assert_int_equal(offers_of(*state, "k:1", &docker, has_none, &kept, NULL), 0);
	assert_int_equal(offers_of(*state, "n:2", &pod, has_none, &pods, NULL), 0);
	assert_int_equal(offers_add_entries(named, &admin, &entries, &count, NULL), 0);
	assert_int_equal(offers_add_entries(kept, &admin, &entries, &count, NULL), 0);
	assert_int_equal(offers_add_entries(pods, &admin, &entries, &count, NULL), 0);
	assert_string_equal(entries[0].state_path, "/s/root.abcdef/n.0");
	assert_true(entries[0].state_is_managed);
	assert_true(entries[0].claim->kept);
	assert_int_equal(entries[0].claim->max_states, 5);
	assert_string_equal(entries[1].state_path, "/s/root.abcdef/_container-c1-1");
	assert_string_equal(entries[2].state_path, "/s/prod/db");
	assert_int_equal(offers_of(*state, "n,n:1", &pod, has_none, &none, &err), -EINVAL);
	assert_string_equal(err.text, "class n: one name was chosen for the states of two vTPMs");
	assert_int_equal(offers_of(*state, "k", &pod, has_none, &none, &err), -EOPNOTSUPP);
	assert_string_equal(err.text, "class k: life \"container\": where this engine keeps its "
				      "containers is not known");
	assert_int_equal(offers_of(*state, "n:A", &docker, has_none, &none, &err), -EINVAL);
	assert_string_equal(err.text, "class n: 'n.A' is not a state's name");
}

static void a_state_root_may_be_a_link_and_its_states_have_no_link(void **state)
{
	cleanup_with(offers_freep) struct offers *offers = NULL;
	cleanup_free struct vtpm_entry *entries = NULL;
	char class[PATH_MAX + 64], path[PATH_MAX + 64];
	size_t count = 0;

	(void)snprintf(class, sizeof(class), "{\"stateRoot\": \"%s/link\"}", (char *)*state);
	(void)snprintf(path, sizeof(path), "%s/real/root.abcdef/_run-c1-0", (char *)*state);
	write_class("l.json", class);
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(offers_of(*state, "l", &docker, has_none, &offers, NULL), 0);
	assert_int_equal(offers_add_entries(offers, &admin, &entries, &count, NULL), 0);
	assert_string_equal(entries[0].state_path, path);
}

static void an_engine_s_place_for_a_container_is_known_or_refused(void **state)
{
	static const struct {
		const char *bundle, *rootfs, *anchor;
	} places[] = {
		{ "/run/b", "/data/overlay2/ab12/merged", "/data/overlay2/ab12" },
		{ "/g/vfs-containers/c1/userdata", "/g/vfs/dir/7", "/g/vfs-containers/c1" },
		{ "/g/vfs-containers/c2/userdata", "/g/vfs/dir/7", NULL },
		{ "/g/vfs-containers/c1", "rootfs", NULL },
		{ "/run/b", "overlay2/ab12/merged", NULL },
		{ "/run/b", "/data/overlay2/merged", NULL },
		{ "/run/b", "/data/overlay2x/ab/merged", NULL },
		{ "/run/b", "/merged", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char anchor[PATH_MAX];
		int r = anchor_find("c1", places[i].bundle, places[i].rootfs, anchor, NULL);

		assert_int_equal(r, places[i].anchor != NULL ? 0 : -EOPNOTSUPP);
		if (r == 0)
			assert_string_equal(anchor, places[i].anchor);
	}
}

static void a_user_namespace_has_another_map_than_the_host(void **state)
{
	(void)state;
	assert_true(uid_map_is_of_host("         0          0 4294967295\n"));
	assert_false(uid_map_is_of_host("         0       1000          1\n"));
	assert_false(uid_map_is_of_host("         0          0      65536\n"));
	assert_false(uid_map_is_of_host(""));
}

static void a_sandbox_asks_for_nothing(void **state)
{
	cleanup_json json_t *json = json_loads("{\"io.kubernetes.cri.container-type\": \"sandbox\","
					       "\"vtpm-cuse.org/class\": \"a\"}",
					       0, NULL);
	struct class_requests told = { 0 };
	struct asking asking;

	(void)state;
	assert_int_equal(class_requests_add(&told, "b", false, NULL), 0);
	assert_int_equal(asking_read(&told, json, true, &admin, "/run/containerd/runc/k8s.io",
				     &asking, NULL),
			 0);
	assert_int_equal(asking.requests.count, 0);
	assert_int_equal(asking_read(&told, json, true, &admin, "/run/runc", &asking, NULL), 0);
	assert_int_equal(asking.requests.count, 2);
	assert_int_equal(asking_read(&told, json, false, &admin, "/run/runc", &asking, NULL), 0);
	assert_int_equal(asking.requests.count, 1);
}

static void a_sandbox_may_have_what_its_containers_ask_for(void **state)
{
	cleanup_json json_t *json = json_loads("{\"io.kubernetes.cri.container-type\": \"sandbox\","
					       "\"container.vtpm-cuse.org/main\": \"a\"}",
					       0, NULL);
	const struct class_requests told = { 0 };
	struct error err = { "" };
	struct asking asking;
	int r;

	(void)state;
	assert_int_equal(asking_read(&told, json, true, &admin, "/run/containerd/runc/k8s.io",
				     &asking, NULL),
			 0);
	assert_int_equal(asking.requests.count, 0);
	r = asking_read(&told, json, true, &admin, "/run/runc", &asking, &err);
	assert_int_equal(r, -EINVAL);
	assert_string_equal(err.text,
			    "annotation container.vtpm-cuse.org/NAME: this engine does not "
			    "say what the container is called; use vtpm-cuse.org/class");
}

/* --- what a container has already --- */

static void put(const char *id, const char *part, const char *class, const char *device,
		uint32_t minor)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture(id, minor);

	(void)strcpy(lease->part, part);
	(void)strcpy(lease->vtpms[0].claim.class, class);
	(void)strcpy(lease->vtpms[0].claim.device, device);
	(void)strcpy(lease->vtpms[0].claim.owner, "root.abcdef");
	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

static void all_leases_of_a_container_are_what_it_has(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	struct class_requests requests = { 0 };
	struct holding holding;

	(void)state;
	put("c1", "", "a", "", 1);
	put("c1", "1", "b", "x", 3);
	put("c12", "", "a", "y", 5);
	assert_int_equal(holding_read(".", "abcdef", "c1", &holding, NULL), 0);
	assert_int_equal(holding.count, 2);
	assert_int_equal(class_requests_add(&requests, "a,b:x,a:y,b", false, NULL), 0);
	holding_drop(&holding, &requests);
	assert_int_equal(requests.count, 2);
	assert_string_equal(requests.list[0].device, "y");
	assert_string_equal(requests.list[1].class, "b");
	assert_true(holding_has_path(&holding, holding.leases[0]->vtpms[0].nodes[0].path));
	assert_false(holding_has_path(&holding, "/dev/tpm77"));
	/* What was taken back is not what it has. */
	for (size_t i = 0; i < holding.count; i++)
		holding.leases[i]->vtpms[0].detached = true;
	assert_false(holding_has_path(&holding, holding.leases[0]->vtpms[0].nodes[0].path));
	holding_done(&holding);
	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_index_class_count(lease_book_index(book), NULL, "a", NULL), 2);
	assert_int_equal(lease_index_class_count(lease_book_index(book), "abcdef-c1", "a", NULL),
			 1);
	assert_int_equal(
		lease_index_class_count(lease_book_index(book), "abcdef-c1@1", "b", "root.abcdef"),
		1);
	assert_int_equal(lease_index_class_count(lease_book_index(book), NULL, "a", "prod"), 0);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(devices_without_a_name_get_the_lowest_free_number),
		FILE_TEST(a_state_lies_with_its_owner_by_its_life),
		FILE_TEST(a_state_root_may_be_a_link_and_its_states_have_no_link),
		cmocka_unit_test(an_engine_s_place_for_a_container_is_known_or_refused),
		cmocka_unit_test(a_user_namespace_has_another_map_than_the_host),
		cmocka_unit_test(a_sandbox_asks_for_nothing),
		cmocka_unit_test(a_sandbox_may_have_what_its_containers_ask_for),
		FILE_TEST(all_leases_of_a_container_are_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
