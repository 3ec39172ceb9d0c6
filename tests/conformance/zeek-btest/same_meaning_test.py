#!/usr/bin/env python3
"""The rules of same_meaning.py, on both sides of each."""
import unittest

from same_meaning import counted, difference

OURS = "./x.zeek:4:9: error: unknown name \"nme\"; did you mean \"name\"?\n    print nme;\n          ^\n"
THEIRS = "error in <...>/x.zeek, line 4: unknown identifier nme, at or near \"nme\"\n"


class SameMeaning(unittest.TestCase):
    def same(self, baseline, output):
        self.assertEqual(difference(baseline, output), "")

    def differs(self, baseline, output, word=""):
        found = difference(baseline, output)
        self.assertNotEqual(found, "")
        self.assertIn(word, found)

    def test_wording_and_excerpt_do_not_count(self):
        self.same(THEIRS, OURS)

    def test_another_line_differs(self):
        self.differs(THEIRS, OURS.replace(":4:", ":5:"), "missing error at x.zeek:4")

    def test_another_file_differs(self):
        self.differs(THEIRS, OURS.replace("x.zeek", "y.zeek"), "x.zeek:4")

    def test_a_warning_is_no_error(self):
        self.differs(THEIRS, OURS.replace("error:", "warning:"))

    def test_one_error_stands_for_several_at_its_line_but_for_none_elsewhere(self):
        self.same(THEIRS + THEIRS, OURS)
        self.assertFalse(counted(THEIRS + THEIRS, OURS))
        self.assertTrue(counted(THEIRS, OURS))
        self.differs(THEIRS + THEIRS.replace("line 4", "line 6"), OURS, "missing error at x.zeek:6")

    def test_an_error_at_a_line_that_the_other_does_not_name_differs(self):
        self.differs(THEIRS, OURS + OURS.replace(":4:", ":6:"), "unexpected error at x.zeek:6")

    def test_the_place_of_a_note_counts_and_its_absence_too(self):
        noted = OURS + "./x.zeek:2:1: note: declared here\n  global name = 1;\n  ^\n"
        self.same(THEIRS.replace("line 4", "line 2"), noted)
        self.same(THEIRS, noted)
        self.differs(THEIRS.replace("line 4", "line 3"), noted)

    def test_no_error_at_all_differs(self):
        self.differs(THEIRS, "")
        self.differs("", OURS)

    def test_printed_lines_must_be_identical(self):
        self.same("one\n" + THEIRS + "two\n", "one\ntwo\n" + OURS)
        self.differs("one\n" + THEIRS, "two\n" + OURS, "line 1")
        self.differs("one\ntwo\n" + THEIRS, "two\none\n" + OURS)
        self.differs("one\ntwo\n" + THEIRS, "one\n" + OURS, "ends after line 1 of 2")

    def test_a_message_over_two_places_is_matched_at_either(self):
        both = "error in a.zeek, line 4 and b.zeek, lines 7-9: clash\n"
        self.same(both, "a.zeek:4: error: x\n")
        self.same(both, "b.zeek:8:1: error: x\n")
        self.differs(both, "b.zeek:10: error: x\n")
        self.differs(both, "a.zeek:4: error: x\nb.zeek:11: error: x\n")

    def test_every_place_is_asked_for_whatever_the_order(self):
        wide = "error in a.zeek, lines 1-9: x\nerror in a.zeek, line 2: y\n"
        self.same(wide, "a.zeek:5: error: q\na.zeek:2: error: p\n")
        self.differs(wide, "a.zeek:3: error: p\na.zeek:5: error: q\n")

    def test_the_run_time_form_reads_alike(self):
        self.same("1300475168.5 expression error in <...>/x.zeek, line 4: no such index (t[1])\n",
                  "error in ./x.zeek, line 4: no such index\n")

    def test_what_stands_for_a_time_stamp_is_read_as_one(self):
        stamped = "XXXXXXXXXX.XXXXXX error in <...>/x.zeek, line 4: no such index (t[1])\n"
        self.same(stamped, "1300475168.5 error in ./x.zeek, line 4: no such index\n")
        self.differs(stamped, "1300475168.5 error in ./x.zeek, line 5: no such index\n", "missing")
        self.differs(stamped.replace("XXXXXXXXXX.XXXXXX", "X.X"), "error in ./x.zeek, line 4: no such index\n")

    def test_a_call_stack_below_a_message_counts_neither_as_text_nor_as_a_place(self):
        stacked = "error in ./x.zeek, line 4: no such index\n    in f at ./x.zeek:4\n    in zeek_init at ./x.zeek:9\n"
        self.same(THEIRS, stacked)
        self.differs(THEIRS.replace("line 4", "line 9"), stacked)

    def test_the_command_line_is_a_place(self):
        self.same("error in <command line>, line 1: x\n", "<command line>:1: error: y\n")
        self.differs("error in <command line>, line 1: x\n", "<command line>:2: error: y\n")

    def test_without_a_place_the_count_must_agree(self):
        self.same("error: odd length\n", "x.zeek:3: error: length is odd\n")
        self.differs("error: odd length\n", "x.zeek:3: error: a\nx.zeek:4: error: b\n")

    def test_last_words_are_no_error(self):
        self.same(THEIRS + "fatal error: errors occurred while initializing\n", OURS)
        self.same(THEIRS, OURS + "zeek: the site's scripts were not loaded: its scripts have errors\n")
        self.differs("fatal error: errors occurred while initializing\n", OURS)

    def test_a_value_over_several_lines_belongs_to_its_message(self):
        self.same("error in x.zeek, line 9: assertion failure: k in t ({\n\t[a] = 1\n})\nend\n",
                  "error in ./x.zeek, line 9: assertion failure\nend\n")
        self.differs("error in x.zeek, line 9: oops\n\t[a] = 1\n", "error in ./x.zeek, line 9: oops!\n")


if __name__ == "__main__":
    unittest.main()
