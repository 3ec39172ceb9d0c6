#!/usr/bin/env python3
"""Native programs as packages, which speak raw bytes on the socket, beside a run of real ones.

What the script language cannot reach is tried here: system calls, signals, floods and lies on the
socket. Site and demo packages must not differ by a byte, and packages.log names each end.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
PROGRAMS = os.path.dirname(b.BULKHEAD)
GOOD = [b.package("demo", name) for name in ("known-clients", "http-stats", "dns-tunnel-score")]

# What packages.log must say of each deed. Those that say nothing on the socket end by what they do;
# those that speak are ended for it.
DEEDS = {
    "open-passwd": r"refused system call openat \(nr \d+\)",
    "write-file": r"refused system call creat \(nr \d+\)",
    "memory-file": r"refused system call memfd_create \(nr \d+\)",
    "socket": r"refused system call socket \(nr \d+\)",
    "connect": r"refused system call connect \(nr \d+\)",
    "signal-parent": r"refused system call kill \(nr \d+\)",
    "ptrace": r"refused system call ptrace \(nr \d+\)",
    "mount": r"refused system call mount \(nr \d+\)",
    "execve": r"refused system call execve \(nr \d+\)",
    "fork-bomb": r"refused system call clone \(nr \d+\)",
    "execute-memory": r"refused system call mmap \(nr \d+\)",
    "other-entry": r"refused system call open |ended by SIGSEGV",
    "x32-entry": r"refused system call open ",
    "seccomp": r"refused system call",
    "crash": r"ended by SIGSEGV",
    "abort": r"ended by SIG(SEGV|ABRT)",
    "exit": r"exited with status 7",
    "allocate": r"limit hit: memory \(256 MiB\)",
    "spin": r"ended by the host: computed for 2 s on its scripts before they were loaded",
    "silent": r"ended by the host: did not answer for 2 s and did not compute",
    "garbage": r"ended by the host: .+",
    "false-count": r"ended by the host: .+",
    "false-size": r"ended by the host: .+",
    "bootstrap-flood": r"ended by the host: .+",
    "stderr-flood": r".+",
    "control": r"ended by the host: .+",
}
# Loaded as any other, and then this, in the middle of the run.
TURNS = {
    "turns-garbage": r"ended by the host: .+",
    # The host cuts the connection; what the program's runtime then tries may be told first.
    "turns-false-count": r"ended by the host: .+|refused system call shutdown ",
    "turns-false-size": r"ended by the host: .+|refused system call shutdown ",
    "turns-silent": r"ended by the host: did not answer for 2 s and did not compute",
    "turns-spin": r"ended by the host: computed for 2 s without an answer",
    "turns-exit": r"exited with status 7",
    # Unfinished calls are memory on its own side, too.
    "turns-unfinished": r"ended by the host: has \d+ unfinished calls, \d+ are allowed|limit hit: memory ",
    "turns-rows": r"ended by the host: wrote for item \d+, which it does not have",
    # Its row may wait in the worker for the end of the batch, which never comes.
    "turns-log": r"ended by the host: (wrote to log number 4000000000, which it never opened|did not answer)",
}


class Natives(b.Case):
    @classmethod
    def setUpClass(cls):
        cls.alone = b.Run("run", "-r", CAPTURE, *(a for folder in GOOD for a in ("-p", folder)))

    def beside(self, deeds):
        """A run with these; `deeds`: name -> program."""
        with tempfile.TemporaryDirectory(prefix="bulkhead-test-") as folder:
            arguments = list(GOOD)
            for name, program in deeds.items():
                package = os.path.join(folder, name)
                os.mkdir(package)
                with open(os.path.join(package, "zkg.meta"), "w", encoding="utf-8") as meta:
                    meta.write("[package]\ndescription = A native program.\n")
                arguments.append(f"{package}={program}")
            run = b.Run.__new__(b.Run)
            run.folder = os.path.join(folder, "logs")
            os.mkdir(run.folder)
            command = [os.path.join(PROGRAMS, "run-with-natives"), CAPTURE, run.folder, *arguments]
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=b.TIMEOUT)
            run.command, run.status = " ".join(command), done.returncode
            run.out, run.err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
            # 3: all is there but what a package owed.
            self.assertEqual(run.status, 3, f"{run.command}\n{run.err[-3000:]}")
            self.assertEqual(sorted(run.logs()), sorted(self.alone.logs()))
            self.assert_same_bytes(self.alone, run, [log for log in self.alone.logs() if log != "packages.log"])
            told = {row["package"]: row for row in run.table("packages.log")}
        for name in ("site", "known-clients", "http-stats", "dns-tunnel-score"):
            self.assertEqual(told[name]["verdict"], "ok", told[name])
        return told

    def expect(self, told, causes):
        for name, cause in causes.items():
            with self.subTest(deed=name):
                self.assertIn(told[name]["verdict"], ("ended", "not-loaded"), told[name])
                self.assertRegex(told[name]["cause"], re.compile("^(" + cause + ")"))

    def test_the_control_run_writes_logs(self):
        self.assertEqual(self.alone.status, 0, self.alone.err)
        self.assertIn("conn.log", self.alone.logs())

    def test_every_deed_at_once(self):
        self.expect(self.beside({name: os.path.join(PROGRAMS, "hostile-" + name) for name in DEEDS}), DEEDS)

    def test_those_that_load_and_then_turn(self):
        program = os.path.join(PROGRAMS, "hostile-turns")
        if not os.path.exists(program):
            self.skipTest("not built: no static Cap'n Proto library, or a build with a sanitizer")
        told = self.beside({name: program for name in TURNS})
        self.expect(told, TURNS)
        for name in TURNS:
            # They had been taken for packages until then.
            self.assertNotEqual(told[name]["events"], "0", told[name])

    def test_each_that_speaks_by_itself(self):
        for name in ("garbage", "false-count", "false-size", "bootstrap-flood", "silent"):
            told = self.beside({name: os.path.join(PROGRAMS, "hostile-" + name)})
            self.expect(told, {name: DEEDS[name]})


if __name__ == "__main__":
    unittest.main()
