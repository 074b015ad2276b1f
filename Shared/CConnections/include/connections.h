#ifndef GONOGO_CCONNECTIONS_H
#define GONOGO_CCONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

// Limits the connections that this process accepts, in ways that libzmq does not.
//
// libzmq aborts the process when a listener runs out of file descriptors, buffers an unfinished message without limit,
// and does not report how much of a reply it still holds. This target defines `accept4`, `close`, `recv`, `send` and
// `epoll_ctl` for the whole executable: they make the same system calls, and also count connections and bytes for the
// descriptors that `accept4` returned. Every function may be called from any thread.

// The limits of the whole process. A limit of 0 does not apply.
typedef struct {
  uint32_t connections;       // simultaneous connections in total
  uint32_t connections_each;  // simultaneous connections from one user or one remote address
  uint32_t reserved;          // the part of `connections` that is reserved for this process's own user
  uint32_t silent_seconds;    // time after which a connection without a delivered message is closed
  int64_t unread;             // bytes received but not delivered, in total
  int64_t unread_each;        // bytes received but not delivered on one connection
  int64_t rate;               // units that a user or an address regains per second; see `gonogo_connection_charge`
  int64_t burst;              // the maximum number of its units
} gonogo_connection_limits;

// Sets the limits of the process.
void gonogo_connections_configure(const gonogo_connection_limits *limits);

// Returns whether libzmq really calls the functions that are defined here.
bool gonogo_connections_interposed(void);

// Adds, or removes, an eventfd that is written to when `gonogo_connections_review` has something to do.
void gonogo_connections_add_waker(int eventfd);
void gonogo_connections_remove_waker(int eventfd);

// Claims the connection of a message's sender, with the eventfd that `gonogo_connection_wake_below` writes to.
//
// `pid` is the sender's process; -1 if it is remote. Returns an id for the functions below, which is never reused; 0 if
// the connection has ended or is already claimed.
uint64_t gonogo_connection_claim(int descriptor, int32_t pid, int eventfd);

bool gonogo_connection_is_open(int descriptor, uint64_t id);

// Sets whether its user or address is charged for everything that it sends, rather than only for refusals.
void gonogo_connection_set_stranger(int descriptor, uint64_t id, bool is_stranger);

// Records that a message was delivered; its cost is its bytes on the wire, plus 64 for each frame.
void gonogo_connection_delivered(int descriptor, uint64_t id, int64_t cost);

// Charges units to the connection's user or address. While that owes some, this connection is not read.
void gonogo_connection_charge(int descriptor, uint64_t id, int64_t units);

// Records bytes that are passed to libzmq for this connection; negative if libzmq did not accept them after all.
void gonogo_connection_passed(int descriptor, uint64_t id, int64_t bytes);

// Returns the bytes passed to libzmq but not yet written to the system; -1 if the connection has ended.
int64_t gonogo_connection_unsent(int descriptor, uint64_t id);

// Requests one write to the eventfd, as soon as at most this many bytes are unsent.
void gonogo_connection_wake_below(int descriptor, uint64_t id, int64_t bytes);

// Ends the connection if it is still open.
void gonogo_connection_drop(int descriptor, uint64_t id);

// The reasons why the limits closed a connection.
enum {
  GONOGO_DROPPED_UNREAD = 1,  // it had too many bytes of unfinished messages
  GONOGO_DROPPED_SILENT = 2,  // it sent no complete message in time
};

typedef struct {
  int reason;
  uint64_t owner;  // see `gonogo_owner_uid`
  int64_t bytes;
} gonogo_dropped_connection;

// Returns the user id if the owner is the user of a Unix socket's peer; -1 if it is a remote address.
int64_t gonogo_owner_uid(uint64_t owner);

// Removes and returns the next report of a connection that the limits closed; false if there is none.
bool gonogo_connections_next_dropped(gonogo_dropped_connection *dropped);

// Returns the number of connections refused since the last call, and the owner of the latest one.
uint64_t gonogo_connections_take_refused(uint64_t *owner);

// Returns the current number of connections.
uint32_t gonogo_connections_count(void);

// Returns whether `gonogo_connections_review` has something new to do since its last run.
bool gonogo_connections_need_review(void);

// Closes connections that exceed a limit, and resumes those that no longer do.
//
// `all_delivered`: whether all complete messages have been delivered, so that all unread bytes belong to unfinished
// ones. Returns the maximum number of milliseconds until the next call; -1 if nothing is pending.
int gonogo_connections_review(bool all_delivered);

#endif
