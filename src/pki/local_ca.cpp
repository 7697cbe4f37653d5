// The local CA: a CA for this user on this machine, and certificates for what runs here.
#include "pki/folder_lock.h"
#include "pki/means.h"
#include "pki/signed_by.h"

#include <bulla/os.h>

#include <algorithm>
#include <filesystem>

namespace bulla::pki {
namespace {

constexpr unsigned ca_days = 3650;
constexpr unsigned leaf_days = 90;

std::string key_path_of(const std::string& folder) {
  return folder + "/ca-key.pem";
}

/// Key first: there is no certificate whose key was never written.
Result<void> write_pair(const std::string& certificate_path, const std::string& key_path,
                        const Issued& issued) {
  BULLA_TRY(write_file(key_path, issued.key.to_pem().reveal(), Privacy::owner_only));
  return write_file(certificate_path, as_bytes(issued.chain_pem()));
}

Error broken(const std::string& folder, const Error& why) {
  return {ErrorCode::local_ca_broken, "in " + folder + ": " + why.message()};
}

Error without_certificate(const std::string& folder) {
  return {
      ErrorCode::local_ca_broken, "in " + folder + ": ca-key.pem is there, and ca.pem is missing",
      "put the ca.pem back that clients were given; or move ca-key.pem away: a new local CA is made the next "
      "time, which clients must be given again"};
}

/// The CA in the folder; nothing where there is none yet, or it is of use no longer.
Result<std::optional<CertificateAuthority>> read_ca(const std::string& folder, const Means& means) {
  // A CA that is there and cannot be read (another user's) is an error, and never replaced.
  std::error_code why;
  if (!std::filesystem::exists(folder + "/ca.pem", why) && !why) {
    // The key of certificates that clients may trust is never replaced unasked.
    if (std::filesystem::exists(key_path_of(folder), why) || why) return without_certificate(folder);
    return std::optional<CertificateAuthority>{};
  }
  BULLA_TRY(const auto certificate, read_file(folder + "/ca.pem"));
  const auto key = read_secret_file(key_path_of(folder));
  if (!key) return broken(folder, key.error());
  auto ca = CertificateAuthority::from_bytes(certificate, key->reveal(), {}, means.provider);
  if (!ca) return broken(folder, ca.error());
  // What it signs would end with it; a new one is needed anyway.
  if (means.now + std::chrono::days(1) > ca->certificate().not_after())
    return std::optional<CertificateAuthority>{};
  return std::optional<CertificateAuthority>(*std::move(ca));
}

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

Result<LocalCa> LocalCa::open(const Surroundings& around) {
  return open(Options{}, around);
}

Result<LocalCa> LocalCa::open(Options options, const Surroundings& around) {
  const Means means = means_of(around);
  if (options.folder.empty()) {
    BULLA_TRY(options.folder, data_folder());
  }
  BULLA_TRY(const Descriptor lock, lock_folder(options.folder));
  BULLA_TRY(auto existing, read_ca(options.folder, means));
  if (existing) return LocalCa(*std::move(existing), std::move(options.folder));

  const NewCa wanted = {.name = options.name.empty() ? "Bulla local CA " + user_at_host() : options.name,
                        .days = ca_days,
                        .key = {KeyType::ec_p256},
                        .path_length = 0};
  BULLA_TRY(const Issued made, wanted.issue(surroundings_of(means)));
  BULLA_TRY(write_pair(options.folder + "/ca.pem", key_path_of(options.folder), made));
  BULLA_TRY(CertificateAuthority authority, CertificateAuthority::create(made.chain, made.key.signer()));
  LocalCa out(std::move(authority), std::move(options.folder));
  out.newly_made_ = true;
  return out;
}

RootStore LocalCa::roots() const {
  RootStore out;
  out.add(authority_.chain().front());
  return out;
}

Result<LocalCa::Fitting> LocalCa::fitting_identity(std::vector<std::string> names,
                                                   const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const std::vector<AltName> wanted, parse_names(names));
  // "ca" would be the CA's own files.
  const std::string stem = folder_ + "/cert-" + file_stem(wanted.front().text());
  Fitting out = {.certificate_path = stem + ".pem", .key_path = stem + "-key.pem"};
  BULLA_TRY(const Descriptor lock, lock_folder(folder_));
  out.identity = read_identity(out.certificate_path, out.key_path, means.provider);
  if (out.identity && has_names(out.identity->leaf(), wanted) && is_fresh(out.identity->leaf(), means.now) &&
      is_signed_by(out.identity->leaf(), certificate(), means.provider))
    return out;

  BULLA_TRY(const Issued issued,
            authority_.issue(names, leaf_days, {KeyType::ec_p256}, surroundings_of(means)));
  BULLA_TRY(write_pair(out.certificate_path, out.key_path, issued));
  BULLA_TRY(out.identity, issued.identity());
  out.newly_issued = true;
  return out;
}

}  // namespace bulla::pki
