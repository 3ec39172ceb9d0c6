# Header lines are counted per side; the request that had an informational reply first has the
# delay of the final one.
#
# @TEST-EXEC: zeek -r $TRACES/pages.pcap $PACKAGE
# @TEST-EXEC: zeek-cut method uri status_code request_headers response_headers < http.log > rows
# @TEST-EXEC: btest-diff rows
# @TEST-EXEC: zeek-cut status_code reply_delay < http.log | awk '{ print $1, ($2 > 0 && $2 < 1) ? "delayed" : $2 }' > delays
# @TEST-EXEC: btest-diff delays
