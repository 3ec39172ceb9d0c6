"""Decides whether what our program printed means the same as a baseline whose error wording is another's.

A text is read as plain lines and diagnostics. The plain lines must be identical and in the same order.
Every diagnostic of one side must have one of the other at its place: same severity, and a file and line that both
name. So no place may be missing and none may be new. How many messages stand at one place does not count, since
Zeek says up to three for one mistake ("type mismatch", "inconsistent type", "type clash in assignment"); counted()
tells whether even their number is the same. A message without a place stands for exactly one of ours.
What is not part of a diagnostic's meaning is dropped on both sides: the wording, the excerpt and caret, call stacks
below it, a time stamp before it, and the last words of a program that gives up. A note below one of our messages
adds its place, as Zeek's "in FILE, line 3 and FILE, line 7" names two.
"""
import os
import re
from collections import namedtuple

# places: a set of (file name without folders, first line, last line); empty when the message names none.
Diagnostic = namedtuple("Diagnostic", "severity places text")

# A time stamp, or what stands for one in a baseline.
_TIME = r"(?:(?:\d+\.\d+|X{10}\.X{6}) )?"
_SEVERITY = r"(?:(?:fatal|expression|runtime|internal) )?(error|warning)"
# "error in FILE, line 3 and FILE, lines 7-9: text", also "error: text"
_LONG = re.compile("^" + _TIME + _SEVERITY + r"(?: in (.+?))?: (.*)$")
# "FILE:3:7: error: text" or "FILE:3: error: text"
_SHORT = re.compile("^" + _TIME + r"(\S+?|<[^>]*>):(\d+):(?:\d+:)? " + _SEVERITY + r": (.*)$")
_NOTE = re.compile(r"^(\S+?|<[^>]*>):(\d+):(?:\d+:)? note: ")
_PLACE = re.compile(r"([^ ,]+|<[^>]*>), lines? (\d+)(?:-(\d+))?")
_CARET = re.compile(r"^\s*\^+~*$")
_STACK = re.compile(r"^    (?:in|called from) ")
_LAST_WORDS = re.compile(
    "^" + _TIME + r"(?:fatal error: (?:errors occurred while initializing|failed to execute script statements.*)"
    r"|fatal error in .*\(see previous errors\)|received termination signal"
    r"|zeek: the site's scripts were not loaded: .*|\.\.\. and \d+ more)$")


def _places(where):
    return frozenset((os.path.basename(file), int(first), int(last or first))
                     for file, first, last in _PLACE.findall(where or ""))


def read(text):
    """Returns (plain lines, diagnostics)."""
    plain, diagnostics = [], []
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if _LAST_WORDS.match(line):
            continue
        if match := _SHORT.match(line):
            place = (os.path.basename(match.group(1)), int(match.group(2)), int(match.group(2)))
            diagnostics.append(Diagnostic(match.group(3), frozenset([place]), match.group(4)))
        elif match := _LONG.match(line):
            diagnostics.append(Diagnostic(match.group(1), _places(match.group(2)), match.group(3)))
        elif (match := _NOTE.match(line)) and diagnostics:
            place = (os.path.basename(match.group(1)), int(match.group(2)), int(match.group(2)))
            diagnostics[-1] = diagnostics[-1]._replace(places=diagnostics[-1].places | {place})
        else:
            plain.append(line)
            continue
        # What belongs to the message above: an excerpt with its caret, stack frames, a value over several lines.
        if number + 1 < len(lines) and lines[number].startswith("  ") and _CARET.match(lines[number + 1]):
            number += 2
        while number < len(lines) and _STACK.match(lines[number]):
            number += 1
        if _LONG.match(line) and re.search(r"[{\[]$", line):
            while number < len(lines) and re.match(r"^[\t}\]]", lines[number]):
                number += 1
    return plain, diagnostics


def _agree(ours, theirs):
    if ours.severity != theirs.severity:
        return False
    return any(file == their_file and first <= their_last and their_first <= last
               for file, first, last in ours.places for their_file, their_first, their_last in theirs.places)


def _compare(ours, theirs):
    """Returns (ours that theirs lack, theirs that ours lack)."""
    placed = [d for d in theirs if d.places]
    extra = [d for d in ours if not any(_agree(d, other) for other in placed)]
    missing = [d for d in placed if not any(_agree(other, d) for other in ours)]
    for without in (d for d in theirs if not d.places):
        stand_in = next((d for d in extra if d.severity == without.severity), None)
        if stand_in is None:
            missing.append(without)
        else:
            extra.remove(stand_in)
    return extra, missing


def _say(diagnostic):
    where = ", ".join(f"{file}:{first}" for file, first, _ in sorted(diagnostic.places)) or "no place"
    return f"{diagnostic.severity} at {where}"


def difference(baseline, output):
    """Empty if both mean the same; else one line that says how they differ, without the baseline's own words."""
    their_plain, their_diagnostics = read(baseline)
    our_plain, our_diagnostics = read(output)
    said = f': "{our_diagnostics[0].text}"' if our_diagnostics else ""
    if their_plain != our_plain:
        at = next((i for i, (a, b) in enumerate(zip(their_plain, our_plain)) if a != b),
                  min(len(their_plain), len(our_plain)))
        if len(our_plain) < len(their_plain) and our_plain == their_plain[:len(our_plain)]:
            what = f"ends after line {len(our_plain)} of {len(their_plain)}"
        else:
            what = f"differs from line {at + 1} on"
        return f"{what}{said}"
    extra, missing = _compare(our_diagnostics, their_diagnostics)
    parts = ["missing " + _say(d) for d in missing[:3]]
    parts += [f'unexpected {_say(d)}: "{d.text}"' for d in extra[:3]]
    if len(missing) + len(extra) > len(parts):
        parts.append(f"{len(missing) + len(extra) - len(parts)} more")
    return "; ".join(parts)


def counted(baseline, output):
    """Whether both texts hold as many diagnostics."""
    return len(read(baseline)[1]) == len(read(output)[1])
