#include "pki/algorithm.h"

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;

enum class Parameters : uint8_t { absent, null, pss };
struct Written {
  SignatureAlgorithm algorithm;
  Oid oid;
  Parameters parameters;
  // PSS only
  HashId hash = {};
  Oid hash_oid = {};
  uint8_t salt_size = 0;
};
// RFC 4055 §5 wants NULL with RSA; RFC 5758 §3.2, RFC 8410 §3 and RFC 9881 §2 want nothing.
constexpr Written table[] = {
    {SignatureAlgorithm::rsa_pkcs1_sha256, oids::rsa_sha256, Parameters::null},
    {SignatureAlgorithm::rsa_pkcs1_sha384, oids::rsa_sha384, Parameters::null},
    {SignatureAlgorithm::rsa_pkcs1_sha512, oids::rsa_sha512, Parameters::null},
    {SignatureAlgorithm::rsa_pss_sha256, oids::rsassa_pss, Parameters::pss, HashId::sha256, oids::sha256, 32},
    {SignatureAlgorithm::rsa_pss_sha384, oids::rsassa_pss, Parameters::pss, HashId::sha384, oids::sha384, 48},
    {SignatureAlgorithm::rsa_pss_sha512, oids::rsassa_pss, Parameters::pss, HashId::sha512, oids::sha512, 64},
    {SignatureAlgorithm::ecdsa_sha256, oids::ecdsa_sha256, Parameters::absent},
    {SignatureAlgorithm::ecdsa_sha384, oids::ecdsa_sha384, Parameters::absent},
    {SignatureAlgorithm::ecdsa_sha512, oids::ecdsa_sha512, Parameters::absent},
    {SignatureAlgorithm::ed25519, oids::ed25519, Parameters::absent},
    {SignatureAlgorithm::ml_dsa_44, oids::ml_dsa_44, Parameters::absent},
    {SignatureAlgorithm::ml_dsa_65, oids::ml_dsa_65, Parameters::absent},
    {SignatureAlgorithm::ml_dsa_87, oids::ml_dsa_87, Parameters::absent},
};

/// RSA-PSS with this hash; one that no signature has counts as SHA-256.
const Written& pss_row(HashId hash) noexcept {
  const auto* row = std::ranges::find_if(
      table, [&](const Written& w) { return w.parameters == Parameters::pss && w.hash == hash; });
  return row != std::end(table) ? *row : pss_row(HashId::sha256);
}

}  // namespace

SignatureAlgorithm signature_for(const PublicKeyView& key) noexcept {
  switch (key.type) {
    case KeyType::rsa: return SignatureAlgorithm::rsa_pkcs1_sha256;
    case KeyType::rsa_pss: return pss_row(key.pss_hash.value_or(HashId::sha256)).algorithm;
    case KeyType::ec_p256: return SignatureAlgorithm::ecdsa_sha256;
    case KeyType::ec_p384: return SignatureAlgorithm::ecdsa_sha384;
    case KeyType::ec_p521: return SignatureAlgorithm::ecdsa_sha512;
    case KeyType::ml_dsa_44: return SignatureAlgorithm::ml_dsa_44;
    case KeyType::ml_dsa_65: return SignatureAlgorithm::ml_dsa_65;
    case KeyType::ml_dsa_87: return SignatureAlgorithm::ml_dsa_87;
    case KeyType::ed25519: break;
  }
  return SignatureAlgorithm::ed25519;
}

void write_pss_parameters(DerWriter& w, HashId id) {
  const Written& row = pss_row(id);
  const auto hash = [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(row.hash_oid);
      w.null();
    });
  };
  w.sequence([&](DerWriter& w) {
    w.explicit_tag(0, hash);
    w.explicit_tag(1, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.oid(oids::mgf1);
        hash(w);
      });
    });
    w.explicit_tag(2, [&](DerWriter& w) { w.integer(row.salt_size); });
  });
}

void write_signature_algorithm(DerWriter& w, SignatureAlgorithm algorithm) {
  for (const Written& row : table) {
    if (row.algorithm != algorithm) continue;
    w.sequence([&](DerWriter& w) {
      w.oid(row.oid);
      if (row.parameters == Parameters::null) w.null();
      if (row.parameters == Parameters::pss) write_pss_parameters(w, row.hash);
    });
  }
}

Result<std::vector<uint8_t>> sign_checked(const SigningKey& key, SignatureAlgorithm algorithm, Bytes message,
                                          Random& random, const Provider& provider) {
  SignJob job = {.algorithm = algorithm, .message = message};
  key.sign(random, {&job, 1});
  if (!job.ok) return Error{ErrorCode::operation_failed, "the key refused to sign"};
  const PublicKeyView public_key = key.public_key();
  VerifyJob check = {
      .key = &public_key, .algorithm = algorithm, .message = message, .signature = job.signature};
  provider.signing.verify({&check, 1});
  if (!check.ok) return Error{ErrorCode::operation_failed, "the key made a signature that does not verify"};
  return std::move(job.signature);
}

std::vector<uint8_t> write_signed(Bytes to_be_signed, SignatureAlgorithm algorithm, Bytes signature) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(to_be_signed);
      write_signature_algorithm(w, algorithm);
      w.bit_string(signature);
    });
  });
}

}  // namespace bulla::pki
