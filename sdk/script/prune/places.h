#pragma once
// Which expressions may mean the same container. A Place is a class of containers (and of other
// things with state of their own: files, opaque values); what is assigned to, passed to or returned
// as one another becomes one class. Records need none: their fields are told apart by type.
//
// Union-find in the manner of Steensgaard: joining two places joins what they contain.

#include <cstdint>
#include <vector>

namespace bulkhead::prune {

using Place = uint32_t;
constexpr Place noPlace = 0;

class Places {
 public:
  // What went through a value of type `any`: all of it is one class, whose elements are in it too.
  static constexpr Place any = 1;

  Places() : parent_{0, 1}, element_{0, 1} {}

  Place fresh();
  Place find(Place place);
  // Containers inside a container.
  Place elementOf(Place place);
  void join(Place a, Place b);

 private:
  std::vector<Place> parent_;
  std::vector<Place> element_;
};

}  // namespace bulkhead::prune
