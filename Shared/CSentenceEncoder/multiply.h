#ifndef GONOGO_MULTIPLY_H
#define GONOGO_MULTIPLY_H

#include "sentence_encoder.h"

// Sums of products of 8-bit integers, for 16 outputs and 8 tokens at a time.

enum {
  ROWS = 16,    // outputs of a block
  TOKENS = 8,   // tokens multiplied together
  COLUMNS = 4,  // inputs multiplied together, which form a group
};

// The inputs of `TOKENS` tokens, between -127 and 127.
struct inputs {
  const int8_t *values;  // [TOKENS][width]
  size_t width;
  const int32_t *totals;   // the sum of each token's inputs
  const uint16_t *groups;  // the indices of the groups of columns that are not all 0
  size_t group_count;
};

// Computes `sums[t][r] = Σ weights[r][i] · values[t][i]`, exactly.
//
// The weights are between -127 and 127, arranged as `[width / COLUMNS][ROWS][COLUMNS]`, at an address divisible by 64.
typedef void gonogo_multiply(const int8_t *weights, const struct inputs *inputs, int32_t sums[TOKENS][ROWS]);

// Returns the function of a kernel that is available on this processor.
gonogo_multiply *gonogo_multiply_with(gonogo_kernel kernel);

#endif
