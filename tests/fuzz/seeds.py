#!/usr/bin/env python3
"""Makes the fuzz targets' seeds out of the captures, scripts and packages of the source tree, and of
what once was found (found/TARGET/).

    seeds.py SOURCE OUT RECORDER

Writes a folder for each target. RECORDER is the program that writes what compartments say. The formats are those that the targets read.
"""
import pathlib
import random
import struct
import subprocess
import sys

PROGRAMS = 100
MOST_PACKETS = 60  # of one capture, so that an input runs quickly
ETHERNET, LINUX_COOKED, LINUX_COOKED_2, RAW = 1, 113, 276, 101
LINK_TYPES = [1, 101, 0, 9, 113, 276, 239, 127, 105, 50]  # as engine-fuzz.cpp has them


def packets(path):
    """(link type, [frame]) of a pcap file in this machine's byte order."""
    data = path.read_bytes()
    link_type = struct.unpack_from("<I", data, 20)[0]
    frames, at = [], 24
    while at + 16 <= len(data):
        captured = struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + captured])
        at += 16 + captured
    return link_type, frames


def transport(link_type, frame):
    """(protocol, source port, destination port, payload), or None."""
    skip = {ETHERNET: 14, LINUX_COOKED: 16, LINUX_COOKED_2: 20, RAW: 0}.get(link_type)
    if skip is None or len(frame) < skip + 40:
        return None
    ip = frame[skip:]
    if ip[0] >> 4 == 4:
        protocol, inner = ip[9], ip[(ip[0] & 15) * 4:struct.unpack_from(">H", ip, 2)[0]]
    else:
        protocol, inner = ip[6], ip[40:40 + struct.unpack_from(">H", ip, 4)[0]]
    if protocol not in (6, 17) or len(inner) < 8:
        return None
    header = 8 if protocol == 17 else (inner[12] >> 4) * 4 if len(inner) >= 20 else len(inner)
    source, destination = struct.unpack_from(">HH", inner)
    return protocol, source, destination, inner[header:]


def write(folder, name, data):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def from_capture(path, out):
    link_type, frames = packets(path)
    data = path.read_bytes()
    for part in range(0, min(len(frames), 8 * MOST_PACKETS), MOST_PACKETS):
        chosen = frames[part:part + MOST_PACKETS]
        name = f"{path.stem}-{part}"
        records = b"".join(struct.pack("<IIII", 1_000_000_000 + i, 0, len(f), len(f)) + f
                           for i, f in enumerate(chosen))
        write(out / "capture", name, data[:24] + records)
        if link_type in LINK_TYPES:
            small = [f[:255] for f in chosen]
            write(out / "packet", name, bytes([0x80 | LINK_TYPES.index(link_type)]) +
                  b"".join(bytes([len(f)]) + f for f in small))
    stream = b""
    for number, frame in enumerate(frames):
        found = transport(link_type, frame)
        if not found or not found[3]:
            continue
        protocol, source, destination, payload = found
        if protocol == 17 and 53 in (source, destination) and number < 4 * MOST_PACKETS:
            mode = 8 if destination == 53 else 0  # as dns-fuzz.cpp has it
            write(out / "dns", f"{path.stem}-{number}", bytes([mode]) + payload)
            tcp = struct.pack(">H", len(payload)) + payload
            write(out / "dns", f"{path.stem}-{number}-tcp", bytes([2 | 0x70]) + tcp)
        if protocol == 6 and 80 in (source, destination) and len(stream) < 12000:
            flags = 4 | (1 if destination == 80 else 0)  # as http-fuzz.cpp has it
            stream += bytes([flags]) + struct.pack(">H", len(payload) - 1) + payload
    if stream:
        write(out / "http", path.stem, stream)


def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    talks = [out / "compartment", out / "rpc-frame"]
    for folder in talks:
        folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.argv[3], *talks], check=True)
    for path in sorted((source / "tests/data/captures").glob("*.pcap")):
        from_capture(path, out)
    for path in sorted((source / "tests/fuzz/found").glob("*/*")):
        write(out / path.parent.name, path.name, path.read_bytes())
    scripts = [*(source / "tests/script").rglob("*.zeek"), *(source / "packages").rglob("*.zeek")]
    for number, path in enumerate(sorted(scripts)):
        if path.stat().st_size <= 16384:
            write(out / "script-source", f"{number}-{path.name}", path.read_bytes())
    for number, path in enumerate(sorted((source / "packages").rglob("zkg.meta"))):
        write(out / "manifest", f"{number}-zkg.meta", path.read_bytes())
    write(out / "manifest", "bulkhead.toml",
          b'stall-seconds = 10\n[defaults]\nmemory = "256M"\ncpu = "50%"\npids = 16\n'
          b'open-files = 64\nbudget = 100000000\nmax-abandoned = 8\n[package.known-clients]\n'
          b'memory = "64M"\n[site]\nmemory = "1G"\n[worker]\ncpu = "1"\n')
    for number in range(PROGRAMS):  # any bytes are a program
        write(out / "programs", str(number), random.Random(number).randbytes(1000))


if __name__ == "__main__":
    main()
