#include "sdk/script/prune/places.h"

#include <utility>

namespace bulkhead::prune {

Place Places::fresh() {
  parent_.push_back(static_cast<Place>(parent_.size()));
  element_.push_back(noPlace);
  return parent_.back();
}

Place Places::find(Place place) {
  while (parent_[place] != place) place = parent_[place] = parent_[parent_[place]];
  return place;
}

Place Places::elementOf(Place place) {
  if (place == noPlace) return noPlace;
  Place root = find(place);
  if (element_[root] == noPlace) {
    Place made = fresh();
    element_[root] = made;
  }
  return find(element_[root]);
}

void Places::join(Place a, Place b) {
  // Elements of elements: each round makes two classes one, so this ends.
  while (a != noPlace && b != noPlace) {
    a = find(a);
    b = find(b);
    if (a == b) return;
    // `any` stays the representative: elementOf(any) is any.
    if (b == find(any)) std::swap(a, b);
    parent_[b] = a;
    Place inB = element_[b];
    if (element_[a] == noPlace) {
      element_[a] = inB;
      return;
    }
    a = element_[a];
    b = inB;
  }
}

}  // namespace bulkhead::prune
