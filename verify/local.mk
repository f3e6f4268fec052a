# What is measured at a launch, and what a verifier makes of it.
noinst_LIBRARIES += libverify.a
libverify_a_SOURCES = \
	%D%/log/bank.c %D%/log/bank.h %D%/log/bank_hash.c \
	%D%/log/event.c %D%/log/event.h \
	%D%/log/host_nonce.c \
	%D%/log/host_quote.c %D%/log/host_quote.h \
	%D%/log/log.c %D%/log/log.h \
	%D%/log/record.c %D%/log/record.h \
	%D%/log/view.c %D%/log/view.h

# What a quote is made of, and who made it.
libverify_a_SOURCES += \
	%D%/quote/attest.c %D%/quote/attest.h \
	%D%/quote/attestation_key.c %D%/quote/attestation_key.h \
	%D%/quote/credential.c %D%/quote/credential.h \
	%D%/quote/ek_certificate.c %D%/quote/ek_certificate.h \
	%D%/quote/kdf.c %D%/quote/kdf.h \
	%D%/quote/pcr_digest.c \
	%D%/quote/pcr_values.c %D%/quote/pcr_values.h \
	%D%/quote/selection.c %D%/quote/selection.h \
	%D%/quote/signature.c %D%/quote/signature.h

# What a launch must have been.
libverify_a_SOURCES += \
	%D%/policy/launch.c %D%/policy/launch.h \
	%D%/policy/policy.c %D%/policy/policy.h

# What an attester answers.
libverify_a_SOURCES += \
	%D%/answer/client.c %D%/answer/client.h \
	%D%/answer/device.c %D%/answer/device.h \
	%D%/answer/registers.c %D%/answer/registers.h \
	%D%/answer/saved_key.c %D%/answer/saved_key.h

# The library's own functions.
libverify_a_SOURCES += \
	%D%/challenge.c \
	%D%/host.c %D%/host.h \
	%D%/identity.c %D%/identity.h \
	%D%/kept_challenge.c %D%/kept_challenge.h \
	%D%/report.c %D%/report.h \
	%D%/verify.c \
	%D%/vtpm_verify.h
include_HEADERS = %D%/vtpm_verify.h

# vtpm-verify, a file per command: no libtpms, no FUSE.
bin_PROGRAMS += vtpm-verify
vtpm_verify_SOURCES = \
	%D%/program/answer.c \
	%D%/program/challenge.c \
	%D%/program/files.c \
	%D%/program/main.c \
	%D%/program/program.h \
	%D%/program/quote.c
vtpm_verify_LDADD = libverify.a libcerts.a libtpm.a libutil.a $(CRYPTO_LIBS) $(JANSSON_LIBS)

# The library for others: one object that has no names but its own.
verifylibdir = $(libdir)
nodist_verifylib_DATA = %D%/libvtpm-verify.a
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = %D%/libvtpm-verify.pc
EXTRA_DIST += %D%/libvtpm-verify.pc.in
CLEANFILES += %D%/libvtpm-verify.a %D%/libvtpm-verify.o %D%/libvtpm-verify.pc
%D%/libvtpm-verify.a: libverify.a libcerts.a libtpm.a libutil.a
	$(AM_V_GEN)$(CC) -nostdlib -r -o %D%/libvtpm-verify.o -Wl,-u,vtpm_verify_challenge \
		-Wl,-u,vtpm_verify_quote libverify.a libcerts.a libtpm.a libutil.a && \
	$(OBJCOPY) --wildcard --keep-global-symbol='vtpm_verify_*' %D%/libvtpm-verify.o && \
	rm -f $@ && $(AR) cr $@ %D%/libvtpm-verify.o && $(RANLIB) $@
%D%/libvtpm-verify.pc: %D%/libvtpm-verify.pc.in Makefile
	$(AM_V_GEN)sed -e 's,[@]prefix[@],$(prefix),g' -e 's,[@]includedir[@],$(includedir),g' \
		-e 's,[@]libdir[@],$(libdir),g' -e 's,[@]VERSION[@],$(VERSION),g' $(top_srcdir)/%D%/libvtpm-verify.pc.in >$@
