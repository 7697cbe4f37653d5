// Identity: a chain and the key of its leaf, which belong together by construction.
#include <bulla/certificate.h>

namespace bulla {
namespace {

bool same_key(const PublicKeyView& a, const PublicKeyView& b) {
  return a.type == b.type && equal_vartime(a.modulus, b.modulus) && equal_vartime(a.exponent, b.exponent) &&
         equal_vartime(a.point, b.point);
}

}  // namespace

Result<IdentityPtr> Identity::create(std::vector<CertificatePtr> chain, SigningKeyPtr key) {
  if (chain.empty() || !chain.front()) return Error{ErrorCode::certificate_not_found, "the chain is empty"};
  if (!key) return Error{ErrorCode::key_not_found, "the key is empty"};
  const Certificate& leaf = *chain.front();
  if (!leaf.has_usable_key())
    return Error{ErrorCode::certificate_unsupported_algorithm, "the key of " + leaf.subject()};
  if (!same_key(leaf.public_key(), key->public_key())) {
    // The usual mistake: the chain is in the wrong order.
    for (size_t i = 1; i < chain.size(); ++i)
      if (chain[i] && chain[i]->has_usable_key() && same_key(chain[i]->public_key(), key->public_key()))
        return Error{ErrorCode::key_mismatch,
                     "the key belongs to certificate " + std::to_string(i + 1) + " of the chain (" +
                         chain[i]->subject() + "), not to the first",
                     "put the certificate of the key first in the file, then its issuer, and so on"};
    return Error{ErrorCode::key_mismatch, "the certificate " + leaf.subject() + " has a key of type " +
                                              name_of(leaf.public_key().type) + ", the private key is " +
                                              name_of(key->type())};
  }
  // RFC 4055 §1.2: what the certificate allows would be more than the key can sign.
  const auto bound_to = key->public_key().pss_hash;
  if (bound_to && bound_to != leaf.public_key().pss_hash)
    return Error{ErrorCode::key_mismatch, "the private key is bound to one hash, and the certificate " +
                                              leaf.subject() + " to another or to none"};
  std::shared_ptr<Identity> out(new Identity);
  out->chain_ = std::move(chain);
  out->key_ = std::move(key);
  return IdentityPtr(std::move(out));
}

Result<IdentityPtr> Identity::from_bytes(Bytes chain, Bytes key, std::string_view passphrase,
                                         const Provider& provider) {
  BULLA_TRY(std::vector<CertificatePtr> certificates, Certificate::from_pem_or_der(chain));
  BULLA_TRY(const PrivateKeyMaterial material, parse_private_key(key, passphrase, provider));
  BULLA_TRY(SigningKeyPtr loaded, provider.signing.load(material));
  return create(std::move(certificates), std::move(loaded));
}

IdentityPtr Identity::with_ocsp_response(std::vector<uint8_t> response) const {
  std::shared_ptr<Identity> out(new Identity);
  out->chain_ = chain_;
  out->key_ = key_;
  out->ocsp_response_ = std::move(response);
  return out;
}

}  // namespace bulla
