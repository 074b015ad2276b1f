#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM_DESCRIPTORS = 1 << 20, BUCKETS = 256, WAKERS = 64, REPORTS = 64, LEAVING = 32 };

// Set in the owner's number for a remote address; without it, the number is a local user's id.
static const uint64_t REMOTE_OWNER = 1ull << 63;

pthread_mutex_t gonogo_lock = PTHREAD_MUTEX_INITIALIZER;

// Unread bytes are limited even before anything is configured.
static gonogo_connection_limits limits = {.unread = 48 << 20, .unread_each = 16 << 20};

// One entry for each possible descriptor; unused pages take no memory.
static _Atomic(struct connection *) table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;
static _Atomic(int) entries;  // one more than the highest descriptor that was ever a connection
static _Atomic(uint64_t) last_id;
static _Atomic(int64_t) all_unread;
static _Atomic(uint32_t) admitted, held_count;
static _Atomic(int) wakers[WAKERS];  // eventfd + 1
static _Atomic(bool) needs_review;
static uint64_t refused, refused_owner;
static gonogo_dropped_connection reports[REPORTS];
static int first_report, report_count;

// The number of connections without a call that a user or an address may end, per second and at once.
static const int64_t CALLS_MISSED = 64, CALLS_MISSED_AT_ONCE = 256;

// The units that a user or an address has left; negative if it owes some. Entries are filled in order, never removed.
static struct bucket {
  uint64_t owner;
  int64_t units, at;
  int64_t connects;  // in thousandths of a connection; at 0, none is accepted
  bool is_stranger;
} buckets[BUCKETS];

static void make_table(void) {
  void *memory = mmap(NULL, sizeof(struct connection) * MAXIMUM_DESCRIPTORS, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  atomic_store(&table, memory == MAP_FAILED ? NULL : memory);
}

void gonogo_make_table(void) { pthread_once(&table_once, make_table); }

struct connection *gonogo_connection_at(int descriptor) {
  if (descriptor < 0 || descriptor >= atomic_load_explicit(&entries, memory_order_acquire)) return NULL;
  struct connection *c = atomic_load_explicit(&table, memory_order_relaxed) + descriptor;
  return atomic_load_explicit(&c->id, memory_order_acquire) ? c : NULL;
}

static struct connection *connection_with(int descriptor, uint64_t id) {
  struct connection *c = id ? gonogo_connection_at(descriptor) : NULL;
  return c && atomic_load(&c->id) == id ? c : NULL;
}

// Returns the next connection after a descriptor, and sets the descriptor to its own; start with -1.
static struct connection *next_connection(int *descriptor) {
  int end = atomic_load(&entries);
  while (++*descriptor < end) {
    struct connection *c = gonogo_connection_at(*descriptor);
    if (c) return c;
  }
  return NULL;
}

static int64_t milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wake(int eventfd) {
  uint64_t one = 1;
  int before = errno;
  if (eventfd >= 0) syscall(SYS_write, eventfd, &one, sizeof one);
  errno = before;
}

static void ask_for_review(void) {
  if (atomic_exchange(&needs_review, true)) return;
  for (int i = 0; i < WAKERS; i++) wake(atomic_load(&wakers[i]) - 1);
}

static struct bucket *bucket_of(uint64_t owner) {
  int64_t now = milliseconds_now();
  struct bucket *fullest = NULL;
  for (int i = 0; i < BUCKETS; i++) {
    struct bucket *b = &buckets[i];
    if (!b->at) {
      fullest = b;
      break;
    }
    int64_t before = b->at;
    b->units += (now - before) * limits.rate / 1000;
    b->at = now;
    if (b->units > limits.burst) b->units = limits.burst;
    b->connects += (now - before) * CALLS_MISSED;
    if (b->connects > 1000 * CALLS_MISSED_AT_ONCE) b->connects = 1000 * CALLS_MISSED_AT_ONCE;
    if (b->owner == owner) return b;
    if (!fullest || b->units > fullest->units) fullest = b;
  }
  *fullest = (struct bucket){
      .owner = owner, .units = limits.burst, .at = now, .connects = 1000 * CALLS_MISSED_AT_ONCE};
  return fullest;
}

// MARK: Owners

static uint64_t remote_owner(const struct sockaddr_storage *address) {
  if (address->ss_family == AF_INET) {
    return REMOTE_OWNER | ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
  }
  const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
  uint64_t number = 0;
  if (IN6_IS_ADDR_V4MAPPED(six)) {
    for (int i = 12; i < 16; i++) number = number << 8 | six->s6_addr[i];
    return REMOTE_OWNER | number;
  }
  // A host can usually use all addresses of its /64 network.
  for (int i = 0; i < 8; i++) number = number << 8 | six->s6_addr[i];
  return REMOTE_OWNER | 1ull << 62 | number;
}

static uint64_t owner_of(int descriptor, int32_t *pid) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  *pid = -1;
  if (getpeername(descriptor, (struct sockaddr *)&address, &length) != 0) return REMOTE_OWNER;
  if (address.ss_family == AF_INET || address.ss_family == AF_INET6) return remote_owner(&address);
  struct ucred peer;
  length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return REMOTE_OWNER;
  *pid = peer.pid;
  return peer.uid;
}

int64_t gonogo_owner_uid(uint64_t owner) { return owner & REMOTE_OWNER ? -1 : (int64_t)owner; }

// MARK: Ending connections

static void release_unread(struct connection *c) {
  atomic_fetch_sub(&all_unread, atomic_exchange(&c->unread, 0));
}

static void set_held(struct connection *c, int held) {
  int before = atomic_exchange(&c->held, held);
  if (!before && held) atomic_fetch_add(&held_count, 1);
  if (before && !held) atomic_fetch_sub(&held_count, 1);
}

static void apply_interest(int descriptor, struct connection *c) {
  if (c->epoll < 0) return;
  struct epoll_event event = c->event;
  if (c->held) event.events &= ~(uint32_t)EPOLLIN;
  syscall(SYS_epoll_ctl, c->epoll, EPOLL_CTL_MOD, descriptor, &event);
}

// Shuts a connection down, after which libzmq closes it.
static void drop(int descriptor, struct connection *c, int reason) {
  if (atomic_exchange(&c->is_dropped, true)) return;
  int64_t bytes = atomic_load(&c->unread);
  release_unread(c);
  shutdown(descriptor, SHUT_RDWR);
  set_held(c, 0);
  apply_interest(descriptor, c);
  if (!reason || report_count == REPORTS) return;
  reports[(first_report + report_count++) % REPORTS] =
      (gonogo_dropped_connection){.reason = reason, .owner = c->owner, .bytes = bytes};
  ask_for_review();
}

void gonogo_forget(struct connection *c) {
  release_unread(c);
  set_held(c, 0);
  if (!c->is_claimed && !c->is_dropped && limits.connections) {
    struct bucket *bucket = bucket_of(c->owner);
    if (bucket->connects > 0) bucket->connects -= 1000;
  }
  atomic_fetch_sub(&admitted, 1);
  atomic_store_explicit(&c->id, 0, memory_order_release);
}

// MARK: Admission

// Makes room for one more connection of an owner by ending the oldest one that is over a second old without a call.
static bool replace_silent(uint64_t owner, int64_t now) {
  struct connection *oldest = NULL, *c;
  int oldest_descriptor = -1, descriptor = -1;
  while ((c = next_connection(&descriptor))) {
    if (c->owner != owner || c->is_claimed || c->is_dropped || now - c->accepted_at < 1000) continue;
    if (oldest && oldest->accepted_at <= c->accepted_at) continue;
    oldest = c;
    oldest_descriptor = descriptor;
  }
  if (oldest) drop(oldest_descriptor, oldest, GONOGO_DROPPED_SILENT);
  return oldest != NULL;
}

// Returns whether one more connection of the owner is within the limits.
static bool has_room(uint64_t owner, int64_t now) {
  if (!limits.connections) return true;
  uint64_t own = geteuid();
  uint32_t all = 0, same = 0, others = 0, leaving = 0;
  struct connection *c;
  int descriptor = -1;
  while ((c = next_connection(&descriptor))) {
    if (c->is_dropped) {
      leaving++;
      continue;
    }
    all++;
    if (c->owner == owner) same++;
    if (c->owner != own) others++;
  }
  if (leaving >= LEAVING || bucket_of(owner)->connects <= 0) return false;
  bool is_full = all >= limits.connections || (limits.connections_each && same >= limits.connections_each) ||
                 (owner != own && others >= limits.connections - limits.reserved);
  return !is_full || replace_silent(owner, now);
}

bool gonogo_admit(int descriptor) {
  int32_t pid;
  int64_t now = milliseconds_now();
  uint64_t owner = owner_of(descriptor, &pid);
  struct connection *all = atomic_load(&table);
  if (!all || descriptor >= MAXIMUM_DESCRIPTORS || !has_room(owner, now)) {
    if (!refused++) ask_for_review();
    refused_owner = owner;
    return false;
  }
  struct connection *c = all + descriptor;
  c->unread = 0;
  c->unsent = 0;
  c->wake_below = -1;
  c->eventfd = -1;
  c->held = 0;
  c->is_claimed = c->is_suspect = c->is_dropped = false;
  memset(&c->frames, 0, sizeof c->frames);
  c->owner = owner;
  c->pid = pid;
  c->accepted_at = now;
  c->epoll = -1;
  c->is_stranger = bucket_of(owner)->is_stranger;
  if (atomic_fetch_add(&admitted, 1) == 0) ask_for_review();
  atomic_store_explicit(&c->id, atomic_fetch_add(&last_id, 1) + 1, memory_order_release);
  if (descriptor >= atomic_load(&entries)) atomic_store_explicit(&entries, descriptor + 1, memory_order_release);
  return true;
}

// MARK: Reading

static void hold(int descriptor, struct connection *c, int why) {
  if (c->is_dropped || (c->held & why)) return;
  if (!c->held) c->held_at = milliseconds_now();
  set_held(c, c->held | why);
  apply_interest(descriptor, c);
  ask_for_review();
}

static void release(int descriptor, struct connection *c, int why) {
  if (!(c->held & why)) return;
  set_held(c, c->held & ~why);
  if (!c->held) apply_interest(descriptor, c);
}

static void charge(int descriptor, struct connection *c, int64_t units) {
  if (!limits.rate) return;
  struct bucket *bucket = bucket_of(c->owner);
  bucket->units -= units;
  // The debt is limited, so that a sender who stops is read again within seconds.
  if (bucket->units < -4 * limits.rate) bucket->units = -4 * limits.rate;
  if (bucket->units >= 0) return;
  c->is_suspect = true;
  hold(descriptor, c, HELD_CHARGED);
}

// The number of unread bytes up to which ending a connection would not help.
static int64_t least_unread(void) { return limits.unread / 1024; }

void gonogo_received(int descriptor, struct connection *c, int64_t cost, int64_t bytes) {
  int64_t unread = atomic_fetch_add(&c->unread, cost) + cost;
  int64_t all = atomic_fetch_add(&all_unread, cost) + cost;
  bool is_too_much = unread > limits.unread_each || (all > limits.unread && unread > least_unread());
  if (!is_too_much && !c->is_stranger) return;
  pthread_mutex_lock(&gonogo_lock);
  if (c->is_stranger) charge(descriptor, c, bytes);
  if (is_too_much) hold(descriptor, c, HELD_UNREAD);
  pthread_mutex_unlock(&gonogo_lock);
}

// Ends the connections with the most unread bytes until each one and their total are within the limits.
static void drop_unfinished(void) {
  while (true) {
    struct connection *largest = NULL, *c;
    int largest_descriptor = -1, descriptor = -1;
    while ((c = next_connection(&descriptor))) {
      if (c->is_dropped || (largest && c->unread <= largest->unread)) continue;
      largest = c;
      largest_descriptor = descriptor;
    }
    if (!largest || largest->unread <= least_unread()) return;
    if (largest->unread <= limits.unread_each && all_unread <= limits.unread) return;
    drop(largest_descriptor, largest, GONOGO_DROPPED_UNREAD);
  }
}

// Resumes the connections whose owner owes nothing, starting with the one that has waited longest.
static void resume_charged(void) {
  while (true) {
    struct connection *first = NULL, *c;
    struct bucket *bucket = NULL;
    int first_descriptor = -1, descriptor = -1;
    while ((c = next_connection(&descriptor))) {
      if (!(c->held & HELD_CHARGED) || (first && c->held_at >= first->held_at)) continue;
      struct bucket *own = bucket_of(c->owner);
      if (own->units <= 0) continue;
      first = c;
      first_descriptor = descriptor;
      bucket = own;
    }
    if (!first) return;
    // Charges in advance for what it may send, so that not all connections of a user resume at once.
    bucket->units -= 1024;
    release(first_descriptor, first, HELD_CHARGED);
  }
}

bool gonogo_connections_need_review(void) { return atomic_load_explicit(&needs_review, memory_order_relaxed); }

int gonogo_connections_review(bool all_delivered) {
  int64_t now = milliseconds_now();
  struct connection *c;
  int descriptor = -1;
  atomic_store(&needs_review, false);
  pthread_mutex_lock(&gonogo_lock);
  if (all_delivered && held_count) drop_unfinished();
  if (held_count) resume_charged();
  while ((c = next_connection(&descriptor))) {
    if (all_delivered) release(descriptor, c, HELD_UNREAD);
    if (c->is_claimed || !limits.silent_seconds || now - c->accepted_at < limits.silent_seconds * 1000ll) continue;
    drop(descriptor, c, GONOGO_DROPPED_SILENT);
  }
  int next = held_count ? 10 : admitted || report_count || refused ? 1000 : -1;
  pthread_mutex_unlock(&gonogo_lock);
  return next;
}

// MARK: Claimed connections

uint64_t gonogo_connection_claim(int descriptor, int32_t pid, int eventfd) {
  pthread_mutex_lock(&gonogo_lock);
  struct connection *c = gonogo_connection_at(descriptor);
  uint64_t id = c && !c->is_claimed && c->pid == pid ? atomic_load(&c->id) : 0;
  if (id) {
    c->is_claimed = true;
    c->eventfd = eventfd;
  }
  pthread_mutex_unlock(&gonogo_lock);
  return id;
}

bool gonogo_connection_is_open(int descriptor, uint64_t id) { return connection_with(descriptor, id) != NULL; }

void gonogo_connection_set_stranger(int descriptor, uint64_t id, bool is_stranger) {
  pthread_mutex_lock(&gonogo_lock);
  struct connection *c = connection_with(descriptor, id), *other;
  if (c) {
    c->is_stranger = is_stranger;
    // Also assumed for its owner's connections that have not called yet; each is checked when it calls.
    bucket_of(c->owner)->is_stranger = is_stranger;
    int next = -1;
    while ((other = next_connection(&next))) {
      if (other->owner == c->owner && !other->is_claimed) other->is_stranger = is_stranger;
    }
  }
  pthread_mutex_unlock(&gonogo_lock);
}

void gonogo_connection_delivered(int descriptor, uint64_t id, int64_t cost) {
  struct connection *c = connection_with(descriptor, id);
  if (!c) return;
  // Never below 0, so that no connection can run up a credit.
  int64_t before = atomic_load(&c->unread), part;
  do {
    part = before < cost ? before : cost;
  } while (!atomic_compare_exchange_weak(&c->unread, &before, before - part));
  atomic_fetch_sub(&all_unread, part);
}

void gonogo_connection_charge(int descriptor, uint64_t id, int64_t units) {
  pthread_mutex_lock(&gonogo_lock);
  struct connection *c = connection_with(descriptor, id);
  if (c) charge(descriptor, c, units);
  pthread_mutex_unlock(&gonogo_lock);
}

void gonogo_connection_passed(int descriptor, uint64_t id, int64_t bytes) {
  struct connection *c = connection_with(descriptor, id);
  if (!c) return;
  int64_t before = atomic_load(&c->unsent);
  // Negative if libzmq wrote bytes that were not counted here: the handshake, and answers to heartbeats.
  while (!atomic_compare_exchange_weak(&c->unsent, &before, (before < 0 ? 0 : before) + bytes)) {
  }
}

int64_t gonogo_connection_unsent(int descriptor, uint64_t id) {
  struct connection *c = connection_with(descriptor, id);
  if (!c || c->is_dropped) return -1;
  int64_t unsent = atomic_load(&c->unsent);
  return unsent < 0 ? 0 : unsent;
}

void gonogo_connection_wake_below(int descriptor, uint64_t id, int64_t bytes) {
  struct connection *c = connection_with(descriptor, id);
  if (!c) return;
  atomic_store(&c->wake_below, bytes);
  // The level may already be reached.
  if (atomic_load(&c->unsent) <= bytes && atomic_exchange(&c->wake_below, -1) >= 0) wake(c->eventfd);
}

void gonogo_connection_drop(int descriptor, uint64_t id) {
  pthread_mutex_lock(&gonogo_lock);
  struct connection *c = connection_with(descriptor, id);
  if (c) drop(descriptor, c, 0);
  pthread_mutex_unlock(&gonogo_lock);
}

// MARK: The process

void gonogo_connections_configure(const gonogo_connection_limits *new_limits) {
  pthread_mutex_lock(&gonogo_lock);
  limits = *new_limits;
  pthread_mutex_unlock(&gonogo_lock);
}

void gonogo_connections_add_waker(int eventfd) {
  for (int i = 0; i < WAKERS; i++) {
    int none = 0;
    if (atomic_compare_exchange_strong(&wakers[i], &none, eventfd + 1)) return;
  }
}

void gonogo_connections_remove_waker(int eventfd) {
  for (int i = 0; i < WAKERS; i++) {
    int own = eventfd + 1;
    if (atomic_compare_exchange_strong(&wakers[i], &own, 0)) return;
  }
}

uint32_t gonogo_connections_count(void) { return atomic_load(&admitted); }

bool gonogo_connections_next_dropped(gonogo_dropped_connection *dropped) {
  pthread_mutex_lock(&gonogo_lock);
  bool is_any = report_count > 0;
  if (is_any) {
    *dropped = reports[first_report];
    first_report = (first_report + 1) % REPORTS;
    report_count--;
  }
  pthread_mutex_unlock(&gonogo_lock);
  return is_any;
}

uint64_t gonogo_connections_take_refused(uint64_t *owner) {
  pthread_mutex_lock(&gonogo_lock);
  uint64_t count = refused;
  refused = 0;
  *owner = refused_owner;
  pthread_mutex_unlock(&gonogo_lock);
  return count;
}
