#include "host/analyzers/files/file-analyzer.h"

#include "host/analyzers/files/entropy.h"
#include "host/analyzers/files/file-manager.h"

#include <new>
#include <openssl/evp.h>
#include <vector>

namespace bulkhead::analyzers::files {

using events::EventId;
using events::Value;
namespace tag = events::Files_Tag_values;

namespace {

class Hash final : public FileAnalyzer {
 public:
  Hash(File& file, std::string_view kind, const EVP_MD* algorithm)
      : file_(file), kind_(kind), context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), algorithm, nullptr) != 1)
      throw std::bad_alloc();
  }

  bool inOrder(flow::Bytes data) override {
    if (!data.empty()) fed_ = true;
    return EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1;
  }
  // With a hole in it there is nothing to be said.
  bool missing(uint64_t, uint64_t) override { return false; }
  bool endOfFile() override {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!fed_ || EVP_DigestFinal_ex(context_.get(), digest, &size) != 1) return false;
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
      hex += "0123456789abcdef"[digest[i] >> 4];
      hex += "0123456789abcdef"[digest[i] & 15];
    }
    file_.raise(EventId::file_hash, {Value::textOf(kind_), Value::textOf(hex)});
    return false;
  }

 private:
  File& file_;
  std::string_view kind_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool fed_ = false;
};

class EntropyTest final : public FileAnalyzer {
 public:
  explicit EntropyTest(File& file) : file_(file) {}

  bool inOrder(flow::Bytes data) override {
    entropy_.feed(data);
    return true;
  }
  bool missing(uint64_t, uint64_t) override { return false; }
  bool endOfFile() override {
    if (entropy_.empty()) return false;
    auto r = entropy_.result();
    const Value fields[] = {Value::realOf(r.entropy), Value::realOf(r.chiSquare),
                            Value::realOf(r.mean), Value::realOf(r.monteCarloPi),
                            Value::realOf(r.serialCorrelation)};
    file_.raise(EventId::file_entropy, {Value::listOf(fields)});
    return false;
  }

 private:
  File& file_;
  Entropy entropy_;
};

// Contents for a package's own event handlers, which the catalog cannot know by name.
class DataEvent final : public FileAnalyzer {
 public:
  DataEvent(File& file, const AnalyzerArgs& args)
      : file_(file), chunkEvent_(args.chunkEvent), streamEvent_(args.streamEvent) {}

  bool chunk(flow::Bytes data, uint64_t offset) override {
    if (!chunkEvent_.empty())
      file_.raise(EventId::Files_chunk_data_,
                  {Value::textOf(chunkEvent_), text(data), Value::count(offset)});
    return true;
  }
  bool inOrder(flow::Bytes data) override {
    if (!streamEvent_.empty())
      file_.raise(EventId::Files_stream_data_, {Value::textOf(streamEvent_), text(data)});
    return true;
  }

 private:
  static Value text(flow::Bytes data) {
    return Value::textOf({reinterpret_cast<const char*>(data.data()), data.size()});
  }
  File& file_;
  std::string chunkEvent_, streamEvent_;
};

class Extract final : public FileAnalyzer {
 public:
  Extract(File& file, const AnalyzerArgs& args, std::unique_ptr<Extraction> out)
      : file_(file), args_(args), limit_(args.extractLimit), out_(std::move(out)) {}

  bool inOrder(flow::Bytes data) override {
    uint64_t room = within(data.size());
    if (room < data.size()) {
      reportLimit(data.size());
      room = within(data.size());
    }
    if (room > 0) {
      if (!out_->write(position_, data.first(room))) return false;
      written_ += room;
      position_ += room;
    }
    return room == data.size();
  }

  // A hole is left where the missing bytes would have been.
  bool missing(uint64_t offset, uint64_t length) override {
    if (args_.extractLimitIncludesMissing) {
      if (within(length) < length) {
        reportLimit(length);
        if (within(length) < length) return false;
      }
      written_ += length;
    }
    position_ = offset + length;
    return true;
  }

  bool setLimit(uint64_t limit) override {
    limit_ = limit;
    return true;
  }

 private:
  // How many of `length` bytes the limit leaves room for.
  uint64_t within(uint64_t length) const {
    if (limit_ == 0) return length;
    return std::min(length, limit_ - std::min(limit_, written_));
  }
  void reportLimit(uint64_t length) {
    const Value args[] = {Value::textOf("extract_filename"),
                          Value::textOf(args_.extractFilename),
                          Value::textOf("extract_limit"),
                          Value::count(args_.extractLimit),
                          Value::textOf("extract_limit_includes_missing"),
                          Value::of(args_.extractLimitIncludesMissing)};
    file_.raise(EventId::file_extraction_limit,
                {Value::tableOf(args), Value::count(limit_), Value::count(length)});
  }

  File& file_;
  AnalyzerArgs args_;
  uint64_t limit_;
  uint64_t written_ = 0;  // counted against the limit
  uint64_t position_ = 0;
  std::unique_ptr<Extraction> out_;
};

}  // namespace

std::unique_ptr<FileAnalyzer> makeFileAnalyzer(File& file, uint32_t which, const AnalyzerArgs& args,
                                               uint32_t subscriber) {
  switch (which) {
    case tag::Files_ANALYZER_MD5:
      return std::make_unique<Hash>(file, "md5", EVP_md5());
    case tag::Files_ANALYZER_SHA1:
      return std::make_unique<Hash>(file, "sha1", EVP_sha1());
    case tag::Files_ANALYZER_SHA224:
      return std::make_unique<Hash>(file, "sha224", EVP_sha224());
    case tag::Files_ANALYZER_SHA256:
      return std::make_unique<Hash>(file, "sha256", EVP_sha256());
    case tag::Files_ANALYZER_SHA384:
      return std::make_unique<Hash>(file, "sha384", EVP_sha384());
    case tag::Files_ANALYZER_SHA512:
      return std::make_unique<Hash>(file, "sha512", EVP_sha512());
    case tag::Files_ANALYZER_ENTROPY:
      return std::make_unique<EntropyTest>(file);
    case tag::Files_ANALYZER_DATA_EVENT:
      if (args.chunkEvent.empty() && args.streamEvent.empty()) return nullptr;
      return std::make_unique<DataEvent>(file, args);
    case tag::Files_ANALYZER_EXTRACT: {
      auto* extractor = file.manager().extractor();
      if (!extractor || args.extractFilename.empty()) return nullptr;
      auto out = extractor->open(subscriber, args.extractFilename);
      if (!out) return nullptr;
      return std::make_unique<Extract>(file, args, std::move(out));
    }
    default:
      return nullptr;
  }
}

}  // namespace bulkhead::analyzers::files
