// K-PKE and ML-KEM (FIPS 203 §5, §6) over the parts of a kernel; §7's functions are in ml_kem.cpp.
#pragma once

#include "base/ct.h"
#include "crypto/little_endian.h"
#include "crypto/ml_kem/impl.h"

#include <bulla/secret.h>

#include <cstring>

namespace bulla::crypto::ml_kem {

/// Overwrites an object that holds secrets and owns nothing.
template <class T>
void wipe_object(T& object) noexcept {
  wipe({reinterpret_cast<uint8_t*>(&object), sizeof object});
}

/// FIPS 203 §8: parameter sets with η1 = η2 = 2.
template <size_t rank, unsigned bits_of_u, unsigned bits_of_v, const Parts& parts>
struct Kem {
  static constexpr size_t k = rank;
  static constexpr unsigned du = bits_of_u, dv = bits_of_v;
  static constexpr size_t vector_size = 384 * k;  ///< bytes of ByteEncode_12 of a vector
  static constexpr size_t ek_size = vector_size + 32;
  static constexpr size_t dk_size = 2 * vector_size + 96;
  static constexpr size_t ciphertext_size = 32 * (du * k + dv);

  static const Keccak& keccak() noexcept { return *parts.keccak; }
  static bool below_q_vartime(Bytes vector) noexcept { return parts.below_q_vartime(vector); }
  using Vector = std::array<Polynomial, k>;
  using Matrix = std::array<Vector, k>;
  enum class Order { rows, columns };

  /// Where the pieces of an expanded decapsulation key lie: dk_PKE || ek || H(ek) || z.
  static constexpr size_t ek_at = vector_size, hash_at = ek_at + ek_size, z_at = hash_at + 32;

  /// Algorithm 13, lines 3 to 7: Â or its transpose from 32 public bytes. Entry (i, j) comes from rho || j ||
  /// i.
  static void sample_matrix_vartime(const uint8_t* rho, Order order, Matrix& out) noexcept {
    ShakeLanes<k * k, shake128_kind> lanes(keccak());
    uint8_t input[34];
    std::memcpy(input, rho, 32);
    for (uint8_t i = 0; i < k; ++i) {
      for (uint8_t j = 0; j < k; ++j) {
        input[32] = order == Order::rows ? j : i;
        input[33] = order == Order::rows ? i : j;
        lanes.start(k * i + j, input);
      }
    }
    std::array<size_t, k * k> counts{};
    for (bool done = false; !done;) {
      lanes.next();
      done = true;
      for (size_t i = 0; i < k * k; ++i) {
        if (counts[i] == n) continue;
        std::array<uint8_t, shake128_kind.rate> block;
        lanes.block(i, block.data());
        counts[i] = parts.take_vartime(block, counts[i], out[i / k][i % k]);
        done = done && counts[i] == n;
      }
    }
  }

  /// Algorithm 13, lines 8 to 15, and 14, lines 9 to 17: `count` polynomials from PRF(seed, 0), PRF(seed, 1),
  /// ...
  template <size_t count>
  static void sample_noise(const uint8_t* seed, std::array<Polynomial, count>& out) noexcept {
    ShakeLanes<count, shake256_kind> lanes(keccak());
    struct {
      uint8_t input[33];
      uint8_t block[shake256_kind.rate];
    } s;
    std::memcpy(s.input, seed, 32);
    for (uint8_t i = 0; i < count; ++i) {
      s.input[32] = i;
      lanes.start(i, s.input);
    }
    lanes.next();
    for (size_t i = 0; i < count; ++i) {
      lanes.block(i, s.block);
      parts.sample_cbd2(s.block, out[i]);
    }
    wipe_object(s);
  }

  /// K-PKE.KeyGen (§5.1, algorithm 13): dk_PKE and ek from 32 bytes.
  static void key_pair(const uint8_t* d, uint8_t* dk_pke, uint8_t* ek) noexcept {
    struct {
      uint8_t rho_sigma[64];
      std::array<Polynomial, 2 * k> s_e;
      Polynomial t;
    } s;
    constexpr uint8_t rank_byte = k;
    sha3_512(keccak(), {Bytes(d, 32), Bytes(&rank_byte, 1)}, s.rho_sigma);
    ct::declassify(s.rho_sigma, 32, "rho is part of the encapsulation key");
    Matrix a;
    sample_matrix_vartime(s.rho_sigma, Order::rows, a);
    sample_noise(s.rho_sigma + 32, s.s_e);
    for (Polynomial& f : s.s_e) parts.ntt(f);
    for (size_t i = 0; i < k; ++i) {
      parts.inner_product(a[i].data(), s.s_e.data(), k, s.t);
      parts.restore(s.t);
      parts.add(s.t, s.s_e[k + i]);
      parts.encode12(s.t, ek + 384 * i);
      parts.encode12(s.s_e[i], dk_pke + 384 * i);
    }
    std::memcpy(ek + vector_size, s.rho_sigma, 32);
    ct::declassify(ek, ek_size, "an encapsulation key is public");
    wipe_object(s);
  }

  /// K-PKE.Encrypt (§5.2, algorithm 14): a message of 32 bytes, with the randomness `r`.
  static void encrypt(const uint8_t* ek, const uint8_t* m, const uint8_t* r, uint8_t* ciphertext) noexcept {
    struct {
      std::array<Polynomial, 2 * k + 1> y_e1_e2;
      Polynomial f, mu;
    } s;
    uint8_t rho[32];
    std::memcpy(rho, ek + vector_size, sizeof rho);
    ct::declassify(rho, sizeof rho,
                   "part of the encapsulation key, also where that is kept with a private key");
    Matrix a_transposed;
    sample_matrix_vartime(rho, Order::columns, a_transposed);
    sample_noise(r, s.y_e1_e2);
    const Polynomial* const y = s.y_e1_e2.data();
    for (size_t i = 0; i < k; ++i) parts.ntt(s.y_e1_e2[i]);
    for (size_t i = 0; i < k; ++i) {
      parts.inner_product(a_transposed[i].data(), y, k, s.f);
      parts.inverse_ntt(s.f);
      parts.add(s.f, s.y_e1_e2[k + i]);
      parts.compress_encode[du](s.f, ciphertext + 32 * du * i);
    }
    Vector t;
    for (size_t i = 0; i < k; ++i) parts.decode12(ek + 384 * i, t[i]);
    parts.inner_product(t.data(), y, k, s.f);
    parts.inverse_ntt(s.f);
    parts.decode_decompress[1](m, s.mu);
    parts.add(s.mu, s.y_e1_e2[2 * k]);
    parts.add(s.f, s.mu);
    parts.compress_encode[dv](s.f, ciphertext + 32 * du * k);
    wipe_object(s);
  }

  /// K-PKE.Decrypt (§5.3, algorithm 15): 32 bytes.
  static void decrypt(const uint8_t* dk_pke, const uint8_t* ciphertext, uint8_t* m) noexcept {
    struct {
      Vector secret, u;
      Polynomial v, w;
    } s;
    for (size_t i = 0; i < k; ++i) {
      parts.decode12(dk_pke + 384 * i, s.secret[i]);
      parts.decode_decompress[du](ciphertext + 32 * du * i, s.u[i]);
      parts.ntt(s.u[i]);
    }
    parts.decode_decompress[dv](ciphertext + 32 * du * k, s.v);
    parts.inner_product(s.secret.data(), s.u.data(), k, s.w);
    parts.inverse_ntt(s.w);
    parts.subtract(s.v, s.w);
    parts.compress_encode[1](s.v, m);
    wipe_object(s);
  }

  /// ML-KEM.KeyGen_internal (§6.1, algorithm 16): the expanded dk from d || z.
  static void generate(const uint8_t* seed, uint8_t* dk) noexcept {
    key_pair(seed, dk, dk + ek_at);
    sha3_256(keccak(), {Bytes(dk + ek_at, ek_size)}, dk + hash_at);
    std::memcpy(dk + z_at, seed + 32, 32);
  }

  /// ML-KEM.Encaps_internal (§6.2, algorithm 17): a shared secret of 32 bytes and a ciphertext, from 32 bytes
  /// m.
  static void encapsulate(const uint8_t* ek, const uint8_t* m, uint8_t* secret,
                          uint8_t* ciphertext) noexcept {
    struct {
      uint8_t hash[32], secret_r[64];
    } s;
    sha3_256(keccak(), {Bytes(ek, ek_size)}, s.hash);
    sha3_512(keccak(), {Bytes(m, 32), s.hash}, s.secret_r);
    encrypt(ek, m, s.secret_r + 32, ciphertext);
    std::memcpy(secret, s.secret_r, 32);
    ct::declassify(ciphertext, ciphertext_size, "a ciphertext is public");
    wipe_object(s);
  }

  /// ML-KEM.Decaps_internal (§6.3, algorithm 18). Whether the ciphertext was made for this key stays a
  /// secret: both secrets are computed, and one is selected by a mask.
  static void decapsulate(const uint8_t* dk, const uint8_t* ciphertext, uint8_t* secret) noexcept {
    struct {
      uint8_t m[32], secret_r[64], rejected[32], ciphertext[ciphertext_size];
    } s;
    decrypt(dk, ciphertext, s.m);
    sha3_512(keccak(), {s.m, Bytes(dk + hash_at, 32)}, s.secret_r);
    Shake j = Shake::shake256(keccak());
    j.absorb({dk + z_at, 32});
    j.absorb({ciphertext, ciphertext_size});
    j.squeeze(s.rejected);
    encrypt(dk + ek_at, s.m, s.secret_r + 32, s.ciphertext);
    uint64_t difference = 0;
    for (size_t i = 0; i < ciphertext_size; i += 8)
      difference |= ct::value_barrier(load_little_endian<uint64_t>(ciphertext + i) ^
                                      load_little_endian<uint64_t>(s.ciphertext + i));
    const auto same = ct::Mask<uint64_t>::is_zero(difference);
    for (size_t i = 0; i < 32; ++i)
      secret[i] = static_cast<uint8_t>(same.select(s.secret_r[i], s.rejected[i]));
    wipe_object(s);
  }
};

}  // namespace bulla::crypto::ml_kem
