cuse_test_libs = libcuse.a libcerts.a libtpm.a libverify.a libutil.a $(FUSE_LIBS) $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(HASH_LIBS) \
	$(JANSSON_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_control %D%/test_device %D%/test_node_name %D%/test_open_file %D%/test_parked \
	%D%/test_turns
%C%_test_control_LDADD = $(cuse_test_libs)
%C%_test_device_SOURCES = %D%/test_device.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_device_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=explicit_bzero,--wrap=__explicit_bzero_chk
%C%_test_device_LDADD = $(cuse_test_libs)
%C%_test_node_name_LDADD = $(cuse_test_libs)
%C%_test_open_file_LDADD = $(cuse_test_libs)
%C%_test_parked_LDADD = $(cuse_test_libs)
%C%_test_turns_LDADD = $(cuse_test_libs)

UNIT_TESTS += %D%/test_threads
%C%_test_threads_SOURCES = %D%/test_threads.c %D%/fake_kernel.c %D%/fake_kernel.h
%C%_test_threads_LDADD = $(cuse_test_libs)

UNIT_TESTS += %D%/test_leftovers %D%/test_settings
UNIT_TESTS += %D%/test_confined_tpm %D%/test_landlock %D%/test_namespaces %D%/test_seccomp
%C%_test_confined_tpm_SOURCES = %D%/test_confined_tpm.c %D%/scratch.c %D%/scratch.h $(TEST_COMMANDS)
%C%_test_confined_tpm_LDADD = $(cuse_test_libs)
%C%_test_landlock_SOURCES = %D%/test_landlock.c %D%/scratch.c %D%/scratch.h
%C%_test_landlock_LDADD = libcuse.a libutil.a $(CMOCKA_LIBS)
%C%_test_namespaces_SOURCES = %D%/test_namespaces.c %D%/scratch.c %D%/scratch.h
%C%_test_namespaces_LDADD = libcuse.a libutil.a $(CMOCKA_LIBS)
%C%_test_seccomp_LDADD = libcuse.a libutil.a $(CMOCKA_LIBS)
%C%_test_leftovers_SOURCES = %D%/test_leftovers.c %D%/scratch.c %D%/scratch.h
%C%_test_leftovers_LDADD = $(cuse_test_libs)
%C%_test_settings_LDADD = $(cuse_test_libs)

UNIT_TESTS += %D%/test_follow
%C%_test_follow_LDADD = $(cuse_test_libs)

UNIT_TESTS += %D%/test_udev
%C%_test_udev_LDADD = $(cuse_test_libs)

UNIT_TESTS += %D%/test_uid_lease
%C%_test_uid_lease_SOURCES = %D%/test_uid_lease.c %D%/scratch.c %D%/scratch.h
%C%_test_uid_lease_LDADD = libcuse.a libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_watching
%C%_test_watching_SOURCES = %D%/test_watching.c %D%/scratch.c %D%/scratch.h
%C%_test_watching_LDADD = libcuse.a libtpm.a libutil.a $(JANSSON_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_devtmpfs
%C%_test_devtmpfs_LDADD = libcuse.a libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_trace
%C%_test_trace_SOURCES = %D%/test_trace.c %D%/memory_storage.c %D%/memory_storage.h %D%/scratch.c %D%/scratch.h
%C%_test_trace_LDADD = $(cuse_test_libs)
