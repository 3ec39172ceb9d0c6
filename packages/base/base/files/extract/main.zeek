##! Files written to disk, by Files::ANALYZER_EXTRACT. The host writes; a package needs a grant.

@load base/frameworks/files
@load base/utils/paths

module FileExtract;

export {
    ## Directory that files are written to.
    const prefix = "./extract_files/" &redef;
    ## Bytes per file; 0 for no limit.
    option default_limit = 104857600;
    ## Count bytes that were never seen; otherwise they are holes in a sparse file.
    option default_limit_includes_missing = T;

    redef record Files::Info += {
        extracted: string &optional &log;
        ## The limit was reached.
        extracted_cutoff: bool &optional &log;
        extracted_size: count &optional &log;
    };

    redef record Files::AnalyzerArgs += {
        ## Unset: "extract-TIME-SOURCE-FUID".
        extract_filename: string &optional;
        extract_limit: count &default=default_limit;
        extract_limit_includes_missing: bool &default=default_limit_includes_missing;
    };

    ## From a `file_extraction_limit` handler: go on, up to `n` bytes. F if the file is not extracted.
    global set_limit: function(f: fa_file, args: Files::AnalyzerArgs, n: count): bool;
}

function set_limit(f: fa_file, args: Files::AnalyzerArgs, n: count): bool {
    return __set_limit(f$id, args, n);
}

function name_target(f: fa_file, args: Files::AnalyzerArgs) {
    if (! args?$extract_filename)
        args$extract_filename = cat("extract-", f$last_active, "-", f$source, "-", f$id);

    f$info$extracted = args$extract_filename;
    f$info$extracted_cutoff = F;
    args$extract_filename = build_path_compressed(prefix, args$extract_filename);
    mkdir(prefix);
}

event file_extraction_limit(f: fa_file, args: any, limit: count, len: count) &priority=10 {
    f$info$extracted_cutoff = T;
    f$info$extracted_size = limit;
}

event zeek_init() &priority=10 {
    Files::register_analyzer_add_callback(Files::ANALYZER_EXTRACT, name_target);
}
