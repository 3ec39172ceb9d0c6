#pragma once
// Bytes of others, made safe to show: a terminal acts on control characters, and a line that holds
// another one could pass for two.

#include <string>
#include <string_view>

namespace bulkhead {

// "\x1b", as Zeek's logs write it too.
void appendEscaped(std::string& out, unsigned char byte);

// One line for a terminal or a message: all but printable ASCII is escaped, the newline too.
std::string escaped(std::string_view text);

}  // namespace bulkhead
