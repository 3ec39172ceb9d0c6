#pragma once
// A sketch as an opaque script value: what topk, cardinality, bloomfilter, entropy and paraglob
// are.
//
// Private to builtins. The first element that a sketch is given decides the type of all that
// follow: bytes of values of different types would be compared otherwise.

#include "sdk/script/builtins/helpers.h"

#include <memory>
#include <utility>

namespace bulkhead::builtins {

template <typename Sketch>
struct SketchState final : vm::OpaqueState {
  SketchState(Sketch s, size_t b, const types::Type* e)
      : sketch(std::move(s)), size(b), element(e) {}
  std::unique_ptr<OpaqueState> clone() const override {
    return std::make_unique<SketchState>(sketch, size, element);
  }
  size_t bytes() const override { return size; }
  Sketch sketch;
  size_t size;
  const types::Type* element;  // null until the first one came
};

template <typename Sketch>
SketchState<Sketch>& stateOf(NativeCall& call, size_t i) {
  return *static_cast<SketchState<Sketch>*>(call.opaque(i).state);
}
template <typename Sketch>
Sketch& sketchOf(NativeCall& call, size_t i) {
  return stateOf<Sketch>(call, i).sketch;
}

template <typename Sketch>
void returnSketch(NativeCall& call, Sketch sketch, size_t bytes,
                  const types::Type* element = nullptr) {
  if (!call.heap().fits(bytes)) return call.fail(outOfMemory);
  call.returnObject(
      call.heap().opaque(static_cast<const types::OpaqueType*>(call.functionType().result()),
                         std::make_unique<SketchState<Sketch>>(std::move(sketch), bytes, element)));
}

// Whether the second argument is of the type of the elements so far; says so if not.
template <typename Sketch>
bool acceptsElement(NativeCall& call, const char* function, const char* what) {
  const types::Type*& element = stateOf<Sketch>(call, 0).element;
  const types::Type* type = call.any(1).type;
  if (element == nullptr) element = type;
  if (types::sameType(element, type)) return true;
  call.warn(std::string(function) + ": " + what + ": " + types::typeText(type) + " among " +
            types::typeText(element));
  return false;
}

// Whether the sketches of the first two arguments may be put together; says so if not. The first
// one takes the second's type if it has none.
template <typename Sketch>
bool sameElements(NativeCall& call, const char* function) {
  auto& a = stateOf<Sketch>(call, 0);
  auto& b = stateOf<Sketch>(call, 1);
  if (a.element != nullptr && b.element != nullptr && !types::sameType(a.element, b.element)) {
    call.warn(std::string(function) + ": one has elements of type " + types::typeText(a.element) +
              ", the other of type " + types::typeText(b.element));
    return false;
  }
  if (a.element == nullptr) a.element = b.element;
  return true;
}

}  // namespace bulkhead::builtins
