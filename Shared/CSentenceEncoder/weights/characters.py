#!/usr/bin/env python3
"""Writes characters.bin: what becomes of each character beyond ASCII before a text is split into word pieces.

    python3 Shared/CSentenceEncoder/weights/characters.py

The rules are those of BERT's uncased tokenizer: control characters and marks are removed, letters decomposed and put in lower
case; punctuation marks and ideographs stand alone. The file has a `struct run` of `tokenizer.c` for each run of characters that
are treated alike, in ascending order; characters without a run stay as they are. The tables are those of the Python that runs
this; the committed file is of Unicode 14 (Python 3.11).
"""
import pathlib, struct, sys, unicodedata

SPACE, PUNCTUATION, IDEOGRAPH, LETTER, REMOVED = range(5)
IDEOGRAPHS = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
              (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]


def is_control(character):
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co")


def treatment(code):
    """What a character becomes, and how the result is treated."""
    character = chr(code)
    if is_control(character) or unicodedata.category(character) == "Cs":
        return REMOVED, ""
    if unicodedata.category(character) in ("Zs", "Zl", "Zp"):
        return SPACE, character
    parts = [c for c in unicodedata.normalize("NFD", character) if unicodedata.category(c) != "Mn"]
    result = "".join(c.lower() if len(c.lower()) == 1 else c for c in parts)
    if not result:
        return REMOVED, ""
    if any(first <= code <= last for first, last in IDEOGRAPHS):
        return IDEOGRAPH, result
    if len(result) == 1 and unicodedata.category(result)[0] == "P":
        return PUNCTUATION, result
    return LETTER, result


def main():
    runs = []
    for code in range(0x80, sys.maxunicode + 1):
        if 0xAC00 <= code <= 0xD7A3:  # Hangul syllables are decomposed by arithmetic.
            continue
        kind, result = treatment(code)
        if kind == LETTER and result == chr(code):
            continue
        # No letter becomes more than two others; musical symbols, which become three, stay as they are.
        if len(result) > 2:
            continue
        becomes, follows = ([ord(c) for c in result] + [0, 0])[:2]
        if runs:
            first, count, of, start, next = runs[-1]
            alike = becomes == start + count if kind != REMOVED else True
            if code == first + count and kind == of and follows == next == 0 and alike and count < 0xFFFF:
                runs[-1] = (first, count + 1, of, start, next)
                continue
        runs.append((code, 1, kind, becomes, follows))
    data = b"".join(struct.pack("<IHHII", *run) for run in runs)
    pathlib.Path(__file__).with_name("characters.bin").write_bytes(data)


if __name__ == "__main__":
    main()
