#!/usr/bin/env python3
"""What scripts may do beyond computing: the operator's own through the host, a package by its grants."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

REACHES_OUT = """
event zeek_init()
	{
	local f = open("written");
	print write_file(f, "a line\\n");
	close(f);
	print file_size("written"), mkdir("folder"), rename("written", "folder/moved"), file_size("written");
	print system("cat folder/moved > copied"), piped_exec("cat > piped", "input");
	print setenv("OF_THE_SCRIPT", "x"), system("test \\"$OF_THE_SCRIPT\\" = x");
	print getenv("GIVEN"), identify_data("GIF89a", T);
	print strptime("%Y", "1970"), strftime("%Y", double_to_time(0.0));
	}
"""


class Grants(b.Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bulkhead-grants-")
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def package(self, script):
        self.file("greedy/zkg.meta", "[package]\nscript_dir = scripts\n")
        self.file("greedy/scripts/__load__.zeek", script)
        return os.path.join(self.folder.name, "greedy")

    def contents(self, run, name):
        with open(os.path.join(run.folder, name), encoding="utf-8") as file:
            return file.read()

    def test_the_operators_scripts_use_files_commands_and_environment(self):
        run = self.run_ok("zeek", "-b", self.file("s.zeek", REACHES_OUT), cwd_logs=True, env={"GIVEN": "value"})
        self.assertNotIn("error", run.err)
        self.assertEqual(run.out.splitlines(), ["T", "7.0, T, T, -1.0", "0, T", "T, 0", "value, image/gif", "0.0, 1970"])
        self.assertEqual(self.contents(run, "folder/moved"), "a line\n")
        self.assertEqual(self.contents(run, "copied"), "a line\n")
        self.assertEqual(self.contents(run, "piped"), "input")

    def test_a_file_without_buffer_has_at_once_what_is_written(self):
        script = ('event zeek_init() { local f = open("direct"); set_buf(f, F); write_file(f, "12345");'
                  ' print file_size("direct"); set_buf(f, T); write_file(f, "678"); print flush_all();'
                  ' print file_size("direct"); }')
        run = self.run_ok("zeek", "-b", self.file("s.zeek", script), cwd_logs=True)
        self.assertEqual(run.out, "5.0\nT\n8.0\n")

    def test_their_files_are_those_beneath_the_working_directory(self):
        outside = os.path.join(self.folder.name, "outside")
        script = f'event zeek_init() {{ print file_size("{outside}"); local f = open("../outside"); print active_file(f); }}'
        run = b.Run("zeek", "-b", self.file("s.zeek", script), cwd_logs=True)
        self.assertEqual(run.out, "-1.0\nF\n")
        self.assertIn("does not reach there", run.err)
        # Errors in zeek_init end the run.
        self.assertEqual(run.status, 1, run.err)
        self.assertFalse(os.path.exists(outside))

    def test_a_package_without_grants_is_told_which_it_needs(self):
        run = b.Run("run", "-r", os.path.join(b.CAPTURES, "demo.pcap"), "-p", self.package(REACHES_OUT))
        for grant in ("files", "commands", "environment"):
            self.assertIn(f'needs the grant "{grant}"', run.err)
        self.assertFalse(os.path.exists(os.path.join(run.folder, "piped")))

    def test_a_package_may_do_what_it_was_granted(self):
        place = os.path.join(self.folder.name, "place")
        os.mkdir(place)
        package = self.package(
            'event zeek_init() { local f = open("mine"); write_file(f, "x"); close(f);'
            f' print file_size("mine"), getenv("GIVEN"); print system("touch {place}/no"); }}')
        config = self.file("bulkhead.toml", f'[package.greedy]\nfiles = ["{place}"]\ngrants = ["environment"]\n')
        run = b.Run("run", "-r", os.path.join(b.CAPTURES, "demo.pcap"), "-p", package, "--config", config,
                    env={"GIVEN": "value"})
        self.assertIn("1.0, value", run.out)
        self.assertIn('system needs the grant "commands"', run.err)
        self.assertEqual(sorted(os.listdir(place)), ["mine"])


if __name__ == "__main__":
    unittest.main()
