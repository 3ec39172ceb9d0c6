##! Hashes in files.log, where somebody attached a hash analyzer.

@load base/frameworks/files

module FileHash;

export {
    redef record Files::Info += {
        md5: string &log &optional;
        sha1: string &log &optional;
        sha256: string &log &optional;
    };
}

event file_hash(f: fa_file, kind: string, hash: string) &priority=5 {
    if (kind == "md5")
        f$info$md5 = hash;
    else if (kind == "sha1")
        f$info$sha1 = hash;
    else if (kind == "sha256")
        f$info$sha256 = hash;
}
