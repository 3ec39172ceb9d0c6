#!/usr/bin/env python3
"""Turns the event catalog (Zeek declarations) into catalog.gen.h and catalog.gen.cpp.

The catalog files are ordinary Zeek script, loaded as such by the script engine, so that both sides of
the boundary read one list. Accepted here: `module`, `export {}`, enum and record types, and
`global NAME: event(...)`. Anything else is an error with file and line.
Files are read in name order; the numbers of events, records and enums follow from that order alone.
"""
import argparse
import os
import re
import sys

TOKEN = re.compile(r"\s+|#[^\n]*|(?P<id>[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*)"
                   r"|(?P<num>0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?)|(?P<str>\"(?:[^\"\\]|\\.)*\")|(?P<attr>&[a-z_]+)|(?P<p>.)", re.S)
BASIC = {"bool": "boolean", "count": "count", "int": "integer", "double": "real", "time": "time",
         "interval": "interval", "string": "text", "addr": "addr", "port": "port", "subnet": "subnet"}


class Failure(Exception):
    pass


class Parser:
    def __init__(self, path):
        self.path = path
        self.tokens = []
        text = open(path, encoding="utf-8").read()
        line = 1
        for m in TOKEN.finditer(text):
            kind = m.lastgroup
            if kind:
                self.tokens.append((kind, m.group(), line))
            line += m.group().count("\n")
        self.at = 0
        self.module = "GLOBAL"

    def fail(self, expected):
        tok = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "end of file", "end")
        raise Failure(f"{self.path}:{tok[2]}: expected {expected}, found {tok[1]!r}")

    def peek(self):
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, expected=None):
        if self.at >= len(self.tokens) or (expected is not None and self.peek() != expected):
            self.fail(expected or "more")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def name(self):
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "id":
            self.fail("a name")
        return self.take()

    def qualify(self, name):
        return name if "::" in name or self.module == "GLOBAL" else f"{self.module}::{name}"

    def attributes(self):
        out = set()
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "attr":
            attr = self.take()
            out.add(attr)
            if self.peek() == "=":
                self.take()
                depth = 0
                while not (depth == 0 and self.peek() in (";", ",", ")") or self.tokens[self.at][0] == "attr"):
                    depth += {"(": 1, "[": 1, "{": 1}.get(self.peek(), 0)
                    depth -= {")": 1, "]": 1, "}": 1}.get(self.peek(), 0)
                    self.take()
        return out

    def type(self):
        word = self.name()
        if word in BASIC:
            return (BASIC[word],)
        if word == "any":
            return ("any",)
        if word == "vector":
            self.take("of")
            return ("vector", self.type())
        if word in ("set", "table"):
            self.take("[")
            keys = [self.type()]
            while self.peek() == ",":
                self.take()
                keys.append(self.type())
            self.take("]")
            if word == "set":
                return ("set", *keys)
            self.take("of")
            return ("table", *keys, self.type())
        return ("named", word, self.module)

    def fields(self, end):
        out = []
        while self.peek() != end:
            name = self.name()
            self.take(":")
            kind = self.type()
            attrs = self.attributes()
            out.append((name, kind, "&optional" in attrs))
            if self.peek() in (";", ","):
                self.take()
            elif self.peek() != end:
                self.fail(f"; or {end}")
        self.take(end)
        return out

    def run(self, catalog):
        while self.at < len(self.tokens):
            word = self.take()
            if word == "module":
                self.module = self.name()
                self.take(";")
            elif word == "export":
                self.take("{")
            elif word == "}":
                pass
            elif word == "type":
                name = self.qualify(self.name())
                self.take(":")
                kind = self.take()
                if kind == "enum":
                    self.take("{")
                    values, following = [], 0
                    while self.peek() != "}":
                        label = self.qualify(self.name())
                        if self.peek() == "=":
                            self.take()
                            following = int(self.take(), 0)
                        values.append((label, following))
                        following += 1
                        if self.peek() == ",":
                            self.take()
                    self.take("}")
                    catalog.enums[name] = values
                elif kind == "record":
                    self.take("{")
                    catalog.records[name] = self.fields("}")
                else:
                    self.at -= 1
                    self.fail("enum or record")
                self.attributes()
                self.take(";")
            elif word == "global":
                name = self.qualify(self.name())
                self.take(":")
                self.take("event")
                self.take("(")
                catalog.events.setdefault(name, self.fields(")"))
                self.attributes()
                self.take(";")
            else:
                self.at -= 1
                self.fail("module, export, type or global")


class Catalog:
    def __init__(self):
        self.enums, self.records, self.events = {}, {}, {}

    def resolve(self, name, module):
        for full in ([name] if "::" in name else [f"{module}::{name}", name]):
            if full == "connection":
                return ("connection",)
            if full == "fa_file":
                return ("file",)
            if full in self.enums:
                return ("enumeration", full)
            if full in self.records:
                return ("record", full)
        raise Failure(f"unknown type {name} (module {module})")


def ident(name):
    out = name.replace("::", "_")
    return out + "_" if out in ("delete", "new", "class", "default", "operator", "union", "switch", "register") else out


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--out", required=True)
    args.add_argument("files", nargs="+")
    args = args.parse_args()
    catalog = Catalog()
    for path in sorted(args.files, key=os.path.basename):
        Parser(path).run(catalog)

    nodes, index = [], {}

    def node(kind):
        """Flattens a type into the node table and answers its index; equal types share one."""
        if kind[0] == "named":
            kind = catalog.resolve(kind[1], kind[2])
        if kind in index:
            return index[kind]
        if kind[0] in ("vector", "set", "table"):
            children = [node(k) for k in kind[1:]]
            me = ("list" if kind[0] != "table" else "table", kind[0], children, None)
        elif kind[0] == "record":
            index[kind] = len(nodes)
            nodes.append(None)
            children = [node(k) for _, k, _ in catalog.records[kind[1]]]
            nodes[index[kind]] = ("list", "record", children, kind[1])
            return index[kind]
        elif kind[0] == "enumeration":
            me = ("enumeration", "enumeration", [], kind[1])
        elif kind[0] == "any":
            me = ("absent", "any", [], None)
        else:
            me = (kind[0], kind[0], [], None)
        index[kind] = len(nodes)
        nodes.append(me)
        return index[kind]

    for name in catalog.records:
        if name not in ("connection", "fa_file"):
            node(("record", name))
    events = [(name, [(p, node(k), o) for p, k, o in params]) for name, params in catalog.events.items()]

    h = ["#pragma once", "// Generated from schemas/catalog. Do not edit.", "#include <cstdint>", "#include <span>",
         "#include <string_view>", "", "namespace bulkhead::events {", "", "enum class EventId : uint16_t {"]
    h += [f"  {ident(n)} = {i}," for i, (n, _) in enumerate(events)]
    h += ["};", f"inline constexpr uint16_t eventCount = {len(events)};", "std::string_view eventName(EventId event);",
          "", "// A type as a node of a shared table; children are element, key..., value or field types.",
          "struct CatalogType {",
          "  enum class Form : uint8_t { boolean, count, integer, real, time, interval, text, addr, port, subnet,",
          "                              enumeration, record, vector, set, table, connection, file, any };",
          "  Form form;", "  std::string_view name;  // of a record or enum", "  std::span<const uint16_t> children;", "};",
          "struct CatalogField {", "  std::string_view name;", "  uint16_t type;  // index into catalogTypes()",
          "  bool optional;", "};",
          "std::span<const CatalogType> catalogTypes();", "std::span<const CatalogField> eventParameters(EventId event);",
          "// Empty if the catalog has no record of that name.",
          "std::span<const CatalogField> recordFields(std::string_view record);",
          "struct CatalogEnumerator {", "  std::string_view name;", "  uint32_t value;", "};",
          "std::span<const CatalogEnumerator> enumerators(std::string_view enumeration);", "",
          "// Field positions of records and values of enums, for the analyzers."]
    for name, fields in catalog.records.items():
        h.append(f"namespace {ident(name)}_fields {{ enum : uint16_t {{")
        h += [f"  {ident(f)} = {i}," for i, (f, _, _) in enumerate(fields)]
        h.append(f"  fieldCount_ = {len(fields)} }}; }}")
    for name, values in catalog.enums.items():
        h.append(f"namespace {ident(name)}_values {{ enum : uint32_t {{")
        h += [f"  {ident(label)} = {v}," for label, v in values]
        h.append("}; }")
    h.append("}  // namespace bulkhead::events\n")

    c = ["// Generated from schemas/catalog. Do not edit.", '#include "schemas/catalog/catalog.gen.h"', "",
         "#include <array>", "", "namespace bulkhead::events {", "namespace {"]
    for i, (_, _, children, _) in enumerate(nodes):
        if children:
            c.append(f"constexpr std::array<uint16_t, {len(children)}> children{i} = {{{', '.join(map(str, children))}}};")
    c.append(f"constexpr CatalogType types[] = {{")
    forms = {"any": "any"}
    for i, (_, form, children, name) in enumerate(nodes):
        c.append(f"  {{CatalogType::Form::{forms.get(form, form)}, \"{name or ''}\", "
                 + (f"children{i}" if children else "{}") + "},")
    c.append("};")

    def fields(label, items):
        if items:
            c.append(f"constexpr CatalogField {label}[] = {{")
            c.extend(f"  {{\"{n}\", {t}, {'true' if o else 'false'}}}," for n, t, o in items)
            c.append("};")

    for i, (_, params) in enumerate(events):
        fields(f"parameters{i}", params)
    record_items = {n: [(f, node(k), o) for f, k, o in fs] for n, fs in catalog.records.items()
                    if n not in ("connection", "fa_file")}
    for n, items in record_items.items():
        fields(f"record_{ident(n)}", items)
    for n, values in catalog.enums.items():
        c.append(f"constexpr CatalogEnumerator enum_{ident(n)}[] = {{")
        c.extend(f"  {{\"{label}\", {v}u}}," for label, v in values)
        c.append("};")
    c.append("struct EventRow { std::string_view name; std::span<const CatalogField> parameters; };")
    c.append("constexpr EventRow eventRows[] = {")
    c.extend(f"  {{\"{n}\", {f'parameters{i}' if p else '{}'}}}," for i, (n, p) in enumerate(events))
    c.append("};")
    c.append("}  // namespace")
    c.append("std::string_view eventName(EventId e) { return eventRows[static_cast<uint16_t>(e)].name; }")
    c.append("std::span<const CatalogType> catalogTypes() { return types; }")
    c.append("std::span<const CatalogField> eventParameters(EventId e) { return eventRows[static_cast<uint16_t>(e)].parameters; }")
    c.append("std::span<const CatalogField> recordFields(std::string_view record) {")
    c.extend(f"  if (record == \"{n}\") return record_{ident(n)};" for n, items in record_items.items() if items)
    c.append("  return {};\n}")
    c.append("std::span<const CatalogEnumerator> enumerators(std::string_view enumeration) {")
    c.extend(f"  if (enumeration == \"{n}\") return enum_{ident(n)};" for n in catalog.enums)
    c.append("  return {};\n}")
    c.append("}  // namespace bulkhead::events\n")

    for name, lines in (("catalog.gen.h", h), ("catalog.gen.cpp", c)):
        with open(os.path.join(args.out, name), "w", encoding="utf-8") as out:
            out.write("\n".join(lines))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"catalog: error: {failure}")
