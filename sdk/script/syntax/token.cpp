#include "sdk/script/syntax/token.h"

#include <algorithm>
#include <array>

namespace bulkhead::syntax {
namespace {

struct Keyword {
  std::string_view word;
  Tok kind;
};

// Sorted by word: searched by halves.
constexpr std::array kKeywords = {
    Keyword{"add", Tok::kwAdd},
    Keyword{"addr", Tok::kwAddr},
    Keyword{"any", Tok::kwAny},
    Keyword{"as", Tok::kwAs},
    Keyword{"assert", Tok::kwAssert},
    Keyword{"bool", Tok::kwBool},
    Keyword{"break", Tok::kwBreak},
    Keyword{"case", Tok::kwCase},
    Keyword{"const", Tok::kwConst},
    Keyword{"copy", Tok::kwCopy},
    Keyword{"count", Tok::kwCount},
    Keyword{"default", Tok::kwDefault},
    Keyword{"delete", Tok::kwDelete},
    Keyword{"double", Tok::kwDouble},
    Keyword{"else", Tok::kwElse},
    Keyword{"enum", Tok::kwEnum},
    Keyword{"event", Tok::kwEvent},
    Keyword{"export", Tok::kwExport},
    Keyword{"fallthrough", Tok::kwFallthrough},
    Keyword{"file", Tok::kwFile},
    Keyword{"for", Tok::kwFor},
    Keyword{"function", Tok::kwFunction},
    Keyword{"global", Tok::kwGlobal},
    Keyword{"hook", Tok::kwHook},
    Keyword{"if", Tok::kwIf},
    Keyword{"in", Tok::kwIn},
    Keyword{"int", Tok::kwInt},
    Keyword{"interval", Tok::kwInterval},
    Keyword{"is", Tok::kwIs},
    Keyword{"local", Tok::kwLocal},
    Keyword{"module", Tok::kwModule},
    Keyword{"next", Tok::kwNext},
    Keyword{"of", Tok::kwOf},
    Keyword{"opaque", Tok::kwOpaque},
    Keyword{"option", Tok::kwOption},
    Keyword{"pattern", Tok::kwPattern},
    Keyword{"port", Tok::kwPort},
    Keyword{"print", Tok::kwPrint},
    Keyword{"record", Tok::kwRecord},
    Keyword{"redef", Tok::kwRedef},
    Keyword{"return", Tok::kwReturn},
    Keyword{"schedule", Tok::kwSchedule},
    Keyword{"set", Tok::kwSet},
    Keyword{"string", Tok::kwString},
    Keyword{"subnet", Tok::kwSubnet},
    Keyword{"switch", Tok::kwSwitch},
    Keyword{"table", Tok::kwTable},
    Keyword{"time", Tok::kwTime},
    Keyword{"timeout", Tok::kwTimeout},
    Keyword{"type", Tok::kwType},
    Keyword{"vector", Tok::kwVector},
    Keyword{"when", Tok::kwWhen},
    Keyword{"while", Tok::kwWhile},
};

struct AttributeRow {
  std::string_view word;  // with its ampersand
  AttributeKind kind;
  bool takesValue;
};

constexpr std::array kAttributes = {
    AttributeRow{"&add_func", AttributeKind::addFunc, true},
    AttributeRow{"&backend", AttributeKind::backend, true},
    AttributeRow{"&broker_allow_complex_type", AttributeKind::brokerAllowComplexType, false},
    AttributeRow{"&broker_store", AttributeKind::brokerStore, true},
    AttributeRow{"&create_expire", AttributeKind::createExpire, true},
    AttributeRow{"&default", AttributeKind::defaultValue, true},
    AttributeRow{"&default_insert", AttributeKind::defaultInsert, true},
    AttributeRow{"&delete_func", AttributeKind::deleteFunc, true},
    AttributeRow{"&deprecated", AttributeKind::deprecated, false},
    AttributeRow{"&error_handler", AttributeKind::errorHandler, false},
    AttributeRow{"&expire_func", AttributeKind::expireFunc, true},
    AttributeRow{"&group", AttributeKind::group, true},
    AttributeRow{"&is_assigned", AttributeKind::isAssigned, false},
    AttributeRow{"&is_used", AttributeKind::isUsed, false},
    AttributeRow{"&log", AttributeKind::log, false},
    AttributeRow{"&no_CPP_opt", AttributeKind::noCppOpt, false},
    AttributeRow{"&no_ZAM_opt", AttributeKind::noZamOpt, false},
    AttributeRow{"&on_change", AttributeKind::onChange, true},
    AttributeRow{"&optional", AttributeKind::optional, false},
    AttributeRow{"&ordered", AttributeKind::ordered, false},
    AttributeRow{"&priority", AttributeKind::priority, true},
    AttributeRow{"&publish_on_change", AttributeKind::publishOnChange, true},
    AttributeRow{"&raw_output", AttributeKind::rawOutput, false},
    AttributeRow{"&read_expire", AttributeKind::readExpire, true},
    AttributeRow{"&redef", AttributeKind::redef, false},
    AttributeRow{"&type_column", AttributeKind::typeColumn, true},
    AttributeRow{"&write_expire", AttributeKind::writeExpire, true},
};

constexpr std::array kPunctuation = {
    Keyword{"(", Tok::leftParen},
    Keyword{")", Tok::rightParen},
    Keyword{"[", Tok::leftBracket},
    Keyword{"]", Tok::rightBracket},
    Keyword{"{", Tok::leftBrace},
    Keyword{"}", Tok::rightBrace},
    Keyword{";", Tok::semicolon},
    Keyword{":", Tok::colon},
    Keyword{",", Tok::comma},
    Keyword{"$", Tok::dollar},
    Keyword{"?", Tok::question},
    Keyword{"?$", Tok::hasField},
    Keyword{"+", Tok::plus},
    Keyword{"-", Tok::minus},
    Keyword{"*", Tok::star},
    Keyword{"/", Tok::slash},
    Keyword{"%", Tok::percent},
    Keyword{"!", Tok::bang},
    Keyword{"~", Tok::tilde},
    Keyword{"&", Tok::ampersand},
    Keyword{"|", Tok::pipe},
    Keyword{"^", Tok::caret},
    Keyword{"=", Tok::assign},
    Keyword{"+=", Tok::addAssign},
    Keyword{"-=", Tok::subtractAssign},
    Keyword{"==", Tok::equal},
    Keyword{"!=", Tok::notEqual},
    Keyword{"<", Tok::less},
    Keyword{"<=", Tok::lessEqual},
    Keyword{">", Tok::greater},
    Keyword{">=", Tok::greaterEqual},
    Keyword{"&&", Tok::logicalAnd},
    Keyword{"||", Tok::logicalOr},
    Keyword{"<<", Tok::shiftLeft},
    Keyword{">>", Tok::shiftRight},
    Keyword{"++", Tok::increment},
    Keyword{"--", Tok::decrement},
    Keyword{"?as", Tok::kwCanConvert},
    Keyword{"!in", Tok::kwNotIn},
    Keyword{"@if", Tok::atIf},
    Keyword{"@ifdef", Tok::atIfdef},
    Keyword{"@ifndef", Tok::atIfndef},
    Keyword{"@else", Tok::atElse},
    Keyword{"@endif", Tok::atEndif},
    Keyword{"@load", Tok::atLoad},
    Keyword{"@load-sigs", Tok::atLoadSigs},
    Keyword{"@unload", Tok::atUnload},
    Keyword{"@load-plugin", Tok::atLoadPlugin},
    Keyword{"@pragma", Tok::atPragma},
    Keyword{"@prefixes", Tok::atPrefixes},
    Keyword{"identifier", Tok::identifier},
    Keyword{"end of file", Tok::endOfFile},
    Keyword{"constant", Tok::literal},
};

}  // namespace

Tok keywordOf(std::string_view word) {
  auto at = std::lower_bound(kKeywords.begin(), kKeywords.end(), word,
                             [](const Keyword& row, std::string_view w) { return row.word < w; });
  return at != kKeywords.end() && at->word == word ? at->kind : Tok::identifier;
}

std::string_view spellingOf(Tok kind) {
  for (const Keyword& row : kPunctuation) {
    if (row.kind == kind) return row.word;
  }
  for (const Keyword& row : kKeywords) {
    if (row.kind == kind) return row.word;
  }
  return "?";
}

bool attributeOf(std::string_view word, AttributeKind& kind) {
  for (const AttributeRow& row : kAttributes) {
    if (row.word.substr(1) == word) {
      kind = row.kind;
      return true;
    }
  }
  return false;
}

std::string_view spellingOf(AttributeKind kind) {
  for (const AttributeRow& row : kAttributes) {
    if (row.kind == kind) return row.word;
  }
  return "&?";
}

bool takesValue(AttributeKind kind) {
  for (const AttributeRow& row : kAttributes) {
    if (row.kind == kind) return row.takesValue;
  }
  return false;
}

}  // namespace bulkhead::syntax
