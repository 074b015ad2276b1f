#include "multiply.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE const int8_t *group_weights(const int8_t *weights, const struct inputs *inputs, size_t index) {
  return weights + (size_t)inputs->groups[index] * (ROWS * COLUMNS);
}

INLINE const int8_t *group_values(const struct inputs *inputs, size_t index, int token) {
  return inputs->values + (size_t)token * inputs->width + (size_t)inputs->groups[index] * COLUMNS;
}

// The values of a group in their memory layout.
typedef int32_t four __attribute__((may_alias, aligned(1)));

static void multiply_portably(const int8_t *weights, const struct inputs *inputs, int32_t sums[TOKENS][ROWS]) {
  for (int t = 0; t < TOKENS; t++) {
    int32_t sum[ROWS] = {0};
    for (size_t i = 0; i < inputs->group_count; i++) {
      const int8_t *weight = group_weights(weights, inputs, i), *input = group_values(inputs, i, t);
      for (int r = 0; r < ROWS; r++) {
        const int8_t *row = weight + r * COLUMNS;
        sum[r] += row[0] * input[0] + row[1] * input[1] + row[2] * input[2] + row[3] * input[3];
      }
    }
    memcpy(sums[t], sum, sizeof sum);
  }
}

#if defined(__x86_64__)

#include <immintrin.h>

// The instructions of the inner loops are written out, because an unoptimised build compiles intrinsics to ten times as
// many.

// Multiplies sizes by signed columns. Products of pairs fit into 16 bits, because both factors are at most 127: 2 ·
// 127² < 2¹⁵.
__attribute__((target("avx2"), always_inline)) static inline void add_products(
    __m256i *sum, __m256i rows, __m256i sizes, __m256i columns, __m256i ones) {
  __m256i products;
  __asm__("vpsignb %2, %4, %1\n\t"
          "vpmaddubsw %1, %3, %1\n\t"
          "vpmaddwd %5, %1, %1\n\t"
          "vpaddd %1, %0, %0"
          : "+x"(*sum), "=&x"(products)
          : "x"(rows), "x"(sizes), "x"(columns), "x"(ones));
}

__attribute__((target("avx2"))) static void multiply_avx2(
    const int8_t *weights, const struct inputs *inputs, int32_t sums[TOKENS][ROWS]) {
  enum { HALF = TOKENS / 2 };
  const __m256i ones = _mm256_set1_epi16(1);
  for (int first = 0; first < TOKENS; first += HALF) {
    __m256i low[HALF] = {_mm256_setzero_si256()}, high[HALF] = {_mm256_setzero_si256()};
    for (size_t i = 0; i < inputs->group_count; i++) {
      const int8_t *weight = group_weights(weights, inputs, i);
      const int8_t *values = group_values(inputs, i, first);
      const __m256i low_rows = _mm256_load_si256((const __m256i *)weight);
      const __m256i high_rows = _mm256_load_si256((const __m256i *)weight + 1);
      const __m256i low_sizes = _mm256_abs_epi8(low_rows), high_sizes = _mm256_abs_epi8(high_rows);
      for (int t = 0; t < HALF; t++, values += inputs->width) {
        __m256i columns;
        __asm__("vpbroadcastd %1, %0" : "=x"(columns) : "m"(*(const four *)values));
        add_products(&low[t], low_rows, low_sizes, columns, ones);
        add_products(&high[t], high_rows, high_sizes, columns, ones);
      }
    }
    for (int t = 0; t < HALF; t++) {
      _mm256_storeu_si256((__m256i *)sums[first + t], low[t]);
      _mm256_storeu_si256((__m256i *)sums[first + t] + 1, high[t]);
    }
  }
}

// The instruction multiplies unsigned by signed integers. Therefore 128 is added to the weights, and the sums start
// with the amount that compensates for this.
__attribute__((target("avx512f,avx512vnni"))) static void multiply_avx512_vnni(
    const int8_t *weights, const struct inputs *inputs, int32_t sums[TOKENS][ROWS]) {
  const __m512i raised = _mm512_set1_epi32((int32_t)0x80808080);
  __m512i sum[TOKENS];
  for (int t = 0; t < TOKENS; t++) sum[t] = _mm512_set1_epi32(-128 * inputs->totals[t]);
  for (size_t i = 0; i < inputs->group_count; i++) {
    const __m512i rows = _mm512_xor_si512(_mm512_load_si512(group_weights(weights, inputs, i)), raised);
    const int8_t *values = group_values(inputs, i, 0);
    for (int t = 0; t < TOKENS; t++, values += inputs->width) {
      __asm__("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum[t]) : "v"(rows), "m"(*(const four *)values));
    }
  }
  for (int t = 0; t < TOKENS; t++) _mm512_storeu_si512(sums[t], sum[t]);
}

#elif defined(__aarch64__)

#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

__attribute__((target("dotprod"))) static void multiply_dotprod(
    const int8_t *weights, const struct inputs *inputs, int32_t sums[TOKENS][ROWS]) {
  enum { HALF = TOKENS / 2, QUARTERS = ROWS / 4 };
  for (int first = 0; first < TOKENS; first += HALF) {
    int32x4_t sum[HALF][QUARTERS] = {{{0}}};
    for (size_t i = 0; i < inputs->group_count; i++) {
      const int8_t *weight = group_weights(weights, inputs, i);
      int8x16_t rows[QUARTERS];
      for (int r = 0; r < QUARTERS; r++) rows[r] = vld1q_s8(weight + 16 * r);
      const int8_t *values = group_values(inputs, i, first);
      for (int t = 0; t < HALF; t++, values += inputs->width) {
        const int8x16_t columns = vreinterpretq_s8_s32(vdupq_n_s32(*(const four *)values));
        for (int r = 0; r < QUARTERS; r++) sum[t][r] = vdotq_s32(sum[t][r], rows[r], columns);
      }
    }
    for (int t = 0; t < HALF; t++) {
      for (int r = 0; r < QUARTERS; r++) vst1q_s32(sums[first + t] + 4 * r, sum[t][r]);
    }
  }
}

#endif

bool gonogo_kernel_is_available(gonogo_kernel kernel) {
  switch (kernel) {
  case GONOGO_KERNEL_PORTABLE:
    return true;
#if defined(__x86_64__)
  case GONOGO_KERNEL_AVX2:
    return __builtin_cpu_supports("avx2");
  case GONOGO_KERNEL_AVX512_VNNI:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__) && defined(__linux__)
  case GONOGO_KERNEL_DOTPROD:
    return getauxval(AT_HWCAP) & HWCAP_ASIMDDP;
#elif defined(__aarch64__) && defined(__APPLE__)
  case GONOGO_KERNEL_DOTPROD:
    return true;
#endif
  default:
    return false;
  }
}

gonogo_kernel gonogo_fastest_kernel(void) {
  static const gonogo_kernel kernels[] = {GONOGO_KERNEL_AVX512_VNNI, GONOGO_KERNEL_AVX2, GONOGO_KERNEL_DOTPROD};
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
    if (gonogo_kernel_is_available(kernels[i])) return kernels[i];
  }
  return GONOGO_KERNEL_PORTABLE;
}

gonogo_multiply *gonogo_multiply_with(gonogo_kernel kernel) {
  switch (kernel) {
#if defined(__x86_64__)
  case GONOGO_KERNEL_AVX2:
    return multiply_avx2;
  case GONOGO_KERNEL_AVX512_VNNI:
    return multiply_avx512_vnni;
#elif defined(__aarch64__)
  case GONOGO_KERNEL_DOTPROD:
    return multiply_dotprod;
#endif
  default:
    return multiply_portably;
  }
}
