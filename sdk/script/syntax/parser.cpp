#include "sdk/script/syntax/parser.h"

#include "sdk/script/syntax/parser-impl.h"

#include <cassert>

namespace bulkhead::syntax {
namespace {

// A token is quoted in messages up to this many bytes.
constexpr size_t kMaxQuoted = 40;
constexpr int kMaxConditionals = 100;

bool beginsDeclaration(Tok kind) {
  switch (kind) {
    case Tok::kwModule:
    case Tok::kwExport:
    case Tok::kwGlobal:
    case Tok::kwConst:
    case Tok::kwOption:
    case Tok::kwRedef:
    case Tok::kwType:
    case Tok::kwFunction:
    case Tok::kwEvent:
    case Tok::kwHook:
      return true;
    default:
      return false;
  }
}

}  // namespace

Parser::Parser(const source::SourceFile& file, source::Diagnostics& diagnostics, Arena& arena,
               ParserHost& host)
    : impl_(std::make_unique<Impl>(file, diagnostics, arena, host)) {}

Parser::~Parser() = default;

Decl* Parser::next() { return impl_->next(); }

Parser::Impl::Nested::Nested(Impl& parser) : parser_(parser) {
  if (++parser_.nesting_ > kMaxNesting) {
    // The count is restored by hand: no destructor runs when a constructor throws.
    Token token = parser_.peek();
    --parser_.nesting_;
    parser_.fail(token, "nested too deeply (more than " + std::to_string(kMaxNesting) + " levels)");
  }
}

const Token& Parser::Impl::peek(size_t ahead) {
  assert(ahead < ahead_.size());
  while (aheadCount_ <= ahead) {
    Token token = fetch();
    ahead_[aheadCount_++] = token;
  }
  return ahead_[ahead];
}

Token Parser::Impl::take() {
  Token token = peek();
  for (size_t i = 1; i < aheadCount_; ++i) ahead_[i - 1] = ahead_[i];
  --aheadCount_;
  lastEnd_ = token.end;
  if (qualifiedNames_ != nullptr && token.kind == Tok::identifier &&
      token.text.find("::") != std::string_view::npos)
    qualifiedNames_->push_back(token.text);
  return token;
}

bool Parser::Impl::accept(Tok wanted) {
  if (!at(wanted)) return false;
  take();
  return true;
}

Token Parser::Impl::expect(Tok wanted, std::string_view where) {
  if (!at(wanted)) failExpected(spellingOf(wanted), where);
  return take();
}

Token Parser::Impl::identifier(std::string_view where) {
  if (at(Tok::identifier) || at(Tok::globalName)) return take();
  Token token = peek();
  if (keywordOf(token.text) != Tok::identifier) {
    fail(token, "expected a name " + std::string(where) + ", but \"" + std::string(token.text) +
                    "\" is a word of the language");
  }
  failExpected("a name", where);
}

std::string Parser::Impl::describe(const Token& token) const {
  if (token.kind == Tok::endOfFile) return "end of file";
  std::string_view text = token.text.substr(0, kMaxQuoted);
  std::string shown(text.substr(0, text.find('\n')));
  if (shown.size() < token.text.size()) shown += "...";
  if (shown.find('"') != std::string::npos) return shown;
  return "\"" + shown + "\"";
}

void Parser::Impl::fail(const Token& token, std::string message) {
  diagnostics_.error(token.at, std::move(message));
  throw Abandon{};
}

void Parser::Impl::failExpected(std::string_view expected, std::string_view where) {
  Token token = peek();
  bool word = expected.size() > 2 && expected.substr(0, 2) == "a ";
  bool plain = word || expected == "identifier" || expected == "end of file";
  std::string wanted = plain ? std::string(expected) : "\"" + std::string(expected) + "\"";
  // What is missing is missing behind the last token, on its line, not at the next one.
  Token place = token;
  if (lastEnd_.known() && (expected == ";" || token.kind == Tok::endOfFile)) {
    place.at = Location{lastEnd_.offset};
    if (token.kind == Tok::endOfFile && lastEnd_.offset > file_.base) {
      place.at = Location{lastEnd_.offset - 1};
    }
  }
  if (token.kind == Tok::ampersand) {
    // Most likely an attribute with a slip in it.
    source::NearestName nearest("&" + std::string(peek(1).text));
    for (int i = 0; i <= static_cast<int>(AttributeKind::writeExpire); ++i) {
      nearest.offer(spellingOf(static_cast<AttributeKind>(i)));
    }
    if (nearest.best().has_value()) {
      fail(token,
           "unknown attribute \"&" + std::string(peek(1).text) + "\"" + nearest.suggestion());
    }
  }
  fail(place, "syntax error: expected " + wanted + (where.empty() ? "" : " ") + std::string(where) +
                  ", found " + describe(token));
}

std::string_view Parser::Impl::docText(const Token& token) {
  if (token.doc.empty()) return {};
  std::string text;
  size_t at = 0;
  while (at < token.doc.size()) {
    size_t end = std::min(token.doc.find('\n', at), token.doc.size());
    std::string_view line = token.doc.substr(at, end - at);
    at = end + 1;
    size_t hashes = line.find("##");
    if (hashes == std::string_view::npos) continue;
    line.remove_prefix(hashes + 2);
    if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    text += line;
    text += '\n';
  }
  return arena_.text(text);
}

// After an error: skips to where a statement or a declaration can begin. Passes at least one token,
// unless it stands before a closing brace that belongs to an enclosing block.
void Parser::Impl::skipTo(bool declaration) {
  int depth = 0;
  while (!at(Tok::endOfFile)) {
    const Token& token = peek();
    switch (token.kind) {
      case Tok::leftBrace:
        ++depth;
        break;
      case Tok::rightBrace:
        if (depth == 0 && (!declaration || exportDepth_ > 0)) return;
        if (depth > 0) --depth;
        if (depth == 0 && declaration) {
          take();
          accept(Tok::semicolon);
          return;
        }
        break;
      case Tok::semicolon:
        if (depth == 0) {
          take();
          return;
        }
        break;
      default:
        // A word that begins declarations, first on its line, most likely begins one.
        if (declaration && beginsDeclaration(token.kind) && lastEnd_.known()) {
          uint32_t byte = token.at.offset - file_.base;
          if (byte == 0 || file_.text[byte - 1] == '\n') return;
        }
        break;
    }
    take();
  }
}

// The next token that is no directive.
Token Parser::Impl::fetch() {
  Location misplaced;
  while (true) {
    Token token = lexer_.next();
    bool conditional = token.kind == Tok::atIf || token.kind == Tok::atIfdef ||
                       token.kind == Tok::atIfndef || token.kind == Tok::atElse ||
                       token.kind == Tok::atEndif;
    if (conditional && oneStatementNext_) {
      if (!misplaced.known()) misplaced = token.at;
      lastDirective_ = token.at;
    }
    if (directive(token)) continue;
    if (misplaced.known()) {
      sawDirective_ = true;
      auto& notes = diagnostics_
                        .error(misplaced,
                               "a directive cannot stand for the one statement of an if or loop; "
                               "put braces around it")
                        .notes;
      if (lastDirective_ != misplaced)
        notes.push_back({lastDirective_, "the last directive before the statement is this"});
      notes.push_back({token.at, "the statement would be this"});
    }
    return token;
  }
}

bool Parser::Impl::directive(const Token& token) {
  switch (token.kind) {
    case Tok::atIf:
    case Tok::atIfdef:
    case Tok::atIfndef:
    case Tok::atElse:
    case Tok::atEndif:
      conditional(token);
      return true;
    case Tok::atLoad:
      host_.load(token.text, token.at);
      return true;
    case Tok::atLoadSigs:
      host_.loadSignatures(token.text, token.at);
      return true;
    case Tok::atLoadPlugin:
      host_.loadPlugin(token.text, token.at);
      return true;
    case Tok::atUnload:
      host_.unload(token.text, token.at);
      return true;
    case Tok::atPragma:
      host_.pragma(token.text, token.at);
      return true;
    case Tok::atDeprecated:
      host_.deprecatedFile(token.text, token.at);
      return true;
    case Tok::atPrefixes: {
      std::string_view text = token.text;
      bool append = !text.empty() && text.front() == '+';
      if (append) text.remove_prefix(1);
      if (text.empty() || text.front() != '=') {
        diagnostics_.error(token.at, "syntax error: expected \"=\" or \"+=\" after @prefixes");
        return true;
      }
      text.remove_prefix(1);
      while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
      host_.prefixes(text.substr(0, text.find_first_of(" \t")), append, token.at);
      return true;
    }
    default:
      return false;
  }
}

void Parser::Impl::conditional(const Token& token) {
  switch (token.kind) {
    case Tok::atElse:
      if (conditionals_.empty()) {
        diagnostics_.error(token.at, "@else without @if");
      } else if (conditionals_.back().sawElse) {
        diagnostics_.error(token.at, "a second @else for one @if");
      } else {
        conditionals_.back().sawElse = true;
        skipBranch(token.at);
      }
      return;
    case Tok::atEndif:
      if (conditionals_.empty()) {
        diagnostics_.error(token.at, "@endif without @if");
      } else {
        conditionals_.pop_back();
      }
      return;
    default:
      break;
  }
  if (conditionals_.size() >= kMaxConditionals) {
    diagnostics_.error(token.at, "@if nested too deeply (more than " +
                                     std::to_string(kMaxConditionals) + " levels)");
    conditionals_.clear();
    lexer_.skipRest();
    return;
  }
  conditionals_.push_back({token.at});
  if (!condition(token)) skipBranch(token.at);
}

// The parenthesized condition, read up to its closing parenthesis and not a token further: what
// follows is to be looked at only once the answer is known.
bool Parser::Impl::condition(const Token& token) {
  std::array<Token, 8> saved = ahead_;
  size_t savedCount = aheadCount_;
  bool savedSize = inSize_;
  Location savedEnd = lastEnd_;
  aheadCount_ = 0;
  inSize_ = false;
  bool holds = false;
  try {
    expect(Tok::leftParen, "after " + std::string(token.text));
    if (token.kind == Tok::atIf) {
      Expr* expr = expression();
      if (!at(Tok::rightParen)) failExpected(")", "after the condition");
      holds = host_.conditionHolds(expr);
    } else {
      Token name = identifier("to ask for");
      if (!at(Tok::rightParen)) failExpected(")", "after the name");
      holds = host_.isDefined(name.text) == (token.kind == Tok::atIfdef);
    }
  } catch (const Abandon&) {
    // Reported. The branch is passed over, its end is still found.
  }
  ahead_ = saved;
  aheadCount_ = savedCount;
  inSize_ = savedSize;
  lastEnd_ = savedEnd;
  return holds;
}

void Parser::Impl::skipBranch(Location at) {
  while (true) {
    Tok stop = lexer_.skipInactive(lastDirective_);
    if (stop == Tok::atElse) {
      if (!conditionals_.back().sawElse) {
        conditionals_.back().sawElse = true;
        return;
      }
      diagnostics_.error(at, "a second @else for one @if");
      continue;
    }
    // At the end of the file the open @if is reported there.
    if (stop == Tok::atEndif) conditionals_.pop_back();
    return;
  }
}

Decl* Parser::Impl::next() {
  while (!ended_) {
    try {
      if (arena_.used() > kMaxTreeBytes) {
        ended_ = true;
        fail(peek(), "the scripts of this run are too large");
      }
      if (at(Tok::endOfFile)) {
        ended_ = true;
        for (const Conditional& open : conditionals_) {
          diagnostics_.error(peek().at, "the file ends before the @endif of an @if")
              .notes.push_back({open.at, "it begins here"});
        }
        if (exportDepth_ > 0) diagnostics_.error(exportAt_, "this export section is not closed");
        return nullptr;
      }
      if (Decl* decl = declaration()) return decl;
    } catch (const Abandon&) {
      qualifiedNames_ = nullptr;
      nesting_ = 0;
      whenDepth_ = 0;
      inSize_ = false;
      if (!ended_) skipTo(true);
      // Its name is known all the same.
      if (VariableDecl* begun = std::exchange(begun_, nullptr)) {
        begun->isDamaged = true;
        return begun;
      }
    }
  }
  return nullptr;
}

}  // namespace bulkhead::syntax
