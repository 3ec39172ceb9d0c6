#!/usr/bin/env python3
"""What scripts print while their logs are written."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bulkhead as b  # noqa: E402

CAPTURE = os.path.join(b.CAPTURES, "demo.pcap")
PRINTS = ('event connection_state_remove(c: connection) { print "gone"; }'
          ' event http_reply(c: connection, version: string, code: count, reason: string) { print code; }')


class Printing(b.Case):
    def test_prints_among_rows_change_neither(self):
        plain = self.run_ok("zeek", "-r", CAPTURE, cwd_logs=True)
        printing = self.run_ok("zeek", "-r", CAPTURE, "-e", PRINTS, cwd_logs=True)
        self.assert_same_bytes(plain, printing, ["conn.log", "http.log"])
        self.assertEqual(printing.out.count("gone\n"), sum(plain.rows("conn.log").values()))
        self.assertIn("200\n", printing.out)


if __name__ == "__main__":
    unittest.main()
