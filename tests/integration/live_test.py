#!/usr/bin/env python3
"""Live capture: from a pair of virtual interfaces in a network namespace of the test's own."""
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
GOOD = [a for name in ("known-clients", "http-stats") for a in ("-p", b.package("demo", name))]
HEARS, SENDS = "veth-hears", "veth-sends"


def frames_of(path):
    """The frames of a classic little-endian pcap file."""
    with open(path, "rb") as file:
        content = file.read()
    at, out = 24, []
    while at < len(content):
        length = struct.unpack_from("<I", content, at + 8)[0]
        out.append(content[at + 16:at + 16 + length])
        at += 16 + length
    return out


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_frame(source, target, source_port, target_port, payload):
    udp = struct.pack("!4H", source_port, target_port, 8 + len(payload), 0) + payload
    ip = struct.pack("!2B3H2BH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, socket.inet_aton(source),
                     socket.inet_aton(target))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return b"\2\0\0\0\0\2" + b"\2\0\0\0\0\1" + b"\x08\0" + ip + udp


def dns_exchange(port, name):
    """A query and its answer."""
    question = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0\0\1\0\1"
    query = struct.pack("!6H", port, 0x0100, 1, 0, 0, 0) + question
    answer = struct.pack("!6H", port, 0x8180, 1, 1, 0, 0) + question + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\7"
    return [udp_frame("10.0.0.1", "10.0.0.2", port, 53, query), udp_frame("10.0.0.2", "10.0.0.1", 53, port, answer)]


class LiveRun:
    """A run that goes on: its messages line by line, its logs as they grow."""

    def __init__(self, *args):
        self.folder = tempfile.mkdtemp(prefix="bulkhead-test-")
        self.process = subprocess.Popen([b.BULKHEAD, "run", *args, "--logdir", self.folder],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = b""
        self.deadline = time.monotonic() + b.TIMEOUT

    def wait_until(self, condition, what):
        """Looks again whenever the run says something, and now and then."""
        while not condition():
            if time.monotonic() > self.deadline:
                raise AssertionError(f"{what}: not within {b.TIMEOUT} s\n{self.text()}")
            ready, _, _ = select.select([self.process.stderr], [], [], 0.05)
            if ready:
                part = os.read(self.process.stderr.fileno(), 65536)
                self.said += part
                if not part and not condition():
                    raise AssertionError(f"{what}: the run ended\n{self.text()}")

    def text(self):
        return self.said.decode(errors="replace")

    def wait_for_line(self, words):
        self.wait_until(lambda: words in self.text(), words)

    def table(self, log):
        return b.Run.table(self, log) if os.path.exists(os.path.join(self.folder, log)) else []

    def lines(self, log):
        # A row that is being written has no end yet.
        return [line for line in b.Run.lines(self, log) if line.endswith(b"\n")]

    def finish(self, number=signal.SIGINT):
        self.process.send_signal(number)
        while True:
            part = os.read(self.process.stderr.fileno(), 65536)
            if not part:
                break
            self.said += part
        return self.process.wait(timeout=b.TIMEOUT)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for command in (f"link add {HEARS} type veth peer name {SENDS}",
                        f"link set {HEARS} addrgenmode none mtu 65000 up",
                        f"link set {SENDS} addrgenmode none mtu 65000 up"):
            subprocess.run(["ip", *command.split()], check=True)
        cls.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        cls.sender.bind((SENDS, 0))

    @classmethod
    def tearDownClass(cls):
        cls.sender.close()
        subprocess.run(["ip", "link", "del", HEARS], check=True)

    def live(self, *args):
        run = LiveRun("-i", HEARS, *args)
        self.addCleanup(run.close)
        return run

    def send(self, frames):
        for frame in frames:
            self.sender.send(frame)

    def test_what_is_sent_is_logged_as_if_it_were_read_from_the_file(self):
        offline = b.Run("run", "-r", CAPTURE, *GOOD)
        self.assertEqual(offline.status, 0, offline.err)
        run = self.live(*GOOD)
        run.wait_for_line(f"listening on {HEARS}")
        self.send(frames_of(CAPTURE))
        expected = len(offline.table("http.log"))
        self.assertGreater(expected, 0)
        # While the run goes on: rows do not wait for its end.
        run.wait_until(lambda: len(run.table("http.log")) >= expected, "rows in http.log")
        self.assertEqual(run.finish(), 128 + signal.SIGINT, run.text())

        def those(table, *columns):
            return sorted(tuple(row[c] for c in columns) for row in table)

        connection = ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto")
        self.assertEqual(set(those(run.table("conn.log"), *connection)),
                         set(those(offline.table("conn.log"), *connection)))
        for log, columns in (("http.log", ("method", "host", "uri", "status_code", "resp_mime_types")),
                             ("dns.log", ("query", "qtype_name", "answers")),
                             ("known_clients.log", ("client",))):
            if log in offline.logs():
                self.assertEqual(those(run.table(log), *columns), those(offline.table(log), *columns), log)
        verdicts = {row["package"]: row["verdict"] for row in run.table("packages.log")}
        self.assertEqual(verdicts, {"site": "ok", "known-clients": "ok", "http-stats": "ok"}, run.text())
        self.assertIn("0 dropped by the kernel", run.text())

    def test_a_filter_and_a_vlan_tag(self):
        run = self.live("-f", "vlan 7 and udp port 53")
        run.wait_for_line("listening on")
        tagged = [frame[:12] + b"\x81\0\0\7" + frame[12:] for frame in dns_exchange(4001, "tagged.example")]
        self.send(dns_exchange(4000, "plain.example") + tagged)
        run.wait_until(lambda: run.table("dns.log"), "a row in dns.log")
        run.finish(signal.SIGTERM)
        self.assertEqual([row["query"] for row in run.table("dns.log")], ["tagged.example"])

    def hoarder_in_quarantine(self, *options):
        """A live run in which package `hoarder` ends on every connection, until it is in quarantine:
        the run, what packages.log says of it, how many look-ups were sent."""
        hoarder = os.path.join(tempfile.mkdtemp(prefix="bulkhead-test-"), "hoarder")
        self.addCleanup(shutil.rmtree, os.path.dirname(hoarder), ignore_errors=True)
        shutil.copytree(b.package("hostile", "allocate-without-end"), hoarder)
        run = self.live(*options, "-p", hoarder, *GOOD)
        run.wait_for_line("listening on")
        ports = iter(range(5000, 60000))

        def states():
            return [row["what"] for row in run.table("packages.log") if row["package"] == "hoarder"]

        def sent_and(condition):
            # After a restart it sees only what begins later: so there is always something new.
            port = next(ports)
            self.send(dns_exchange(port, f"n{port}.example"))
            return condition()

        run.wait_until(lambda: sent_and(lambda: "quarantine" in states()), "quarantine")
        return run, states(), next(ports) - 5000

    def test_the_file_says_how_often_a_package_is_started_again(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as toml:
            toml.write('[defaults]\nquarantine-ends = 9\n[package.hoarder]\nmemory = "64M"\nrestart-seconds = 0.1\n'
                       'longest-restart-seconds = 0.1\nquarantine-ends = 3\nquarantine-seconds = 3600\n')
            toml.flush()
            run, states, _ = self.hoarder_in_quarantine("--config", toml.name)
            run.finish()
        self.assertEqual(states, ["end", "restart"] * 2 + ["end", "quarantine"], run.text())
        self.assertIn("that was end 3 within 60 minutes", run.text())
        self.assertIn("starting it again in 0.1 s", run.text())

    def test_a_package_that_crashes_is_started_again_and_then_put_in_quarantine(self):
        run, states, sent = self.hoarder_in_quarantine("--memory", "64M")
        self.assertEqual(states, ["end", "restart"] * 4 + ["end", "quarantine"], run.text())
        self.assertIn("hoarder ended", run.text())
        # The others are none the worse.
        self.send(dns_exchange(60001, "afterwards.example"))
        run.wait_until(lambda: any(r["query"] == "afterwards.example" for r in run.table("dns.log")),
                       "a row after the quarantine")
        run.finish()
        last = {row["package"]: row for row in run.table("packages.log")}
        self.assertEqual(last["hoarder"]["verdict"], "quarantined", last)
        for name in ("site", "known-clients", "http-stats"):
            self.assertEqual(last[name]["verdict"], "ok", last[name])
        self.assertGreaterEqual(len({row["query"] for row in run.table("dns.log")}), sent)

    def test_mistakes_are_told_before_anything_starts(self):
        run = b.Run("run", "-i", "no-such-interface")
        self.assertEqual(run.status, 2)
        self.assertIn(f"there is no such interface; there are: ", run.err)
        self.assertIn(HEARS, run.err)
        run = b.Run("run", "-i", "lo")
        self.assertEqual(run.status, 2)
        self.assertIn("lo: the interface is down: ip link set dev lo up", run.err)
        run = b.Run("run", "-i", HEARS, "-f", "no such filter")
        self.assertEqual(run.status, 1)
        self.assertIn('filter "no such filter"', run.err)

    def test_without_the_right_it_says_what_to_do(self):
        done = subprocess.run(["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", b.BULKHEAD, "run",
                               "-i", HEARS], capture_output=True, timeout=b.TIMEOUT)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"needs the right CAP_NET_RAW: run bulkhead as root", done.stderr)


if __name__ == "__main__":
    INSIDE = "BULKHEAD_LIVE_TEST_INSIDE"
    if INSIDE not in os.environ:
        enter = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
        try_out = f"ip link add {HEARS} type veth peer name {SENDS}"
        allowed = subprocess.run([*enter, "sh", "-c", try_out], capture_output=True, check=False)
        if allowed.returncode != 0:
            print("SKIPPED: this machine gives no network namespace with veth:", allowed.stderr.decode().strip())
            sys.exit(77)
        os.execvpe(enter[0], [*enter, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
    unittest.main()
