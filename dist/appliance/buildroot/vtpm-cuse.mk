# SPDX-License-Identifier: BSD-3-Clause
# For Buildroot, as package/vtpm-cuse/vtpm-cuse.mk. It was written by its manual and has not been built.

VTPM_CUSE_VERSION = 0.1.0
VTPM_CUSE_SOURCE = vtpm-cuse-$(VTPM_CUSE_VERSION).tar.xz
VTPM_CUSE_SITE = $(BR2_EXTERNAL_VTPM_CUSE_PATH)/dl
VTPM_CUSE_SITE_METHOD = file
VTPM_CUSE_LICENSE = BSD-3-Clause
VTPM_CUSE_LICENSE_FILES = LICENSE
VTPM_CUSE_DEPENDENCIES = host-pkgconf jansson libfuse3 libtpms openssl
VTPM_CUSE_CONF_OPTS = --enable-appliance --disable-guest-tests --with-systemctl=no
# The programs alone: no units, rules of udev, manual pages.
VTPM_CUSE_INSTALL_TARGET_OPTS = DESTDIR=$(TARGET_DIR) install-exec

define VTPM_CUSE_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/dist/appliance/vtpm-appliance $(TARGET_DIR)/etc/init.d/S20vtpm
	$(INSTALL) -D -m 0644 $(@D)/dist/appliance/vtpm.conf $(TARGET_DIR)/etc/vtpm.conf
endef

define VTPM_CUSE_INSTALL_INIT_OPENRC
	$(INSTALL) -D -m 0755 $(@D)/dist/appliance/vtpm-appliance $(TARGET_DIR)/usr/sbin/vtpm-appliance
	$(INSTALL) -D -m 0755 $(@D)/dist/appliance/vtpm.openrc $(TARGET_DIR)/etc/init.d/vtpm
	$(INSTALL) -D -m 0644 $(@D)/dist/appliance/vtpm.conf $(TARGET_DIR)/etc/vtpm.conf
endef

define VTPM_CUSE_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_FUSE_FS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_CUSE)
endef

$(eval $(autotools-package))
