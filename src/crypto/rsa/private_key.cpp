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

std::vector<uint8_t> minus_one(std::vector<uint8_t> odd) {
  odd.back() = static_cast<uint8_t>(odd.back() - 1);
  return odd;
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
  return PrivateKey{.n = Modulus(significant(k.n), kernel),
                    .e = m.exponent,
                    .e_minus_1 = minus_one(m.exponent),
                    .p = half_of(k.p, k.dp, kernel),
                    .q = half_of(k.q, k.dq, kernel),
                    .coefficient = SecretLimbs(Limbs(k.qinv).first(significant(k.p).size())),
                    .blinding_key = blinding_key_of(m)};
}

namespace {

/// A number mod n that nobody can guess, in Montgomery form. From randomness, the key and what is signed
/// together, so that a weak source does not lay it open.
SecretLimbs blinding_factor(const PrivateKey& key, Bytes entropy, Bytes encoded) {
  std::array<uint8_t, max_digest_size> seed;
  HashContext hash(sha512());
  hash.update(key.blinding_key.reveal());
  hash.update(entropy);
  hash.update(encoded);
  hash.finish(seed);
  // Two limbs more than n has make every remainder as likely as any other, but for 2^-128.
  SecretBytes bytes((key.n.size() + 2) * sizeof(Limb));
  mgf1_xor(sha512(), seed, bytes.writable());
  wipe(seed);
  SecretLimbs wide(key.n.size() + 2), out(key.n.size());
  load(wide, bytes.reveal());
  key.n.to_montgomery(out, wide);
  return out;
}

/// What one signature needs from its encoding on. With r random and x = c·r^e, x^(d-1) = c^(d-1)·r^(1-e) mod
/// n, so that c^d = x^(d-1)·c·r^(e-1): what is raised to the secret exponents is random (Kocher 1996, §10),
/// and no inverse of r is needed.
struct Blinded {
  SecretLimbs c;             ///< the encoding
  SecretLimbs unblind;       ///< c·r^(e-1), in Montgomery form
  SecretLimbs mod_p, mod_q;  ///< x, then x^(d-1), in Montgomery form

  Blinded(const PrivateKey& key, Bytes entropy, Bytes encoded)
      : c(key.n.size()), unblind(key.n.size()), mod_p(key.p.prime.size()), mod_q(key.q.prime.size()) {
    const Modulus& n = key.n;
    load(c, encoded);
    const SecretLimbs r = blinding_factor(key, entropy, encoded);
    SecretLimbs product(n.size()), x(n.size());
    n.power_vartime(unblind, r, key.e_minus_1);
    n.multiply(product, c, unblind);
    n.multiply(x, product, r);
    n.to_montgomery(unblind, product);
    key.p.prime.to_montgomery(mod_p, x);
    key.q.prime.to_montgomery(mod_q, x);
  }
};

/// x^(d - 1) mod n from both halves, by Garner's formula (RFC 8017 §5.2.1 step 2b): m2 + q·h, where
/// h = (m1 - m2)·qInv mod p.
SecretLimbs from_halves(const PrivateKey& key, MutLimbs m1, MutLimbs m2) {
  const Modulus &p = key.p.prime, &q = key.q.prime;
  SecretLimbs m2_mod_p(p.size());
  q.from_montgomery(m2, m2);
  p.to_montgomery(m2_mod_p, m2);
  p.subtract(m1, m1, m2_mod_p);
  p.multiply(m1, m1, key.coefficient);  // h, in plain form
  SecretLimbs sum(p.size() + q.size()), m2_long(sum.size());
  multiply(sum, m1, q.value());
  extend(m2_long, m2);
  add(sum, sum, m2_long);
  return SecretLimbs(Limbs(sum).first(key.n.size()));
}

/// The signature, if it stands its check: a fault in one half would give the other's prime away (Boneh,
/// DeMillo, Lipton 1997).
bool finish(const PrivateKey& key, Blinded& b, MutBytes signature) {
  const Modulus& n = key.n;
  const SecretLimbs y = from_halves(key, b.mod_p, b.mod_q);
  SecretLimbs s(n.size()), again(n.size());
  n.multiply(s, y, b.unblind);
  n.to_montgomery(again, s);
  n.power_vartime(again, again, key.e);
  n.from_montgomery(again, again);
  if (ct::declassified(is_equal(again, b.c).bit(), "whether a signature is right") == 0) return false;
  store(signature, s);
  ct::declassify(signature.data(), signature.size(), "a signature");
  return true;
}

bool is_below_modulus(const PrivateKey& key, Bytes encoded) {
  SecretLimbs c(key.n.size());
  load(c, encoded);
  return holds(is_less(c, key.n.value()));
}

}  // namespace

void private_operations(const PrivateKey& key, Random& random, std::span<PrivateJob> jobs) {
  if (jobs.size() > most_jobs) __builtin_trap();
  constexpr size_t entropy_size = 32;
  SecretBytes entropy(jobs.size() * entropy_size);
  random.fill(entropy.writable());
  std::array<std::optional<Blinded>, most_jobs> blinded;
  std::vector<Power> powers;
  powers.reserve(2 * jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    std::fill(jobs[i].signature.begin(), jobs[i].signature.end(), uint8_t{0});
    const Bytes one = entropy.reveal().subspan(i * entropy_size, entropy_size);
    if (is_below_modulus(key, jobs[i].encoded)) blinded[i].emplace(key, one, jobs[i].encoded);
  }
  // All that have the same modulus one after the other: kernels take them together.
  for (auto& b : blinded)
    if (b) powers.push_back({&key.p.prime, b->mod_p, b->mod_p, key.p.exponent});
  for (auto& b : blinded)
    if (b) powers.push_back({&key.q.prime, b->mod_q, b->mod_q, key.q.exponent});
  key.n.kernel().powers(powers);
  for (size_t i = 0; i < jobs.size(); ++i)
    jobs[i].ok = blinded[i] && finish(key, *blinded[i], jobs[i].signature);
}

bool private_operation(const PrivateKey& key, Random& random, Bytes encoded, MutBytes signature) {
  PrivateJob job{encoded, signature};
  private_operations(key, random, {&job, 1});
  return job.ok;
}

}  // namespace bulla::crypto::rsa
