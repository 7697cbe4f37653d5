// AES-GCM behind the seam: pieces are gathered into runs of whole blocks, tags compared.
#include "crypto/aes_gcm/aes_gcm.h"

#include "base/ct.h"
#include "crypto/aead_buffers.h"
#include "crypto/aes_gcm/impl.h"
#include "crypto/wipe_stack.h"

#include <array>
#include <cstring>

namespace bulla::crypto {
namespace aes_gcm {
namespace {

/// SP 800-38D §5.2.1.1: 2^39 - 256 bits of text, which is where the counter would begin anew.
constexpr uint64_t max_text = (uint64_t{1} << 36) - 32;

/// Texts of fewer bytes are gathered: a run costs more.
constexpr size_t short_text = run_unit;

/// Of the frames of a kernel that keeps counters and keys in registers, as far as there are enough of them.
constexpr size_t stack_depth = 1024;
/// Whether a kernel leaves its frames to the caller to be wiped.
template <const Functions& by>
constexpr bool leaves_frames = true;
#if defined(__x86_64__)
template <>
constexpr bool leaves_frames<vaes_avx2> = false;
template <>
constexpr bool leaves_frames<vaes_avx512> = false;
#endif

template <const Functions& by>
class GcmKey final : public AeadKey {
 public:
  explicit GcmKey(Bytes key) noexcept {
    by.set_key(key_, key);
    wipe_stack<stack_depth>();
  }

  void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept override;
  bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept override;

 private:
  static void wipe_frames() noexcept {
    if constexpr (leaves_frames<by>) wipe_stack<stack_depth>();
  }

  Key key_;
};

void copy(uint8_t* out, Bytes in) noexcept {
  if (!in.empty()) std::memcpy(out, in.data(), in.size());
}

/// The pieces, copied to where they go.
Bytes gathered(MutBytes out, std::span<const Bytes> pieces) noexcept {
  size_t at = 0;
  for (const Bytes piece : pieces) {
    if (at > 0 || piece.data() != out.data()) copy(out.data() + at, piece);
    at += piece.size();
  }
  return Bytes(out).first(at);
}

/// The pieces of a text as runs: long pieces are read from where they are, but for their ends, which are
/// copied to their places in `out`.
class Runs {
 public:
  Runs(MutBytes out, std::span<const Bytes> pieces) noexcept : out_(out) {
    for (const Bytes piece : pieces) {
      if (at_ == 0 && piece.data() == out.data())
        at_ = piece.size();
      else
        add(piece);
    }
    push(Bytes(out_).subspan(begin_, at_ - begin_));
  }

  std::span<const Bytes> all() const noexcept { return {runs_.data(), count_}; }

 private:
  /// What is shorter is copied: a run costs more.
  static constexpr size_t long_piece = 2 * run_unit;

  void add(Bytes piece) noexcept {
    const size_t fill = (run_unit - at_ % run_unit) % run_unit;
    if (piece.size() >= fill + long_piece && count_ + 3 <= runs_.size()) {
      take(piece.first(fill));
      if (at_ > begin_) push(Bytes(out_).subspan(begin_, at_ - begin_));
      piece = piece.subspan(fill);
      const size_t whole = piece.size() - piece.size() % run_unit;
      push(piece.first(whole));
      begin_ = at_ += whole;
      piece = piece.subspan(whole);
    }
    take(piece);
  }
  void take(Bytes bytes) noexcept {
    copy(out_.data() + at_, bytes);
    at_ += bytes.size();
  }
  void push(Bytes run) noexcept { runs_[count_++] = run; }

  const MutBytes out_;
  size_t begin_ = 0, at_ = 0;  ///< [begin_, at_) lies in `out_` and in no run yet
  size_t count_ = 0;
  std::array<Bytes, 8> runs_;
};

template <const Functions& by>
void GcmKey<by>::seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept {
  const size_t size = checked_text_size(out, aad, in);
  BULLA_ASSERT(size <= max_text, "AES-GCM seals less than 64 GiB under one nonce");
  const auto seal_runs = [&](std::span<const Bytes> runs) {
    const Record record{
        .nonce = nonce, .aad = aad, .lengths = lengths_of(aad.size(), size), .out = out.data(), .in = runs};
    by.seal(key_, record, out.data() + size);
  };
  if (size < short_text) {
    const Bytes text = gathered(out, in);
    seal_runs({&text, 1});
  } else {
    seal_runs(Runs(out, in).all());
  }
  wipe_frames();
}

template <const Functions& by>
bool GcmKey<by>::open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept {
  if (inout.size() < aead_tag_size || inout.size() - aead_tag_size > max_text) {
    wipe(inout);
    return false;
  }
  const size_t size = inout.size() - aead_tag_size;
  const Bytes text = inout.first(size);
  const Record record{.nonce = nonce,
                      .aad = aad,
                      .lengths = lengths_of(aad.size(), size),
                      .out = inout.data(),
                      .in = {&text, 1}};
  uint8_t tag[aead_tag_size];  // of a forged message: nobody may learn it
  by.open(key_, record, tag);
  const bool ok = ct::equal(tag, inout.last(aead_tag_size));
  if (!ok) wipe(inout);
  wipe(tag);
  wipe_frames();
  return ok;
}

template <const Functions& by, size_t key_size>
std::unique_ptr<AeadKey> make_key(Bytes key) {
  BULLA_ASSERT(key.size() == key_size, "an AEAD key has the size that its algorithm names");
  return std::make_unique<GcmKey<by>>(key);
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
constexpr CpuBits vaes_avx2_needs = aesni_needs | cpu::avx | cpu::avx2 | cpu::vaes | cpu::vpclmul;
constexpr CpuBits vaes_avx512_needs = vaes_avx2_needs | cpu::avx512;

constexpr Kernel<Functions> functions_table[] = {
#if defined(__x86_64__)
    {"vaes_avx512", vaes_avx512_needs, &vaes_avx512},
    {"vaes_avx2", vaes_avx2_needs, &vaes_avx2},
    {"aesni", aesni_needs, &aesni},
#endif
    {"soft", 0, &soft},
};
constexpr Kernel<AeadAlgorithm> table_128[] = {
#if defined(__x86_64__)
    {"vaes_avx512", vaes_avx512_needs, &gcm_128<vaes_avx512>},
    {"vaes_avx2", vaes_avx2_needs, &gcm_128<vaes_avx2>},
    {"aesni", aesni_needs, &gcm_128<aesni>},
#endif
    {"soft", 0, &gcm_128<soft>},
};
constexpr Kernel<AeadAlgorithm> table_256[] = {
#if defined(__x86_64__)
    {"vaes_avx512", vaes_avx512_needs, &gcm_256<vaes_avx512>},
    {"vaes_avx2", vaes_avx2_needs, &gcm_256<vaes_avx2>},
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
