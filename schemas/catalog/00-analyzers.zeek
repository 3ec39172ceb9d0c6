# Analyzer tags. A protocol's issue adds its tag here; the numbers never leave one build. A tag has the
# same number in its own enum and in AllAnalyzers::Tag, so that one may stand for the other; those of
# file analyzers begin at 1000.

module Analyzer;
export {
type Tag: enum {
	ANALYZER_TCP, ANALYZER_UDP, ANALYZER_ICMP, ANALYZER_DNS, ANALYZER_HTTP,
};
}

module AllAnalyzers;
export {
type Tag: enum {
	ANALYZER_ANALYZER_TCP, ANALYZER_ANALYZER_UDP, ANALYZER_ANALYZER_ICMP, ANALYZER_ANALYZER_DNS, ANALYZER_ANALYZER_HTTP,
	FILES_ANALYZER_DATA_EVENT = 1000, FILES_ANALYZER_ENTROPY, FILES_ANALYZER_EXTRACT, FILES_ANALYZER_MD5,
	FILES_ANALYZER_SHA1, FILES_ANALYZER_SHA224, FILES_ANALYZER_SHA256, FILES_ANALYZER_SHA384, FILES_ANALYZER_SHA512,
};
}

module Files;
export {
type Tag: enum {
	ANALYZER_DATA_EVENT = 1000, ANALYZER_ENTROPY, ANALYZER_EXTRACT, ANALYZER_MD5,
	ANALYZER_SHA1, ANALYZER_SHA224, ANALYZER_SHA256, ANALYZER_SHA384, ANALYZER_SHA512,
};
}
