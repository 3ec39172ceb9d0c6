#!/usr/bin/env python3
"""disable_analyzer(): who takes an analyzer off sees no more of it, and everybody else still does."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")

SEES = """
event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string)
    {{
    print fmt("{name} request");
    {more}
    }}
event http_reply(c: connection, version: string, code: count, reason: string)
    {{
    print fmt("{name} reply");
    }}
"""
OFF = 'print fmt("{name} %s %s", disable_analyzer(c$id, current_analyzer(), F, T), ' \
      'lookup_connection_analyzer_id(c$id, Analyzer::ANALYZER_HTTP));'
KEPT = "hook Analyzer::disabling_analyzer(c: connection, atype: AllAnalyzers::Tag, aid: count) { break; }"


class AnalyzersOff(b.Case):
    def package(self, folder, name, more="", beside=""):
        path = os.path.join(folder, name)
        os.mkdir(path)
        with open(os.path.join(path, "zkg.meta"), "w", encoding="utf-8") as meta:
            meta.write("[package]\nscript_dir = .\n")
        with open(os.path.join(path, "__load__.zeek"), "w", encoding="utf-8") as script:
            script.write(SEES.format(name=name, more=more.format(name=name)) + beside)
        return ["-p", path]

    def test_the_site_alone_ends_the_analysis(self):
        script = SEES.format(name="site", more=OFF.format(name="site"))
        run = self.run_ok("zeek", "-C", "-r", CAPTURE, "-e", script, cwd_logs=True)
        plain = self.run_ok("zeek", "-C", "-r", CAPTURE, cwd_logs=True)
        taken = run.out.count("site T 0\n")
        self.assertGreater(taken, 0)
        # A second request of the same packet had been parsed by then.
        self.assertEqual(run.out.count("site request\n"), taken + run.out.count("site F 0\n"))
        self.assertEqual(run.out.count("site reply\n"), 0)
        self.assertEqual(plain.rows("conn.log").total(), run.rows("conn.log").total())

    def test_a_package_changes_its_own_view_only(self):
        with tempfile.TemporaryDirectory() as folder:
            others = self.package(folder, "sees")
            plain = self.run_ok("run", "-r", CAPTURE, *others)
            run = self.run_ok("run", "-r", CAPTURE, *others, *self.package(folder, "off", OFF),
                              *self.package(folder, "kept", OFF, KEPT))
        replies = plain.out.count("sees reply\n")
        self.assertGreater(replies, 0)
        self.assertEqual(run.out.count("sees reply\n"), replies)
        self.assertGreater(run.out.count("off T 0\n"), 0)
        self.assertEqual(run.out.count("off reply\n"), 0)
        self.assertNotIn("kept T", run.out)
        self.assertEqual(run.out.count("kept reply\n"), replies)
        self.assert_same_rows(plain, run)

    def test_a_protocol_whose_scripts_are_not_loaded_is_not_analysed(self):
        script = 'event file_new(f: fa_file) { print "a file"; }'
        bare = self.run_ok("zeek", "-b", "-C", "-r", CAPTURE, "-e", script, cwd_logs=True)
        with_http = self.run_ok("zeek", "-b", "-C", "-r", CAPTURE, "base/protocols/http", "-e", script, cwd_logs=True)
        self.assertEqual(bare.out, "")
        self.assertIn("a file\n", with_http.out)


if __name__ == "__main__":
    unittest.main()
