#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The digest of a directory tree, written from vtpm-eventlog(5) alone.

usage: tree.py DIR

For trees without fs-verity, and with nothing mounted beneath them.
"""

import hashlib
import os
import stat
import struct
import sys

ATTRIBUTES = ("security.capability", "system.posix_acl_access", "system.posix_acl_default")
TYPES = {stat.S_IFCHR: b"c", stat.S_IFBLK: b"b", stat.S_IFIFO: b"p", stat.S_IFSOCK: b"s"}


def u32(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def text(value):
    return u32(len(value)) + value


def attributes(path):
    for name in ATTRIBUTES:
        try:
            yield text(os.getxattr(path, name, follow_symlinks=False))
        except OSError:
            yield text(b"")


def entries(root, path):
    whole = os.path.join(root, path) if path else root
    st = os.lstat(whole)
    rights = u32(stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid)
    kind = stat.S_IFMT(st.st_mode)
    if kind == stat.S_IFREG:
        yield text(path) + b"f" + rights
        yield from attributes(whole)
        with open(whole, "rb") as file:
            yield b"s" + hashlib.sha256(file.read()).digest()
    elif kind == stat.S_IFDIR:
        yield text(path) + b"d" + rights
        yield from attributes(whole)
        for name in sorted(os.listdir(whole)):
            yield from entries(root, os.path.join(path, name))
    elif kind == stat.S_IFLNK:
        yield text(path) + b"l" + rights + text(os.readlink(whole))
    else:
        yield text(path) + TYPES[kind] + rights + u32(os.major(st.st_rdev), os.minor(st.st_rdev))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    digest = hashlib.sha256()
    for part in entries(os.fsencode(sys.argv[1]), b""):
        digest.update(part)
    print(digest.hexdigest())


main()
