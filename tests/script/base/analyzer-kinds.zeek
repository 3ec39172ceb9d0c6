# A tag by its own name and by that among all kinds.
@load base/frameworks/analyzer

event zeek_init() {
    print is_protocol_analyzer(Analyzer::ANALYZER_HTTP), is_protocol_analyzer(AllAnalyzers::ANALYZER_ANALYZER_HTTP); # expect: T, T
    print is_file_analyzer(Files::ANALYZER_MD5), is_file_analyzer(AllAnalyzers::FILES_ANALYZER_MD5); # expect: T, T
    print is_protocol_analyzer(AllAnalyzers::FILES_ANALYZER_MD5), is_file_analyzer(Analyzer::ANALYZER_HTTP); # expect: F, F
    print is_packet_analyzer(AllAnalyzers::ANALYZER_ANALYZER_HTTP), is_protocol_analyzer(7); # expect: F, F
    print Analyzer::kind(AllAnalyzers::ANALYZER_ANALYZER_DNS), Analyzer::kind(AllAnalyzers::FILES_ANALYZER_MD5); # expect: protocol, file
}
