#include "host/analyzers/mime/mime-header.h"

#include "host/analyzers/mime/mime-text.h"

namespace bulkhead::analyzers::mime {

Header::Header(std::string text, size_t lines) : text_(std::move(text)), lines_(lines) {
  std::string_view all = text_;
  valueAt_ = all.size();
  auto found = fieldName(all);
  if (!found) return;
  size_t colon = found->end + skipBlanksAndComments(all.substr(found->end));
  if (colon >= all.size() || all[colon] != ':') return;
  nameAt_ = static_cast<size_t>(found->text.data() - all.data());
  nameSize_ = found->text.size();
  size_t value = all.find_first_not_of(" \t\n\v\f\r", colon + 1);
  if (value != std::string_view::npos) valueAt_ = value;
}

bool Header::is(std::string_view lowerCaseName) const {
  return equalIgnoringCase(name(), lowerCaseName);
}

std::string_view Header::token() const {
  auto found = mime::token(value());
  return found ? found->text : std::string_view();
}

std::string_view Header::afterToken() const {
  auto found = mime::token(value());
  return found ? value().substr(found->end) : std::string_view();
}

}  // namespace bulkhead::analyzers::mime
