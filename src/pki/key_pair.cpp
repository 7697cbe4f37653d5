// Keys: making, loading, and writing them in the clear (PKCS#8, RFC 5958 §2).
#include "asn1/der_writer.h"
#include "asn1/pem.h"
#include "base/assert.h"
#include "pki/algorithm.h"
#include "pki/means.h"
#include "pki/secret_der.h"
#include "x509/algorithm.h"
#include "x509/ml_dsa.h"

#include <array>

namespace bulla::pki {
namespace {

using namespace asn1;

struct NamedKind {
  std::string_view name;
  KeyKind kind;
};
constexpr NamedKind named_kinds[] = {
    {"ecdsa-p256", {KeyType::ec_p256, 0}},  {"ecdsa-p384", {KeyType::ec_p384, 0}},
    {"ecdsa-p521", {KeyType::ec_p521, 0}},  {"ed25519", {KeyType::ed25519, 0}},
    {"rsa-2048", {KeyType::rsa, 2048}},     {"rsa-3072", {KeyType::rsa, 3072}},
    {"rsa-4096", {KeyType::rsa, 4096}},     {"ml-dsa-44", {KeyType::ml_dsa_44, 0}},
    {"ml-dsa-65", {KeyType::ml_dsa_65, 0}}, {"ml-dsa-87", {KeyType::ml_dsa_87, 0}},
};
constexpr auto kind_names = [] {
  std::array<std::string_view, std::size(named_kinds)> out;
  for (size_t i = 0; i < out.size(); ++i) out[i] = named_kinds[i].name;
  return out;
}();

const Oid& curve_oid(KeyType type) {
  return type == KeyType::ec_p256 ? oids::p256 : type == KeyType::ec_p384 ? oids::p384 : oids::p521;
}

/// The AlgorithmIdentifier of a key: RFC 3279 §2.3.1, RFC 4055 §1.2, RFC 5480 §2.1.1, RFC 8410 §3,
/// RFC 9881 §2.
void write_key_algorithm(DerWriter& w, const PublicKeyView& key) {
  w.sequence([&](DerWriter& w) {
    switch (key.type) {
      case KeyType::rsa:
        w.oid(oids::rsa_encryption);
        w.null();
        break;
      case KeyType::rsa_pss:
        w.oid(oids::rsassa_pss);
        if (key.pss_hash) write_pss_parameters(w, *key.pss_hash);
        break;
      case KeyType::ed25519: w.oid(oids::ed25519); break;
      case KeyType::ml_dsa_44:
      case KeyType::ml_dsa_65:
      case KeyType::ml_dsa_87: w.oid(x509::find_ml_dsa_set(key.type)->oid); break;
      case KeyType::ec_p256:
      case KeyType::ec_p384:
      case KeyType::ec_p521:
        w.oid(oids::ec_public_key);
        w.oid(curve_oid(key.type));
        break;
    }
  });
}

/// RSAPrivateKey (RFC 8017 §A.1.2).
void write_pkcs1(DerWriter& w, const PrivateKeyMaterial& key) {
  w.sequence([&](DerWriter& w) {
    w.integer(0);
    w.unsigned_integer(key.modulus);
    w.unsigned_integer(key.exponent);
    for (const SecretBytes* number :
         {&key.private_exponent, &key.prime1, &key.prime2, &key.exponent1, &key.exponent2, &key.coefficient})
      w.unsigned_integer(number->reveal());
  });
}

/// ECPrivateKey (RFC 5915 §3); the curve stands in the PrivateKeyInfo around it.
void write_sec1(DerWriter& w, const PrivateKeyMaterial& key, Bytes point) {
  w.sequence([&](DerWriter& w) {
    w.integer(1);
    w.octet_string(key.scalar.reveal());
    w.explicit_tag(1, [&](DerWriter& w) { w.bit_string(point); });
  });
}

/// RFC 9881 §6: the seed, which is all of the key, where it is known.
void write_ml_dsa(DerWriter& w, const PrivateKeyMaterial& key) {
  if (key.scalar.empty())
    w.octet_string(key.expanded.reveal());
  else
    w.value(tag::context(0), key.scalar.reveal());
}

Result<void> check_strength(const PublicKeyView& key) {
  if ((key.type == KeyType::rsa || key.type == KeyType::rsa_pss) && x509::key_bits(key) < 2048)
    return Error{ErrorCode::private_key_unsupported, "an RSA key of fewer than 2048 bits"};
  return {};
}

}  // namespace

Result<KeyKind> KeyKind::parse(std::string_view text) {
  for (const NamedKind& known : named_kinds)
    if (known.name == text) return known.kind;
  std::string known_names;
  for (const std::string_view name : kind_names)
    known_names += (known_names.empty() ? "" : ", ") + std::string(name);
  return Error{ErrorCode::bad_argument, '"' + printable(text.substr(0, 64)) + "\" is no key type",
               "use one of " + known_names};
}

std::span<const std::string_view> KeyKind::all() noexcept {
  return kind_names;
}

Result<KeyPair> KeyPair::generate(KeyKind kind, const Surroundings& around) {
  const Means means = means_of(around);
  BULLA_TRY(PrivateKeyMaterial material,
            means.provider.signing.generate(kind.type, kind.rsa_bits, means.random));
  BULLA_TRY(SigningKeyPtr signer, means.provider.signing.load(material));
  return KeyPair(std::move(material), std::move(signer));
}

Result<KeyPair> KeyPair::load(Bytes pem_or_der, std::string_view passphrase, const Surroundings& around) {
  const Means means = means_of(around);
  BULLA_TRY(PrivateKeyMaterial material, parse_private_key(pem_or_der, passphrase, means.provider));
  BULLA_TRY(SigningKeyPtr signer, means.provider.signing.load(material));
  BULLA_TRY(check_strength(signer->public_key()));
  return KeyPair(std::move(material), std::move(signer));
}

SecretBytes KeyPair::to_pkcs8() const {
  // RSA of 16384 bits: two numbers as long as the key, five half as long, two bytes of public exponent.
  constexpr size_t room = 16 * 1024;
  return secret_der(room, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(0);
      write_key_algorithm(w, public_key());
      w.octet_string([&](DerWriter& w) {
        switch (material_.type) {
          case KeyType::rsa:
          case KeyType::rsa_pss: write_pkcs1(w, material_); break;
          case KeyType::ed25519: w.octet_string(material_.scalar.reveal()); break;  // RFC 8410 §7
          case KeyType::ml_dsa_44:
          case KeyType::ml_dsa_65:
          case KeyType::ml_dsa_87: write_ml_dsa(w, material_); break;
          case KeyType::ec_p256:
          case KeyType::ec_p384:
          case KeyType::ec_p521: write_sec1(w, material_, signer_->public_key().point); break;
        }
      });
    });
  });
}

SecretBytes KeyPair::to_pem() const {
  return encode_pem_secret("PRIVATE KEY", to_pkcs8().reveal());
}

std::vector<uint8_t> encode_public_key(const PublicKeyView& key) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      write_key_algorithm(w, key);
      if (key.type == KeyType::rsa || key.type == KeyType::rsa_pss)
        w.bit_string([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            w.unsigned_integer(key.modulus);
            w.unsigned_integer(key.exponent);
          });
        });
      else
        w.bit_string(key.point);
    });
  });
}

}  // namespace bulla::pki
