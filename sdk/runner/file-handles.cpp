#include "sdk/runner/file-handles.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace bulkhead::runner {

using vm::Code;
using vm::Instruction;
using vm::Op;
using vm::Program;

namespace {

// Whoever calls one of these may answer otherwise, or keep the base library from counting.
constexpr std::string_view meddling[] = {"set_file_handle", "Files::register_protocol",
                                         "disable_event_group", "disable_module_events"};

// Fields by their place in the record, whatever record it is: what an instruction says of them.
struct Fields {
  std::set<uint16_t> counted;  // the handle is made of these
  std::set<uint16_t> state;    // to these nobody may even get

  static Fields of(const Program& program) {
    Fields out;
    auto add = [&](std::set<uint16_t>& to, std::string_view record, std::string_view field) {
      const auto* type = program.findType(record);
      if (type == nullptr || !type->is(types::Tag::record)) return;
      if (auto at = type->asRecord().offsetOf(field)) to.insert(static_cast<uint16_t>(*at));
    };
    for (auto field : {"trans_depth", "orig_mime_depth", "resp_mime_depth", "range_request", "uri",
                       "host", "status_code"})
      add(out.counted, "HTTP::Info", field);
    add(out.counted, "connection", "http");
    add(out.state, "connection", "http_state");
    return out;
  }
};

bool meddles(const Program& program, const Code& code, const Fields& fields) {
  auto names = [&](const Instruction& i) {
    std::string_view name =
        program.functions[code.callSites[static_cast<size_t>(i.d)].function].name;
    return name.starts_with("http_") ||
           std::find(std::begin(meddling), std::end(meddling), name) != std::end(meddling);
  };
  return std::any_of(code.instructions.begin(), code.instructions.end(), [&](const Instruction& i) {
    switch (i.op) {
      case Op::setF:
      case Op::setFM:
      case Op::setFT:
      case Op::deleteF:
        return fields.counted.contains(i.c) || fields.state.contains(i.c);
      case Op::getF:
      case Op::getFM:
      case Op::getFB:
        return fields.state.contains(i.c);
      case Op::call:
      case Op::callM:
      case Op::callNative:
      case Op::callNativeM:
      case Op::callHook:
      case Op::raise:
      case Op::schedule:
        return names(i);
      default:
        return false;
    }
  });
}

}  // namespace

bool namesFilesAsTheWorkerDoes(const Program& program) {
  // Without the base library's HTTP scripts nothing is registered for it.
  if (program.findFunction("HTTP::get_file_handle") == nullptr) return false;
  const Fields fields = Fields::of(program);
  return std::none_of(program.codes.begin(), program.codes.end(), [&](const Code& code) {
    return code.origin != types::originBase && meddles(program, code, fields);
  });
}

}  // namespace bulkhead::runner
