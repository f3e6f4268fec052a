# libFuzzer targets; their corpora are replayed by make check.
FUZZ_TARGETS =
if ENABLE_FUZZ
FUZZ_ENGINE = -fsanitize=fuzzer
FUZZ_MAIN =
else
FUZZ_ENGINE =
FUZZ_MAIN = %D%/replay.c %D%/replay_mutate.c
TESTS += $(FUZZ_TARGETS)
endif
check_PROGRAMS += $(FUZZ_TARGETS)
.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)
EXTRA_DIST += %D%/corpus %D%/record_tools

FUZZ_TARGETS += %D%/fuzz_state_format
%C%_fuzz_state_format_SOURCES = %D%/fuzz_state_format.c $(FUZZ_MAIN)
%C%_fuzz_state_format_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_state_format_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS)

FUZZ_TARGETS += %D%/fuzz_state_open
%C%_fuzz_state_open_SOURCES = %D%/fuzz_state_open.c $(FUZZ_MAIN)
%C%_fuzz_state_open_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_state_open_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS)

FUZZ_TARGETS += %D%/fuzz_profile
%C%_fuzz_profile_SOURCES = %D%/fuzz_profile.c $(FUZZ_MAIN)
%C%_fuzz_profile_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_profile_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS)

FUZZ_TARGETS += %D%/fuzz_swtpm
%C%_fuzz_swtpm_SOURCES = %D%/fuzz_swtpm.c $(FUZZ_MAIN)
%C%_fuzz_swtpm_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_swtpm_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS)

# Commands that clients send, made and changed by what is known of commands.
FUZZ_CLIENTS = %D%/clients.c %D%/clients.h %D%/fixed_random.c %D%/fixed_random.h %D%/stream.c %D%/stream.h \
	%D%/mutate.c %D%/mutate.h $(TEST_COMMANDS) tests/unit/memory_storage.c tests/unit/memory_storage.h
FUZZ_TARGETS += %D%/fuzz_spaces
%C%_fuzz_spaces_SOURCES = %D%/fuzz_spaces.c $(FUZZ_MAIN) $(FUZZ_CLIENTS)
%C%_fuzz_spaces_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_spaces_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS)

FUZZ_TARGETS += %D%/fuzz_tpm_answer
%C%_fuzz_tpm_answer_SOURCES = %D%/fuzz_tpm_answer.c $(FUZZ_MAIN)
%C%_fuzz_tpm_answer_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_tpm_answer_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_external_ca
%C%_fuzz_external_ca_SOURCES = %D%/fuzz_external_ca.c $(FUZZ_MAIN)
%C%_fuzz_external_ca_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_external_ca_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_pcr_banks
%C%_fuzz_pcr_banks_SOURCES = %D%/fuzz_pcr_banks.c $(FUZZ_MAIN)
%C%_fuzz_pcr_banks_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_pcr_banks_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
FUZZ_TARGETS += %D%/fuzz_state_backup
%C%_fuzz_state_backup_SOURCES = %D%/fuzz_state_backup.c $(FUZZ_MAIN)
%C%_fuzz_state_backup_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_state_backup_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS)
FUZZ_TARGETS += %D%/fuzz_command
%C%_fuzz_command_SOURCES = %D%/fuzz_command.c $(FUZZ_MAIN)
%C%_fuzz_command_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_command_LDADD = libtpm.a libutil.a

FUZZ_TARGETS += %D%/fuzz_holder
%C%_fuzz_holder_SOURCES = %D%/fuzz_holder.c $(FUZZ_MAIN)
%C%_fuzz_holder_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_holder_LDADD = libtpm.a libutil.a

FUZZ_TARGETS += %D%/fuzz_open_file
%C%_fuzz_open_file_SOURCES = %D%/fuzz_open_file.c $(FUZZ_MAIN)
%C%_fuzz_open_file_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_open_file_LDADD = libcuse.a libutil.a

FUZZ_TARGETS += %D%/fuzz_control
%C%_fuzz_control_SOURCES = %D%/fuzz_control.c $(FUZZ_MAIN)
%C%_fuzz_control_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_control_LDADD = libcuse.a libtpm.a libutil.a $(FUSE_LIBS) $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(HASH_LIBS) \
	$(JANSSON_LIBS)
FUZZ_TARGETS += %D%/fuzz_cgroup_path
%C%_fuzz_cgroup_path_SOURCES = %D%/fuzz_cgroup_path.c $(FUZZ_MAIN)
%C%_fuzz_cgroup_path_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_cgroup_path_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_container
%C%_fuzz_container_SOURCES = %D%/fuzz_container.c $(FUZZ_MAIN)
%C%_fuzz_container_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_container_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_inject
%C%_fuzz_inject_SOURCES = %D%/fuzz_inject.c %D%/parse.h $(FUZZ_MAIN)
%C%_fuzz_inject_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_inject_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_device_program
%C%_fuzz_device_program_SOURCES = %D%/fuzz_device_program.c $(FUZZ_MAIN)
%C%_fuzz_device_program_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_device_program_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_lease
%C%_fuzz_lease_SOURCES = %D%/fuzz_lease.c $(FUZZ_MAIN)
%C%_fuzz_lease_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_lease_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_lease_index
%C%_fuzz_lease_index_SOURCES = %D%/fuzz_lease_index.c $(FUZZ_MAIN)
%C%_fuzz_lease_index_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_lease_index_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_oci_state
%C%_fuzz_oci_state_SOURCES = %D%/fuzz_oci_state.c $(FUZZ_MAIN)
%C%_fuzz_oci_state_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_oci_state_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_running
%C%_fuzz_running_SOURCES = %D%/fuzz_running.c $(FUZZ_MAIN)
%C%_fuzz_running_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_running_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_runtime_call
%C%_fuzz_runtime_call_SOURCES = %D%/fuzz_runtime_call.c $(FUZZ_MAIN)
%C%_fuzz_runtime_call_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_runtime_call_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_class
%C%_fuzz_class_SOURCES = %D%/fuzz_class.c $(FUZZ_MAIN)
%C%_fuzz_class_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_class_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_annotations
%C%_fuzz_annotations_SOURCES = %D%/fuzz_annotations.c $(FUZZ_MAIN)
%C%_fuzz_annotations_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_annotations_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_cdi
%C%_fuzz_cdi_SOURCES = %D%/fuzz_cdi.c $(FUZZ_MAIN)
%C%_fuzz_cdi_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_cdi_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_runtime_arguments
%C%_fuzz_runtime_arguments_SOURCES = %D%/fuzz_runtime_arguments.c $(FUZZ_MAIN)
%C%_fuzz_runtime_arguments_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_runtime_arguments_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_edit
%C%_fuzz_edit_SOURCES = %D%/fuzz_edit.c %D%/parse.h $(FUZZ_MAIN)
%C%_fuzz_edit_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_edit_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

# Real clients' commands for the corpus of fuzz_spaces.
check_PROGRAMS += %D%/record
%C%_record_SOURCES = %D%/record.c %D%/replay_mutate.c $(FUZZ_CLIENTS) \
	tests/common/pipe.c tests/common/pipe.h
%C%_record_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS)

FUZZ_TARGETS += %D%/fuzz_kept
%C%_fuzz_kept_SOURCES = %D%/fuzz_kept.c $(FUZZ_MAIN)
%C%_fuzz_kept_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_kept_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)
FUZZ_TARGETS += %D%/fuzz_event_log
%C%_fuzz_event_log_SOURCES = %D%/fuzz_event_log.c $(FUZZ_MAIN)
%C%_fuzz_event_log_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_event_log_LDADD = libverify.a libutil.a $(CRYPTO_LIBS)

FUZZ_TARGETS += %D%/fuzz_metrics
%C%_fuzz_metrics_SOURCES = %D%/fuzz_metrics.c $(FUZZ_MAIN)
%C%_fuzz_metrics_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_metrics_LDADD = libcuse.a libtpm.a libutil.a $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_trace
%C%_fuzz_trace_SOURCES = %D%/fuzz_trace.c $(FUZZ_MAIN)
%C%_fuzz_trace_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_trace_LDADD = libcuse.a libtpm.a libutil.a

# What a verifier reads.
include %D%/verify.mk
FUZZ_TARGETS += %D%/fuzz_measure
%C%_fuzz_measure_SOURCES = %D%/fuzz_measure.c $(FUZZ_MAIN)
%C%_fuzz_measure_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_measure_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_resources
%C%_fuzz_resources_SOURCES = %D%/fuzz_resources.c %D%/parse.h $(FUZZ_MAIN)
%C%_fuzz_resources_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_resources_LDADD = libruntime.a libverify.a libtpm.a libutil.a $(HASH_LIBS) $(JANSSON_LIBS)

FUZZ_TARGETS += %D%/fuzz_saved_log
%C%_fuzz_saved_log_SOURCES = %D%/fuzz_saved_log.c $(FUZZ_MAIN)
%C%_fuzz_saved_log_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
%C%_fuzz_saved_log_LDADD = libcuse.a libverify.a libutil.a $(CRYPTO_LIBS)
