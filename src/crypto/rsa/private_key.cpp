// Private keys: checked when they are loaded (RFC 8017 §3.2), used by the Chinese remainder theorem, blinded,
// and every outcome checked with the public exponent before anybody sees it.
#include "crypto/bignum/gcd.h"
#include "crypto/rsa/impl.h"
#include "crypto/sha2/sha2.h"

#include <algorithm>
#include <optional>

namespace bulla::crypto::rsa {

using namespace bignum;

namespace {

Error bad_key(KeyType type, std::string_view what) {
  return {ErrorCode::private_key_inconsistent, name_of(type) + " key: " + std::string(what)};
}

bool holds(LimbMask mask) noexcept {
  return ct::declassified(mask.bit(), "whether a key is consistent") != 0;
}

/// The numbers of a key, each with room for one byte more than the modulus has.
struct Numbers {
  SecretLimbs n, e, d, p, q, dp, dq, qinv;

  explicit Numbers(const PrivateKeyMaterial& m)
      : n(number(m, m.modulus)),
        e(number(m, m.exponent)),
        d(number(m, m.private_exponent.reveal())),
        p(number(m, m.prime1.reveal())),
        q(number(m, m.prime2.reveal())),
        dp(number(m, m.exponent1.reveal())),
        dq(number(m, m.exponent2.reveal())),
        qinv(number(m, m.coefficient.reveal())) {}

 private:
  static SecretLimbs number(const PrivateKeyMaterial& m, Bytes big_endian) {
    SecretLimbs out(limbs_for(m.modulus.size() + 1));
    load(out, big_endian);
    return out;
  }
};

/// Without the zeros in front: how long a prime is may be known.
Limbs significant(const SecretLimbs& a) noexcept {
  return Limbs(a).first((bit_length_vartime(a) + limb_bits - 1) / limb_bits);
}

/// One prime's half of the key: the reduced exponent is d mod (p - 1), and e·d = 1 mod (p - 1).
bool exponent_fits(const Numbers& k, Limbs prime, Limbs reduced) {
  SecretLimbs order(prime), rest(prime.size()), d(k.d.size() + 1);
  subtract_small(order, order, 1);
  extend(d, k.d);  // a zero above it: it has no bound by the order
  remainder_of_length(rest, d, order);
  if (!holds(is_equal(rest, reduced))) return false;
  const Limbs e = significant(k.e);
  SecretLimbs product(rest.size() + e.size());
  multiply(product, rest, e);
  remainder_of_length(rest, product, order);
  return holds(is_small(rest, 1));
}

bool product_is_modulus(const Numbers& k) {
  const Limbs p = significant(k.p), q = significant(k.q);
  SecretLimbs product(p.size() + q.size());
  multiply(product, p, q);
  return holds(is_equal(product, k.n));
}

bool coefficient_fits(const Numbers& k) {
  const Limbs p = significant(k.p), q = significant(k.q);
  if (!holds(is_less(k.qinv, k.p))) return false;
  SecretLimbs product(p.size() + q.size()), rest(p.size());
  multiply(product, Limbs(k.qinv).first(p.size()), q);
  remainder_of_length(rest, product, p);
  return holds(is_small(rest, 1));
}

/// What contradicts itself, or nullptr. Primality is not tested: it would cost as much as making the key, and
/// a signature by a composite "prime" does not stand the check that each is put to.
const char* private_key_defect(const Numbers& k) {
  if (!holds(is_odd(k.p) & is_odd(k.q) & ~is_small(k.p, 1) & ~is_small(k.q, 1)))
    return "a prime is even or 1";
  if (!product_is_modulus(k)) return "the product of its primes is not its modulus";
  if (!holds(is_less(k.d, k.n))) return "its private exponent is not below its modulus";
  if (!exponent_fits(k, significant(k.p), k.dp) || !exponent_fits(k, significant(k.q), k.dq))
    return "its private exponents do not belong to its public exponent";
  if (!coefficient_fits(k)) return "its CRT coefficient is not the inverse of its second prime";
  return nullptr;
}

/// e·d = 1 mod (p - 1), which is even, so d is odd: one less is not below zero.
Half half_of(const SecretLimbs& prime, const SecretLimbs& exponent, const Montgomery& kernel) {
  const Limbs value = significant(prime);
  Half half{Modulus(value, kernel), SecretLimbs(Limbs(exponent).first(value.size()))};
  subtract_small(half.exponent, half.exponent, 1);
  return half;
}

SecretBytes blinding_key_of(const PrivateKeyMaterial& m) {
  static constexpr std::string_view label = "Bulla RSA blinding";
  SecretBytes key(sha512().digest_size);
  HashContext hash(sha512());
  hash.update(as_bytes(label));
  hash.update(m.private_exponent.reveal());
  hash.finish(key.writable());
  return key;
}

}  // namespace

Result<PrivateKey> load_private_key(const PrivateKeyMaterial& m, const Montgomery& kernel) {
  if (const char* defect = public_key_defect(m.modulus, m.exponent))
    return Error{ErrorCode::private_key_unsupported, name_of(m.type) + " key: " + defect};
  for (const SecretBytes* part :
       {&m.private_exponent, &m.prime1, &m.prime2, &m.exponent1, &m.exponent2, &m.coefficient})
    if (part->empty() || part->size() > m.modulus.size() + 1)
      return bad_key(m.type, "one of its numbers is missing or longer than its modulus");
  const Numbers k(m);
  if (const char* defect = private_key_defect(k)) return bad_key(m.type, defect);
  if (!primes_are_long_enough(bit_length_vartime(k.n), bit_length_vartime(k.p), bit_length_vartime(k.q)))
    return Error{ErrorCode::private_key_unsupported,
                 name_of(m.type) + " key: a prime is shorter than a quarter of the modulus"};
  const Limbs e = significant(k.e);
  SecretLimbs e_minus_1(e);
  subtract_small(e_minus_1, e, 1);
  return PrivateKey{.n = Modulus(significant(k.n), kernel),
                    .e = m.exponent,
                    .e_limbs = SecretLimbs(e),
                    .e_minus_1 = std::move(e_minus_1),
                    .p = half_of(k.p, k.dp, kernel),
                    .q = half_of(k.q, k.dq, kernel),
                    .coefficient = SecretLimbs(Limbs(k.qinv).first(significant(k.p).size())),
                    .blinding_key = blinding_key_of(m)};
}

namespace {

/// What one signature needs modulo one of the primes. With r random and x = c·r^e, x^(d-1) = c^(d-1)·r^(1-e),
/// so that c^d = x^(d-1)·c·r^(e-1): what is raised to the secret exponent is random (Kocher 1996, §10), and
/// no inverse of r is needed. In Montgomery form, until unblind().
struct BlindedHalf {
  SecretLimbs c;        ///< the encoding
  SecretLimbs r;        ///< what nobody can guess
  SecretLimbs unblind;  ///< r^(e-1), then c·r^(e-1)
  SecretLimbs power;    ///< x, then x^(d-1), then c^d

  BlindedHalf(const Modulus& prime, Limbs encoding, Limbs random)
      : c(prime.size()), r(prime.size()), unblind(prime.size()), power(prime.size()) {
    prime.to_montgomery(c, encoding);
    prime.to_montgomery(r, random);
  }
  void blind(const Modulus& prime) {
    prime.multiply(unblind, unblind, c);
    prime.multiply(power, unblind, r);
  }
  void take_off(const Modulus& prime) { prime.multiply(power, power, unblind); }
};

/// What one signature needs.
struct Blinded {
  SecretLimbs c;  ///< the encoding
  BlindedHalf p, q;

  /// Two limbs more than a prime has make every remainder as likely as any other, but for 2^-128.
  static constexpr size_t spare_limbs = 2;

  Blinded(const PrivateKey& key, SecretLimbs encoding, Limbs random)
      : c(std::move(encoding)),
        p(key.p.prime, c, random.first(key.p.prime.size() + spare_limbs)),
        q(key.q.prime, c, random.last(key.q.prime.size() + spare_limbs)) {}
};

/// Limbs that nobody can guess, for both of the blinding's factors: from randomness, the key and what is
/// signed together, so that a weak source does not lay them open.
SecretLimbs blinding_limbs(const PrivateKey& key, Bytes entropy, Bytes encoded) {
  std::array<uint8_t, max_digest_size> seed;
  HashContext hash(sha512());
  hash.update(key.blinding_key.reveal());
  hash.update(entropy);
  hash.update(encoded);
  hash.finish(seed);
  SecretLimbs out(key.p.prime.size() + key.q.prime.size() + 2 * Blinded::spare_limbs);
  SecretBytes bytes(out.size() * sizeof(Limb));
  mgf1_xor(sha512(), seed, bytes.writable());
  wipe(seed);
  load(out, bytes.reveal());
  return out;
}

/// The signature mod n from both halves, by Garner's formula (RFC 8017 §5.2.1 step 2b): s2 + q·h, where
/// h = (s1 - s2)·qInv mod p.
SecretLimbs from_halves(const PrivateKey& key, MutLimbs s1, MutLimbs s2) {
  const Modulus &p = key.p.prime, &q = key.q.prime;
  SecretLimbs s2_mod_p(p.size());
  q.from_montgomery(s2, s2);
  p.to_montgomery(s2_mod_p, s2);
  p.subtract(s1, s1, s2_mod_p);
  p.multiply(s1, s1, key.coefficient);  // h, in plain form
  SecretLimbs sum(p.size() + q.size()), s2_long(sum.size());
  multiply(sum, s1, q.value());
  extend(s2_long, s2);
  add(sum, sum, s2_long);
  return SecretLimbs(Limbs(sum).first(key.n.size()));
}

/// The signature, if it stands its check: a fault in one half would give the other's prime away (Boneh,
/// DeMillo, Lipton 1997).
bool finish(const PrivateKey& key, Blinded& b, MutBytes signature) {
  const Modulus& n = key.n;
  const SecretLimbs s = from_halves(key, b.p.power, b.q.power);
  SecretLimbs again(n.size());
  n.to_montgomery(again, s);
  n.power_vartime(again, again, key.e_limbs);
  n.from_montgomery(again, again);
  if (ct::declassified(is_equal(again, b.c).bit(), "whether a signature is right") == 0) return false;
  store(signature, s);
  ct::declassify(signature.data(), signature.size(), "a signature");
  return true;
}

/// c^d modulo both primes, of all of them at once: what has the same modulus stands together, as kernels take
/// it.
void power_of_each(const PrivateKey& key, std::span<std::optional<Blinded>> all) {
  const auto each = [&](const auto& use) {
    for (auto& one : all)
      if (one) use(key.p, one->p);
    for (auto& one : all)
      if (one) use(key.q, one->q);
  };
  std::vector<Power> powers;
  powers.reserve(2 * all.size());
  each([&](const Half& half, BlindedHalf& b) {
    powers.push_back({&half.prime, b.unblind, b.r, key.e_minus_1});
  });
  key.n.kernel().powers_vartime(powers);
  each([](const Half& half, BlindedHalf& b) { b.blind(half.prime); });
  powers.clear();
  each([&](const Half& half, BlindedHalf& b) {
    powers.push_back({&half.prime, b.power, b.power, half.exponent});
  });
  key.n.kernel().powers(powers);
  each([](const Half& half, BlindedHalf& b) { b.take_off(half.prime); });
}

}  // namespace

void private_operations(const PrivateKey& key, Random& random, std::span<PrivateJob> jobs) {
  if (jobs.size() > most_jobs) __builtin_trap();
  constexpr size_t entropy_size = 32;
  SecretBytes entropy(jobs.size() * entropy_size);
  random.fill(entropy.writable());
  std::array<std::optional<Blinded>, most_jobs> blinded;
  for (size_t i = 0; i < jobs.size(); ++i) {
    std::fill(jobs[i].signature.begin(), jobs[i].signature.end(), uint8_t{0});
    SecretLimbs c(key.n.size());
    load(c, jobs[i].encoded);
    if (!holds(is_less(c, key.n.value()))) continue;
    const Bytes seed = entropy.reveal().subspan(i * entropy_size, entropy_size);
    blinded[i].emplace(key, std::move(c), blinding_limbs(key, seed, jobs[i].encoded));
  }
  power_of_each(key, std::span(blinded).first(jobs.size()));
  for (size_t i = 0; i < jobs.size(); ++i)
    jobs[i].ok = blinded[i] && finish(key, *blinded[i], jobs[i].signature);
}

bool private_operation(const PrivateKey& key, Random& random, Bytes encoded, MutBytes signature) {
  PrivateJob job{encoded, signature};
  private_operations(key, random, {&job, 1});
  return job.ok;
}

}  // namespace bulla::crypto::rsa
