#include "host/cut/cut.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <utility>

namespace bulkhead::cut {

namespace {

std::vector<std::string_view> split(std::string_view line, std::string_view separator) {
  std::vector<std::string_view> out;
  for (;;) {
    size_t at = line.find(separator);
    out.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return out;
    line.remove_prefix(at + separator.size());
  }
}

// "\x09" -> the tab.
std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text.substr(i, 2) == "\\x" && i + 4 <= text.size() &&
        std::from_chars(text.data() + i + 2, text.data() + i + 4, value, 16).ptr ==
            text.data() + i + 4) {
      out += static_cast<char>(value);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string timeText(const Options& options, std::string_view seconds) {
  double value = 0;
  auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || std::fabs(value) > 1e15)
    return std::string(seconds);
  auto whole = static_cast<time_t>(std::floor(value));
  struct tm parts {};
  if ((options.utc ? gmtime_r(&whole, &parts) : localtime_r(&whole, &parts)) == nullptr)
    return std::string(seconds);
  char buffer[256];
  size_t n = std::strftime(buffer, sizeof buffer, options.timeFormat.c_str(), &parts);
  return {buffer, n};
}

// One run over the input: the header in force and what it makes of the columns.
class Cutter {
 public:
  Cutter(const Options& options, std::ostream& out) : options_(options), out_(out) {}

  void line(std::string_view text) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (!text.empty() && text.front() == '#')
      header(text);
    else if (!text.empty() && text.front() == '{')
      json(text);
    else
      row(text);
  }

 private:
  void header(std::string_view text) {
    if (text.starts_with("#separator ")) {
      separator_ = unescape(text.substr(11));
      if (separator_.empty()) separator_ = "\t";
      shown_ = options_.header == Options::Header::all ||
               (options_.header == Options::Header::first && blocks_ == 0);
      ++blocks_;
      headerLine(text);
      return;
    }
    auto parts = split(text, separator_);
    std::string_view key = parts[0];
    parts.erase(parts.begin());
    if (key == "#fields") {
      fields_.assign(parts.begin(), parts.end());
      types_.assign(fields_.size(), "");
      choose();
      if (shown_) selected("#fields", parts);
    } else if (key == "#types") {
      types_.assign(parts.begin(), parts.end());
      types_.resize(fields_.size());
      if (!shown_ || options_.minimal) return;
      std::vector<std::string> converted = types_;
      if (options_.convertTime)
        for (auto& type : converted)
          if (type == "time") type = "string";
      selected("#types", {converted.begin(), converted.end()});
    } else {
      if (key == "#unset_field" && !parts.empty()) unset_ = parts[0];
      headerLine(text);
    }
  }

  void headerLine(std::string_view text) {
    if (shown_ && !options_.minimal) out_ << text << '\n';
  }

  void choose() {
    chosen_.clear();
    if (options_.columns.empty() || options_.exclude) {
      for (size_t i = 0; i < fields_.size(); ++i)
        if (std::find(options_.columns.begin(), options_.columns.end(), fields_[i]) ==
            options_.columns.end())
          chosen_.push_back(static_cast<ptrdiff_t>(i));
      return;
    }
    for (const auto& name : options_.columns) {
      auto at = std::find(fields_.begin(), fields_.end(), name);
      chosen_.push_back(at == fields_.end() ? -1 : at - fields_.begin());
    }
  }

  std::string_view outputSeparator() const {
    return options_.outputSeparator.empty() ? std::string_view(separator_)
                                            : options_.outputSeparator;
  }

  void selected(std::string_view key, const std::vector<std::string_view>& parts) {
    bool first = true;
    if (!options_.minimal) {
      out_ << key;
      first = false;
    }
    for (ptrdiff_t at : chosen_) {
      if (!first) out_ << outputSeparator();
      first = false;
      if (at >= 0 && static_cast<size_t>(at) < parts.size()) out_ << parts[static_cast<size_t>(at)];
    }
    out_ << '\n';
  }

  void row(std::string_view text) {
    auto parts = split(text, separator_);
    for (size_t i = 0; i < chosen_.size(); ++i) {
      if (i) out_ << outputSeparator();
      ptrdiff_t at = chosen_[i];
      if (at < 0 || static_cast<size_t>(at) >= parts.size()) continue;
      auto column = static_cast<size_t>(at);
      if (options_.convertTime && types_[column] == "time")
        out_ << timeText(options_, parts[column]);
      else
        out_ << parts[column];
    }
    out_ << '\n';
  }

  void json(std::string_view text) {
    auto object = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!object.is_object()) return;
    auto show = [&](const std::string& name, const nlohmann::ordered_json& value) {
      if (options_.convertTime && name == "ts" && value.is_number())
        out_ << timeText(options_, value.dump());
      else if (value.is_string())
        out_ << value.get<std::string>();
      else if (value.is_boolean())
        out_ << (value.get<bool>() ? 'T' : 'F');
      else if (value.is_array())
        list(value);
      else
        out_ << value.dump();
    };
    bool first = true;
    auto next = [&] {
      if (!first) out_ << outputSeparator();
      first = false;
    };
    if (options_.columns.empty() || options_.exclude) {
      for (const auto& [name, value] : object.items()) {
        if (std::find(options_.columns.begin(), options_.columns.end(), name) !=
            options_.columns.end())
          continue;
        next();
        show(name, value);
      }
    } else {
      for (const auto& name : options_.columns) {
        next();
        auto at = object.find(name);
        if (at == object.end() || at->is_null())
          out_ << unset_;
        else
          show(name, *at);
      }
    }
    out_ << '\n';
  }

  void list(const nlohmann::ordered_json& values) {
    bool first = true;
    for (const auto& each : values) {
      if (!first) out_ << ',';
      first = false;
      if (each.is_string())
        out_ << each.get<std::string>();
      else
        out_ << each.dump();
    }
  }

  const Options& options_;
  std::ostream& out_;
  std::string separator_ = "\t";
  std::string unset_ = "-";
  std::vector<std::string> fields_, types_;
  std::vector<ptrdiff_t> chosen_;  // field positions, -1 for a name the log does not have
  bool shown_ = false;
  int blocks_ = 0;
};

}  // namespace

std::string usage() {
  return "usage: bulkhead cut [options] [column...] < LOG\n"
         "Prints the named columns of Zeek logs (tab-separated or JSON lines), all without a "
         "name.\n"
         "  -c        with the first header block      -C        with every header block\n"
         "  -m        with the first header's names    -M        with every header's names\n"
         "  -n        all columns except the named\n"
         "  -F SEP    output separator\n"
         "  -d        times readable, local            -u        times readable, UTC\n"
         "  -D FMT    as -d with a strftime format     -U FMT    as -u with a strftime format\n"
         "  -h        this text\n"
         "ZEEK_CUT_TIMEFMT sets the format of -d and -u.\n"
         "example: bulkhead cut -d ts id.orig_h query < dns.log\n";
}

Options parseArguments(const std::vector<std::string>& args, std::string& error, bool& help) {
  Options o;
  if (const char* format = std::getenv("ZEEK_CUT_TIMEFMT"); format != nullptr && *format)
    o.timeFormat = format;
  size_t i = 0;
  for (; i < args.size() && args[i].size() > 1 && args[i][0] == '-'; ++i) {
    if (args[i] == "--") {
      ++i;
      break;
    }
    if (args[i] == "--help") {
      help = true;
      return o;
    }
    for (size_t c = 1; c < args[i].size(); ++c) {
      char flag = args[i][c];
      std::string value;
      if (flag == 'D' || flag == 'U' || flag == 'F') {
        if (c + 1 < args[i].size())
          value = args[i].substr(c + 1);
        else if (i + 1 < args.size())
          value = args[++i];
        else {
          error = std::string("option -") + flag + " needs a value";
          return o;
        }
        c = args[i].size();
      }
      switch (flag) {
        case 'c':
          o.header = Options::Header::first;
          break;
        case 'C':
          o.header = Options::Header::all;
          break;
        case 'm':
          o.header = Options::Header::first;
          o.minimal = true;
          break;
        case 'M':
          o.header = Options::Header::all;
          o.minimal = true;
          break;
        case 'n':
          o.exclude = true;
          break;
        case 'd':
          o.convertTime = true;
          break;
        case 'u':
          o.convertTime = o.utc = true;
          break;
        case 'D':
          o.convertTime = true;
          o.timeFormat = value;
          break;
        case 'U':
          o.convertTime = o.utc = true;
          o.timeFormat = value;
          break;
        case 'F':
          o.outputSeparator = unescape(value);
          break;
        case 'h':
          help = true;
          return o;
        default:
          error = std::string("unknown option -") + flag + "; see bulkhead cut -h";
          return o;
      }
      if (!value.empty()) break;
    }
  }
  o.columns.assign(args.begin() + static_cast<ptrdiff_t>(i), args.end());
  return o;
}

void run(const Options& options, std::istream& in, std::ostream& out) {
  Cutter cutter(options, out);
  std::string line;
  while (out && std::getline(in, line)) cutter.line(line);
}

}  // namespace bulkhead::cut
