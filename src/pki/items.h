// What stands in a file that somebody gives: certificates, requests, lists, keys; PEM, DER or PKCS#12, told
// by their looks.
#pragma once

#include <bulla/result.h>
#include <bulla/secret.h>

#include <string>
#include <string_view>
#include <vector>

namespace bulla::pki {

/// Encrypted keys are told apart, since no passphrase is asked for until it is needed.
enum class ItemKind : uint8_t {
  certificate,
  request,
  revocation_list,
  key,
  encrypted_key,
  old_encrypted_key,  ///< RFC 1421: Proc-Type: 4,ENCRYPTED
  public_key,
  pkcs12,
  unknown,
};

/// "a certificate".
std::string_view name_of(ItemKind kind) noexcept;

struct Item {
  ItemKind kind = ItemKind::unknown;
  std::string label = {};  ///< of its PEM block; empty for DER
  SecretBytes content = {};
};

/// All of a file, in its order; just by their looks: nothing is parsed whole. Of PEM, the blocks. At least
/// one. Errors: pem_malformed; certificate_not_found where there is nothing at all.
Result<std::vector<Item>> items_of(Bytes file);

/// What DER looks like, from its outermost elements.
ItemKind kind_of_der(Bytes der) noexcept;

/// The PEM label of things of this kind (RFC 7468 §5 to §13); empty for what has none.
std::string_view pem_label_of(ItemKind kind) noexcept;

/// Whether these bytes are one DER element whose length ends with them: what is asked of what only gets
/// another wrapping.
bool is_one_element(Bytes der) noexcept;

}  // namespace bulla::pki
