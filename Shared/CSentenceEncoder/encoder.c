#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "multiply.h"

// Never fuses a product and a sum into one rounding, on any processor.
#pragma STDC FP_CONTRACT OFF

// Four numbers that are computed together. Every build splits a sum over many numbers into these four parts, so that
// its order, and therefore its rounding, is the same on all processors.
typedef float lanes __attribute__((vector_size(16), may_alias));
typedef int32_t integers __attribute__((vector_size(16), may_alias));
typedef int8_t bytes __attribute__((vector_size(4), may_alias));

enum { LANES = 4, MAX_GROUPS = INNER_WIDTH / COLUMNS };

#define INLINE static inline __attribute__((always_inline))

INLINE float sum(lanes x) { return (x[0] + x[1]) + (x[2] + x[3]); }

INLINE float maximum(lanes x) {
  const float low = x[0] > x[1] ? x[0] : x[1], high = x[2] > x[3] ? x[2] : x[3];
  return low > high ? low : high;
}

// Rounds numbers below 2²² to the nearest integers: adding 1.5 · 2²³ leaves no bits for a fraction.
INLINE integers nearest(lanes x) { return (integers)(x + 12582912.0f) - 0x4b400000; }

// Returns e to the power of numbers of at most 0; numbers below -87 count as -87. The polynomial is that of expf in
// Cephes.
INLINE lanes exponential(lanes x) {
  x = __builtin_elementwise_max(x, (lanes){-87, -87, -87, -87});
  const integers power = nearest(x * 1.44269504088896341f);
  const lanes whole = __builtin_convertvector(power, lanes);
  const lanes rest = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  lanes y = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * rest + 8.3334519073e-3f;
  y = y * rest + 4.1665795894e-2f;
  y = y * rest + 1.6666665459e-1f;
  y = y * rest + 5.0000001201e-1f;
  y = y * (rest * rest) + rest + 1.0f;
  return y * (lanes)((power + 127) << 23);
}

// x · Φ(x), with the error function of Abramowitz and Stegun 7.1.26 (within 1.5e-7).
INLINE lanes gelu(lanes x) {
  const lanes size = __builtin_elementwise_abs(x), z = size * 0.707106781186547524f;
  const lanes t = 1.0f / (1.0f + z * 0.3275911f);
  lanes y = t * 1.061405429f - 1.453152027f;
  y = y * t + 1.421413741f;
  y = y * t - 0.284496736f;
  y = y * t + 0.254829592f;
  const lanes erf = 1.0f - y * t * exponential(-(z * z));
  return (x + size * erf) * 0.5f;
}

// A linear map whose weights are arranged for `gonogo_multiply`.
struct map {
  const int8_t *blocks;
  const float *scales, *biases;
  size_t outputs, inputs;
};

struct maps {
  struct map query, key, value, output, widening, narrowing;
};

static struct maps maps[LAYERS];
static int8_t arranged[LAYERS * (4 * WIDTH * WIDTH + 2 * WIDTH * INNER_WIDTH)] __attribute__((aligned(64)));

static struct map arrange(
    int8_t **free, const int8_t *weights, const float *scales, const float *biases, size_t outputs, size_t inputs) {
  const struct map map = {*free, scales, biases, outputs, inputs};
  for (size_t block = 0; block < outputs; block += ROWS) {
    for (size_t column = 0; column < inputs; column += COLUMNS) {
      for (size_t row = block; row < block + ROWS; row++, *free += COLUMNS) {
        memcpy(*free, weights + row * inputs + column, COLUMNS);
      }
    }
  }
  return map;
}

#define ARRANGE(free, map, outputs, inputs) \
  arrange(free, (map).weights[0], (map).scales, (map).biases, outputs, inputs)

static void arrange_all(void) {
  int8_t *free = arranged;
  for (int i = 0; i < LAYERS; i++) {
    const struct layer *layer = &gonogo_model->layers[i];
    maps[i].query = ARRANGE(&free, layer->query, WIDTH, WIDTH);
    maps[i].key = ARRANGE(&free, layer->key, WIDTH, WIDTH);
    maps[i].value = ARRANGE(&free, layer->value, WIDTH, WIDTH);
    maps[i].output = ARRANGE(&free, layer->output, WIDTH, WIDTH);
    maps[i].widening = ARRANGE(&free, layer->widening, INNER_WIDTH, WIDTH);
    maps[i].narrowing = ARRANGE(&free, layer->narrowing, WIDTH, INNER_WIDTH);
  }
}

// Inputs of a linear map as integers: `low + 128 · high`. Few need a high part.
struct part {
  int8_t *values;
  int32_t *totals;
  uint16_t (*groups)[MAX_GROUPS];  // for each `TOKENS` tokens
  size_t *group_counts;
};

// The memory for one text. All arrays have a row for each token; their number is rounded up to a multiple of `TOKENS`.
struct workspace {
  size_t tokens;
  gonogo_multiply *multiply;
  float (*states)[WIDTH], (*queries)[WIDTH], (*keys)[WIDTH], (*values)[WIDTH], (*contexts)[WIDTH];
  float (*inner)[INNER_WIDTH];
  float *scales;
  struct part low, high;
};

// Rounds a token's numbers to integers with one scale, and marks the groups of columns that need a high part.
//
// A few channels of this model are ten to twenty times as large as the others. If the largest one determined the scale,
// the others would have only two or three bits. Therefore the mean determines it, and numbers beyond 127 get a high
// part.
static void round_token(struct workspace *work, size_t token, const float *inputs, size_t width, bool *has_high) {
  int8_t *low = work->low.values + token * width, *high = work->high.values + token * width;
  lanes largest = {0}, sizes = {0};
  for (size_t i = 0; i < width; i += LANES) {
    const lanes size = __builtin_elementwise_abs(*(const lanes *)(inputs + i));
    largest = __builtin_elementwise_max(largest, size);
    sizes += size;
  }
  const float limit = 6 * sum(sizes) / (float)width, most = maximum(largest);
  const float least = most / 126, fitting = most < limit ? most : limit, range = fitting > least ? fitting : least;
  const float factor = range > 1e-30f ? 127.0f / range : 0;
  integers low_total = {0}, high_total = {0};
  for (size_t i = 0; i < width; i += LANES) {
    const integers value = nearest(*(const lanes *)(inputs + i) * factor);
    const integers high_value = ((value + 64) >> 7) & (__builtin_elementwise_abs(value) > 127);
    const integers low_value = value - high_value * 128;
    *(bytes *)(low + i) = __builtin_convertvector(low_value, bytes);
    *(bytes *)(high + i) = __builtin_convertvector(high_value, bytes);
    low_total += low_value;
    high_total += high_value;
    if (high_value[0] | high_value[1] | high_value[2] | high_value[3]) has_high[i / COLUMNS] = true;
  }
  work->scales[token] = range / 127.0f;
  work->low.totals[token] = low_total[0] + low_total[1] + low_total[2] + low_total[3];
  work->high.totals[token] = high_total[0] + high_total[1] + high_total[2] + high_total[3];
}

static void clear_token(struct workspace *work, size_t token, size_t width) {
  memset(work->low.values + token * width, 0, width);
  memset(work->high.values + token * width, 0, width);
  work->low.totals[token] = work->high.totals[token] = 0;
}

// Rounds the inputs of a linear map.
static void round_inputs(struct workspace *work, const float *inputs, size_t width) {
  const size_t groups = width / COLUMNS;
  for (size_t first = 0; first < work->tokens; first += TOKENS) {
    const size_t index = first / TOKENS;
    bool has_high[MAX_GROUPS] = {false};
    for (size_t token = first; token < first + TOKENS; token++) {
      if (token < work->tokens) round_token(work, token, inputs + token * width, width, has_high);
      else clear_token(work, token, width);
    }
    work->low.group_counts[index] = groups;
    work->high.group_counts[index] = 0;
    for (size_t group = 0; group < groups; group++) {
      work->low.groups[index][group] = (uint16_t)group;
      if (has_high[group]) work->high.groups[index][work->high.group_counts[index]++] = (uint16_t)group;
    }
  }
}

static struct inputs inputs_of(const struct part *part, size_t first, size_t width) {
  return (struct inputs){
      .values = part->values + first * width,
      .width = width,
      .totals = part->totals + first,
      .groups = part->groups[first / TOKENS],
      .group_count = part->group_counts[first / TOKENS],
  };
}

// Applies a linear map to the inputs rounded by `round_inputs`.
static void apply(const struct map *map, const struct workspace *work, float *outputs) {
  for (size_t row = 0; row < map->outputs; row += ROWS) {
    const int8_t *block = map->blocks + row * map->inputs;
    for (size_t first = 0; first < work->tokens; first += TOKENS) {
      const struct inputs low = inputs_of(&work->low, first, map->inputs);
      const struct inputs high = inputs_of(&work->high, first, map->inputs);
      int32_t low_sums[TOKENS][ROWS] __attribute__((aligned(64)));
      int32_t high_sums[TOKENS][ROWS] __attribute__((aligned(64)));
      work->multiply(block, &low, low_sums);
      work->multiply(block, &high, high_sums);
      for (size_t t = 0; t < TOKENS && first + t < work->tokens; t++) {
        const integers *low_sum = (const integers *)low_sums[t], *high_sum = (const integers *)high_sums[t];
        lanes *output = (lanes *)(outputs + (first + t) * map->outputs + row);
        for (size_t i = 0; i < ROWS / LANES; i++) {
          const lanes scale = ((const lanes *)(map->scales + row))[i] * work->scales[first + t];
          const lanes total = __builtin_convertvector(low_sum[i] + high_sum[i] * 128, lanes);
          output[i] = total * scale + ((const lanes *)(map->biases + row))[i];
        }
      }
    }
  }
}

static void normalise(float *x, const struct norm *norm) {
  lanes total = {0}, squares = {0};
  for (size_t i = 0; i < WIDTH; i += LANES) total += *(const lanes *)(x + i);
  const float mean = sum(total) / (float)WIDTH;
  for (size_t i = 0; i < WIDTH; i += LANES) {
    const lanes difference = *(const lanes *)(x + i) - mean;
    squares += difference * difference;
  }
  const float scale = 1.0f / __builtin_elementwise_sqrt(sum(squares) / (float)WIDTH + 1e-12f);
  for (size_t i = 0; i < WIDTH; i += LANES) {
    const lanes difference = *(const lanes *)(x + i) - mean;
    *(lanes *)(x + i) =
        difference * scale * *(const lanes *)(norm->weights + i) + *(const lanes *)(norm->biases + i);
  }
}

static void add_and_normalise(struct workspace *work, float (*added)[WIDTH], const struct norm *norm) {
  for (size_t token = 0; token < work->tokens; token++) {
    for (size_t i = 0; i < WIDTH; i += LANES) {
      *(lanes *)(work->states[token] + i) += *(const lanes *)(added[token] + i);
    }
    normalise(work->states[token], norm);
  }
}

// The attention of one head of one token: the mean of all tokens' values, weighted by how well their keys match.
static void attend(struct workspace *work, size_t token, size_t head) {
  enum { PARTS = HEAD_WIDTH / LANES };
  const size_t column = head * HEAD_WIDTH;
  const lanes *query = (const lanes *)(work->queries[token] + column);
  lanes weights[POSITIONS / LANES], context[PARTS] = {{0}}, total = {0};
  const size_t groups = (work->tokens + LANES - 1) / LANES;
  float largest = -1e30f;
  weights[groups - 1] = (lanes){-1e30f, -1e30f, -1e30f, -1e30f};
  for (size_t other = 0; other < work->tokens; other++) {
    const lanes *key = (const lanes *)(work->keys[other] + column);
    lanes product = query[0] * key[0];
    for (int i = 1; i < PARTS; i++) product += query[i] * key[i];
    const float match = sum(product) * 0.176776695296636881f;  // 1 / √32
    weights[other / LANES][other % LANES] = match;
    if (match > largest) largest = match;
  }
  for (size_t group = 0; group < groups; group++) {
    weights[group] = exponential(weights[group] - largest);
    total += weights[group];
  }
  const float scale = 1.0f / sum(total);
  for (size_t other = 0; other < work->tokens; other++) {
    const float weight = weights[other / LANES][other % LANES] * scale;
    const lanes *value = (const lanes *)(work->values[other] + column);
    for (int i = 0; i < PARTS; i++) context[i] += value[i] * weight;
  }
  memcpy(work->contexts[token] + column, context, sizeof context);
}

static void run_layer(struct workspace *work, const struct layer *layer, const struct maps *maps) {
  round_inputs(work, work->states[0], WIDTH);
  apply(&maps->query, work, work->queries[0]);
  apply(&maps->key, work, work->keys[0]);
  apply(&maps->value, work, work->values[0]);
  for (size_t token = 0; token < work->tokens; token++) {
    for (size_t head = 0; head < HEADS; head++) attend(work, token, head);
  }
  round_inputs(work, work->contexts[0], WIDTH);
  apply(&maps->output, work, work->queries[0]);
  add_and_normalise(work, work->queries, &layer->after_attention);

  round_inputs(work, work->states[0], WIDTH);
  apply(&maps->widening, work, work->inner[0]);
  for (size_t token = 0; token < work->tokens; token++) {
    for (size_t i = 0; i < INNER_WIDTH; i += LANES) {
      *(lanes *)(work->inner[token] + i) = gelu(*(const lanes *)(work->inner[token] + i));
    }
  }
  round_inputs(work, work->inner[0], INNER_WIDTH);
  apply(&maps->narrowing, work, work->queries[0]);
  add_and_normalise(work, work->queries, &layer->after_narrowing);
}

static void embed(struct workspace *work, const uint16_t *pieces) {
  for (size_t token = 0; token < work->tokens; token++) {
    const size_t piece = token == 0 ? CLS : token == work->tokens - 1 ? SEP : pieces[token - 1];
    const float scale = gonogo_model->word_scales[piece];
    for (size_t i = 0; i < WIDTH; i += LANES) {
      const lanes word = __builtin_convertvector(*(const bytes *)(gonogo_model->words[piece] + i), lanes);
      *(lanes *)(work->states[token] + i) = word * scale + *(const lanes *)(gonogo_model->positions[token] + i);
    }
    normalise(work->states[token], &gonogo_model->after_embedding);
  }
}

static void write_mean(const struct workspace *work, float *vector) {
  lanes mean[WIDTH / LANES] = {{0}}, squares = {0};
  for (size_t token = 0; token < work->tokens; token++) {
    for (size_t i = 0; i < WIDTH / LANES; i++) mean[i] += ((const lanes *)work->states[token])[i];
  }
  for (size_t i = 0; i < WIDTH / LANES; i++) squares += mean[i] * mean[i];
  const float scale = 1.0f / __builtin_elementwise_sqrt(sum(squares));
  for (size_t i = 0; i < WIDTH / LANES; i++) mean[i] *= scale;
  memcpy(vector, mean, sizeof mean);
}

// Places a workspace's arrays one after the other in `memory`, and returns their size; with NULL, only computes it.
static size_t place(struct workspace *work, char *memory) {
  const size_t rows = (work->tokens + TOKENS - 1) / TOKENS * TOKENS;
  size_t size = 0;
#define PLACE(array, count) \
  do { \
    (array) = memory ? (void *)(memory + size) : NULL; \
    size += ((count) * sizeof *(array) + 63) / 64 * 64; \
  } while (0)
  PLACE(work->states, rows);
  PLACE(work->queries, rows);
  PLACE(work->keys, rows);
  PLACE(work->values, rows);
  PLACE(work->contexts, rows);
  PLACE(work->inner, rows);
  PLACE(work->scales, rows);
  for (int i = 0; i < 2; i++) {
    struct part *part = i ? &work->high : &work->low;
    PLACE(part->values, rows * INNER_WIDTH);
    PLACE(part->totals, rows);
    PLACE(part->groups, rows / TOKENS);
    PLACE(part->group_counts, rows / TOKENS);
  }
#undef PLACE
  return size;
}

bool gonogo_encode(const uint16_t *pieces, size_t count, gonogo_kernel kernel, float *vector) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, arrange_all);

  const size_t tokens = count + 2;
  struct workspace work = {.tokens = tokens, .multiply = gonogo_multiply_with(kernel)};
  const size_t size = place(&work, NULL);
  void *memory = NULL;
  if (posix_memalign(&memory, 64, size) != 0) return false;
  place(&work, memory);
  embed(&work, pieces);
  for (int i = 0; i < LAYERS; i++) run_layer(&work, &gonogo_model->layers[i], &maps[i]);
  write_mean(&work, vector);
  free(memory);
  return true;
}
