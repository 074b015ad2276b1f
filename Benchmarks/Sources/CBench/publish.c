#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { MAX_PUBLISHERS = 64, MAX_SAMPLES = 1 << 20 };

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/// One publisher: its connection, the number of unanswered messages, and when each of them was sent, oldest first.
typedef struct {
  void *socket;
  int owed;
  uint64_t sequence;
  double *sent;
  int first, capacity;
} publisher;

static int send_message(publisher *p, int index, const bench_load *load, char *event) {
  static const char envelope[] =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"events.publish\",\"params\":{\"_meta\":{\"ttlMs\":30000}}}";
  if (zmq_send(p->socket, "", 0, ZMQ_SNDMORE) < 0) return errno;
  if (zmq_send(p->socket, envelope, sizeof envelope - 1, ZMQ_SNDMORE) < 0) return errno;
  for (int n = 1; n <= load->events_per_message; n++) {
    bench_event(event, load->event_bytes, index, load->run, p->sequence++);
    int more = n < load->events_per_message ? ZMQ_SNDMORE : 0;
    if (zmq_send(p->socket, event, (size_t)load->event_bytes, more) < 0) return errno;
  }
  p->sent[(p->first + p->owed) % p->capacity] = seconds_of(CLOCK_MONOTONIC);
  p->owed++;
  return 0;
}

/// Receives one answer, if there is one, and counts the acknowledged events.
static int receive_answer(publisher *p, const bench_load *load, bench_result *result, zmq_msg_t *message) {
  if (zmq_msg_recv(message, p->socket, ZMQ_DONTWAIT) < 0) return errno == EAGAIN ? 0 : -1;
  if (zmq_msg_recv(message, p->socket, 0) < 0) return -1;
  const char *text = zmq_msg_data(message);
  size_t size = zmq_msg_size(message);
  if (memmem(text, size, "\"error\"", 7) == NULL) {
    result->acknowledged += (uint64_t)load->events_per_message;
  } else {
    result->refused += (uint64_t)load->events_per_message;
  }
  return 1;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return difference < 0 ? -1 : difference > 0;
}

static int run(publisher *all, const bench_load *load, bench_result *result, double *samples) {
  int messages = load->outstanding / load->events_per_message;
  if (messages < 1) messages = 1;
  char *event = malloc((size_t)load->event_bytes + 1);
  zmq_pollitem_t items[MAX_PUBLISHERS];
  for (int i = 0; i < load->publishers; i++) items[i] = (zmq_pollitem_t){all[i].socket, 0, ZMQ_POLLIN, 0};
  zmq_msg_t message;
  zmq_msg_init(&message);
  double start = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), now = start;
  int fault = 0, owed = 0, sample_count = 0;
  for (int i = 0; i < load->publishers && !fault; i++)
    for (int n = 0; n < messages && !fault; n++, owed++) fault = send_message(&all[i], i, load, event);
  while (!fault && owed > 0) {
    if (zmq_poll(items, load->publishers, 30000) <= 0) {
      fault = errno ? errno : ETIMEDOUT;
      break;
    }
    for (int i = 0; i < load->publishers && !fault; i++) {
      if (!(items[i].revents & ZMQ_POLLIN)) continue;
      int got;
      while ((got = receive_answer(&all[i], load, result, &message)) == 1) {
        now = seconds_of(CLOCK_MONOTONIC);
        samples[sample_count++ % MAX_SAMPLES] = (now - all[i].sent[all[i].first]) * 1e6;
        all[i].first = (all[i].first + 1) % all[i].capacity;
        all[i].owed--;
        owed--;
        if (now - start >= load->seconds) continue;
        fault = send_message(&all[i], i, load, event);
        owed++;
      }
      if (got < 0) fault = errno;
    }
  }
  result->seconds = now - start;
  result->cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  if (sample_count > MAX_SAMPLES) sample_count = MAX_SAMPLES;
  qsort(samples, (size_t)sample_count, sizeof *samples, compare);
  if (sample_count > 0) {
    result->p50_us = samples[sample_count / 2];
    result->p99_us = samples[sample_count - 1 - sample_count / 100];
  }
  zmq_msg_close(&message);
  free(event);
  return fault;
}

int bench_publish(const bench_load *load, bench_result *result) {
  memset(result, 0, sizeof *result);
  if (load->publishers > MAX_PUBLISHERS) return EINVAL;
  void *context = zmq_ctx_new();
  publisher all[MAX_PUBLISHERS];
  double *samples = malloc(sizeof(double) * MAX_SAMPLES);
  int fault = 0;
  for (int i = 0; i < load->publishers; i++) {
    int capacity = load->outstanding + 2;
    all[i] = (publisher){zmq_socket(context, ZMQ_DEALER), 0, 0, malloc(sizeof(double) * (size_t)capacity), 0, capacity};
    int linger = 0, unlimited = 0;
    zmq_setsockopt(all[i].socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(all[i].socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(all[i].socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    if (zmq_connect(all[i].socket, load->endpoint) != 0) fault = errno;
  }
  if (!fault) fault = run(all, load, result, samples);
  for (int i = 0; i < load->publishers; i++) {
    zmq_close(all[i].socket);
    free(all[i].sent);
  }
  zmq_ctx_term(context);
  free(samples);
  return fault;
}
