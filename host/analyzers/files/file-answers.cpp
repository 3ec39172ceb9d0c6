// What scripts answer about files. Foreign input: kinds are checked, names looked up.
#include "host/analyzers/files/file-manager.h"

#include <optional>

namespace bulkhead::analyzers::files {

using events::Value;

namespace {

using Args = std::span<const Value>;

std::optional<std::string_view> textAt(Args args, size_t index) {
  if (index >= args.size() || args[index].kind != Value::Kind::text) return std::nullopt;
  return args[index].view();
}

std::optional<uint64_t> countAt(Args args, size_t index) {
  if (index >= args.size() || args[index].kind != Value::Kind::count) return std::nullopt;
  return args[index].number;
}

std::optional<double> intervalAt(Args args, size_t index) {
  if (index >= args.size() || args[index].kind != Value::Kind::interval) return std::nullopt;
  return args[index].real;
}

// "Files::ANALYZER_MD5" to its number in the catalog.
std::optional<uint32_t> tagAt(Args args, size_t index) {
  auto name = textAt(args, index);
  if (!name) return std::nullopt;
  for (auto& known : events::enumerators("Files::Tag"))
    if (known.name == *name) return known.value;
  return std::nullopt;
}

// Fields that no analyzer here knows are somebody else's.
std::optional<AnalyzerArgs> analyzerArgsAt(Args args, size_t index) {
  AnalyzerArgs out;
  if (index >= args.size() || args[index].kind == Value::Kind::absent) return out;
  if (args[index].kind != Value::Kind::table) return std::nullopt;
  auto table = args[index].list();
  for (size_t i = 0; i + 1 < table.size(); i += 2) {
    const Value& value = table[i + 1];
    if (table[i].kind != Value::Kind::text) return std::nullopt;
    auto name = table[i].view();
    bool isText = value.kind == Value::Kind::text;
    if (name == "chunk_event" && isText)
      out.chunkEvent = value.view();
    else if (name == "stream_event" && isText)
      out.streamEvent = value.view();
    else if (name == "extract_filename" && isText)
      out.extractFilename = value.view();
    else if (name == "extract_limit" && value.kind == Value::Kind::count)
      out.extractLimit = value.number;
    else if (name == "extract_limit_includes_missing" && value.kind == Value::Kind::boolean)
      out.extractLimitIncludesMissing = value.boolean;
  }
  return out;
}

// There is one file for all who look at it. What cannot be kept apart is the site's to say.
std::string onlyTheSite(const events::Answer& answer) {
  return std::string(answer.function) + " changes what others see: only the site may";
}

}  // namespace

std::string FileManager::apply(const events::Answer& answer) {
  const std::string wrong = "wrong arguments for " + std::string(answer.function);
  Args args = answer.args;
  if (answer.function == "set_file_handle") {
    auto handle = textAt(args, 0);
    if (!handle) return wrong;
    if (!asking_ || handle->empty()) return {};
    // A file that nobody has named yet is anybody's to name.
    if (answer.subscriber != 0 && !givenHandle_.empty())
      return *handle == givenHandle_ ? std::string() : onlyTheSite(answer);
    givenHandle_ = *handle;
    return {};
  }
  if (answer.function == "Files::__enable_analyzer" ||
      answer.function == "Files::__disable_analyzer") {
    auto tag = tagAt(args, 0);
    if (!tag) return wrong;
    if (answer.subscriber != 0) return onlyTheSite(answer);
    if (answer.function == "Files::__enable_analyzer")
      disabled_.erase(*tag);
    else
      disabled_.insert(*tag);
    return {};
  }
  if (answer.function == "Files::__register_for_mime_type") {
    auto type = textAt(args, 1);
    if (!type) return wrong;
    // Packages' copies of the base library answer nothing; their own scripts are waited for anyway.
    if (answer.subscriber == 0) registered_.emplace(*type);
    return {};
  }
  auto fuid = textAt(args, 0);
  if (!fuid) return wrong;
  File* file = find(*fuid);
  // A file that has ended meanwhile has nothing to be told.
  if (answer.function == "Files::__add_analyzer" || answer.function == "Files::__remove_analyzer") {
    auto tag = tagAt(args, 1);
    auto analyzerArgs = analyzerArgsAt(args, 2);
    if (!tag || !analyzerArgs) return wrong;
    if (!file) return {};
    if (answer.function == "Files::__remove_analyzer")
      file->removeAnalyzer(answer.subscriber, *tag, *analyzerArgs);
    else if (disabled_.count(*tag) == 0)
      file->addAnalyzer(answer.subscriber, *tag, *analyzerArgs);
    return {};
  }
  if (answer.function == "Files::__set_timeout_interval") {
    auto seconds = intervalAt(args, 1);
    if (!seconds) return wrong;
    if (file) file->setTimeout(answer.subscriber, *seconds);
    return {};
  }
  if (answer.function == "Files::__enable_reassembly" ||
      answer.function == "Files::__disable_reassembly") {
    if (answer.subscriber != 0) return onlyTheSite(answer);
    if (file) file->setReassembly(answer.function == "Files::__enable_reassembly");
    return {};
  }
  if (answer.function == "Files::__set_reassembly_buffer") {
    auto bytes = countAt(args, 1);
    if (!bytes) return wrong;
    if (answer.subscriber != 0) return onlyTheSite(answer);
    if (file) file->setReassemblyBuffer(*bytes);
    return {};
  }
  if (answer.function == "Files::__stop") {
    if (file) file->stop(answer.subscriber);
    return {};
  }
  if (answer.function == "FileExtract::__set_limit") {
    auto analyzerArgs = analyzerArgsAt(args, 1);
    auto limit = countAt(args, 2);
    if (!analyzerArgs || !limit) return wrong;
    if (file) file->setExtractionLimit(answer.subscriber, *analyzerArgs, *limit);
    return {};
  }
  return "unknown function " + std::string(answer.function);
}

}  // namespace bulkhead::analyzers::files
