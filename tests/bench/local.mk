# Speed and memory, as numbers: make bench. "make check" runs none of it, and builds it, so that it goes on to compile.
benchmarks = %D%/bench-client %D%/bench-elapsed %D%/bench-inprocess %D%/bench-manufacture %D%/bench-measure \
	%D%/bench-null-cuse %D%/bench-startup %D%/bench-state-open
check_PROGRAMS += $(benchmarks)
bench_sources = %D%/timing.c %D%/timing.h %D%/workload.c %D%/workload.h
%C%_bench_client_SOURCES = %D%/client.c $(bench_sources)
%C%_bench_client_LDADD = libtpm.a libutil.a
%C%_bench_elapsed_SOURCES = %D%/elapsed.c $(bench_sources)
%C%_bench_elapsed_LDADD = libtpm.a libutil.a
%C%_bench_inprocess_SOURCES = %D%/inprocess.c $(bench_sources) \
	tests/unit/memory_storage.c tests/unit/memory_storage.h
%C%_bench_inprocess_LDADD = libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS)
%C%_bench_manufacture_SOURCES = %D%/manufacture.c $(bench_sources) \
	tests/unit/memory_storage.c tests/unit/memory_storage.h
%C%_bench_manufacture_LDADD = libcerts.a libtpm.a libutil.a $(LIBTPMS_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
%C%_bench_measure_SOURCES = %D%/measure.c %D%/timing.c %D%/timing.h \
	tests/unit/memory_storage.c tests/unit/memory_storage.h
%C%_bench_measure_LDADD = libruntime.a libcuse.a libcerts.a libtpm.a libverify.a libutil.a $(LIBTPMS_LIBS) \
	$(CRYPTO_LIBS) $(HASH_LIBS) $(JANSSON_LIBS)
check_PROGRAMS += %D%/fuse_as_cuse.so
%C%_fuse_as_cuse_so_SOURCES = %D%/fuse_as_cuse.c
%C%_fuse_as_cuse_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS)
%C%_fuse_as_cuse_so_LDFLAGS = -shared
%C%_bench_null_cuse_SOURCES = %D%/null_cuse.c
%C%_bench_null_cuse_LDADD = $(FUSE_LIBS)
%C%_bench_startup_SOURCES = %D%/startup.c $(bench_sources)
%C%_bench_startup_LDADD = libtpm.a libutil.a
%C%_bench_state_open_SOURCES = %D%/state_open.c $(bench_sources)
%C%_bench_state_open_LDADD = libtpm.a libutil.a $(CRYPTO_LIBS)

bench: vtpm-cuse vtpm-ctl $(benchmarks)
	BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/%D%/run.sh $(BENCH_FLAGS)

bench-manufacture: vtpm-setup %D%/bench-manufacture
	BUILDDIR='$(abs_top_builddir)' %D%/bench-manufacture $(BENCH_ROUNDS)
bench-native: vtpm-cuse $(benchmarks) %D%/fuse_as_cuse.so
	BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/%D%/native $(BENCH_FLAGS)
bench-hook: vtpm-cuse vtpm-hook tests/guest/tpm_client %D%/bench-elapsed
	$(top_srcdir)/tests/guest/run --builddir '$(abs_top_builddir)' $(top_srcdir)/%D%/hook.sh $(BENCH_ROUNDS)
bench-scale: vtpm-cuse vtpm-hook tests/guest/tpm_client %D%/bench-elapsed
	$(top_srcdir)/tests/guest/run --builddir '$(abs_top_builddir)' $(top_srcdir)/%D%/scale.sh $(BENCH_ROUNDS)
bench-runtime: vtpm-runtime %D%/bench-elapsed
	BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/%D%/runtime.sh $(BENCH_ROUNDS)
bench-appliance: vtpm vtpm-cuse vtpm-ctl $(benchmarks)
	$(top_srcdir)/tests/guest/run --builddir '$(abs_top_builddir)' $(top_srcdir)/%D%/appliance.sh $(BENCH_ROUNDS)
.PHONY: bench bench-appliance bench-hook bench-manufacture bench-native bench-runtime bench-scale
CLEANFILES += bench.json bench-manufacture.json bench-native.json bench.smaps
EXTRA_DIST += %D%/README.md %D%/appliance.sh %D%/compare %D%/compare.jq %D%/guest.sh %D%/hook.sh %D%/leases.jq \
	%D%/native %D%/native.jq %D%/report.jq %D%/run.sh %D%/runtime.sh %D%/scale.sh
