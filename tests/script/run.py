#!/usr/bin/env python3
"""Runs the .zeek files of one folder: what a file prints is what its `# expect:` comments say, in order.

    run.py SCRIPT_RUN FOLDER [ARGUMENT...]

The arguments go to script-run before the file. Exit status 1 names every file and line that differs.
"""
import os
import re
import subprocess
import sys

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


if __name__ == "__main__":
    sys.exit(main())
