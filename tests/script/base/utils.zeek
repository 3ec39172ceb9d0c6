# The small functions of base/utils.
event zeek_init() {
    print id_string([$orig_h=10.0.0.1, $orig_p=1234/tcp, $resp_h=10.0.0.2, $resp_p=80/tcp]); # expect: 10.0.0.1:1234 > 10.0.0.2:80
    print reverse_id_string([$orig_h=[::1], $orig_p=5/udp, $resp_h=[fd80::2], $resp_p=53/udp]); # expect: ::1:5 < fd80::2:53

    print is_string_binary("plain"); # expect: F
    print is_string_binary("a\xff\xfe\xfd"); # expect: T
    print is_string_binary(""); # expect: F
    print string_escape("a\\b'c", "'"); # expect: a\\b\'c
    print cut_tail("abcdef", 2); # expect: abcd
    print cut_tail("abc", 7) == ""; # expect: T

    print extract_count("port 80 of 443"); # expect: 80
    print extract_count("port 80 of 443", F); # expect: 443
    print extract_count("none"); # expect: 0

    print extract_path("look at /etc/passwd now"); # expect: /etc/passwd
    print build_path("/var/log", "conn.log"); # expect: /var/log/conn.log
    print build_path("/var/log/", "conn.log"); # expect: /var/log/conn.log
    print build_path("/var/log", "/tmp/x"); # expect: /tmp/x
    print build_path_compressed("/var/../log", "./x"); # expect: /log/x

    print extract_filename_from_content_disposition("attachment; filename=\"log book.txt\""); # expect: log book.txt
    print extract_filename_from_content_disposition("attachment; filename*=UTF-8''na%20me.txt"); # expect: na me.txt
    print extract_filename_from_content_disposition("inline; filename=plain.gz"); # expect: plain.gz

    print extract_first_email_addr("Ada <ada@harbour.test>, bob@harbour.test"); # expect: ada@harbour.test
    print extract_email_addrs_vec("<a@x.test>, b@y.test"); # expect: [a@x.test, b@y.test]

    print duration_to_mins_secs(3min + 25sec); # expect: 3m25s
    print min_count(3, 2), max_double(1.5, 2.5), max_interval(1sec, 1min); # expect: 2, 2.5, 1.0 min

    print normalize_mac("00-1B-21-3C-9D-F8"); # expect: 00:1b:21:3c:9d:f8
    print normalize_mac("nonsense") == ""; # expect: T
    print addr_to_uri([fd80::1]); # expect: [fd80::1]
    print extract_ip_addresses("from 10.0.0.1 to [fd80::1]"); # expect: [10.0.0.1, fd80::1]
    print has_valid_octets(vector("1", "255")), has_valid_octets(vector("256")); # expect: T, F
}
