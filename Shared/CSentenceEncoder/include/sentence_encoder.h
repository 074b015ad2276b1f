#ifndef GONOGO_CSENTENCEENCODER_H
#define GONOGO_CSENTENCEENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The sentence encoder all-MiniLM-L6-v2, with its weights in the executable.
//
// Every linear map is a sum of products of 8-bit integers, and all other arithmetic is single precision in a fixed
// order, without the functions of libm: a text gives the same bytes on every processor. The first use arranges the
// weights in 10.6 MB of memory, which stay. Every function may be called from any thread.

enum {
  GONOGO_DIMENSIONS = 384,
  GONOGO_MAX_PIECES = 254,  // of a text; what follows them is not read
};

// Splits a text into the pieces of the model's vocabulary: its words in lower case without accents, its punctuation
// marks and ideographs one by one, and of each the longest piece that it begins with, again and again.
//
// `text` is UTF-8. Writes at most `GONOGO_MAX_PIECES` ids and returns their number.
size_t gonogo_pieces(const uint8_t *text, size_t length, uint16_t *pieces);

// How sums of products are computed. All give the same sums.
typedef enum {
  GONOGO_KERNEL_PORTABLE,
  GONOGO_KERNEL_AVX2,
  GONOGO_KERNEL_AVX512_VNNI,
  GONOGO_KERNEL_DOTPROD,  // of ARMv8.2
} gonogo_kernel;

// Whether this processor can run a kernel.
bool gonogo_kernel_is_available(gonogo_kernel kernel);

// The fastest kernel that this processor can run.
gonogo_kernel gonogo_fastest_kernel(void);

// Encodes a text that has been split into pieces: writes its `GONOGO_DIMENSIONS` numbers, scaled to length 1.
//
// `count` is at most `GONOGO_MAX_PIECES`, every piece is an id that `gonogo_pieces` returned, and the kernel is
// available. Returns false if it cannot allocate the memory that it needs, 17 kB a piece.
bool gonogo_encode(const uint16_t *pieces, size_t count, gonogo_kernel kernel, float *vector);

#endif
