#!/usr/bin/env python3
"""Holds conn-oracle's rows against recorded conn.logs: compare.py PROGRAM ORACLE [-v] [NAME...]"""
import collections
import os
import subprocess
import sys

program, oracle = sys.argv[1:3]
verbose = "-v" in sys.argv
names = [n for n in sys.argv[3:] if n != "-v"]
if not names:
    names = open(os.path.join(oracle, "conn-dns-http.txt")).read().split()
env = dict(os.environ, ZEEK_SEED_FILE=os.path.join(oracle, "random.seed"), TZ="UTC")
total = equal = 0
worst = []
columns = collections.Counter()
for name in names:
    log = os.path.join(oracle, "logs", name, "conn.log")
    lines = open(log, encoding="utf-8", errors="replace").read().splitlines() if os.path.exists(log) else []
    wanted = [l for l in lines if not l.startswith("#")]
    run = subprocess.run([program, "-C", os.path.join(oracle, "captures", name)], capture_output=True,
                         text=True, env=env, errors="replace")
    got = run.stdout.splitlines()
    if run.returncode not in (0, 1):
        print(f"{name}: ended with {run.returncode}")
    missing = collections.Counter(wanted) - collections.Counter(got)
    extra = collections.Counter(got) - collections.Counter(wanted)
    total += len(wanted)
    wrong = max(sum(missing.values()), sum(extra.values()))
    equal += len(wanted) - sum(missing.values())
    if wrong:
        worst.append((wrong, name))
        by_uid = {row.split("\t")[1]: row for row in extra}
        for row in missing:
            other = by_uid.get(row.split("\t")[1])
            if other:
                for i, (a, b) in enumerate(zip(row.split("\t"), other.split("\t"))):
                    if a != b:
                        columns[i + 1] += 1
        if verbose:
            for row in sorted(missing):
                print(f"{name}\n  - {row}")
            for row in sorted(extra):
                print(f"  + {row}")
for wrong, name in sorted(worst, reverse=True)[:40]:
    print(f"{wrong:5} {name}")
print("columns", dict(columns))
print(f"{equal} of {total} rows equal ({100 * equal / max(total, 1):.2f} %)")
