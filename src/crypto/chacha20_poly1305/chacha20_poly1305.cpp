#include "crypto/chacha20_poly1305/chacha20_poly1305.h"

#include "base/ct.h"
#include "crypto/aead_buffers.h"
#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/little_endian.h"
#include "crypto/wipe_stack.h"

#include <algorithm>

namespace bulla::crypto {
namespace chacha20_poly1305 {
namespace {

constexpr size_t key_size = 32;
constexpr size_t poly_block = 16;
/// Kernels begin a record with a multiple of so many blocks.
constexpr size_t first_blocks_step = 4;
/// RFC 8439 §2.8: the counter has 32 bits, and its first block makes the key of Poly1305.
constexpr uint64_t max_text_size = (uint64_t{1} << 38) - 64;

/// Of the frames of a record and of a kernel: key stream, and powers of r, where registers do not suffice.
constexpr size_t stack_depth = 8192;

/// What a record needs while it is sealed or opened. Wiped when it dies.
class Record {
 public:
  Record(const Functions& functions, const KeyWords& key, const AeadNonce& nonce, size_t text_size) noexcept
      : functions_(functions), key_(key) {
    for (size_t i = 0; i < nonce_.size(); ++i) nonce_[i] = load_little_endian<uint32_t>(nonce.data() + 4 * i);
    const size_t needed = 1 + text_size / block_size + (text_size % block_size != 0);
    const size_t steps =
        (std::min(needed, functions.first_blocks) + first_blocks_step - 1) / first_blocks_step;
    stream_size_ = functions_.key_stream(key_, nonce_, stream_, steps * first_blocks_step) * block_size;
  }
  ~Record() {
    wipe({stream_, stream_size_});
    wipe({reinterpret_cast<uint8_t*>(&poly_), sizeof poly_});
    wipe({reinterpret_cast<uint8_t*>(nonce_.data()), sizeof nonce_});
  }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  /// Encrypts or decrypts the text from `at` on, a multiple of the block size.
  void add(size_t at, const uint8_t* in, uint8_t* out, size_t size) noexcept {
    if (at < covered()) {
      const size_t first = std::min(size, covered() - at);
      functions_.add(stream_ + block_size + at, in, out, first);
      at += first, in += first, out += first, size -= first;
    }
    if (size > 0)
      functions_.chacha20(key_, nonce_, static_cast<uint32_t>(1 + at / block_size), in, out, size);
  }

  /// RFC 8439 §2.6, §2.8: Poly1305, by a key from block 0 of the key stream, of the additional data and the
  /// ciphertext, each padded with zeros, and of their lengths.
  void compute_tag(Bytes aad, Bytes text, uint8_t* tag) noexcept {
    poly1305_init(poly_, stream_);
    uint8_t last[2 * poly_block];  // of ciphertext
    size_t count = whole_blocks(aad, last);
    functions_.poly1305_blocks(poly_, last, count, 1);
    count = whole_blocks(text, last);
    store_little_endian(uint64_t{aad.size()}, last + count * poly_block);
    store_little_endian(uint64_t{text.size()}, last + count * poly_block + 8);
    functions_.poly1305_blocks(poly_, last, count + 1, 1);
    poly1305_finish(poly_, tag);
  }

  /// How far into the text the blocks reach with which the record began.
  size_t covered() const noexcept { return stream_size_ - block_size; }

 private:
  /// Takes the whole blocks of `data`. What is left is put into `last`, with zeros behind; returns how many
  /// blocks that makes.
  size_t whole_blocks(Bytes data, uint8_t* last) noexcept {
    const size_t whole = data.size() / poly_block;
    functions_.poly1305_blocks(poly_, data.data(), whole, 1);
    const Bytes rest = data.subspan(whole * poly_block);
    if (rest.empty()) return 0;
    std::memset(last, 0, poly_block);
    std::memcpy(last, rest.data(), rest.size());
    return 1;
  }

  const Functions& functions_;
  const KeyWords& key_;
  NonceWords nonce_;
  Poly1305State poly_;
  size_t stream_size_;
  alignas(block_size) uint8_t stream_[max_first_blocks * block_size];
};

class Key final : public AeadKey {
 public:
  Key(const Functions& functions, Bytes key) noexcept : functions_(functions) {
    for (size_t i = 0; i < key_.size(); ++i) key_[i] = load_little_endian<uint32_t>(key.data() + 4 * i);
  }
  ~Key() override { wipe({reinterpret_cast<uint8_t*>(key_.data()), sizeof key_}); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept override {
    const size_t size = checked_text_size(out, aad, in);
    BULLA_ASSERT(size <= max_text_size, "a text of ChaCha20-Poly1305 ends before its counter does");
    {
      Record record(functions_, key_, nonce, size);
      encrypt(record, out, in);
      record.compute_tag(aad, out.first(size), out.data() + size);
    }
    wipe_stack<stack_depth>();
  }

  bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept override {
    if (inout.size() < aead_tag_size || inout.size() - aead_tag_size > max_text_size) {
      wipe(inout);
      return false;
    }
    const bool ok = decrypt(inout.first(inout.size() - aead_tag_size), inout.last(aead_tag_size), nonce, aad);
    if (!ok) wipe(inout);
    wipe_stack<stack_depth>();
    return ok;
  }

 private:
  /// Nothing is decrypted unless the tag is right.
  bool decrypt(MutBytes text, Bytes tag, const AeadNonce& nonce, Bytes aad) const noexcept {
    Record record(functions_, key_, nonce, text.size());
    std::array<uint8_t, aead_tag_size> right;
    record.compute_tag(aad, text, right.data());
    const bool ok = ct::equal(right, tag);
    wipe(right);  // where the record is forged, this is the tag that a forger wants
    if (ok) record.add(0, text.data(), text.data(), text.size());
    return ok;
  }

  /// Text is copied to where its ciphertext goes, and encrypted there; but what a long piece has for whole
  /// runs of the kernel is encrypted from where it lies.
  void encrypt(Record& record, MutBytes out, std::span<const Bytes> in) noexcept {
    const size_t run = functions_.first_blocks * block_size;
    size_t done = 0, at = 0;  // out[0, done) is ciphertext, in whole blocks; out[done, at) is text
    for (Bytes piece : in) {
      if (piece.data() != out.data() + at && piece.size() >= 2 * run) {
        const size_t fill = (block_size - at % block_size) % block_size;
        copy(piece.first(fill), out.data() + at);
        piece = piece.subspan(fill), at += fill;
        record.add(done, out.data() + done, out.data() + done, at - done);
        const size_t ahead = at < record.covered() ? record.covered() - at : 0;
        const size_t whole = ahead + (piece.size() - ahead) / run * run;
        record.add(at, piece.data(), out.data() + at, whole);
        piece = piece.subspan(whole), done = at += whole;
      }
      copy(piece, out.data() + at);
      at += piece.size();
    }
    record.add(done, out.data() + done, out.data() + done, at - done);
  }

  /// Nothing, if the bytes lie there already.
  static void copy(Bytes from, uint8_t* to) noexcept {
    if (!from.empty() && from.data() != to) std::memcpy(to, from.data(), from.size());
  }

  const Functions& functions_;
  KeyWords key_;
};

template <const Functions& by>
std::unique_ptr<AeadKey> make_key(Bytes key) {
  BULLA_ASSERT(key.size() == key_size, "an AEAD key has the size that its algorithm names");
  return std::make_unique<Key>(by, key);
}

/// The sequence numbers of TLS end before the limit of RFC 9846 §5.5 does.
template <const Functions& functions>
constexpr AeadAlgorithm by = {.id = AeadId::chacha20_poly1305,
                              .name = "ChaCha20-Poly1305",
                              .key_size = key_size,
                              .confidentiality_limit = UINT64_MAX,
                              .make_key = make_key<functions>};

#if defined(__x86_64__)
constexpr CpuBits avx512_needs = cpu::avx512 | cpu::avx2;
constexpr CpuBits ifma_needs = avx512_needs | cpu::avx512_ifma;
#endif

constexpr Kernel<Functions> functions_table[] = {
#if defined(__x86_64__)
    {"ifma", ifma_needs, &ifma},
    {"avx512", avx512_needs, &avx512},
    {"avx2", cpu::avx2, &avx2},
#endif
    {"soft", 0, &soft},
};
constexpr Kernel<AeadAlgorithm> table[] = {
#if defined(__x86_64__)
    {"ifma", ifma_needs, &by<ifma>},
    {"avx512", avx512_needs, &by<avx512>},
    {"avx2", cpu::avx2, &by<avx2>},
#endif
    {"soft", 0, &by<soft>},
};

}  // namespace

#if defined(__x86_64__)
const Functions ifma = {key_stream_avx512, add_avx512, chacha20_avx512, poly1305_blocks_ifma, 32};
const Functions avx512 = {key_stream_avx512, add_avx512, chacha20_avx512, poly1305_blocks_avx2, 32};
const Functions avx2 = {key_stream_avx2, add_avx2, chacha20_avx2, poly1305_blocks_avx2, 8};
#endif
const Functions soft = {key_stream_soft, add_soft, chacha20_soft, poly1305_blocks_soft, 4};

std::span<const Kernel<Functions>> functions() noexcept {
  return functions_table;
}

}  // namespace chacha20_poly1305

std::span<const Kernel<AeadAlgorithm>> chacha20_poly1305_kernels() noexcept {
  return chacha20_poly1305::table;
}

}  // namespace bulla::crypto
