#!/usr/bin/env python3
"""Runs folders of Zeek's own btest suite against our `zeek`, and says how each file fares.

  run.py ZEEK BTEST --zeek build/compat/zeek [--only GLOB]... [--folder NAME]... [--jobs N] [--json FILE]
         [--write-docs FILE] [--minimum PERCENT] [--keep DIR]

ZEEK is a checkout of zeek/zeek and BTEST one of zeek/btest; neither is changed. The real btest drives the tests,
with our program, the checkout's helper scripts and a btest-diff of ours on PATH. Per file one of:

  pass          every command ended as the test wants and every baseline is equal, byte for byte
  same-meaning  as pass, but errors are worded differently; they stand at the same file and line (same_meaning.py)
  fail          with the reason
  out-of-scope  with the reason, from scope.tsv

Exit status: 0; 1 if fewer than --minimum percent of the files in scope pass; 2 for a wrong command line; 77 if a
checkout is absent (a test driver then counts the run as skipped).
"""
import argparse
import fnmatch
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections import Counter
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = ("language", "bifs")
SECONDS_PER_START = 30  # of our program; a test may start it several times


class Scope:
    """What scope.tsv says: tests that are out of scope, and the reason in words for those known to fail."""

    def __init__(self, path):
        self.out, self.known = {}, {}
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.startswith("#") or not line.strip():
                    continue
                fields = line.rstrip("\n").split("\t")
                if len(fields) != 3 or fields[1] not in ("out", "fails"):
                    sys.exit(f"{path}:{number}: expected NAME<tab>out|fails<tab>REASON")
                (self.out if fields[1] == "out" else self.known)[fields[0]] = fields[2]


def write_program(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


def lay_out(scratch, zeek_checkout, btest_checkout, zeek, folders):
    """A tree that looks to btest like the checkout's testing/, so that nothing is written into the checkout."""
    base = os.path.join(scratch, "testing", "btest")
    programs = os.path.join(scratch, "bin")
    outcomes = os.path.join(scratch, "outcomes")
    for folder in (base, programs, outcomes, os.path.join(base, "Baseline")):
        os.makedirs(folder)
    theirs = os.path.join(zeek_checkout, "testing")
    os.symlink(os.path.join(theirs, "scripts"), os.path.join(scratch, "testing", "scripts"))
    os.symlink(os.path.join(zeek_checkout, "scripts"), os.path.join(scratch, "scripts"))
    for name in ("Traces", "Files", "random.seed", *folders):
        os.symlink(os.path.join(theirs, "btest", name), os.path.join(base, name))
    for name in os.listdir(os.path.join(theirs, "btest", "Baseline")):
        if name.split(".")[0] in folders:
            os.symlink(os.path.join(theirs, "btest", "Baseline", name), os.path.join(base, "Baseline", name))
    compat = os.path.dirname(os.path.abspath(zeek))
    for name in ("zeek", "zeek-cut"):
        write_program(os.path.join(programs, name),
                      f'#!/bin/sh\nexec timeout -k 5 {SECONDS_PER_START} "{compat}/{name}" "$@"\n')
    write_program(os.path.join(programs, "btest-diff"),
                  f'#!/bin/sh\nexec "{sys.executable}" -S "{HERE}/diff_wrapper.py" "$@"\n')
    with open(os.path.join(base, "btest.cfg"), "w", encoding="utf-8") as file:
        file.write(f"""[btest]
TestDirs = {' '.join(folders)}
TmpDir = {scratch}/tmp
BaselineDir = {base}/Baseline
IgnoreDirs = .svn CVS .tmp
IgnoreFiles = *.tmp *.swp .clang-format #* *.pcap .DS_Store

[environment]
PATH={programs}:{btest_checkout}:{theirs}/scripts:{os.environ['PATH']}
CONFORMANCE_REAL_DIFF={btest_checkout}/btest-diff
CONFORMANCE_OUTCOMES={outcomes}
BTEST_PATH={btest_checkout}
ZEEK_SEED_FILE={base}/random.seed
ZEEK_DNS_FAKE=1
ZEEK_ALLOW_INIT_ERRORS=1
ZEEK_DEFAULT_LISTEN_ADDRESS=127.0.0.1
TRACES={base}/Traces
FILES={base}/Files
SCRIPTS={theirs}/scripts
DIST={zeek_checkout}
TEST_DIFF_CANONIFIER={theirs}/scripts/diff-canonifier
TMPDIR={scratch}/tmp
PYTHON={sys.executable}
TZ=UTC
LC_ALL=C
BTEST_BG_RUN_SLEEP=0
""")
    os.makedirs(os.path.join(scratch, "tmp"))
    return base


def list_files(zeek_checkout, folder, only):
    """Yields (name as btest has it without the part's number, path below testing/btest)."""
    top = os.path.join(zeek_checkout, "testing", "btest")
    for where, folders, files in os.walk(os.path.join(top, folder)):
        folders.sort()
        for file in sorted(files):
            path = os.path.relpath(os.path.join(where, file), top)
            name = os.path.splitext(path)[0].replace("/", ".")
            with open(os.path.join(where, file), "rb") as text:
                if b"@TEST-" not in text.read():
                    continue
            if not only or any(fnmatch.fnmatch(name, glob) or fnmatch.fnmatch(name, f"{folder}.{glob}") for glob in only):
                yield name, path


def last_words(folder):
    """The first error that a test's command left behind, on standard error or in what it was told to write."""
    names = [".stderr"] + sorted(n for n in os.listdir(folder) if not n.startswith(".") and
                                 not n.endswith((".zeek", ".log", ".pcap")))
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file.read(200_000).splitlines():
                if re.search(r"\berror\b|^zeek: ", line):
                    return re.sub(r"(/[^ :/]+)+/", "", line.strip())[:160]
    return ""


class Verdict:
    def __init__(self, path):
        self.path, self.parts, self.exact, self.reasons = path, 0, True, []

    def add(self, part, failed, outcomes, folder):
        self.parts += 1
        differing = [o for o in outcomes if o["verdict"] == "differs"]
        self.exact &= all(o["verdict"] == "exact" for o in outcomes)
        if not failed:
            return
        prefix = f"part {part}: " if part > 1 else ""
        if differing:
            self.reasons += [f"{prefix}{o['file']} {o['why']}" for o in differing]
            return
        said = last_words(folder) if os.path.isdir(folder) else ""
        what = "a command succeeds that has to fail" if "succeeded unexpectedly" in failed else "a command fails"
        if re.search(r"exit code (124|137)\)", failed):
            what = f"a command takes longer than {SECONDS_PER_START} s"
        self.reasons.append(prefix + what + (f": {said}" if said else ""))

    @property
    def name(self):
        if self.reasons:
            return "fail"
        return "pass" if self.exact else "same-meaning"


def run_btest(base, scratch, btest_checkout, paths, jobs):
    report = os.path.join(scratch, "report.xml")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ZEEK", "BTEST", "TEST_"))}
    done = subprocess.run([sys.executable, os.path.join(btest_checkout, "btest"), "-c", "btest.cfg", "-j", str(jobs),
                           "-b", "-t", "-x", report, *paths],
                          cwd=base, env=environment, capture_output=True, text=True, errors="replace")
    if not os.path.isfile(report):
        sys.exit("btest wrote no report:\n" + done.stdout + done.stderr)
    results = {}
    with open(report, encoding="utf-8", errors="replace") as file:  # btest copies control bytes of outputs into it
        text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "?", file.read())
    for case in ElementTree.fromstring(text.encode("utf-8")).iter("testcase"):
        failure = case.find("failure")
        skipped = case.find("skipped") is not None
        results[f"{case.get('classname')}.{case.get('name')}"] = ("skipped" if skipped else
                                     None if failure is None else (failure.text or "") + str(failure.attrib))
    return results


def read_outcomes(scratch, test):
    path = os.path.join(scratch, "outcomes", test)
    if not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def judge(files, results, scratch):
    verdicts = {}
    for name, path in files:
        verdict = Verdict(path)
        parts = sorted((int(m.group(1) or 1), test) for test in results
                       if (m := re.fullmatch(re.escape(name) + r"(?:-(\d+))?", test)))
        for part, test in parts:
            if results[test] == "skipped":
                verdict.reasons.append(f"part {part}: skipped, a requirement is not met")
            else:
                verdict.add(part, results[test], read_outcomes(scratch, test), os.path.join(scratch, "tmp", test))
        if not parts:
            verdict.reasons.append("btest ran no such test")
        verdicts[name] = verdict
    return verdicts


def summarise(rows, folder):
    counts = Counter(row["verdict"] for row in rows if row["folder"] == folder)
    scoped = sum(counts.values()) - counts["out-of-scope"]
    good = counts["pass"] + counts["same-meaning"]
    share = 100.0 * good / scoped if scoped else 100.0
    return share, (f"{folder}: {sum(counts.values())} files, {counts['out-of-scope']} out of scope; of {scoped} in scope "
                   f"{counts['pass']} pass, {counts['same-meaning']} same meaning, {counts['fail']} fail: {share:.1f} %")


def write_docs(path, rows, folders):
    """The page for users: what does not pass, and why. Generated, so that it cannot drift from the run."""
    lines = ["# Compatibility with the Zeek script language", "",
             "Generated by `tests/conformance/zeek-btest/run.py --write-docs`: do not edit. It runs the tests that Zeek",
             "has for its language and its builtin functions, from a checkout of its sources, against `bulkhead zeek`.",
             "*Same meaning*: standard output and logs identical and errors at the same file and line, wording apart.", ""]
    for folder in folders:
        lines += [summarise(rows, folder)[1] + ".", ""]
    for title, verdict in (("What does not pass", "fail"), ("Out of scope", "out-of-scope")):
        lines += [f"## {title}", ""]
        for folder in folders:
            chosen = [row for row in rows if row["folder"] == folder and row["verdict"] == verdict]
            if chosen:
                lines += ["| test | reason |", "| --- | --- |"]
                lines += ["| {} | {} |".format(row["name"], row["reason"].replace("|", "\\|")) for row in chosen]
                lines.append("")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines).rstrip("\n") + "\n")


def main():
    parser = argparse.ArgumentParser(description="Runs Zeek's tests of its script language against our zeek.")
    parser.add_argument("zeek_checkout")
    parser.add_argument("btest_checkout")
    parser.add_argument("--zeek", required=True, help="our program under the name zeek, zeek-cut beside it")
    parser.add_argument("--folder", action="append", choices=FOLDERS)
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="tests to run, as language.hook*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--write-docs", metavar="FILE")
    parser.add_argument("--minimum", type=float, default=0.0, metavar="PERCENT")
    parser.add_argument("--keep", metavar="DIR", help="leave the tests' folders there (an absent or empty folder)")
    parser.add_argument("--failures", action="store_true", help="print only what fails")
    options = parser.parse_args()
    for checkout, inside in ((options.zeek_checkout, "testing/btest"), (options.btest_checkout, "btest-diff")):
        if not os.path.exists(os.path.join(checkout, inside)):
            print(f"skipped: {checkout or '(no path)'} is no checkout with {inside} in it")
            return 77
    if not os.access(options.zeek, os.X_OK):
        parser.error(f"{options.zeek} is no program: build it, or name it with --zeek")
    zeek_checkout, btest_checkout = os.path.abspath(options.zeek_checkout), os.path.abspath(options.btest_checkout)
    folders = [f for f in FOLDERS if not options.folder or f in options.folder]
    scope = Scope(os.path.join(HERE, "scope.tsv"))
    files = [(folder, *entry) for folder in folders for entry in list_files(zeek_checkout, folder, options.only)]
    wanted = [(name, path) for _, name, path in files if name not in scope.out]
    if not files:
        parser.error("no test has such a name")

    scratch = os.path.abspath(options.keep) if options.keep else tempfile.mkdtemp(prefix="zeek-btest-")
    try:
        base = lay_out(scratch, zeek_checkout, btest_checkout, options.zeek, folders)
        results = run_btest(base, scratch, btest_checkout, [path for _, path in wanted], options.jobs) if wanted else {}
        verdicts = judge(wanted, results, scratch)
    finally:
        if not options.keep:
            shutil.rmtree(scratch, ignore_errors=True)

    rows = []
    for folder, name, _ in files:
        verdict, reason, seen = "out-of-scope", scope.out.get(name, ""), ""
        if name in verdicts:
            verdict, seen = verdicts[name].name, "; ".join(verdicts[name].reasons)
            reason = (scope.known.get(name) or seen) if verdict == "fail" else ""
        rows.append({"folder": folder, "name": name, "verdict": verdict, "reason": reason, "seen": seen})
        if verdict == "fail" or not options.failures:
            print(f"{verdict:12} {name}" + (f": {reason}" if reason else ""))
    shares = []
    for folder in folders:
        share, line = summarise(rows, folder)
        shares.append(share)
        print(line)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.write("\n")
    if options.write_docs:
        write_docs(options.write_docs, rows, folders)
    return 1 if min(shares) < options.minimum else 0


if __name__ == "__main__":
    sys.exit(main())
