#!/usr/bin/env python3
"""Runs a script and holds what it prints against the `# expect: ...` comments beside the printing lines.

Expectations are in the order of the file; a line that prints several times has one comment a line.
`# error: TEXT` expects a message on standard error that contains TEXT.
`# options: --time 1 --time 2` passes these to the program.
"""
import re
import subprocess
import sys


def main():
    program, *options, path = sys.argv[1:]
    text = open(path, encoding="utf-8").read()
    expected = [m.group(1) for m in re.finditer(r"# expect: ?(.*)", text)]
    errors = re.findall(r"# error: (.*)", text)
    for line in re.findall(r"# options: (.*)", text):
        options += line.split()
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


if __name__ == "__main__":
    sys.exit(main())
