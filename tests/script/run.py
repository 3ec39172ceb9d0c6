#!/usr/bin/env python3
<<<<<<< HEAD
"""Runs the .zeek files of one folder: what a file prints is what its `# expect:` comments say, in order.

    run.py SCRIPT_RUN FOLDER [ARGUMENT...]

The arguments go to script-run before the file. Exit status 1 names every file and line that differs.
"""
import os
=======
"""Runs a script and holds what it prints against the `# expect: ...` comments beside the printing lines.

Expectations are in the order of the file; a line that prints several times has one comment a line.
`# error: TEXT` expects a message on standard error that contains TEXT.
"""
>>>>>>> main
import re
import subprocess
import sys

<<<<<<< HEAD
EXPECT = re.compile(r"#\s*expect: ?(.*)$")


def expected(path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            match = EXPECT.search(line.rstrip("\n"))
            if match:
                yield number, match.group(1)


def check(command, path):
    done = subprocess.run([*command, path], capture_output=True, timeout=120)
    printed = done.stdout.decode(errors="backslashreplace").splitlines()
    wanted = list(expected(path))
    problems = []
    for index in range(max(len(printed), len(wanted))):
        number, text = wanted[index] if index < len(wanted) else ("end", None)
        got = printed[index] if index < len(printed) else None
        if got != text:
            problems.append(f"{path}:{number}: expected {text!r}, got {got!r}")
    if done.returncode != 0:
        problems.append(f"{path}: exit status {done.returncode}")
    if problems and done.stderr:
        problems.append(done.stderr.decode(errors="replace")[-3000:])
    return problems


def main():
    script_run, folder, *arguments = sys.argv[1:]
    files = sorted(name for name in os.listdir(folder) if name.endswith(".zeek"))
    problems = []
    for name in files:
        problems += check([script_run, *arguments], os.path.join(folder, name))
    print("\n".join(problems) if problems else f"{len(files)} files")
    return 1 if problems or not files else 0
=======

def main():
    program, *options, path = sys.argv[1:]
    text = open(path, encoding="utf-8").read()
    expected = [m.group(1) for m in re.finditer(r"# expect: ?(.*)", text)]
    errors = re.findall(r"# error: (.*)", text)
    done = subprocess.run([program, *options, path], capture_output=True, text=True, timeout=60)
    printed = done.stdout.splitlines()
    failed = False
    for number in range(max(len(expected), len(printed))):
        want = expected[number] if number < len(expected) else "(nothing)"
        have = printed[number] if number < len(printed) else "(nothing)"
        if want != have:
            print(f"line {number + 1} of the output: expected {want!r}, printed {have!r}")
            failed = True
    for error in errors:
        if error not in done.stderr:
            print(f"expected on standard error: {error!r}")
            failed = True
    if done.stderr and not errors:
        print(done.stderr)
        failed = True
    if not expected and not errors:
        print("the script expects nothing: this test could not fail")
        failed = True
    return 1 if failed else 0
>>>>>>> main


if __name__ == "__main__":
    sys.exit(main())
