#include "x509/algorithm.h"

#include "x509/ml_dsa.h"

namespace bulla::x509 {
namespace {

using namespace asn1;

enum class Parameters : uint8_t { absent, null_or_absent, any };

struct KnownSignature {
  Oid oid;
  std::string_view name;
  std::optional<SignatureAlgorithm> algorithm;
  Parameters parameters;
  bool weak;
};
// RFC 4055 §5 wants NULL with RSA and lets verifiers take its absence; RFC 5758 §3.2, RFC 8410 §3 and
// RFC 9881 §2 want nothing.
constexpr KnownSignature known_signatures[] = {
    {oids::rsa_sha256, "sha256WithRSAEncryption", SignatureAlgorithm::rsa_pkcs1_sha256,
     Parameters::null_or_absent, false},
    {oids::rsa_sha384, "sha384WithRSAEncryption", SignatureAlgorithm::rsa_pkcs1_sha384,
     Parameters::null_or_absent, false},
    {oids::rsa_sha512, "sha512WithRSAEncryption", SignatureAlgorithm::rsa_pkcs1_sha512,
     Parameters::null_or_absent, false},
    {oids::ecdsa_sha256, "ecdsa-with-SHA256", SignatureAlgorithm::ecdsa_sha256, Parameters::absent, false},
    {oids::ecdsa_sha384, "ecdsa-with-SHA384", SignatureAlgorithm::ecdsa_sha384, Parameters::absent, false},
    {oids::ecdsa_sha512, "ecdsa-with-SHA512", SignatureAlgorithm::ecdsa_sha512, Parameters::absent, false},
    {oids::ed25519, "Ed25519", SignatureAlgorithm::ed25519, Parameters::absent, false},
    {oids::ml_dsa_44, "ML-DSA-44", SignatureAlgorithm::ml_dsa_44, Parameters::absent, false},
    {oids::ml_dsa_65, "ML-DSA-65", SignatureAlgorithm::ml_dsa_65, Parameters::absent, false},
    {oids::ml_dsa_87, "ML-DSA-87", SignatureAlgorithm::ml_dsa_87, Parameters::absent, false},
    {oids::rsassa_pss, "RSASSA-PSS", {}, Parameters::any, false},
    {oids::rsa_md5, "md5WithRSAEncryption", {}, Parameters::any, true},
    {oids::rsa_sha1, "sha1WithRSAEncryption", {}, Parameters::any, true},
    {oids::ecdsa_sha1, "ecdsa-with-SHA1", {}, Parameters::any, true},
    {oids::dsa_sha1, "dsa-with-SHA1", {}, Parameters::any, true},
    {oids::rsa_sha224, "sha224WithRSAEncryption", {}, Parameters::any, false},
    {oids::ecdsa_sha224, "ecdsa-with-SHA224", {}, Parameters::any, false},
};

constexpr uint8_t null_der[] = {0x05, 0x00};

bool is_null(Bytes parameters) {
  return equal_vartime(parameters, null_der);
}

size_t digest_size_of(HashId hash) {
  switch (hash) {
    case HashId::sha1: return 20;
    case HashId::sha256: return 32;
    case HashId::sha384: return 48;
    case HashId::sha512: return 64;
  }
  return 0;
}

struct PssParameters {
  std::optional<HashId> hash = HashId::sha1, mask_hash = HashId::sha1;
  uint64_t salt = 20;
};

std::optional<PssParameters> parse_pss(Bytes parameters) {
  PssParameters out;
  DerReader r(parameters);
  r.sequence([&](DerReader& r) {
    if (r.next_is(tag::context_constructed(0)))
      r.explicit_tag(0, [&](DerReader& r) { out.hash = hash_id_of(read_algorithm(r)); });
    if (r.next_is(tag::context_constructed(1)))
      r.explicit_tag(1, [&](DerReader& r) {
        r.sequence([&](DerReader& r) {
          if (!(oids::mgf1 == r.oid())) r.fail("a mask generation function other than MGF1");
          out.mask_hash = hash_id_of(read_algorithm(r));
        });
      });
    if (r.next_is(tag::context_constructed(2)))
      r.explicit_tag(2, [&](DerReader& r) { out.salt = r.small_integer(1024); });
    // The trailer field has the one value 1, its default, which some encode all the same.
    if (r.next_is(tag::context_constructed(3)))
      r.explicit_tag(3, [&](DerReader& r) {
        if (r.small_integer(1) != 1) r.fail("a trailer field other than 1");
      });
  });
  if (!r.done()) return {};
  return out;
}

void read_rsa_key(SubjectPublicKey& out, KeyType type, std::optional<HashId> pss_hash = {}) {
  DerReader r(out.bits);
  PublicKeyView key = {.type = type, .pss_hash = pss_hash};
  r.sequence([&](DerReader& r) {
    key.modulus = r.unsigned_integer();
    key.exponent = r.unsigned_integer();
  });
  if (!r.done()) {
    out.why_unusable = "the RSA key is malformed";
    return;
  }
  // An even modulus, an even exponent or 1 is no RSA key. The bounds keep a verification cheap, of which a
  // peer can ask for a hundred; 33 bits of exponent are what BoringSSL and ring take, and more than anybody
  // uses.
  constexpr size_t max_modulus = 8192 / 8;
  const bool short_exponent = key.exponent.size() < 5 || (key.exponent.size() == 5 && key.exponent[0] == 1);
  const bool exponent_ok =
      short_exponent && (key.exponent.back() & 1) && (key.exponent.size() > 1 || key.exponent[0] > 1);
  if (!(key.modulus.back() & 1) || !exponent_ok || key.modulus.size() > max_modulus) {
    out.why_unusable = "the RSA key is out of bounds (at most 8192 bits, an odd exponent of at most 33 bits)";
    return;
  }
  out.key = key;
}

void read_ec_key(SubjectPublicKey& out) {
  DerReader r(out.algorithm.parameters);
  const Bytes curve = r.oid();
  if (!r.done()) {
    out.why_unusable = "the curve is not a named one";
    return;
  }
  for (const Curve& known : curves) {
    if (!(known.oid == curve)) continue;
    // RFC 5480 §2.2: the uncompressed form is the one that everybody supports, and TLS has no other.
    if (out.bits.size() != 1 + 2 * known.field || out.bits[0] != 0x04) {
      out.why_unusable = "the point is not in its uncompressed form";
      return;
    }
    out.key = PublicKeyView{.type = known.type, .point = out.bits};
    return;
  }
  out.why_unusable = "the curve is none of P-256, P-384, P-521";
}

/// RFC 9881 §4: the key as it is, without parameters (§2).
void read_ml_dsa_key(SubjectPublicKey& out, const MlDsaSet& set) {
  if (!out.algorithm.parameters.empty())
    out.why_unusable = "the ML-DSA key has parameters";
  else if (out.bits.size() != set.public_key)
    out.why_unusable = "the ML-DSA key does not have the size of its parameter set";
  else
    out.key = PublicKeyView{.type = set.type, .point = out.bits};
}

}  // namespace

std::optional<HashId> hash_id_of(const AlgorithmIdentifier& algorithm) {
  if (!algorithm.parameters.empty() && !is_null(algorithm.parameters)) return {};
  if (oids::sha1 == algorithm.oid) return HashId::sha1;
  if (oids::sha256 == algorithm.oid) return HashId::sha256;
  if (oids::sha384 == algorithm.oid) return HashId::sha384;
  if (oids::sha512 == algorithm.oid) return HashId::sha512;
  return {};
}

AlgorithmIdentifier read_algorithm(DerReader& r) {
  AlgorithmIdentifier out;
  const Element e = r.element(tag::sequence);
  if (!r.ok()) return out;
  out.whole = e.whole;
  DerReader inner(e.content);
  out.oid = inner.oid();
  if (inner.more()) out.parameters = inner.any().whole;
  if (!inner.done()) r.fail("an AlgorithmIdentifier is malformed");
  return out;
}

std::optional<HashId> pss_hash_of(Bytes parameters) {
  const auto pss = parse_pss(parameters);
  if (!pss || !pss->hash || pss->hash != pss->mask_hash || *pss->hash == HashId::sha1) return {};
  if (pss->salt != digest_size_of(*pss->hash)) return {};
  return pss->hash;
}

std::optional<SignatureAlgorithm> signature_algorithm_of(const AlgorithmIdentifier& algorithm) {
  if (oids::rsassa_pss == algorithm.oid) {
    const auto hash = pss_hash_of(algorithm.parameters);
    if (hash == HashId::sha256) return SignatureAlgorithm::rsa_pss_sha256;
    if (hash == HashId::sha384) return SignatureAlgorithm::rsa_pss_sha384;
    if (hash == HashId::sha512) return SignatureAlgorithm::rsa_pss_sha512;
    return {};
  }
  for (const KnownSignature& known : known_signatures) {
    if (!(known.oid == algorithm.oid) || !known.algorithm) continue;
    const bool absent = algorithm.parameters.empty();
    if (!absent && !(known.parameters == Parameters::null_or_absent && is_null(algorithm.parameters)))
      return {};
    return known.algorithm;
  }
  return {};
}

bool is_weak_signature(const AlgorithmIdentifier& algorithm) {
  if (oids::rsassa_pss == algorithm.oid) {
    const auto pss = parse_pss(algorithm.parameters);
    return algorithm.parameters.empty() || (pss && pss->hash == HashId::sha1);
  }
  for (const KnownSignature& known : known_signatures)
    if (known.oid == algorithm.oid) return known.weak;
  return false;
}

std::string print_algorithm(const AlgorithmIdentifier& algorithm) {
  for (const KnownSignature& known : known_signatures)
    if (known.oid == algorithm.oid) return std::string(known.name);
  return to_dotted(algorithm.oid);
}

SubjectPublicKey read_public_key(DerReader& r) {
  SubjectPublicKey out;
  const Element e = r.element(tag::sequence);
  if (!r.ok()) return out;
  out.spki = e.whole;
  DerReader inner(e.content);
  out.algorithm = read_algorithm(inner);
  const BitString bits = inner.bit_string();
  if (!inner.done()) {
    r.fail("the SubjectPublicKeyInfo is malformed");
    return out;
  }
  out.bits = bits.octets;
  out.why_unusable = "keys of this kind are not supported";
  if (bits.unused || bits.octets.empty()) {
    out.why_unusable = "the key is malformed";
  } else if (oids::rsa_encryption == out.algorithm.oid) {
    if (is_null(out.algorithm.parameters))
      read_rsa_key(out, KeyType::rsa);  // RFC 3279 §2.3.1: MUST be NULL
    else
      out.why_unusable = "the parameters of the RSA key are not NULL";
  } else if (oids::rsassa_pss == out.algorithm.oid) {
    const auto hash = pss_hash_of(out.algorithm.parameters);
    if (out.algorithm.parameters.empty() || hash)
      read_rsa_key(out, KeyType::rsa_pss, hash);
    else
      out.why_unusable = "the RSASSA-PSS parameters are not those of TLS";
  } else if (oids::ec_public_key == out.algorithm.oid) {
    read_ec_key(out);
  } else if (oids::ed25519 == out.algorithm.oid) {
    if (out.algorithm.parameters.empty() && out.bits.size() == 32)
      out.key = PublicKeyView{.type = KeyType::ed25519, .point = out.bits};
    else
      out.why_unusable = "the Ed25519 key is malformed";
  } else if (const MlDsaSet* set = find_ml_dsa_set(out.algorithm.oid)) {
    read_ml_dsa_key(out, *set);
  }
  return out;
}

unsigned key_bits(const PublicKeyView& key) noexcept {
  switch (key.type) {
    case KeyType::ec_p256: return 256;
    case KeyType::ec_p384: return 384;
    case KeyType::ec_p521: return 521;
    case KeyType::ed25519: return 255;
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65:
    case KeyType::ml_dsa_87: return static_cast<unsigned>(key.point.size()) * 8;
    case KeyType::rsa:
    case KeyType::rsa_pss: break;
  }
  if (key.modulus.empty()) return 0;
  unsigned bits = static_cast<unsigned>(key.modulus.size()) * 8;
  for (uint8_t top = key.modulus[0]; bits && !(top & 0x80); top = static_cast<uint8_t>(top << 1)) --bits;
  return bits;
}

unsigned signature_cost(const PublicKeyView& key) noexcept {
  switch (key.type) {
    case KeyType::ec_p384: return 4;
    case KeyType::ec_p521: return 7;
    case KeyType::ml_dsa_87: return 2;
    case KeyType::ec_p256:
    case KeyType::ed25519:
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65: return 1;
    case KeyType::rsa:
    case KeyType::rsa_pss: break;
  }
  const unsigned n = (key_bits(key) + 2047) / 2048;
  return n * n;
}

std::string print_key(const SubjectPublicKey& key) {
  if (!key.key) return to_dotted(key.algorithm.oid) + " (" + key.why_unusable + ')';
  switch (key.key->type) {
    case KeyType::rsa: return "RSA " + std::to_string(key_bits(*key.key));
    case KeyType::rsa_pss: return "RSA-PSS " + std::to_string(key_bits(*key.key));
    default: return name_of(key.key->type);
  }
}

}  // namespace bulla::x509
