#!/usr/bin/env python3
"""A capture that comes through a pipe, from a writer that takes its time."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

with open(os.path.join(b.CAPTURES, "demo.pcap"), "rb") as capture:
    DEMO = capture.read()


class Pipe(unittest.TestCase):
    def start(self, content):
        folder = tempfile.mkdtemp(prefix="bulkhead-test-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        process = subprocess.Popen([b.BULKHEAD, "run", "-r", "-", "--logdir", folder], stdin=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        process.stdin.write(content)
        process.stdin.flush()
        return folder, process

    def wait_until(self, condition, what):
        deadline = time.monotonic() + b.TIMEOUT
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    @staticmethod
    def children(process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return file.read().split()

    def test_an_interrupt_ends_a_run_that_waits_for_the_header(self):
        for content in (b"", DEMO[:10]):
            with self.subTest(bytes=len(content)):
                _, process = self.start(content)
                # Janitor, logger and worker: from there on it waits for the capture.
                self.wait_until(lambda: len(self.children(process)) >= 3, "the worker starts")
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(timeout=b.TIMEOUT), 128 + signal.SIGINT)
                self.assertEqual(process.stderr.read().decode().splitlines()[-1], "bulkhead run: interrupted")

    def test_rows_are_on_disk_while_the_writer_is_silent(self):
        folder, process = self.start(DEMO[:60000])
        log = os.path.join(folder, "dns.log")
        self.wait_until(lambda: os.path.exists(log) and os.path.getsize(log) > 0, "dns.log has rows")
        self.assertIsNone(process.poll())
        # And an interrupt is an orderly end: connections that are open are logged.
        self.assertNotIn("conn.log", os.listdir(folder))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=b.TIMEOUT), 128 + signal.SIGINT)
        self.assertIn("conn.log", os.listdir(folder))


if __name__ == "__main__":
    unittest.main()
