#!/usr/bin/env python3
"""raw_packet and new_packet: each packet, for those who ask for it."""
import os
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")

RAW = """
event raw_packet(p: raw_pkt_hdr)
    {
    local now = get_current_packet_header();
    print fmt("raw %s", cat(p) == cat(now));
    }
"""
NEW = """
event new_packet(c: connection, p: pkt_hdr)
    {
    local from = p?$ip ? p$ip$src : p$ip6$src;
    print fmt("new %s", from == c$id$orig_h || from == c$id$resp_h);
    }
"""
EXTENDED = """
event ipv6_ext_headers(c: connection, p: pkt_hdr)
    {
    print c$id$resp_p, |p$ip6$exts|, p$ip6$exts[0]$hopopts$options, p$udp$ulen;
    }
event new_packet(c: connection, p: pkt_hdr) { print "new"; }
"""


def frames(path):
    """How many there are in a capture with lengths in this machine's order."""
    with open(path, "rb") as file:
        data = file.read()
    at, count = 24, 0
    while at + 16 <= len(data):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
        count += 1
    return count


def capture_of(frame):
    return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + \
        struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame


class Packets(b.Case):
    def test_raw_packet_comes_once_per_frame_with_its_headers(self):
        run = self.run_ok("zeek", "-C", "-r", CAPTURE, "-e", RAW, cwd_logs=True)
        self.assertEqual(run.out.count("raw T\n"), frames(CAPTURE))
        self.assertNotIn("raw F", run.out)

    def test_new_packet_comes_with_its_connection(self):
        run = self.run_ok("zeek", "-C", "-r", CAPTURE, "-e", NEW, cwd_logs=True)
        self.assertGreater(run.out.count("new T\n"), 0)
        self.assertLessEqual(run.out.count("new T\n"), frames(CAPTURE))
        self.assertNotIn("new F", run.out)

    def test_extension_headers_come_before_the_packet(self):
        udp = struct.pack(">HHHH", 1000, 2000, 8, 0)
        extension = bytes([17, 0, 5, 2, 0x61, 0x62, 0, 0])
        ip = struct.pack(">IHBB", 0x60000000, len(extension + udp), 0, 64) + \
            bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02")
        ethernet = bytes(12) + b"\x86\xdd"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "extended.pcap")
            with open(path, "wb") as file:
                file.write(capture_of(ethernet + ip + extension + udp))
            run = self.run_ok("zeek", "-b", "-C", "-r", path, "-e", EXTENDED, cwd_logs=True)
        self.assertEqual(run.out, "2000/udp, 1, [[otype=5, len=2, data=ab], [otype=0, len=0, data=], "
                                  "[otype=0, len=0, data=]], 8\nnew\n")


if __name__ == "__main__":
    unittest.main()
