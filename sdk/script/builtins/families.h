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
Rows mathRows();
Rows timeRows();
Rows containerRows();
Rows orderRows();
Rows weirdRows();
Rows hashRows();
Rows sketchRows();
Rows recordRows();
Rows reflectionRows();
Rows jsonRows();
Rows reporterRows();
Rows fileRows();
Rows outsideRows();
Rows processRows();
Rows statisticsRows();
Rows trafficRows();
Rows steeringRows();
Rows protocolRows();
Rows certificateRows();

}  // namespace bulkhead::builtins
