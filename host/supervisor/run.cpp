#include "host/supervisor/run.h"

#include "common/escape.h"
#include "host/supervisor/care.h"
#include "host/supervisor/children.h"
#include "host/supervisor/inputs.h"
#include "host/supervisor/programs.h"
#include "host/supervisor/seeds.h"
#include "host/supervisor/summary.h"
#include "sandbox/doctor/doctor.h"
#include "schemas/wire/log-wire.h"

#include <kj/debug.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <unistd.h>

namespace bulkhead::supervisor {

namespace {

// After the end of a run a compartment has so long to leave by itself.
constexpr kj::Duration partingTime = 2 * kj::SECONDS;

// Something that ends the run; `what` is for the user.
struct Failed {
  int status;
  std::string what;
};

void setTexts(capnp::List<capnp::Text>::Builder to, const std::vector<std::string>& from) {
  for (unsigned i = 0; i < from.size(); ++i) to.set(i, from[i]);
}

double wallClock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// A `redef` of the site's scripts that holds in other compartments (schemas/package.capnp).
struct SiteRedef {
  std::string module, text, file;
  uint32_t line = 0;
  std::vector<std::string> names;
  std::string unknown;
  bool applied = false;  // by some package
};

class Run {
 public:
  explicit Run(const RunOptions& options, std::function<void(const Checked&)> take = {})
      : options_(options),
        take_(std::move(take)),
        name_(options.face == Face::run     ? "bulkhead run"
              : options.face == Face::check ? "bulkhead check"
                                            : "zeek") {}

  int execute();

 private:
  void openInputs();
  void openPackages();
  void addDependencies(Compartment& package, const std::vector<PackageFolder>& beside);
  void openWorker(Children& children);
  void attachAll(Children& children);
  kj::Promise<void> attach(Children& children, Compartment& compartment);
  void describeSettings(const Compartment& compartment, schemas::Settings::Builder to) const;
  void checkRedefs();
  void takeResult(schemas::Result::Reader result);
  void read(Children& children);
  void watchCompartments(Children& children);
  void collectEnds(Children& children);
  void finishLogs(Children& children);
  void takeCounts(capnp::List<schemas::Logger::Count>::Reader counts);
  kj::Promise<void> writePackagesLog(Children& children,
                                     const std::vector<std::vector<LogValue>>& rows, bool last);
  int verdict() const;
  void note(const std::string& error);
  void noteLogs(capnp::Text::Reader error);
  bool live() const { return !options_.interface.empty(); }

  const RunOptions& options_;
  std::function<void(const Checked&)> take_;  // Face::check
  std::string name_;
  Programs programs_;
  OpenCapture capture_;
  kj::AutoCloseFd logDirectory_;
  std::vector<uint32_t> seeds_;
  int siteStatus_ = 0;     // that the operator's scripts gave to exit(), or 1 if they failed
  uint32_t linkType_ = 0;  // of the capture
  Compartments compartments_;
  SiteLoads loads_;
  std::vector<SiteRedef> redefs_;  // those that hold in other compartments
  Watchers watchers_;
  std::optional<Care> care_;  // of the Children, whose tasks it serves
  std::optional<Progress> progress_;
  std::optional<Messages> messages_;
  std::vector<std::string> errors_;
  // Face::check: of each package what is loaded before it, and what it depends on and is nowhere.
  std::map<const Compartment*, std::vector<std::string>> loadedBefore_, absent_;
  int signal_ = 0;
};

void Run::note(const std::string& error) {
  if (error.empty()) return;
  errors_.push_back(error);
  messages_->host(error);
}

// The logger knows the names of logs, not where they lie.
void Run::noteLogs(capnp::Text::Reader error) {
  if (error.size() == 0) return;
  const std::string where = options_.logDirectory == "." ? "" : options_.logDirectory + ": ";
  note(where + escaped({error.begin(), error.size()}));
}

void Run::openInputs() {
  auto take = [](auto&& opened, auto& to) {
    if (auto* problem = std::get_if<std::string>(&opened)) throw Failed{statusUsage, *problem};
    to = kj::mv(std::get<0>(opened));
  };
  take(findPrograms(), programs_);
  if (!options_.capture.empty()) take(openCapture(options_.capture), capture_);
  if (live()) take(openInterface(options_.interface), capture_);
  take(openLogDirectory(options_.logDirectory), logDirectory_);
  seeds_ = options_.seeds;
  // Offline, the same capture gives the same identifiers; live they are drawn at random.
  if (seeds_.empty() && !live()) seeds_ = seedsOfCapture(capture_.fd.get());
}

void Run::openPackages() {
  auto& site = *compartments_.emplace_back(std::make_unique<Compartment>());
  site.name = "site";
  site.limits = options_.configuration.site;
  site.sources.allowAnywhere();
  site.sources.add(".", ".", SourceOrigin::site);
  for (const std::string& folder : options_.scriptPath) {
    // As with any search path, what is not there is passed over.
    std::error_code error;
    if (folder != "." && std::filesystem::is_directory(folder, error))
      site.sources.add(folder, folder, SourceOrigin::site);
  }
  for (const std::string& path : options_.packages) {
    auto opened = options_.face == Face::check ? openScripts(path) : openPackage(path);
    if (auto* problem = std::get_if<std::string>(&opened)) throw Failed{statusUsage, *problem};
    auto& package = *compartments_.emplace_back(std::make_unique<Compartment>());
    package.folder = std::get<PackageFolder>(std::move(opened));
    package.name = package.folder->name;
    package.limits = options_.configuration.of(package.name);
  }
  // Delivery and merging go by name, so that the order of the command line changes nothing.
  std::sort(compartments_.begin() + 1, compartments_.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  for (size_t i = 1; i < compartments_.size(); ++i) {
    auto& package = *compartments_[i];
    if (package.name == site.name) {
      throw Failed{statusUsage, package.folder->path +
                                    ": a package cannot be called site, that is what your own "
                                    "scripts are called; rename the folder"};
    }
    if (package.name == compartments_[i - 1]->name) {
      throw Failed{statusUsage, "package " + package.name +
                                    " is given twice: " + compartments_[i - 1]->folder->path +
                                    " and " + package.folder->path};
    }
    const std::string scripts = package.folder->path + "/" + package.folder->scriptDir;
    const std::string metadata = package.folder->path + "/zkg.meta: script_dir \"" +
                                 escaped(package.folder->scriptDir) + "\"";
    try {
      package.sources.add(scripts, package.name, SourceOrigin::package);
    } catch (const std::system_error& error) {
      throw Failed{statusUsage, metadata + ": " + error.code().message()};
    }
    // A script that is checked alone begins with itself.
    const bool wholeFolder = package.folder->target == package.name;
    std::error_code error;
    if (wholeFolder && !options_.natives.contains(package.name) &&
        !std::filesystem::exists(scripts + "/__load__.zeek", error)) {
      throw Failed{statusUsage, metadata +
                                    ": there is no __load__.zeek in that folder; it is what a "
                                    "package begins with"};
    }
  }
  std::vector<PackageFolder> beside;
  for (const std::string& path : options_.beside) {
    for (auto& each : packagesIn(path)) beside.push_back(std::move(each));
  }
  for (size_t i = 1; i < compartments_.size(); ++i) addDependencies(*compartments_[i], beside);
  for (uint32_t i = 0; i < compartments_.size(); ++i) {
    compartments_[i]->index = i;
    addLibrary(compartments_[i]->sources, programs_.baseLibrary);
  }
}

// Those that it names, and what they name in turn, are loaded before it, as zkg loads them; the
// others are there for an `@load`.
void Run::addDependencies(Compartment& package, const std::vector<PackageFolder>& beside) {
  if (options_.face != Face::check) return;
  std::vector<std::string> open = package.folder->depends, order;
  auto& absent = absent_[&package];
  for (size_t i = 0; i < open.size() && i < mostPackages; ++i) {
    const std::string name = open[i];
    auto known = std::find_if(beside.begin(), beside.end(),
                              [&](const PackageFolder& each) { return each.name == name; });
    const bool again = std::find(order.begin(), order.end(), name) != order.end();
    if (again || name == package.name) continue;
    std::error_code error;
    if (known == beside.end() ||
        !std::filesystem::is_directory(known->path + "/" + known->scriptDir, error)) {
      if (std::find(absent.begin(), absent.end(), name) == absent.end()) absent.push_back(name);
      continue;
    }
    order.push_back(name);
    open.insert(open.end(), known->depends.begin(), known->depends.end());
  }
  for (const PackageFolder& each : beside) {
    std::error_code error;
    const std::string scripts = each.path + "/" + each.scriptDir;
    if (each.name != package.name && std::filesystem::is_directory(scripts, error))
      package.sources.add(scripts, each.name, SourceOrigin::package);
  }
  loadedBefore_[&package].assign(order.rbegin(), order.rend());
}

void Run::describeSettings(const Compartment& compartment, schemas::Settings::Builder to) const {
  to.setName(compartment.name);
  std::vector<std::pair<std::string, schemas::Origin>> scripts;
  std::vector<std::string> commands;
  if (compartment.isSite()) {
    for (const auto& each : options_.scripts) scripts.emplace_back(each, schemas::Origin::SITE);
    commands = options_.commands;
    to.setWarnUnused(options_.warnUnused);
    setTexts(to.initPrefixes(static_cast<unsigned>(options_.prefixes.size())), options_.prefixes);
    to.setPackagesBeside(compartments_.size() > 1);
  } else {
    for (const auto& each : loads_.standard) {
      // The path as it was found begins with the library's label; `@load` names what is beneath.
      scripts.emplace_back(libraryTarget(each), schemas::Origin::BASE);
    }
    if (auto before = loadedBefore_.find(&compartment); before != loadedBefore_.end())
      for (const std::string& each : before->second)
        scripts.emplace_back(each, schemas::Origin::PACKAGE);
    scripts.emplace_back(compartment.folder->target, schemas::Origin::PACKAGE);
    to.setOverview(options_.face == Face::check);
    auto redefs = to.initRedefs(static_cast<unsigned>(redefs_.size()));
    for (unsigned i = 0; i < redefs.size(); ++i) {
      redefs[i].setModule(redefs_[i].module);
      redefs[i].setText(redefs_[i].text);
      redefs[i].setFile(redefs_[i].file);
      redefs[i].setLine(redefs_[i].line);
      setTexts(redefs[i].initNames(static_cast<unsigned>(redefs_[i].names.size())),
               redefs_[i].names);
    }
  }
  auto list = to.initScripts(static_cast<unsigned>(scripts.size()));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    list[i].setTarget(scripts[i].first);
    list[i].setOrigin(scripts[i].second);
  }
  setTexts(to.initCommands(static_cast<unsigned>(commands.size())), commands);
  auto assignments = compartment.isSite() ? options_.assignments : std::vector<std::string>{};
  if (options_.json) assignments.push_back("LogAscii::use_json=T");
  auto options = to.initOptions(static_cast<unsigned>(assignments.size()));
  for (unsigned i = 0; i < assignments.size(); ++i) {
    auto equals = assignments[i].find('=');
    options[i].setName(assignments[i].substr(0, equals));
    options[i].setValue(assignments[i].substr(equals + 1));
  }
  to.setBare(options_.bare);
  to.setSharedLibrary(!compartment.sources.shadowsLibrary());
  to.setOffline(!live());
  auto facts = to.initFacts();
  facts.setPacketSource(live() ? options_.interface : options_.capture);
  facts.setLinkType(linkType_);
  char hostName[HOST_NAME_MAX + 1] = "";
  gethostname(hostName, sizeof hostName - 1);
  facts.setHostName(hostName);
  if (compartment.isSite()) {
    std::error_code error;
    facts.setWorkingDirectory(std::filesystem::current_path(error).string());
    to.setStartErrorsEnd(options_.startErrorsEnd);
  }
  if (compartment.isSite())
    setTexts(facts.initArguments(static_cast<unsigned>(options_.arguments.size())),
             options_.arguments);
  to.setSeedsGiven(!options_.seeds.empty());
  auto seeds = to.initSeeds(static_cast<unsigned>(seeds_.size()));
  for (unsigned i = 0; i < seeds_.size(); ++i) seeds.set(i, seeds_[i]);
  to.setPrune(!compartment.isSite() && options_.prune && compartment.limits.prune);
  to.setBudget(compartment.limits.budget);
  to.setMaxAbandoned(compartment.limits.maxAbandoned);
  if (auto memory = compartment.limits.sandbox.memoryBytes) {
    to.setMemorySoftLimit(static_cast<uint64_t>(static_cast<double>(*memory) * softMemoryShare));
  }
}

void Run::openWorker(Children& children) {
  auto request = children.worker().openRequest();
  request.setSupervisor(
      kj::heap<SupervisorService>(compartments_, loads_, *messages_, *progress_, watchers_));
  auto to = request.initOptions();
  to.setCaptureName(live() ? options_.interface : options_.capture);
  to.setFilter(options_.filter);
  to.setIgnoreChecksums(options_.ignoreChecksums);
  to.setLive(live());
  to.setCaptureSize(capture_.size);
  to.setLinkType(capture_.linkType);
  to.setStallSeconds(options_.configuration.stallSeconds);
  auto seeds = to.initSeeds(static_cast<unsigned>(seeds_.size()));
  for (unsigned i = 0; i < seeds_.size(); ++i) seeds.set(i, seeds_[i]);
  auto response = children.wait(request.send().dropPipeline());
  if (response.getError().size() > 0) {
    throw Failed{statusFailed, escaped({response.getError().begin(), response.getError().size()})};
  }
  linkType_ = response.getLinkTypeNumber();
}

kj::Promise<void> Run::attach(Children& children, Compartment& compartment) {
  if (compartment.outcome) {  // it ended in its set-up
    if (take_ && !compartment.isSite()) take_({compartment, {}, absent_[&compartment]});
    return kj::READY_NOW;
  }
  auto request = children.worker().attachRequest();
  auto to = request.initCompartment();
  to.setIndex(compartment.index);
  to.setIsSite(compartment.isSite());
  describeSettings(compartment, to.initSettings());
  request.setSocket(children.socketOf(compartment));
  // An end while it loads is the worker's answer, not a failure of the call.
  return request.send().dropPipeline().then(
      [this, &compartment,
       &children](capnp::Response<schemas::Worker::AttachResults>&& response) -> kj::Promise<void> {
        auto loaded = response.getLoaded();
        compartment.loaded = loaded.getReady();
        compartment.answeredLoad = loaded.getErrors() > 0;
        compartment.whyNotLoaded = escaped({loaded.getReason().begin(), loaded.getReason().size()});
        if (take_ && !compartment.isSite()) {
          if (compartment.loaded || compartment.answeredLoad) {
            take_({compartment, loaded.getOverview(), absent_[&compartment]});
            return kj::READY_NOW;
          }
          // It ended: the kernel says of what.
          return children.parting(compartment, partingTime).then([this, &compartment]() {
            take_({compartment, {}, absent_[&compartment]});
          });
        }
        for (auto text : loaded.getDiagnostics()) {
          messages_->diagnostics(compartment, {text.begin(), text.size()});
        }
        if (compartment.ends > 0) return kj::READY_NOW;
        if (!compartment.isSite()) {
          auto applied = loaded.getApplied();
          for (unsigned i = 0; i < std::min<size_t>(applied.size(), redefs_.size()); ++i)
            redefs_[i].applied |= applied[i];
          return kj::READY_NOW;
        }
        for (auto redef : loaded.getRedefs()) {
          auto& kept = redefs_.emplace_back();
          kept.module = redef.getModule();
          kept.text = redef.getText();
          kept.file = redef.getFile();
          kept.line = redef.getLine();
          for (auto name : redef.getNames()) kept.names.emplace_back(name);
          kept.unknown = redef.getUnknown();
        }
        return kj::READY_NOW;
      });
}

void Run::attachAll(Children& children) {
  auto& site = *compartments_.front();
  loads_.scripts.insert(options_.scripts.begin(), options_.scripts.end());
  children.wait(attach(children, site));
  if (!site.loaded) {
    // Scripts with errors are an answer, from a compartment that lives; without one it has ended.
    if (!site.answeredLoad) children.wait(children.parting(site, partingTime));
    std::string why = site.outcome && !sandbox::endedWell(*site.outcome)
                          ? "the site's compartment ended: " + sandbox::describe(*site.outcome)
                          : "the site's scripts were not loaded: " +
                                (site.answeredLoad ? "they have errors" : site.whyNotLoaded);
    throw Failed{statusFailed, why};
  }
  auto loads = kj::heapArrayBuilder<kj::Promise<void>>(compartments_.size() - 1);
  for (size_t i = 1; i < compartments_.size(); ++i) loads.add(attach(children, *compartments_[i]));
  children.wait(kj::joinPromises(loads.finish()));
  if (options_.face == Face::check) return;
  checkRedefs();
}

// As in Zeek a redef of what nobody declares is an error of the site's script. A package that did
// not load may have been the one; its own end is told, and the redef of no use either way.
void Run::checkRedefs() {
  bool allLoaded = std::all_of(compartments_.begin(), compartments_.end(),
                               [](const auto& each) { return each->loaded; });
  bool strange = false;
  for (const auto& each : redefs_) {
    if (each.names.empty() || each.applied) continue;
    messages_->diagnostics(*compartments_.front(), each.unknown);
    strange = true;
  }
  if (strange && allLoaded) {
    throw Failed{statusFailed, "the site's scripts were not loaded: they have errors"};
  }
}

void Run::takeResult(schemas::Result::Reader result) {
  for (auto from : result.getSubscribers()) {
    if (from.getIndex() >= compartments_.size()) continue;
    auto& c = *compartments_[from.getIndex()];
    c.counts.events = from.getEvents();
    c.counts.generated = from.getGenerated();
    for (auto gap : from.getGaps()) {
      c.counts.gaps.push_back({gap.getFirstSeq(), gap.getLastSeq(), gap.getEvents(),
                               escaped({gap.getReason().begin(), gap.getReason().size()})});
    }
    auto report = from.getReport();
    c.counts.instructions = report.getInstructions();
    c.counts.abandoned = report.getAbandoned();
    c.counts.errors = report.getErrors();
    c.counts.heapPeak = report.getHeapPeak();
    // Hostile or not: of what it says the system keeps eight bits.
    if (c.isSite()) siteStatus_ = static_cast<int>(report.getExitStatus() & 0xff);
    if (c.endReason.empty() && from.getProtocolViolation().size() > 0) {
      c.endReason =
          escaped({from.getProtocolViolation().begin(), from.getProtocolViolation().size()});
    }
  }
  note(escaped({result.getError().begin(), result.getError().size()}));
  if (live()) {
    messages_->host(fmt::format("{}: {} packets, {} dropped by the kernel for lack of room",
                                options_.interface, result.getPackets(), result.getDropped()));
  }
}

void Run::watchCompartments(Children& children) {
  care_.emplace(
      children, compartments_, *messages_, live(),
      Care::Ways{.attach = [this, &children](
                               Compartment& compartment) { return attach(children, compartment); },
                 .record =
                     [this, &children](const PackagesRow& row) {
                       children.background(
                           writePackagesLog(children, {packagesRow(row, wallClock())}, false));
                     }});
  watchers_.closed = [this](Compartment& compartment) { care_->closed(compartment); };
  watchers_.gap = [this](const Compartment& compartment, const Gap& gap) {
    care_->gap(compartment, gap);
  };
  watchers_.listening = [this](const std::string& linkType) {
    messages_->host("listening on " + options_.interface + ", link type " + linkType);
  };
  care_->watchAll();
}

void Run::read(Children& children) {
  bool asked = false;
  children.onSignal([&](int) {
    // The first one asks for an orderly end, the second is not waited for.
    if (asked) return children.fail("interrupted");
    asked = true;
    if (options_.face == Face::run) {
      messages_->host("interrupted; what was read is processed to its end (again: leave at once)");
    }
    children.background(
        children.worker().stopRequest().send().ignoreResult().catch_([](kj::Exception&&) {}));
  });
  children.expectWorkerToEnd();
  watchCompartments(children);
  bool ended = false;
  children.wait(kj::Promise<capnp::Response<schemas::Worker::RunResults>>(
                    children.worker().runRequest().send().dropPipeline())
                    .then([this](auto&& response) { takeResult(response.getResult()); },
                          [&ended](kj::Exception&&) { ended = true; }));
  care_->stop();
  watchers_ = {};
  progress_->clear();
  if (ended) note(children.whyWorkerEnded());
  for (auto& each : compartments_) {
    each->finished = each->loaded && each->endReason.empty() && !ended;
  }
}

void Run::collectEnds(Children& children) {
  children.wait(children.dismissWorker());
  auto ends = kj::heapArrayBuilder<kj::Promise<void>>(compartments_.size());
  for (auto& each : compartments_) ends.add(children.parting(*each, partingTime));
  children.wait(kj::joinPromises(ends.finish()));
}

void Run::finishLogs(Children& children) {
  auto finish = children.logger().finishRequest();
  auto response = children.wait(finish.send().dropPipeline());
  takeCounts(response.getCounts());
  noteLogs(response.getError());
  if (options_.face != Face::run) return;
  std::vector<std::vector<LogValue>> rows;
  for (auto& each : compartments_) rows.push_back(packagesRow({.compartment = *each}, wallClock()));
  children.wait(writePackagesLog(children, rows, true));
}

void Run::takeCounts(capnp::List<schemas::Logger::Count>::Reader counts) {
  for (auto count : counts) {
    if (count.getCompartment() >= compartments_.size()) continue;
    auto& to = compartments_[count.getCompartment()]->counts;
    to.rows = count.getRows();
    to.joined = count.getJoined();
    to.unmatched = count.getUnmatched();
    to.refused = count.getRefused();
  }
}

kj::Promise<void> Run::writePackagesLog(Children& children,
                                        const std::vector<std::vector<LogValue>>& rows, bool last) {
  if (options_.face != Face::run) return kj::READY_NOW;
  auto request = children.logger().packagesLogRequest();
  auto description = packagesLog(options_.json);
  wire::write(request.initLog(), 0, description);
  auto to = request.initBatch().initRows(static_cast<unsigned>(rows.size()));
  for (unsigned i = 0; i < rows.size(); ++i) {
    auto values = to[i].initValues(static_cast<unsigned>(rows[i].size()));
    for (unsigned j = 0; j < rows[i].size(); ++j) wire::write(values[j], rows[i][j]);
  }
  request.setLast(last);
  return request.send().then([this, last](auto&& response) {
    // The file's error stays: it is told once.
    if (last) noteLogs(response.getError());
  });
}

int Run::verdict() const {
  if (signal_ != 0) return statusSignal + signal_;
  if (!errors_.empty()) return statusFailed;
  if (compartments_.front()->verdict() == Verdict::ended) return statusFailed;
  if (siteStatus_ != 0) return siteStatus_;
  for (const auto& each : compartments_) {
    if (each->verdict() == Verdict::ended || each->verdict() == Verdict::notLoaded) {
      return statusPackages;
    }
  }
  return statusOk;
}

int Run::execute() {
  std::string unusable;
  try {
    openInputs();
    openPackages();
    bool terminal = options_.face == Face::run && ::isatty(STDERR_FILENO) == 1;
    progress_.emplace(stderr, terminal && !options_.capture.empty(), capture_.size);
    messages_.emplace(stderr, *progress_);
    Children children(options_, compartments_, *messages_);
    KJ_DEFER(signal_ = children.signal());
    children.startHost(programs_, logDirectory_, capture_);
    openWorker(children);
    children.startCompartments();
    attachAll(children);
    if (options_.parseOnly) return statusOk;
    read(children);
    collectEnds(children);
    finishLogs(children);
  } catch (const Failed& failed) {
    if (progress_) progress_->clear();
    fmt::print(stderr, "{}: {}\n", name_, failed.what);
    return failed.status;
  } catch (const kj::Exception& exception) {
    if (progress_) progress_->clear();
    fmt::print(stderr, "{}: {}\n", name_, exception.getDescription().cStr());
    return signal_ != 0 ? statusSignal + signal_ : statusFailed;
  }
  messages_->tellRepeated();
  if (options_.face == Face::run) fmt::print(stderr, "{}", summaryTable(compartments_));
  return verdict();
}

}  // namespace

int run(const RunOptions& options) { return Run(options).execute(); }

int check(const RunOptions& options, const std::function<void(const Checked&)>& take) {
  return Run(options, take).execute();
}

}  // namespace bulkhead::supervisor
