#!/usr/bin/env python3
"""What is wrong with a run is said in a line that helps, with an exit status, and costs nothing else."""
import gzip
import os
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

DEMO = os.path.join(b.CAPTURES, "demo.pcap")
FAILED, USAGE, PACKAGES = 1, 2, 3


class Scratch(b.Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bulkhead-test-")
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content=b""):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return path

    def expect(self, status, said, *args, **keywords):
        run = b.Run(*args, **keywords)
        self.assertEqual(run.status, status, f"{run.command}\n{run.err}")
        self.assertIn(said, run.err, run.command)
        return run


class Captures(Scratch):
    def test_closed_standard_descriptors_are_nobody_elses(self):
        plain = self.run_ok("run", "-r", DEMO)
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            logs = tempfile.mkdtemp(dir=self.folder.name)
            done = subprocess.run(["sh", "-c", f'"$0" run -r "$1" --logdir "$2" {closed}', b.BULKHEAD, DEMO, logs],
                                  timeout=b.TIMEOUT, capture_output=True)
            self.assertEqual(done.returncode, 0, f"{closed}: {done.stderr}")
            self.assertEqual(sorted(os.listdir(logs)), plain.logs(), closed)

    def test_no_such_file(self):
        self.expect(USAGE, "missing.pcap: No such file or directory", "run", "-r", "missing.pcap")

    def test_a_folder(self):
        self.expect(USAGE, ": is a folder, a capture file is expected", "run", "-r", self.folder.name)

    def test_an_empty_file(self):
        path = self.file("empty.pcap")
        self.expect(FAILED, "empty.pcap", "run", "-r", path)

    def test_random_bytes(self):
        path = self.file("noise.pcap", bytes((i * 37 + 11) % 256 for i in range(5000)))
        self.expect(FAILED, "noise.pcap", "run", "-r", path)

    def test_a_compressed_file_is_told_how_to_be_read(self):
        path = self.file("demo.pcap.gz", gzip.compress(b"whatever"))
        self.expect(USAGE, "is compressed with gzip; read it through a pipe: zcat FILE | ", "run", "-r", path)

    def test_an_unknown_link_type(self):
        header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 250)
        path = self.file("link.pcap", header)
        self.expect(FAILED, "link", "run", "-r", path)

    def test_a_truncated_capture_is_processed_as_far_as_it_goes(self):
        whole = self.run_ok("run", "-r", DEMO)
        with open(DEMO, "rb") as demo:
            content = demo.read()
        path = self.file("cut.pcap", content[:len(content) - 7])
        run = self.expect(FAILED, "cut.pcap", "run", "-r", path)
        self.assertIn("cut.pcap: at byte ", run.err)
        # All but the last packet was read: no connection is missing that did not begin with it.
        self.assertGreater(len(run.table("conn.log")), 0)
        self.assertGreaterEqual(len(run.table("conn.log")), len(whole.table("conn.log")) - 1)

    def test_standard_input(self):
        with open(DEMO, "rb") as demo:
            run = self.run_ok("run", "-r", "-", stdin=demo)
        self.assertIn("conn.log", run.logs())

    def test_a_bad_filter_is_named(self):
        self.expect(FAILED, "filter", "run", "-r", DEMO, "-f", "prot tcp and")

    def test_a_filter_leaves_out_what_does_not_match(self):
        run = self.run_ok("run", "-r", DEMO, "-f", "udp")
        self.assertEqual({row["proto"] for row in run.table("conn.log")}, {"udp"})


class Scripts(Scratch):
    def test_a_syntax_error_has_file_line_and_caret(self):
        path = self.file("bad.zeek", "event zeek_init()\n\t{\n\tprint 1 +;\n\t}\n")
        run = self.expect(FAILED, "bad.zeek:3:", "zeek", path, cwd_logs=True)
        self.assertIn("^", run.err)

    def test_a_type_error(self):
        path = self.file("bad.zeek", "global n: count = \"x\";\n")
        self.expect(FAILED, "bad.zeek:1:", "zeek", path, cwd_logs=True)

    def test_a_missing_load(self):
        path = self.file("bad.zeek", "@load ./nothing-here\n")
        self.expect(FAILED, "nothing-here", "zeek", path, cwd_logs=True)

    def test_every_error_is_said_not_the_first(self):
        path = self.file("bad.zeek", "global a: count = \"x\";\nglobal b: nonesuch;\n")
        run = self.expect(FAILED, "bad.zeek:1:", "zeek", path, cwd_logs=True)
        self.assertIn("bad.zeek:2:", run.err)

    def test_no_such_script(self):
        self.expect(FAILED, "nowhere.zeek", "zeek", "nowhere.zeek", cwd_logs=True)


class Packages(Scratch):
    def package(self, name, script):
        self.file(f"{name}/zkg.meta", "[package]\nscript_dir = scripts\n")
        self.file(f"{name}/scripts/__load__.zeek", script)
        return os.path.join(self.folder.name, name)

    def test_without_zkg_meta(self):
        self.file("plain/__load__.zeek")
        self.expect(USAGE, "is no package, it has no zkg.meta", "run", "-r", DEMO, "-p",
                    os.path.join(self.folder.name, "plain"))

    def test_one_with_errors_costs_its_own_output_alone(self):
        alone = self.run_ok("run", "-r", DEMO)
        bad = self.package("typo", "event zeek_init() { prnt 1; }\n")
        run = self.expect(PACKAGES, "[typo]", "run", "-r", DEMO, "-p", bad)
        self.assert_same_bytes(alone, run, [log for log in alone.logs() if log != "packages.log"])
        verdicts = {row["package"]: row["verdict"] for row in run.table("packages.log")}
        self.assertEqual(verdicts, {"site": "ok", "typo": "not-loaded"})

    def test_one_cannot_load_what_is_outside(self):
        self.file("secret.zeek", "global secret = 1;\n")
        path = self.package("thief", "@load ../../secret\n")
        self.expect(PACKAGES, "[thief]", "run", "-r", DEMO, "-p", path)

    def test_one_given_twice(self):
        path = self.package("twin", "")
        self.expect(USAGE, "given twice", "run", "-r", DEMO, "-p", path, "-p", path)

    def test_one_that_is_called_as_the_operators_own_scripts_are(self):
        path = self.package("site", "")
        self.expect(USAGE, "a package cannot be called site", "run", "-r", DEMO, "-p", path)

    def test_a_script_dir_that_is_not_there(self):
        self.file("lost/zkg.meta", "[package]\nscript_dir = elsewhere\n")
        self.expect(USAGE, "lost/zkg.meta: script_dir \"elsewhere\": No such file", "run", "-r", DEMO, "-p",
                    os.path.join(self.folder.name, "lost"))

    def test_one_without_a_script_to_begin_with(self):
        self.file("hollow/zkg.meta", "[package]\n")
        self.file("hollow/main.zeek")
        self.expect(USAGE, "hollow/zkg.meta: script_dir \".\": there is no __load__.zeek", "run", "-r", DEMO, "-p",
                    os.path.join(self.folder.name, "hollow"))


class Options(Scratch):
    def test_an_unknown_option(self):
        self.expect(USAGE, "unknown option --nonesuch", "run", "-r", DEMO, "--nonesuch")

    def test_a_word_that_no_option_takes(self):
        self.expect(USAGE, "A capture is named with -r", "run", "-r", DEMO, "other.pcap")

    def test_a_limit_without_a_unit_that_means_nothing(self):
        self.expect(USAGE, "--cpu", "run", "-r", DEMO, "--cpu", "50")

    def test_an_unknown_layer(self):
        self.expect(USAGE, "--require", "run", "-r", DEMO, "--require", "magic")

    def test_a_misspelt_key_in_the_configuration(self):
        path = self.file("bulkhead.toml", "[defaults]\nmemroy = \"1G\"\n")
        self.expect(USAGE, "bulkhead.toml:2: unknown key \"memroy\"", "run", "-r", DEMO, "--config", path)

    def test_nothing_to_read(self):
        self.expect(USAGE, "-r FILE", "run")


class Output(Scratch):
    def test_an_unwritable_log_folder(self):
        path = self.file("a-file")
        done = subprocess.run([b.BULKHEAD, "run", "-r", DEMO, "--logdir", path], capture_output=True, text=True,
                              timeout=b.TIMEOUT)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("a-file", done.stderr)

    def test_a_full_disk_is_said_and_the_run_goes_on(self):
        small = os.path.join(self.folder.name, "small")
        os.mkdir(small)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], capture_output=True).returncode:
            self.skipTest("no small file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", small])
        done = subprocess.run([b.BULKHEAD, "run", "-r", DEMO, "--logdir", small, "-p",
                               b.package("test", "filter-everywhere")], capture_output=True, text=True,
                              timeout=b.TIMEOUT)
        self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertIn(small + ": ", done.stderr)
        self.assertIn(".log is incomplete: No space left on device", done.stderr)

    def test_a_log_folder_in_a_folder_that_is_not_there(self):
        path = os.path.join(self.folder.name, "not-here", "logs")
        done = subprocess.run([b.BULKHEAD, "run", "-r", DEMO, "--logdir", path], capture_output=True, text=True,
                              timeout=b.TIMEOUT)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("the folder that it would be in is not there", done.stderr)


class Signals(Scratch):
    """A capture that never ends, through a pipe: the run is interrupted in the middle of it."""

    def interrupted_by(self, number):
        logs = os.path.join(self.folder.name, "logs")
        run = subprocess.Popen([b.BULKHEAD, "run", "-r", "-", "--logdir", logs], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=False)
        try:
            with open(DEMO, "rb") as demo:
                run.stdin.write(demo.read())
            run.stdin.flush()
        except BrokenPipeError:
            _, err = run.communicate(timeout=b.TIMEOUT)
            self.fail(f"ended by itself with status {run.returncode}: {err.decode(errors='replace')}")
        # The worker reads as it comes; that it got this far shows in a file being there or not, so
        # the run is told to stop whenever that is: it must end in order at any point.
        run.send_signal(number)
        err = run.communicate(timeout=b.TIMEOUT)[1].decode(errors="replace")
        return run.returncode, err, logs

    def test_sigint_and_sigterm_end_a_run_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                status, err, _ = self.interrupted_by(number)
                self.assertEqual(status, 128 + number, err)


if __name__ == "__main__":
    unittest.main()
