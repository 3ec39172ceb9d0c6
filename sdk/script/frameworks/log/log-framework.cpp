#include "sdk/script/frameworks/log/log-framework.h"

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/frameworks/log/parts.h"

#include <algorithm>
#include <limits>

namespace bulkhead::frameworks {

namespace {

// FNV-1a, 64 bits. Not against forgery: a compartment may say what it likes of its own rows.
constexpr uint64_t startOfDigest = 0xcbf29ce484222325;
uint64_t digestOf(uint64_t digest, const void* bytes, size_t size) {
  const auto* at = static_cast<const uint8_t*>(bytes);
  for (size_t i = 0; i < size; ++i) digest = (digest ^ at[i]) * 0x100000001b3;
  return digest;
}

uint64_t digestOf(uint64_t digest, const LogValue& value) {
  digest = digestOf(digest, &value.kind, sizeof value.kind);
  return std::visit(
      [digest](const auto& data) -> uint64_t {
        using T = std::decay_t<decltype(data)>;
        if constexpr (std::is_same_v<T, std::string>) {
          uint64_t size = data.size();
          return digestOf(digestOf(digest, &size, sizeof size), data.data(), data.size());
        } else if constexpr (std::is_same_v<T, IpAddr>) {
          return digestOf(digest, data.bytes.data(), data.bytes.size());
        } else if constexpr (std::is_same_v<T, Port>) {
          uint32_t port = static_cast<uint32_t>(data.number) | static_cast<uint32_t>(data.transport)
                                                                   << 16;
          return digestOf(digest, &port, sizeof port);
        } else if constexpr (std::is_arithmetic_v<T>) {
          return digestOf(digest, &data, sizeof data);
        } else {
          return digest;  // nothing, and no identifying column is a container or a subnet
        }
      },
      value.data);
}

// The strings of a set, sorted; none of an empty value.
std::vector<std::string> textsOf(const Value& set) {
  std::vector<std::string> out;
  if (set.empty()) return out;
  for (vm::TableWalk walk(vm::tableOf(set.slot())); !walk.done(); walk.advance())
    out.emplace_back(vm::textOf(walk.keys()[0]));
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::pair<std::string, std::string>> textPairsOf(const Value& table) {
  std::vector<std::pair<std::string, std::string>> out;
  if (table.empty()) return out;
  for (vm::TableWalk walk(vm::tableOf(table.slot())); !walk.done(); walk.advance())
    out.emplace_back(vm::textOf(walk.keys()[0]), vm::textOf(walk.value()));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

LogFramework::LogFramework(vm::Vm& vm) : vm_(vm) {
  const vm::Program& program = vm.program();
  if (const vm::Function* policy = program.findFunction("Log::log_stream_policy")) {
    auto index = static_cast<uint32_t>(policy - program.functions.data());
    streamPolicy_ = Value::adopt(policy->type, vm.functionValue(index).take());
  }
}
LogFramework::~LogFramework() = default;

LogFramework::Stream* LogFramework::streamOf(int64_t id) {
  auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

bool LogFramework::createStream(int64_t id, vm::RecordObject& record) {
  Value columns = fieldValue(record, "columns");
  const types::Type* idType = vm_.program().findType("Log::ID");
  if (columns.empty() || idType == nullptr) return false;
  const types::Type* rowType = nullptr;
  if (columns.type()->is(Tag::type)) rowType = columns.slot().type();
  if (rowType == nullptr || !rowType->is(Tag::record)) {
    vm_.report(vm::Severity::error, "logging columns must be a record type");
    return false;
  }
  std::string problem;
  if (columnsOf(rowType->asRecord(), {}, problem).empty() && problem.empty()) {
    vm_.report(vm::Severity::error, "logging record type has no field with &log");
    return false;
  }
  if (!problem.empty()) {
    vm_.report(vm::Severity::error, "unsupported field type for log column (" + problem + ")");
    return false;
  }
  if (streams_.contains(id)) removeStream(id);

  auto stream = std::make_unique<Stream>();
  stream->id = id;
  stream->idType = &idType->asEnum();
  const auto* entry = stream->idType->findValue(id);
  if (entry != nullptr) {
    stream->name = entry->name;
    stream->standard = entry->origin < types::originFirstPackage;
  }
  stream->columns = &rowType->asRecord();
  if (stream->standard) {
    std::string unloggable;  // a filter says so
    stream->identifying = columnsOf(*stream->columns, {}, unloggable);
    std::erase_if(stream->identifying,
                  [](const ColumnPath& each) { return !each.column.identifying; });
  }
  stream->recordType = rowType;
  stream->path = fieldText(record, "path");
  stream->policy = fieldValue(record, "policy");
  stream->maxDelay = fieldReal(record, "max_delay_interval", 0.2);
  stream->maxDelayQueue = fieldCount(record, "max_delay_queue_size", 1000);
  RowLimits& limits = stream->limits;
  limits.fieldString = fieldCount(record, "max_field_string_bytes", limits.fieldString);
  limits.totalString = fieldCount(record, "max_total_string_bytes", limits.totalString);
  limits.fieldElements = fieldCount(record, "max_field_container_elements", limits.fieldElements);
  limits.totalElements = fieldCount(record, "max_total_container_elements", limits.totalElements);
  Value event = fieldValue(record, "ev");
  if (!event.empty() && event.type()->is(Tag::function)) {
    const vm::Function& function = vm_.program().functions[vm::functionOf(event.slot()).function];
    if (function.event < 0 || function.type->parameters().size() != 1) {
      vm_.report(vm::Severity::error, "stream event takes one argument, the row's record");
      return false;
    }
    stream->event = static_cast<vm::EventId>(function.event);
  }
  const bool prints = stream->name == "Log::PRINTLOG";
  streams_[id] = std::move(stream);
  if (prints) redirectPrint(id);
  return true;
}

// The base library makes the stream when Log::print_to_log asks for it; what is printed before goes
// the usual way.
void LogFramework::redirectPrint(int64_t id) {
  auto mode = globalOf(vm_, "Log::print_to_log");
  const types::Type* rowType = vm_.program().findType("Log::PrintLogInfo");
  if (!mode || rowType == nullptr) return;
  std::string_view name = enumName(mode->type, mode->slot.integer);
  const bool everything = name == "Log::REDIRECT_ALL";
  if (!everything && name != "Log::REDIRECT_STDOUT") return;
  vm_.setPrintTap([this, id, rowType, everything](const vm::FileObject* file,
                                                  std::span<const TypedSlot> values) {
    bool standard =
        file == nullptr || file->name->view() == "-" || file->name->view() == "/dev/stdout";
    if ((!everything && !standard) || streamOf(id) == nullptr) return false;
    // A hook that prints while it looks at such a row would go on for ever.
    if (std::exchange(printing_, true)) return false;
    writePrint(id, rowType, file, values);
    printing_ = false;
    return true;
  });
}

void LogFramework::writePrint(int64_t id, const types::Type* rowType, const vm::FileObject* file,
                              std::span<const TypedSlot> values) {
  auto row = vm_.makeRecord(&rowType->asRecord());
  auto time = row ? row->layout->type->offsetOf("ts") : std::nullopt;
  auto texts = row ? row->layout->type->offsetOf("vals") : std::nullopt;
  if (!time || !texts) return;
  row->set(*time, Slot::ofReal(vm_.networkTime()));
  auto list = vm::Ref<vm::VectorObject>::adopt(
      vm_.heap().vector(&row->layout->type->field(*texts).type->asVector()));
  auto append = [&](const std::string& text) {
    vm::StringObject* object = vm_.heap().string(text);
    return object != nullptr && list->append(Slot::ofObject(object));
  };
  if (file != nullptr) append("file \"" + std::string(file->name->view()) + "\" of string");
  for (const TypedSlot& value : values) append(vm_.describe(value));
  row->set(*texts, list.take());
  write(id, {rowType, row.slot()});
}

bool LogFramework::removeStream(int64_t id) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  for (const auto& filter : stream->filters)
    std::erase_if(pathOwners_, [&](const auto& owner) {
      return owner.second == stream->name + "\n" + filter->name;
    });
  std::erase_if(delayed_, [&](const Delayed& row) { return row.stream == id; });
  streams_.erase(id);
  return true;
}

bool LogFramework::enableStream(int64_t id, bool enabled) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  stream->enabled = enabled;
  return true;
}

uint64_t LogFramework::identityOf(const Stream& stream, const vm::RecordObject& record) {
  if (stream.identifying.empty()) return 0;
  RowLimits unlimited{.fieldString = 0, .totalString = 0, .fieldElements = 0, .totalElements = 0};
  RowMaker maker(vm_, unlimited);
  uint64_t digest = startOfDigest;
  for (const ColumnPath& column : stream.identifying)
    digest = digestOf(digest, maker.value(record, column));
  return digest == 0 ? 1 : digest;
}

bool LogFramework::buildColumns(Stream& stream, Filter& filter) {
  const vm::RecordObject& record = vm::recordOf(filter.record.slot());
  Value include = fieldValue(record, "include"), exclude = fieldValue(record, "exclude");
  Value names = fieldValue(record, "field_name_map");
  ColumnRules rules;
  rules.scopeSeparator = fieldText(record, "scope_sep");
  rules.wanted = [&](const std::string& name) {
    if (!include.empty() && !hasKey(vm::tableOf(include.slot()), name)) return false;
    return exclude.empty() || !hasKey(vm::tableOf(exclude.slot()), name);
  };
  rules.rename = [&](const std::string& name) {
    return names.empty() ? name : keyText(vm::tableOf(names.slot()), name, name);
  };
  filter.names = {.restricted = !include.empty(),
                  .include = textsOf(include),
                  .exclude = textsOf(exclude),
                  .renames = textPairsOf(names),
                  .scopeSeparator = rules.scopeSeparator};
  std::string problem;
  filter.columns = columnsOf(*stream.columns, rules, problem);

  if (!filter.extensionFunction.empty()) {
    const types::FuncType& type = *vm::functionOf(filter.extensionFunction.slot()).type;
    if (type.result()->is(Tag::record)) {
      filter.extension = &type.result()->asRecord();
      std::string prefix = fieldText(record, "ext_prefix");
      ColumnRules extended;
      extended.scopeSeparator = rules.scopeSeparator;
      extended.rename = [&](const std::string& name) { return rules.rename(prefix + name); };
      filter.extensionColumns = columnsOf(*filter.extension, extended, problem);
    }
  }
  for (const ColumnPath& column : filter.columns)
    if (column.column.origin == LogColumnOrigin::package) filter.contributes = true;
  for (const ColumnPath& column : filter.extensionColumns)
    if (column.column.origin == LogColumnOrigin::package) filter.contributes = true;
  if (problem.empty()) return true;
  vm_.report(vm::Severity::error, "unsupported field type for log column (" + problem + ")");
  return false;
}

bool LogFramework::addFilter(int64_t id, vm::RecordObject& record) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  auto filter = std::make_unique<Filter>();
  filter->record = Value::share(record.layout->type, Slot::ofObject(&record));
  filter->name = fieldText(record, "name");
  filter->path = fieldText(record, "path");
  filter->pathFunction = fieldValue(record, "path_func");
  filter->extensionFunction = fieldValue(record, "ext_func");
  filter->policy = fieldValue(record, "policy");
  if (filter->policy.empty()) filter->policy = stream->policy;
  filter->local = fieldCount(record, "log_local", 1) != 0;
  filter->rotation = fieldReal(record, "interv", 0);
  Value writer = fieldValue(record, "writer");
  if (!writer.empty()) filter->writer = enumName(writer.type(), writer.slot().integer);
  Value postprocessor = fieldValue(record, "postprocessor");
  if (!postprocessor.empty())
    filter->postprocessor =
        vm_.program().functions[vm::functionOf(postprocessor.slot()).function].name;
  filter->standard =
      stream->standard && filter->name == "default" && (isSite_ || !vm_.currentCause().viaPackage);
  if (!buildColumns(*stream, *filter)) return false;
  removeFilter(id, filter->name);
  stream->filters.push_back(std::move(filter));
  return true;
}

bool LogFramework::removeFilter(int64_t id, std::string_view name) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  for (auto it = stream->filters.begin(); it != stream->filters.end(); ++it) {
    if ((*it)->name != name) continue;
    stream->filters.erase(it);
    break;
  }
  std::erase_if(pathOwners_, [&](const auto& owner) {
    return owner.second == stream->name + "\n" + std::string(name);
  });
  return true;
}

Value LogFramework::argumentFor(const Value& function, size_t parameter, const Value& value) {
  // Its own type: the field that holds it may say `any` where the function does not.
  const types::FuncType& type = *vm::functionOf(function.slot()).type;
  if (parameter >= type.parameters().size()) return value;
  const types::Type* wanted = type.parameters()[parameter].type;
  if (wanted == value.type()) return value;
  std::string error;
  return vm_.convert(value.view(), wanted, error);
}

bool LogFramework::hookLetsThrough(const Value& hook, const Stream& stream, const Filter* filter,
                                   const Value& record) {
  if (hook.empty()) return true;
  vm::FunctionObject& function = vm::functionOf(hook.slot());
  if (vm_.program().functions[function.function].bodies.empty()) return true;
  Value row = argumentFor(hook, 0, record);
  if (row.empty()) return true;
  std::vector<Slot> arguments{row.slot(), Slot::ofInt(stream.id)};
  if (filter != nullptr) arguments.push_back(filter->record.slot());
  vm::Vm::CallResult result = vm_.call(function, arguments);
  return result.abandoned || result.value.empty() || result.value.slot().boolean();
}

std::optional<std::string> LogFramework::askPath(Stream& stream, Filter& filter,
                                                 const Value& record) {
  Value row = argumentFor(filter.pathFunction, 2, record);
  auto path = vm::Ref<vm::StringObject>::adopt(vm_.heap().string(filter.path));
  if (row.empty() || !path) return std::nullopt;
  Slot arguments[] = {Slot::ofInt(stream.id), path.slot(), row.slot()};
  auto result = vm_.call(vm::functionOf(filter.pathFunction.slot()), arguments);
  if (result.abandoned || result.value.empty()) return std::nullopt;
  return std::string(vm::textOf(result.value.slot()));
}

bool LogFramework::write(int64_t id, TypedSlot columns) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  if (!stream->enabled) return true;
  Value record;
  if (columns.type == stream->recordType) {
    record = Value::share(columns.type, columns.slot);
  } else {
    std::string error;
    record = vm_.convert(columns, stream->recordType, error);
    if (record.empty()) {
      vm_.report(vm::Severity::error, "incompatible log record type: " + error);
      return false;
    }
  }
  if (stream->event) {
    Slot argument = record.slot();
    vm_.raise(*stream->event, {&argument, 1});
  }
  vm::Cause cause = vm_.currentCause();
  Delayed decision{.stream = id, .record = record, .cause = {cause.rootSeq, cause.viaPackage}};
  bool through = true;
  if (!streamPolicy_.empty()) {
    Delayed* outer = std::exchange(deciding_, &decision);
    through = hookLetsThrough(streamPolicy_, *stream, nullptr, record);
    deciding_ = outer;
  }
  stream = streamOf(id);  // the hook may have removed it
  if (stream == nullptr) return true;
  if (through && decision.token != 0 && wakeFor(*stream, decision)) {
    enqueue(*stream, std::move(decision));
    return true;
  }
  toFilters(*stream, record, decision.cause, through);
  return true;
}

void LogFramework::toFilters(Stream& stream, const Value& record, LogCause cause, bool wanted) {
  // By name: hooks may add and remove filters, and the stream itself.
  int64_t id = stream.id;
  std::vector<std::string> names;
  for (const auto& filter : stream.filters) names.push_back(filter->name);
  for (const std::string& name : names) {
    Stream* now = streamOf(id);
    if (now == nullptr) return;
    for (const auto& filter : now->filters) {
      if (filter->name != name) continue;
      toFilter(*now, *filter, record, cause, wanted);
      break;
    }
  }
}

void LogFramework::toFilter(Stream& stream, Filter& filter, const Value& record,
                            const LogCause& cause, bool wanted) {
  bool contribution = !isSite_ && filter.standard && !cause.viaPackage;
  std::string filterName = filter.name;
  int64_t id = stream.id;
  auto stillThere = [&] {
    Stream* now = streamOf(id);
    if (now != &stream) return false;
    return std::any_of(now->filters.begin(), now->filters.end(),
                       [&](const auto& f) { return f.get() == &filter; });
  };
  if (!hookLetsThrough(filter.policy, stream, &filter, record) || !stillThere()) return;
  if (!wanted || !filter.local || sink_ == nullptr) return;
  const vm::RecordObject& columns = vm::recordOf(record.slot());
  if (contribution && !filter.contributes &&
      std::none_of(filter.columns.begin(), filter.columns.end(), [&](const ColumnPath& column) {
        return RowMaker::touchedByPackage(columns, column);
      })) {
    return;
  }
  std::string path = filter.path;
  if (!filter.pathFunction.empty()) {
    auto answer = askPath(stream, filter, record);
    if (!answer || !stillThere()) return;
    path = std::move(*answer);
    if (filter.path.empty()) filter.path = path;
  }
  std::vector<LogValue> row;
  row.reserve(filter.extensionColumns.size() + filter.columns.size());
  RowMaker maker(vm_, stream.limits);
  if (filter.extension != nullptr) {
    auto text = vm::Ref<vm::StringObject>::adopt(vm_.heap().string(path));
    if (!text) return;
    Slot argument = text.slot();
    auto answer = vm_.call(vm::functionOf(filter.extensionFunction.slot()), {&argument, 1});
    if (!stillThere()) return;
    TypedSlot extension = answer.value.empty() ? TypedSlot{} : vm::unboxed(answer.value.view());
    for (const ColumnPath& column : filter.extensionColumns)
      row.push_back(extension.type == filter.extension
                        ? maker.value(vm::recordOf(extension.slot), column)
                        : LogValue{});
  }
  for (const ColumnPath& column : filter.columns) {
    bool sent = !contribution || column.column.identifying ||
                column.column.origin == LogColumnOrigin::package ||
                RowMaker::touchedByPackage(columns, column);
    row.push_back(sent ? maker.value(columns, column) : LogValue{});
  }
  ++rowsWritten_;
  sink_->write(writerFor(stream, filter, path).id,
               contribution ? LogRowKind::contribution : LogRowKind::whole, std::move(row), cause,
               identityOf(stream, columns));
  for (unsigned i = 0; i < maker.cutStrings(); ++i)
    builtins::raiseNetWeird(vm_, "log_string_field_truncated", stream.name);
  for (unsigned i = 0; i < maker.cutContainers(); ++i)
    builtins::raiseNetWeird(vm_, "log_container_field_truncated", stream.name);
}

}  // namespace bulkhead::frameworks
