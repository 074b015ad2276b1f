#ifndef GONOGO_CZEROMQ_SHIM_H
#define GONOGO_CZEROMQ_SHIM_H

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zmq.h>

// Gives the calling thread its own umask and working folder; returns 0, or -1 if that is not allowed.
static inline int gonogo_unshare_file_system_attributes(void) {
  return (int)syscall(SYS_unshare, 0x00000200 /* CLONE_FS */);
}

// Creates a counter for which poll can wait: non-blocking, closed on exec; returns -1 on failure.
static inline int gonogo_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Names the calling thread, as debuggers and `top -H` show it.
static inline void gonogo_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
