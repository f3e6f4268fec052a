UNIT_TESTS += %D%/test_bytes %D%/test_child %D%/test_error %D%/test_options %D%/test_program
%C%_test_bytes_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_child_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_error_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_options_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_program_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_group %D%/test_name_hash %D%/test_clock %D%/test_durations
%C%_test_durations_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_group_SOURCES = %D%/test_group.c %D%/scratch.c %D%/scratch.h
%C%_test_group_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_name_hash_LDADD = libutil.a $(HASH_LIBS) $(CMOCKA_LIBS)
%C%_test_clock_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_file %D%/test_log %D%/test_notify %D%/test_secret %D%/test_user
%C%_test_file_SOURCES = %D%/test_file.c %D%/faults.c %D%/faults.h %D%/scratch.c %D%/scratch.h
%C%_test_file_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS) \
	-Wl,--wrap=explicit_bzero,--wrap=__explicit_bzero_chk
%C%_test_file_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_log_SOURCES = %D%/test_log.c %D%/scratch.c %D%/scratch.h
%C%_test_log_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_notify_SOURCES = %D%/test_notify.c %D%/scratch.c %D%/scratch.h
%C%_test_notify_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_secret_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=munmap,--wrap=mlock,--wrap=madvise
%C%_test_secret_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_user_LDADD = libutil.a $(CMOCKA_LIBS)

# As in an appliance: before user_names.c, which is in the library.
UNIT_TESTS += %D%/test_user_names_files
%C%_test_user_names_files_SOURCES = %D%/test_user_names_files.c util/user_names_files.c
%C%_test_user_names_files_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fopen,--wrap=fopen64
%C%_test_user_names_files_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_descriptors %D%/test_dir %D%/test_lock_file %D%/test_path %D%/test_pidfd %D%/test_secret_source %D%/test_wiped
%C%_test_descriptors_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall
%C%_test_descriptors_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_dir_SOURCES = %D%/test_dir.c %D%/scratch.c %D%/scratch.h
%C%_test_dir_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync
%C%_test_dir_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_lock_file_SOURCES = %D%/test_lock_file.c %D%/faults.c %D%/faults.h %D%/scratch.c %D%/scratch.h
%C%_test_lock_file_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_lock_file_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_path_SOURCES = %D%/test_path.c %D%/scratch.c %D%/scratch.h
%C%_test_path_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_pidfd_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_secret_source_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_wiped_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=free
%C%_test_wiped_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_next_minor
%C%_test_next_minor_SOURCES = %D%/test_next_minor.c %D%/scratch.c %D%/scratch.h
%C%_test_next_minor_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_watches
%C%_test_watches_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_printable
%C%_test_printable_LDADD = libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_local_socket
%C%_test_local_socket_SOURCES = %D%/test_local_socket.c %D%/scratch.c %D%/scratch.h
%C%_test_local_socket_LDADD = libutil.a $(CMOCKA_LIBS)
%C%_test_local_socket_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=listen

UNIT_TESTS += %D%/test_server_dir
%C%_test_server_dir_SOURCES = %D%/test_server_dir.c %D%/scratch.c %D%/scratch.h
%C%_test_server_dir_LDADD = libutil.a $(HASH_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_capabilities
%C%_test_capabilities_LDADD = libutil.a $(CMOCKA_LIBS)
