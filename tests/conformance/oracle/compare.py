#!/usr/bin/env python3
"""Runs captures through bulkhead and holds the logs against those that Zeek wrote, row for row.

The oracle folder (its own README says how it was made) has captures/, logs/NAME/*.log, a seed file and
lists of captures. It is public material kept outside the repo; where it is absent the test is skipped.

A row counts as equal if every column is. Columns that only one side has count against the row.
Rows are compared as multisets, so that a difference in order shows apart ("order").

--at-least holds the level once reached: LOG=N/TOTAL passes while N of TOTAL rows are equal, and
none is written beside them for which there is no row of Zeek's. docs/conformance.md has the level
and what each remaining difference comes from.
"""
import argparse
import collections
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
LOGS = ("conn", "dns", "http", "files", "weird")
# Zeek writes these too; the oracle leaves them out.
LEFT_OUT = ("packet_filter", "loaded_scripts", "stats", "telemetry")


def read_log(path):
    """The columns and the rows (dicts) of a tab-separated log; no file is no rows."""
    columns, rows = [], []
    if not os.path.exists(path):
        return columns, rows
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("#fields"):
                columns = line.split("\t")[1:]
            elif not line.startswith("#"):
                rows.append(line.split("\t"))
    return columns, rows


def normal(columns, row):
    """A row as a comparable value: sets in log columns have no order of their own."""
    return tuple(zip(columns, row))


def compare(expected_path, actual_path):
    expected_columns, expected = read_log(expected_path)
    actual_columns, actual = read_log(actual_path)
    want = collections.Counter(normal(expected_columns, r) for r in expected)
    have = collections.Counter(normal(actual_columns, r) for r in actual)
    equal = sum((want & have).values())
    missing = list((want - have).elements())
    extra = list((have - want).elements())
    in_order = [normal(expected_columns, r) for r in expected] == [normal(actual_columns, r) for r in actual]
    return len(expected), len(actual), equal, missing, extra, in_order


def differences(missing, extra):
    """Pairs each missing row with the extra row that shares most columns, and names what differs."""
    out = []
    extra = [dict(e) for e in extra]
    for row in (dict(m) for m in missing):
        best = max(extra, key=lambda e: sum(e.get(k) == v for k, v in row.items()), default=None)
        if best is None:
            out.append("missing: " + " ".join(f"{k}={v}" for k, v in row.items() if v != "-"))
            continue
        extra.remove(best)
        names = [k for k in {**row, **best} if row.get(k) != best.get(k)]
        out.append("; ".join(f"{k}: expected {row.get(k, '(none)')!r} got {best.get(k, '(none)')!r}" for k in names))
    out += ["extra: " + " ".join(f"{k}={v}" for k, v in row.items() if v != "-") for row in extra]
    return out


def level(text):
    """LOG=N/TOTAL"""
    log, _, numbers = text.partition("=")
    equal, _, total = numbers.partition("/")
    if log not in LOGS or not equal.isdigit() or not total.isdigit() or int(equal) > int(total):
        raise argparse.ArgumentTypeError(f"{text}: LOG=N/TOTAL is expected, LOG one of {', '.join(LOGS)}")
    return log, int(equal), int(total)


def below(levels, totals):
    """What has become worse than `levels`, a line each."""
    out = []
    for log, least, total in levels:
        expected, actual, equal = totals[log]
        if expected != total:
            out.append(f"{log}: the oracle has {expected} rows, the level is for {total}: another oracle")
        elif equal < least:
            out.append(f"{log}: {equal} of {total} rows are equal, {least} were")
        elif actual > total:
            out.append(f"{log}: {actual} rows are written, Zeek writes {total}")
    return out


def run_one(args, name):
    work = tempfile.mkdtemp(prefix="oracle-")
    try:
        environment = dict(os.environ, ZEEK_SEED_FILE=os.path.join(args.oracle, "random.seed"))
        command = [args.bulkhead, "zeek", "-C", "-r", os.path.join(args.oracle, "captures", name)] + args.scripts
        try:
            done = subprocess.run(command, cwd=work, env=environment, capture_output=True, timeout=args.timeout)
            status, talk = done.returncode, done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            status, talk = "timed out", ""
        results = {}
        for log in args.logs:
            results[log] = compare(os.path.join(args.oracle, "logs", name, log + ".log"), os.path.join(work, log + ".log"))
        theirs = os.listdir(os.path.join(args.oracle, "logs", name))
        own = [log for log in sorted(os.listdir(work)) if log.endswith(".log") and log not in theirs
               and log.removesuffix(".log") not in LEFT_OUT]
        return name, status, talk, results, own
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bulkhead", required=True, help="path of the bulkhead program")
    parser.add_argument("--oracle", required=True, help="path of the oracle folder")
    parser.add_argument("--list", default="conn-dns-http.txt", help="file in the oracle folder that names captures")
    parser.add_argument("--only", action="append", default=[], help="captures whose name contains this")
    parser.add_argument("--logs", type=lambda s: s.split(","), default=list(LOGS))
    parser.add_argument("--at-least", type=level, action="append", default=[], metavar="LOG=N/TOTAL", help="rows that must be equal to pass")
    parser.add_argument("--in-other-order", type=int, metavar="N", help="how many logs may have equal rows in another order")
    parser.add_argument("--details", action="store_true", help="print each row that differs")
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("scripts", nargs="*", help="scripts to load besides the default")
    args = parser.parse_args()
    list_path = os.path.join(args.oracle, args.list)
    if not os.path.exists(list_path):
        print(f"skipped: no oracle at {args.oracle}")
        return SKIPPED
    names = [n for n in open(list_path).read().split() if not args.only or any(o in n for o in args.only)]
    if missing := {log for log, _, _ in args.at_least} - set(args.logs):
        parser.error("--at-least for logs that are not compared: " + ", ".join(sorted(missing)))
    args.bulkhead, args.oracle = os.path.abspath(args.bulkhead), os.path.abspath(args.oracle)
    totals = {log: [0, 0, 0] for log in args.logs}
    disorder = 0
    logs_of_our_own = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name, status, talk, results, own in pool.map(lambda n: run_one(args, n), names):
            notes = []
            for log, (expected, actual, equal, missing, extra, in_order) in results.items():
                totals[log][0] += expected
                totals[log][1] += actual
                totals[log][2] += equal
                if missing or extra:
                    notes.append(f"  {log}: {equal} of {expected} rows equal, {actual} written")
                    if args.details:
                        notes += ["    " + d for d in differences(missing, extra)]
                elif not in_order:
                    disorder += 1
                    notes.append(f"  {log}: order differs")
            for log in own:
                logs_of_our_own += 1
                notes.append(f"  {log}: Zeek writes none")
            if status != 0:
                notes.append(f"  status {status}: {talk.strip()[-300:]}")
            if notes:
                print(name, *notes, sep="\n")
    print("log     rows    equal   written  percent")
    for log, (expected, actual, equal) in totals.items():
        print(f"{log:7} {expected:6}  {equal:6}  {actual:6}  {100 * equal / max(expected, actual, 1):6.2f}")
    print(f"logs with equal rows in another order: {disorder}")
    print(f"logs that Zeek does not write: {logs_of_our_own}")
    counted = [totals[log] for log in ("conn", "dns", "http") if log in totals]
    expected = sum(max(t[0], t[1]) for t in counted)
    percent = 100 * sum(t[2] for t in counted) / max(expected, 1)
    print(f"conn, dns and http together: {percent:.2f} % of {expected} rows")
    worse = below(args.at_least, totals)
    if args.in_other_order is not None and disorder > args.in_other_order:
        worse.append(f"{disorder} logs have their rows in another order, {args.in_other_order} had")
    if args.at_least and logs_of_our_own:
        worse.append(f"{logs_of_our_own} logs are written that Zeek does not write")
    for line in worse:
        print("WORSE:", line)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
