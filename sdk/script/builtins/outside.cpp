// What reaches out of the compartment: files, commands, names, environment. The host decides.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/reach.h"
#include "sdk/script/vm/host.h"

#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

namespace bulkhead::builtins {

namespace {

template <Name name>
void reachOut(NativeCall& call) {
  auto arguments = argumentsOf(call);
  auto reply = servicesOf(call).outside().request(call.vm(), name.view(), arguments,
                                                  call.functionType().result());
  if (!reply.value.empty()) {
    if (!reply.refused.empty()) call.caution(reply.refused);
    return call.returnValue(std::move(reply.value));
  }
  if (!reply.refused.empty()) call.warn(reply.refused);
  // What could not be done is negative or F.
  if (call.functionType().result()->is(Tag::integer)) return call.returnInt(-1);
  if (call.functionType().result()->is(Tag::real)) return call.returnReal(-1);
  returnNeutral(call);
}

template <Name name>
void lookUp(NativeCall& call) {
  if (!call.canDefer())
    return call.fail(std::string(name.view()) + "() can only be called inside a when-condition");
  auto arguments = argumentsOf(call);
  vm::AsyncToken token = call.defer();
  std::string refused = servicesOf(call).outside().requestLater(
      call.vm(), token, name.view(), arguments, call.functionType().result());
  if (refused.empty()) return;
  call.warn(refused);
  call.vm().abandonAsync(token);
}

// ---- Files that a script writes

void openAs(NativeCall& call, vm::Host::FileMode mode) {
  std::string error;
  auto handle = call.vm().host().openFile(call.text(0), mode, error);
  if (!handle) call.warn("can't open " + std::string(call.text(0)) + ": " + error);
  vm::FileObject* file = call.heap().file(call.text(0), handle.value_or(0));
  if (file != nullptr) file->open = handle.has_value();
  call.returnObject(file);
}
void openFile(NativeCall& call) { openAs(call, vm::Host::FileMode::truncate); }
void openAppending(NativeCall& call) { openAs(call, vm::Host::FileMode::append); }
void closeFile(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  if (!file.open) return call.returnBool(false);
  file.open = false;
  call.returnBool(call.vm().host().closeFile(std::exchange(file.handle, 0)));
}
void writeFile(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  const bool written = file.open && call.vm().host().writeFile(file.handle, call.text(1));
  if (written) file.written += call.text(1).size();
  call.returnBool(written);
}
void setBuffered(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  if (file.open) call.vm().host().setFileBuffered(file.handle, call.boolean(1));
}
void rawOutput(NativeCall& call) { call.file(0).raw = true; }
void fileName(NativeCall& call) { call.returnText(call.file(0).name->view()); }
void activeFile(NativeCall& call) { call.returnBool(call.file(0).open); }
void flushAll(NativeCall& call) { call.returnBool(call.vm().host().flushAllFiles()); }
void never(NativeCall& call) { call.returnBool(false); }

// A script that asks for a variable is ready to get nothing: a refusal is not worth a word.
void environment(NativeCall& call) {
  auto arguments = argumentsOf(call);
  auto reply = servicesOf(call).outside().request(call.vm(), "getenv", arguments,
                                                  call.functionType().result());
  if (!reply.refused.empty()) call.warn(reply.refused);
  if (reply.value.empty()) return call.returnText("");
  call.returnValue(std::move(reply.value));
}

// ---- Rotation

// Moves the file aside under a name that tells when; empty with a message if it cannot be.
std::optional<std::string> movedAside(NativeCall& call, std::string_view name) {
  const RunFacts& facts = servicesOf(call).facts;
  char suffix[64];
  std::snprintf(suffix, sizeof suffix, ".%llu.%.06f.tmp",
                static_cast<unsigned long long>(facts.processId), call.vm().networkTime());
  std::string to = std::string(name) + suffix;
  const types::Type* string = call.vm().types().basic(Tag::string);
  auto from = Ref<vm::StringObject>::adopt(call.heap().string(name));
  auto target = Ref<vm::StringObject>::adopt(call.heap().string(to));
  if (!from || !target) {
    call.fail(outOfMemory);
    return std::nullopt;
  }
  TypedSlot names[] = {{string, from.slot()}, {string, target.slot()}};
  auto reply = servicesOf(call).outside().request(call.vm(), "rename", names,
                                                  call.vm().types().basic(Tag::boolean));
  if (!reply.value.empty() && reply.value.slot().boolean()) return to;
  call.warn(reply.refused);
  return std::nullopt;
}

void returnRotation(NativeCall& call, std::string_view name, std::string_view movedTo,
                    double opened) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  out.text("old_name", movedTo.empty() ? "" : name);
  out.text("new_name", movedTo);
  out.real("open", movedTo.empty() ? 0 : opened);
  out.real("close", movedTo.empty() ? 0 : call.vm().networkTime());
  if (!call.failed()) call.returnRef(out.take());
}

void rotateFile(NativeCall& call) {
  vm::FileObject& file = call.file(0);
  std::string name(file.name->view());
  if (!file.open) return returnRotation(call, name, "", 0);
  call.vm().host().closeFile(std::exchange(file.handle, 0));
  file.open = false;
  auto moved = movedAside(call, name);
  if (call.failed()) return;
  std::string error;
  auto handle = call.vm().host().openFile(
      name, moved ? vm::Host::FileMode::truncate : vm::Host::FileMode::append, error);
  if (!handle) call.warn("can't open " + name + ": " + error);
  file.handle = handle.value_or(0);
  file.open = handle.has_value();
  file.written = 0;
  returnRotation(call, name, moved.value_or(""), call.vm().networkTime());
}
void rotateByName(NativeCall& call) {
  auto moved = movedAside(call, call.text(0));
  if (call.failed()) return;
  if (moved) {
    // An empty file takes its place.
    std::string error;
    auto handle = call.vm().host().openFile(call.text(0), vm::Host::FileMode::truncate, error);
    if (handle) call.vm().host().closeFile(*handle);
  }
  returnRotation(call, call.text(0), moved.value_or(""), call.vm().networkTime());
}

void writeVariable(NativeCall& call) {
  auto arguments = argumentsOf(call);
  auto reply = servicesOf(call).outside().request(call.vm(), "setenv", arguments,
                                                  call.functionType().result());
  if (!reply.refused.empty()) call.warn(reply.refused);
  call.returnBool(!reply.value.empty() && reply.value.slot().boolean());
}

// Of a machine every loopback address is its own; about others the host must be asked.
void localInterface(NativeCall& call) {
  IpAddr address = call.addr(0);
  IpAddr loopback{};
  loopback.bytes[15] = 1;
  bool isLoopback = address.isV4() ? address.bytes[12] == 127 : address == loopback;
  if (isLoopback) return call.returnBool(true);
  auto arguments = argumentsOf(call);
  auto reply = servicesOf(call).outside().request(call.vm(), "is_local_interface", arguments,
                                                  call.functionType().result());
  if (!reply.refused.empty()) call.warn(reply.refused);
  call.returnBool(!reply.value.empty() && reply.value.slot().boolean());
}

void sleepFor(NativeCall& call) {
  // Nobody else runs meanwhile, so that a long pause costs the whole compartment.
  constexpr double longest = 5;
  double seconds = call.real(0);
  if (!(seconds >= 0) || seconds > longest)
    return call.fail("sleep: a pause of at most 5 seconds is expected");
  timespec start{}, end{};
  clock_gettime(CLOCK_MONOTONIC, &start);
  double until = static_cast<double>(start.tv_sec) + static_cast<double>(start.tv_nsec) / 1e9;
  double now = until;
  until += seconds;
  // By looking at the clock: a locked compartment has no call to wait by.
  while (now < until) {
    clock_gettime(CLOCK_MONOTONIC, &end);
    now = static_cast<double>(end.tv_sec) + static_cast<double>(end.tv_nsec) / 1e9;
  }
  call.returnReal(now - until + seconds);
}

// By the first bytes alone, as many as file_sniff looks at.
void identify(NativeCall& call) {
  constexpr size_t mostBytes = 4096;
  if (!call.boolean(1)) call.caution("identify_data() answers MIME types only");
  auto data = Ref<vm::StringObject>::adopt(call.heap().string(call.text(0).substr(0, mostBytes)));
  if (!data) return call.fail(outOfMemory);
  const types::Type* string = call.vm().types().basic(Tag::string);
  TypedSlot argument{string, data.slot()};
  auto reply =
      servicesOf(call).outside().request(call.vm(), "identify_data", {&argument, 1}, string);
  if (!reply.refused.empty()) call.warn(reply.refused);
  bool known = !reply.value.empty() && !vm::textOf(reply.value.slot()).empty();
  call.returnText(known ? vm::textOf(reply.value.slot()) : "<unknown>");
}

void findScript(NativeCall& call) {
  const std::string name(call.text(0));
  const bool relative = name.starts_with('.');
  if (relative || name.starts_with('/')) {
    call.warn("find_in_zeekpath: expected a name as of @load, here is a path that is " +
              std::string(relative ? "relative" : "absolute"));
    return call.returnText("");
  }
  const auto& known = call.vm().program().scriptsAskedFor;
  auto found = known.find(name);
  if (found == known.end() && !name.empty())
    call.warn("find_in_zeekpath: the name \"" + name +
              "\" was not known as the scripts were read; use a constant");
  call.returnText(found == known.end() ? "" : found->second);
}

constexpr vm::NativeRow rows[] = {
    {"identify_data", "function(data: string, return_mime: bool &default=T): string",
     "The MIME type that the first bytes of `data` say it has; \"<unknown>\" if they say nothing.",
     identify},
    {"setenv", "function(var: string, val: string): bool",
     "Sets a variable for getenv() and for commands of the same package; needs the grant "
     "\"environment\".",
     writeVariable},
    {"is_local_interface", "function(ip: addr): bool",
     "Whether it is an address of this machine; needs the grant \"environment\" for any that is "
     "not loopback.",
     localInterface},
    {"sleep", "function(i: interval): interval",
     "Does nothing for that long, at most 5 seconds; answers how long it was. For tests: nothing "
     "else of the compartment runs meanwhile.",
     sleepFor},
    {"rotate_file", "function(f: file): rotate_info",
     "Moves an open file aside and goes on with an empty one of its name. Names are empty if it "
     "cannot be.",
     rotateFile},
    {"rotate_file_by_name", "function(f: string): rotate_info",
     "As rotate_file, of a file that is not open in scripts.", rotateByName},
    {"system", "function(str: string): int",
     "Runs a shell command and answers its status, as wait(2) gives it; below 0 if it did not run. "
     "Needs the grant \"commands\".",
     reachOut<"system">},
    {"system_env", "function(str: string, env: table_string_of_string): int",
     "As system, with each variable NAME of `env` as ZEEK_ARG_NAME in the command's environment.",
     reachOut<"system_env">},
    {"piped_exec", "function(program: string, to_write: string): bool",
     "Runs a shell command with `to_write` as its input. Needs the grant \"commands\".",
     reachOut<"piped_exec">},
    {"mkdir", "function(f: string): bool",
     "Makes a directory, if it is not there already. Needs the grant \"files\".",
     reachOut<"mkdir">},
    {"rmdir", "function(d: string): bool", "Removes an empty directory. Needs the grant \"files\".",
     reachOut<"rmdir">},
    {"unlink", "function(f: string): bool", "Removes a file. Needs the grant \"files\".",
     reachOut<"unlink">},
    {"rename", "function(src_f: string, dst_f: string): bool",
     "Renames a file or directory. Needs the grant \"files\".", reachOut<"rename">},
    {"file_size", "function(f: string): double",
     "The size of a file in bytes, below 0 if there is none. Needs the grant \"files\".",
     reachOut<"file_size">},
    {"find_in_zeekpath", "function(p: string): string",
     "Where the script lies that `@load` of that name reads; empty if nowhere. The name must be "
     "known as the scripts are read: a constant, or an option as it is set by then. Usable in @if.",
     findScript},
    {"getenv", "function(var: string): string",
     "A variable of the environment, empty if it is not set; needs the grant \"environment\".",
     environment},
    {"lookup_addr", "function(host: addr): string",
     "The name of an address in DNS, \"<\?\?\?>\" if it has none. Inside the condition of a "
     "`when`; needs the grant "
     "\"lookups\".",
     lookUp<"lookup_addr">},
    {"lookup_hostname", "function(host: string): addr_set",
     "The addresses of a name in DNS, 0.0.0.0 if it has none. Inside the condition of a `when`; "
     "needs the grant "
     "\"lookups\".",
     lookUp<"lookup_hostname">},
    {"lookup_hostname_txt", "function(host: string): string",
     "The text of a name in DNS. Inside the condition of a `when`; needs the grant \"lookups\".",
     lookUp<"lookup_hostname_txt">},
    {"lookup_location", "function(a: addr): geo_location",
     "Where an address is; without a database nothing is known.", returnNeutral},
    {"lookup_autonomous_system", "function(a: addr): geo_autonomous_system",
     "Whose an address is; without a database nothing is known.", returnNeutral},
    {"mmdb_open_location_db", "function(f: string): bool",
     "Opens a database of places; there is none in a compartment.", never},
    {"mmdb_open_asn_db", "function(f: string): bool",
     "Opens a database of networks; there is none in a compartment.", never},
    {"open", "function(f: string): file", "Opens a file for writing, emptied.", openFile},
    {"open_for_append", "function(f: string): file", "Opens a file for writing behind its end.",
     openAppending},
    {"close", "function(f: file): bool", "Closes a file.", closeFile},
    {"write_file", "function(f: file, data: string): bool", "Writes bytes as they are.", writeFile},
    {"set_buf", "function(f: file, buffered: bool)",
     "Whether what is written may be held back for a while; without, it is in the file at once.",
     setBuffered},
    {"enable_raw_output", "function(f: file)",
     "Prints to the file come without line ends and escapes.", rawOutput},
    {"get_file_name", "function(f: file): string", "The name it was opened under.", fileName},
    {"active_file", "function(f: file): bool", "Whether the file is open.", activeFile},
    {"flush_all", "function(): bool", "Writes out what is held back for all files.", flushAll},
};

}  // namespace

Rows outsideRows() { return rows; }

}  // namespace bulkhead::builtins
