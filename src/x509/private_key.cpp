#include "x509/private_key.h"

#include "asn1/der_reader.h"
#include "x509/algorithm.h"
#include "x509/ml_dsa.h"

#include <cstring>

namespace bulla::x509 {
namespace {

using namespace asn1;

Error malformed(std::string_view why) {
  return {ErrorCode::key_malformed, std::string(why)};
}
Error unsupported(std::string_view what, std::string_view remedy = {}) {
  return {ErrorCode::key_unsupported, std::string(what), std::string(remedy)};
}

/// 16384-bit RSA and no larger file: a bound on work, not a promise.
constexpr size_t max_number = 2048;

std::optional<KeyType> curve_of(Bytes oid) {
  for (const Curve& curve : curves)
    if (curve.oid == oid) return curve.type;
  return {};
}

size_t field_size(KeyType type) {
  for (const Curve& curve : curves)
    if (curve.type == type) return curve.field;
  return 0;
}

/// The scalar as long as the field: RFC 5915 §3 wants that length, older writers drop leading zeros or add
/// one.
std::optional<SecretBytes> padded_scalar(Bytes scalar, size_t size) {
  while (scalar.size() > size && scalar[0] == 0) scalar = scalar.subspan(1);
  if (scalar.empty() || scalar.size() > size) return {};
  SecretBytes out(size);
  std::memcpy(out.writable().data() + (size - scalar.size()), scalar.data(), scalar.size());
  return out;
}

/// Ed25519's CurvePrivateKey (RFC 8410 §7): an OCTET STRING inside the OCTET STRING.
Result<PrivateKeyMaterial> parse_ed25519(Bytes der, std::optional<BitString> public_key) {
  DerReader r(der);
  const Bytes seed = r.octet_string();
  if (!r.done()) return malformed(r.why());
  if (seed.size() != 32) return malformed("an Ed25519 key has 32 bytes");
  PrivateKeyMaterial out{.type = KeyType::ed25519};
  out.scalar = SecretBytes(seed);
  if (public_key) {
    if (public_key->unused || public_key->octets.size() != 32)
      return malformed("an Ed25519 public key has 32 bytes");
    out.point = to_vector(public_key->octets);
  }
  return out;
}

/// SEC 1 §2.3.3: uncompressed, or X and the parity of Y. Hybrid forms and the point at infinity are no keys.
bool is_point(const BitString& bits, size_t field) {
  if (bits.unused || bits.octets.empty()) return false;
  const uint8_t form = bits.octets[0];
  return (form == 0x04 && bits.octets.size() == 1 + 2 * field) ||
         ((form == 0x02 || form == 0x03) && bits.octets.size() == 1 + field);
}

/// An EC key whose public half a OneAsymmetricKey may give a second time (RFC 5958 §2). It is checked against
/// the private number when the key is loaded. Two that differ are refused, even where both are one point in
/// two forms.
Result<PrivateKeyMaterial> parse_ec(Bytes der, KeyType curve, const std::optional<BitString>& public_key) {
  BULLA_TRY(PrivateKeyMaterial out, parse_sec1(der, curve));
  if (!public_key) return out;
  if (!is_point(*public_key, field_size(curve))) return malformed("the public key is no point of its curve");
  if (out.point.empty()) out.point = to_vector(public_key->octets);
  if (!equal_vartime(out.point, public_key->octets))
    return malformed("the key has two different public keys");
  return out;
}

/// The same for RSA: what the OneAsymmetricKey gives is an RSAPublicKey (RFC 8017 §A.1.1).
Result<PrivateKeyMaterial> parse_rsa(Bytes der, KeyType type, const std::optional<BitString>& public_key) {
  BULLA_TRY(PrivateKeyMaterial out, parse_pkcs1(der, type));
  if (!public_key) return out;
  DerReader r(public_key->octets);
  Bytes modulus, exponent;
  r.sequence([&](DerReader& r) {
    modulus = r.unsigned_integer();
    exponent = r.unsigned_integer();
  });
  if (!r.done() || public_key->unused) return malformed("the public key is malformed");
  if (!equal_vartime(modulus, out.modulus) || !equal_vartime(exponent, out.exponent))
    return malformed("the key has two different public keys");
  return out;
}

/// RFC 4055 §1.2: with parameters, the key is for signatures with these alone.
Result<PrivateKeyMaterial> parse_rsa_pss(Bytes parameters, Bytes key,
                                         const std::optional<BitString>& public_key) {
  const auto hash = pss_hash_of(parameters);
  if (!parameters.empty() && !hash)
    return unsupported(
        "an RSA-PSS key that is bound to parameters other than those of TLS (RFC 9846 §4.3.3)",
        "make one that is bound to none, or to one hash, its MGF1 and a salt as long: `openssl genpkey "
        "-algorithm RSA-PSS` with -pkeyopt rsa_pss_keygen_md:sha256, rsa_pss_keygen_mgf1_md:sha256 and "
        "rsa_pss_keygen_saltlen:32");
  BULLA_TRY(PrivateKeyMaterial out, parse_rsa(key, KeyType::rsa_pss, public_key));
  out.pss_hash = hash;
  return out;
}

Result<PrivateKeyMaterial> parse_by_algorithm(Bytes oid, Bytes parameters, Bytes key,
                                              const std::optional<BitString>& public_key) {
  if (oids::rsa_encryption == oid) {
    DerReader r(parameters);
    r.null();  // RFC 3279 §2.3.1: MUST be there, and NULL
    if (!r.done())
      return Error{ErrorCode::key_malformed, "the parameters of the RSA key are not NULL (RFC 3279 §2.3.1)",
                   "`openssl pkey -in FILE -out NEW` writes it anew"};
    return parse_rsa(key, KeyType::rsa, public_key);
  }
  if (oids::rsassa_pss == oid) return parse_rsa_pss(parameters, key, public_key);
  if (oids::ed25519 == oid) {
    if (!parameters.empty()) return malformed("an Ed25519 key has parameters");  // RFC 8410 §3
    return parse_ed25519(key, public_key);
  }
  if (const MlDsaSet* set = find_ml_dsa_set(oid)) {
    if (!parameters.empty()) return malformed("an ML-DSA key has parameters");  // RFC 9881 §2
    return parse_ml_dsa(*set, key, public_key);
  }
  if (oids::ec_public_key == oid) {
    DerReader r(parameters);
    if (r.next_is(tag::sequence)) return unsupported("an elliptic curve that is not named, but described");
    const Bytes curve_oid = r.oid();  // RFC 5480 §2.1.1: there, and no NULL
    if (!r.done()) return malformed("the parameters of the EC key name no curve");
    const auto curve = curve_of(curve_oid);
    if (!curve) return unsupported("the elliptic curve " + to_dotted(curve_oid));
    return parse_ec(key, *curve, public_key);
  }
  return unsupported("keys of algorithm " + to_dotted(oid));
}

}  // namespace

Result<PrivateKeyMaterial> parse_pkcs1(Bytes der, KeyType type) {
  DerReader r(der);
  uint64_t version = 0;
  Bytes numbers[8];
  r.sequence([&](DerReader& r) {
    version = r.small_integer(1);
    if (version != 0)
      r.rest();  // judged below
    else
      for (Bytes& number : numbers) number = r.unsigned_integer();
  });
  if (!r.done()) return malformed(r.why());
  if (version != 0) return unsupported("an RSA key of more than two primes");
  for (const Bytes number : numbers)
    if (number.size() > max_number) return unsupported("an RSA key of more than 16384 bits");
  const auto& [n, e, d, p, q, dp, dq, qinv] = numbers;
  PrivateKeyMaterial out{.type = type};
  out.modulus = to_vector(n);
  out.exponent = to_vector(e);
  out.private_exponent = SecretBytes(d);
  out.prime1 = SecretBytes(p);
  out.prime2 = SecretBytes(q);
  out.exponent1 = SecretBytes(dp);
  out.exponent2 = SecretBytes(dq);
  out.coefficient = SecretBytes(qinv);
  return out;
}

Result<PrivateKeyMaterial> parse_sec1(Bytes der, std::optional<KeyType> curve) {
  DerReader r(der);
  Bytes scalar;
  std::optional<Bytes> curve_oid;
  bool described_curve = false;
  std::optional<BitString> point;
  r.sequence([&](DerReader& r) {
    if (r.small_integer(1) != 1) r.fail("an ECPrivateKey of an unknown version");
    scalar = r.octet_string();
    if (r.next_is(tag::context_constructed(0)))
      r.explicit_tag(0, [&](DerReader& r) {
        if (r.next_is(tag::oid))
          curve_oid = r.oid();
        else
          described_curve = !r.any().whole.empty();
      });
    if (r.next_is(tag::context_constructed(1)))
      r.explicit_tag(1, [&](DerReader& r) { point = r.bit_string(); });
  });
  if (!r.done()) return malformed(r.why());
  if (described_curve) return unsupported("an elliptic curve that is not named, but described");
  if (curve_oid) {
    const auto named = curve_of(*curve_oid);
    if (!named) return unsupported("the elliptic curve " + to_dotted(*curve_oid));
    if (curve && *curve != *named) return malformed("the key names two different curves");
    curve = named;
  }
  if (!curve) return malformed("the key does not name its curve");
  const size_t field = field_size(*curve);
  auto padded = padded_scalar(scalar, field);
  if (!padded) return malformed("the private number is longer than its curve allows, or empty");
  PrivateKeyMaterial out{.type = *curve};
  out.scalar = *std::move(padded);
  if (!point) return out;
  if (!is_point(*point, field)) return malformed("the public key is no point of its curve");
  out.point = to_vector(point->octets);
  return out;
}

Result<PrivateKeyMaterial> parse_pkcs8(Bytes der) {
  DerReader r(der);
  uint64_t version = 0;
  Bytes oid, parameters, key;
  std::optional<BitString> public_key;
  r.sequence([&](DerReader& r) {
    version = r.small_integer(1);
    r.sequence([&](DerReader& r) {
      oid = r.oid();
      if (r.more()) parameters = r.any().whole;
    });
    key = r.octet_string();
    if (r.next_is(tag::context_constructed(0))) r.any();  // attributes mean nothing here
    if (r.next_is(tag::context(1))) {
      public_key = r.bit_string(tag::context(1));
      if (version != 1) r.fail("a PrivateKeyInfo of version 1 has a public key");
    }
  });
  if (!r.done()) return malformed(r.why());
  return parse_by_algorithm(oid, parameters, key, public_key);
}

}  // namespace bulla::x509
