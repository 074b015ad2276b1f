#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "table.h"

// Replaces functions of the system's library that libzmq calls. The dynamic linker finds an executable's own symbols
// before those of libraries, so that these serve every library of the process. For descriptors that are not accepted
// connections they only make the system call.

#define INTERPOSED __attribute__((visibility("default"), used))

static int close_descriptor(int descriptor) { return (int)syscall(SYS_close, descriptor); }

// Returns whether this is a child between fork and exec, which must not wait for locks held by its parent's threads.
static bool is_child(void) {
  static _Atomic(pid_t) owner;
  pid_t pid = (pid_t)syscall(SYS_getpid), none = 0;
  atomic_compare_exchange_strong(&owner, &none, pid);
  return atomic_load(&owner) != pid;
}

// MARK: accept4, close

static _Atomic(int) spare = -1;

static void keep_spare(void) {
  if (atomic_load(&spare) >= 0) return;
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);
  int none = -1;
  if (descriptor >= 0 && !atomic_compare_exchange_strong(&spare, &none, descriptor)) close_descriptor(descriptor);
}

// Accepts and closes a waiting connection for which no descriptor is left; otherwise it would be offered forever.
static void accept_and_close(int listener) {
  int own = atomic_exchange(&spare, -1);
  if (own >= 0) close_descriptor(own);
  int descriptor = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC);
  if (descriptor >= 0) close_descriptor(descriptor);
  keep_spare();
}

// The number of connections that one call may refuse in a row, so that a flood of them costs little.
enum { REFUSED_IN_A_ROW = 16 };

INTERPOSED int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
  gonogo_make_table();
  keep_spare();
  socklen_t capacity = length ? *length : 0;
  for (int i = 0; i < REFUSED_IN_A_ROW; i++) {
    if (length) *length = capacity;
    int descriptor = (int)syscall(SYS_accept4, listener, address, length, flags);
    if (descriptor < 0) {
      if (errno == EMFILE || errno == ENFILE) {
        accept_and_close(listener);
        errno = ECONNABORTED;
      }
      return -1;
    }
    pthread_mutex_lock(&gonogo_lock);
    bool is_admitted = gonogo_admit(descriptor);
    pthread_mutex_unlock(&gonogo_lock);
    if (is_admitted) return descriptor;
    close_descriptor(descriptor);
    // If the listener blocks, another `accept4` would wait for a further connection.
    if (!(fcntl(listener, F_GETFL) & O_NONBLOCK)) break;
  }
  errno = ECONNABORTED;
  return -1;
}

INTERPOSED int close(int descriptor) {
  if (gonogo_connection_at(descriptor) && !is_child()) {
    pthread_mutex_lock(&gonogo_lock);
    struct connection *c = gonogo_connection_at(descriptor);
    if (c) gonogo_forget(c);
    pthread_mutex_unlock(&gonogo_lock);
  }
  return close_descriptor(descriptor);
}

// MARK: recv, send

// The maximum number of bytes read at once from a connection whose reading was paused before.
static const size_t SUSPECT_BYTES = 2048;

INTERPOSED ssize_t recv(int descriptor, void *buffer, size_t size, int flags) {
  struct connection *c = gonogo_connection_at(descriptor);
  if (!c) return syscall(SYS_recvfrom, descriptor, buffer, size, flags, NULL, NULL);
  if (c->is_dropped) return 0;
  int held = c->held;
  if (held) {
    // libzmq reads even a paused descriptor once the peer has closed the connection.
    struct pollfd state = {.fd = descriptor, .events = 0};
    bool has_ended = poll(&state, 1, 0) == 1 && state.revents & (POLLHUP | POLLERR);
    if (has_ended && held & HELD_CHARGED) return 0;
    if (!has_ended) {
      errno = EAGAIN;
      return -1;
    }
  }
  if (c->is_suspect && size > SUSPECT_BYTES) size = SUSPECT_BYTES;
  ssize_t count = syscall(SYS_recvfrom, descriptor, buffer, size, flags, NULL, NULL);
  if (count > 0 && !(flags & MSG_PEEK)) {
    gonogo_received(descriptor, c, gonogo_count_frames(c, buffer, (size_t)count), count);
  }
  return count;
}

INTERPOSED ssize_t send(int descriptor, const void *buffer, size_t size, int flags) {
  ssize_t count = syscall(SYS_sendto, descriptor, buffer, size, flags, NULL, 0);
  struct connection *c = count > 0 ? gonogo_connection_at(descriptor) : NULL;
  if (!c) return count;
  int64_t unsent = atomic_fetch_sub(&c->unsent, count) - count;
  int64_t mark = atomic_load(&c->wake_below);
  if (mark >= 0 && unsent <= mark && atomic_exchange(&c->wake_below, -1) >= 0) {
    uint64_t one = 1;
    syscall(SYS_write, atomic_load(&c->eventfd), &one, sizeof one);
  }
  return count;
}

// MARK: epoll_ctl

INTERPOSED int epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event) {
  if (!gonogo_connection_at(descriptor)) return (int)syscall(SYS_epoll_ctl, epoll, operation, descriptor, event);
  pthread_mutex_lock(&gonogo_lock);
  struct epoll_event applied = event ? *event : (struct epoll_event){0};
  struct connection *c = gonogo_connection_at(descriptor);
  if (c && operation == EPOLL_CTL_DEL) {
    c->epoll = -1;
  } else if (c) {
    c->epoll = epoll;
    c->event = applied;
    if (c->held) applied.events &= ~(uint32_t)EPOLLIN;
  }
  int result = (int)syscall(SYS_epoll_ctl, epoll, operation, descriptor, event ? &applied : NULL);
  pthread_mutex_unlock(&gonogo_lock);
  return result;
}

bool gonogo_connections_interposed(void) {
  return dlsym(RTLD_DEFAULT, "accept4") == (void *)accept4 && dlsym(RTLD_DEFAULT, "recv") == (void *)recv &&
         dlsym(RTLD_DEFAULT, "send") == (void *)send && dlsym(RTLD_DEFAULT, "close") == (void *)close &&
         dlsym(RTLD_DEFAULT, "epoll_ctl") == (void *)epoll_ctl;
}
