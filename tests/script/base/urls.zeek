# URLs and their parts.
event zeek_init() {
    local u = decompose_uri("http://www.harbour.test:8080/tides/today.tar.gz?day=3&berth=7");
    print u$scheme, u$netlocation, u$portnum, u$path; # expect: http, www.harbour.test, 8080, /tides/today.tar.gz
    print u$params["day"], u$params["berth"]; # expect: 3, 7

    local plain = decompose_uri("harbour.test/today.txt");
    print plain?$scheme, plain?$portnum, plain$netlocation, plain$file_name, plain$file_base, plain$file_ext; # expect: F, F, harbour.test, today.txt, today, txt
    print decompose_uri("harbour.test")$path; # expect: /
}
