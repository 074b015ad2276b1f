#ifndef GONOGO_CCONNECTIONS_H
#define GONOGO_CCONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

// The connections that this process has accepted, and what libzmq does not bound of them.
//
// libzmq aborts the process when a listener runs out of file descriptors, buffers a message that is never finished
// without limit, and does not say how much of a reply it still holds. This target defines `accept4`, `close`, `recv`,
// `send` and `epoll_ctl` for the whole executable: they make the same system calls, and count for the descriptors that
// `accept4` returned. Every function may be called from any thread.

// The limits of the whole process. A limit of 0 does not apply.
typedef struct {
  uint32_t connections;       // at once, in all
  uint32_t connections_each;  // at once, from one user or one remote address
  uint32_t reserved;          // of `connections`, those that only this process's own user can have
  uint32_t silent_seconds;    // a connection that has delivered no message by then is closed
  int64_t unread;             // bytes received and not delivered, in all
  int64_t unread_each;        // and of one connection
  int64_t rate;               // units that a user or an address regains in a second; see `gonogo_connection_charge`
  int64_t burst;              // units that it has at most
} gonogo_connection_limits;

// Sets the limits of the process.
void gonogo_connections_configure(const gonogo_connection_limits *limits);

// Whether libzmq calls the functions that are defined here.
bool gonogo_connections_interposed(void);

// Adds an eventfd that is written to when `gonogo_connections_review` has something to do, and removes it again.
void gonogo_connections_add_waker(int eventfd);
void gonogo_connections_remove_waker(int eventfd);

// Claims the connection of a message's sender; its eventfd is written to as `gonogo_connection_wake_below` says.
//
// `pid` is the sender's process, -1 if it is remote. Returns an id for the functions below, which is never reused; 0 if
// the connection has ended, or has been claimed.
uint64_t gonogo_connection_claim(int descriptor, int32_t pid, int eventfd);

bool gonogo_connection_is_open(int descriptor, uint64_t id);

// Whether its user or address is charged for all that it sends, not only for what is refused.
void gonogo_connection_set_stranger(int descriptor, uint64_t id, bool is_stranger);

// A message has been delivered whose frames count for this much: their bytes on the wire and 64 for each.
void gonogo_connection_delivered(int descriptor, uint64_t id, int64_t cost);

// Takes units from the connection's user or address. While it owes some, this connection is not read.
void gonogo_connection_charge(int descriptor, uint64_t id, int64_t units);

// Bytes have been passed to libzmq to be written to the connection; negative if it did not take them after all.
void gonogo_connection_passed(int descriptor, uint64_t id, int64_t bytes);

// The bytes passed to libzmq that the system has not taken yet; -1 if the connection has ended.
int64_t gonogo_connection_unsent(int descriptor, uint64_t id);

// Writes to the eventfd once, when no more than this many bytes are unsent.
void gonogo_connection_wake_below(int descriptor, uint64_t id, int64_t bytes);

// Ends the connection, if it has not ended.
void gonogo_connection_drop(int descriptor, uint64_t id);

// Why a connection was closed by the limits.
enum {
  GONOGO_DROPPED_UNREAD = 1,  // it did not finish a message
  GONOGO_DROPPED_SILENT = 2,  // it did not call
};

typedef struct {
  int reason;
  uint64_t owner;  // as `gonogo_owner_uid` tells
  int64_t bytes;
} gonogo_dropped_connection;

// The user of a Unix socket's peer; -1 if the owner is an address.
int64_t gonogo_owner_uid(uint64_t owner);

// Takes the next connection that was closed by the limits; false if there is none.
bool gonogo_connections_next_dropped(gonogo_dropped_connection *dropped);

// Takes the number of connections refused since the last call, and the owner of one of them.
uint64_t gonogo_connections_take_refused(uint64_t *owner);

// The number of connections now.
uint32_t gonogo_connections_count(void);

// Whether `gonogo_connections_review` has something to do that was not there when it last ran.
bool gonogo_connections_need_review(void);

// Closes connections that are over a limit, and reads again from those that no longer are.
//
// `all_delivered`: all complete messages have been delivered, so what is unread belongs to unfinished ones. Returns the
// milliseconds after which to call it again at the latest; -1 if nothing is pending.
int gonogo_connections_review(bool all_delivered);

#endif
