// AES-GCM behind the seam: pieces are gathered into runs of whole blocks, tags compared.
#include "crypto/aes_gcm/aes_gcm.h"

#include "base/ct.h"
#include "crypto/aead_buffers.h"
#include "crypto/aes_gcm/impl.h"
#include "crypto/wipe_stack.h"

#include <cstring>

namespace bulla::crypto {
namespace aes_gcm {
namespace {

/// Pieces up to this size are copied behind the piece before them, so that few runs are short.
constexpr size_t copied_piece = 256;
/// SP 800-38D §5.2.1.1: 2^39 - 256 bits of text, which is where the counter would begin anew.
constexpr uint64_t max_text = (uint64_t{1} << 36) - 32;

/// Of the frames of a kernel that keeps counters and keys in registers, as far as there are enough of them.
constexpr size_t stack_depth = 1024;

class GcmKey final : public AeadKey {
 public:
  GcmKey(const Functions& functions, Bytes key) noexcept : functions_(functions) {
    functions_.set_key(key_, key);
  }

  void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept override;
  bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept override;

 private:
  /// Puts `piece` at `at` of `out`, as text or, where it is long, as ciphertext. [run, at) is text that
  /// already lies where its ciphertext goes; `run` is a multiple of the block size.
  void add(Record& record, MutBytes out, size_t& run, size_t& at, Bytes piece) noexcept;

  const Functions& functions_;
  Key key_;
};

void copy(uint8_t* out, Bytes in) noexcept {
  if (!in.empty()) std::memcpy(out, in.data(), in.size());
}

void GcmKey::add(Record& record, MutBytes out, size_t& run, size_t& at, Bytes piece) noexcept {
  if (piece.size() > copied_piece) {
    const size_t fill = (aes::block_size - at % aes::block_size) % aes::block_size;
    copy(out.data() + at, piece.first(fill));
    piece = piece.subspan(fill);
    at += fill;
    functions_.seal(key_, record, out.data() + run, out.data() + run, at - run);
    const size_t whole = piece.size() - piece.size() % aes::block_size;
    functions_.seal(key_, record, out.data() + at, piece.data(), whole);
    piece = piece.subspan(whole);
    run = at += whole;
  }
  copy(out.data() + at, piece);
  at += piece.size();
}

void GcmKey::seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept {
  BULLA_ASSERT(checked_text_size(out, aad, in) <= max_text, "AES-GCM seals less than 64 GiB under one nonce");
  Record record;
  functions_.start(key_, record, nonce, aad);
  size_t run = 0;
  size_t at = 0;
  for (const Bytes piece : in) {
    if (at == 0 && piece.data() == out.data())
      at = piece.size();
    else
      add(record, out, run, at, piece);
  }
  functions_.seal(key_, record, out.data() + run, out.data() + run, at - run);
  functions_.finish(key_, record, aad.size(), at, out.data() + at);
  wipe({reinterpret_cast<uint8_t*>(&record), sizeof record});
  wipe_stack<stack_depth>();
}

bool GcmKey::open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept {
  if (inout.size() < aead_tag_size || inout.size() - aead_tag_size > max_text) {
    wipe(inout);
    return false;
  }
  const MutBytes text = inout.first(inout.size() - aead_tag_size);
  struct {
    Record record;
    uint8_t tag[aead_tag_size];  // of a forged message: nobody may learn it
  } s;
  functions_.start(key_, s.record, nonce, aad);
  functions_.open(key_, s.record, text.data(), text.data(), text.size());
  functions_.finish(key_, s.record, aad.size(), text.size(), s.tag);
  const bool ok = ct::equal(s.tag, inout.last(aead_tag_size));
  if (!ok) wipe(inout);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
  wipe_stack<stack_depth>();
  return ok;
}

template <const Functions& by, size_t key_size>
std::unique_ptr<AeadKey> make_key(Bytes key) {
  BULLA_ASSERT(key.size() == key_size, "an AEAD key has the size that its algorithm names");
  return std::make_unique<GcmKey>(by, key);
}

/// RFC 9846 §5.5: 2^24.5 full-size records.
constexpr uint64_t confidentiality_limit = 23'726'566;

template <const Functions& by>
constexpr AeadAlgorithm gcm_128 = {.id = AeadId::aes_128_gcm,
                                   .name = "AES-128-GCM",
                                   .key_size = 16,
                                   .confidentiality_limit = confidentiality_limit,
                                   .make_key = make_key<by, 16>};
template <const Functions& by>
constexpr AeadAlgorithm gcm_256 = {.id = AeadId::aes_256_gcm,
                                   .name = "AES-256-GCM",
                                   .key_size = 32,
                                   .confidentiality_limit = confidentiality_limit,
                                   .make_key = make_key<by, 32>};

constexpr CpuBits aesni_needs = cpu::aes | cpu::pclmul | cpu::ssse3 | cpu::sse41;

constexpr Kernel<Functions> functions_table[] = {
#if defined(__x86_64__)
    {"aesni", aesni_needs, &aesni},
#endif
    {"soft", 0, &soft},
};
constexpr Kernel<AeadAlgorithm> table_128[] = {
#if defined(__x86_64__)
    {"aesni", aesni_needs, &gcm_128<aesni>},
#endif
    {"soft", 0, &gcm_128<soft>},
};
constexpr Kernel<AeadAlgorithm> table_256[] = {
#if defined(__x86_64__)
    {"aesni", aesni_needs, &gcm_256<aesni>},
#endif
    {"soft", 0, &gcm_256<soft>},
};

}  // namespace

std::span<const Kernel<Functions>> functions() noexcept {
  return functions_table;
}

Field times_x(Field a) noexcept {
  const auto overflow = ct::Mask<uint64_t>::of_top_bit(a.high);
  return {.low = (a.low << 1) ^ overflow.keep(1),
          .high = (a.high << 1 | a.low >> 63) ^ overflow.keep(0xc200000000000000)};
}

}  // namespace aes_gcm

std::span<const Kernel<AeadAlgorithm>> aes_128_gcm_kernels() noexcept {
  return aes_gcm::table_128;
}
std::span<const Kernel<AeadAlgorithm>> aes_256_gcm_kernels() noexcept {
  return aes_gcm::table_256;
}

}  // namespace bulla::crypto
