##! Asks Team Cymru's Malware Hash Registry about files of certain types, by DNS.

@load base/frameworks/files
@load base/frameworks/notice
@load frameworks/files/hash-all-files

module TeamCymruMalwareHashRegistry;

export {
    redef enum Notice::Type += { Match };

    option match_file_types = /application\/x-dosexec/
        | /application\/vnd\.ms-cab-compressed/
        | /application\/pdf/
        | /application\/x-shockwave-flash/
        | /application\/x-java-applet/
        | /application\/jar/
        | /video\/mp4/;

    ## Where to read on; %s is the hash.
    option match_sub_url = "https://www.virustotal.com/gui/search/%s";
    ## Percentage of scanners that must know the file.
    option notice_threshold = 10;
}

# "1277221946 79": when it was seen last, and how many scanners know it.
function judge(answer: string, hash: string, fi: Notice::FileInfo) {
    local parts = split_string1(answer, / /);

    if (|parts| != 2 || to_count(parts[1]) < notice_threshold)
        return;

    local seen = strftime("%Y-%m-%d %H:%M:%S", double_to_time(to_double(parts[0])));
    local n = Notice::Info($note=Match, $sub=fmt(match_sub_url, hash),
        $msg=fmt("Malware Hash Registry Detection rate: %d%%  Last seen: %s", to_count(parts[1]), seen));

    Notice::populate_file_info2(fi, n);
    NOTICE(n);
}

event file_hash(f: fa_file, kind: string, hash: string) {
    if (kind != "sha1" || ! f?$info || ! f$info?$mime_type || match_file_types !in f$info$mime_type)
        return;

    # Not the file itself: it would be copied for the time of waiting.
    local fi = Notice::create_file_info(f);
    local name = fmt("%s.malware.hash.cymru.com", hash);

    when [fi, hash, name] (local answer = lookup_hostname_txt(name)) {
        judge(answer, hash, fi);
    }
}
