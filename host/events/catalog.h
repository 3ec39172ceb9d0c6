#pragma once
// The event catalog as C++: generated from schemas/catalog at build time.
#include "schemas/catalog/catalog.gen.h"
