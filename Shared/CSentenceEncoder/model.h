#ifndef GONOGO_MODEL_H
#define GONOGO_MODEL_H

#include <stddef.h>
#include <stdint.h>

// The model in the format of `weights/weights.bin`: little-endian, matrices by rows, each row with the scale of its
// integers.

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the model's weights are little-endian"
#endif

enum {
  WIDTH = 384,
  INNER_WIDTH = 1536,
  HEADS = 12,
  HEAD_WIDTH = WIDTH / HEADS,
  LAYERS = 6,
  WORDS = 30522,
  POSITIONS = 256,
  CLS = 101,  // the piece before each text
  SEP = 102,  // the piece after it
  UNKNOWN = 100,
};

// A linear map: outputs are `weights · inputs + biases`.
#define LINEAR_MAP(outputs, inputs) \
  struct { \
    int8_t weights[outputs][inputs]; \
    float scales[outputs]; \
    float biases[outputs]; \
  }

struct norm {
  float weights[WIDTH];
  float biases[WIDTH];
};

struct layer {
  LINEAR_MAP(WIDTH, WIDTH) query, key, value, output;
  LINEAR_MAP(INNER_WIDTH, WIDTH) widening;
  LINEAR_MAP(WIDTH, INNER_WIDTH) narrowing;
  struct norm after_attention;
  struct norm after_narrowing;
};

struct model {
  int8_t words[WORDS][WIDTH];
  float word_scales[WORDS];
  uint8_t padding[24];
  float positions[POSITIONS][WIDTH];
  struct norm after_embedding;
  struct layer layers[LAYERS];
};

// The offsets listed in the model's `weights.json`.
_Static_assert(offsetof(struct model, positions) == 11842560, "position embeddings");
_Static_assert(offsetof(struct model, layers[0].query) == 12238848, "first layer");
_Static_assert(offsetof(struct model, layers[0].output) == 12690432, "output of the attention");
_Static_assert(offsetof(struct model, layers[0].widening) == 12840960, "widening map");
_Static_assert(offsetof(struct model, layers[0].narrowing) == 13443072, "narrowing map");
_Static_assert(offsetof(struct model, layers[0].after_attention) == 14035968, "norm after the attention");
_Static_assert(offsetof(struct model, layers[1]) == 12238848 + 1803264, "second layer");
_Static_assert(sizeof(struct model) == 23058432, "the whole file");

extern const struct model *const gonogo_model;

// The word pieces, one per line; the first line has id 0. Pieces that continue a word begin with "##".
extern const char *const gonogo_vocabulary;
extern const size_t gonogo_vocabulary_size;

#endif
