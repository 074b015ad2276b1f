#include <pthread.h>
#include <string.h>

#include "model.h"
#include "sentence_encoder.h"

// `#embed` is a feature of C23, and an extension of earlier versions.
#pragma clang diagnostic ignored "-Wc23-extensions"

// Vocabulary

enum {
  LONGEST_PIECE = 32,     // in bytes; longer ones are not looked up
  SLOTS = 1 << 16,        // more than twice the number of pieces
  LONGEST_WORD = 100,     // in characters; a longer one is unknown
  CHARACTER_LENGTH = 4,   // the maximum bytes of a character
};

// A hash table with open addressing: a slot has the id of a piece, or 0 if it is free. No text contains piece 0.
static uint16_t slots[SLOTS];
static uint32_t starts[WORDS + 1];

// Extends an FNV-1a hash by one byte. Pieces that continue a word start from another value.
static uint32_t extend(uint32_t hash, uint8_t byte) { return (hash ^ byte) * 16777619u; }

static uint32_t seed(bool continues) { return continues ? 84696351u : 2166136261u; }

static size_t slot(uint32_t hash) { return (hash ^ hash >> 16) % SLOTS; }

static void read_vocabulary(void) {
  size_t start = 0;
  for (size_t piece = 0; piece < WORDS; piece++) {
    const char *line = gonogo_vocabulary + start;
    const char *end = memchr(line, '\n', gonogo_vocabulary_size - start);
    const size_t length = (end ? (size_t)(end - line) : gonogo_vocabulary_size - start);
    const bool continues = length > 2 && memcmp(line, "##", 2) == 0;
    starts[piece] = (uint32_t)start;
    start += length + (end != NULL);
    if (piece == 0) continue;
    uint32_t hash = seed(continues);
    for (size_t i = continues ? 2 : 0; i < length; i++) hash = extend(hash, (uint8_t)line[i]);
    size_t place = slot(hash);
    while (slots[place]) place = (place + 1) % SLOTS;
    slots[place] = (uint16_t)piece;
  }
  starts[WORDS] = (uint32_t)start;
}

// Returns the id of a piece; 0 if it is not in the vocabulary.
static uint16_t look_up(const uint8_t *text, size_t length, bool continues, uint32_t hash) {
  const size_t mark = continues ? 2 : 0;
  for (size_t place = slot(hash); slots[place]; place = (place + 1) % SLOTS) {
    const uint16_t piece = slots[place];
    const char *line = gonogo_vocabulary + starts[piece];
    const size_t line_length = starts[piece + 1] - starts[piece] - 1;
    if (line_length != length + mark || memcmp(line, "##", mark) != 0) continue;
    if (memcmp(line + mark, text, length) == 0) return piece;
  }
  return 0;
}

// Characters

enum kind { SPACE, PUNCTUATION, IDEOGRAPH, LETTER, REMOVED };

// A run of characters beyond ASCII with the same treatment: the n-th becomes the n-th from `becomes` on, followed by
// `follows` unless that is 0. Characters outside all runs are letters that stay unchanged.
struct run {
  uint32_t first;
  uint16_t count, kind;
  uint32_t becomes, follows;
};

static const uint8_t runs[] = {
#embed "weights/characters.bin"
};

static struct run run_at(size_t index) {
  struct run run;
  memcpy(&run, runs + index * sizeof run, sizeof run);
  return run;
}

static enum kind ascii_kind(uint32_t character) {
  if (character == ' ' || character == '\t' || character == '\n' || character == '\r') return SPACE;
  if (character < ' ' || character == 0x7f) return REMOVED;
  if (character >= '0' && character <= '9') return LETTER;
  const uint32_t letter = character | 0x20;
  return letter >= 'a' && letter <= 'z' ? LETTER : PUNCTUATION;
}

// The treatment of a character, and the one or two characters that it becomes.
static enum kind normalise(uint32_t character, uint32_t becomes[2]) {
  becomes[0] = character;
  becomes[1] = 0;
  if (character < 0x80) {
    if (character >= 'A' && character <= 'Z') becomes[0] += 'a' - 'A';
    return ascii_kind(character);
  }
  size_t low = 0, high = sizeof runs / sizeof(struct run);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (run_at(middle).first <= character) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return LETTER;
  const struct run run = run_at(low - 1);
  if (character - run.first >= run.count) return LETTER;
  becomes[0] = run.becomes + (character - run.first);
  becomes[1] = run.follows;
  return (enum kind)run.kind;
}

// Decodes a UTF-8 character; a byte that is not part of one counts as U+FFFD.
static uint32_t next_character(const uint8_t **text, const uint8_t *end) {
  const uint8_t first = *(*text)++;
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || end - *text < more) return 0xfffd;
  uint32_t character = first & (0x3f >> more);
  for (int i = 0; i < more; i++) {
    if (((*text)[i] & 0xc0) != 0x80) return 0xfffd;
    character = character << 6 | ((*text)[i] & 0x3f);
  }
  *text += more;
  return character;
}

// Words

struct splitter {
  uint16_t *pieces;
  size_t count;
  size_t characters;  // of the word, including those for which its bytes have no room
  size_t length;
  uint8_t word[LONGEST_WORD * CHARACTER_LENGTH];
};

static void add_piece(struct splitter *splitter, uint16_t piece) {
  if (splitter->count < GONOGO_MAX_PIECES) splitter->pieces[splitter->count++] = piece;
}

// Finds the longest piece with which the rest of the word begins, and its length; 0 if there is none.
static uint16_t longest_piece(const struct splitter *splitter, size_t start, size_t *length) {
  uint32_t hashes[LONGEST_PIECE + 1] = {seed(start > 0)};
  size_t size = splitter->length - start;
  if (size > LONGEST_PIECE) size = LONGEST_PIECE;
  for (size_t i = 0; i < size; i++) hashes[i + 1] = extend(hashes[i], splitter->word[start + i]);
  for (*length = size; *length > 0; --*length) {
    const uint16_t piece = look_up(splitter->word + start, *length, start > 0, hashes[*length]);
    if (piece) return piece;
  }
  return 0;
}

static void end_word(struct splitter *splitter) {
  const size_t before = splitter->count;
  size_t start = 0, length = 0;
  const bool is_known = splitter->characters <= LONGEST_WORD;
  while (is_known && start < splitter->length) {
    const uint16_t piece = longest_piece(splitter, start, &length);
    if (!piece) break;
    add_piece(splitter, piece);
    start += length;
  }
  // If any part of a word is not in the vocabulary, the whole word is unknown.
  if (start < splitter->length) {
    splitter->count = before;
    add_piece(splitter, UNKNOWN);
  }
  splitter->length = splitter->characters = 0;
}

static void add_character(struct splitter *splitter, uint32_t character) {
  if (++splitter->characters > LONGEST_WORD) return;
  uint8_t *bytes = splitter->word + splitter->length;
  if (character < 0x80) {
    bytes[0] = (uint8_t)character;
    splitter->length += 1;
  } else if (character < 0x800) {
    bytes[0] = (uint8_t)(0xc0 | character >> 6);
    bytes[1] = (uint8_t)(0x80 | (character & 0x3f));
    splitter->length += 2;
  } else if (character < 0x10000) {
    bytes[0] = (uint8_t)(0xe0 | character >> 12);
    bytes[1] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
    bytes[2] = (uint8_t)(0x80 | (character & 0x3f));
    splitter->length += 3;
  } else {
    bytes[0] = (uint8_t)(0xf0 | character >> 18);
    bytes[1] = (uint8_t)(0x80 | (character >> 12 & 0x3f));
    bytes[2] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
    bytes[3] = (uint8_t)(0x80 | (character & 0x3f));
    splitter->length += 4;
  }
}

// Hangul syllables are numbered by initial, then 21 vowels, then 28 endings, the first of which means no ending.
static bool add_syllable(struct splitter *splitter, uint32_t character) {
  const uint32_t index = character - 0xac00;
  if (index > 0xd7a3 - 0xac00) return false;
  add_character(splitter, 0x1100 + index / (21 * 28));
  add_character(splitter, 0x1161 + index / 28 % 21);
  if (index % 28) add_character(splitter, 0x11a7 + index % 28);
  return true;
}

size_t gonogo_pieces(const uint8_t *text, size_t length, uint16_t *pieces) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, read_vocabulary);

  struct splitter splitter = {.pieces = pieces};
  const uint8_t *end = text + length;
  while (text < end && splitter.count < GONOGO_MAX_PIECES) {
    uint32_t becomes[2];
    const uint32_t character = next_character(&text, end);
    if (add_syllable(&splitter, character)) continue;
    const enum kind kind = normalise(character, becomes);
    if (kind == REMOVED) continue;
    if (kind != LETTER) end_word(&splitter);
    if (kind == SPACE) continue;
    add_character(&splitter, becomes[0]);
    if (becomes[1]) add_character(&splitter, becomes[1]);
    if (kind != LETTER) end_word(&splitter);
  }
  end_word(&splitter);
  return splitter.count;
}
