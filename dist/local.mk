# What is installed beside the programs. Paths are filled in when it is built.
dist_made = %D%/vtpm-cuse.json %D%/vtpm-cuse-poststop.json %D%/vtpm-cuse@.service %D%/vtpm-hook-prune.service \
	%D%/60-vtpm-cuse.rules %D%/apparmor/vtpm-cuse %D%/apparmor/vtpm-hook
EXTRA_DIST += %D%/vtpm-cuse.json.in %D%/vtpm-cuse-poststop.json.in %D%/vtpm-cuse@.service.in %D%/vtpm-hook-prune.service.in \
	%D%/60-vtpm-cuse.rules.in %D%/apparmor/vtpm-cuse.in %D%/apparmor/vtpm-hook.in %D%/selinux/vtpm-cuse.fc
CLEANFILES += $(dist_made)

$(dist_made): %: $(top_srcdir)/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]sbindir[@],$(sbindir),g' \
		-e 's,[@]sysconfdir[@],$(sysconfdir),g' -e 's,[@]runstatedir[@],$(runstatedir),g' \
		-e 's,[@]localstatedir[@],$(localstatedir),g' $< >$@

ocihooksdir = $(datadir)/containers/oci/hooks.d
nodist_ocihooks_DATA = %D%/vtpm-cuse.json %D%/vtpm-cuse-poststop.json
nodist_systemdsystemunit_DATA = %D%/vtpm-cuse@.service %D%/vtpm-hook-prune.service
dist_systemdsystemunit_DATA = %D%/vtpm-hook-prune.timer
udevrulesdir = $(prefix)/lib/udev/rules.d
nodist_udevrules_DATA = %D%/60-vtpm-cuse.rules
classesdir = $(sysconfdir)/vtpm-cuse/classes.d
dist_classes_DATA = %D%/classes.d/default.json
modulesloaddir = $(prefix)/lib/modules-load.d
dist_modulesload_DATA = %D%/modules-load.d/vtpm-cuse.conf
# Not where they would be loaded at the next boot: that is the administrator's to choose.
apparmordir = $(pkgdatadir)/apparmor
nodist_apparmor_DATA = %D%/apparmor/vtpm-cuse %D%/apparmor/vtpm-hook
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_tmpfiles_DATA = %D%/tmpfiles.d/vtpm-cuse.conf
# Of no use but in user namespaces, where servers have no users of their own.
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = %D%/sysusers.d/vtpm-cuse.conf

# Shells look for a file by the command's name.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
completed = vtpm-ctl vtpm-hook vtpm-setup vtpm-verify
EXTRA_DIST += %D%/completions/vtpm-cuse.bash %D%/completions/vtpm-cuse.fish %D%/completions/vtpm-cuse.zsh
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(bashcompletiondir) $(DESTDIR)$(zshcompletiondir) $(DESTDIR)$(fishcompletiondir)
	$(INSTALL_DATA) $(srcdir)/dist/completions/vtpm-cuse.bash $(DESTDIR)$(bashcompletiondir)/vtpm-cuse
	$(INSTALL_DATA) $(srcdir)/dist/completions/vtpm-cuse.fish $(DESTDIR)$(fishcompletiondir)/vtpm-cuse.fish
	$(INSTALL_DATA) $(srcdir)/dist/completions/vtpm-cuse.zsh $(DESTDIR)$(zshcompletiondir)/_vtpm-cuse
	for name in $(completed); do \
		$(INSTALL_DATA) $(srcdir)/dist/completions/vtpm-cuse.bash $(DESTDIR)$(bashcompletiondir)/$$name && \
		$(INSTALL_DATA) $(srcdir)/dist/completions/vtpm-cuse.fish $(DESTDIR)$(fishcompletiondir)/$$name.fish || exit; \
	done
uninstall-local:
	cd $(DESTDIR)$(bashcompletiondir) && rm -f vtpm-cuse $(completed)
	for name in vtpm-cuse $(completed); do rm -f $(DESTDIR)$(fishcompletiondir)/$$name.fish || exit; done
	rm -f $(DESTDIR)$(zshcompletiondir)/_vtpm-cuse

# Not installed: scripts/package builds packages by them.
EXTRA_DIST += %D%/debian/control.in %D%/debian/copyright %D%/debian/libvtpm-verify-dev.install %D%/debian/rules \
	%D%/debian/source/format %D%/debian/vtpm-cuse.README.Debian %D%/debian/vtpm-cuse.install \
	%D%/debian/vtpm-cuse.lintian-overrides %D%/debian/vtpm-cuse.postrm %D%/debian/vtpm-cuse.prerm \
	%D%/debian/vtpm-verify.install

kubernetesdir = $(docdir)/kubernetes
dist_kubernetes_DATA = %D%/kubernetes/60-vtpm.conf %D%/kubernetes/containerd-v2.toml %D%/kubernetes/containerd-v3.toml \
	%D%/kubernetes/daemonset.yaml %D%/kubernetes/k3s-config.toml.tmpl %D%/kubernetes/k3s-config-v3.toml.tmpl \
	%D%/kubernetes/pod.yaml %D%/kubernetes/pods.json %D%/kubernetes/runtimeclass.yaml

# For vtpm-hook cdi; docker looks only into what is there when it starts.
cdidir = $(sysconfdir)/cdi

# States are secret: their directory is made private, and one that is there is left as it is. It
# stays when the programs go.
statesdir = $(localstatedir)/lib/vtpm-cuse
install-data-hook:
	$(MKDIR_P) "$(DESTDIR)$(cdidir)"
	$(MKDIR_P) "$(DESTDIR)$(localstatedir)/lib"
	test -d "$(DESTDIR)$(statesdir)" || mkdir -m 0700 "$(DESTDIR)$(statesdir)"

include %D%/appliance/local.mk
