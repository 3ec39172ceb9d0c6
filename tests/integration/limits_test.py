#!/usr/bin/env python3
"""Each limit of bulkhead.toml and the command line holds in a real run, on both sides of its edge."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")

HOARD = """
global hoard: vector of string = vector();
event zeek_init() {
    local block = "0123456789abcdef";
    while (|block| < 1048576)
        block = string_cat(block, block);
    while (|hoard| < 96)
        hoard += string_cat(block, cat(|hoard|));
}
"""
# What a sanitizer keeps beside each block, and the freed blocks that it holds back, count as the package's.
of_memory = unittest.skipIf(os.environ.get("BULKHEAD_SANITIZE"), "a sanitizer takes more memory than the package")
# Every iteration takes an instruction or a few.
COUNT = """
event zeek_init() {
    local n = 0;
    while (n < 1000000)
        ++n;
}
"""
SPIN_TWICE = """
global spins = 0;
event new_connection(c: connection) {
    local n = 0;
    if (++spins <= 2)
        while (T)
            ++n;
}
"""


class Limits(b.Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bulkhead-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def package(self, name, script):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.join(path, "scripts"))
        with open(os.path.join(path, "zkg.meta"), "w", encoding="utf-8") as out:
            out.write("[package]\nscript_dir = scripts\n")
        with open(os.path.join(path, "scripts", "__load__.zeek"), "w", encoding="utf-8") as out:
            out.write(script)
        return path

    def row(self, package, *options, toml=None):
        """packages.log of a run with it, and what was said."""
        if toml is not None:
            path = os.path.join(self.folder, "bulkhead.toml")
            with open(path, "w", encoding="utf-8") as out:
                out.write(toml)
            options += ("--config", path)
        run = b.Run("run", "-r", CAPTURE, "-p", package, *options)
        self.assertIn(run.status, (0, 3), run.err)
        told = {row["package"]: row for row in run.table("packages.log")}
        self.assertEqual(told["site"]["verdict"], "ok", told["site"])
        return told[os.path.basename(package)]

    def assert_out_of_memory(self, row):
        self.assertEqual(row["verdict"], "ended", row)
        self.assertIn("memory", row["cause"], row)

    @of_memory
    def test_memory_from_the_command_line(self):
        hoard = self.package("hoard", HOARD)
        self.assert_out_of_memory(self.row(hoard, "--memory", "64M"))
        self.assertEqual(self.row(hoard, "--memory", "192M")["verdict"], "ok")

    @of_memory
    def test_memory_from_the_file(self):
        hoard = self.package("hoard", HOARD)
        self.assert_out_of_memory(self.row(hoard, toml='[defaults]\nmemory = "64M"\n'))
        self.assertEqual(self.row(hoard, toml='[defaults]\nmemory = "192M"\n')["verdict"], "ok")

    @of_memory
    def test_a_packages_own_table_then_the_command_line_then_the_defaults(self):
        hoard = self.package("hoard", HOARD)
        # What is built in is enough for it.
        self.assertEqual(self.row(hoard)["verdict"], "ok")
        self.assertEqual(self.row(hoard, "--memory", "192M", toml='[defaults]\nmemory = "64M"\n')["verdict"], "ok")
        self.assert_out_of_memory(self.row(hoard, "--memory", "64M", toml='[defaults]\nmemory = "192M"\n'))
        own = '[package.hoard]\nmemory = "192M"\n'
        self.assertEqual(self.row(hoard, "--memory", "64M", toml=own)["verdict"], "ok")
        # A table that leaves memory out changes nothing of that.
        self.assert_out_of_memory(self.row(hoard, "--memory", "64M", toml="[package.hoard]\npids = 4\n"))
        another = '[package.another]\nmemory = "64M"\n'
        self.assertEqual(self.row(hoard, toml=another)["verdict"], "ok")

    def test_the_budget_of_a_handler(self):
        count = self.package("count", COUNT)
        few = self.row(count, toml="[defaults]\nbudget = 1000000\n")
        self.assertEqual((few["verdict"], few["abandoned"]), ("abandoned", "1"), few)
        self.assertEqual(self.row(count, toml="[defaults]\nbudget = 10000000\n")["verdict"], "ok")
        self.assertEqual(self.row(count, toml="[defaults]\nbudget = 0\n")["verdict"], "ok")

    def test_the_most_abandoned_handlers(self):
        spin = self.package("spin", SPIN_TWICE)
        two = self.row(spin, toml="[defaults]\nbudget = 1000000\nmax-abandoned = 2\n")
        self.assertEqual(two["verdict"], "ended", two)
        self.assertIn("2 handlers exceeded their instruction budget", two["cause"])
        three = self.row(spin, toml="[defaults]\nbudget = 1000000\nmax-abandoned = 3\n")
        self.assertEqual((three["verdict"], three["abandoned"]), ("abandoned", "2"), three)
        none = self.row(spin, toml="[defaults]\nbudget = 1000000\nmax-abandoned = 0\n")
        self.assertEqual((none["verdict"], none["abandoned"]), ("abandoned", "2"), none)

    def test_a_share_of_the_cpu_slows_and_ends_nothing(self):
        count = self.package("count", COUNT)
        self.assertEqual(self.row(count, "--cpu", "20%")["verdict"], "ok")

    def test_one_process_is_what_a_package_needs(self):
        count = self.package("count", COUNT)
        self.assertEqual(self.row(count, "--pids", "1")["verdict"], "ok")

    def test_a_limit_that_nothing_could_live_with_is_refused(self):
        count = self.package("count", COUNT)
        for option, value in (("--pids", "0"), ("--cpu", "0%"), ("--memory", "0")):
            run = b.Run("run", "-r", CAPTURE, "-p", count, option, value)
            self.assertEqual(run.status, 2, run.err)
            self.assertIn(option, run.err)


if __name__ == "__main__":
    unittest.main()
