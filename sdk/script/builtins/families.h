#pragma once
// What each file of this room contributes to families(). Private to the room.

#include "sdk/script/vm/native.h"

#include <span>

namespace bulkhead::builtins {

using Rows = std::span<const vm::NativeRow>;

Rows stringRows();
Rows stringClassRows();
Rows patternRows();
Rows encodingRows();
Rows formatRows();
Rows conversionRows();
Rows addressRows();
Rows anonymizeRows();
Rows containerRows();
Rows reporterRows();
Rows weirdRows();
Rows eventRows();
Rows hashRows();
Rows bloomRows();
Rows sketchRows();
Rows jsonRows();
Rows reflectionRows();
Rows protocolRows();
Rows certificateRows();
Rows trafficRows();
Rows steeringRows();
Rows outsideRows();

}  // namespace bulkhead::builtins
