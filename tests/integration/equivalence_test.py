#!/usr/bin/env python3
"""A package gives the same rows isolated as it gives loaded into the site."""
import itertools
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
KINDS = ("demo", "test")
LOCAL = os.path.join(b.SOURCE, "tests", "data", "site", "local.zeek")


def all_packages():
    return [(kind, name) for kind in KINDS if os.path.isdir(os.path.join(b.PACKAGES, kind)) for name in b.packages(kind)]


class Pruning(b.Case):
    """What is left out of the base library beside a package changes no row."""

    def compare(self, args):
        pruned = self.run_ok("run", "-r", CAPTURE, *args)
        whole = self.run_ok("run", "-r", CAPTURE, "--no-prune", *args)
        self.assert_same_rows(pruned, whole)
        self.assert_same_bytes(pruned, whole, [log for log in pruned.logs() if log != "packages.log"])

    def test_each_alone(self):
        for each in all_packages():
            with self.subTest(package=each[1]):
                self.compare(["-p", b.package(*each)])

    def test_all_together_beside_a_full_local_zeek(self):
        self.compare([a for each in all_packages() for a in ("-p", b.package(*each))] + ["--site", LOCAL])


class Equivalence(b.Case):
    def compare(self, chosen, site=None):
        folders = [b.package(*each) for each in chosen]
        isolated_args = [a for folder in folders for a in ("-p", folder)]
        loaded = [b.scripts_of(folder) for folder in folders]
        if site:
            isolated_args += ["--site", site]
            loaded.insert(0, site)
        isolated = self.run_ok("run", "-r", CAPTURE, *isolated_args)
        together = self.run_ok("zeek", "-r", CAPTURE, *loaded, cwd_logs=True)
        self.assert_same_rows(isolated, together)
        return isolated

    def test_each_alone(self):
        for each in all_packages():
            with self.subTest(package=each[1]):
                self.compare([each])

    def test_each_pair(self):
        pairs = list(itertools.combinations(all_packages(), 2))
        if os.environ.get("BULKHEAD_SANITIZE"):  # everything takes ten times as long: each with its neighbour
            pairs = list(itertools.pairwise(all_packages()))
        for pair in pairs:
            with self.subTest(packages=[p[1] for p in pair]):
                self.compare(pair)

    def test_each_beside_a_full_local_zeek(self):
        for each in all_packages():
            with self.subTest(package=each[1]):
                self.compare([each], site=LOCAL)

    def test_all_together(self):
        self.compare(all_packages())


class Determinism(b.Case):
    def test_two_runs_give_the_same_bytes(self):
        args = [a for each in all_packages() for a in ("-p", b.package(*each))]
        first = self.run_ok("run", "-r", CAPTURE, *args)
        second = self.run_ok("run", "-r", CAPTURE, *args)
        self.assertEqual(first.logs(), second.logs())
        self.assert_same_bytes(first, second, [log for log in first.logs() if log != "packages.log"])

    def test_the_order_of_packages_on_the_command_line_changes_nothing(self):
        def run(chosen):
            return self.run_ok("run", "-r", CAPTURE, *(a for each in chosen for a in ("-p", b.package(*each))))

        names = all_packages()
        self.assertGreaterEqual(len(names), 4)
        first = run(names)
        orders = [names[::-1], names[4:] + names[:4], names[1::2] + names[::2]]
        random.Random(1).shuffle(names)
        for order in [*orders, names]:
            with self.subTest(order=[name for _, name in order]):
                other = run(order)
                self.assertEqual(first.logs(), other.logs())
                self.assert_same_bytes(first, other, [log for log in first.logs() if log != "packages.log"])
                # There too only what is measured differs.
                self.assertEqual([row["package"] for row in first.table("packages.log")],
                                 [row["package"] for row in other.table("packages.log")])

    def test_nor_does_it_beside_hostile_ones(self):
        good = [a for each in all_packages() for a in ("-p", b.package(*each))]
        bad = [a for name in ("spin-in-init", "rows-without-end", "value-in-itself", "publish-without-end")
               for a in ("-p", b.package("hostile", name))]
        first = self.run_ok("run", "-r", CAPTURE, *good)
        for options in (good + bad, bad + good):
            other = b.Run("run", "-r", CAPTURE, *options)
            self.assert_same_bytes(first, other, [log for log in first.logs() if log != "packages.log"])


if __name__ == "__main__":
    unittest.main()
