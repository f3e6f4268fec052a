# vtpm-setup as a program, and states that travel to and from swtpm. No kernel is needed.
SETUP_TESTS = %D%/commands %D%/factory %D%/interop %D%/pkcs11
TESTS += $(SETUP_TESTS)
EXTRA_DIST += %D%/lib $(SETUP_TESTS)

check_PROGRAMS += %D%/tpm_pipe
%C%_tpm_pipe_SOURCES = %D%/tpm_pipe.c tests/common/pipe.c tests/common/pipe.h
%C%_tpm_pipe_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS)

# Loaded by OpenSSL into vtpm-setup and into its own program, which knows of no sanitizer.
if HAVE_PKCS11
check_PROGRAMS += %D%/pkcs11_provider.so
endif
%C%_pkcs11_provider_so_SOURCES = %D%/pkcs11_key.c %D%/pkcs11_provider.c %D%/pkcs11_provider.h \
	%D%/pkcs11_signature.c %D%/pkcs11_token.c
%C%_pkcs11_provider_so_CPPFLAGS = $(AM_CPPFLAGS) $(P11_KIT_CFLAGS)
%C%_pkcs11_provider_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS)
%C%_pkcs11_provider_so_LDFLAGS = -shared
%C%_pkcs11_provider_so_LDADD = $(SHARED_CRYPTO_LIBS)
