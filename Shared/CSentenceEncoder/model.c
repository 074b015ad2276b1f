#include "model.h"

// `#embed` is a feature of C23, and an extension of earlier versions.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const union {
  uint8_t bytes[sizeof(struct model)];
  struct model model;
} file __attribute__((aligned(64))) = {.bytes = {
#embed "weights/weights.bin"
                                       }};

static const char vocabulary[] = {
#embed "weights/vocabulary.txt"
};

const struct model *const gonogo_model = &file.model;
const char *const gonogo_vocabulary = vocabulary;
const size_t gonogo_vocabulary_size = sizeof vocabulary;
