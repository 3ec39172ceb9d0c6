#pragma once
// The names of Zeek's base and policy library: what a script may expect to be there. Facts, listed
// by tests/conformance/survey/names.py. Any thread.

#include <string>
#include <string_view>

namespace bulkhead::check {

// "Conn::set_conn", "connection$ssl", "@load policy/misc/scan"; `@load` targets as they may be
// written: without "policy/", with ".zeek" or a slash at the end.
bool isNameOfZeek(std::string_view name);
// The name as the library has it; empty if there is none. A script of module M that writes "x" may
// mean "x" as well as "M::x": it asks for the latter.
std::string nameOfZeek(std::string_view name);

}  // namespace bulkhead::check
