#!/usr/bin/env python3
"""Lists the names of Zeek's base and policy library and builtins, out of a checkout of zeek/zeek.

    names.py ZEEK_CHECKOUT > host/check/zeek-names.txt

One a line, sorted: what scripts may name ("Notice::Type", "connection$uid") and what they may @load
("@load policy/misc/scan"). Only names: nothing else of the checkout goes into the list.
"""
import os
import re
import sys

NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*"
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|#[^\n]*|%\{.*?%\}|&[a-z_]+|@[^\n]*|' + NAME + r"|[{}();:,$=\[\]]|\S", re.S)


class Reader:
    """One file: follows `module` and `export`, and notes what is declared there."""

    def __init__(self, text, names, bif):
        self.tokens = [t for t in TOKEN.findall(text) if not t.startswith(("#", '"', "@", "%{"))]
        self.names, self.bif, self.module = names, bif, "GLOBAL"

    def full(self, name, module=None):
        module = module or self.module
        name = name.removeprefix("GLOBAL::")
        return name if "::" in name or module == "GLOBAL" else f"{module}::{name}"

    def note(self, name):
        self.names.add(self.full(name))

    def braces(self, at):
        """The tokens between the braces that open at or behind `at`, and where they end."""
        while at < len(self.tokens) and self.tokens[at] != "{":
            if self.tokens[at] == ";":
                return [], at
            at += 1
        depth, begin = 0, at + 1
        while at < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[at], 0)
            if depth == 0:
                return self.tokens[begin:at], at
            at += 1
        return [], at

    def enumerators(self, inside):
        previous = "{"
        for token in inside:
            if re.fullmatch(NAME, token) and previous in "{,":
                self.note(token)
            previous = token

    def fields(self, record, inside):
        depth, previous = 0, ";"
        for i, token in enumerate(inside):
            depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(token, 0)
            if depth == 0 and previous in ";{" and i + 1 < len(inside) and inside[i + 1] == ":":
                self.names.add(f"{self.full(record)}${token}")
            previous = token

    def read(self):
        at, tokens, depth, exported = 0, self.tokens, 0, []
        while at < len(tokens):
            token = tokens[at]
            follows = tokens[at + 1] if at + 1 < len(tokens) else ""
            top = depth == len(exported)
            if token == "module" and top:
                self.module = follows
            elif token == "export" and follows == "{":
                depth += 1
                exported.append(depth)
                at += 1
            elif token == "{":
                depth += 1
            elif token == "}":
                if exported and exported[-1] == depth:
                    exported.pop()
                depth -= 1
            elif top and token == "redef" and follows in ("enum", "record"):
                name = tokens[at + 2]
                inside, at = self.braces(at)
                if follows == "enum":
                    self.enumerators(inside)
                else:
                    self.fields(name, inside)
            elif top and token == "type" and re.fullmatch(NAME, follows):
                self.note(follows)
                kind = tokens[at + 3] if at + 3 < len(tokens) else ""
                if kind in ("enum", "record", "%") or self.bif and kind != ";":
                    inside, end = self.braces(at)
                    if inside:
                        (self.fields(follows, inside) if kind == "record" else self.enumerators(inside))
                        at = end
            elif self.bif and top and token == "enum" and re.fullmatch(NAME, follows):
                self.note(follows)
                inside, at = self.braces(at)
                self.enumerators(inside)
            elif top and token in ("global", "const", "option", "function", "event", "hook") and re.fullmatch(
                    NAME, follows):
                self.note(follows)
            at += 1


def main():
    root = sys.argv[1]
    names = set()
    for folder, _, files in sorted(os.walk(root)):
        below = os.path.relpath(folder, root)
        if not re.match(r"(scripts|src|build/scripts)(/|$)", below) or "/3rdparty" in below:
            continue
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file.endswith(".evt"):
                text = open(path, encoding="utf-8", errors="replace").read()
                names.update(re.findall(r"->\s*event\s+(" + NAME + ")", text))
                continue
            if file.endswith(".bif"):
                names.add(f"@load base/bif/{file}")
            elif not file.endswith(".zeek"):
                continue
            text = open(path, encoding="utf-8", errors="replace").read()
            Reader(text, names, file.endswith(".bif")).read()
            if below.startswith("scripts") and file.endswith(".zeek"):
                loaded = os.path.relpath(path, os.path.join(root, "scripts"))[: -len(".zeek")]
                loaded = loaded.removesuffix("/__load__")
                if loaded.startswith(("base/", "policy/")):
                    names.add("@load " + loaded)
    # Tags that Zeek makes from the names of its analyzers.
    for folder, _, files in os.walk(os.path.join(root, "src")):
        for file in files:
            if not file.endswith((".cc", ".evt", ".spicy")):
                continue
            text = open(os.path.join(folder, file), encoding="utf-8", errors="replace").read()
            for kind, name in re.findall(
                    r'(zeek::(?:packet_analysis|file_analysis|analyzer)|)(?:::)?Component\(\s*"(\w+)"', text):
                upper = name.upper()
                prefix = {"zeek::file_analysis": "Files", "zeek::packet_analysis": "PacketAnalyzer"}.get(
                    kind, "Analyzer")
                names.add(f"{prefix}::ANALYZER_{upper}")
            for kind, name in re.findall(r"(protocol|file|packet) analyzer (?:spicy::)?(\w+)", text):
                prefix = {"file": "Files", "packet": "PacketAnalyzer", "protocol": "Analyzer"}[kind]
                names.add(f"{prefix}::ANALYZER_{name.upper()}")
    kept = set()
    for name in names:
        # A record that a module extends is its own or everybody's.
        record, dollar, field = name.partition("$")
        bare = record.rsplit("::", 1)[-1]
        if dollar and record not in names and bare in names:
            name = f"{bare}${field}"
        kept.add(name)
    for name in sorted(kept):
        print(name)


if __name__ == "__main__":
    main()
