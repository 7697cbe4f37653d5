#include "tls/record/protection.h"

#include "base/assert.h"
#include "base/pieces.h"
#include "crypto/big_endian.h"
#include "tls/tls13/key_schedule.h"

#include <algorithm>
#include <cstring>

namespace bulla::tls {
namespace {

/// RFC 5246 §6.2.3.3: seq_num + TLSCompressed.type + version + length (of the plaintext).
std::array<uint8_t, 13> additional_data12(uint64_t sequence, ContentType type, size_t length) noexcept {
  std::array<uint8_t, 13> aad;
  const uint64_t number = crypto::in_big_endian(sequence);
  std::memcpy(aad.data(), &number, sizeof number);
  write_header(MutBytes(aad).subspan(8), type, record_version, length);
  return aad;
}

constexpr size_t max_parts = 16, max_zeros = 4;
constexpr std::array<uint8_t, 4096> zeros{};

}  // namespace

void Protection::install(const Provider& provider, DirectionKeys keys) {
  keys_ = std::move(keys);
  sequence_ = 0;
  const AeadAlgorithm& aead = *provider.aead(keys_.suite->aead);
  if (!is_tls13()) {
    aead_ = aead.make_key(keys_.secret.reveal());
    return;
  }
  const tls13::RecordKeys record = tls13::record_keys(provider, *keys_.suite, keys_.secret.reveal());
  keys_.iv = record.iv;
  if (holder_ == Holder::us)
    aead_ = aead.make_key(record.key.reveal());
  else
    holder_ = Holder::kernel_soon;
}

void Protection::update(const Provider& provider) {
  DirectionKeys next;
  next.version = keys_.version;
  next.suite = keys_.suite;
  next.secret = tls13::next_generation(*provider.hash(keys_.suite->hash), keys_.secret);
  install(provider, std::move(next));
}

std::optional<TrafficKeys> Protection::release(const Provider& provider) {
  if (holder_ == Holder::kernel) return std::nullopt;
  holder_ = Holder::kernel;
  TrafficKeys out{keys_.version, keys_.suite->id, {}, keys_.iv, sequence_};
  out.key = is_tls13()
                ? SecretBytes(tls13::record_keys(provider, *keys_.suite, keys_.secret.reveal()).key.reveal())
                : SecretBytes(keys_.secret.reveal());
  aead_.reset();
  return out;
}

uint64_t Protection::left(const Provider& provider) const noexcept {
  const uint64_t limit = provider.aead(keys_.suite->aead)->confidentiality_limit;
  return sequence_ < limit ? limit - sequence_ : 0;
}

size_t Protection::explicit_nonce() const noexcept {
  // RFC 5288 §3: eight bytes of every GCM nonce travel with the record; RFC 7905 §2: none of ChaCha20's.
  return !is_tls13() && keys_.suite->aead != AeadId::chacha20_poly1305 ? 8 : 0;
}

size_t Protection::overhead(size_t padding) const noexcept {
  if (!active()) return 0;
  return is_tls13() ? 1 + padding + aead_tag_size : explicit_nonce() + aead_tag_size;
}

/// Inline, since 12 bytes that go by registers would be loaded from what several stores have written.
[[gnu::always_inline]] inline AeadNonce Protection::nonce() const noexcept {
  // RFC 9846 §5.3, RFC 7905 §2: the padded sequence number XOR iv. RFC 5288 §3: salt and an explicit part,
  // for which the sequence number serves.
  uint64_t end, number = crypto::in_big_endian(sequence_);
  std::memcpy(&end, keys_.iv.data() + 4, sizeof end);
  if (explicit_nonce() == 0) number ^= end;
  AeadNonce nonce;
  std::memcpy(nonce.data(), keys_.iv.data(), 4);
  std::memcpy(nonce.data() + 4, &number, sizeof number);
  return nonce;
}

void Protection::seal(ContentType type, std::span<const Bytes> plaintext, size_t size, size_t padding,
                      MutBytes record) {
  const MutBytes header = record.first(record_header_size);
  const MutBytes fragment = record.subspan(record_header_size);
  if (!active()) {
    write_header(header, type, record_version, size);
    auto at = fragment.begin();
    for (const Bytes part : plaintext) at = std::copy(part.begin(), part.end(), at);
    return;
  }
  BULLA_ASSERT(sequence_ != UINT64_MAX, "the sequence number may not wrap (RFC 9846 §5.3)");
  BULLA_ASSERT(plaintext.size() <= max_parts && padding <= zeros.size() * max_zeros,
               "too many parts in one record");
  const AeadNonce n = nonce();
  if (!is_tls13()) {
    write_header(header, type, record_version, fragment.size());
    const size_t prefix = explicit_nonce();
    std::copy_n(n.end() - 8, prefix, fragment.begin());
    aead_->seal(fragment.subspan(prefix), n, additional_data12(sequence_, type, size), plaintext);
  } else {
    // struct { opaque content[]; ContentType type; uint8 zeros[]; } TLSInnerPlaintext; the header is the aad.
    write_header(header, ContentType::application_data, record_version, fragment.size());
    const auto inner_type = static_cast<uint8_t>(type);
    Pieces<max_parts + 1 + max_zeros> parts;
    for (const Bytes part : plaintext) parts.add(part);
    parts.add({&inner_type, 1});
    for (size_t left = padding; left > 0; left -= parts.all().back().size())
      parts.add(Bytes(zeros).first(std::min(left, zeros.size())));
    aead_->seal(fragment, n, header, parts.all());
  }
  ++sequence_;
}

Result<Protection::Opened> Protection::open(const RecordHeader& header, MutBytes fragment) {
  if (!active()) {
    if (fragment.size() > max_plaintext) return ErrorCode::record_overflow;
    return Opened{header.type, fragment};
  }
  if (sequence_ == UINT64_MAX) return ErrorCode::key_exhausted;
  const size_t prefix = explicit_nonce();
  if (fragment.size() < prefix + aead_tag_size) return ErrorCode::bad_record_mac;
  AeadNonce n = nonce();
  if (prefix) std::copy_n(fragment.begin(), prefix, n.end() - 8);
  const MutBytes sealed = fragment.subspan(prefix);
  MutBytes plaintext = sealed.first(sealed.size() - aead_tag_size);

  if (!is_tls13()) {
    if (!aead_->open(sealed, n, additional_data12(sequence_, header.type, plaintext.size())))
      return ErrorCode::bad_record_mac;
    ++sequence_;
    if (plaintext.size() > max_plaintext) return ErrorCode::record_overflow;
    return Opened{header.type, plaintext};
  }
  std::array<uint8_t, record_header_size> aad;
  write_header(aad, header.type, header.version, header.length);
  if (!aead_->open(sealed, n, aad)) return ErrorCode::bad_record_mac;
  ++sequence_;
  // RFC 9846 §5.4: the content type is the last byte that is not zero; §5.2: at most 2^14 bytes before it.
  if (plaintext.size() > max_plaintext + 1) return ErrorCode::record_overflow;
  while (!plaintext.empty() && plaintext.back() == 0) plaintext = plaintext.first(plaintext.size() - 1);
  if (plaintext.empty()) return Error{ErrorCode::unexpected_record, "a protected record of padding alone"};
  const auto type = static_cast<ContentType>(plaintext.back());
  return Opened{type, plaintext.first(plaintext.size() - 1)};
}

}  // namespace bulla::tls
