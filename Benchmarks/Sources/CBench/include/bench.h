#ifndef GONOGO_BENCH_H
#define GONOGO_BENCH_H

#include <stddef.h>
#include <stdint.h>

/// What publishers are to do: how many, how much at once, for how long.
typedef struct {
  const char *endpoint;
  int publishers;
  /// Events that each publisher has sent without an answer, at most.
  int outstanding;
  int events_per_message;
  /// Bytes of one event.
  int event_bytes;
  double seconds;
  /// Another one makes other ids.
  uint32_t run;
} bench_load;

/// What came of it.
typedef struct {
  uint64_t acknowledged;
  uint64_t refused;
  double seconds;
  /// From sending a message to its answer, in microseconds.
  double p50_us;
  double p99_us;
  /// The processor time of the publishers themselves, in seconds.
  double cpu_seconds;
} bench_result;

/// Publishes events with time-ordered ids from one thread; 0, or an errno.
int bench_publish(const bench_load *load, bench_result *result);

/// Events a second that bare C inserts into the tables of the bus's log, in transactions of `batch`, flushed each;
/// negative where it fails.
double bench_sqlite(const char *path, int events, int batch, int event_bytes);

/// Microseconds of one write of 16 KiB with fdatasync, the median of `count`; negative where it fails.
double bench_fsync(const char *path, int count);

/// Writes an event of that size with a time-ordered id.
void bench_event(char *into, int size, int publisher, uint32_t run, uint64_t sequence);

#endif
