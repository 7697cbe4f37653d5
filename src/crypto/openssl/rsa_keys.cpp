// RSA private keys: checking, loading, signing, generating.
#include "crypto/openssl/rsa.h"

namespace bulla::openssl {

namespace {

class RsaSigningKey final : public SigningKey {
 public:
  RsaSigningKey(const PrivateKeyMaterial& m, Rsa rsa)
      : type_(m.type),
        pss_hash_(m.pss_hash),
        rsa_(std::move(rsa)),
        modulus_(m.modulus),
        exponent_(m.exponent) {}

  KeyType type() const noexcept override { return type_; }
  PublicKeyView public_key() const noexcept override {
    return {.type = type_, .modulus = modulus_, .exponent = exponent_, .pss_hash = pss_hash_};
  }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    const ErrorQueueGuard errors;
    for (SignJob& job : jobs) {
      job.ok = allows(public_key(), job.algorithm) &&
               (is_pss(job.algorithm) ? sign_pss(random, job) : sign_pkcs1(job));
      if (!job.ok) job.signature.clear();
    }
  }

 private:
  // Every signature is checked before anybody sees it: libcrypto checks what it computes by the primes, but
  // not what it computes without them where that was wrong, as with a "prime" that is composite.

  bool sign_pkcs1(SignJob& job) const noexcept {
    const Digest digest = digest_of(job.algorithm, job.message);
    job.signature.resize(modulus_.size());
    unsigned size = 0;
    const int nid = nid_of(job.algorithm);
    const auto digest_size = static_cast<unsigned>(digest.size);
    return RSA_sign(nid, digest.bytes.data(), digest_size, job.signature.data(), &size, rsa_.get()) == 1 &&
           size == modulus_.size() &&
           RSA_verify(nid, digest.bytes.data(), digest_size, job.signature.data(), size, rsa_.get()) == 1;
  }

  bool sign_pss(Random& random, SignJob& job) const noexcept {
    const Digest digest = digest_of(job.algorithm, job.message);
    std::array<uint8_t, max_digest_size> salt;
    const MutBytes used = MutBytes(salt).first(digest.size);
    random.fill(used);
    const auto bits = static_cast<size_t>(RSA_bits(rsa_.get()));
    // A modulus of 8k + 1 bits leaves the encoding a byte shorter than the modulus (RFC 8017 §8.1.1).
    std::vector<uint8_t> encoded(modulus_.size()), again(modulus_.size());
    const MutBytes message = MutBytes(encoded).last((bits + 6) / 8);
    const auto size = static_cast<int>(modulus_.size());
    job.signature.resize(modulus_.size());
    return pss_encode(hash_of(job.algorithm), digest.view(), used, bits, message) &&
           RSA_private_encrypt(size, encoded.data(), job.signature.data(), rsa_.get(), RSA_NO_PADDING) ==
               size &&
           RSA_public_decrypt(size, job.signature.data(), again.data(), rsa_.get(), RSA_NO_PADDING) == size &&
           encoded == again;
  }

  KeyType type_;
  std::optional<HashId> pss_hash_;
  Rsa rsa_;
  std::vector<uint8_t> modulus_, exponent_;
};

/// The eight numbers of a key.
struct Numbers {
  Bignum n, e, d, p, q, dp, dq, qinv;

  explicit Numbers(const PrivateKeyMaterial& m) noexcept
      : n(to_bignum(m.modulus)),
        e(to_bignum(m.exponent)),
        d(to_secret_bignum(m.private_exponent.reveal())),
        p(to_secret_bignum(m.prime1.reveal())),
        q(to_secret_bignum(m.prime2.reveal())),
        dp(to_secret_bignum(m.exponent1.reveal())),
        dq(to_secret_bignum(m.exponent2.reveal())),
        qinv(to_secret_bignum(m.coefficient.reveal())) {}
  bool complete() const noexcept { return n && e && d && p && q && dp && dq && qinv; }
};

/// One prime's half of the key: e·d = 1 mod (p - 1), and the reduced exponent is d mod (p - 1).
bool exponent_fits(const Numbers& k, const BIGNUM* prime, const BIGNUM* reduced, BN_CTX* context) noexcept {
  const Bignum order(BN_dup(prime));
  const Bignum t(BN_new());
  if (!order || !t || !BN_sub_word(order.get(), 1)) return false;
  BN_set_flags(order.get(), BN_FLG_CONSTTIME);
  return BN_nnmod(t.get(), k.d.get(), order.get(), context) && BN_cmp(t.get(), reduced) == 0 &&
         BN_mod_mul(t.get(), t.get(), k.e.get(), order.get(), context) && BN_is_one(t.get());
}

/// What contradicts itself, or nullptr. Primality is not tested: it would cost as much as making the key, and
/// a signature by a composite "prime" does not stand the check that each is put to.
const char* private_key_defect(const Numbers& k, BIGNUM* t, BN_CTX* context) noexcept {
  if (!BN_is_odd(k.p.get()) || !BN_is_odd(k.q.get()) || BN_is_one(k.p.get()) || BN_is_one(k.q.get()))
    return "a prime is even or 1";
  if (!BN_mul(t, k.p.get(), k.q.get(), context) || BN_cmp(t, k.n.get()) != 0)
    return "the product of its primes is not its modulus";
  if (BN_cmp(k.d.get(), k.n.get()) >= 0) return "its private exponent is not below its modulus";
  if (!exponent_fits(k, k.p.get(), k.dp.get(), context) || !exponent_fits(k, k.q.get(), k.dq.get(), context))
    return "its private exponents do not belong to its public exponent";
  if (BN_cmp(k.qinv.get(), k.p.get()) >= 0 || !BN_mod_mul(t, k.qinv.get(), k.q.get(), k.p.get(), context) ||
      !BN_is_one(t))
    return "its CRT coefficient is not the inverse of its second prime";
  return nullptr;
}

/// Hands the numbers over to libcrypto.
Rsa private_rsa(Numbers& k) noexcept {
  Rsa rsa(RSA_new());
  if (!rsa || !RSA_set0_key(rsa.get(), k.n.get(), k.e.get(), k.d.get())) return nullptr;
  static_cast<void>(k.n.release()), static_cast<void>(k.e.release()), static_cast<void>(k.d.release());
  if (!RSA_set0_factors(rsa.get(), k.p.get(), k.q.get())) return nullptr;
  static_cast<void>(k.p.release()), static_cast<void>(k.q.release());
  if (!RSA_set0_crt_params(rsa.get(), k.dp.get(), k.dq.get(), k.qinv.get())) return nullptr;
  static_cast<void>(k.dp.release()), static_cast<void>(k.dq.release()), static_cast<void>(k.qinv.release());
  return rsa;
}

}  // namespace

Result<SigningKeyPtr> load_rsa(const PrivateKeyMaterial& m) {
  if (const char* defect = public_key_defect(m.modulus, m.exponent))
    return Error{ErrorCode::private_key_unsupported, name_of(m.type) + " key: " + defect};
  for (const SecretBytes* part :
       {&m.private_exponent, &m.prime1, &m.prime2, &m.exponent1, &m.exponent2, &m.coefficient})
    if (part->empty() || part->size() > m.modulus.size() + 1)
      return bad_key(m.type, "one of its numbers is missing or longer than its modulus");
  Numbers numbers(m);
  const BignumContext context(BN_CTX_new());
  const Bignum scratch(BN_new());
  if (!numbers.complete() || !context || !scratch) return libcrypto_failed("reading an RSA key");
  if (const char* defect = private_key_defect(numbers, scratch.get(), context.get()))
    return bad_key(m.type, defect);
  // A key is as safe as its shorter prime, which may be searched for.
  const int n_bits = BN_num_bits(numbers.n.get());
  if (4 * BN_num_bits(numbers.p.get()) < n_bits || 4 * BN_num_bits(numbers.q.get()) < n_bits)
    return Error{ErrorCode::private_key_unsupported,
                 name_of(m.type) + " key: a prime is shorter than a quarter of the modulus"};
  Rsa rsa = private_rsa(numbers);
  if (!rsa) return libcrypto_failed("loading an RSA key");
  return SigningKeyPtr(std::make_shared<RsaSigningKey>(m, std::move(rsa)));
}

namespace {

std::vector<uint8_t> public_number(const BIGNUM* number) {
  std::vector<uint8_t> out(static_cast<size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  return out;
}

SecretBytes secret_number(const BIGNUM* number, size_t size) {
  SecretBytes out(size);
  BN_bn2binpad(number, out.writable().data(), static_cast<int>(size));
  return out;
}

}  // namespace

Result<PrivateKeyMaterial> generate_rsa(KeyType type, unsigned bits) {
  if (bits < 2048 || bits > max_rsa_bits || bits % 8 != 0)
    return Error{ErrorCode::bad_argument,
                 "an RSA key has 2048 to 8192 bits, in whole bytes, not " + std::to_string(bits)};
  const Rsa rsa(RSA_new());
  const Bignum e(BN_new());
  // Primes need far more than the caller's random source is asked for elsewhere: libcrypto uses its own.
  if (!rsa || !e || !BN_set_word(e.get(), RSA_F4) ||
      RSA_generate_key_ex(rsa.get(), static_cast<int>(bits), e.get(), nullptr) != 1)
    return libcrypto_failed("making an RSA key");
  const size_t size = bits / 8;
  const size_t half = static_cast<size_t>(BN_num_bytes(RSA_get0_p(rsa.get())));
  PrivateKeyMaterial m{.type = type};
  m.modulus = public_number(RSA_get0_n(rsa.get()));
  m.exponent = public_number(RSA_get0_e(rsa.get()));
  m.private_exponent = secret_number(RSA_get0_d(rsa.get()), size);
  m.prime1 = secret_number(RSA_get0_p(rsa.get()), half);
  m.prime2 = secret_number(RSA_get0_q(rsa.get()), half);
  m.exponent1 = secret_number(RSA_get0_dmp1(rsa.get()), half);
  m.exponent2 = secret_number(RSA_get0_dmq1(rsa.get()), half);
  m.coefficient = secret_number(RSA_get0_iqmp(rsa.get()), half);
  return m;
}

}  // namespace bulla::openssl
