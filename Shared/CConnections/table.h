#ifndef GONOGO_CONNECTION_TABLE_H
#define GONOGO_CONNECTION_TABLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "connections.h"

// Why a descriptor is not read at present.
enum { HELD_UNREAD = 1, HELD_CHARGED = 2 };

// One accepted connection. What is not atomic is guarded by `gonogo_lock`, except `frames`, which only the thread that
// reads the descriptor uses.
struct connection {
  _Atomic(uint64_t) id;  // 0: the descriptor is no accepted connection
  _Atomic(int64_t) unread;
  _Atomic(int64_t) unsent;
  _Atomic(int64_t) wake_below;  // -1: not wanted
  _Atomic(int) eventfd;
  _Atomic(int) held;  // HELD_…
  _Atomic(bool) is_claimed, is_stranger, is_suspect, is_dropped;
  uint64_t owner;
  int32_t pid;
  int64_t accepted_at, held_at;
  int epoll;  // -1: in none
  struct epoll_event event;
  struct {
    uint8_t stage, flags, count;
    bool is_old;
    uint64_t left;
  } frames;
};

extern pthread_mutex_t gonogo_lock;

// The connection of a descriptor; NULL if it is none.
struct connection *gonogo_connection_at(int descriptor);

// Makes the table, if it is not there.
void gonogo_make_table(void);

// Counts what a connection has received, and holds it if that is too much.
void gonogo_received(int descriptor, struct connection *connection, int64_t cost, int64_t bytes);

// The cost of received bytes: see `gonogo_connection_delivered`. Commands and the greeting cost nothing.
int64_t gonogo_count_frames(struct connection *connection, const uint8_t *bytes, size_t count);

// What follows needs the lock.

// Enters a descriptor that `accept4` returned. False if its owner, or all owners together, have too many.
bool gonogo_admit(int descriptor);
void gonogo_forget(struct connection *connection);

#endif
