# What an appliance has: one program without shared libraries.
if HAVE_ARCHIVES
if !ENABLE_APPLIANCE
check_PROGRAMS += vtpm
endif
endif
vtpm_SOURCES = %D%/vtpm.c %D%/no_libraries.c util/user_names_files.c \
	$(vtpm_cuse_parts) $(vtpm_ctl_parts) $(vtpm_setup_parts) $(vtpm_hook_parts) $(vtpm_runtime_parts)
vtpm_LDFLAGS = -pthread $(APPLIANCE_LDFLAGS)
vtpm_LDADD = libruntime.a $(vtpm_cuse_LDADD)
EXTRA_vtpm_DEPENDENCIES = $(top_srcdir)/%D%/no_unwinding.ld
EXTRA_DIST += %D%/no_unwinding.ld

# For its root file system; who builds that installs what it needs.
EXTRA_DIST += %D%/buildroot/Config.in %D%/buildroot/vtpm-cuse.mk %D%/inittab %D%/vtpm-appliance %D%/vtpm.conf \
	%D%/vtpm.openrc %D%/yocto/vtpm-cuse_0.1.0.bb

# By the names of these links it is the programs.
appliance_links = vtpm-crun vtpm-ctl vtpm-cuse vtpm-hook vtpm-runc vtpm-runtime vtpm-setup
if ENABLE_APPLIANCE
all-local: vtpm
	for name in $(appliance_links); do ln -sf vtpm $$name || exit; done
CLEANFILES += $(appliance_links)
endif
