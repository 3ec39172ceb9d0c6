#pragma once
// What functions that reach beyond the Vm have in common. Private to builtins.

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"

#include <algorithm>

namespace bulkhead::builtins {

inline Services& servicesOf(NativeCall& call) { return call.vm().extension<Services>(); }

// The name of a native function as a template argument, so that one body serves many rows.
template <size_t size>
struct Name {
  constexpr Name(const char (&text)[size]) { std::copy_n(text, size, bytes); }
  constexpr std::string_view view() const { return {bytes, size - 1}; }
  char bytes[size];
};

std::vector<TypedSlot> argumentsOf(NativeCall& call);

// A result that says nothing: what a compartment without the asked-for thing answers.
void returnNeutral(NativeCall& call);

}  // namespace bulkhead::builtins
