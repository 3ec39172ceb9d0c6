#include "host/check/report.h"

#include "common/escape.h"
#include "host/check/zeek-names.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace bulkhead::check {

namespace {

std::string where(const Place& at) {
  if (at.file.empty()) return {};
  return escaped(at.file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
}

void writeProblem(std::string& out, const Problem& problem) {
  out +=
      where(problem.at) + (problem.error ? "error: " : "warning: ") + escaped(problem.text) + "\n";
  if (!problem.excerpt.empty() && problem.at.column > 0) {
    // An escaped byte is longer than one: the caret stands below what comes before it as shown.
    auto before = escaped(std::string_view(problem.excerpt).substr(0, problem.at.column - 1));
    out += "  " + escaped(problem.excerpt) + "\n  " + std::string(before.size(), ' ') + "^\n";
  }
  for (const auto& note : problem.notes)
    out += where(note.at) + "note: " + escaped(note.text) + "\n";
}

std::string counted(size_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

// "title: a, b, c", broken before column 100.
void writeList(std::string& out, const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return;
  constexpr size_t width = 100;
  std::string line = "  " + title + ":";
  for (size_t i = 0; i < items.size(); ++i) {
    std::string item = items[i] + (i + 1 < items.size() ? "," : "");
    if (line.size() + 1 + item.size() > width) {
      out += line + "\n";
      line = "   ";
    }
    line += " " + item;
  }
  out += line + "\n";
}

std::string_view fromWords(std::string_view from) {
  if (from == "host") return "raised by the host";
  if (from == "library") return "of the library";
  if (from == "package") return "of its own";
  return "that nothing raises here";
}

void writeHandled(std::string& out, const char* title, const std::vector<Handled>& list) {
  if (list.empty()) return;
  out += std::string(title) + "\n";
  for (const char* from : {"host", "library", "package", "nobody"}) {
    std::vector<std::string> names;
    for (const Handled& each : list) {
      if (each.from != from) continue;
      std::string name = escaped(each.name);
      if (each.from == "nobody" && isNameOfZeek(each.name)) name += " (of Zeek, not here yet)";
      names.push_back(std::move(name));
    }
    writeList(out, std::string(fromWords(from)), names);
  }
}

void writeFields(std::string& out, const std::vector<FieldUse>& fields) {
  std::map<std::string, std::vector<std::string>> byRecord;
  for (const FieldUse& each : fields) {
    std::string item = escaped(each.path);
    std::string how;
    auto add = [&](bool is, const char* word) {
      if (is) how += (how.empty() ? "" : ", ") + std::string(word);
    };
    add(each.added, each.logged ? "added, logged" : "added");
    add(each.written, each.read ? "read and written" : "written");
    if (!how.empty()) item += " (" + how + ")";
    byRecord[escaped(each.record)].push_back(std::move(item));
  }
  if (byRecord.empty()) return;
  out += "fields of the library's records\n";
  for (const auto& [record, items] : byRecord) writeList(out, record, items);
}

void writeStreams(std::string& out, const std::vector<StreamUse>& streams) {
  if (streams.empty()) return;
  out += "log streams\n";
  for (const StreamUse& each : streams) {
    std::string how;
    auto add = [&](bool is, const char* word) {
      if (is) how += (how.empty() ? "" : ", ") + std::string(word);
    };
    add(each.created, "created");
    add(each.written, "written");
    add(each.filtered, "filters or policy changed");
    out += "  " + (each.id.empty() ? std::string("(known only when it runs)") : escaped(each.id)) +
           ": " + how + "\n";
  }
}

std::string grantWords(std::string_view reach) {
  if (reach == "absent") return "not here yet, says so when called";
  if (reach == "packets") return "sees whole packets";
  if (reach == "analysis") return "steers the analysis";
  if (reach == "messages") return "messages to other nodes";
  return "needs the grant \"" + escaped(reach) + "\"";
}

void writeDoors(std::string& out, const std::vector<Door>& doors) {
  if (doors.empty()) return;
  out += "beyond the compartment\n";
  for (const char* reach : {"files", "commands", "environment", "lookups", "absent", "packets",
                            "analysis", "messages"}) {
    std::vector<std::string> names;
    for (const Door& each : doors)
      if (each.reach == reach) names.push_back(escaped(each.function));
    writeList(out, grantWords(reach), names);
  }
}

void writeMissing(std::string& out, const Report& report) {
  std::map<std::string, std::pair<size_t, const Problem*>> names;
  for (const Problem& each : report.problems) {
    if (!each.isMissingName()) continue;
    auto& [count, first] = names[escaped(nameOfZeek(each.missing))];
    if (count++ == 0) first = &each;
  }
  if (names.empty()) return;
  out += "names of Zeek's library that are not here yet\n";
  for (const auto& [name, found] : names) {
    const auto& [count, first] = found;
    out += "  " + name + "  (" + (count == 1 ? std::string() : std::to_string(count) + " times, ") +
           "first at " + escaped(first->at.file) + ":" + std::to_string(first->at.line) + ":" +
           std::to_string(first->at.column) + ")\n";
  }
}

}  // namespace

bool Problem::isMissingName() const { return error && !missing.empty() && isNameOfZeek(missing); }

size_t Report::errors() const {
  return static_cast<size_t>(
      std::count_if(problems.begin(), problems.end(), [](const auto& each) { return each.error; }));
}

size_t Report::missingNames() const {
  return static_cast<size_t>(std::count_if(problems.begin(), problems.end(),
                                           [](const auto& each) { return each.isMissingName(); }));
}

void openable(Report& report, std::string_view label, const std::string& folder) {
  auto open = [&](Place& at) {
    if (at.file.size() > label.size() && at.file.starts_with(label) && at.file[label.size()] == '/')
      at.file = folder + at.file.substr(label.size());
  };
  for (Problem& each : report.problems) {
    open(each.at);
    for (auto& note : each.notes) open(note.at);
  }
  for (Handled& each : report.events) open(each.at);
  for (Handled& each : report.hooks) open(each.at);
  for (FieldUse& each : report.fields) open(each.at);
  for (StreamUse& each : report.streams) open(each.at);
  for (Door& each : report.doors) open(each.at);
  for (Load& each : report.loads) open(each.at);
}

std::string writeText(const Report& report) {
  std::string out;
  for (const Problem& each : report.problems)
    if (!each.isMissingName()) writeProblem(out, each);
  for (const std::string& each : report.absent)
    out += "warning: it depends on " + escaped(each) +
           ", which is not here: give its folder with -p\n";
  writeMissing(out, report);
  const size_t missing = report.missingNames(), other = report.errors() - missing;
  out += escaped(report.package) + ": ";
  if (!report.ended.empty()) {
    out += "not checked, its compartment ended: " + escaped(report.ended) + "\n";
    return out;
  }
  if (report.accepted()) {
    out += "accepted\n";
  } else {
    out += "not accepted: ";
    if (other > 0) out += counted(other, "error", "errors");
    if (other > 0 && missing > 0) out += ", ";
    if (missing > 0) out += counted(missing, "use", "uses") + " of names that are not here yet";
    out += "\n";
  }
  if (report.cut) out += "  (there is more than is shown here)\n";
  writeHandled(out, "events", report.events);
  writeHandled(out, "hooks", report.hooks);
  writeFields(out, report.fields);
  writeStreams(out, report.streams);
  writeDoors(out, report.doors);
  std::vector<std::string> scripts, signatures;
  for (const Load& each : report.loads)
    (each.signatures ? signatures : scripts).push_back(escaped(each.target));
  if (!report.loads.empty()) out += "loads\n";
  writeList(out, "of the library", scripts);
  writeList(out, "signatures", signatures);
  return out;
}

std::string writeJson(const Report& report) {
  using nlohmann::ordered_json;
  auto place = [](const Place& at) -> ordered_json {
    if (at.file.empty()) return nullptr;
    return {{"file", at.file}, {"line", at.line}, {"column", at.column}};
  };
  auto handled = [&](const std::vector<Handled>& list) {
    auto out = ordered_json::array();
    for (const Handled& each : list)
      out.push_back({{"name", each.name},
                     {"from", each.from},
                     {"bodies", each.bodies},
                     {"at", place(each.at)}});
    return out;
  };
  ordered_json out;
  out["package"] = report.package;
  out["path"] = report.path;
  out["accepted"] = report.accepted();
  if (!report.ended.empty()) out["ended"] = report.ended;
  auto errors = ordered_json::array(), missing = errors, warnings = errors;
  for (const Problem& each : report.problems) {
    ordered_json problem{{"text", each.text}, {"at", place(each.at)}};
    if (!each.excerpt.empty()) problem["line"] = each.excerpt;
    if (each.isMissingName())
      problem["name"] = nameOfZeek(each.missing);
    else if (!each.missing.empty())
      problem["name"] = each.missing;
    auto notes = ordered_json::array();
    for (const auto& note : each.notes)
      notes.push_back({{"text", note.text}, {"at", place(note.at)}});
    if (!notes.empty()) problem["notes"] = notes;
    (!each.error ? warnings : each.isMissingName() ? missing : errors).push_back(problem);
  }
  out["errors"] = errors;
  out["missing"] = missing;
  out["warnings"] = warnings;
  out["absent_dependencies"] = report.absent;
  ordered_json demand;
  demand["events"] = handled(report.events);
  demand["hooks"] = handled(report.hooks);
  demand["fields"] = ordered_json::array();
  for (const FieldUse& each : report.fields)
    demand["fields"].push_back({{"record", each.record},
                                {"field", each.path},
                                {"read", each.read},
                                {"written", each.written},
                                {"added", each.added},
                                {"logged", each.logged},
                                {"at", place(each.at)}});
  demand["streams"] = ordered_json::array();
  for (const StreamUse& each : report.streams)
    demand["streams"].push_back({{"id", each.id.empty() ? ordered_json() : ordered_json(each.id)},
                                 {"created", each.created},
                                 {"written", each.written},
                                 {"filtered", each.filtered},
                                 {"at", place(each.at)}});
  demand["beyond"] = ordered_json::array();
  for (const Door& each : report.doors)
    demand["beyond"].push_back(
        {{"function", each.function}, {"reach", each.reach}, {"at", place(each.at)}});
  demand["loads"] = ordered_json::array();
  for (const Load& each : report.loads)
    demand["loads"].push_back(
        {{"target", each.target}, {"signatures", each.signatures}, {"at", place(each.at)}});
  demand["cut"] = report.cut;
  out["demand"] = demand;
  // Foreign texts may be no UTF-8.
  return out.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace bulkhead::check
