#include "constant_time/derived.h"

#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/scalar.h"
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/ecdsa/nonce.h"
#include "crypto/ml_dsa/pack.h"
#include "crypto/ml_dsa/sample.h"
#include "crypto/p256/adx.h"
#include "crypto/p256/curve.h"
#include "crypto/p384/adx.h"
#include "crypto/p384/curve.h"
#include "crypto/p521/curve.h"
#include "crypto/sha2/sha2.h"
#include "crypto/sha3/sha3.h"

namespace bulla::constant_time {
namespace {

/// Calls `tell` if that is of use, and leaves nothing of it on the stack: what is found there later has been
/// left by the operation.
template <class Function>
[[gnu::noinline]] void call(const Function& tell) {
  tell();
}
template <class Function>
void only_told(const Run& run, const Function& tell) {
  if (!run.is_searched()) return;
  call(tell);
  crypto::wipe_stack<size_t{1} << 18>();
}

template <class T>
void derived(Run& run, const T& object) {
  run.derived({reinterpret_cast<const uint8_t*>(&object), sizeof object});
}

// ---------------------------------------------------------------------------------------- Curve25519

namespace c25519 = crypto::curve25519;
using Scalar32 = std::span<const uint8_t, 32>;

/// The digits of edwards.cpp: from -8 to 7, the last one to 8.
void digits(Run& run, Scalar32 scalar) {
  std::array<int8_t, 64> out;
  int carry = 0;
  for (size_t i = 0; i < 64; ++i) {
    const int digit = (scalar[i / 2] >> 4 * (i % 2) & 15) + carry;
    carry = i < 63 ? (digit + 8) >> 4 : 0;
    out[i] = static_cast<int8_t>(digit - 16 * carry);
  }
  derived(run, out);
}

/// A scalar and its multiple of B; the reciprocals are those of both encodings.
void tell_multiple(Run& run, Scalar32 scalar) {
  run.derived(scalar);
  digits(run, scalar);
  // Alone and in a lane: a point has other coordinates by another way.
  const auto& by = *crypto::pick(crypto::ed25519_kernels(), crypto::cpu_word()).algorithm;
  std::array<c25519::Encoded, 8> all;  // not on the heap, where they would be found
  for (c25519::Encoded& s : all) std::ranges::copy(scalar, s.begin());
  std::array<c25519::Projective, 8> points;
  by.multiply_bases(all, points.data());
  for (const c25519::Projective& p : {by.multiply_base(scalar), points[0]}) {
    for (const c25519::Element& coordinate : {p.x, p.y, p.z}) derived(run, coordinate);
    derived(run, c25519::invert(p.z));
    derived(run, c25519::invert(c25519::tighten(p.z - p.y)));
  }
}

std::array<uint8_t, 32> clamped(Bytes scalar) {
  std::array<uint8_t, 32> out;
  std::copy_n(scalar.begin(), 32, out.begin());
  out[0] &= 248;
  out[31] = static_cast<uint8_t>((out[31] & 127) | 64);
  return out;
}

std::array<uint8_t, 64> sha512_of(Bytes a, Bytes b = {}) {
  std::array<uint8_t, 64> out;
  HashContext context(crypto::sha512());
  context.update(a);
  context.update(b);
  context.finish(out);
  return out;
}

/// RFC 8032 §5.1.5, and §5.1.6 where there is a message.
void tell_ed25519(Run& run, Bytes seed, std::optional<Bytes> message) {
  const std::array<uint8_t, 64> expanded = sha512_of(seed);
  const Bytes prefix = Bytes(expanded).last(32);
  derived(run, expanded);
  tell_multiple(run, clamped(expanded));
  if (!message) return;
  const std::array<uint8_t, 64> hash = sha512_of(prefix, *message);
  std::array<uint8_t, 32> r;
  c25519::reduce_scalar(hash, r);
  derived(run, hash);
  tell_multiple(run, r);
}

// --------------------------------------------------------------------------------------- NIST curves

/// A scalar k modulo the order n as the curves keep it, and as kernels with lanes do: the smaller one of k
/// and n - k, doubled.
template <class Curve>
void tell_scalar(Run& run, const typename Curve::Scalar::Number& scalar) {
  derived(run, scalar);
  derived(run, Curve::Scalar::from_number(scalar));
  auto other = Curve::Scalar::modulus;
  crypto::ec::subtract_from(other, scalar);
  derived(run, other);
  auto twice = crypto::ec::is_less(other, scalar).bit() ? other : scalar;
  crypto::ec::add_to(twice, typename Curve::Scalar::Number(twice));
  derived(run, twice);
}
/// A point; where it is public, its affine coordinates are so too, but not those that it was computed in.
template <class Curve>
void tell_point(Run& run, const crypto::ec::Point<Curve>& p) {
  derived(run, p);
  derived(run, p.z.inverse());
}

#if defined(__x86_64__)
/// The products of the kernel "adx", in the coordinates that it computes in.
template <class Curve>
void tell_jacobian(Run& run, const crypto::ec::Jacobian<Curve>& p) {
  derived(run, p);
  derived(run, p.z.inverse());
}
template <class Soft>
void tell_kernel_products(Run& run, const typename Soft::Scalar::Number& d,
                          const crypto::ec::AffinePoint<Soft>* peer) {
  constexpr bool is_p256 = Soft::group == NamedGroup::secp256r1;
  if constexpr (is_p256 || Soft::group == NamedGroup::secp384r1) {
    using Curve = std::conditional_t<is_p256, crypto::P256Adx, crypto::P384Adx>;
    using Products = crypto::ec::WindowProducts<Curve>;
    constexpr crypto::CpuBits needs = crypto::cpu::bmi2 | crypto::cpu::adx | crypto::cpu::avx2;
    if ((~crypto::cpu_word() & needs) != 0) return;
    if constexpr (is_p256) tell_jacobian(run, Products::multiply_generator_jacobian(d));
    if (!peer) return;
    const auto x = Curve::Field::from_montgomery(peer->x.montgomery());
    const auto y = Curve::Field::from_montgomery(peer->y.montgomery());
    tell_jacobian(run, Products::multiply_jacobian(d, {x, y}));
  }
}
#else
template <class Soft>
void tell_kernel_products(Run&, const typename Soft::Scalar::Number&, const crypto::ec::AffinePoint<Soft>*) {}
#endif

template <class Curve>
void tell_product(Run& run, Bytes scalar) {
  const auto d = crypto::ec::from_big_endian<Curve::Scalar::n>(scalar);
  tell_scalar<Curve>(run, d);
  tell_point<Curve>(run, crypto::ec::multiply_generator<Curve>(d));
  tell_kernel_products<Curve>(run, d, nullptr);
}

template <class Curve>
void tell_ecdsa_nonce(Run& run, Bytes k) {
  tell_product<Curve>(run, k);
  const auto number = crypto::ec::from_big_endian<Curve::Scalar::n>(k);
  tell_scalar<Curve>(run, Curve::Scalar::from_number(number).inverse().number());
}

template <class Curve>
void tell_ecdh(Run& run, Bytes scalar, Bytes share) {
  const auto peer = crypto::ec::read_point_vartime<Curve>(share);
  run.expect(peer.has_value(), "a share is a point");
  const auto d = crypto::ec::from_big_endian<Curve::Scalar::n>(scalar);
  tell_scalar<Curve>(run, d);
  const auto product = crypto::ec::multiply<Curve>(d, *peer);
  tell_point<Curve>(run, product);
  tell_kernel_products<Curve>(run, d, &*peer);
  derived(run, product.affine());
}

/// What draw_scalar() makes of the next random bytes, where it does not reject them.
template <class Curve>
SecretBytes next_scalar(Run& run) {
  SecretBytes out = run.foreseen(crypto::ec::scalar_size<Curve>);
  out.writable()[0] &= 0xff >> (8 * Curve::Scalar::bytes - Curve::Scalar::bits);
  return out;
}

template <class Function>
void with_curve(KeyType type, const Function& function) {
  switch (type) {
    case KeyType::ec_p256: return function.template operator()<crypto::P256>();
    case KeyType::ec_p384: return function.template operator()<crypto::P384>();
    case KeyType::ec_p521: return function.template operator()<crypto::P521>();
    default: return;
  }
}

KeyType key_type_of(NamedGroup group) {
  return group == NamedGroup::secp256r1   ? KeyType::ec_p256
         : group == NamedGroup::secp384r1 ? KeyType::ec_p384
                                          : KeyType::ec_p521;
}

/// RFC 6979 §3.2 with the additional data that signing draws next.
SecretBytes next_nonce(Run& run, const PrivateKeyMaterial& key, SignatureAlgorithm algorithm, Bytes message) {
  const crypto::EcdsaCurve& curve = *crypto::ecdsa::curve_of(key.type);
  const HashAlgorithm& hash = *crypto::ecdsa::hash_of(algorithm);
  std::array<uint8_t, max_digest_size> digest;
  HashContext context(hash);
  context.update(message);
  context.finish(digest);
  std::vector<uint8_t> e(curve.size);
  curve.digest_number({digest.data(), hash.digest_size}, e);
  const SecretBytes additional = run.foreseen(32);
  SecretBytes k(curve.size);
  crypto::ecdsa::NonceGenerator(hash, curve.order_bits, key.scalar.reveal(), e, additional.reveal())
      .next(k.writable());
  return k;
}

using crypto::ml_dsa::Parameters;

/// nullptr for a key of another kind.
const Parameters* ml_dsa_set_of(KeyType type) {
  switch (type) {
    case KeyType::ml_dsa_44: return &crypto::ml_dsa::ml_dsa_44;
    case KeyType::ml_dsa_65: return &crypto::ml_dsa::ml_dsa_65;
    case KeyType::ml_dsa_87: return &crypto::ml_dsa::ml_dsa_87;
    default: return nullptr;
  }
}

/// FIPS 204 §5.2: the next signature is hedged by the next 32 bytes.
void tell_next_ml_dsa_signature(Run& run, const Parameters& with, Bytes seed, Bytes message) {
  const auto keys = crypto::ml_dsa::generate(with, seed);
  tell_ml_dsa_signature(run, with, keys.private_key.reveal(), message,
                        run.foreseen(crypto::ml_dsa::rnd_size).reveal());
}

}  // namespace

void tell_key(Run& run, const PrivateKeyMaterial& key) {
  only_told(run, [&] {
    if (key.type == KeyType::ed25519) tell_ed25519(run, key.scalar.reveal(), {});
    if (const Parameters* with = ml_dsa_set_of(key.type)) tell_ml_dsa_key(run, *with, key.scalar.reveal());
    with_curve(key.type, [&]<class Curve>() { tell_product<Curve>(run, key.scalar.reveal()); });
  });
}

void tell_next_key(Run& run, KeyType type) {
  only_told(run, [&] {
    if (type == KeyType::ed25519) tell_ed25519(run, run.foreseen(32).reveal(), {});
    if (const Parameters* with = ml_dsa_set_of(type)) tell_ml_dsa_key(run, *with, run.foreseen(32).reveal());
    with_curve(type, [&]<class Curve>() { tell_product<Curve>(run, next_scalar<Curve>(run).reveal()); });
  });
}

void tell_nonce(Run& run, const PrivateKeyMaterial& key, SignatureAlgorithm algorithm, Bytes message) {
  only_told(run, [&] {
    if (key.type == KeyType::ed25519) tell_ed25519(run, key.scalar.reveal(), message);
    if (const Parameters* with = ml_dsa_set_of(key.type))
      tell_next_ml_dsa_signature(run, *with, key.scalar.reveal(), message);
    with_curve(key.type, [&]<class Curve>() {
      tell_ecdsa_nonce<Curve>(run, next_nonce(run, key, algorithm, message).reveal());
    });
  });
}

void tell_agreement(Run& run, NamedGroup group, Bytes key, Bytes share) {
  only_told(run, [&] {
    if (group == NamedGroup::x25519) {
      const SecretBytes next = run.foreseen(32);
      tell_multiple(run, clamped(key.empty() ? next.reveal() : key));
      return;
    }
    with_curve(key_type_of(group), [&]<class Curve>() {
      const SecretBytes next = next_scalar<Curve>(run);
      const Bytes scalar = key.empty() ? next.reveal() : key;
      tell_product<Curve>(run, scalar);
      if (!share.empty()) tell_ecdh<Curve>(run, scalar, share);
    });
  });
}

// ------------------------------------------------------------------------------------------ records

/// RFC 8439 §2.8: block 0 of the key stream is r, which is then clamped (§2.5), and s; the others are added
/// to the text.
void tell_chacha20(Run& run, Bytes key, const AeadNonce& nonce, size_t size) {
  namespace chacha = crypto::chacha20_poly1305;
  only_told(run, [&] {
    chacha::KeyWords key_words;
    chacha::NonceWords nonce_words;
    std::memcpy(key_words.data(), key.data(), sizeof key_words);
    std::memcpy(nonce_words.data(), nonce.data(), sizeof nonce_words);
    SecretBytes stream(chacha::block_size + size);
    chacha::chacha20_soft(key_words, nonce_words, 0, stream.reveal().data(), stream.writable().data(),
                          stream.size());
    run.derived(stream.reveal());
    chacha::Poly1305State state;
    chacha::poly1305_init(state, stream.reveal().data());
    derived(run, state.r);
  });
}

// ------------------------------------------------------------------------------------------ lattices

namespace {

const crypto::Keccak& keccak() noexcept {
  return *crypto::pick(crypto::keccak_kernels(), crypto::cpu_word()).algorithm;
}

}  // namespace

/// FIPS 203 §5.1, algorithm 13, line 1: (rho, sigma) = G(d || k), of which rho is public.
void tell_next_ml_kem_key(Run& run, uint8_t rank) {
  only_told(run, [&] {
    const SecretBytes d = run.foreseen(32);
    std::array<uint8_t, 64> rho_sigma;
    crypto::sha3_512(keccak(), {d.reveal(), Bytes(&rank, 1)}, rho_sigma.data());
    run.derived(Bytes(rho_sigma).last(32));
  });
}

/// FIPS 203 §6.2, algorithm 17, line 1: (K, r) = G(m || H(ek)).
void tell_next_encapsulation(Run& run, Bytes encapsulation_key) {
  only_told(run, [&] {
    const SecretBytes m = run.foreseen(32);
    std::array<uint8_t, 32> hash;
    std::array<uint8_t, 64> secret_r;
    crypto::sha3_256(keccak(), {encapsulation_key}, hash.data());
    crypto::sha3_512(keccak(), {m.reveal(), hash}, secret_r.data());
    derived(run, secret_r);
  });
}

/// FIPS 204 §6.1, algorithm 6, line 1: (rho, rho', K) = H(xi || k || l, 128), of which rho is public.
void tell_ml_dsa_key(Run& run, const crypto::ml_dsa::Parameters& with, Bytes seed) {
  only_told(run, [&] {
    const uint8_t sizes[2] = {static_cast<uint8_t>(with.k), static_cast<uint8_t>(with.l)};
    std::array<uint8_t, 128> expanded;
    crypto::ml_dsa::hash({seed, sizes}, expanded);
    run.derived(Bytes(expanded).last(96));
  });
}

/// FIPS 204 §6.2, algorithm 7: rho'' = H(K || rnd || mu, 64), y = ExpandMask(rho'', kappa), and NTT(s1),
/// NTT(s2).
void tell_ml_dsa_signature(Run& run, const crypto::ml_dsa::Parameters& with, Bytes private_key, Bytes message,
                           Bytes rnd) {
  using namespace crypto::ml_dsa;
  constexpr size_t tries = 20;
  only_told(run, [&] {
    PrivateKey key(with, private_key);
    const auto mu = representative(key.tr, {}, message);
    std::array<uint8_t, 64> rho_second;
    hash({key.k, rnd, *mu}, rho_second);
    derived(run, rho_second);
    Polys y(1);
    for (size_t kappa = 0; kappa < tries * with.l; ++kappa) {
      expand_mask({y.begin(), 1}, with, rho_second, kappa);
      derived(run, y[0]);
    }
    for (Polys* secret : {&key.s1, &key.s2})
      for (Poly& p : *secret) {
        ntt(p);
        reduce(p);
        derived(run, p);
      }
  });
}

}  // namespace bulla::constant_time
