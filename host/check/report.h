#pragma once
// A Report is what became of one package that was checked; writeText and writeJson tell it.
//
// Plain values. All texts may be a stranger's: what a terminal could act on is escaped by
// writeText.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::check {

struct Place {
  std::string file;  // empty: nowhere
  uint32_t line = 0, column = 0;
};

struct Problem {
  bool error = false;  // else a warning
  Place at;
  std::string text, excerpt;
  std::string missing;  // what nothing declares, if that is the problem
  struct Note {
    Place at;
    std::string text;
  };
  std::vector<Note> notes;

  // Zeek's library has it and ours has it not yet.
  bool isMissingName() const;
};

struct Handled {
  std::string name;
  std::string from;  // "host", "library", "package", "nobody"
  uint32_t bodies = 0;
  Place at;
};

struct FieldUse {
  std::string record, path;
  bool read = false, written = false, added = false, logged = false;
  Place at;
};

struct StreamUse {
  std::string id;  // empty: worked out at run time
  bool created = false, written = false, filtered = false;
  Place at;
};

struct Door {
  std::string function, reach;
  Place at;
};

struct Load {
  std::string target;
  bool signatures = false;
  Place at;
};

struct Report {
  std::string package, path;
  std::string ended;                // why the compartment ended before it answered; empty: it did
  std::vector<std::string> absent;  // dependencies that are nowhere
  std::vector<Problem> problems;
  std::vector<Handled> events, hooks;
  std::vector<FieldUse> fields;
  std::vector<StreamUse> streams;
  std::vector<Door> doors;
  std::vector<Load> loads;
  bool cut = false;  // there is more than a compartment may say

  // Every error, names that are missing too: it would not load.
  size_t errors() const;
  size_t missingNames() const;  // of these; as many as there are places
  bool accepted() const { return ended.empty() && errors() == 0; }
};

// Paths of the package's files as the user can open them: `label` is what they begin with in the
// compartment.
void openable(Report& report, std::string_view label, const std::string& folder);

std::string writeText(const Report& report);
// One object, on one line.
std::string writeJson(const Report& report);

}  // namespace bulkhead::check
