#!/usr/bin/env python3
"""Hostile source costs its package and nothing else: whatever it is made of, a clear message comes within bounds."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
# What a sanitizer keeps beside each block counts as the package's.
of_memory = unittest.skipIf(os.environ.get("BULKHEAD_SANITIZE"), "a sanitizer takes more memory than the package")
NOT_LOADED = ("not-loaded", "its scripts have errors")
NO_VALUES = ("ended", "the initial values of the scripts' globals could not be computed")
OUT_OF_MEMORY = ("ended", "limit hit: memory (256 MiB)")
ENDLESS = "function f(): count { local n = 0; while (T) ++n; return n; }\n"


class HostileSource(b.Case):
    @classmethod
    def setUpClass(cls):
        cls.alone = b.Run("run", "-r", CAPTURE)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bulkhead-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, main, **others):
        """A package; its files by name, its first one as `main`."""
        path = os.path.join(self.folder, name)
        os.makedirs(path)
        with open(os.path.join(path, "zkg.meta"), "w", encoding="utf-8") as out:
            out.write("[package]\n")
        for file, text in dict(others, __load__=main).items():
            with open(os.path.join(path, file + ".zeek"), "w", encoding="utf-8") as out:
                out.write(text)
        return path

    def meets(self, packages):
        """Runs packages, as {name: (files, (verdict, cause), message)}, beside one another and the site."""
        args = []
        for name, (files, _, _) in packages.items():
            args += ["-p", files if isinstance(files, str) and os.path.isdir(files) else self.write(name, **files)]
        run = b.Run("run", "-r", CAPTURE, *args)
        self.assertEqual(run.status, 3, run.err[-3000:])
        self.assert_same_bytes(self.alone, run, [log for log in self.alone.logs() if log != "packages.log"])
        told = {row["package"]: row for row in run.table("packages.log") if row.get("verdict", "-") != "-"}
        for name, (_, outcome, message) in packages.items():
            with self.subTest(package=name):
                self.assertEqual((told[name]["verdict"], told[name]["cause"]), outcome, told[name])
                said = "".join(line for line in run.err.splitlines(True) if line.startswith(f"[{name}]"))
                self.assertIn(message, said)

    def test_nesting(self):
        deep = 100_000
        self.meets({
            "parentheses": ({"main": "global x = " + "(" * deep + "1" + ")" * deep + ";\n"},
                            NOT_LOADED, "nested too deeply (more than 400 levels)"),
            "blocks": ({"main": "event zeek_init() " + "{" * deep + "}" * deep + "\n"},
                       NOT_LOADED, "nested too deeply (more than 400 levels)"),
            "sums": ({"main": "global x = " + "1+" * deep + "1;\n"},
                     NOT_LOADED, "expression is too deep (more than 1000 levels)"),
            "conditions": ({"main": "@if (T)\n" * deep + "@endif\n" * deep},
                           NOT_LOADED, "@if nested too deeply (more than 100 levels)"),
            "groups": ({"main": "global x = /" + "(" * 1000 + "a" + ")" * 1000 + "/;\n"},
                       NOT_LOADED, "(in pattern /((((("),
        })

    def test_a_file_of_100_megabytes(self):
        path = self.write("large-file", "")
        os.truncate(os.path.join(path, "__load__.zeek"), 100 << 20)
        self.meets({"large-file": (path, NOT_LOADED, "cannot read large-file/__load__.zeek: it is larger than 16 MiB")})

    @of_memory
    def test_a_million_of_each(self):
        million = 1_000_000
        self.meets({
            "globals": ({"main": "".join(f"const g{i:x}=1;" for i in range(million))},
                        NOT_LOADED, "declare more than 300000 names"),
            "statements": ({"main": "event zeek_init() {" + "print 1;" * million + "}\n"},
                           NOT_LOADED, "their syntax trees take more than 96 MiB"),
            "unknown-names": ({"main": "event zeek_init() {" + "print u;\n" * million + "}\n"},
                              NOT_LOADED, 'unknown name "u"'),
        })

    @of_memory
    def test_handlers_without_end(self):
        self.meets({"handlers": ({"main": "event zeek_init() { }\n" * 700_000}, OUT_OF_MEMORY, "")})

    def test_patterns(self):
        self.meets({
            "repeats": ({"main": "global x = /((((a{100}){100}){100}){100})/;\n"},
                        NOT_LOADED, "invalid repetition size"),
            "long-pattern": ({"main": "global x = /" + "a" * 65537 + "/;\n"},
                             NOT_LOADED, "pattern too long (more than 65536 bytes)"),
            "many-patterns": ({"main": "".join(f"global p{i} = /(a{i}|b){{1,1000}}c/;\n" for i in range(1000))},
                              NOT_LOADED, "the patterns of this run take more than 4000000 instructions"),
            "joined-patterns": ({"main": "global p0 = /aaaaaaaaaaaaaaaa/;\n" +
                                         "".join(f"global p{i + 1} = p{i} | p{i};\n" for i in range(60))},
                                NO_VALUES, "pattern too long (more than 65536 bytes)"),
        })

    def test_recursive_types(self):
        self.meets({
            "holds-itself": ({"main": "type R: record { r: R; };\nglobal r: R;\n"},
                             NOT_LOADED, "no record R could ever be made"),
            "default-of-itself": ({"main": "type A: record { };\nredef record A += { b: A &default=A(); };\n"
                                           "global a: A;\n"},
                                  NO_VALUES, "too many nested calls"),
            "vector-of-itself": ({"main": "type A: record { };\n"
                                          "redef record A += { b: vector of A &default=vector(A()); };\nglobal a: A;\n"},
                                 NO_VALUES, "too many nested calls"),
        })

    def test_loads(self):
        linked = self.write("linked", "@load ./link\n")
        os.symlink("/etc/passwd", os.path.join(linked, "link.zeek"))
        self.meets({
            "passwd": ({"main": "@load /etc/passwd\n"}, NOT_LOADED,
                       "can't find /etc/passwd, loaded by passwd/__load__.zeek; a package loads scripts of its own"),
            "climbs": ({"main": "@load ../../../../../../../../etc/passwd\n"}, NOT_LOADED, "can't find ../"),
            "linked": (linked, NOT_LOADED, "can't find ./link"),
            "signatures": ({"main": "@load-sigs /etc/passwd\n"}, NOT_LOADED, "can't find the signatures /etc/passwd"),
            "long-name": ({"main": "@load " + "a" * 5000 + "\n"}, NOT_LOADED, "can't find aaa"),
            "chain": (dict({"main": "@load ./f0\n"}, **{f"f{i}": f"@load ./f{i + 1}\n" for i in range(200)}),
                      NOT_LOADED, "@load is nested more than 128 files deep"),
            "absent": ({"main": "".join(f"@load ./f{i}\n" for i in range(6000))},
                       NOT_LOADED, "can't find ./f0"),
            # The control: a circle is no error, each file counts once.
            "circle": ({"main": "@load ./a\n@load ./absent\n", "a": "@load ./b\n", "b": "@load ./a\n"},
                       NOT_LOADED, "can't find ./absent, loaded by circle/__load__.zeek"),
        })

    def test_what_is_computed_while_loading(self):
        self.meets({
            "initial-value": ({"main": ENDLESS + "const x = f() &redef;\n"},
                              NO_VALUES, "__load__.zeek, line 1: instruction budget exceeded"),
            "field-default": ({"main": ENDLESS + "type R: record { a: count &default=f(); };\nglobal r: R;\n"},
                              NO_VALUES, "instruction budget exceeded"),
            "calls-itself": ({"main": "function f(): count { return f(); }\nglobal x = f();\n"},
                             NO_VALUES, "maximum recursion depth 1000 exceeded"),
            "condition": ({"main": "function f0(): bool { return T; }\n" +
                                   "".join(f"function f{i + 1}(): bool {{ return f{i}() && f{i}(); }}\n"
                                           for i in range(40)) + "@if (f30())\n@endif\n"},
                          NOT_LOADED, "this @if"),
        })

    def test_check_says_the_same(self):
        large = self.write("large-file", "")
        os.truncate(os.path.join(large, "__load__.zeek"), 100 << 20)
        run = b.Run("check", large, self.write("holds-itself", "type R: record { r: R; };\n"), cwd_logs=True)
        self.assertEqual(run.status, 1, run.err)
        self.assertIn("large-file/__load__.zeek: it is larger than 16 MiB", run.out + run.err)
        self.assertIn("no record R could ever be made", run.out + run.err)


if __name__ == "__main__":
    unittest.main()
