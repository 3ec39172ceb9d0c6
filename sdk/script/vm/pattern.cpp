#include "sdk/script/vm/pattern.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <re2/re2.h>

namespace bulkhead::vm {
namespace {

constexpr int maxGroupDepth = 200;
constexpr int maxRepeat = 1000;  // RE2's own bound

// Rewrites a pattern of the language into RE2's syntax. Output is pure ASCII without surprises:
// every literal is spelt as \x{..}, groups never capture, and a postfix operator always applies to
// a group.
class Translator {
 public:
  Translator(std::string_view text, CompiledPattern::Flags flags)
      : text_(text), ignoreCase_(flags.ignoreCase), singleLine_(flags.singleLine) {}

  // `literal` becomes the bytes that the pattern stands for if it stands for these alone, otherwise
  // empty.
  bool run(std::string& out, std::string& literal, std::string& error) {
    onlyLiteral_ = !ignoreCase_;
    if (!alternation(out, 0)) {
      error = error_;
      return false;
    }
    if (at_ < text_.size()) {
      error = "unbalanced parenthesis";
      return false;
    }
    if (onlyLiteral_) literal = std::move(bytes_);
    return true;
  }

 private:
  bool fail(const char* why) {
    error_ = why;
    return false;
  }
  bool more() const { return at_ < text_.size(); }
  char peek() const { return text_[at_]; }

  static void literal(std::string& out, unsigned char c) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", c);
    out += hex;
  }
  // A letter that /i applies to is written as itself, so that RE2 folds it.
  void plain(std::string& out, unsigned char c) {
    bytes_ += static_cast<char>(c);
    if (std::isalnum(c) != 0) {
      out += static_cast<char>(c);
    } else {
      literal(out, c);
    }
  }
  // A character that /i does not apply to: escaped or quoted.
  void exact(std::string& out, unsigned char c) {
    bytes_ += static_cast<char>(c);
    if (ignoreCase_ && std::isalpha(c) != 0) {
      out += "(?-i:";
      out += static_cast<char>(c);
      out += ')';
    } else {
      literal(out, c);
    }
  }

  // After a backslash; `at_` stands on what follows it.
  bool escape(unsigned char& c) {
    if (!more()) return fail("backslash at the end");
    char first = text_[at_++];
    switch (first) {
      case 'a':
        c = '\a';
        return true;
      case 'b':
        c = '\b';
        return true;
      case 'f':
        c = '\f';
        return true;
      case 'n':
        c = '\n';
        return true;
      case 'r':
        c = '\r';
        return true;
      case 't':
        c = '\t';
        return true;
      case 'v':
        c = '\v';
        return true;
      case 'x': {
        int digits = 0;
        unsigned value = 0;
        while (digits < 2 && more() && std::isxdigit(static_cast<unsigned char>(peek())) != 0) {
          auto d = static_cast<unsigned char>(std::tolower(static_cast<unsigned char>(peek())));
          value = value * 16 + static_cast<unsigned>(d <= '9' ? d - '0' : d - 'a' + 10);
          ++at_;
          ++digits;
        }
        if (digits == 0) return fail("\\x without hexadecimal digits");
        c = static_cast<unsigned char>(value);
        return true;
      }
      default:
        if (first >= '0' && first <= '7') {
          unsigned value = static_cast<unsigned>(first - '0');
          for (int digits = 1; digits < 3 && more() && peek() >= '0' && peek() <= '7'; ++digits) {
            value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
          }
          c = static_cast<unsigned char>(value);
          return true;
        }
        c = static_cast<unsigned char>(first);
        return true;
    }
  }

  bool alternation(std::string& out, int depth) {
    if (depth > maxGroupDepth) return fail("groups nest too deep");
    while (true) {
      if (!sequence(out, depth)) return false;
      if (!more() || peek() != '|') return true;
      ++at_;
      out += '|';
      onlyLiteral_ = false;
    }
  }

  bool sequence(std::string& out, int depth) {
    while (more() && peek() != '|' && peek() != ')') {
      std::string atom;
      if (!one(atom, depth)) return false;
      if (!postfix(atom)) return false;
      out += atom;
    }
    return true;
  }

  bool postfix(std::string& atom) {
    while (more()) {
      char c = peek();
      if (c == '*' || c == '+' || c == '?') {
        ++at_;
        onlyLiteral_ = false;
        atom = "(?:" + atom + ")" + c;
      } else if (c == '{' && at_ + 1 < text_.size() &&
                 std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0) {
        ++at_;
        if (!repeat(atom)) return false;
      } else {
        return true;
      }
      if (atom.size() > CompiledPattern::maxText * 8) return fail("pattern too large");
    }
    return true;
  }

  bool number(int& value) {
    if (!more() || std::isdigit(static_cast<unsigned char>(peek())) == 0) {
      return fail("bad character inside {}'s");
    }
    value = 0;
    while (more() && std::isdigit(static_cast<unsigned char>(peek())) != 0) {
      value = value * 10 + (text_[at_++] - '0');
      if (value > maxRepeat) return fail("repeat count too large");
    }
    return true;
  }

  bool repeat(std::string& atom) {
    onlyLiteral_ = false;
    int low = 0;
    if (!number(low)) return false;
    std::string count = "{" + std::to_string(low);
    bool open = false;
    if (more() && peek() == ',') {
      ++at_;
      count += ',';
      open = true;
      if (more() && peek() != '}') {
        int high = 0;
        if (!number(high)) return false;
        if (high < low) return fail("bad iteration values");
        count += std::to_string(high);
        open = false;
      }
    }
    if (!more() || peek() != '}') return fail("bad character inside {}'s");
    ++at_;
    if (open && low == 0) {
      atom = "(?:" + atom + ")*";
    } else {
      atom = "(?:" + atom + ")" + count + "}";
    }
    return true;
  }

  bool one(std::string& out, int depth) {
    auto c = static_cast<unsigned char>(text_[at_++]);
    if (std::string_view("([.^$").find(static_cast<char>(c)) != std::string_view::npos)
      onlyLiteral_ = false;
    switch (c) {
      case '(':
        return group(out, depth);
      case '[':
        return characterClass(out);
      case '"':
        return quoted(out);
      case '.':
        out += singleLine_ ? "[\\x00-\\xff]" : "[^\\n]";
        return true;
      case '^':
        out += "\\A";
        return true;
      case '$':
        out += "\\z";
        return true;
      case '*':
      case '+':
      case '?':
        return fail("nothing to repeat");
      case '{':
        return fail("undefined definition");
      case '\\': {
        if (!escape(c)) return false;
        exact(out, c);
        return true;
      }
      default:
        plain(out, c);
        return true;
    }
  }

  bool group(std::string& out, int depth) {
    bool wasIgnoreCase = ignoreCase_;
    bool wasSingleLine = singleLine_;
    std::string_view rest = text_.substr(at_);
    if (rest.starts_with("?i:")) {
      at_ += 3;
      ignoreCase_ = true;
      out += "(?i:";
    } else if (rest.starts_with("?s:")) {
      at_ += 3;
      singleLine_ = true;
      out += "(?:";
    } else {
      out += "(?:";
    }
    if (!alternation(out, depth + 1)) return false;
    if (!more() || peek() != ')') return fail("missing parenthesis");
    ++at_;
    out += ')';
    ignoreCase_ = wasIgnoreCase;
    singleLine_ = wasSingleLine;
    return true;
  }

  bool quoted(std::string& out) {
    out += "(?:";
    while (true) {
      if (!more()) return fail("missing quote");
      auto c = static_cast<unsigned char>(text_[at_++]);
      if (c == '"') break;
      if (c == '\\' && !escape(c)) return false;
      exact(out, c);
    }
    out += ')';
    return true;
  }

  bool characterClass(std::string& out) {
    static constexpr std::string_view names[] = {"alnum", "alpha",  "blank", "cntrl",
                                                 "digit", "graph",  "print", "punct",
                                                 "space", "xdigit", "lower", "upper"};
    out += '[';
    if (more() && peek() == '^') {
      // "[^]" and "[^-" take the caret literally only where nothing else could follow.
      ++at_;
      out += '^';
    }
    bool first = true;
    bool any = false;
    while (true) {
      if (!more()) return fail("unterminated character class");
      auto c = static_cast<unsigned char>(text_[at_++]);
      if (c == ']' && !first) break;
      first = false;
      any = true;
      if (c == '[' && text_.substr(at_).starts_with(":")) {
        size_t end = text_.find(":]", at_);
        if (end == std::string_view::npos) return fail("bad character class expression");
        std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
        bool known = false;
        for (std::string_view n : names) known = known || n == name;
        if (!known) return fail("bad character class expression");
        if (ignoreCase_ && (name == "lower" || name == "upper")) name = "alpha";
        out += "[:";
        out += name;
        out += ":]";
        at_ = end + 2;
        continue;
      }
      if (c == '\\' && !escape(c)) return false;
      plainInClass(out, c);
      if (more() && peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        auto high = static_cast<unsigned char>(text_[at_++]);
        if (high == '\\' && !escape(high)) return false;
        if (high < c) return fail("negative range in character class");
        out += '-';
        plainInClass(out, high);
      }
    }
    if (!any) return fail("empty character class");
    out += ']';
    return true;
  }

  static void plainInClass(std::string& out, unsigned char c) {
    if (std::isalnum(c) != 0) {
      out += static_cast<char>(c);
    } else {
      literal(out, c);
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  bool ignoreCase_;
  bool singleLine_;
  bool onlyLiteral_ = false;
  std::string bytes_;  // of the literals so far
  std::string error_;
};

}  // namespace

struct CompiledPattern::Impl {
  std::unique_ptr<RE2> expression;
};

CompiledPattern::CompiledPattern() : impl_(std::make_unique<Impl>()) {}
std::unique_ptr<CompiledPattern> CompiledPattern::clone() const {
  std::string error;
  return build(expression_, inner_, error);
}

CompiledPattern::~CompiledPattern() = default;

std::unique_ptr<CompiledPattern> CompiledPattern::build(std::string expression, std::string inner,
                                                        std::string& error) {
  if (inner.size() > maxText) {
    error = "pattern too long (more than " + std::to_string(maxText) + " bytes)";
    return nullptr;
  }
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_longest_match(true);
  options.set_max_mem(maxProgramBytes);
  std::unique_ptr<CompiledPattern> pattern(new CompiledPattern());
  pattern->impl_->expression = std::make_unique<RE2>(expression, options);
  if (!pattern->impl_->expression->ok()) {
    error = pattern->impl_->expression->error();
    if (pattern->impl_->expression->error_code() == RE2::ErrorPatternTooLarge)
      error += " (more than " + std::to_string(maxProgramBytes >> 20) + " MiB)";
    return nullptr;
  }
  pattern->expression_ = std::move(expression);
  pattern->printed_ = "/" + inner + "/";
  pattern->inner_ = std::move(inner);
  return pattern;
}

std::unique_ptr<CompiledPattern> CompiledPattern::compile(std::string_view text, Flags flags,
                                                          std::string& error) {
  if (text.size() > maxText) {
    error = "pattern too long (more than " + std::to_string(maxText) + " bytes)";
    return nullptr;
  }
  std::string expression = flags.ignoreCase ? "(?i:" : "(?:";
  std::string literal;
  if (!Translator(text, flags).run(expression, literal, error)) return nullptr;
  expression += ')';
  std::string inner = "^?(" + std::string(text) + ")$?";
  if (flags.ignoreCase) inner = "(?i:" + inner + ")";
  if (flags.singleLine) inner = "(?s:" + inner + ")";
  auto pattern = build(std::move(expression), std::move(inner), error);
  if (pattern) pattern->literal_ = std::move(literal);
  return pattern;
}

std::unique_ptr<CompiledPattern> CompiledPattern::either(const CompiledPattern& a,
                                                         const CompiledPattern& b,
                                                         std::string& error) {
  return build("(?:" + a.expression_ + "|" + b.expression_ + ")",
               "(" + a.inner_ + ")|(" + b.inner_ + ")", error);
}

std::unique_ptr<CompiledPattern> CompiledPattern::added(const CompiledPattern& a,
                                                        const CompiledPattern& b,
                                                        std::string& error) {
  auto framed = [](const CompiledPattern& p) { return "(^?(" + p.inner_ + ")$?)"; };
  return build("(?:" + a.expression_ + "|" + b.expression_ + ")", framed(b) + "|" + framed(a),
               error);
}

std::unique_ptr<CompiledPattern> CompiledPattern::inSequence(const CompiledPattern& a,
                                                             const CompiledPattern& b,
                                                             std::string& error) {
  return build("(?:" + a.expression_ + b.expression_ + ")", "(" + a.inner_ + ")(" + b.inner_ + ")",
               error);
}

bool CompiledPattern::matchesWhole(std::string_view text) const {
  if (!literal_.empty()) return text == literal_;
  re2::StringPiece piece(text.data(), text.size());
  return impl_->expression->Match(piece, 0, text.size(), RE2::ANCHOR_BOTH, nullptr, 0);
}

bool CompiledPattern::matchesAnywhere(std::string_view text) const {
  if (!literal_.empty()) return text.find(literal_) != std::string_view::npos;
  re2::StringPiece piece(text.data(), text.size());
  return impl_->expression->Match(piece, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

bool CompiledPattern::find(std::string_view text, size_t from, size_t& begin, size_t& end) const {
  if (!literal_.empty()) {
    begin = text.find(literal_, from);
    end = begin + literal_.size();
    return begin != std::string_view::npos;
  }
  re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece hit;
  if (!impl_->expression->Match(piece, from, text.size(), RE2::UNANCHORED, &hit, 1)) return false;
  begin = static_cast<size_t>(hit.data() - text.data());
  end = begin + hit.size();
  return true;
}

int64_t CompiledPattern::longestAt(std::string_view text, size_t at) const {
  if (!literal_.empty()) {
    bool here = text.substr(std::min(at, text.size())).starts_with(literal_);
    return here ? static_cast<int64_t>(literal_.size()) : -1;
  }
  re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece hit;
  if (!impl_->expression->Match(piece, at, text.size(), RE2::ANCHOR_START, &hit, 1)) return -1;
  return static_cast<int64_t>(hit.size());
}

size_t CompiledPattern::instructions() const {
  return static_cast<size_t>(std::max(impl_->expression->ProgramSize(), 0));
}

size_t CompiledPattern::bytes() const {
  // RE2 does not tell its size; its program has an instruction of 8 bytes or less a literal, and
  // the caches that matching fills are bounded by maxProgramBytes.
  return 1024 + expression_.size() * 16 + inner_.size() * 2 + literal_.size();
}

}  // namespace bulkhead::vm
