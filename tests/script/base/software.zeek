# Names and versions out of what software says of itself.
module Software;

function told(text: string): string {
    local d = parse(text);
    return software_fmt(Software::Info($host=0.0.0.0, $name=d$name, $version=d$version));
}

event zeek_init() {
    print told("nginx/1.22.1"); # expect: nginx 1.22.1
    print told("Apache/2.4.57 (Debian)"); # expect: Apache 2.4.57-Debian
    print told("curl/7.88.1"); # expect: curl 7.88.1
    print told("OpenSSH_9.2p1"); # expect: OpenSSH 9.2-p1
    print told("The Bat! (v2.00.9) Personal"); # expect: The Bat! 2.0.9-Personal
    print told("Java1.6.0_13"); # expect: Java 1.6.0.13
    print told("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"); # expect: Firefox 115.0
    print told("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.105 Safari/537.36"); # expect: Chrome 119.0.6045.105
    print told("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/16.0 Mobile/15E148 Safari/604.1"); # expect: Safari 16.0-Mobile
    print told("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/5.0)"); # expect: MSIE 9.0
    print told("A/9/Google/Pixel#2"); # expect: Android (Google Pixel) 9
    print told("nothing here"); # expect: nothing here 0

    print Software::cmp_versions([$major=1, $minor=2], [$major=1, $minor=10]) < 0; # expect: T
    print Software::cmp_versions([$major=1], [$major=1, $minor=0]) < 0; # expect: T
    print Software::cmp_versions([$major=2, $addl="b"], [$major=2, $addl="a"]) > 0; # expect: T
    print Software::cmp_versions([$major=3], [$major=3]); # expect: 0
}
