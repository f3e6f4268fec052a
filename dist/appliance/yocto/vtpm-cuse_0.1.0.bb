# SPDX-License-Identifier: BSD-3-Clause
# For Yocto; libtpms is in the layer meta-security (meta-tpm). It was written by the manuals and has not been built.

SUMMARY = "A TPM as a character device"
LICENSE = "BSD-3-Clause"
LIC_FILES_CHKSUM = "file://LICENSE;md5=740bcddfcb1142afb51eba16cff518e4"

SRC_URI = "file://vtpm-cuse-${PV}.tar.xz"
DEPENDS = "fuse3 jansson libtpms openssl"

inherit autotools pkgconfig update-rc.d

EXTRA_OECONF = "--enable-appliance --disable-guest-tests --with-systemctl=no"
# Distributions that build no archives must do so for what goes into the program, e.g. in local.conf:
#   DISABLE_STATIC:pn-fuse3 = ""
#   DISABLE_STATIC:pn-jansson = ""
#   DISABLE_STATIC:pn-libtpms = ""
#   DISABLE_STATIC:pn-openssl = ""
DISABLE_STATIC = ""

INITSCRIPT_NAME = "vtpm"
INITSCRIPT_PARAMS = "start 20 S . stop 80 0 6 ."

# The programs alone: no units, rules of udev, manual pages.
do_install() {
	oe_runmake DESTDIR=${D} install-exec
	install -D -m 0755 ${S}/dist/appliance/vtpm-appliance ${D}${sysconfdir}/init.d/vtpm
	install -D -m 0644 ${S}/dist/appliance/vtpm.conf ${D}${sysconfdir}/vtpm.conf
}

CONFFILES:${PN} = "${sysconfdir}/vtpm.conf"
RRECOMMENDS:${PN} = "kernel-module-cuse"
