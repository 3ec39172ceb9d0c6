#!/usr/bin/env python3
"""What local.zeek says of packages reaches the compartments that they run in."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
PACKAGES = [b.package("demo", name) for name in ("dns-tunnel-score", "http-stats", "known-clients")]


class Overlay(b.Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bulkhead-site-")
        self.addCleanup(self.folder.cleanup)

    def site(self, text):
        path = os.path.join(self.folder.name, "local.zeek")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def run_beside(self, site, packages=PACKAGES):
        return b.Run("run", "-r", CAPTURE, "--site", site, *[a for p in packages for a in ("-p", p)])

    def test_a_redef_of_a_package_is_applied_where_the_package_runs(self):
        site = self.site('redef KnownClients::server = 10.80.0.2;\n'
                         'module DNSTunnelScore;\n'
                         'redef ignored_domains += { "example" };\n'
                         'redef Notice::ignored_types += { DNSTunnelScore::Suspected_Tunnel };\n')
        isolated = self.run_beside(site)
        self.assertEqual((isolated.status, isolated.err.count("error")), (0, 0), isolated.err)
        # Zeek reads a site's redefs after the packages that they change.
        together = self.run_ok("zeek", "-r", CAPTURE, *map(b.scripts_of, PACKAGES), site, cwd_logs=True)
        self.assert_same_rows(isolated, together)
        plain = self.run_beside(self.site(""))
        self.assertNotEqual(isolated.rows("known_clients.log"), plain.rows("known_clients.log"))
        self.assertNotEqual(isolated.rows("notice.log"), plain.rows("notice.log"))

    def test_a_name_that_nobody_declares_is_an_error_of_the_site(self):
        site = self.site('\nredef KnownClients::serve = 10.80.0.2;\n')
        run = self.run_beside(site)
        self.assertEqual(run.status, 1, run.err)
        self.assertIn(f'{site}:2: error: unknown name "KnownClients::serve": neither the site nor a package', run.err)

    def test_a_redef_that_does_not_fit_costs_the_package_that_it_names(self):
        site = self.site('\n\nredef KnownClients::server = "a";\n')
        run = self.run_beside(site)
        self.assertEqual(run.status, 3, run.err)
        self.assertIn(f"{site}:3: error:", run.err)
        verdicts = {row["package"]: row["verdict"] for row in run.table("packages.log")}
        self.assertEqual(verdicts, {"site": "ok", "dns-tunnel-score": "ok", "http-stats": "ok",
                                    "known-clients": "not-loaded"})


if __name__ == "__main__":
    unittest.main()
