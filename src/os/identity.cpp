#include <bulla/os.h>

namespace bulla {

Result<IdentityPtr> Identity::from_pem_files(const std::string& chain_path, const std::string& key_path,
                                             std::string_view passphrase) {
  BULLA_TRY(const std::vector<uint8_t> chain, read_file(chain_path));
  BULLA_TRY(const SecretBytes key, read_secret_file(key_path));
  auto identity = from_bytes(chain, key.reveal(), passphrase);
  if (identity) return identity;
  Error error = std::move(identity).error();
  const std::string files = "certificate " + chain_path + ", key " + key_path;
  error.detail = error.detail.empty() ? files : error.detail + " (" + files + ")";
  return error;
}

}  // namespace bulla
