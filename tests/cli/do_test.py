#!/usr/bin/env python3
"""./do on machines that lack something: each is played by a folder of stand-ins, first on PATH."""
import os
import shutil
import subprocess
import tempfile
import unittest

DO = os.environ["BULKHEAD_DO"]
TOOLS = ("bash", "basename", "cat", "dirname", "env", "find", "ln", "mkdir", "nproc", "readlink", "tail", "true")


class Machine:
    """A checkout (a copy of ./do, in a folder with a space) and what is installed around it."""

    def __init__(self, case, user=1000, missing=(), debian=True, sudo=None, apt_status=0):
        root = tempfile.mkdtemp(prefix="bulkhead do ")
        case.addCleanup(shutil.rmtree, root, ignore_errors=True)
        self.bin, self.home, self.checkout = (os.path.join(root, name) for name in ("bin", "home", "a checkout"))
        for folder in (self.bin, self.home, self.checkout):
            os.mkdir(folder)
        self.do = shutil.copy(DO, self.checkout)
        self.calls_file = os.path.join(root, "calls")
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))
        self.program("id", f"echo {user}")
        self.program("cmake", f'echo "cmake $* [$PWD] [${{CCACHE_DIR:-}}]" >> "{self.calls_file}"')
        self.program("ctest", f'echo "ctest $*" >> "{self.calls_file}"')
        self.program("apt-get", f'echo "apt-get $* [$DEBIAN_FRONTEND]" >> "{self.calls_file}"\n'
                                f'echo "words of apt-get"; exit {apt_status}')
        if debian:
            names = "|".join(missing) or "none"
            self.program("dpkg-query", f'case "${{@: -1}}" in {names}) exit 1;; esac; echo -n installed')
        if sudo is not None:
            # As sudo does it: the environment stays behind.
            self.program("sudo", sudo + '\n[ "$1" = -n ] && shift\nDEBIAN_FRONTEND= exec "$@"')

    def program(self, name, text):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!" + shutil.which("bash") + "\n" + text + "\n")
        os.chmod(path, 0o755)

    def run(self, *arguments, cwd="/", home=None, script=None):
        environment = {"PATH": self.bin, "HOME": self.home if home is None else home}
        done = subprocess.run([script or self.do, *arguments], cwd=cwd, env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def calls(self):
        if not os.path.exists(self.calls_file):
            return []
        with open(self.calls_file, encoding="utf-8") as file:
            return file.read().splitlines()


class Arguments(unittest.TestCase):
    def test_help_is_an_answer_and_nothing_at_all_is_a_mistake(self):
        machine = Machine(self)
        status, out, err = machine.run("help")
        self.assertEqual((status, err), (0, ""))
        for step in ("demo", "build", "test", "bench", "lint", "fuzz", "install"):
            self.assertIn(f"\n  {step} ", out)
        status, out, err = machine.run()
        self.assertEqual((status, out), (2, ""))
        self.assertIn("usage: ./do STEP", err)

    def test_a_mistake_is_told_before_anything_is_installed_or_built(self):
        machine = Machine(self, user=0, missing=["cmake"])
        for arguments, word in ((["frob"], 'no step "frob"'), (["build", "fast"], 'no preset "fast" to build'),
                                (["test", "fuzz"], 'no preset "fuzz" to test'), (["test", ""], 'no preset ""'),
                                (["fuzz", "0"], 'not "0"'), (["fuzz", "1m"], 'not "1m"'),
                                (["demo", "again"], "too much after demo: again"),
                                (["test", "dev", "x"], "too much after test: x")):
            status, out, err = machine.run(*arguments)
            self.assertEqual((status, out), (2, ""), arguments)
            self.assertIn(word, err)
        self.assertEqual(machine.calls(), [])


class Places(unittest.TestCase):
    def test_it_works_in_its_own_folder_wherever_it_is_called_from(self):
        machine = Machine(self)
        link = os.path.join(machine.home, "do")
        os.symlink(machine.do, link)
        for script in (machine.do, link):
            self.assertEqual(machine.run("build", script=script)[0], 0)
        for call in machine.calls():
            self.assertIn(f"[{machine.checkout}]", call)

    def test_ccache_gets_a_place_that_can_be_written(self):
        machine = Machine(self)
        machine.run("build")
        self.assertTrue(machine.calls()[0].endswith("[]"), machine.calls())
        instead = f"[{machine.checkout}/build/ccache]"
        machine.run("build", home="")
        self.assertTrue(machine.calls()[-1].endswith(instead), machine.calls())
        shutil.rmtree(machine.home)
        with open(machine.home, "w", encoding="utf-8"):  # no folder can be made below it, not even by root
            pass
        machine.run("build")
        self.assertTrue(machine.calls()[-1].endswith(instead), machine.calls())


class Packages(unittest.TestCase):
    def test_root_installs_what_is_missing_and_nothing_else(self):
        machine = Machine(self, user=0, missing=["cmake", "ccache"])
        status, out, err = machine.run("test")
        self.assertEqual((status, out), (0, ""), err)
        self.assertIn("installing Debian packages (a minute or two): cmake ccache\n", err)
        self.assertNotIn("words of apt-get", err)
        self.assertEqual(machine.calls()[:2], ["apt-get -q -y update [noninteractive]",
                         "apt-get -q -y install --no-install-recommends cmake ccache [noninteractive]"])
        self.assertTrue(machine.calls()[-1].startswith("ctest --preset dev"), machine.calls())

    def test_what_apt_says_is_shown_when_it_fails(self):
        machine = Machine(self, user=0, missing=["cmake"], apt_status=100)
        status, _, err = machine.run("build")
        self.assertEqual(status, 1)
        self.assertIn("words of apt-get\n./do: apt-get update failed", err)
        self.assertIn("apt-get install --no-install-recommends cmake\n", err)

    def test_a_user_without_sudo_is_told_what_root_has_to_run(self):
        machine = Machine(self, missing=["cmake", "ccache"])
        status, _, err = machine.run("demo")
        self.assertEqual(status, 1)
        self.assertIn("As root, run\n  apt-get update && apt-get install --no-install-recommends cmake ccache\n", err)
        self.assertEqual(machine.calls(), [])

    def test_what_is_only_helpful_stops_nobody(self):
        machine = Machine(self, missing=["ccache", "iproute2"])
        status, _, err = machine.run("build")
        self.assertEqual(status, 0, err)
        self.assertIn("not installed: ccache iproute2; going on without", err)
        self.assertEqual(len(machine.calls()), 2, machine.calls())

    def test_sudo_is_used_where_it_asks_nothing_and_apt_asks_nothing_either(self):
        machine = Machine(self, missing=["cmake"], sudo="")
        status, _, err = machine.run("install")
        self.assertEqual(status, 0, err)
        self.assertEqual(machine.calls()[-1],
                         "apt-get -q -y install --no-install-recommends cmake [noninteractive]")

    def test_sudo_that_wants_a_password_is_not_used_without_a_terminal(self):
        machine = Machine(self, missing=["cmake"], sudo="exit 1")
        status, _, err = machine.run("install")
        self.assertEqual(status, 1)
        self.assertNotIn("password", err)
        self.assertEqual(machine.calls(), [])

    def test_elsewhere_than_on_debian_nothing_is_installed(self):
        machine = Machine(self, user=0, debian=False)
        status, _, err = machine.run("build")
        self.assertEqual(status, 0, err)
        self.assertIn("this is no Debian system", err)
        self.assertEqual(len(machine.calls()), 2, machine.calls())


if __name__ == "__main__":
    unittest.main()
