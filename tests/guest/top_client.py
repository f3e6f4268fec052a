#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a program on a terminal of so many columns, sends it a key once it has drawn, and looks at what it drew.

Usage: top_client.py COLUMNS KEY PROGRAM [ARGUMENT...]
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios

columns, key, argv = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 10, columns, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.execvp(argv[0], argv)
text = b""
while b"\x1b[J" not in text:
    text += os.read(master, 4096)
os.write(master, {"q": b"q", "^C": b"\x03"}[key])
status = os.waitpid(pid, 0)[1]
os.set_blocking(master, False)
try:
    while True:
        text += os.read(master, 65536)
except BlockingIOError:
    pass
if termios.tcgetattr(slave) != before:
    sys.exit("the terminal was not given back as it was")
if not text.endswith(b"\x1b[?1049l"):
    sys.exit("the user's page was not given back: %r" % text[-80:])
lines = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", text).decode().split("\r\n")
if max(map(len, lines)) > columns:
    sys.exit("wider than the terminal: %r" % lines)
if b"\x1b[7m" in text:
    print("in colors")
print("\n".join(lines))
sys.exit(os.waitstatus_to_exitcode(status))
