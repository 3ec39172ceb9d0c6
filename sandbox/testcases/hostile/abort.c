// Breaks its own invariant.
#include "hostile.h"

int main(void) { abort(); }
