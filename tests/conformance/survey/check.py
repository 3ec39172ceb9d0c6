#!/usr/bin/env python3
"""Holds `bulkhead check` against a list of packages that Zeek is known to accept.

    check.py CHECKOUTS LOADS.tsv [--bulkhead PROGRAM] [--jobs N] [--verbose] [NAME...]

CHECKOUTS has OWNER/NAME for each package, and what they depend on beside them. LOADS.tsv is a table
with a heading: package (OWNER/NAME), "ok" or "fail", the first message. Prints a line for each
package and a summary. A package counts as accepted as far as the names it uses exist when all its
errors are names of Zeek's library that ours does not have yet. Status 0 if that holds for 98 % of
the packages marked ok, else 1.
"""
import argparse
import collections
import concurrent.futures
import configparser
import json
import os
import shutil
import subprocess
import sys
import tempfile

BAR = 0.98


def metadata(folder):
    parsed = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parsed.read([os.path.join(folder, each) for each in ("bro-pkg.meta", "zkg.meta")], encoding="utf-8")
        return parsed["package"]
    except (configparser.Error, KeyError, UnicodeDecodeError):
        return {}


def stage(source, target):
    """A copy of the scripts, for packages whose script_dir only a build makes: it is scripts/ then."""
    meta = metadata(source)
    scripts = os.path.join(source, meta.get("script_dir", "."))
    if not os.path.isdir(scripts):
        scripts = os.path.join(source, "scripts")
    if not os.path.isdir(scripts):
        return False
    shutil.copytree(scripts, os.path.join(target, "scripts"), ignore_dangling_symlinks=True,
                    ignore=shutil.ignore_patterns("*.pcap", ".git"))
    depends = " ".join(meta.get("depends", "").split())
    with open(os.path.join(target, "zkg.meta"), "w", encoding="utf-8") as out:
        out.write(f"[package]\nscript_dir = scripts\ndepends = {depends}\n")
    return True


def dependencies(folder):
    words = metadata(folder).get("depends", "").split()[::2]
    names = [w.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git") for w in words]
    return [n for n in names if n not in ("zeek", "bro", "zkg", "bro-pkg")]


def check(program, name, folders, checkouts):
    """The report of one package, staged with what it depends on in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="survey-") as work:
        source = os.path.join(checkouts, name)
        own = os.path.join(work, "own", os.path.basename(name))
        beside = os.path.join(work, "beside")
        os.makedirs(beside)
        if not os.path.isdir(source) or not stage(source, own):
            return None
        waiting, done = dependencies(source), set()
        while waiting:
            each = waiting.pop()
            if each in done or each not in folders:
                continue
            done.add(each)
            stage(folders[each], os.path.join(beside, each))
            waiting += dependencies(folders[each])
        ran = subprocess.run([program, "check", "--json", own, "-p", beside], capture_output=True,
                             text=True, errors="replace", timeout=300)
        try:
            return json.loads(ran.stdout)
        except json.JSONDecodeError:
            return {"accepted": False, "ended": f"status {ran.returncode}: {ran.stderr.strip()[-300:]}",
                    "errors": [], "missing": []}


def told(problem):
    at = problem["at"]
    place = f"{os.path.basename(at['file'])}:{at['line']}:{at['column']}: " if at else ""
    return place + problem["text"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkouts")
    parser.add_argument("loads")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--bulkhead", default="build/bin/bulkhead")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="every error")
    arguments = parser.parse_args()
    marked = {}
    with open(arguments.loads, encoding="utf-8") as table:
        next(table)
        for line in table:
            name, verdict, *_ = line.rstrip("\n").split("\t")
            marked[name.removesuffix(".git")] = verdict
    folders = {}
    for owner in sorted(os.listdir(arguments.checkouts)):
        for name in sorted(os.listdir(os.path.join(arguments.checkouts, owner))):
            folders.setdefault(name, os.path.join(arguments.checkouts, owner, name))
    wanted = [n for n in marked if not arguments.names or n in arguments.names]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        reports = list(pool.map(
            lambda n: check(arguments.bulkhead, n, folders, arguments.checkouts), wanted))
    counts = collections.Counter()
    names = collections.Counter()
    for name, report in zip(wanted, reports):
        if report is None:
            counts[marked[name], "absent"] += 1
            print(f"absent\t{name}")
            continue
        missing = sorted({each["name"] for each in report["missing"]})
        names.update(missing)
        if report.get("ended") or report["errors"]:
            verdict = "error"
        else:
            verdict = "missing" if missing else "accepted"
        counts[marked[name], verdict] += 1
        first = ""
        if verdict == "error":
            first = report.get("ended") or told(report["errors"][0])
        elif missing:
            first = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        zeek = "" if marked[name] == "ok" else "  (Zeek rejects it)"
        print(f"{verdict}\t{name}\t{first}{zeek}")
        if arguments.verbose:
            for each in report["errors"]:
                print("\t" + told(each))
    print("\nnames that are missing, and how many packages use them:")
    for name, count in sorted(names.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"  {count}\t{name}")
    good = counts["ok", "accepted"] + counts["ok", "missing"]
    looked = good + counts["ok", "error"]
    share = good / looked if looked else 0.0
    print(f"\nmarked ok: {looked} looked at, {counts['ok', 'absent']} absent; accepted "
          f"{counts['ok', 'accepted']}, names missing {counts['ok', 'missing']}, errors "
          f"{counts['ok', 'error']}; accepted as far as the names exist: {100 * share:.1f} %")
    if any(verdict == "fail" for verdict, _ in counts):
        print(f"marked fail: accepted {counts['fail', 'accepted']}, names missing "
              f"{counts['fail', 'missing']}, errors {counts['fail', 'error']}, absent "
              f"{counts['fail', 'absent']}")
    return 0 if looked and share >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
