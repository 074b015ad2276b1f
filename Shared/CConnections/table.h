#ifndef GONOGO_CONNECTION_TABLE_H
#define GONOGO_CONNECTION_TABLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "connections.h"

// The reasons why reading from a descriptor is paused.
enum { HELD_UNREAD = 1, HELD_CHARGED = 2 };

// One accepted connection. Members that are not atomic are guarded by `gonogo_lock`, except `frames`, which only the
// thread that reads the descriptor uses.
struct connection {
  _Atomic(uint64_t) id;  // 0: the descriptor is not an accepted connection
  _Atomic(int64_t) unread;
  _Atomic(int64_t) unsent;
  _Atomic(int64_t) wake_below;  // -1: no wake-up is wanted
  _Atomic(int) eventfd;
  _Atomic(int) held;  // HELD_…
  _Atomic(bool) is_claimed, is_stranger, is_suspect, is_dropped;
  uint64_t owner;
  int32_t pid;
  int64_t accepted_at, held_at;
  int epoll;  // -1: not registered with any
  struct epoll_event event;
  struct {
    uint8_t stage, flags, count;
    bool is_old;
    uint64_t left;
  } frames;
};

extern pthread_mutex_t gonogo_lock;

// Returns the connection of a descriptor; NULL if it is not an accepted connection.
struct connection *gonogo_connection_at(int descriptor);

// Creates the table if it does not exist.
void gonogo_make_table(void);

// Counts the bytes that a connection has received, and pauses reading if there are too many.
void gonogo_received(int descriptor, struct connection *connection, int64_t cost, int64_t bytes);

// Returns the cost of received bytes: see `gonogo_connection_delivered`. Commands and the greeting cost nothing.
int64_t gonogo_count_frames(struct connection *connection, const uint8_t *bytes, size_t count);

// The following functions require the lock.

// Registers a descriptor from `accept4`; returns false if its owner, or all owners together, have too many.
bool gonogo_admit(int descriptor);
void gonogo_forget(struct connection *connection);

#endif
