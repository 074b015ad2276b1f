#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/// Writes a UUID of version 7 (RFC 9562): 48 bits of milliseconds, then a counter, so that ids ascend.
static void write_id(char *into, uint32_t run, int publisher, uint64_t sequence) {
  static const char digits[] = "0123456789abcdef";
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
  uint64_t high = milliseconds << 16 | 0x7000 | ((sequence >> 16) & 0xfff);
  uint64_t low = 0x8000000000000000u | (sequence & 0xffff) << 44;
  low |= (uint64_t)(run & 0xfffffff) << 16 | (uint64_t)publisher;
  int place = 0;
  for (int digit = 0; digit < 32; digit++) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) into[place++] = '-';
    uint64_t half = digit < 16 ? high : low;
    into[place++] = digits[(half >> (60 - 4 * (digit & 15))) & 15];
  }
}

void bench_event(char *into, int size, int publisher, uint32_t run, uint64_t sequence) {
  static const char start[] = "{\"specversion\":\"1.0\",\"id\":\"";
  int place = (int)sizeof start - 1;
  memcpy(into, start, (size_t)place);
  write_id(into + place, run, publisher, sequence);
  place += 36;
  char rest[256];
  int length = snprintf(
      rest, sizeof rest,
      "\",\"source\":\"//bench/%02d\",\"type\":\"dev.gonogo.signal.feature.used.v1\","
      "\"data\":{\"feature\":\"smart-routing\",\"account\":\"account-%06u\",\"user\":\"",
      publisher, (unsigned)(sequence * 2654435761u % 1000000));
  memcpy(into + place, rest, (size_t)length);
  place += length;
  memset(into + place, 'u', (size_t)(size - place));
  memcpy(into + size - 3, "\"}}", 3);
}
