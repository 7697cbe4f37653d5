// FIPS 204 §6: key generation, signing and verification, in its order and by its names.
#include "crypto/ml_dsa/ml_dsa.h"

#include "base/assert.h"
#include "base/ct.h"
#include "crypto/ml_dsa/pack.h"
#include "crypto/ml_dsa/ring.h"
#include "crypto/ml_dsa/sample.h"

#include <algorithm>

namespace bulla::crypto::ml_dsa {

constexpr int32_t gamma2_of(int32_t parts) {
  return (q - 1) / parts;
}
const Parameters ml_dsa_44 = {"ML-DSA-44", 4, 4, 2, 39, 128, 1 << 17, gamma2_of(88), 80};
const Parameters ml_dsa_65 = {"ML-DSA-65", 6, 5, 4, 49, 192, 1 << 19, gamma2_of(32), 55};
const Parameters ml_dsa_87 = {"ML-DSA-87", 8, 7, 2, 60, 256, 1 << 19, gamma2_of(32), 75};

namespace {

/// The public matrix, row by row.
class Matrix {
 public:
  Matrix(const Parameters& with, Bytes rho) : columns_(with.l), entries_(with.k * with.l) {
    expand_a(entries_, with, rho);
  }
  /// One row times a vector in NTT form, times 2^-32; |out| < q.
  template <class Vector>
  void multiply_row(Poly& out, size_t row, const Vector& v) const noexcept {
    out.fill(0);
    for (size_t column = 0; column < columns_; ++column)
      multiply_add(out, entries_[row * columns_ + column], v[column]);
    reduce(out);
  }

 private:
  size_t columns_;
  std::vector<Poly> entries_;
};

void ntt_all(Polys& polys) noexcept {
  for (Poly& p : polys) {
    ntt(p);
    reduce(p);
  }
}

/// One polynomial of the product of the challenge and a secret vector, both in NTT form; |out| < q.
void multiply_challenge(Poly& out, const Poly& c, const Poly& secret) noexcept {
  multiply(out, c, secret);
  inverse_ntt(out);
}

void add(Poly& out, const Poly& a) noexcept {
  for (size_t i = 0; i < n; ++i) out[i] += a[i];
}
void subtract(Poly& out, const Poly& a) noexcept {
  for (size_t i = 0; i < n; ++i) out[i] -= a[i];
}

/// HighBits of every polynomial of w, packed (FIPS 204 §7.2, w1Encode); 0 <= w < q.
SecretBytes encode_high_bits(const Parameters& with, const Polys& w) {
  SecretBytes out(with.k * 32 * with.w1_bits());
  MutBytes rest = out.writable();
  Polys high(1);
  for (const Poly& p : w) {
    std::ranges::transform(p, high[0].begin(), [&](int32_t c) { return decompose(c, with.gamma2).high; });
    rest = pack(rest, high[0], with.w1_bits(), 0);
  }
  return out;
}

/// One signature in the making: what stays from one try to the next (FIPS 204 §6.2).
class Signing {
 public:
  Signing(const Parameters& with, PrivateKey& key, Bytes mu, Bytes rho_second)
      : with_(with),
        key_(key),
        mu_(mu),
        rho_second_(rho_second),
        a_(with, key.rho),
        y_(with.l),
        z_(with.l),
        w_(with.k),
        challenge_(with.challenge_size()),
        hints_(with.k) {
    ntt_all(key.s1);
    ntt_all(key.s2);
    ntt_all(key.t0);
  }

  /// Nothing where no try makes a signature. FIPS 204 Appendix C: with the key of a key generation, 814 tries
  /// or more are needed with a probability below 2^-256. A crafted one may need more than there are.
  std::optional<std::vector<uint8_t>> run() {
    for (size_t kappa = 0; kappa < 1000 * with_.l; kappa += with_.l) {
      commit(kappa);
      if (respond() && hint()) return encode_signature(with_, challenge_, z_, hints_);
    }
    return std::nullopt;
  }

 private:
  /// w = A y; the challenge is a hash of its high bits.
  void commit(size_t kappa) noexcept {
    expand_mask({y_.begin(), y_.size()}, with_, rho_second_, kappa);
    std::ranges::copy(y_, z_.begin());
    ntt_all(z_);
    for (size_t row = 0; row < with_.k; ++row) {
      a_.multiply_row(w_[row], row, z_);
      inverse_ntt(w_[row]);
      canonical(w_[row]);
    }
    const SecretBytes w1 = encode_high_bits(with_, w_);
    hash({mu_, w1.reveal()}, challenge_);
    ct::declassify(
        challenge_.data(), challenge_.size(),
        "a commitment hash goes out with the signature; those of rejected tries hide what was hashed");
    c_ = sample_in_ball(with_, challenge_);
    ntt(c_);
    reduce(c_);
  }

  /// z = y + c s1, unless it or the low bits of w - c s2 would tell of the key.
  bool respond() noexcept {
    bool fits = true;
    for (size_t i = 0; i < with_.l; ++i) {
      multiply_challenge(z_[i], c_, key_.s1[i]);
      add(z_[i], y_[i]);
      reduce(z_[i]);
      fits &= !exceeds(z_[i], with_.gamma1 - with_.beta());
    }
    Polys product(1), low(1);
    for (size_t i = 0; i < with_.k; ++i) {
      multiply_challenge(product[0], c_, key_.s2[i]);
      subtract(w_[i], product[0]);
      canonical(w_[i]);
      std::ranges::transform(w_[i], low[0].begin(),
                             [&](int32_t c) { return decompose(c, with_.gamma2).low; });
      fits &= !exceeds(low[0], with_.gamma2 - with_.beta());
    }
    return fits;
  }

  /// FIPS 204 §7.4, MakeHint: where adding c t0 changes the high bits of w - c s2, which is what the
  /// verifier, who does not know t0, has to be told.
  bool hint() noexcept {
    Polys product(1);
    size_t count = 0;
    bool fits = true;
    for (size_t i = 0; i < with_.k; ++i) {
      multiply_challenge(product[0], c_, key_.t0[i]);
      reduce(product[0]);
      fits &= !exceeds(product[0], with_.gamma2);
      for (size_t j = 0; j < n; ++j) {
        const int32_t without = add_q_if_negative(reduce(w_[i][j] + product[0][j]));
        const int32_t difference =
            decompose(without, with_.gamma2).high ^ decompose(w_[i][j], with_.gamma2).high;
        hints_[i][j] = ct::declassified(difference, "hints go out with the signature") != 0;
        count += hints_[i][j];
      }
    }
    return fits && count <= with_.omega;
  }

  const Parameters& with_;
  const PrivateKey& key_;
  Bytes mu_, rho_second_;
  Matrix a_;
  Polys y_, z_, w_;
  Poly c_;
  std::vector<uint8_t> challenge_;
  Hints hints_;
};

/// FIPS 204 §6.1, algorithm 6, lines 5 and 6: t = A s1 + s2 in its two halves, of which t1 is public.
void multiply_out(const Parameters& with, Bytes rho, const Polys& s1, const Polys& s2, Polys& t1, Polys& t0) {
  Polys s1_ntt(with.l);
  std::ranges::copy(s1, s1_ntt.begin());
  ntt_all(s1_ntt);
  const Matrix a(with, rho);
  for (size_t row = 0; row < with.k; ++row) {
    Poly& t = t0[row];
    a.multiply_row(t, row, s1_ntt);
    inverse_ntt(t);
    add(t, s2[row]);
    canonical(t);
    for (size_t i = 0; i < n; ++i) {
      const Rounded parts = power2_round(t[i]);
      t1[row][i] = parts.high;
      t[i] = parts.low;
    }
  }
}

std::vector<uint8_t> public_key_from(Bytes rho, const Polys& t1) {
  std::vector<uint8_t> out = encode_public_key(rho, t1);
  ct::declassify(out.data(), out.size(), "a public key");
  return out;
}

Bytes bytes_of(const Polys& polys) noexcept {
  return {reinterpret_cast<const uint8_t*>(polys.begin()), polys.size() * sizeof(Poly)};
}

}  // namespace

KeyPair generate(const Parameters& with, Bytes seed) {
  BULLA_ASSERT(seed.size() == seed_size, "ML-DSA keys are made of 32 bytes");
  // (rho, rho', K) = H(xi || k || l, 128)
  SecretBytes expanded(size_t{128});
  const uint8_t sizes[2] = {static_cast<uint8_t>(with.k), static_cast<uint8_t>(with.l)};
  hash({seed, sizes}, expanded.writable());
  const Bytes rho = expanded.reveal().first(32), rho_prime = expanded.reveal().subspan(32, 64),
              k = expanded.reveal().last(32);
  ct::declassify(rho.data(), rho.size(), "rho is part of the public key");

  Polys s1(with.l), s2(with.k), t0(with.k), t1(with.k);
  for (size_t i = 0; i < with.l; ++i) expand_s(s1[i], with, rho_prime, i);
  for (size_t i = 0; i < with.k; ++i) expand_s(s2[i], with, rho_prime, with.l + i);
  multiply_out(with, rho, s1, s2, t1, t0);
  KeyPair keys{{}, public_key_from(rho, t1)};
  const std::vector<uint8_t> tr = public_key_hash(keys.public_key);
  keys.private_key = encode_private_key(with, rho, k, tr, s1, s2, t0);
  return keys;
}

std::optional<std::vector<uint8_t>> public_key_of(const Parameters& with, Bytes private_key) {
  if (private_key.size() != with.private_key_size()) return std::nullopt;
  const PrivateKey key(with, private_key);
  ct::declassify(key.rho.data(), key.rho.size(), "rho is part of the public key");
  ct::declassify(key.tr.data(), key.tr.size(), "tr is the hash of the public key");
  if (!key.valid(with)) return std::nullopt;
  Polys t0(with.k), t1(with.k);
  multiply_out(with, key.rho, key.s1, key.s2, t1, t0);
  if (!ct::equal(bytes_of(t0), bytes_of(key.t0))) return std::nullopt;
  std::vector<uint8_t> public_key = public_key_from(key.rho, t1);
  if (!equal_vartime(public_key_hash(public_key), key.tr)) return std::nullopt;
  return public_key;
}

std::vector<uint8_t> public_key_hash(Bytes public_key) {
  std::vector<uint8_t> tr(64);
  hash({public_key}, tr);
  return tr;
}

std::optional<std::vector<uint8_t>> representative(Bytes tr, Bytes context, Bytes message) {
  if (context.size() > 255) return std::nullopt;
  const uint8_t head[2] = {0,
                           static_cast<uint8_t>(context.size())};  // FIPS 204 §5.2: 0: pure, not pre-hashed
  std::vector<uint8_t> mu(mu_size);
  hash({tr, head, context, message}, mu);
  return mu;
}

std::optional<std::vector<uint8_t>> sign_mu(const Parameters& with, Bytes private_key, Bytes mu, Bytes rnd) {
  if (private_key.size() != with.private_key_size() || mu.size() != mu_size || rnd.size() != rnd_size)
    return std::nullopt;
  PrivateKey key(with, private_key);
  ct::declassify(key.rho.data(), key.rho.size(), "rho is part of the public key");
  if (!key.valid(with)) return std::nullopt;
  SecretBytes rho_second(size_t{64});
  hash({key.k, rnd, mu}, rho_second.writable());
  return Signing(with, key, mu, rho_second.reveal()).run();
}

std::optional<std::vector<uint8_t>> sign(const Parameters& with, Bytes private_key, Bytes context,
                                         Bytes message, Bytes rnd) {
  if (private_key.size() != with.private_key_size()) return std::nullopt;
  const Bytes tr = private_key.subspan(64, 64);
  ct::declassify(tr.data(), tr.size(), "tr is the hash of the public key");
  const auto mu = representative(tr, context, message);
  if (!mu) return std::nullopt;
  return sign_mu(with, private_key, *mu, rnd);
}

bool verify_mu_vartime(const Parameters& with, Bytes public_key, Bytes mu, Bytes signature) {
  if (public_key.size() != with.public_key_size() || mu.size() != mu_size) return false;
  auto decoded = decode_signature(with, signature);
  if (!decoded) return false;
  for (Poly& z : decoded->z) {
    if (exceeds(z, with.gamma1 - with.beta())) return false;
    ntt(z);
    reduce(z);
  }
  Poly c = sample_in_ball(with, decoded->challenge);
  ntt(c);
  reduce(c);
  PublicKey key = decode_public_key(with, public_key);
  const Matrix a(with, key.rho);
  std::vector<uint8_t> w1(with.k * 32 * with.w1_bits());
  MutBytes rest = w1;
  for (size_t row = 0; row < with.k; ++row) {
    // A z - c t1 2^d
    Poly w, product, &t1 = key.t1[row];
    a.multiply_row(w, row, decoded->z);
    for (int32_t& coefficient : t1) coefficient <<= d;
    ntt(t1);
    reduce(t1);
    multiply(product, c, t1);
    subtract(w, product);
    reduce(w);
    inverse_ntt(w);
    canonical(w);
    for (size_t i = 0; i < n; ++i) w[i] = use_hint_vartime(decoded->hints[row][i], w[i], with.gamma2);
    rest = pack(rest, w, with.w1_bits(), 0);
  }
  std::vector<uint8_t> expected(with.challenge_size());
  hash({mu, w1}, expected);
  return equal_vartime(expected, decoded->challenge);
}

bool verify_vartime(const Parameters& with, Bytes public_key, Bytes context, Bytes message, Bytes signature) {
  const auto mu = representative(public_key_hash(public_key), context, message);
  return mu && verify_mu_vartime(with, public_key, *mu, signature);
}

}  // namespace bulla::crypto::ml_dsa
