UNIT_TESTS += %D%/test_codes %D%/test_command %D%/test_tpm %D%/test_transmit
%C%_test_codes_LDADD = libtpm.a libutil.a $(CMOCKA_LIBS)
%C%_test_command_LDADD = libtpm.a libutil.a $(CMOCKA_LIBS)
%C%_test_tpm_SOURCES = %D%/test_tpm.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_tpm_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=explicit_bzero,--wrap=__explicit_bzero_chk
%C%_test_tpm_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)
%C%_test_transmit_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=nanosleep
%C%_test_transmit_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_profile
%C%_test_profile_SOURCES = %D%/test_profile.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_profile_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)

# The state: every system call and allocation of ours can be made to fail.
STATE_TEST_HELPERS = \
	%D%/faults.c %D%/faults.h \
	%D%/scratch.c %D%/scratch.h \
	%D%/state_fixture.c %D%/state_fixture.h
# Shared also with --enable-static-crypto: failures are for our allocations, not for those of OpenSSL.
STATE_TEST_LIBS = libtpm.a libutil.a $(SHARED_CRYPTO_LIBS) $(CMOCKA_LIBS)
FAULT_WRAPS = \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=strdup,--wrap=strndup,--wrap=mmap \
	-Wl,--wrap=open,--wrap=openat,--wrap=mkdir,--wrap=fstat,--wrap=fchown,--wrap=fchmod \
	-Wl,--wrap=read,--wrap=pread,--wrap=write,--wrap=pwrite,--wrap=fallocate,--wrap=fstatfs,--wrap=getrandom \
	-Wl,--wrap=mmap64,--wrap=open64,--wrap=openat64,--wrap=fstat64,--wrap=pread64,--wrap=pwrite64 \
	-Wl,--wrap=fallocate64,--wrap=fstatfs64 \
	-Wl,--wrap=fdatasync,--wrap=fsync,--wrap=renameat,--wrap=linkat

UNIT_TESTS += %D%/test_key %D%/test_seal %D%/test_state_format
%C%_test_key_SOURCES = %D%/test_key.c $(STATE_TEST_HELPERS)
%C%_test_key_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_key_LDADD = $(STATE_TEST_LIBS)
%C%_test_seal_SOURCES = %D%/test_seal.c $(STATE_TEST_HELPERS)
%C%_test_seal_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_seal_LDADD = $(STATE_TEST_LIBS)
%C%_test_state_format_LDADD = $(STATE_TEST_LIBS)

UNIT_TESTS += %D%/test_state
%C%_test_state_SOURCES = %D%/test_state.c $(STATE_TEST_HELPERS)
%C%_test_state_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_state_LDADD = $(STATE_TEST_LIBS)

UNIT_TESTS += %D%/test_state_outside
%C%_test_state_outside_SOURCES = %D%/test_state_outside.c $(STATE_TEST_HELPERS)
%C%_test_state_outside_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_state_outside_LDADD = $(STATE_TEST_LIBS)

UNIT_TESTS += %D%/test_state_tpm
%C%_test_state_tpm_SOURCES = %D%/test_state_tpm.c %D%/faults.c %D%/faults.h \
	%D%/scratch.c %D%/scratch.h
%C%_test_state_tpm_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_state_tpm_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += %D%/test_command_layout %D%/test_gate
UNIT_TESTS += %D%/test_resmgr %D%/test_resmgr_exclusive %D%/test_resmgr_listing
RESMGR_FIXTURE = %D%/resmgr_fixture.c %D%/resmgr_fixture.h \
	%D%/memory_storage.c %D%/memory_storage.h $(TEST_COMMANDS)
%C%_test_gate_SOURCES = %D%/test_gate.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_gate_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)
%C%_test_command_layout_LDADD = libtpm.a libutil.a $(CMOCKA_LIBS)
%C%_test_resmgr_SOURCES = %D%/test_resmgr.c $(RESMGR_FIXTURE)
%C%_test_resmgr_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)
%C%_test_resmgr_exclusive_SOURCES = %D%/test_resmgr_exclusive.c $(RESMGR_FIXTURE)
%C%_test_resmgr_exclusive_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)
%C%_test_resmgr_listing_SOURCES = %D%/test_resmgr_listing.c $(RESMGR_FIXTURE)
%C%_test_resmgr_listing_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_state_change
%C%_test_state_change_SOURCES = %D%/test_state_change.c $(STATE_TEST_HELPERS)
%C%_test_state_change_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_state_change_LDADD = $(STATE_TEST_LIBS)

UNIT_TESTS += %D%/test_swtpm
%C%_test_swtpm_SOURCES = %D%/test_swtpm.c $(STATE_TEST_HELPERS)
%C%_test_swtpm_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_swtpm_LDADD = $(STATE_TEST_LIBS)

UNIT_TESTS += %D%/test_state_crash
%C%_test_state_crash_SOURCES = %D%/test_state_crash.c %D%/kill_at.c %D%/kill_at.h %D%/scratch.c %D%/scratch.h \
	%D%/state_fixture.c %D%/state_fixture.h
%C%_test_state_crash_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fstatfs
%C%_test_state_crash_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_hand_over
%C%_test_hand_over_SOURCES = %D%/test_hand_over.c %D%/scratch.c %D%/scratch.h
%C%_test_hand_over_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)

# What the fuzz target's mutator makes.
UNIT_TESTS += %D%/test_stream
%C%_test_stream_SOURCES = %D%/test_stream.c tests/fuzz/stream.c tests/fuzz/stream.h tests/fuzz/mutate.c \
	tests/fuzz/mutate.h tests/fuzz/replay_mutate.c $(TEST_COMMANDS)
%C%_test_stream_LDADD = libtpm.a libutil.a $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_rate
%C%_test_rate_SOURCES = %D%/test_rate.c $(STATE_TEST_HELPERS)
%C%_test_rate_LDFLAGS = $(AM_LDFLAGS) $(FAULT_WRAPS)
%C%_test_rate_LDADD = $(STATE_TEST_LIBS)

UNIT_TESTS += %D%/test_protect
%C%_test_protect_SOURCES = %D%/test_protect.c %D%/memory_storage.c %D%/memory_storage.h
%C%_test_protect_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += %D%/test_crypto
%C%_test_crypto_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)
