// Encrypted keys: EncryptedPrivateKeyInfo (RFC 5958 §3) under PBES2.
#include "asn1/der_writer.h"
#include "asn1/pem.h"
#include "pki/pbes2_writer.h"

namespace bulla::pki {

using namespace asn1;

Result<std::vector<uint8_t>> KeyPair::to_encrypted_pkcs8(const KeyEncryption& how,
                                                         const Surroundings& around) const {
  BULLA_TRY(const Encrypted box, encrypt_pbes2(to_pkcs8().reveal(), how, means_of(around)));
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.raw(box.algorithm);
      w.octet_string(box.content);
    });
  });
}

Result<std::string> KeyPair::to_encrypted_pem(const KeyEncryption& how, const Surroundings& around) const {
  BULLA_TRY(const std::vector<uint8_t> der, to_encrypted_pkcs8(how, around));
  return encode_pem("ENCRYPTED PRIVATE KEY", der);
}

}  // namespace bulla::pki
