# vtpm-setup as a program, and states that travel to and from swtpm. No kernel is needed.
SETUP_TESTS = %D%/commands %D%/factory %D%/interop
TESTS += $(SETUP_TESTS)
EXTRA_DIST += %D%/lib $(SETUP_TESTS)

check_PROGRAMS += %D%/tpm_pipe
%C%_tpm_pipe_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS)
