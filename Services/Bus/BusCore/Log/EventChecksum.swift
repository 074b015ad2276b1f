import Crypto
import LaunchModel

/// The checksum that is stored with each event and verified when it is read.
///
/// It is the first eight bytes of the SHA-256 (FIPS 180-4) of the event's bytes, as a little-endian integer, each bit
/// flipped where the offset or the time of storing has a one: an event that was damaged, swapped or moved does not fit.
enum EventChecksum {
  /// The part that the bytes make up, which can be known before the event has an offset.
  static func content(of bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().withUnsafeBytes { Int64(littleEndian: $0.load(as: Int64.self)) }
  }

  static func of(content: Int64, offset: Int64, storedAt: Timestamp) -> Int64 {
    content ^ offset ^ storedAt.microseconds
  }
}
