// Record protection, one direction: RFC 9846 §5.2 and §5.3; RFC 5246 §6.2.3.3 with RFC 5288 and RFC 7905 in
// TLS 1.2.
#pragma once

#include "tls/record/header.h"
#include "tls/record/keys.h"

#include <bulla/connection.h>

#include <memory>

namespace bulla::tls {

/// Keys, sequence number and nonce of one direction. Without keys, records are in the clear (TLS_NULL).
class Protection {
 public:
  bool active() const noexcept { return aead_ != nullptr; }
  bool is_tls13() const noexcept { return keys_.version == ProtocolVersion::tls13; }
  uint64_t sequence() const noexcept { return sequence_; }
  const Suite* suite() const noexcept { return keys_.suite; }

  /// Starts with `keys` at sequence number 0.
  void install(const Provider& provider, DirectionKeys keys);
  /// TLS 1.3, RFC 9846 §7.2: goes on with the next generation of the traffic secret.
  void update(const Provider& provider);
  /// The raw keys, for a kernel: from now on this object protects nothing, but follows their generations.
  /// Nothing if the kernel has them already: how many records it has sealed with them is not known here.
  std::optional<TrafficKeys> release(const Provider& provider);
  /// Whether keys wait for the kernel to get them.
  bool is_due() const noexcept { return holder_ == Holder::kernel_soon; }
  /// RFC 9846 §5.5: how many more records these keys may seal.
  uint64_t left(const Provider& provider) const noexcept;
  /// Only one more is left, for the KeyUpdate.
  bool exhausted(const Provider& provider) const noexcept { return active() && left(provider) <= 1; }

  /// Bytes that protection adds to a record of a plaintext that is to be padded by `padding`.
  size_t overhead(size_t padding) const noexcept;
  /// Seals `plaintext` (gathered) to `record`, which has room for the header, the plaintext and
  /// overhead(padding).
  void seal(ContentType type, std::span<const Bytes> plaintext, size_t size, size_t padding, MutBytes record);

  struct Opened {
    ContentType type;
    MutBytes plaintext;
  };
  /// Opens a record in place: bad_record_mac for every cause of failure; record_overflow, unexpected_record
  /// (no content type) once it is authentic.
  Result<Opened> open(const RecordHeader& header, MutBytes fragment);

 private:
  /// Who protects records with these keys.
  enum class Holder : uint8_t { us, kernel_soon, kernel };

  AeadNonce nonce() const noexcept;
  size_t explicit_nonce() const noexcept;

  DirectionKeys keys_;
  std::unique_ptr<AeadKey> aead_;
  uint64_t sequence_ = 0;
  Holder holder_ = Holder::us;
};

}  // namespace bulla::tls
