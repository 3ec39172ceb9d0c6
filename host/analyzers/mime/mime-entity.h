#pragma once
// A MIME entity: header fields, then a body that may hold further entities.
//
// Fed line by line (or in plain pieces where the owner knows the length), it finds the headers, the
// parts of multipart and message bodies, undoes the transfer encoding and hands the contents to its
// owner in pieces of bounded size. Children are owned by their parent; depth and header size have
// limits (Options). Source: RFC 2045, RFC 2046.

#include "host/analyzers/mime/mime-header.h"
#include "host/analyzers/mime/transfer-decoding.h"
#include "host/flow/protocol-analyzer.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::analyzers::mime {

class Entity;

// The message that entities belong to; outlives them.
class EntityOwner {
 public:
  enum class Problem { illegalFormat, illegalEncoding };

  virtual ~EntityOwner() = default;
  virtual void beginEntity(Entity& entity) = 0;
  virtual void endEntity(Entity& entity) = 0;
  virtual void header(Entity& entity, const Header& header) = 0;
  virtual void allHeaders(Entity& entity, std::span<const Header> headers) = 0;
  virtual void data(Entity& entity, flow::Bytes bytes) = 0;
  virtual void problem(Problem kind, std::string_view explanation) = 0;
  // Contents come in pieces of at most this size.
  virtual size_t chunkSize() const = 0;
  // True if allHeaders() wants the headers; they are dropped one by one otherwise.
  virtual bool keepHeaders() const = 0;
  virtual flow::ConnectionContext& context() = 0;
  // Whose weirds these are: "HTTP".
  virtual std::string_view weirdSource() const = 0;
};

class Entity {
 public:
  enum class Type { multipart, message, text, other };

  Entity(EntityOwner& owner, Entity* parent);
  virtual ~Entity() = default;
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  // A line without its end (`crlfFollows`), or a plain piece of the body.
  virtual void deliver(std::string_view data, bool crlfFollows);
  virtual void endOfData();

  Entity* parent() const { return parent_; }
  uint32_t depth() const { return depth_; }
  Type type() const { return type_; }
  // Upper case, as http_content_type has them.
  const std::string& typeText() const { return typeText_; }
  const std::string& subtypeText() const { return subtypeText_; }

 protected:
  virtual std::unique_ptr<Entity> makeChild();
  virtual void submitData(flow::Bytes bytes);
  virtual void submitHeader(const Header& header);
  virtual void submitAllHeaders();

  void illegalFormat(std::string_view explanation);
  bool inHeader() const { return inHeader_; }
  // Back to header fields: the trailer of a chunked body.
  void expectTrailer() { inHeader_ = true; }
  bool ended() const { return ended_; }
  EntityOwner& owner() const { return owner_; }

 private:
  enum class Encoding { sevenBit, eightBit, binary, quotedPrintable, base64, other };
  enum class Delimiter { none, part, end };

  void headerLine(std::string_view line);
  void continuationLine(std::string_view line);
  void finishHeader();
  void contentType(const Header& header);
  void contentEncoding(const Header& header);
  void parameters(std::string_view text, bool ofContentType);
  void beginBody();
  void bodyLine(std::string_view line, bool crlfFollows);
  void beginChild();
  void endChild();
  Delimiter delimiter(std::string_view line) const;

  void decode(std::string_view line, bool crlfFollows);
  void decodeBinary(std::string_view line, bool crlfFollows);
  void decodeQuotedPrintable(std::string_view line);
  void append(std::string_view bytes);
  void flush();

  EntityOwner& owner_;
  Entity* parent_;
  uint32_t depth_ = 0;
  bool inHeader_ = true;
  bool ended_ = false;

  // The header field being put together.
  std::string field_;
  size_t fieldLines_ = 0;
  std::vector<Header> headers_;

  Type type_ = Type::text;
  std::string typeText_ = "TEXT", subtypeText_ = "PLAIN";
  bool hasParameters_ = false;
  std::optional<std::string> boundary_;
  Encoding encoding_ = Encoding::other;
  std::optional<Base64Decoder> base64_;
  // A part's last line end belongs to the delimiter that follows, so each waits for more contents.
  bool crlfPending_ = false;
  std::string buffer_;

  std::unique_ptr<Entity> child_;
};

}  // namespace bulkhead::analyzers::mime
