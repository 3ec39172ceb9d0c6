#!/usr/bin/env python3
"""A hostile package costs its own output and nothing else."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
GOOD = [a for name in ("known-clients", "http-stats", "dns-tunnel-score") for a in ("-p", b.package("demo", name))]


# They try what comes to nothing: the script engine bounds it, and no offence is left to name.
HARMLESS = ("value-in-itself",)


class Hostile(b.Case):
    @classmethod
    def setUpClass(cls):
        cls.alone = b.Run("run", "-r", CAPTURE, *GOOD)

    def good_logs(self):
        return [log for log in self.alone.logs() if log != "packages.log"]

    def test_the_control_run_writes_logs(self):
        self.assertEqual(self.alone.status, 0, self.alone.err)
        self.assertIn("conn.log", self.alone.logs())
        self.assertIn("packages.log", self.alone.logs())

    def beside(self, names):
        args = [a for name in names for a in ("-p", b.package("hostile", name))]
        run = b.Run("run", "-r", CAPTURE, *GOOD, *args)
        self.assert_same_bytes(self.alone, run, self.good_logs())
        told = {row["package"]: row for row in run.table("packages.log")}
        for name in names:
            self.assertIn(name, told, f"packages.log names every package: {told}")
            # Its end or its offence is named: nothing hostile passes as an ordinary package.
            row = told[name]
            if name in HARMLESS:
                self.assertEqual(row["verdict"], "ok", f"{name}: {row}")
                continue
            self.assertNotEqual(row["verdict"], "ok", f"{name}: {row}")
            self.assertNotIn(row["cause"], ("", "-"), f"{name}: {row}")
        for name in ("known-clients", "http-stats", "dns-tunnel-score"):
            self.assertEqual(told[name]["verdict"], "ok", told[name])
        return run

    def test_each_hostile_package_alone(self):
        for name in b.packages("hostile"):
            with self.subTest(package=name):
                self.beside([name])

    def test_all_hostile_packages_at_once(self):
        self.beside(b.packages("hostile"))


if __name__ == "__main__":
    unittest.main()
