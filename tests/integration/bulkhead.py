"""What the integration tests share: running the program, reading its logs, comparing folders."""
import collections
import os
import shutil
import subprocess
import tempfile
import unittest
import weakref

BULKHEAD = os.environ.get("BULKHEAD", "")
SOURCE = os.environ.get("BULKHEAD_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CAPTURES = os.path.join(SOURCE, "tests", "data", "captures")
PACKAGES = os.path.join(SOURCE, "packages")
# Generous: a run under a sanitizer on a busy machine. Nothing is asserted about time but that it ends.
TIMEOUT = float(os.environ.get("BULKHEAD_TEST_TIMEOUT", "120"))


def package(kind, name):
    return os.path.join(PACKAGES, kind, name)


def packages(kind):
    folder = os.path.join(PACKAGES, kind)
    return sorted(n for n in os.listdir(folder) if os.path.exists(os.path.join(folder, n, "zkg.meta")))


def scripts_of(folder):
    """The folder that zkg.meta names as script_dir: what `@load` of the package loads."""
    script_dir = "."
    with open(os.path.join(folder, "zkg.meta"), encoding="utf-8") as meta:
        for line in meta:
            key, _, value = line.partition("=")
            if key.strip() == "script_dir":
                script_dir = value.strip()
    return os.path.join(folder, script_dir)


class Run:
    """One finished run: status, output and the log folder, removed with the object."""

    def __init__(self, *args, cwd_logs=False, env=None, stdin=None):
        self.folder = tempfile.mkdtemp(prefix="bulkhead-test-")
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        command = [BULKHEAD, *args]
        if not cwd_logs:
            command += ["--logdir", self.folder]
        environment = dict(os.environ, **(env or {}))
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True,
                              stdin=stdin or subprocess.DEVNULL, timeout=TIMEOUT)
        self.command = " ".join(command)
        self.status = done.returncode
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")

    def logs(self):
        return sorted(n for n in os.listdir(self.folder) if n.endswith(".log"))

    def lines(self, log):
        """A log without what differs between any two runs."""
        with open(os.path.join(self.folder, log), "rb") as content:
            return [line for line in content if not line.startswith((b"#open", b"#close"))]

    def rows(self, log):
        """A log's rows as a multiset of sorted (column, value) pairs; empty where there is no such log."""
        out = collections.Counter()
        if log not in self.logs():
            return out
        columns = []
        for line in self.lines(log):
            text = line.decode(errors="surrogateescape").rstrip("\n")
            if text.startswith("#fields"):
                columns = text.split("\t")[1:]
            elif not text.startswith("#"):
                out[tuple(sorted(zip(columns, text.split("\t"))))] += 1
        return out

    def table(self, log):
        """A log's rows as dictionaries, in order."""
        columns, out = [], []
        for line in self.lines(log):
            text = line.decode(errors="replace").rstrip("\n")
            if text.startswith("#fields"):
                columns = text.split("\t")[1:]
            elif not text.startswith("#"):
                out.append(dict(zip(columns, text.split("\t"))))
        return out


class Case(unittest.TestCase):
    def run_ok(self, *args, **keywords):
        run = Run(*args, **keywords)
        self.assertEqual(run.status, 0, f"{run.command}\n{run.err[-3000:]}")
        return run

    def assert_same_rows(self, left, right, ignore=("packages.log",)):
        """Every log has the same rows in both runs."""
        for log in sorted(set(left.logs()) | set(right.logs())):
            if log in ignore:
                continue
            a, b = left.rows(log), right.rows(log)
            if a != b:
                only_a = [dict(r) for r in list((a - b).elements())[:3]]
                only_b = [dict(r) for r in list((b - a).elements())[:3]]
                self.fail(f"{log} differs\n{left.command}\n  only there: {only_a}\n{right.command}\n  only there: {only_b}")

    def assert_same_bytes(self, left, right, logs):
        for log in logs:
            self.assertIn(log, left.logs(), left.command)
            self.assertIn(log, right.logs(), right.command)
            self.assertEqual(left.lines(log), right.lines(log), f"{log}: {left.command} / {right.command}")
