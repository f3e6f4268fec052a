#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A reader of event logs, written from TCG's Canonical Event Log format (TLV) and vtpm-eventlog(5) alone.

usage: cel.py show FILE     a line for each record: number, register, types, data in hex
              replay FILE   "BANK REGISTER VALUE" for each bank, for registers 12 and 13
              make FILE     writes the golden file

Shares nothing with the programs. A log that is not as the format says, or a digest that is not its content's, ends
it with status 1.
"""

import hashlib
import struct
import sys

BANKS = {0x04: "sha1", 0x0B: "sha256", 0x0C: "sha384", 0x0D: "sha512"}
HOST, CONTAINER = 12, 13



def tlv(kind, value):
    return struct.pack(">BI", kind, len(value)) + value


# An EK, the host's key, a quote, its signature, the registers: one behind the other.
HOST_QUOTE = b"".join(tlv(kind, bytes([kind]) * (kind + 3)) for kind in range(5))

# Every event of vtpm-eventlog(5), in an order in which a log could have them.
GOLDEN = [
    (HOST, 86, 0, b"vtpm-cuse 0.1.0"),
    (HOST, 86, 1, b"libtpms 0.9.2"),
    (HOST, 86, 8, b"new"),
    (HOST, 86, 2, bytes(range(32))),
    (HOST, 86, 3, b"0a1b2c3d-0000-4000-8000-000000000001"),
    (HOST, 86, 4, b"web"),
    (HOST, 86, 5, bytes(range(32, 64))),
    (HOST, 86, 6, b"/usr/bin/runc"),
    (HOST, 86, 7, b"docker"),
    (HOST, 86, 9, HOST_QUOTE),
    (CONTAINER, 80, 0, b"docker.io/library/nginx:latest"),
    (CONTAINER, 80, 1, b"sha256:" + b"ab" * 32),
    (CONTAINER, 80, 3, b"sha256:" + b"cd" * 32),
    (CONTAINER, 80, 4, b"nginx"),
    (CONTAINER, 80, 4, b"-g"),
    (CONTAINER, 80, 4, b""),
    (CONTAINER, 80, 5, b"LANG=C.UTF-8"),
    (CONTAINER, 86, 16, b"PATH"),
    (CONTAINER, 86, 17, b'{"destination":"/proc","source":"proc","type":"proc"}'),
    (CONTAINER, 86, 18, bytes(range(64, 96))),
    (CONTAINER, 86, 19, bytes(range(96, 128))),
    (CONTAINER, 86, 20, bytes(range(128, 160)) + b"/etc/nginx/nginx.conf"),
    (CONTAINER, 86, 21, b"/etc/nginx/absent.conf"),
    (HOST, 86, 32, b'{"count":1,"reason":"power-cycle"}'),
    (CONTAINER, 86, 33, b""),
    (HOST, 80, 8, b""),
    (CONTAINER, 80, 8, b""),
]


def take(data, what):
    """The first TLV of data: its type, its value, and what is behind it."""
    if len(data) < 5:
        sys.exit(f"{what}: cut short")
    kind, size = struct.unpack(">BI", data[:5])
    if size > len(data) - 5:
        sys.exit(f"{what}: {size} bytes are told, {len(data) - 5} are there")
    return kind, data[5 : 5 + size], data[5 + size :]


def take_kind(data, kind, size, what):
    found, value, rest = take(data, what)
    if found != kind or (size is not None and len(value) != size):
        sys.exit(f"{what}: type {found} with {len(value)} bytes")
    return value, rest


def digests(data, content):
    found = {}
    while data:
        algorithm, value, data = take(data, "digest")
        name = BANKS[algorithm]
        if name in found or value != hashlib.new(name, content).digest():
            sys.exit(f"digest of {name}: twice, or of something else")
        found[name] = value
    return found


def records(data):
    number = 0
    while data:
        value, data = take_kind(data, 0, 8, "number")
        if int.from_bytes(value, "big") != number:
            sys.exit(f"record {number} has another number")
        pcr, data = take_kind(data, 1, 1, "register")
        listed, data = take_kind(data, 3, None, "digests")
        before = data
        outer, inside, data = take(data, "content")
        content = before[: len(before) - len(data)]
        inner, value, rest = take(inside, "event")
        if rest:
            sys.exit("event: there is more than one")
        yield number, pcr[0], outer, inner, value, digests(listed, content)
        number += 1


def show(data):
    for number, pcr, outer, inner, value, _ in records(data):
        print(number, pcr, outer, inner, value.hex() or "-")


def replay(data):
    registers = {}
    banks = None
    for _, pcr, _, _, _, found in records(data):
        if banks not in (None, sorted(found)):
            sys.exit("records are of different banks")
        banks = sorted(found)
        for name, digest in found.items():
            old = registers.get((name, pcr), bytes(len(digest)))
            registers[name, pcr] = hashlib.new(name, old + digest).digest()
    for (name, pcr), value in sorted(registers.items()):
        print(name, pcr, value.hex())


def make(path):
    log = b""
    for number, (pcr, outer, inner, value) in enumerate(GOLDEN):
        content = tlv(outer, tlv(inner, value))
        listed = b"".join(tlv(kind, hashlib.new(name, content).digest()) for kind, name in BANKS.items())
        log += tlv(0, number.to_bytes(8, "big")) + tlv(1, bytes([pcr])) + tlv(3, listed) + content
    with open(path, "wb") as file:
        file.write(log)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("show", "replay", "make"):
        sys.exit(__doc__)
    if sys.argv[1] == "make":
        make(sys.argv[2])
        return
    with open(sys.argv[2], "rb") as file:
        data = file.read()
    (show if sys.argv[1] == "show" else replay)(data)


main()
