#ifndef GONOGO_BENCH_H
#define GONOGO_BENCH_H

#include <stddef.h>
#include <stdint.h>

/// A load: how many publishers, how much at once, for how long.
typedef struct {
  const char *endpoint;
  int publishers;
  /// The most unacknowledged events per publisher.
  int outstanding;
  int events_per_message;
  /// Bytes per event.
  int event_bytes;
  double seconds;
  /// Makes the ids of this run different from those of others.
  uint32_t run;
} bench_load;

/// The result of a load.
typedef struct {
  uint64_t acknowledged;
  uint64_t refused;
  double seconds;
  /// Microseconds from sending a message to its answer.
  double p50_us;
  double p99_us;
  /// Processor time of the publishers themselves, in seconds.
  double cpu_seconds;
} bench_result;

/// Publishes events with time-ordered ids from one thread; returns 0 or an errno.
int bench_publish(const bench_load *load, bench_result *result);

/// Returns the events per second that bare C inserts into the tables of the bus's log, in transactions of `batch`, each
/// flushed; negative on failure.
double bench_sqlite(const char *path, int events, int batch, int event_bytes);

/// Returns the median microseconds of `count` writes of 16 KiB, each with fdatasync; negative on failure.
double bench_fsync(const char *path, int count);

/// Writes an event of `size` bytes with a time-ordered id.
void bench_event(char *into, int size, int publisher, uint32_t run, uint64_t sequence);

#endif
