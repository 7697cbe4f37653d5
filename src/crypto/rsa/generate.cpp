// Key generation by probable primes (FIPS 186-5 §A.1.3).
#include "crypto/bignum/gcd.h"
#include "crypto/bignum/prime.h"
#include "crypto/rsa/impl.h"
#include "crypto/rsa/rsa.h"
#include "crypto/wipe_stack.h"

#include <algorithm>
#include <optional>

namespace bulla::crypto {
namespace rsa {
namespace {

using namespace bignum;

constexpr Limb public_exponent = 65537;  // a prime, which gcd() below relies on

bool is_true(LimbMask mask, const char* reason) noexcept {
  return ct::declassified(mask.bit(), reason) != 0;
}

/// FIPS 186-5 table B.1, the column of p and q: 5 rounds where nlen, twice `prime_bits`, is 2048, 4 where it
/// is 3072 or 4096. Lengths between take the number of the shorter one; longer primes need fewer still.
constexpr unsigned rounds_for(size_t prime_bits) noexcept {
  return prime_bits < 1536 ? 5 : 4;
}

/// Steps 4.2 to 4.4, 5.2 to 5.4: a random odd number of exactly so many bits. Its two highest bits are set,
/// so that it is above sqrt(2)·2^(bits - 1), and the product of two has exactly twice as many bits.
void draw_candidate(MutLimbs out, size_t bits, Random& random) {
  SecretBytes bytes((bits + 7) / 8);
  random.fill(bytes.writable());
  bignum::load(out, bytes.reveal());
  const size_t top = (bits - 1) % limb_bits;
  // A prime's bits are a multiple of 4, so both of the highest are in its last limb.
  out.back() &= ~Limb{0} >> (limb_bits - 1 - top);
  out.back() |= Limb{3} << (top - 1);
  out[0] |= 1;
}

/// Steps 5.5: whether |p - q| <= 2^(bits - 100).
LimbMask too_close(Limbs p, Limbs q, size_t bits) {
  SecretLimbs difference(p.size()), opposite(p.size()), bound(p.size());
  const auto negative = LimbMask::of_bit(subtract(difference, p, q));
  subtract(opposite, q, p);
  select(negative, difference, opposite, difference);
  bound[(bits - 100) / limb_bits] = Limb{1} << ((bits - 100) % limb_bits);
  return ~is_less(bound, difference);
}

/// gcd(p - 1, e) = 1, where e is prime: p - 1 is no multiple of it.
LimbMask fits_exponent(Limbs p) noexcept {
  return ~LimbMask::is_equal(remainder_small(p, public_exponent), 1);
}

/// Candidates that fail are thrown away: that they did, and at which test, is no secret. `other`: the prime
/// to keep away from, if there is one already. Nothing where the source does not bring forth a prime; the
/// bound is far above what chance explains (e^-57), and above that of step 4.7.
std::optional<SecretLimbs> draw_prime(size_t bits, const SecretLimbs* other, Random& random) {
  SecretLimbs p((bits + limb_bits - 1) / limb_bits);
  for (size_t tries = 20 * bits; tries > 0; --tries) {
    draw_candidate(p, bits, random);
    if (other && is_true(too_close(p, *other, bits), "primes too close are not used")) continue;
    if (has_small_factor(p) || !is_true(fits_exponent(p), "primes that do not fit e are not used")) continue;
    switch (miller_rabin(p, rounds_for(bits), random)) {
      case Primality::probably_prime: return p;
      case Primality::random_failed: return std::nullopt;
      case Primality::composite: break;
    }
  }
  return std::nullopt;
}

/// a mod (prime - 1).
SecretLimbs reduced_exponent(Limbs a, Limbs prime) {
  SecretLimbs order(prime), rest(prime.size());
  subtract_small(order, order, 1);
  divide({}, rest, a, order);
  return rest;
}

/// d = 1/e mod lcm(p - 1, q - 1) (§A.1.1 criterion 3).
SecretLimbs private_exponent(Limbs p, Limbs q) {
  SecretLimbs p1(p), q1(q), divisor(p.size()), product(2 * p.size()), lcm(2 * p.size());
  subtract_small(p1, p1, 1);
  subtract_small(q1, q1, 1);
  gcd(divisor, p1, q1);
  multiply(product, p1, q1);
  SecretLimbs rest(p.size());
  divide(lcm, rest, product, divisor);
  SecretLimbs e(2 * p.size()), d(2 * p.size());
  e[0] = public_exponent;
  // It exists, as e is prime and divides neither p - 1 nor q - 1.
  static_cast<void>(inverse(d, e, lcm));
  return d;
}

SecretBytes to_secret_bytes(Limbs number, size_t size) {
  SecretBytes out(size);
  store(out.writable(), number);
  return out;
}

PrivateKeyMaterial material_of(KeyType type, size_t bits, Limbs p, Limbs q, Limbs d) {
  SecretLimbs n(2 * p.size()), q_mod_p(p.size()), qinv(p.size());
  multiply(n, p, q);
  ct::declassify(n.data(), n.size() * sizeof(Limb), "the public key");
  static_cast<void>(inverse(qinv, q, p));  // q < p
  const size_t size = bits / 8, half = (bits / 2 + 7) / 8;
  PrivateKeyMaterial m{.type = type};
  m.modulus.resize(size);
  store(m.modulus, n);
  m.exponent = {0x01, 0x00, 0x01};
  m.private_exponent = to_secret_bytes(d, size);
  m.prime1 = to_secret_bytes(p, half);
  m.prime2 = to_secret_bytes(q, half);
  m.exponent1 = to_secret_bytes(reduced_exponent(d, p), half);
  m.exponent2 = to_secret_bytes(reduced_exponent(d, q), half);
  m.coefficient = to_secret_bytes(qinv, half);
  return m;
}

/// The larger one first.
void put_in_order(MutLimbs p, MutLimbs q) {
  const LimbMask swap = is_less(p, q);
  const SecretLimbs old_p{Limbs(p)};
  select(swap, p, q, p);
  select(swap, q, old_p, q);
}

Result<PrivateKeyMaterial> generate(KeyType type, size_t bits, Random& random) {
  const Error failed{ErrorCode::internal, "the random source brings forth no RSA primes"};
  const size_t half = bits / 2;
  for (int tries = 0; tries < 8; ++tries) {
    auto p = draw_prime(half, nullptr, random);
    if (!p) return failed;
    auto q = draw_prime(half, &*p, random);
    if (!q) return failed;
    put_in_order(*p, *q);
    const SecretLimbs d = private_exponent(*p, *q);
    // §A.1.1 criterion 3b, which never fails in practice.
    SecretLimbs bound(d.size());
    bound[half / limb_bits] = Limb{1} << (half % limb_bits);
    if (is_true(is_less(bound, d), "keys with a small d are not used"))
      return material_of(type, bits, *p, *q, d);
  }
  return failed;
}

}  // namespace
}  // namespace rsa

Result<PrivateKeyMaterial> generate_rsa(KeyType type, unsigned bits, Random& random) {
  if (bits < 2048 || bits > rsa::max_modulus_bits || bits % 8 != 0)
    return Error{ErrorCode::bad_argument,
                 "an RSA key has 2048 to 8192 bits, in whole bytes, not " + std::to_string(bits)};
  return with_wiped_stack<rsa::stack_depth>([&] { return rsa::generate(type, bits, random); });
}

}  // namespace bulla::crypto
