// The local CA: a CA for this user on this machine, and certificates for what runs here.
#include "pki/folder_lock.h"
#include "pki/kept_pair.h"

#include <bulla/os.h>

#include <filesystem>

namespace bulla::pki {
namespace {

constexpr unsigned ca_days = 3650;
constexpr unsigned leaf_days = 90;

std::string key_path_of(const std::string& folder) {
  return folder + "/ca-key.pem";
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
  const auto issue = [&](const std::vector<std::string>& wanted) {
    return authority_.issue(wanted, leaf_days, {KeyType::ec_p256}, surroundings_of(means));
  };
  return kept_pair({.folder = folder_, .issuer = certificate(), .issue = issue}, std::move(names), means);
}

}  // namespace bulla::pki
