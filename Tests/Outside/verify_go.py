#!/usr/bin/env python3
"""Verifies a statement that `gonogo decide L --export` wrote, independently of gonogo: with securesystemslib, the reference
implementation of DSSE.

usage: verify_go.py STATEMENT PUBLIC_KEY.pem [FIRST_STATEMENT]

Prints the statement as JSON. With the statement about the GO as third argument it also checks that STATEMENT, about the verdicts,
cites it. Exits 1 if the signature is not good, or the citation wrong.
"""
import hashlib
import json
import sys

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        envelope = Envelope.from_dict(json.load(file))
    with open(sys.argv[2], "rb") as file:
        public = load_pem_public_key(file.read())
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = SSlibKey.from_crypto(public, keyid=hashlib.sha256(der).hexdigest())
    try:
        envelope.verify([key], 1)
    except VerificationError as error:
        sys.exit(f"not verified: {error}")
    if envelope.payload_type != "application/vnd.in-toto+json":
        sys.exit(f"payload type {envelope.payload_type}")
    statement = json.loads(envelope.payload)
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as file:
            first = Envelope.from_dict(json.load(file))
        if statement["predicate"]["statement"] != hashlib.sha256(first.payload).hexdigest():
            sys.exit("cites another statement")
    json.dump(statement, sys.stdout)


main()
