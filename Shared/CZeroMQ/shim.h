#ifndef GONOGO_CZEROMQ_SHIM_H
#define GONOGO_CZEROMQ_SHIM_H

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zmq.h>

// Gives the calling thread a umask (and working folder) of its own; 0, or -1 where that is not allowed.
static inline int gonogo_unshare_file_system_attributes(void) {
  return (int)syscall(SYS_unshare, 0x00000200 /* CLONE_FS */);
}

// A counter that poll can wait for: non-blocking, closed on exec; -1 on failure.
static inline int gonogo_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Names the calling thread, as debuggers and `top -H` show it.
static inline void gonogo_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
