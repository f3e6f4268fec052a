UNIT_TESTS += %D%/test_cgroup_path %D%/test_container %D%/test_device_program %D%/test_lease \
	%D%/test_oci_state %D%/test_runtime_root
RUNTIME_TEST_LIBS = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
%C%_test_cgroup_path_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_container_SOURCES = %D%/test_container.c %D%/scratch.c %D%/scratch.h
%C%_test_container_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_device_program_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_lease_SOURCES = %D%/test_lease.c %D%/lease_fixture.c %D%/lease_fixture.h
%C%_test_lease_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_oci_state_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_runtime_root_SOURCES = %D%/test_runtime_root.c %D%/scratch.c %D%/scratch.h
%C%_test_runtime_root_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_command_line %D%/test_inject %D%/test_shared_dirs \
	%D%/test_reserve
%C%_test_command_line_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_inject_SOURCES = %D%/test_inject.c %D%/scratch.c %D%/scratch.h
%C%_test_inject_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fchown
%C%_test_inject_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_shared_dirs_SOURCES = %D%/test_shared_dirs.c %D%/scratch.c %D%/scratch.h
%C%_test_shared_dirs_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_reserve_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=read_path
%C%_test_reserve_SOURCES = %D%/test_reserve.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c %D%/scratch.h
%C%_test_reserve_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_container_read
%C%_test_container_read_SOURCES = %D%/test_container_read.c %D%/scratch.c %D%/scratch.h
%C%_test_container_read_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_class %D%/test_class_dir %D%/test_cdi %D%/test_edit %D%/test_request %D%/test_runtime_arguments
%C%_test_class_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_class_dir_SOURCES = %D%/test_class_dir.c %D%/scratch.c %D%/scratch.h
%C%_test_class_dir_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_cdi_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_request_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_runtime_arguments_SOURCES = %D%/test_runtime_arguments.c %D%/scratch.c %D%/scratch.h
%C%_test_runtime_arguments_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_open_lease
%C%_test_open_lease_SOURCES = %D%/test_open_lease.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c %D%/scratch.h
%C%_test_open_lease_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_made_states
%C%_test_made_states_SOURCES = %D%/test_made_states.c %D%/scratch.c %D%/scratch.h
%C%_test_made_states_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=make_dir,--wrap=geteuid
%C%_test_made_states_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_cdi_host
%C%_test_cdi_host_SOURCES = %D%/test_cdi_host.c %D%/scratch.c %D%/scratch.h
%C%_test_cdi_host_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_engine_files
%C%_test_engine_files_SOURCES = %D%/test_engine_files.c %D%/scratch.c %D%/scratch.h
%C%_test_engine_files_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_late_nodes
%C%_test_late_nodes_SOURCES = %D%/test_late_nodes.c %D%/scratch.c %D%/scratch.h
%C%_test_late_nodes_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mknodat
%C%_test_late_nodes_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_own_child %D%/test_running
%C%_test_own_child_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_running_SOURCES = %D%/test_running.c %D%/scratch.c %D%/scratch.h
%C%_test_running_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_tpm_device
%C%_test_tpm_device_SOURCES = %D%/test_tpm_device.c %D%/scratch.c %D%/scratch.h
%C%_test_tpm_device_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_book
%C%_test_book_SOURCES = %D%/test_book.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c \
	%D%/scratch.h
%C%_test_book_LDADD = $(RUNTIME_TEST_LIBS)
%C%_test_edit_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_offer
%C%_test_offer_SOURCES = %D%/test_offer.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c %D%/scratch.h
%C%_test_offer_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_cgroup
%C%_test_cgroup_SOURCES = %D%/test_cgroup.c %D%/scratch.c %D%/scratch.h
%C%_test_cgroup_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_restart
%C%_test_restart_SOURCES = %D%/test_restart.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c %D%/scratch.h
%C%_test_restart_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_kept
%C%_test_kept_SOURCES = %D%/test_kept.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c %D%/scratch.h
%C%_test_kept_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_front_program
%C%_test_front_program_SOURCES = %D%/test_front_program.c %D%/lease_fixture.c %D%/lease_fixture.h \
	%D%/scratch.c %D%/scratch.h
%C%_test_front_program_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_limits
%C%_test_limits_SOURCES = %D%/test_limits.c %D%/scratch.c %D%/scratch.h
%C%_test_limits_LDADD = $(RUNTIME_TEST_LIBS)
UNIT_TESTS += %D%/test_limit_watch
%C%_test_limit_watch_SOURCES = %D%/test_limit_watch.c %D%/scratch.c %D%/scratch.h
%C%_test_limit_watch_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_poststop
%C%_test_poststop_SOURCES = %D%/test_poststop.c %D%/lease_fixture.c %D%/lease_fixture.h %D%/scratch.c %D%/scratch.h
%C%_test_poststop_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=servers_stop
%C%_test_poststop_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_server_pid_file
%C%_test_server_pid_file_SOURCES = %D%/test_server_pid_file.c %D%/scratch.c %D%/scratch.h
%C%_test_server_pid_file_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_measure
%C%_test_measure_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_ways_in
%C%_test_ways_in_SOURCES = %D%/test_ways_in.c %D%/scratch.c %D%/scratch.h
%C%_test_ways_in_LDADD = $(RUNTIME_TEST_LIBS)

UNIT_TESTS += %D%/test_tree_digest
%C%_test_tree_digest_SOURCES = %D%/test_tree_digest.c %D%/scratch.c %D%/scratch.h
%C%_test_tree_digest_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=ioctl,--wrap=open_in_root,--wrap=pread
%C%_test_tree_digest_LDADD = $(RUNTIME_TEST_LIBS)
