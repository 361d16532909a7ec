/*
 * What XS does by default, as a board's linker leaves it: with stripping, functions have no own
 * `length` and `name`, two slots each. A program that reads them does not run on a board.
 */
#include "xsAll.h"

#define fxNewFunctionLength C_NULL
#define fxNewFunctionName C_NULL
#include "xsDefaults.c"
