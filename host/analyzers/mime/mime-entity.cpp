#include "host/analyzers/mime/mime-entity.h"

#include "host/analyzers/mime/mime-text.h"
#include "host/analyzers/options.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace bulkhead::analyzers::mime {
namespace {

flow::Bytes asBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Entity::Entity(EntityOwner& owner, Entity* parent) : owner_(owner), parent_(parent) {
  if (!parent) return;
  encoding_ = parent->encoding_;
  depth_ = parent->depth_ + 1;
}

void Entity::deliver(std::string_view data, bool crlfFollows) {
  if (!inHeader_) {
    bodyLine(data, crlfFollows);
    return;
  }
  if (data.empty() || data.front() == '\0') {
    finishHeader();
    inHeader_ = false;
    submitAllHeaders();
    // The end of a trailer, or of headers that announce no body, has ended the entity.
    if (!ended_) beginBody();
  } else if (isBlank(data.front())) {
    continuationLine(data);
  } else {
    headerLine(data);
  }
}

void Entity::endOfData() {
  if (ended_) return;
  ended_ = true;
  if (inHeader_) {
    finishHeader();
    inHeader_ = false;
    submitAllHeaders();
    illegalFormat("entity body missing");
  } else {
    if (child_) {
      if (type_ == Type::multipart) illegalFormat("multipart closing boundary delimiter missing");
      endChild();
    }
    if (base64_) {
      std::string rest;
      base64_->finish(rest);
      append(rest);
      base64_.reset();
    }
    flush();
  }
  owner_.endEntity(*this);
}

void Entity::headerLine(std::string_view line) {
  finishHeader();
  if (line.empty()) return;
  field_ = line;
  fieldLines_ = 1;
}

void Entity::continuationLine(std::string_view line) {
  if (fieldLines_ == 0) {
    illegalFormat("first header line starts with linear whitespace");
    headerLine(line.substr(std::min(line.find_first_not_of(" \t"), line.size())));
    return;
  }
  uint32_t limit = options().mimeMaxHeaderBytes;
  if (limit > 0 && field_.size() >= limit) {
    owner_.context().weird("exceeded_mime_max_header_bytes", std::to_string(field_.size()),
                           owner_.weirdSource());
    owner_.context().noteLimitReached();
    return;
  }
  field_ += line;
  ++fieldLines_;
}

void Entity::finishHeader() {
  if (fieldLines_ == 0) return;
  Header header(std::move(field_), fieldLines_);
  field_.clear();
  fieldLines_ = 0;
  if (!header.valid()) return;
  if (header.is("content-type"))
    contentType(header);
  else if (header.is("content-transfer-encoding"))
    contentEncoding(header);
  submitHeader(header);
  if (owner_.keepHeaders()) headers_.push_back(std::move(header));
}

void Entity::contentType(const Header& header) {
  auto pair = slashPair(header.value());
  if (!pair) {
    illegalFormat("media type/subtype not found in content type");
    return;
  }
  typeText_ = upper(pair->first);
  subtypeText_ = upper(pair->second);
  type_ = typeText_ == "MULTIPART" ? Type::multipart
          : typeText_ == "MESSAGE" ? Type::message
          : typeText_ == "TEXT"    ? Type::text
                                   : Type::other;
  hasParameters_ = type_ == Type::multipart || type_ == Type::message;
  if (hasParameters_) parameters(header.value().substr(pair->end), true);
  if (type_ == Type::multipart && !boundary_) {
    illegalFormat(
        "boundary delimiter is not specified for a multipart entity -- content is treated as type "
        "application/octet-stream");
    type_ = Type::other;
  }
}

void Entity::contentEncoding(const Header& header) {
  auto name = header.token();
  if (name.empty()) {
    illegalFormat("encoding type not found in content encoding");
    return;
  }
  constexpr std::array<std::string_view, 5> names = {"7bit", "8bit", "binary", "quoted-printable",
                                                     "base64"};
  auto found = std::find_if(names.begin(), names.end(),
                            [&](auto known) { return equalIgnoringCase(known, name); });
  encoding_ = static_cast<Encoding>(found - names.begin());
  if (hasParameters_) parameters(header.afterToken(), false);
}

void Entity::parameters(std::string_view text, bool ofContentType) {
  while (true) {
    size_t at = skipBlanksAndComments(text);
    if (at >= text.size() || text[at] != ';') return;
    text.remove_prefix(at + 1);
    auto attribute = token(text);
    if (!attribute) {
      illegalFormat("attribute name not found in parameter specification");
      return;
    }
    text.remove_prefix(attribute->end);
    at = skipBlanksAndComments(text);
    if (at >= text.size() || text[at] != '=') {
      illegalFormat("= not found in parameter specification");
      continue;
    }
    text.remove_prefix(at + 1);
    bool isBoundary =
        ofContentType && type_ == Type::multipart && equalIgnoringCase(attribute->text, "boundary");
    auto value = parameterValue(text, isBoundary);
    if (!value) {
      illegalFormat(isBoundary ? "Could not parse multipart boundary"
                               : "value not found in parameter specification");
      continue;
    }
    text.remove_prefix(value->end);
    if (isBoundary) boundary_ = std::move(value->text);
  }
}

void Entity::beginBody() {
  if (encoding_ == Encoding::base64)
    base64_.emplace([this](std::string_view what) {
      owner_.context().weird("base64_illegal_encoding", what, {});
    });
  if (type_ == Type::message) beginChild();
}

void Entity::bodyLine(std::string_view line, bool crlfFollows) {
  if (type_ == Type::multipart) {
    Delimiter found = delimiter(line);
    if (found != Delimiter::none) {
      if (child_) endChild();
      if (found == Delimiter::end)
        endOfData();
      else if (!ended_)
        beginChild();
      return;
    }
  }
  if (type_ == Type::multipart || type_ == Type::message) {
    // What stands before the first part and after the last is nobody's.
    if (child_) child_->deliver(line, crlfFollows);
  } else {
    decode(line, crlfFollows);
  }
}

Entity::Delimiter Entity::delimiter(std::string_view line) const {
  if (!boundary_ || !line.starts_with("--")) return Delimiter::none;
  line.remove_prefix(2);
  if (!line.starts_with(*boundary_)) return Delimiter::none;
  line.remove_prefix(boundary_->size());
  return line.starts_with("--") ? Delimiter::end : Delimiter::part;
}

void Entity::beginChild() {
  uint32_t limit = options().mimeMaxDepth;
  if (limit > 0 && depth_ >= limit) {
    owner_.context().weird("exceeded_mime_max_depth", std::to_string(depth_), owner_.weirdSource());
    owner_.context().noteLimitReached();
    return;
  }
  child_ = makeChild();
  owner_.beginEntity(*child_);
}

void Entity::endChild() {
  child_->endOfData();
  child_.reset();
}

std::unique_ptr<Entity> Entity::makeChild() { return std::make_unique<Entity>(owner_, this); }

void Entity::decode(std::string_view line, bool crlfFollows) {
  if (encoding_ == Encoding::quotedPrintable) {
    decodeQuotedPrintable(line);
  } else if (encoding_ == Encoding::base64) {
    if (!base64_) return;
    std::string out;
    base64_->decode(line, out);
    append(out);
  } else {
    decodeBinary(line, crlfFollows);
  }
  flush();
}

void Entity::decodeBinary(std::string_view line, bool crlfFollows) {
  if (crlfPending_) append("\r\n");
  crlfPending_ = false;
  append(line);
  if (!crlfFollows) return;
  if (parent_ && parent_->type_ == Type::multipart)
    crlfPending_ = true;
  else
    append("\r\n");
}

// Lenient as RFC 2045 section 6.7 advises: what is no legal escape is passed on as it stands.
void Entity::decodeQuotedPrintable(std::string_view line) {
  size_t end = line.find_last_not_of(" \t");
  auto text = line.substr(0, end == std::string_view::npos ? 0 : end + 1);
  std::string out;
  bool softBreak = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '=' && i + 1 == text.size()) {
      softBreak = true;
    } else if (c == '=') {
      int high = i + 2 < line.size() ? hexDigit(line[i + 1]) : -1;
      int low = i + 2 < line.size() ? hexDigit(line[i + 2]) : -1;
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high << 4 | low);
        i += 2;
      } else {
        owner_.problem(EntityOwner::Problem::illegalEncoding,
                       "= is not followed by two hexadecimal digits in quoted-printable encoding");
        out += c;
      }
    } else {
      if (!isBlank(c) && (c < 33 || c > 126))
        owner_.problem(
            EntityOwner::Problem::illegalEncoding,
            "control characters in quoted-printable encoding: " + std::to_string(int{c}));
      out += c;
    }
  }
  if (!softBreak) out += "\r\n";
  append(out);
}

void Entity::append(std::string_view bytes) {
  size_t limit = owner_.chunkSize();
  assert(limit > 0);
  while (!bytes.empty()) {
    if (buffer_.empty() && bytes.size() >= limit) {
      submitData(asBytes(bytes.substr(0, limit)));
      bytes.remove_prefix(limit);
      continue;
    }
    size_t take = std::min(limit - buffer_.size(), bytes.size());
    buffer_.append(bytes.substr(0, take));
    bytes.remove_prefix(take);
    if (buffer_.size() == limit) flush();
  }
}

void Entity::flush() {
  if (buffer_.empty()) return;
  std::string full;
  full.swap(buffer_);
  submitData(asBytes(full));
  // Keeps the memory for the next piece.
  full.clear();
  if (buffer_.empty()) buffer_.swap(full);
}

void Entity::submitData(flow::Bytes bytes) { owner_.data(*this, bytes); }
void Entity::submitHeader(const Header& header) { owner_.header(*this, header); }
void Entity::submitAllHeaders() { owner_.allHeaders(*this, headers_); }

void Entity::illegalFormat(std::string_view explanation) {
  owner_.problem(EntityOwner::Problem::illegalFormat, explanation);
}

}  // namespace bulkhead::analyzers::mime
