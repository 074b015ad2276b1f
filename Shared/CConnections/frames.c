#include "table.h"

// Parses ZMTP's framing (ZeroMQ RFC 13, 15 and 23) as far as needed for the sizes of frames.

enum {
  BEGIN,
  SIGNATURE,
  REVISION,
  GREETING,
  FLAGS,
  LENGTH,
  LONG_LENGTH,
  BODY,
  OLD_LENGTH,
  OLD_LONG_LENGTH,
  UNKNOWN,
};

enum { LONG_FRAME = 2, COMMAND = 4 };

// The memory that libzmq uses for a frame in addition to its bytes.
static const int64_t FRAME_COST = 64;

static bool counts(const struct connection *c) { return !(c->frames.flags & COMMAND); }

static int64_t begin_body(struct connection *c, int header) {
  c->frames.stage = BODY;
  return counts(c) ? FRAME_COST + header : 0;
}

static int64_t begin_length(struct connection *c, int stage) {
  c->frames.stage = stage;
  c->frames.left = 0;
  c->frames.count = 8;
  return 0;
}

// The frames of ZMTP 1 begin with their length, which counts the flags.
static int64_t old_length(struct connection *c, uint8_t byte) {
  c->frames.is_old = true;
  if (byte == 0xff) return begin_length(c, OLD_LONG_LENGTH);
  c->frames.left = byte;
  return begin_body(c, 1);
}

static int64_t step(struct connection *c, uint8_t byte) {
  switch (c->frames.stage) {
  case BEGIN:
    if (byte != 0xff) return old_length(c, byte);
    c->frames.stage = SIGNATURE;
    c->frames.left = 9;
    return 0;
  case SIGNATURE:
    if (--c->frames.left == 0) c->frames.stage = byte & 1 ? REVISION : UNKNOWN;
    return 0;
  case REVISION:
    c->frames.stage = byte == 0 ? UNKNOWN : GREETING;
    c->frames.left = byte < 3 ? 1 : 53;
    return 0;
  case GREETING:
    if (--c->frames.left == 0) c->frames.stage = FLAGS;
    return 0;
  case FLAGS:
    c->frames.flags = byte;
    if (byte & LONG_FRAME) return begin_length(c, LONG_LENGTH);
    c->frames.stage = LENGTH;
    return 0;
  case LENGTH:
    c->frames.left = byte;
    return begin_body(c, 2);
  case OLD_LENGTH:
    return old_length(c, byte);
  case LONG_LENGTH:
  case OLD_LONG_LENGTH:
    c->frames.left = c->frames.left << 8 | byte;
    return --c->frames.count ? 0 : begin_body(c, 9);
  default:
    // An unknown greeting, which libzmq no longer sends: counted as if it were all empty frames.
    return FRAME_COST / 2;
  }
}

int64_t gonogo_count_frames(struct connection *c, const uint8_t *bytes, size_t count) {
  int64_t cost = 0;
  for (size_t i = 0; i < count;) {
    if (c->frames.stage != BODY) {
      cost += step(c, bytes[i++]);
    } else {
      size_t part = count - i < c->frames.left ? count - i : (size_t)c->frames.left;
      if (counts(c)) cost += (int64_t)part;
      c->frames.left -= part;
      i += part;
    }
    if (c->frames.stage == BODY && c->frames.left == 0) c->frames.stage = c->frames.is_old ? OLD_LENGTH : FLAGS;
  }
  return cost;
}
