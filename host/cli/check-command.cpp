#include "host/check/report.h"
#include "host/cli/command.h"
#include "host/supervisor/run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>

namespace bulkhead::cli {

namespace {

std::string text(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

check::Place place(schemas::Place::Reader from) {
  return {text(from.getFile()), from.getLine(), from.getColumn()};
}

std::vector<check::Handled> handled(capnp::List<schemas::Overview::Handled>::Reader from) {
  std::vector<check::Handled> out;
  for (auto each : from) {
    const char* names[] = {"host", "library", "package", "nobody"};
    auto which = static_cast<unsigned>(each.getFrom());
    out.push_back({text(each.getName()), which < 4 ? names[which] : "nobody", each.getBodies(),
                   place(each.getAt())});
  }
  return out;
}

check::Report reportOf(const supervisor::Checked& checked) {
  const auto& compartment = checked.compartment;
  const auto& folder = *compartment.folder;
  auto from = checked.overview;
  check::Report out;
  out.package = compartment.name;
  out.path = folder.path;
  out.absent = checked.absent;
  if (!compartment.loaded && !compartment.answeredLoad) {
    out.ended = compartment.outcome ? compartment.endCause() : compartment.whyNotLoaded;
    return out;
  }
  for (auto each : from.getProblems()) {
    auto& to = out.problems.emplace_back();
    to.error = each.getError();
    to.at = place(each.getAt());
    to.text = text(each.getText());
    to.excerpt = text(each.getExcerpt());
    to.missing = text(each.getMissing());
    for (auto note : each.getNotes())
      to.notes.push_back({place(note.getAt()), text(note.getText())});
  }
  out.events = handled(from.getEvents());
  out.hooks = handled(from.getHooks());
  for (auto each : from.getFields())
    out.fields.push_back({text(each.getRecord()), text(each.getPath()), each.getRead(),
                          each.getWritten(), each.getAdded(), each.getLogged(),
                          place(each.getAt())});
  for (auto each : from.getStreams())
    out.streams.push_back({text(each.getId()), each.getCreated(), each.getWritten(),
                           each.getFiltered(), place(each.getAt())});
  for (auto each : from.getDoors())
    out.doors.push_back({text(each.getFunction()), text(each.getReach()), place(each.getAt())});
  for (auto each : from.getLoads())
    out.loads.push_back({text(each.getTarget()), each.getSignatures(), place(each.getAt())});
  out.cut = from.getCut();
  const std::string scripts =
      folder.scriptDir == "." ? folder.path : folder.path + "/" + folder.scriptDir;
  check::openable(out, compartment.name, scripts);
  return out;
}

}  // namespace

int runCheck(const Arguments& arguments) {
  supervisor::RunOptions options;
  options.face = supervisor::Face::check;
  options.parseOnly = true;
  // Nothing is written, but the logger is there and wants a folder.
  options.logDirectory = std::filesystem::temp_directory_path();
  bool json = false;
  CLI::App app("Compiles a package without running it, and says what it demands.",
               "bulkhead check");
  app.add_option("package", options.packages,
                 "a folder with zkg.meta, a folder with __load__.zeek, or a script")
      ->required();
  app.add_option("-p,--package-path", options.beside,
                 "a package that they may depend on, or a folder of packages")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--site", options.scripts, "the operator's own script, such as local.zeek")
      ->allow_extra_args(false);
  app.add_flag("--json", json, "a line of JSON for each package");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "bulkhead check: " << error.what() << "; see bulkhead check --help\n";
    return supervisor::statusUsage;
  }
  std::vector<check::Report> reports;
  int status = supervisor::check(
      options, [&](const supervisor::Checked& checked) { reports.push_back(reportOf(checked)); });
  std::sort(reports.begin(), reports.end(),
            [](const auto& a, const auto& b) { return a.package < b.package; });
  bool first = true, accepted = true;
  for (const auto& each : reports) {
    if (!json && !first) std::cout << "\n";
    first = false;
    accepted = accepted && each.accepted();
    std::cout << (json ? check::writeJson(each) : check::writeText(each));
  }
  if (!std::cout.flush()) return supervisor::statusFailed;
  if (status != supervisor::statusOk) return status;
  return accepted ? supervisor::statusOk : supervisor::statusFailed;
}

}  // namespace bulkhead::cli
