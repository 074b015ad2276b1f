#ifndef GONOGO_CSENTENCEENCODER_H
#define GONOGO_CSENTENCEENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The sentence encoder all-MiniLM-L6-v2, with its weights in the executable.
//
// Every linear map is a sum of products of 8-bit integers, and all other arithmetic is single precision in a fixed
// order, without functions of libm, so that a text gives the same bytes on every processor. The first use arranges the
// weights in 10.6 MB of memory, which is never freed. Every function may be called from any thread.

enum {
  GONOGO_DIMENSIONS = 384,
  GONOGO_MAX_PIECES = 254,  // the maximum for a text; the rest of it is ignored
};

// Splits a text into pieces of the model's vocabulary. Words are in lower case without accents, and punctuation marks
// and ideographs are words of their own. Each word is split by repeatedly taking the longest piece with which it
// begins.
//
// `text` is UTF-8. Writes at most `GONOGO_MAX_PIECES` ids and returns their number.
size_t gonogo_pieces(const uint8_t *text, size_t length, uint16_t *pieces);

// The ways to compute sums of products; all of them give the same sums.
typedef enum {
  GONOGO_KERNEL_PORTABLE,
  GONOGO_KERNEL_AVX2,
  GONOGO_KERNEL_AVX512_VNNI,
  GONOGO_KERNEL_DOTPROD,  // of ARMv8.2
} gonogo_kernel;

// Returns whether this processor can run a kernel.
bool gonogo_kernel_is_available(gonogo_kernel kernel);

// Returns the fastest kernel that this processor can run.
gonogo_kernel gonogo_fastest_kernel(void);

// Encodes a text that has been split into pieces: writes its `GONOGO_DIMENSIONS` numbers, scaled to length 1.
//
// `count` is at most `GONOGO_MAX_PIECES`, every piece is an id that `gonogo_pieces` returned, and the kernel is
// available. Returns false if it cannot allocate memory, of which it needs 17 kB per piece.
bool gonogo_encode(const uint16_t *pieces, size_t count, gonogo_kernel kernel, float *vector);

#endif
