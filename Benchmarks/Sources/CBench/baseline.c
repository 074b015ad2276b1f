#include "bench.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/// The tables and settings of `BusSchema` and `BusDatabase`.
static const char schema[] =
    "PRAGMA page_size = 8192; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;"
    "CREATE TABLE events (\"offset\" INTEGER PRIMARY KEY, stored_at INTEGER NOT NULL, checksum INTEGER NOT NULL,"
    " type_start INTEGER NOT NULL, type_length INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE TABLE event_keys (source TEXT NOT NULL, id TEXT NOT NULL, \"offset\" INTEGER NOT NULL,"
    " PRIMARY KEY (source, id)) WITHOUT ROWID;";

/// Inserts one event in the publishers' format; its source and id are at fixed positions.
static int insert(sqlite3_stmt *key, sqlite3_stmt *row, const char *event, int size, int64_t offset, int64_t time) {
  sqlite3_bind_text(key, 1, event + 75, 10, SQLITE_STATIC);
  sqlite3_bind_text(key, 2, event + 27, 36, SQLITE_STATIC);
  sqlite3_bind_int64(key, 3, offset);
  if (sqlite3_step(key) != SQLITE_DONE) return -1;
  sqlite3_reset(key);
  sqlite3_bind_int64(row, 1, offset);
  sqlite3_bind_int64(row, 2, time);
  sqlite3_bind_int64(row, 3, offset * (int64_t)0x9E3779B97F4A7C15);
  sqlite3_bind_int64(row, 4, 95);
  sqlite3_bind_int64(row, 5, 33);
  sqlite3_bind_blob(row, 6, event, size, SQLITE_STATIC);
  if (sqlite3_step(row) != SQLITE_DONE) return -1;
  sqlite3_reset(row);
  return 0;
}

static double fill(sqlite3 *database, int events, int batch, int size) {
  sqlite3_stmt *key = NULL, *row = NULL;
  sqlite3_prepare_v2(
      database, "INSERT INTO event_keys (source, id, \"offset\") VALUES (?, ?, ?) ON CONFLICT DO NOTHING", -1, &key,
      NULL);
  sqlite3_prepare_v2(
      database,
      "INSERT INTO events (\"offset\", stored_at, checksum, type_start, type_length, bytes) VALUES (?, ?, ?, ?, ?, ?)",
      -1, &row, NULL);
  // Created before the clock starts, so that only SQLite is measured.
  char *all = malloc((size_t)events * (size_t)size);
  for (int n = 0; n < events; n++) bench_event(all + (size_t)n * (size_t)size, size, n / 16 % 16, 0, (uint64_t)n);
  double start = now();
  int fault = key == NULL || row == NULL;
  for (int n = 0; n < events && !fault; n++) {
    if (n % batch == 0) fault = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK;
    if (!fault) fault = insert(key, row, all + (size_t)n * (size_t)size, size, n + 1, (int64_t)(n / batch)) != 0;
    if (!fault && (n % batch == batch - 1 || n == events - 1))
      fault = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK;
  }
  double seconds = now() - start;
  free(all);
  sqlite3_finalize(key);
  sqlite3_finalize(row);
  return fault ? -1 : events / seconds;
}

double bench_sqlite(const char *path, int events, int batch, int event_bytes) {
  sqlite3 *database = NULL;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path, &database, flags, NULL) != SQLITE_OK) return -1;
  double rate = -1;
  if (sqlite3_exec(database, schema, NULL, NULL, NULL) == SQLITE_OK) rate = fill(database, events, batch, event_bytes);
  sqlite3_close(database);
  return rate;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return difference < 0 ? -1 : difference > 0;
}

double bench_fsync(const char *path, int count) {
  int file = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (file < 0 || count < 1) return -1;
  char block[16384];
  memset(block, 'x', sizeof block);
  double *samples = malloc(sizeof(double) * (size_t)count);
  int fault = 0;
  for (int n = 0; n < count && !fault; n++) {
    fault = write(file, block, sizeof block) != (ssize_t)sizeof block;
    double start = now();
    fault |= fdatasync(file) != 0;
    samples[n] = (now() - start) * 1e6;
  }
  qsort(samples, (size_t)count, sizeof *samples, compare);
  double median = samples[count / 2];
  free(samples);
  close(file);
  unlink(path);
  return fault ? -1 : median;
}
