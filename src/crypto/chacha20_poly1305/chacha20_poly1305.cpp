#include "crypto/chacha20_poly1305/chacha20_poly1305.h"

#include "base/ct.h"
#include "crypto/aead_buffers.h"
#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/little_endian.h"

#include <algorithm>

namespace bulla::crypto {
namespace {

using namespace chacha20_poly1305;

constexpr size_t key_size = 32;
constexpr size_t chacha_block = 64;
constexpr size_t poly_block = 16;
/// RFC 8439 §2.8: the counter has 32 bits, and its first block makes the key of Poly1305.
constexpr uint64_t max_text_size = (uint64_t{1} << 38) - 64;

template <ChaCha20 chacha20, Poly1305Blocks poly1305_blocks>
class Key final : public AeadKey {
 public:
  explicit Key(Bytes key) noexcept {
    for (size_t i = 0; i < key_.size(); ++i) key_[i] = load_little_endian<uint32_t>(key.data() + 4 * i);
  }
  ~Key() override { wipe({reinterpret_cast<uint8_t*>(key_.data()), sizeof key_}); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  void seal(MutBytes out, const AeadNonce& nonce, Bytes aad, std::span<const Bytes> in) noexcept override {
    const size_t size = checked_text_size(out, aad, in);
    BULLA_ASSERT(size <= max_text_size, "a text of ChaCha20-Poly1305 ends before its counter does");
    NonceWords words = words_of(nonce);
    encrypt(out.first(size), words, in);
    compute_tag(words, aad, out.first(size), out.data() + size);
    wipe_words(words);
  }

  bool open(MutBytes inout, const AeadNonce& nonce, Bytes aad) noexcept override {
    if (inout.size() < aead_tag_size || inout.size() - aead_tag_size > max_text_size) {
      wipe(inout);
      return false;
    }
    NonceWords words = words_of(nonce);
    const MutBytes text = inout.first(inout.size() - aead_tag_size);
    std::array<uint8_t, aead_tag_size> tag;
    compute_tag(words, aad, text, tag.data());
    const bool ok = ct::equal(tag, inout.last(aead_tag_size));
    wipe(tag);  // where the record is forged, this is the tag that a forger wants
    if (ok)
      chacha20(key_, words, 1, text.data(), text.data(), text.size());
    else
      wipe(inout);
    wipe_words(words);
    return ok;
  }

 private:
  static NonceWords words_of(const AeadNonce& nonce) noexcept {
    return {load_little_endian<uint32_t>(nonce.data()), load_little_endian<uint32_t>(nonce.data() + 4),
            load_little_endian<uint32_t>(nonce.data() + 8)};
  }

  static void wipe_words(NonceWords& words) noexcept {
    wipe({reinterpret_cast<uint8_t*>(words.data()), sizeof words});
  }

  /// Whole blocks go from where a piece lies to where they belong; what is left of a piece waits in `out` for
  /// the piece that completes its block.
  void encrypt(MutBytes out, const NonceWords& nonce, std::span<const Bytes> in) noexcept {
    size_t done = 0, at = 0;  // out[0, done) is ciphertext, in whole blocks; out[done, at) is plaintext
    const auto run = [&](const uint8_t* from, size_t size) {
      if (size == 0) return;
      chacha20(key_, nonce, static_cast<uint32_t>(1 + done / chacha_block), from, out.data() + done, size);
      done += size;
    };
    for (Bytes piece : in) {
      if (at > done) {
        const size_t take = std::min(chacha_block - (at - done), piece.size());
        copy(piece.first(take), out.data() + at);
        piece = piece.subspan(take);
        at += take;
        if (at - done < chacha_block) continue;
        run(out.data() + done, chacha_block);
      }
      const size_t whole = piece.size() - piece.size() % chacha_block;
      run(piece.data(), whole);
      copy(piece.subspan(whole), out.data() + done);
      at = done + piece.size() - whole;
    }
    run(out.data() + done, at - done);
  }

  /// Nothing, if the bytes lie there already.
  static void copy(Bytes from, uint8_t* to) noexcept {
    if (!from.empty() && from.data() != to) std::memcpy(to, from.data(), from.size());
  }

  /// RFC 8439 §2.6, §2.8: Poly1305, by a key from block 0 of the key stream, of the additional data and the
  /// ciphertext, each padded with zeros, and of their lengths.
  void compute_tag(const NonceWords& nonce, Bytes aad, Bytes text, uint8_t* tag) const noexcept {
    struct {
      uint8_t key[32];
      Poly1305State poly;
    } s;
    std::memset(s.key, 0, sizeof s.key);
    chacha20(key_, nonce, 0, s.key, s.key, sizeof s.key);
    poly1305_init(s.poly, s.key);
    padded(s.poly, aad);
    padded(s.poly, text);
    uint8_t lengths[poly_block];
    store_little_endian(uint64_t{aad.size()}, lengths);
    store_little_endian(uint64_t{text.size()}, lengths + 8);
    poly1305_blocks(s.poly, lengths, 1, 1);
    poly1305_finish(s.poly, tag);
    wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
  }

  static void padded(Poly1305State& state, Bytes data) noexcept {
    const size_t whole = data.size() / poly_block;
    poly1305_blocks(state, data.data(), whole, 1);
    const Bytes rest = data.subspan(whole * poly_block);
    if (rest.empty()) return;
    uint8_t last[poly_block] = {};
    std::memcpy(last, rest.data(), rest.size());
    poly1305_blocks(state, last, 1, 1);
  }

  KeyWords key_;
};

template <ChaCha20 chacha20, Poly1305Blocks poly1305_blocks>
std::unique_ptr<AeadKey> make_key(Bytes key) {
  BULLA_ASSERT(key.size() == key_size, "an AEAD key has the size that its algorithm names");
  return std::make_unique<Key<chacha20, poly1305_blocks>>(key);
}

/// The sequence numbers of TLS end before the limit of RFC 9846 §5.5 does.
template <ChaCha20 chacha20, Poly1305Blocks poly1305_blocks>
constexpr AeadAlgorithm by = {.id = AeadId::chacha20_poly1305,
                              .name = "ChaCha20-Poly1305",
                              .key_size = key_size,
                              .confidentiality_limit = UINT64_MAX,
                              .make_key = make_key<chacha20, poly1305_blocks>};

constexpr Kernel<AeadAlgorithm> kernels[] = {{"soft", 0, &by<chacha20_soft, poly1305_blocks_soft>}};

}  // namespace

std::span<const Kernel<AeadAlgorithm>> chacha20_poly1305_kernels() noexcept {
  return kernels;
}

}  // namespace bulla::crypto
