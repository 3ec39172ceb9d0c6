#!/usr/bin/env python3
"""Exit statuses and messages of the commands."""
import os
import json
import subprocess
import tempfile
import unittest

BULKHEAD = os.environ["BULKHEAD"]
COMPAT = os.environ["BULKHEAD_COMPAT"]
LOG = "#separator \\x09\n#fields\tts\tuid\n#types\ttime\tstring\n1.5\tC1\n"


def run(*command, stdin="", stdout=subprocess.PIPE):
    done = subprocess.run(command, input=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Commands(unittest.TestCase):
    def test_without_a_command_the_usage_is_shown_and_the_status_is_2(self):
        status, out, _ = run(BULKHEAD)
        self.assertEqual(status, 2)
        self.assertIn("usage: bulkhead COMMAND", out)

    def test_help_names_every_command_with_an_example(self):
        status, out, _ = run(BULKHEAD, "help")
        self.assertEqual(status, 0)
        for name in ("check", "cut", "doctor", "help"):
            self.assertIn(f"bulkhead {name}", out)

    def test_help_with_a_command_is_that_commands_help(self):
        for name in ("cut", "doctor", "run", "zeek"):
            status, out, err = run(BULKHEAD, "help", name)
            self.assertEqual((status, err), (0, ""))
            self.assertEqual(out, run(BULKHEAD, name, "-h")[1])
            self.assertIn(name, out)
        self.assertEqual(run(BULKHEAD, "help", "nonesuch")[0], 2)

    def test_the_version(self):
        status, out, _ = run(BULKHEAD, "--version")
        self.assertEqual(status, 0)
        self.assertTrue(out.startswith("bulkhead"), out)
        status, out, _ = run(os.path.join(COMPAT, "zeek"), "--version")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"^zeek version \d+\.\d+\.\d+-bulkhead\n$")

    def test_options_of_zeeks_that_are_not_here_are_told_from_others(self):
        zeek = os.path.join(COMPAT, "zeek")
        for option in ("-w", "--writefile", "--pseudo-realtime=2"):
            status, out, err = run(zeek, option, "x", "-e", "print 1")
            self.assertEqual((status, out), (2, ""))
            self.assertIn(f"zeek: {option.split('=')[0]} (", err)
            self.assertIn("is an option of zeek's that is not supported here", err)
        status, _, err = run(zeek, "--nonesuch")
        self.assertEqual(status, 2)
        self.assertIn("unknown option --nonesuch", err)

    def test_arguments_of_a_script_follow_two_dashes(self):
        zeek = os.path.join(COMPAT, "zeek")
        with tempfile.NamedTemporaryFile("w", suffix=".zeek") as script:
            script.write("event zeek_init() { print |zeek_script_args|, zeek_script_args; }\n")
            script.flush()
            awkward = 'a"b\\c\t'
            self.assertEqual(run(zeek, "-b", "--", script.name, "-x", awkward)[:2], (0, '2, [-x, a"b\\c\\x09]\n'))
            # As the interpreter in a script's first line.
            self.assertEqual(run(zeek, "-b --", script.name)[:2], (0, "0, []\n"))

    def test_an_unknown_command_is_named_without_its_control_bytes(self):
        status, out, err = run(BULKHEAD, "fr\x1b[31mob")
        self.assertEqual((status, out), (2, ""))
        self.assertIn('no command "fr?[31mob"', err)

    def write(self, folder, path, text):
        whole = os.path.join(folder, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as out:
            out.write(text)
        return whole

    def test_check_says_what_a_package_demands(self):
        with tempfile.TemporaryDirectory() as work:
            self.write(work, "good/zkg.meta", "[package]\nscript_dir = s\ndepends = other *\n")
            self.write(work, "good/s/__load__.zeek",
                       "@load packages/other/more\n"
                       "event new_connection(c: connection) { print c$id$orig_h, Other::f(system(c$uid)); }\n")
            self.write(work, "beside/other/zkg.meta", "[package]\n")
            self.write(work, "beside/other/__load__.zeek",
                       "module Other;\nexport { global f: function(n: int): int; }\n"
                       "function f(n: int): int { return n; }\n")
            self.write(work, "beside/other/more.zeek", "")
            status, out, _ = run(BULKHEAD, "check", f"{work}/good", "-p", f"{work}/beside")
            self.assertEqual((status, out), (0, "good: accepted\n"
                                                "events\n  raised by the host: new_connection\n"
                                                "fields of the library's records\n"
                                                "  connection: id.orig_h, uid\n"
                                                "beyond the compartment\n"
                                                "  needs the grant \"commands\": system\n"))
            status, out, _ = run(BULKHEAD, "check", f"{work}/good")
            self.assertEqual(status, 1)
            self.assertIn("warning: it depends on other, which is not here", out)

    def test_check_tells_every_error_and_runs_nothing(self):
        with tempfile.TemporaryDirectory() as work:
            script = self.write(work, "bad.zeek",
                                "print 1;\nevent zeek_init() {\n  print fmy(1);\n  local x: count = \"a\";\n}\n"
                                "event new_connection(c: connection) { print c$ssl; }\n")
            status, out, _ = run(BULKHEAD, "check", script)
            self.assertEqual(status, 1)
            self.assertTrue(out.startswith(f"{script}:3:9: error: unknown name \"fmy\""), out)
            self.assertIn("\n    print fmy(1);\n          ^\n", out)
            self.assertIn(f"{script}:4:20: error: ", out)
            self.assertIn("  connection$ssl  (first at", out)
            self.assertIn("bad: not accepted: 2 errors, 1 use of names that are not here yet\n", out)
            status, out, _ = run(BULKHEAD, "check", "--json", script)
            self.assertEqual(status, 1)
            report = json.loads(out)
            self.assertEqual([each["at"]["line"] for each in report["errors"]], [3, 4])
            self.assertEqual(report["missing"][0]["name"], "connection$ssl")

    def test_check_needs_something_to_check(self):
        status, out, err = run(BULKHEAD, "check")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("bulkhead check --help", err)
        status, out, err = run(BULKHEAD, "check", "/no/such/package")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("/no/such/package: no such package or script", err)

    def test_cut_prints_columns_under_either_name(self):
        self.assertEqual(run(BULKHEAD, "cut", "uid", stdin=LOG), (0, "C1\n", ""))
        self.assertEqual(run(os.path.join(COMPAT, "zeek-cut"), "uid", stdin=LOG), (0, "C1\n", ""))

    def test_cut_names_a_wrong_option(self):
        status, out, err = run(BULKHEAD, "cut", "-x")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("unknown option -x", err)

    def test_cut_fails_on_a_full_disk(self):
        with open("/dev/full", "w") as full:
            status, _, _ = run(BULKHEAD, "cut", "uid", stdin=LOG, stdout=full)
        self.assertEqual(status, 1)

    def test_a_script_without_input_that_waits_gets_its_time_at_once(self):
        script = """
redef exit_only_after_terminate = T;
redef table_expire_interval = 1sec;
function gone(t: table[count] of string, n: count): interval { print "gone", n; terminate(); return 0sec; }
global t: table[count] of string &create_expire=1hr &expire_func=gone;
global early = network_time();
event zeek_init() { t[7] = "x"; print early == double_to_time(0.0), network_time() > early; }
"""
        status, out, err = run(os.path.join(COMPAT, "zeek"), "-b", "-e", script)
        self.assertEqual((status, out), (0, "T, T\ngone, 7\n"), err)
        self.assertNotIn("error", err)

    def test_scripts_with_errors_are_told_at_once_and_the_status_is_1(self):
        status, out, err = run(os.path.join(COMPAT, "zeek"), "-b", "-O", "ZAM", "-e", "\tprint nothing_such;")
        self.assertEqual((status, out), (1, ""))
        self.assertIn('error: unknown name "nothing_such"', err)
        self.assertIn("\n   print nothing_such;\n         ^\n", err)
        self.assertIn("the site's scripts were not loaded", err)

    def test_the_status_that_a_script_exits_with_is_the_command_s(self):
        script = 'event zeek_init() { print "once"; exit(3); }'
        status, out, err = run(os.path.join(COMPAT, "zeek"), "-b", "-e", script)
        self.assertEqual((status, out), (3, "once\n"), err)
        self.assertNotIn("error", err)

    def test_a_statement_outside_of_functions_that_fails_ends_the_run(self):
        script = 'global t: table[count] of string; print t[5]; event zeek_init() { print "never"; }'
        status, out, err = run(os.path.join(COMPAT, "zeek"), "-b", "-e", script)
        self.assertEqual((status, out), (1, ""))
        self.assertIn("no such index", err)

    def test_doctor_tells_of_each_layer(self):
        status, out, _ = run(BULKHEAD, "doctor")
        self.assertEqual(status, 0)
        for layer in ("seccomp", "no-new-privs"):
            self.assertIn(layer, out)


if __name__ == "__main__":
    unittest.main()
