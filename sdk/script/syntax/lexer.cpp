#include "sdk/script/syntax/lexer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace bulkhead::syntax {
namespace {

// A number or address literal longer than this is no number.
constexpr size_t kMaxNumberLength = 400;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isAlnum(char c) { return isDigit(c) || isLetter(c); }
bool isWordStart(char c) { return isLetter(c) || c == '_'; }
bool isWord(char c) { return isWordStart(c) || isDigit(c); }
bool isBlank(char c) { return c == ' ' || c == '\t'; }
bool isSpace(char c) { return isBlank(c) || c == '\n' || c == '\r'; }

int hexValue(char c) {
  if (isDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct Unit {
  std::string_view word;
  double seconds;
};
constexpr std::array kUnits = {Unit{"day", 86400.0}, Unit{"hr", 3600.0},  Unit{"min", 60.0},
                               Unit{"sec", 1.0},     Unit{"msec", 0.001}, Unit{"usec", 0.000001}};

struct PortKind {
  std::string_view suffix;
  Transport transport;
  uint64_t highest;
};
constexpr std::array kPortKinds = {
    PortKind{"/tcp", Transport::tcp, 65535}, PortKind{"/udp", Transport::udp, 65535},
    PortKind{"/icmp", Transport::icmp, 255}, PortKind{"/unknown", Transport::unknown, 255}};

struct Directive {
  std::string_view word;
  Tok kind;
};
constexpr std::array kDirectives = {Directive{"@if", Tok::atIf},
                                    Directive{"@ifdef", Tok::atIfdef},
                                    Directive{"@ifndef", Tok::atIfndef},
                                    Directive{"@else", Tok::atElse},
                                    Directive{"@endif", Tok::atEndif},
                                    Directive{"@load", Tok::atLoad},
                                    Directive{"@unload", Tok::atUnload},
                                    Directive{"@load-sigs", Tok::atLoadSigs},
                                    Directive{"@pragma", Tok::atPragma},
                                    Directive{"@load-plugin", Tok::atLoadPlugin},
                                    Directive{"@prefixes", Tok::atPrefixes},
                                    Directive{"@deprecated", Tok::atDeprecated}};

std::string quoted(char c) {
  auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7f) return std::string(1, c);
  static constexpr char digits[] = "0123456789abcdef";
  return std::string("\\x") + digits[byte >> 4] + digits[byte & 15];
}

}  // namespace

Token Lexer::finish(Token token, size_t begin, Tok kind) {
  token.kind = kind;
  token.at = file_.at(begin);
  token.end = here();
  token.text = text_.substr(begin, at_ - begin);
  return token;
}

// Blanks and comments. `doc` becomes the range of the ## comments, if any stand there.
void Lexer::skipBlanks(std::string_view& doc) {
  size_t docBegin = 0, docEnd = 0;
  while (at_ < text_.size()) {
    if (isSpace(text_[at_])) {
      ++at_;
      continue;
    }
    if (text_[at_] != '#') break;
    size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    std::string_view comment = text_.substr(begin, at_ - begin);
    bool isDoc =
        comment.size() >= 2 && comment[1] == '#' &&
        (comment.size() == 2 || (comment[2] != '!' && comment[2] != '<' && comment[2] != '#'));
    if (!isDoc) continue;
    if (docEnd == 0) docBegin = begin;
    docEnd = at_;
  }
  if (docEnd != 0) doc = text_.substr(docBegin, docEnd - docBegin);
}

Token Lexer::next() {
  std::string_view doc;
  Token token;
  do {
    skipBlanks(doc);
    size_t begin = at_;
    if (at_ >= text_.size()) {
      token = finish({}, begin, Tok::endOfFile);
      break;
    }
    char c = text_[at_];
    if (isWordStart(c) || (c == ':' && peek(1) == ':' && isWordStart(peek(2)))) {
      token = wordToken(begin);
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      token = numberToken(begin);
    } else if (c == '.' && text_.substr(at_, 3) == "...") {
      at_ += 3;
      token = finish({}, begin, Tok::ellipsis);
    } else if (c == '"') {
      token = stringToken(begin);
    } else if (c == '[') {
      token = bracketToken(begin);
    } else if (c == '@') {
      token = directiveToken(begin);
    } else {
      token = punctuationToken(begin);
    }
  } while (token.kind == Tok::invalid);
  token.doc = doc;
  return token;
}

std::string_view Lexer::word() {
  size_t begin = at_;
  while (isWord(peek())) ++at_;
  return text_.substr(begin, at_ - begin);
}

Token Lexer::wordToken(size_t begin) {
  if (text_[begin] == ':') {
    at_ += 2;
    word();
    return finish({}, begin, Tok::globalName);
  }
  word();
  while (peek() == ':' && peek(1) == ':' && isWordStart(peek(2))) {
    at_ += 2;
    word();
  }
  std::string_view text = text_.substr(begin, at_ - begin);
  if (peek() == '.' || peek() == '-') {
    size_t host = hostnameLength(begin);
    if (host > text.size()) return refuseHostname(begin, host);
  }
  if (text == "T" || text == "F") {
    Token token;
    token.literal.literal = LiteralKind::boolean;
    token.literal.boolean = text == "T";
    return finish(token, begin, Tok::literal);
  }
  return finish({}, begin, keywordOf(text));
}

// The length of the longest "a-b.c9.de" from `begin`, or 0: labels joined by dots, the last one of
// them beginning with a letter.
size_t Lexer::hostnameLength(size_t begin) const {
  size_t i = begin, longest = 0;
  bool first = true;
  while (i < text_.size() && isAlnum(text_[i])) {
    char initial = text_[i];
    while (i < text_.size() && (isAlnum(text_[i]) || text_[i] == '-')) ++i;
    if (!first && isLetter(initial)) longest = i - begin;
    first = false;
    if (i >= text_.size() || text_[i] != '.') break;
    ++i;
  }
  return longest;
}

Token Lexer::refuseHostname(size_t begin, size_t length) {
  at_ = begin + length;
  diagnostics_.error(file_.at(begin), "host names are no literals: \"" +
                                          std::string(text_.substr(begin, length)) +
                                          "\" must be looked up with blocking_lookup_hostname()");
  Token token;
  token.literal.literal = LiteralKind::address;
  return finish(token, begin, Tok::literal);
}

bool Lexer::portSuffix(Token& token, std::string_view digits) {
  for (const PortKind& kind : kPortKinds) {
    if (!startsWith(kind.suffix)) continue;
    at_ += kind.suffix.size();
    uint64_t number = 0;
    auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (bad != std::errc{} || number > kind.highest) {
      diagnostics_.error(file_.at(static_cast<size_t>(digits.data() - text_.data())),
                         "port number out of range: " + std::string(digits) +
                             std::string(kind.suffix) +
                             " (highest: " + std::to_string(kind.highest) + ")");
      number = 0;
    }
    token.literal.literal = LiteralKind::port;
    token.literal.port = Port{static_cast<uint16_t>(number), kind.transport};
    return true;
  }
  return false;
}

bool Lexer::intervalUnit(double& seconds) {
  size_t start = at_;
  while (isBlank(peek())) ++at_;
  for (const Unit& unit : kUnits) {
    if (!startsWith(unit.word)) continue;
    size_t end = at_ + unit.word.size();
    if (end < text_.size() && text_[end] == 's') ++end;
    if (end < text_.size() && isWord(text_[end])) continue;
    at_ = end;
    seconds = unit.seconds;
    return true;
  }
  at_ = start;
  return false;
}

Token Lexer::subnetOrAddress(size_t begin, const IpAddr& address) {
  Token token;
  token.literal.literal = LiteralKind::address;
  token.literal.address = address;
  size_t end = at_;
  while (isBlank(peek())) ++at_;
  if (peek() != '/') {
    at_ = end;
    return finish(token, begin, Tok::literal);
  }
  ++at_;
  while (isBlank(peek())) ++at_;
  if (!isDigit(peek())) {
    at_ = end;
    return finish(token, begin, Tok::literal);
  }
  uint32_t width = 0;
  while (isDigit(peek())) {
    if (width < 1000) width = width * 10 + static_cast<uint32_t>(peek() - '0');
    ++at_;
  }
  bool bracketed = text_[begin] == '[';
  uint32_t highest = bracketed ? 128 : 32;
  if (width > highest) {
    diagnostics_.error(file_.at(begin), "subnet width out of range: /" + std::to_string(width) +
                                            " (highest: " + std::to_string(highest) + ")");
    width = highest;
  }
  // A mapped IPv4 prefix in IPv6 spelling counts its width from the top of all 128 bits; one
  // shorter than the mapping itself is a prefix of IPv6.
  int bits = static_cast<int>(width);
  if (bracketed && address.isV4()) {
    bits -= 96;
    if (width >= 96) width -= 96;
  }
  token.literal.literal = LiteralKind::subnet;
  token.literal.width = static_cast<uint8_t>(width);
  token.literal.address = address.masked(bits);
  return finish(token, begin, Tok::literal);
}

Token Lexer::numberToken(size_t begin) {
  auto digits = [this] {
    size_t from = at_;
    while (isDigit(peek())) ++at_;
    return text_.substr(from, at_ - from);
  };
  Token token;
  if (peek() == '0' && peek(1) == 'x' && hexValue(peek(2)) >= 0) {
    at_ += 2;
    size_t from = at_;
    while (hexValue(peek()) >= 0) ++at_;
    token.literal.literal = LiteralKind::count;
    auto [end, bad] =
        std::from_chars(text_.data() + from, text_.data() + at_, token.literal.count, 16);
    if (bad != std::errc{}) diagnostics_.error(file_.at(begin), "number does not fit into 64 bits");
    return finish(token, begin, Tok::literal);
  }
  std::string_view whole = digits();
  // Four numbers with dots are an address.
  if (!whole.empty() && peek() == '.' && isDigit(peek(1))) {
    size_t mark = at_;
    int dots = 0;
    while (dots < 3 && peek() == '.' && isDigit(peek(1))) {
      ++at_;
      digits();
      ++dots;
    }
    if (dots == 3) {
      auto address = IpAddr::parse(text_.substr(begin, at_ - begin));
      if (!address.has_value()) {
        diagnostics_.error(file_.at(begin),
                           "not an IPv4 address: " + std::string(text_.substr(begin, at_ - begin)));
      }
      return subnetOrAddress(begin, address.value_or(IpAddr{}));
    }
    at_ = mark;
  }
  bool isReal = false;
  if (peek() == '.') {
    isReal = true;
    ++at_;
    digits();
  }
  if (peek() == 'e' || peek() == 'E') {
    size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (isDigit(peek(1 + sign))) {
      isReal = true;
      at_ += 1 + sign;
      digits();
    }
  }
  std::string_view number = text_.substr(begin, at_ - begin);
  if (size_t host = hostnameLength(begin); host > number.size()) {
    // "5days" is an interval and not the beginning of a host name.
    size_t mark = at_;
    double seconds = 0;
    bool isInterval = intervalUnit(seconds) && at_ - begin >= host;
    at_ = mark;
    if (!isInterval) return refuseHostname(begin, host);
  }
  if (number.size() > kMaxNumberLength) {
    diagnostics_.error(file_.at(begin), "number is too long");
    number = "0";
  }
  if (!isReal && portSuffix(token, number)) return finish(token, begin, Tok::literal);
  double unit = 0;
  if (intervalUnit(unit)) {
    token.literal.literal = LiteralKind::interval;
    token.literal.real = std::strtod(std::string(number).c_str(), nullptr) * unit;
  } else if (isReal) {
    token.literal.literal = LiteralKind::floating;
    token.literal.real = std::strtod(std::string(number).c_str(), nullptr);
  } else {
    token.literal.literal = LiteralKind::count;
    auto [end, bad] =
        std::from_chars(number.data(), number.data() + number.size(), token.literal.count, 10);
    if (bad != std::errc{}) {
      diagnostics_.error(file_.at(begin), "number does not fit into 64 bits");
      token.literal.count = UINT64_MAX;
    }
  }
  return finish(token, begin, Tok::literal);
}

char Lexer::escape(size_t& i, std::string_view body) {
  char c = body[i++];
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case 'x': {
      if (i >= body.size() || hexValue(body[i]) < 0) {
        diagnostics_.error(file_.at(static_cast<size_t>(body.data() + i - text_.data())),
                           "\\x needs one or two hexadecimal digits");
        return '\0';
      }
      int value = hexValue(body[i++]);
      if (i < body.size() && hexValue(body[i]) >= 0) value = value * 16 + hexValue(body[i++]);
      return static_cast<char>(value);
    }
    default:
      break;
  }
  if (c < '0' || c > '7') return c;
  int value = c - '0';
  for (int more = 0; more < 2 && i < body.size() && body[i] >= '0' && body[i] <= '7'; ++more) {
    value = value * 8 + (body[i++] - '0');
  }
  return static_cast<char>(value);
}

Token Lexer::stringToken(size_t begin) {
  size_t end = begin + 1;
  while (end < text_.size() && text_[end] != '"' && text_[end] != '\n' && text_[end] != '\r') {
    if (text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n') ++end;
    ++end;
  }
  end = std::min(end, text_.size());
  bool closed = end < text_.size() && text_[end] == '"';
  std::string_view body = text_.substr(begin + 1, end - begin - 1);
  at_ = end + (closed ? 1 : 0);
  if (!closed)
    diagnostics_.error(file_.at(begin), "string is not closed before the end of the line");
  Token token;
  token.literal.literal = LiteralKind::string;
  if (body.find('\0') != std::string_view::npos) {
    diagnostics_.error(file_.at(begin), "a string literal cannot contain a NUL byte; write \\x00");
  }
  if (body.find('\\') == std::string_view::npos) {
    token.literal.text = body;  // the file's text outlives the tree
  } else {
    std::string value;
    for (size_t i = 0; i < body.size();) {
      if (body[i] != '\\' || i + 1 >= body.size()) {
        value += body[i++];
        continue;
      }
      ++i;
      value += escape(i, body);
    }
    token.literal.text = arena_.text(value);
  }
  return finish(token, begin, Tok::literal);
}

// "[" or an IPv6 address, "[2001:db8::1]", perhaps with a width behind it.
Token Lexer::bracketToken(size_t begin) {
  size_t end = begin + 1;
  if (text_.substr(end, 2) == "0x") end += 2;
  size_t from = end;
  size_t colons = 0;
  bool doubleColon = false;
  while (end < text_.size() && end - from < 64 &&
         (hexValue(text_[end]) >= 0 || text_[end] == ':' || text_[end] == '.')) {
    if (text_[end] == ':') {
      ++colons;
      if (text_[end - 1] == ':') doubleColon = true;
    }
    ++end;
  }
  bool closed = end < text_.size() && text_[end] == ']';
  std::string_view body = text_.substr(from, end - from);
  bool dotted = body.find('.') != std::string_view::npos;
  bool shaped = closed && (doubleColon || colons == 7 || (colons == 6 && dotted));
  if (!shaped) {
    at_ = begin + 1;
    return finish({}, begin, Tok::leftBracket);
  }
  at_ = end + 1;
  auto address = IpAddr::parse(body);
  if (!address.has_value()) {
    diagnostics_.error(file_.at(begin), "not an IPv6 address: " + std::string(body));
  }
  return subnetOrAddress(begin, address.value_or(IpAddr{}));
}

std::string_view Lexer::restOfLine() {
  while (isBlank(peek())) ++at_;
  size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
  return text_.substr(begin, at_ - begin);
}

Token Lexer::directiveToken(size_t begin) {
  ++at_;
  while (isLetter(peek()) || (peek() == '-' && isLetter(peek(1)))) ++at_;
  std::string_view name = text_.substr(begin, at_ - begin);
  Token token;
  token.literal.literal = LiteralKind::string;
  if (name == "@DIR") {
    token.literal.text = file_.directory;
    return finish(token, begin, Tok::literal);
  }
  if (name == "@FILENAME") {
    std::string_view path = file_.name;
    token.literal.text = path.substr(path.rfind('/') + 1);
    return finish(token, begin, Tok::literal);
  }
  source::NearestName nearest(name);
  for (const Directive& directive : kDirectives) {
    nearest.offer(directive.word);
    if (directive.word != name) continue;
    switch (directive.kind) {
      case Tok::atLoad:
      case Tok::atLoadSigs:
      case Tok::atLoadPlugin:
      case Tok::atUnload: {
        while (isBlank(peek())) ++at_;
        size_t from = at_;
        while (at_ < text_.size() && !isSpace(text_[at_])) ++at_;
        std::string_view target = text_.substr(from, at_ - from);
        if (target.empty()) {
          diagnostics_.error(file_.at(begin), std::string(name) + " needs a name behind it");
          return finish({}, begin, Tok::invalid);
        }
        token = finish({}, begin, directive.kind);
        token.text = target;
        return token;
      }
      case Tok::atPrefixes:
      case Tok::atPragma:
      case Tok::atDeprecated: {
        std::string_view rest = restOfLine();
        token = finish({}, begin, directive.kind);
        token.text = rest;
        return token;
      }
      default:
        return finish({}, begin, directive.kind);
    }
  }
  if (name == "@DEBUG") {
    diagnostics_.error(file_.at(begin),
                       "@DEBUG is the debugger's own mark and no part of a script");
  } else {
    diagnostics_.error(file_.at(begin),
                       "unknown directive " + std::string(name) + nearest.suggestion());
  }
  return finish({}, begin, Tok::invalid);
}

Token Lexer::punctuationToken(size_t begin) {
  auto take = [&](size_t length, Tok kind) {
    at_ = begin + length;
    return finish({}, begin, kind);
  };
  char second = peek(1);
  switch (text_[begin]) {
    case '(':
      return take(1, Tok::leftParen);
    case ')':
      return take(1, Tok::rightParen);
    case ']':
      return take(1, Tok::rightBracket);
    case '{':
      return take(1, Tok::leftBrace);
    case '}':
      return take(1, Tok::rightBrace);
    case ';':
      return take(1, Tok::semicolon);
    case ':':
      return take(1, Tok::colon);
    case ',':
      return take(1, Tok::comma);
    case '$':
      return take(1, Tok::dollar);
    case '%':
      return take(1, Tok::percent);
    case '*':
      return take(1, Tok::star);
    case '/':
      return take(1, Tok::slash);
    case '~':
      return take(1, Tok::tilde);
    case '^':
      return take(1, Tok::caret);
    case '+':
      if (second == '+') return take(2, Tok::increment);
      return second == '=' ? take(2, Tok::addAssign) : take(1, Tok::plus);
    case '-':
      if (second == '-') return take(2, Tok::decrement);
      return second == '=' ? take(2, Tok::subtractAssign) : take(1, Tok::minus);
    case '=':
      return second == '=' ? take(2, Tok::equal) : take(1, Tok::assign);
    case '<':
      if (second == '<') return take(2, Tok::shiftLeft);
      return second == '=' ? take(2, Tok::lessEqual) : take(1, Tok::less);
    case '>':
      if (second == '>') return take(2, Tok::shiftRight);
      return second == '=' ? take(2, Tok::greaterEqual) : take(1, Tok::greater);
    case '|':
      return second == '|' ? take(2, Tok::logicalOr) : take(1, Tok::pipe);
    case '?':
      if (second == '$') return take(2, Tok::hasField);
      if (second == 'a' && peek(2) == 's' && !isWord(peek(3))) return take(3, Tok::kwCanConvert);
      return take(1, Tok::question);
    case '!': {
      if (second == '=') return take(2, Tok::notEqual);
      size_t i = begin + 1;
      while (i < text_.size() && isBlank(text_[i])) ++i;
      if (text_.substr(i, 2) == "in" && (i + 2 >= text_.size() || !isWord(text_[i + 2]))) {
        return take(i + 2 - begin, Tok::kwNotIn);
      }
      return take(1, Tok::bang);
    }
    case '&': {
      if (second == '&') return take(2, Tok::logicalAnd);
      at_ = begin + 1;
      Token token;
      if (isWordStart(second) && attributeOf(word(), token.attribute)) {
        return finish(token, begin, Tok::attribute);
      }
      return take(1, Tok::ampersand);
    }
    default:
      break;
  }
  diagnostics_.error(file_.at(begin), "unrecognized character '" + quoted(text_[begin]) + "'");
  return take(1, Tok::invalid);
}

Token Lexer::patternFrom(const Token& slash) {
  size_t begin = slash.at.offset - file_.base;
  size_t end = begin + 1;
  while (end < text_.size() && text_[end] != '/' && text_[end] != '\n' && text_[end] != '\r') {
    if (text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n') ++end;
    ++end;
  }
  end = std::min(end, text_.size());
  bool closed = end < text_.size() && text_[end] == '/';
  Token token;
  token.literal.literal = LiteralKind::pattern;
  token.literal.text = text_.substr(begin + 1, end - begin - 1);
  at_ = end;
  if (!closed) {
    diagnostics_.error(file_.at(begin), "pattern is not closed before the end of the line");
  } else {
    ++at_;
    if (token.literal.text.empty()) diagnostics_.error(file_.at(begin), "pattern is empty");
    for (int modes = 0; modes < 2 && (peek() == 'i' || peek() == 's'); ++modes) {
      bool& mode = peek() == 'i' ? token.literal.ignoreCase : token.literal.singleLine;
      if (mode) diagnostics_.error(here(), std::string("pattern has mode ") + peek() + " twice");
      mode = true;
      ++at_;
    }
  }
  return finish(token, begin, Tok::literal);
}

Tok Lexer::skipInactive(Location& at) {
  int depth = 0;
  while (true) {
    size_t sign = text_.find('@', at_);
    if (sign == std::string_view::npos) {
      at_ = text_.size();
      at = here();
      return Tok::endOfFile;
    }
    at_ = sign;
    at = here();
    if (startsWith("@if")) {
      ++depth;
      at_ += 3;
    } else if (startsWith("@else")) {
      at_ += 5;
      if (depth == 0) return Tok::atElse;
    } else if (startsWith("@endif")) {
      at_ += 6;
      if (depth-- == 0) return Tok::atEndif;
    } else {
      ++at_;
    }
  }
}

}  // namespace bulkhead::syntax
