#include "pki/kept_pair.h"

#include "pki/folder_lock.h"
#include "pki/signed_by.h"

#include <bulla/os.h>

#include <algorithm>

namespace bulla::pki {
namespace {

bool has_names(const Certificate& leaf, const std::vector<AltName>& names) {
  const std::vector<std::string> there = leaf.names();
  return there.size() == names.size() && std::all_of(names.begin(), names.end(), [&](const AltName& name) {
           return std::find(there.begin(), there.end(), name.text()) != there.end();
         });
}

/// At least a third of the lifetime is left.
bool is_fresh(const Certificate& leaf, Time now) {
  const auto lifetime = leaf.not_after() - leaf.not_before();
  return now >= leaf.not_before() && now < leaf.not_before() + lifetime / 3 * 2;
}

/// The identity in two files, if it is one.
IdentityPtr read_identity(const std::string& certificate_path, const std::string& key_path,
                          const Provider& provider) {
  const auto chain = read_file(certificate_path);
  const auto key = read_secret_file(key_path);
  if (!chain || !key) return nullptr;
  auto identity = Identity::from_bytes(*chain, key->reveal(), {}, provider);
  return identity ? *std::move(identity) : nullptr;
}

}  // namespace

Result<void> write_pair(const std::string& certificate_path, const std::string& key_path,
                        const Issued& issued) {
  BULLA_TRY(write_file(key_path, issued.key.to_pem().reveal(), Privacy::owner_only));
  return write_file(certificate_path, as_bytes(issued.chain_pem()));
}

Result<LocalCa::Fitting> kept_pair(const PairKeeper& keeper, std::vector<std::string> names,
                                   const Means& means) {
  BULLA_TRY(const std::vector<AltName> wanted, parse_names(names));
  // "ca" would be the CA's own files.
  const std::string stem = keeper.folder + "/cert-" + file_stem(wanted.front().text());
  LocalCa::Fitting out = {.certificate_path = stem + ".pem", .key_path = stem + "-key.pem"};
  BULLA_TRY(const Descriptor lock, lock_folder(keeper.folder));
  out.identity = read_identity(out.certificate_path, out.key_path, means.provider);
  if (out.identity) {
    const Certificate& leaf = out.identity->leaf();
    if (has_names(leaf, wanted) && is_fresh(leaf, means.now) &&
        is_signed_by(leaf, keeper.issuer, means.provider) && (!keeper.is_welcome || keeper.is_welcome(leaf)))
      return out;
  }
  BULLA_TRY(const Issued issued, keeper.issue(names));
  BULLA_TRY(write_pair(out.certificate_path, out.key_path, issued));
  BULLA_TRY(out.identity, issued.identity());
  out.newly_issued = true;
  return out;
}

}  // namespace bulla::pki
